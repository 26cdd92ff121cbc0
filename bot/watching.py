"""The command `byline watch`: folders and the archive's feeds brought in step, turn after turn, a line a turn."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.as_json import SCHEMA_VERSION
from bot.draw import indexing_bar
from bot.feeding import pull, summary
from bot.feeds import Feeds
from bot.options import settings_of
from bot.pulling import LIMIT, PullReport
from bot.show import plain
from bot.terminal import notice, out, out_json, tell
from bot.watch import FEEDS, Watch, parse_every
from index.archive import Archive
from index.disk import refusal
from index.errors import BylineError, UsageError
from index.records import BuildReport

if TYPE_CHECKING:
    from bot.app import Desk
    from bot.settings import Settings


@dataclass(slots=True)
class Turn:
    """What one turn did; `wrong` is what ended it, `missing` are folders that are not there."""

    begun: datetime
    folders: BuildReport | None = None
    pulled: PullReport | None = None
    missing: list[str] = field(default_factory=list)
    wrong: list[BylineError] = field(default_factory=list)
    seconds: float = 0.0


def watch(options: argparse.Namespace) -> int:
    """Take turns until interrupted, which is how it ends well; with --once a single one, whose failure it ends with."""
    every = parse_every(options.every)
    settings = settings_of(options)
    Archive.open(settings.archive, create=True).close()
    feeds = Feeds(settings.archive)
    # Not resolve(): a folder that is reached through a link keeps the name that the user knows.
    folders = list(dict.fromkeys(os.path.abspath(path) for path in options.paths))  # noqa: PTH100
    if not folders and not feeds.listed():
        raise UsageError("There is nothing to watch.", "byline watch FOLDER  (or first: byline feed add URL)")
    last: list[Turn] = []

    def take(what: Sequence[str]) -> set[str]:
        done, turn = _take_turn(settings, feeds, what)
        last[:] = [turn]
        return done

    def tell_next(moment: float) -> None:
        _tell(last[0], options.json, f"next at {datetime.fromtimestamp(moment):%Y-%m-%d %H:%M}")

    watched = Watch(feeds, lambda: [*folders, *([FEEDS] if feeds.listed() else [])], every)
    try:
        if not options.once:
            watched.run(take, tell_next)
        watched.run_once(take)
    except KeyboardInterrupt:
        tell("byline: ended; what was done is kept")
        return 0
    _tell(last[0], options.json)
    return last[0].wrong[0].exit_status if last[0].wrong else 0


def _take_turn(settings: Settings, feeds: Feeds, what: Sequence[str]) -> tuple[set[str], Turn]:
    """Bring what is due in step; return what of it was done, and what that came to. Nothing that fails ends it."""
    turn, started, done = Turn(datetime.now().astimezone()), time.monotonic(), set[str]()
    folders = [one for one in what if one != FEEDS]
    there = [one for one in folders if os.path.exists(one)]  # noqa: PTH110 - Path.exists() raises where it may not look
    turn.missing = [one for one in folders if one not in there]
    done |= {*turn.missing}  # looked at: what came from them stays until they are there again
    with _told(turn, settings.archive), _open(settings) as desk:
        with _told(turn, settings.archive):
            if there:
                turn.folders = _index(desk, [Path(one) for one in there])
                done |= {*there}
        if FEEDS in what:
            turn.pulled = pull(desk, feeds, feeds.listed(), limit=LIMIT)
            done |= {FEEDS} if turn.pulled.unindexed is None else set()
            turn.wrong += [turn.pulled.unindexed] if turn.pulled.unindexed else []
    turn.seconds = time.monotonic() - started
    return done, turn


def _open(settings: Settings) -> Desk:
    """Return a desk for one turn: between two of them a model need not stay in memory."""
    from bot.app import Desk

    return Desk.open(settings, create=True, may_be_empty=True, tell=notice)


@contextmanager
def _told(turn: Turn, archive: Path) -> Iterator[None]:
    """Let what fails be told with the turn, and end no more than its part of it."""
    try:
        yield
    except BylineError as error:
        turn.wrong.append(error)
    except OSError as error:  # a disk that is full or was pulled out; the next turn may find it well again
        turn.wrong.append(refusal(error, Path(error.filename or archive)))


def _index(desk: Desk, folders: Sequence[Path]) -> BuildReport:
    with indexing_bar() as show:
        return desk.index(folders, show)


# --- told ----------------------------------------------------------------------------------------------------


def _tell(turn: Turn, as_json: bool, then: str = "") -> None:
    if as_json:
        out_json(turn_json(turn))
    else:
        out(turn_text(turn, then))


def turn_text(turn: Turn, then: str = "") -> str:
    """Return what a turn did as one line."""
    parts = []
    if turn.folders is not None:
        one = turn.folders
        counts = f"{one.added} added, {one.updated} updated, {one.removed} removed"
        parts.append(f"folders: {counts}{f', {len(one.skipped)} skipped' if one.skipped else ''}")
    parts += [f"not there: {folder}" for folder in turn.missing]
    if turn.pulled is not None:
        parts.append(summary(turn.pulled))
        parts += [f"{feed.title or feed.url}: {feed.wrong}" for feed in turn.pulled.feeds if feed.wrong][:1]
    parts += [f"failed: {error.wrong}{f' ({error.mend})' if error.mend else ''}" for error in turn.wrong]
    parts += [f"{turn.seconds:.1f} s", *([then] if then else [])]
    return " ".join(plain(f"{turn.begun:%Y-%m-%d %H:%M} {'; '.join(parts)}").split())


def turn_json(turn: Turn) -> dict[str, Any]:
    """Return what a turn did."""
    from bot.as_json import report_json
    from bot.feeding import pull_json

    return {
        "schema_version": SCHEMA_VERSION,
        "begun": turn.begun.astimezone(UTC).isoformat(timespec="seconds"),
        "folders": report_json(turn.folders) if turn.folders else None,
        "feeds": pull_json(turn.pulled) if turn.pulled else None,
        "not_there": turn.missing,
        "failed": [error.wrong for error in turn.wrong],
        "seconds": round(turn.seconds, 1),
    }
