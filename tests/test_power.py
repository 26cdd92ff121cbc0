"""The power goes: what was never synced may be lost, whatever its order, and the archive must still open whole.

A change to an archive is watched from the kernel's side. When CURRENT names a generation, all of it has to be on the
disk, and the articles that it was made of; and when all unsynced files are then cut to nothing every article is left.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines

from index.archive import Archive
from index.build import build
from index.repair import check

CHILD = """
import sys
from pathlib import Path
from archive_material import EMBEDDER, MAX_TOKENS
from index.archive import Archive
from index.build import build
with Archive.open(Path(sys.argv[1]), create=True) as archive:
    build(archive, [Path(sys.argv[2])], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
"""
CALLS = "write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
_CALL = re.compile(r"(?:\[pid\s+\d+\] |\d+\s+)?(\w+)\((.*)\)\s+= (-?\d+)")
_PATH = re.compile(r"<(/[^>]*)>|\"([^\"]+)\"")

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Call:
    """One system call on files."""

    name: str
    paths: tuple[str, ...]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    """An archive made, and then changed, while the kernel's side of it is written down."""
    if shutil.which("strace") is None:
        message = "no strace on this machine: apt-get install strace"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    place = tmp_path_factory.mktemp("power").resolve()
    archive, news, log = place / "archive", place / "news", place / "log"
    news.mkdir()
    for version in range(2):
        texts = {
            f"n{n}": f"Story {n} tells of {n} boats in version {version}. It was calm." for n in range(40 + version)
        }
        write_lines(news / "a.jsonl", texts)
        trace = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", f"{log}{version}", "-e", f"trace={CALLS}"]
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        command = [*trace, sys.executable, "-c", CHILD, str(archive), str(news)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT)
    lines = "".join(Path(f"{log}{version}").read_text(errors="replace") for version in range(2)).splitlines()
    return archive, [call for call in map(_read, lines) if call]


def _read(line: str) -> Call | None:
    found = _CALL.match(line)
    if found is None or int(found[3]) < 0:
        return None
    paths: list[str] = []
    for opened, named in _PATH.findall(found[2]):  # a relative name belongs to the folder that is opened before it
        paths.append(opened or os.path.join(paths[-1] if paths else "/", named))  # noqa: PTH118 - as the kernel does
    return Call(found[1], tuple(paths))


def _namings(archive: Path, calls: list[Call]) -> Iterator[int]:
    for at, call in enumerate(calls):
        if call.name.startswith("rename") and call.paths[-1] == str(archive / "vectors" / "CURRENT"):
            yield at


def unsynced(calls: list[Call], below: str) -> set[str]:
    """Return the files below a folder whose last writing no sync has followed."""
    open_ends: set[str] = set()
    for call in calls:
        for path in call.paths:
            if not path.startswith(below):
                continue
            if call.name in ("fsync", "fdatasync", "unlink", "unlinkat"):
                open_ends.discard(path)
            elif not call.name.startswith("rename"):
                open_ends.add(path)
    return open_ends


@pytest.mark.slow
def test_a_generation_is_on_the_disk_before_it_is_named(watched: tuple[Path, list[Call]]) -> None:
    archive, calls = watched
    namings = list(_namings(archive, calls))
    assert len(namings) == 2
    for at in namings:
        assert unsynced(calls[:at], str(archive / "vectors")) == set()
        assert str(archive / "archive.sqlite3-wal") not in unsynced(calls[:at], str(archive))
        after = [call for call in calls[at + 1 : at + 8] if call.name == "fsync"]
        assert str(archive / "vectors") in after[0].paths  # the new name itself


@pytest.mark.slow
def test_a_folder_s_names_are_synced_where_a_generation_is_new(watched: tuple[Path, list[Call]]) -> None:
    archive, calls = watched
    first = next(_namings(archive, calls))
    synced = {path for call in calls[:first] if call.name == "fsync" for path in call.paths}
    assert str(archive / "vectors") in synced
    assert any(re.fullmatch(re.escape(f"{archive}/vectors/") + r"[\w-]+", path) for path in synced)


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["emptied", "gone"])
def test_without_what_was_never_synced_every_article_is_there(
    watched: tuple[Path, list[Call]], tmp_path: Path, lost: str
) -> None:
    archive, calls = watched
    copy = tmp_path / "archive"
    shutil.copytree(archive, copy)
    for path in unsynced(calls, str(archive)):
        there = copy / Path(path).relative_to(archive)
        # The database's own file is written without a sync only from a log that is synced: as SQLite promises.
        if there.is_file() and there.name != "archive.sqlite3":
            there.write_bytes(b"") if lost == "emptied" else there.unlink()
    with Archive.open(copy) as opened:
        assert opened.status().articles == 41
        news = archive.parent / "news"
        report = build(opened, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert (report.added, report.removed, report.unchanged) == (0, 0, 41)
        assert check(opened) == []
