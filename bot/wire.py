"""What a running Byline and the terminal say to each other: one JSON object a line. Knows no socket.

A line has one key, which says what it is: an event of an answer, hits, a timeline, an error, or that all is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.frozen_json import NotThatRecord, dump, load
from bot.line import Waiting
from bot.records import Answer, Found, Stage, Timeline, Token
from index import errors
from index.errors import BylineError
from index.records import Hit


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong, as an error of ours."""

    kind: str
    wrong: str
    mend: str

    @classmethod
    def of(cls, error: BylineError) -> Failed:
        """Return what tells of `error`."""
        return cls(type(error).__name__, error.wrong, error.mend)

    def error(self) -> BylineError:
        """Return the error that was told of."""
        kind = getattr(errors, self.kind, None)
        if isinstance(kind, type) and issubclass(kind, BylineError):
            return kind(self.wrong, self.mend)
        return BylineError(self.wrong, self.mend)


@dataclass(frozen=True, slots=True)
class Over:
    """All is said. Where a stream ends without it, the other side broke off."""


Said = Stage | Found | Token | Answer | Waiting | Hits | Timeline | Failed | Over
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Stage, Found, Token, Answer, Waiting, Hits, Timeline, Failed, Over)
}


def to_line(said: Said) -> bytes:
    """Return `said` as a line, in ASCII."""
    return json.dumps({type(said).__name__: dump(said)}).encode() + b"\n"


def from_line(line: bytes) -> Said:
    """Return what `to_line` made into `line`; raises NotThatRecord for anything else."""
    try:
        [(name, data)] = json.loads(line).items()
        kind = _KINDS[name]
    except (ValueError, AttributeError, KeyError, RecursionError) as error:
        raise NotThatRecord("not a line that was said") from error
    said: Said = load(kind, data)
    return said
