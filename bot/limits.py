"""What the reader set on the page for the questions to come: read from the browser, and put into a question.

The browser holds it, as JSON, and sends it with every question: so nothing is forgotten when the server starts anew,
and what is asked is what the page shows. Whatever is no value for a field counts as not set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.records import Question, Turn
from bot.settings import MOST_PASSAGES
from index.records import Filters

NOTHING_SET = "{}"
LONGEST_QUESTION = 4000  # characters, as many as its field takes; what is sent without the page may be longer


@dataclass(frozen=True, slots=True)
class Limits:
    """What limits a question, how sure its answer must be, and how much is read; None is as Byline was started.

    `strictness` is set beside the question; `usual_strictness` and `passages` are this browser's settings.
    `typed_outlet` and `typed_author` are what is being looked for among the names.
    """

    filters: Filters = Filters()
    strictness: float | None = None
    usual_strictness: float | None = None
    passages: int | None = None
    typed_outlet: str = ""
    typed_author: str = ""

    @property
    def number(self) -> int:
        """How many limits are set."""
        limits = self.filters
        parts = (limits.since or limits.until, limits.outlets, limits.authors, self.strictness is not None)
        return sum(map(bool, parts))


def read_limits(sent: str) -> Limits:
    """Return the limits that the browser sent; dates given the wrong way round are turned."""
    fields = _object(sent)
    settings = _mapping(fields.get("settings"))
    days = [_day(fields.get("since")), _day(fields.get("until"))]
    if days[0] and days[1]:
        days.sort()
    return Limits(
        filters=Filters(days[0], days[1], _names(fields.get("outlets")), _names(fields.get("authors"))),
        strictness=read_share(fields.get("strictness")),
        usual_strictness=read_share(settings.get("strictness")),
        passages=read_passages(settings.get("passages")),
        typed_outlet=_text(fields.get("outlet")),
        typed_author=_text(fields.get("author")),
    )


def question_within(sent: str, text: str, history: tuple[Turn, ...] = ()) -> Question:
    """Return the question `text`, asked today, with all that the browser sent for it."""
    limits = read_limits(sent)
    strictness = limits.usual_strictness if limits.strictness is None else limits.strictness
    words = text.strip()[:LONGEST_QUESTION]
    return Question(
        words,
        date.today(),
        limits.filters,
        history,
        strictness=strictness,
        passages=limits.passages,
    )


def read_share(value: object) -> float | None:
    """Return a number from 0 to 1, None for anything else."""
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def read_passages(value: object) -> int | None:
    """Return a number of passages that can be read, None for anything else."""
    words = str(value)
    number = int(words) if words.isascii() and words.isdigit() and len(words) < 4 else 0
    return number if 1 <= number <= MOST_PASSAGES else None


def _object(sent: object) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(sent) if isinstance(sent, str) else None)
    except ValueError:
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _names(value: object) -> tuple[str, ...]:
    names = map(_text, value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for name in names if name))


def _text(value: object) -> str:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""
