"""The command `byline conversations`: what was asked on the page, listed, shown, given out and deleted."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from bot.conversations import Conversations
from bot.export import conversation_json
from bot.export_page import FORMATS, in_bytes
from bot.feedback import questions_of
from bot.kept import Conversation, KeptExchange, Vote, storable
from bot.options import settings_of
from bot.show import answer_text, plain
from bot.terminal import out, out_json, tell, width
from index.errors import UsageError

NOTHING = 1


def manage_conversations(options: argparse.Namespace) -> int:
    """Do what is asked of the conversations; status 1 when there is none, or none of that id."""
    kept = Conversations(settings_of(options).archive)
    needs_one = options.action in ("show", "export") or (options.action == "delete" and not options.all)
    if needs_one and not options.id:
        raise UsageError(f"Which conversation to {options.action}?", "byline conversations  (it lists their ids)")
    if options.all and (options.action != "delete" or options.id):
        raise UsageError("--all is for deleting all of them.", "byline conversations delete --all")
    return ACTIONS[options.action](kept, options)


def _list(kept: Conversations, options: argparse.Namespace) -> int:
    listed = kept.listed()
    if options.json:
        out_json(
            [
                {
                    "id": one.id,
                    "title": one.title,
                    "begun": one.begun.isoformat(),
                    "changed": one.changed.isoformat(),
                    "exchanges": one.exchanges,
                }
                for one in listed
            ]
        )
    else:
        for one in listed:
            out(plain(f"{one.id}  {one.changed.astimezone():%Y-%m-%d %H:%M}  {one.exchanges:3}  {one.title}"))
    return 0 if listed else NOTHING


def _show(kept: Conversations, options: argparse.Namespace) -> int:
    found = _open(kept, options.id)
    if found and options.json:
        out_json(conversation_json(found))
    elif found:
        out("\n\n".join(_exchange_text(one) for one in found.kept))
    return 0 if found else NOTHING


def _exchange_text(kept: KeptExchange) -> str:
    this = kept.exchange
    answer = answer_text(this.answer, width=width()) if this.answer else plain(this.wrong)
    return f"? {plain(this.question.text)}\n\n{answer}{_vote_text(kept.vote) if kept.vote else ''}"


def _vote_text(vote: Vote) -> str:
    return f"\n(thumb {vote.thumb}{f': {plain(vote.reason)}' if vote.reason else ''})"


def _export(kept: Conversations, options: argparse.Namespace) -> int:
    found = _open(kept, options.id)
    if found is None:
        return NOTHING
    _write(FORMATS[options.format](found), options.out, options.format)
    return 0


def _feedback(kept: Conversations, options: argparse.Namespace) -> int:
    conversations = [found for one in reversed(kept.listed()) if (found := kept.open(one.id))]
    lines = [json.dumps(question, ensure_ascii=False) for question in questions_of(conversations)]
    if not lines:
        tell("byline: no answer has a thumb up or down yet")
        return NOTHING
    _write("".join(f"{line}\n" for line in lines), options.out)
    return 0


def _delete(kept: Conversations, options: argparse.Namespace) -> int:
    if options.all:
        tell(f"byline: {kept.delete_all()} conversations deleted")
        return 0
    found = _open(kept, options.id)
    return 0 if found and kept.delete(found.place.id) else NOTHING


def _open(kept: Conversations, id: str) -> Conversation | None:
    found = kept.open(id)
    if found is None:
        tell(f"byline: no single conversation has the id {id!r}\n  mend: byline conversations")
    return found


def _write(text: str, path: Path | None, name: str = "") -> None:
    if path is None:
        out(storable(text).removesuffix("\n"))
        return
    try:
        path.write_bytes(in_bytes(text, name))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "--out FILE") from error
    tell(f"written: {path}")


ACTIONS: dict[str, Callable[[Conversations, argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "export": _export,
    "feedback": _feedback,
    "delete": _delete,
}
