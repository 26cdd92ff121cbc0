"""Articles that readers add, one adding at a time: stored in the archive's folder, indexed, and told of meanwhile.

It runs in a thread of its own and goes on when the page that asked for it is closed; whoever looks sees how far it is.
Knows nothing of HTML or Gradio.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import Protocol
from urllib.parse import urlsplit

from bot import pasted, web_fetch
from bot.pasted import Text
from bot.uploads import UPLOADS, keep
from index.batch import Progress, Stop
from index.disk import is_full, refusal
from index.errors import BylineError, UsageError
from index.records import BuildReport
from index.walk import is_passed_over

# An estimate from less than this would say more about chance than about time.
ESTIMATE_AFTER = 3.0  # seconds
ESTIMATE_FROM = 0.02  # of all


@dataclass(frozen=True, slots=True)
class Addition:
    """An adding as far as it has come. `read` and `stored` count articles, `received` bytes of a page."""

    number: int
    doing: str
    name: str = ""  # the file or host that is being worked on
    file: int = 0
    files: int = 0
    read: int = 0
    stored: int = 0
    received: int = 0
    share: float = 0.0
    seconds: float = 0.0  # since indexing began
    stopping: bool = False
    report: BuildReport | None = None
    wrong: str = ""
    mend: str = ""

    @property
    def is_over(self) -> bool:
        """True when nothing further will come."""
        return self.report is not None or bool(self.wrong)

    @property
    def left(self) -> float | None:
        """Return the seconds that are left at the pace so far, or None while that would mean nothing."""
        if self.share < ESTIMATE_FROM or self.seconds < ESTIMATE_AFTER or self.stopping:
            return None
        return self.seconds * (1 - self.share) / self.share


class Indexes(Protocol):
    """The part of the desk that adds."""

    def index(self, paths: Sequence[Path], on_progress: Callable[[Progress], None]) -> BuildReport:
        """Bring the archive in step with `paths`."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a source of articles is given: the folder to put files into, the reader's stop, and a way to tell of it."""

    folder: Path
    stop: Flag
    say: Callable[[Addition], None]
    start: Addition


Gather = Callable[[Work], Sequence[Path]]


def uploaded(paths: Sequence[Path]) -> Gather:
    """Return how uploaded files are stored."""

    def gather(work: Work) -> Sequence[Path]:
        seen = [path for path in paths if not is_passed_over(path.name)]  # a folder brings its hidden files too
        work.say(replace(work.start, doing="Storing the files", files=len(seen)))
        return keep(seen, work.folder)

    return gather


def text(given: Text) -> Gather:
    """Return how a pasted text is stored."""

    def gather(work: Work) -> Sequence[Path]:
        work.say(replace(work.start, doing="Storing the text"))
        return [pasted.store(given, work.folder)]

    return gather


def page(url: str, web: web_fetch.WebFetch) -> Gather:
    """Return how a page is fetched and stored."""

    def gather(work: Work) -> Sequence[Path]:
        begun = replace(work.start, doing="Fetching the page", name=urlsplit(url.strip()).netloc)
        work.say(begun)
        fetched = web.fetch(url, stop=work.stop, on_bytes=lambda count: work.say(replace(begun, received=count)))
        return [web_fetch.store(fetched, work.folder)]

    return gather


@dataclass(slots=True)
class _UnderWay:
    """One adding in its thread, which keeps `now` up to date."""

    now: Addition
    stop: Flag
    task: Future[BuildReport] = field(default_factory=Future)

    def look(self) -> Addition:
        if self.task.done():
            return _ended(self.now, self.task)
        return replace(self.now, stopping=True) if self.stop.is_set() else self.now

    def say(self, told: Addition) -> None:
        self.now = told


class Adding:
    """The one adding that there can be at a time, and the last one there was."""

    def __init__(self, desk: Indexes, folder: Path) -> None:
        self._desk = desk
        self._folder = folder / UPLOADS
        self._starting = Lock()
        self._last: _UnderWay | None = None

    @property
    def now(self) -> Addition | None:
        """Return the adding under way, or the last one, or None where there was none yet."""
        return self._last.look() if self._last else None

    @property
    def bug(self) -> BaseException | None:
        """Return what ended the last adding though it should not have; it belongs into the log."""
        error = self._last.task.exception() if self._last and self._last.task.done() else None
        return None if isinstance(error, BylineError | OSError) else error

    def start(self, gather: Gather) -> Addition | None:
        """Begin to add what `gather` brings; None where another adding is under way."""
        with self._starting:
            before = self.now
            if before is not None and not before.is_over:
                return None
            begun = Addition(before.number + 1 if before else 1, "Beginning")
            under_way = _UnderWay(begun, Flag())
            pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="adding")
            under_way.task = pool.submit(self._add, gather, under_way)
            pool.shutdown(wait=False)
            self._last = under_way
            return begun

    def stop(self) -> None:
        """End the adding under way; what is stored by then stays."""
        if self._last:
            self._last.stop.set()

    def _add(self, gather: Gather, this: _UnderWay) -> BuildReport:
        paths = gather(Work(self._folder, this.stop, this.say, this.now))
        started = time.monotonic()

        def tell(progress: Progress) -> None:
            this.say(_advance(this.now, progress, time.monotonic() - started))
            if this.stop.is_set():
                raise Stop

        try:
            return self._desk.index(paths, tell)
        except Stop:  # before there was a run that could report anything
            return BuildReport(stopped=True)


def _advance(now: Addition, progress: Progress, seconds: float) -> Addition:
    """Return the adding as it stands after `progress`."""
    doing = "Saving" if progress.stage == "saving" else "Indexing"  # reading and embedding alternate all the time
    counted = "read" if progress.stage == "reading" else "stored"
    now = replace(now, doing=doing, name=Path(progress.path).name, share=progress.share, seconds=seconds, received=0)
    now = replace(now, file=progress.file or now.file, files=progress.files or now.files)
    return replace(now, **{counted: max(progress.articles_done, getattr(now, counted))})


def _ended(now: Addition, task: Future[BuildReport]) -> Addition:
    match task.exception():
        case None:
            return replace(now, report=task.result())
        case BylineError(wrong=wrong, mend=mend):
            return replace(now, wrong=wrong, mend=mend)
        case OSError() as error if is_full(error):
            told = refusal(error, Path(error.filename2 or error.filename or "the archive's folder"))
            return replace(now, wrong=told.wrong, mend=told.mend)
        case OSError() as error:
            return replace(now, wrong=f"The files cannot be stored: {error.strerror or error}.")
        case _:
            return replace(now, wrong="Byline broke off: this is a mistake in the program, written in its log.")


def in_words(seconds: float) -> str:
    """Return how long is left, as roughly as it is known: about 2 minutes left."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} seconds left"
    minutes = round(seconds / 60)
    if minutes < 55:
        return "about a minute left" if minutes <= 1 else f"about {minutes} minutes left"
    hours = round(seconds / 3600)
    return "about an hour left" if hours <= 1 else f"about {hours} hours left"


def parse_address(url: str) -> str:
    """Return the address that a reader gave; raises UsageError where there is none."""
    if not url.strip():
        raise UsageError("There is no address.", "give the address of a page, as https://…")
    return url.strip()
