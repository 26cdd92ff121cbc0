"""A follow-up to a question that can be understood alone: by rule where that is enough, else by the model.

What the model writes is taken only when every name and number in it was said before, so that a rewriting can
leave something out but never bring something in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Template
from threading import Event as Flag

from bot.facts import find_facts, find_names, name_key, word_keys
from bot.generate import Generator, Message
from bot.prompt import read_prompt
from bot.records import Turn
from bot.support import content_stems

_POINTING = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|then|this|those|these"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )there"
    r"|the (?:former|latter|same|other|others))\b",
    re.I,
)
_CONTINUING = re.compile(r"^\s*(?:and|but|so|what about|how about|why|when|where|who else|what else|how so)\b", re.I)
_MOST_WORDS = 45
_REWRITE_TOKENS = 64
_REMEMBERED = 1000  # characters of what was said before; a conversation may grow for ever, a prompt may not


def needs_context(question: str) -> bool:
    """Return whether `question` leans on what was said before: by a pointing word, or by saying too little."""
    words = content_stems(question)
    names = [fact for fact in find_names(question) if not question.startswith(fact.text)]
    if _CONTINUING.search(question) and len(words) < 3:
        return True
    points_back = bool(_POINTING.search(_without_that_clauses(question)))
    return (points_back and len(names) < 2) or len(words) < 2


def _without_that_clauses(question: str) -> str:
    """Return the question without words that point at nothing earlier: "this week", "said that the …"."""
    return re.sub(r"\b(?:this|that) (?:week|weekend|month|year|morning|evening|summer|winter)\b|\bthat\b", "", question)


def make_standalone(question: str, history: Sequence[Turn], generator: Generator, *, stop: Flag | None = None) -> str:
    """Return `question` so that it can be understood alone; unchanged when it already can or nothing came before."""
    if not history or not needs_context(question):
        return question
    last = Turn(history[-1].question[:_REMEMBERED], history[-1].answer[:_REMEMBERED])
    written = _rewrite(question, last, generator, stop)
    if written and _brings_nothing_new(written, question, last):
        return written
    return join_with(last.question, question)


def join_with(earlier: str, question: str) -> str:
    """Return both questions as one text, the new one first: a small model answers what comes first."""
    return f"{question.strip()} — {earlier.strip()}"


def _rewrite(question: str, last: Turn, generator: Generator, stop: Flag | None) -> str:
    prompt = Template(read_prompt("rewrite")).substitute(question=last.question, answer=last.answer, follow_up=question)
    messages = (Message("user", prompt),)
    if generator.count_prompt(messages) + _REWRITE_TOKENS > generator.context:
        return ""
    pieces = generator.generate(messages, max_tokens=_REWRITE_TOKENS, stop=stop)
    text = "".join(piece.text for piece in pieces).strip()
    return text.splitlines()[0].strip(' "“”') if text else ""


def _brings_nothing_new(written: str, question: str, last: Turn) -> bool:
    """Return whether `written` is one question made of what was said: every name and number, every content word."""
    said = f"{question}\n{last.question}\n{last.answer}"
    known = word_keys(said)
    facts_known = {fact.key for fact in find_facts(said)} | known
    opener = name_key(written.split()[0]) if written.split() else ""
    return (
        written.endswith("?")
        and len(written.split()) <= _MOST_WORDS
        and all(fact.key in facts_known or fact.key == opener for fact in find_facts(written))
        and len(content_stems(written) - content_stems(said)) <= 1
        and written.casefold() != question.casefold()
    )
