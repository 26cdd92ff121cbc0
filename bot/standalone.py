"""A follow-up to a question that can be understood alone: by rule where that is enough, else by the model.

What the model writes is taken only when every name and number in it was said before, so that a rewriting can
leave something out but never bring something in. Where neither is sure, both questions stand side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template
from threading import Event as Flag
from typing import Literal

from bot.facts import find_facts, name_key, word_keys
from bot.followup import complete, part_of, still_points
from bot.generate import Generator, Message
from bot.leaning import is_fragment, names_nothing, needs_context
from bot.mentions import find_named, find_things
from bot.prompt import read_prompt
from bot.pronouns import REACH, told_by
from bot.records import Turn
from bot.stems import content_stems

__all__ = ["How", "Standalone", "join_with", "make_standalone", "needs_context"]

How = Literal["as asked", "rule", "model", "joined"]
_JOINT = " — "
_MOST_WORDS = 45
_REWRITE_TOKENS = 64
_REMEMBERED = 1000  # characters of what was said before; a conversation may grow for ever, a prompt may not


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood alone and how it came about.

    `context` is what was said before, for the search to weigh lightly. It is empty for a new topic, and where one
    thing took another's place: "And in Iraq?" must not be searched for with the answer on Syria.
    """

    question: str
    how: How = "as asked"
    context: str = ""


def make_standalone(
    question: str, history: Sequence[Turn], generator: Generator | None, *, stop: Flag | None = None
) -> Standalone:
    """Return `question` so that it can be understood alone; as asked when it already can or nothing came before.

    Without a generator, rules and joining are all there is.
    """
    recent = _leaned_on(history)
    if not recent:
        return Standalone(question)
    by_rule = complete(question, recent) if needs_context(question) else ""
    if by_rule:
        return Standalone(by_rule, "rule", "" if part_of(question) else _context(by_rule, history))
    if not needs_context(question) or is_fragment(question):
        return Standalone(question, context=_context(question, history))
    written = _rewrite(question, recent, generator, stop) if generator else ""
    if written and _brings_nothing_new(written, question, recent):
        return Standalone(written, "model", _context(written, history))
    return Standalone(join_with(recent[0].question, question), "joined")


def _context(question: str, history: Sequence[Turn]) -> str:
    """Return what was said in the last two turns, where the question names nothing or is on what they spoke of."""
    said = " ".join(f"{turn.question[:_REMEMBERED]} {told_by(turn)}" for turn in history[-2:])
    return said if names_nothing(question) or content_stems(question) & content_stems(said) else ""


def join_with(earlier: str, question: str) -> str:
    """Return both questions as one text, the new one first: a small model answers what comes first."""
    return f"{question.strip()}{_JOINT}{earlier.strip()}"


def _leaned_on(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the last turn, and where it names nothing ("Thank you!") those before it until one that does."""
    turns: list[Turn] = []
    for turn in reversed(history[-REACH:]):
        cut = Turn(_unjoined(turn.question[:_REMEMBERED]), turn.answer[:_REMEMBERED])
        turns.insert(0, cut)
        if find_named(cut.question) or find_things(cut.question) or len(content_stems(cut.question)) > 2:
            break
    return tuple(turns)


def _unjoined(question: str) -> str:
    """Return the question that a joined one leans on; another one as it is."""
    first, _, earlier = question.partition(_JOINT)
    return earlier if earlier and needs_context(first) and not find_named(first) else question


def _rewrite(question: str, recent: Sequence[Turn], generator: Generator, stop: Flag | None) -> str:
    earlier = " ".join(turn.question for turn in recent)
    prompt = Template(read_prompt("rewrite")).substitute(question=earlier, answer=recent[-1].answer, follow_up=question)
    messages = (Message("user", prompt),)
    if generator.count_prompt(messages) + _REWRITE_TOKENS > generator.context:
        return ""
    pieces = generator.generate(messages, max_tokens=_REWRITE_TOKENS, stop=stop)
    text = "".join(piece.text for piece in pieces).strip()
    return text.splitlines()[0].strip(' "“”') if text else ""


def _brings_nothing_new(written: str, question: str, recent: Sequence[Turn]) -> bool:
    """Return whether `written` is one question made of what was said: every name and number, every content word.

    One that still says "he" or "it" is no gain over joining.
    """
    said = "\n".join((question, *(f"{turn.question}\n{turn.answer}" for turn in recent)))
    known = word_keys(said)
    facts_known = {fact.key for fact in find_facts(said)} | known
    opener = name_key(written.split()[0]) if written.split() else ""
    return (
        written.endswith("?")
        and len(written.split()) <= _MOST_WORDS
        and all(fact.key in facts_known or fact.key == opener for fact in find_facts(written))
        and len(content_stems(written) - content_stems(said)) <= 1
        and written.casefold() != question.casefold()
        and not still_points(written)
    )
