"""Looking at folders and feeds again and again: what is due when, by the clock on the wall, and what a turn did.

When each was last looked at is kept in the archive, so that neither sleep nor a restart puts anything off or does it
twice. Knows nothing of how a turn is taken.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.feeds import Feeds
from index.errors import UsageError

FEEDS = "feeds"  # beside the folders, which are absolute paths
LEAST = 60.0  # seconds between two turns
# A machine that sleeps stops the clocks that programs wait by: so nothing is slept through for longer than this.
_LOOK = 30.0
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d{1,6})\s*([smhd])", re.IGNORECASE)

TakeTurn = Callable[[Sequence[str]], Collection[str]]


def parse_every(text: str) -> float:
    """Return the seconds of a time such as 1h, 30m or 1h30m; raises UsageError for anything else."""
    parts = _PART.findall(text)
    seconds = float(sum(int(number) * _UNITS[unit.lower()] for number, unit in parts))
    if not parts or _PART.sub("", text).strip():
        raise UsageError(f"{text!r} is no time such as 1h, 30m or 1h30m.", "--every 1h")
    if seconds < LEAST:
        raise UsageError("A turn a minute is the most that is taken.", "--every 1m")
    return seconds


def next_at(what: Iterable[str], looked: Mapping[str, float], every: float, now: float) -> dict[str, float]:
    """Return when each is due. What was never looked at is due now, and so is what was "in the future"."""
    return {one: looked[one] + every if looked.get(one, now + 1) <= now else now for one in what}


@dataclass(slots=True)
class Watch:
    """Takes turns as they are due. `what` tells what is watched, anew each time: feeds can be added meanwhile."""

    feeds: Feeds
    what: Callable[[], Sequence[str]]
    every: float
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def run(self, take_turn: TakeTurn, on_next: Callable[[float], None]) -> None:
        """Take turns until interrupted. What a turn leaves undone is due again at the next one."""
        left: dict[str, float] = {}  # when what was left undone was tried
        while True:
            now = self.clock()
            due = next_at(self.what(), {**self.feeds.turns(), **left}, self.every, now)
            ready = [one for one, moment in due.items() if moment <= now]
            if ready:
                done = take_turn(ready)
                self.feeds.note_turn([one for one in ready if one in done], now)
                left = {one: now for one in {*left, *ready} - {*done}}
                on_next(
                    min(next_at(self.what(), {**self.feeds.turns(), **left}, self.every, now).values(), default=now)
                )
            else:
                self.sleep(min(_LOOK, min(due.values(), default=now + _LOOK) - now))

    def run_once(self, take_turn: TakeTurn) -> None:
        """Take one turn with all that is watched, due or not."""
        what, now = self.what(), self.clock()
        done = take_turn(what)
        self.feeds.note_turn([one for one in what if one in done], now)
