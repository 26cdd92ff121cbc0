"""Reads a file of questions to be judged: JSON lines, one question each, in the readers' own words.

Only `question` is required. What a file leaves out is not judged; nothing is guessed but `answerable`, which
is true where answers or the article that holds them are given. Fields not named here are the file's own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.records import Question, Turn
from index.errors import UsageError
from index.records import Filters

EXAMPLE = '{"question": "Who won?", "answers": ["Millcross"], "asked_on": "2025-06-10"}'
SEED = 20170607  # any fixed number: a sample must be the same questions tomorrow


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with what is known of its answer.

    `answerable` is None where nobody said. Any one of `answers` will do, but of every group in `all_of` one is
    needed; `outdated` are answers that were right once. Articles are named by id, or by the end of their path. Each
    group of `gold_sentences` is what one annotator picked from them as holding the answer.
    """

    id: str
    text: str
    asked_on: date | None = None
    answerable: bool | None = None
    answers: tuple[str, ...] = ()
    all_of: tuple[tuple[str, ...], ...] = ()
    outdated: tuple[str, ...] = ()
    gold_article_ids: tuple[str, ...] = ()
    also_supported_by: tuple[str, ...] = ()
    gold_sentences: tuple[tuple[str, ...], ...] = ()
    gold_paths: tuple[str, ...] = ()
    also_supported_paths: tuple[str, ...] = ()
    nearest_paths: tuple[str, ...] = ()
    kind: str = ""
    why: str = ""
    since: date | None = None
    until: date | None = None
    history: tuple[Turn, ...] = ()
    outlets: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    any_date: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What makes an earlier result still the answer to this question: all that the pipeline is given."""
        told = (self.id, self.text, self.asked_on, self.since, self.until, self.history)
        limits = (self.outlets, self.authors, self.any_date)
        return (*told, *limits) if any(limits) else told  # results of before these limits keep their key

    @property
    def has_answers(self) -> bool:
        """True when an answer's words can be judged."""
        return bool(self.answers or self.all_of)

    @property
    def has_gold(self) -> bool:
        """True when an article is named that holds the answer."""
        return bool(self.gold_article_ids or self.gold_paths)

    @property
    def has_supporting(self) -> bool:
        """True when an article is named that holds the answer, or holds it too."""
        return self.has_gold or bool(self.also_supported_by or self.also_supported_paths)

    def to_question(self, *, today: date | None = None) -> Question:
        """Return the question as a reader would ask it; without a day of its own it is asked today."""
        return Question(
            text=self.text,
            asked_on=self.asked_on or today or date.today(),
            filters=Filters(self.since, self.until, self.outlets, self.authors),
            history=self.history,
            id=self.id,
            any_date=self.any_date,
        )


def read_questions(path: Path) -> tuple[EvalQuestion, ...]:
    """Return the file's questions in order; a bad line raises UsageError with its number."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return parse_questions(lines, name=str(path))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "byline eval QUESTIONS.jsonl") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", "save it as UTF-8, one JSON object a line") from error


def parse_questions(lines: Iterable[str], *, name: str) -> tuple[EvalQuestion, ...]:
    """Return the questions of JSON lines; `name` is what an error calls them. Empty lines are passed over."""
    found: dict[str, EvalQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        question = parse_question(_read_object(line, where), where=where, default_id=f"line-{number}")
        if question.id in found:
            raise UsageError(f'{where}: the id "{question.id}" is taken by an earlier line', "give each its own id")
        found[question.id] = question
    if not found:
        raise UsageError(f"{name} holds no questions", f"write one JSON object a line: {EXAMPLE}")
    return tuple(found.values())


def sample_questions(questions: Sequence[EvalQuestion], count: int) -> tuple[EvalQuestion, ...]:
    """Return `count` of the questions, in their order; the same ones every time."""
    if count >= len(questions):
        return tuple(questions)
    chosen = random.Random(SEED).sample(range(len(questions)), count)
    return tuple(questions[index] for index in sorted(chosen))


def _read_object(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # also a number of more than 4,300 digits
        raise UsageError(f"{where}: not JSON ({error})", f"write one JSON object a line: {EXAMPLE}") from error
    if not isinstance(record, dict):
        raise UsageError(f"{where}: not a JSON object", f"write one JSON object a line: {EXAMPLE}")
    return record


def parse_question(record: Mapping[str, Any], *, where: str, default_id: str = "") -> EvalQuestion:
    """Return the question of one JSON object; what is wrong in it raises UsageError beginning with `where`."""
    fields = _Fields(record, where)
    text = fields.text("question").strip()
    if not text:
        raise UsageError(f'{where}: "question" is missing or empty', f"for example {EXAMPLE}")
    lists = {name: fields.strings(name) for name in _LISTS}
    all_of, sentences = fields.groups("all_of"), fields.groups("gold_sentences")
    known = any(lists[name] for name in _ANSWERING) or all_of or sentences
    return EvalQuestion(
        id=fields.text("id") or default_id,
        text=text,
        asked_on=fields.day("asked_on"),
        answerable=fields.truth("answerable", default=True if known else None),
        all_of=all_of,
        gold_sentences=sentences,
        kind=fields.text("kind"),
        why=fields.text("why"),
        since=fields.day("since"),
        until=fields.day("until"),
        history=fields.turns("history"),
        any_date=bool(fields.truth("any_date", default=False)),
        **lists,
    )


# Each of these says that there is an answer; the other lists say nothing of it.
_ANSWERING = ("answers", "gold_article_ids", "also_supported_by", "gold_paths", "also_supported_paths")
_LISTS = (*_ANSWERING, "outdated", "nearest_paths", "outlets", "authors")


@dataclass(frozen=True, slots=True)
class _Fields:
    """One line's fields, each read as what it should be."""

    record: Mapping[str, Any]
    where: str

    def wrong(self, name: str, wanted: str) -> UsageError:
        return UsageError(f'{self.where}: "{name}" should be {wanted}', f"for example {EXAMPLE}")

    def text(self, name: str) -> str:
        value = self.record.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(name, "text")
        return str(value)

    def strings(self, name: str) -> tuple[str, ...]:
        return self._strings(self.record.get(name), name)

    def groups(self, name: str) -> tuple[tuple[str, ...], ...]:
        value = self.record.get(name) or []
        if not isinstance(value, list):
            raise self.wrong(name, "a list of lists of texts")
        groups = tuple(self._strings(group, name) for group in value)
        if not all(groups):
            raise self.wrong(name, "a list of lists, none of them empty")
        return groups

    def truth(self, name: str, *, default: bool | None) -> bool | None:
        value = self.record.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def day(self, name: str) -> date | None:
        value = self.record.get(name)
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self.wrong(name, 'a date like "2017-06-07"') from error

    def turns(self, name: str) -> tuple[Turn, ...]:
        value = self.record.get(name) or []
        if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
            raise self.wrong(name, 'a list of {"question": …, "answer": …}')
        inner = [_Fields(turn, f"{self.where}, {name}") for turn in value]
        return tuple(Turn(turn.text("question"), turn.text("answer")) for turn in inner)

    def _strings(self, value: object, name: str) -> tuple[str, ...]:
        if value is None:
            return ()
        values = value if isinstance(value, list) else [value]  # a single answer need not stand in a list
        if any(isinstance(item, bool) or not isinstance(item, str | int | float) for item in values):
            raise self.wrong(name, "a list of texts")
        return tuple(text for item in values if (text := str(item).strip()))
