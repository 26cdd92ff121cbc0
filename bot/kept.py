"""The records of what is kept of conversations, and an exchange as JSON and back. Knows nothing of the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.exchange import Exchange
from bot.frozen_json import NotThatRecord, dump, load

RECORD_VERSION = 1  # of an exchange's JSON; changed when what an older Byline would make of it is wrong
LONGEST_TITLE = 120
LONGEST_REASON = 500

Thumb = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reader thought of an answer, and why if they said so."""

    thumb: Thumb
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is kept, and its state when it was last read or written from here."""

    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """An exchange with when it was kept. One that `is_readable` is not holds the question and says so."""

    exchange: Exchange
    at: datetime
    vote: Vote | None = None
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class RawExchange:
    """An exchange as it lies in the file, whether it can be read or not."""

    number: int
    kept: int
    question: str
    record: str
    thumb: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawConversation:
    """A conversation as it lies in the file; times are seconds since 1970."""

    id: str
    title: str
    begun: int
    changed: int
    revision: int
    exchanges: tuple[RawExchange, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole conversation, oldest exchange first."""

    place: Place
    title: str
    begun: datetime
    changed: datetime
    kept: tuple[KeptExchange, ...]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Return what was asked and answered."""
        return tuple(one.exchange for one in self.kept)


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list."""

    id: str
    title: str
    begun: datetime
    changed: datetime
    exchanges: int


def title_of(question: str) -> str:
    """Return a question as the title of what it begins: on one line, and not too long."""
    words = " ".join(storable(question).split())
    if len(words) <= LONGEST_TITLE:
        return words
    cut = words[: LONGEST_TITLE - 2]
    return (cut.rpartition(" ")[0] or cut) + " …"


def to_json(exchange: Exchange) -> str:
    """Return an exchange as ASCII JSON, with the version of its shape."""
    return json.dumps({"version": RECORD_VERSION, "exchange": dump(exchange)})


def from_json(record: str) -> Exchange:
    """Return the exchange that `to_json` wrote; raises NotThatRecord for anything else."""
    try:
        whole = json.loads(record)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotThatRecord("not JSON") from error
    if not isinstance(whole, dict) or whole.get("version") != RECORD_VERSION:
        raise NotThatRecord("of another version")
    return load(Exchange, whole.get("exchange"))


def storable(text: str) -> str:
    """Return `text` without lone surrogates, which SQLite does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")
