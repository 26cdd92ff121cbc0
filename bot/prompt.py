"""Fills the files of prompts/. There is no prompt text in code, and a variable that is missing is an error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from string import Template

from bot.addressed import is_addressed
from bot.generate import Message
from bot.records import Evidence
from bot.resolved import annotate
from index.records import Span

# Our own delimiter written inside an article would end the material early.
_DELIMITER = re.compile(r"<\s*(/?)\s*articles\s*>", re.I)
_GAP = " … "  # between two sentences with others between them
_LONGEST_NAME = 200  # characters of a title or outlet; a page's whole text as its title would displace the passages


@cache
def read_prompt(name: str) -> str:
    """Return the text of `prompts/<name>.txt` without its last newline."""
    return files("prompts").joinpath(f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def refusal() -> str:
    """Return the one sentence that says the articles do not hold the answer."""
    return read_prompt("refusal")


def reading_messages(question: str, evidence: Sequence[Evidence], *, asked_on: date, task: str) -> tuple[Message, ...]:
    """Return the prompt: the articles, the question and last the task, a file of prompts/.

    Prompts over the same evidence differ only in the task, at the very end, so that a model's cache of the
    rest serves them all.
    """
    reading = Template(read_prompt("reading")).substitute(
        evidence="\n\n".join(show_passage(item) for item in evidence),
        asked_on=long_date(asked_on),
        question=_harmless(question),
    )
    return (Message("system", read_prompt("system")), Message("user", f"{reading}\n\n{read_prompt(task)}"))


def checking_messages(question: str, quoted: Sequence[Evidence]) -> tuple[Message, ...]:
    """Return the prompt that asks of the quoted sentences alone whether they hold the answer."""
    text = Template(read_prompt("holds")).substitute(
        evidence="\n\n".join(show_passage(item) for item in quoted), question=_harmless(question)
    )
    return (Message("system", read_prompt("checker")), Message("user", text))


def show_passage(item: Evidence) -> str:
    """Return a passage as the model sees it: title, outlet, date and whether it is opinion, then the words.

    Behind "on Tuesday" stands which day that was. Only here: what the model writes is checked against the article.
    """
    source = item.hit.passage.source
    return Template(read_prompt("passage")).substitute(
        title=_one_line(source.title) or "Untitled",
        outlet=_one_line(source.outlet) or "outlet unknown",
        published=long_date(source.published) if source.published else "date unknown",
        kind=", opinion piece" if item.hit.passage.kind == "opinion" else "",
        text=_harmless(annotate(*_read(item))),
    )


def read_text(item: Evidence) -> str:
    """Return the words of the passage that the model reads, with a mark where it does not read on."""
    return _read(item)[0]


def _read(item: Evidence) -> tuple[str, date | None, tuple[Span, ...]]:
    """Return the words that the model reads, the day they are from, and where in them the sentences stand."""
    passage, published = item.hit.passage, item.hit.passage.source.published
    if not item.sentences:
        spans = (Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences)
        return passage.text, published, tuple(spans)
    text, places = "", []
    last = passage.start
    for span in item.sentences:
        if text:
            text += _GAP if passage.text[last - passage.start : span.start - passage.start].strip() else " "
        start = len(text)
        text += passage.text[span.start - passage.start : span.end - passage.start]
        places.append(Span(start, len(text)))
        last = span.end
    return text, published, tuple(places)


def long_date(day: date) -> str:
    """Return a date as people write it, with its weekday: "Tuesday, 6 June 2017"."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _one_line(name: str) -> str:
    """Return a title or outlet on one line; none for one that is an order to whoever reads it."""
    line = _harmless(" ".join(name.split())[:_LONGEST_NAME])
    return "" if is_addressed(line) else line


def _harmless(text: str) -> str:
    """Return `text` with our own delimiter broken."""
    return _DELIMITER.sub(r"(\1articles)", text)
