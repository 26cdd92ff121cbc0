"""When things are looked at: by the clock on the wall, across sleep, restarts, failures and clocks set back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from bot.feeds import FILE_NAME, FORM, Feeds
from bot.side_file import writing
from bot.watch import FEEDS, LEAST, Watch, next_at, parse_every
from index.errors import ArchiveDamaged, ArchiveMismatch, UsageError

HOUR = 3600.0


class Ended(Exception):
    """The test has seen enough."""


class Wall:
    """A clock on a wall: sleeping takes as long as it takes, and longer where the machine sleeps too."""

    def __init__(self, now: float, until: float) -> None:
        self.now = now
        self.until = until
        self.jumps: dict[float, float] = {}  # from this moment on, so much later
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.now >= self.until:
            raise Ended
        self.slept.append(seconds)
        self.now += seconds
        for moment in [moment for moment in self.jumps if moment <= self.now]:
            self.now += self.jumps.pop(moment)


def turns(feeds: Feeds, wall: Wall, what: Sequence[str] = ("/news",), fails: Collection[float] = ()) -> list[float]:
    """Return when turns were taken, until the wall's end; those begun at `fails` left all undone."""
    taken: list[float] = []

    def take(due: Sequence[str]) -> Collection[str]:
        taken.append(wall.now)
        return [] if wall.now in fails else due

    with pytest.raises(Ended):
        Watch(feeds, lambda: what, HOUR, wall, wall.sleep).run(take, lambda moment: None)
    return taken


def test_a_turn_is_taken_at_once_and_then_every_hour(tmp_path: Path) -> None:
    assert turns(Feeds(tmp_path), Wall(1000.0, 3.5 * HOUR)) == [1000, 1000 + HOUR, 1000 + 2 * HOUR, 1000 + 3 * HOUR]


def test_after_a_night_of_sleep_a_turn_is_taken_at_once(tmp_path: Path) -> None:
    wall = Wall(1000.0, 11 * HOUR)
    wall.jumps[1300.0] = 10 * HOUR
    taken = turns(Feeds(tmp_path), wall)
    assert len(taken) == 2
    assert 1300 + 10 * HOUR <= taken[1] <= 1330 + 10 * HOUR
    assert max(wall.slept) <= 30


def test_a_restart_neither_puts_off_what_is_due_nor_does_it_twice(tmp_path: Path) -> None:
    turns(Feeds(tmp_path), Wall(1000.0, 1500.0))
    assert turns(Feeds(tmp_path), Wall(2000.0, 1500 + HOUR)) == [1000 + HOUR]
    assert turns(Feeds(tmp_path), Wall(9000.0, 9500.0)) == [9000]


def test_a_turn_that_failed_is_due_at_the_next_one_and_after_a_restart_at_once(tmp_path: Path) -> None:
    feeds = Feeds(tmp_path)
    assert turns(feeds, Wall(1000.0, 1500.0 + HOUR), fails=[1000.0, 1000 + HOUR]) == [1000, 1000 + HOUR]
    assert turns(feeds, Wall(5000.0, 5500.0)) == [5000]


def test_what_was_looked_at_in_the_future_is_due(tmp_path: Path) -> None:
    feeds = Feeds(tmp_path)
    feeds.note_turn(["/news"], 1e12)
    assert turns(feeds, Wall(1000.0, 1500.0)) == [1000]
    assert next_at(["a", "b", "c"], {"a": 10.0, "b": 1e12}, 60.0, 20.0) == {"a": 70.0, "b": 20.0, "c": 20.0}


def test_a_feed_that_is_added_meanwhile_is_looked_at_soon(tmp_path: Path) -> None:
    what = ["/news"]
    wall = Wall(1000.0, 1200.0)
    due: list[Sequence[str]] = []

    def take(ready: Sequence[str]) -> Sequence[str]:
        due.append(ready)
        what[1:] = [FEEDS]
        return ready

    with pytest.raises(Ended):
        Watch(Feeds(tmp_path), lambda: what, HOUR, wall, wall.sleep).run(take, lambda moment: None)
    assert due == [["/news"], [FEEDS]]


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h", 3600), ("30m", 1800), ("1h30m", 5400), ("2D", 172_800), ("90s", 90)]
)
def test_a_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert parse_every(text) == seconds >= LEAST


@pytest.mark.parametrize("text", ["", "1", "h", "often", "1 fortnight", "-1h", "1h x", "5s", "0h"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_every(text)


def test_a_file_of_feeds_that_is_none_or_newer_is_left_as_it_is(tmp_path: Path) -> None:
    feeds = Feeds(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"no database, whatever its name says " * 100)
    with pytest.raises(ArchiveDamaged, match="not a file of feeds"):
        feeds.listed()
    (tmp_path / FILE_NAME).unlink()
    feeds.add("http://news.example/", "")
    with writing(feeds.file, FORM) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveMismatch, match="newer Byline"):
        feeds.add("http://other.example/", "")
