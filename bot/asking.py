"""The terminal's ways to ask: one question, a batch of them, a conversation."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.as_json import answer_json
from bot.borrowing import NearestDesk
from bot.draw import Ticker
from bot.line import about
from bot.options import answering_settings_of, filters_of, open_archive, read_question, today, valid_text
from bot.records import Answer, Found, Question, Stage, Token, Turn
from bot.show import answer_text, implied_line
from bot.terminal import notice, out, out_json, tell, width
from index.errors import BylineError, GenerationError, UsageError
from index.records import Filters

SAYS = 0
DOES_NOT_SAY = 1

_STAGES = {
    "searching": "searching the archive …",
    "reading": "reading the passages …",
    "writing": "writing …",
    "checking": "checking every sentence …",
}


def ask(options: argparse.Namespace) -> int:
    """Answer one question, or with --batch each of a file; status 1 when the articles do not say."""
    if options.batch:
        return _ask_batch(options)
    text = read_question(options.question)
    question = Question(text, options.asked_on or today(), filters_of(options), any_date=options.any_date)
    with NearestDesk(answering_settings_of(options), tell=notice) as desk:
        answer = follow(desk, question)
    _tell_fallback(answer)
    if options.format:
        _out_cited([answer], options.format)
    elif options.json:
        out_json(answer_json(answer))
    else:
        out(answer_text(answer, width=width()))
        _tell_beside(answer)
    return SAYS if answer.answered else DOES_NOT_SAY


def _out_cited(answers: Sequence[Answer], name: str) -> None:
    """Write what the answers cite, and tell on stderr of each that cites nothing."""
    from bot.export_page import OF_AN_ANSWER
    from bot.export_references import Dated

    for answer in answers:
        if not answer.answered:
            tell(f"byline: {answer_text(answer).splitlines()[0]} {answer.question.text}")
    out(OF_AN_ANSWER[name](Dated(answer, today()) for answer in answers).removesuffix("\n"))


def _tell_beside(answer: Answer) -> None:
    """Tell on stderr what is no part of the answer: how its words about when were read, and what was not."""
    for line in answer.notices:
        tell(f"({line})")
    if answer.implied:
        tell(f"({implied_line(answer.implied)})")


def follow(desk: NearestDesk, question: Question) -> Answer:
    """Return the answer, showing on a terminal's stderr what is being done and written meanwhile."""
    ticker = Ticker()
    desk.on_waiting = lambda waiting: ticker.say(f"waiting: {waiting.ahead} before this, {about(waiting.seconds)} …")
    try:
        for event in desk.ask(question):
            match event:
                case Stage(name):
                    ticker.say(_STAGES[name])
                case Found(retrieved=hits):
                    ticker.say(f"found {len(hits)} passages; reading …")
                case Token(text):
                    ticker.add(text)
                case Answer():
                    return event
    finally:
        ticker.clear()
    raise GenerationError("The answer ended before it was concluded.", "byline doctor")


def _tell_fallback(answer: Answer) -> None:
    """Tell on stderr that the model failed, so that a script reading stdout alone is not the only one to know."""
    if answer.fallback:
        tell(f"byline: the model broke off, so the articles' own sentences answer: {answer.fallback}")
        tell("  mend: byline doctor")


# --- a batch -------------------------------------------------------------------------------------------------


def _ask_batch(options: argparse.Namespace) -> int:
    """Answer every question of a JSONL file, one JSON object a line as each is done.

    A line that is no question gets an object with its error, and the rest goes on; the status then is 5.
    """
    if options.question is not None:
        raise UsageError("--batch takes the questions from its file.", "byline ask --batch questions.jsonl --json")
    limits = filters_of(options)
    broken = 0
    answers: list[Answer] = []
    with NearestDesk(answering_settings_of(options), tell=notice) as desk, _lines(options.batch) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                question = parse_question(line, number, limits, options.asked_on or today())
                answer = desk.answer(replace(question, any_date=question.any_date or options.any_date))
                _tell_fallback(answer)
            except (UsageError, GenerationError) as error:
                broken += 1
                _out_broken(line, number, error, tell if options.format else out)
                continue
            if options.format:
                answers.append(answer)  # one bibliography of them all
            else:
                _out_one(answer, as_json=options.json)
    if options.format:
        _out_cited(answers, options.format)
    return BylineError.exit_status if broken else SAYS


def _out_broken(line: str, number: int, error: BylineError, write: Callable[[str], None]) -> None:
    write(json.dumps({"id": _id_of(line), "line": number, "error": str(error)}, ensure_ascii=False))


def _out_one(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        out(json.dumps(answer_json(answer), ensure_ascii=False, allow_nan=False))
    else:
        out(f"{answer.question.text}\n{answer_text(answer, width=width())}\n")


class _lines:
    """The lines of a file, or of stdin for "-"; closed at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: Any = None

    def __enter__(self) -> Iterable[str]:
        if self._name == "-":
            return sys.stdin
        try:
            self._file = Path(self._name).open(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise UsageError(f"{self._name} cannot be read: {error.strerror}.", "byline ask --batch FILE") from error
        return self._file  # type: ignore[no-any-return]

    def __exit__(self, *details: object) -> None:
        if self._file is not None:
            self._file.close()


def _id_of(line: str) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return str(record.get("id", "")) if isinstance(record, dict) else ""


def parse_question(line: str, number: int, limits: Filters, day: date) -> Question:
    """Return the question of a line of a batch; raises UsageError that names the line and what is wrong."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"Line {number} is not JSON: {error}.") from error
    if not isinstance(record, dict) or not isinstance(record.get("question"), str) or not record["question"].strip():
        raise UsageError(f'Line {number} has no "question".', '{"id": "1", "question": "Who won?"}')
    limits = replace(
        limits,
        since=_day(record, "since", number) or limits.since,
        until=_day(record, "until", number) or limits.until,
    )
    if limits.since and limits.until and limits.since > limits.until:
        raise UsageError(f"Line {number}: since {limits.since} is after until {limits.until}.", "swap them")
    return Question(
        text=valid_text(record["question"]),
        asked_on=_day(record, "asked_on", number) or day,
        filters=limits,
        history=tuple(_turns(record.get("history") or (), number)),
        any_date=record.get("any_date") is True,
        id=valid_text(str(record.get("id", ""))),
    )


def _day(record: dict[str, Any], name: str, number: int) -> date | None:
    value = record.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10].replace("/", "-"))
    except ValueError as error:
        raise UsageError(f"Line {number}: {name} {value!r} is not a date like 2017-06-07.") from error


def _turns(history: Any, number: int) -> Iterator[Turn]:
    """Yield the turns of a history: {"question", "answer"} objects, or messages with a role and content."""
    if not isinstance(history, list | tuple):
        raise UsageError(f"Line {number}: the history is not a list.")
    asked = ""
    for entry in history:
        if not isinstance(entry, dict):
            raise UsageError(f"Line {number}: the history holds something that is not an object.")
        if "question" in entry:
            yield Turn(valid_text(str(entry["question"])), valid_text(str(entry.get("answer", ""))))
            continue
        role = str(entry.get("role") or entry.get("speaker") or "")
        text = valid_text(str(entry.get("content") or entry.get("text") or ""))
        if role == "user":
            asked = text
        elif asked:
            yield Turn(asked, text)
            asked = ""


# --- a conversation ------------------------------------------------------------------------------------------


def chat(options: argparse.Namespace) -> int:
    """Hold a conversation until the end of input; Ctrl-C stops an answer, and at the prompt it ends."""
    limits = filters_of(options)
    with open_archive(options) as archive:
        found = archive.status()
    with NearestDesk(answering_settings_of(options), tell=notice) as desk:
        span = f", {found.first_published} to {found.last_published}" if found.first_published else ""
        tell(f"{found.articles:,} articles{span}. An empty line ends.")
        desk.begin()
        turns: tuple[Turn, ...] = ()
        while text := _prompt():
            try:
                answer = follow(desk, Question(text, today(), limits, turns, any_date=options.any_date))
            except KeyboardInterrupt:
                tell("\n(stopped)")
                continue
            except (UsageError, GenerationError) as error:  # of this question only, such as one that is too long
                tell(f"byline: {error}")
                continue
            _tell_fallback(answer)
            if answer.standalone_question != text:
                out(f"(understood as: {answer.standalone_question})")
            out(answer_text(answer, width=width()) + "\n")
            _tell_beside(answer)
            turns = (*turns, Turn(answer.standalone_question, answer.text))  # a refusal too: its question was asked
    return SAYS


def _prompt() -> str:
    try:
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):  # Windows has none, and edits lines by itself
                import readline  # noqa: F401 - line editing and history come with the import

            return input("? ").strip()
        return sys.stdin.readline().strip()
    except EOFError:
        return ""
