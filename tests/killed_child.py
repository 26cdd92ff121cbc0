"""What is killed: a change to an archive in a process of its own, which tells where it is as it goes.

Each change leads from one known state of an archive to another. `observed` counts the steps of a change, which are what
reaches the disk (a sync, a rename, a deletion, a commit), and can end the process at any one of them.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import chromadb
import chromadb.api.rust  # noqa: F401
from archive_material import EMBEDDER, MAX_TOKENS
from datasketch import MinHash  # noqa: F401

import bot.adding
import index.generation  # noqa: F401
from index.archive import Archive
from index.batch import Progress
from index.build import build
from index.errors import ArchiveError, BylineError
from index.records import BuildReport
from index.repair import repair
from index.withdraw import let_back, remove

# What a process is at while it is in one of these functions.
STAGES = {
    "index.archive:Archive.open": "opening",
    "index.run:Run.read": "reading",
    "index.batch:Batch._await": "embedding",
    "index.batch:Batch._store": "storing articles",
    "index.run:delete_articles": "removing",
    "index.withdraw:delete_articles": "removing",
    "index.withdraw:forget_removed": "letting back",
    "index.run:put_seals": "sealing files",
    "index.build:sketch": "near-copies",
    "index.build:_renew": "rebuilding",
    "index.repair:rebuild_words": "words",
    "index.vectors:Vectors._build_anew": "graph made anew",
    "index.vectors:Vectors._build_from": "graph copied",
    "index.vectors:verify": "graph verified",
    "index.generation:Arrays.write": "arrays",
    "index.vectors:write_current": "naming",
    "index.vectors:Vectors._delete_all_but": "clearing away",
    "bot.uploads:keep": "keeping uploads",
}
NAMES = ("starting", *dict.fromkeys(STAGES.values()), "between")
STAGE, STEPS, KEPT, ENDED, SLOTS = 0, 1, 2, 3, 4


class Told:
    """What a child tells: its stage, how many steps it has taken and how many articles it has seen committed."""

    def __init__(self, slots: Any, *, end_at: int) -> None:
        self.slots = slots
        self._end_at = end_at
        self.has_put = False

    def step(self) -> None:
        """Count a step, or end the process instead of taking it."""
        self.slots[STEPS] += 1
        if self.slots[STEPS] == self._end_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def committed(self) -> None:
        self.slots[KEPT] += self.has_put
        self.has_put = False


def observed(told: Told) -> None:
    """Have everything that this process does from now on told."""
    for place, name in STAGES.items():
        _tell_stage(told, place, name)
    for name in ("fsync", "replace", "rename", "unlink", "rmdir"):
        setattr(os, name, _counted(told, getattr(os, name)))

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if statement != "COMMIT":
                return super().execute(statement, *values)
            told.step()
            cursor = super().execute(statement)
            told.committed()
            return cursor

    connect = sqlite3.connect
    sqlite3.connect = lambda *given, **named: connect(*given, **{"factory": Connection, **named})  # type: ignore[assignment]
    put = importlib.import_module("index.batch").put_article

    def put_article(*given: Any, **named: Any) -> None:
        put(*given, **named)
        told.has_put = True

    importlib.import_module("index.batch").put_article = put_article  # type: ignore[attr-defined]


def _counted(told: Told, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def counted(*given: Any, **named: Any) -> Any:
        told.step()
        return function(*given, **named)

    return counted


def _tell_stage(told: Told, place: str, name: str) -> None:
    module, _, path = place.partition(":")
    *outer, last = path.split(".")
    owner = importlib.import_module(module)
    for part in outer:
        owner = getattr(owner, part)
    function = getattr(owner, last)

    @wraps(function)
    def staged(*given: Any, **named: Any) -> Any:
        before, told.slots[STAGE] = told.slots[STAGE], NAMES.index(name)
        try:
            return function(*given, **named)
        finally:
            told.slots[STAGE] = before if before != NAMES.index("starting") else NAMES.index("between")

    setattr(owner, last, staged)


# The changes, each of an archive in a folder and of the files that it is made of


@dataclass(frozen=True)
class Desk:
    """As much of the page's desk as an adding needs."""

    archive: Archive

    def index(self, paths: Sequence[Path], on_progress: Callable[[Progress], None]) -> BuildReport:
        return build(self.archive, paths, embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=on_progress)


def index_news(folder: Path, news: Path) -> None:
    with Archive.open(folder, create=True) as archive:
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)


def rebuild(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive:
        build(archive, [], embedder=EMBEDDER, max_tokens=MAX_TOKENS + 8, rebuild=True)


def take_out(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive:
        remove(archive, (news / ".remove.ids").read_text().split())


def bring_back(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive:
        let_back(archive, (news / ".remove.ids").read_text().split())
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)


def mend(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive:
        repair(archive, EMBEDDER, max_tokens=MAX_TOKENS)


def publish(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive, archive.writing():
        archive.publish_vectors()


def add_on_the_page(folder: Path, news: Path) -> None:
    with Archive.open(folder) as archive:
        adding = bot.adding.Adding(Desk(archive), folder)
        uploaded = news.with_name("uploaded")  # what the browser sends, each time anew
        shutil.rmtree(uploaded, ignore_errors=True)
        shutil.copytree(news.with_name("brought"), uploaded)
        adding.start(bot.adding.uploaded(sorted(uploaded.iterdir())))
        while not (adding.now and adding.now.is_over):
            time.sleep(0.002)
        assert adding.bug is None
        if adding.now.wrong:
            raise ArchiveError(adding.now.wrong, adding.now.mend)


CHANGES = {
    change.__name__: change for change in (index_news, rebuild, take_out, bring_back, mend, publish, add_on_the_page)
}


def run_with_little_room(change: str, folder: str, news: str, *, told: str, most: int) -> None:
    """Make a change where no file can be larger than `most` bytes, 0: any; an error is told in a file."""
    if most:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        CHANGES[change](Path(folder), Path(news))
    except BylineError as error:
        Path(told).write_text(f"{type(error).__name__} {error}")
        os._exit(error.exit_status)


def run(change: str, folder: str, news: str, *, slots: Any, end_at: int) -> None:
    """Make a change and tell that it ended; with `end_at` the process ends at that step instead of taking it."""
    observed(Told(slots, end_at=end_at))
    CHANGES[change](Path(folder), Path(news))
    slots[ENDED] = 1
