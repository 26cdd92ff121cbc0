"""Files that change, shrink or vanish while they are read, that may not be read, and clocks that jump."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines, write_text

from bot.conversations import Conversations
from index.archive import Archive
from index.batch import Progress
from index.build import build
from index.errors import ArchiveError
from index.records import BuildReport
from index.repair import check

LINES = {f"n{n}": f"Report {n} tells of {n * 3} boats in the harbour." for n in range(150)}


def index(archive: Archive, news: Path, on_progress: Callable[[Progress], None] = lambda progress: None) -> BuildReport:
    return build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=on_progress)


def once_read(act: Callable[[], None]) -> Callable[[Progress], None]:
    """Return a listener that acts when the first record of the first file has been read."""
    waiting = [act]

    def listen(progress: Progress) -> None:
        if waiting:
            waiting.pop()()

    return listen


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    write_lines(folder / "a.jsonl", LINES)
    write_text(folder / "b.txt", "what stands apart")
    return folder


def shrink(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 3)


def grow(file: Path) -> None:
    with file.open("a") as stream:
        stream.write('{"id": "late", "title": "Late", "text": "It came while the rest was read."}\n')


def exchange(file: Path) -> None:
    write_lines(file.with_name(".new"), {"other": "Quite another file now stands here."})
    file.with_name(".new").replace(file)


@pytest.mark.parametrize("change", [shrink, grow, exchange, Path.unlink], ids=lambda change: change.__name__)
def test_a_file_that_changes_while_it_is_read_loses_nothing_and_is_read_again(
    tmp_path: Path, news: Path, change: Callable[[Path], None]
) -> None:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        index(archive, news)
        whole = {row.id for row in archive.articles()}
        write_lines(news / "a.jsonl", LINES | {"n0": "A change, so that it is read again."})
        content = (news / "a.jsonl").read_bytes()
        report = index(archive, news, once_read(lambda: change(news / "a.jsonl")))
        assert report.removed == 0
        assert any("while it was read" in skipped.reason for skipped in report.skipped)
        assert whole <= {row.id for row in archive.articles()}
        (news / "a.jsonl").write_bytes(content)  # as the first run had begun to read it: it must not take that as read
        index(archive, news)
        assert {row.id for row in archive.articles()} == whole
        assert archive.article("n149").text == LINES["n149"]  # type: ignore[union-attr]
        assert check(archive) == []


@pytest.fixture
def rights(tmp_path: Path) -> None:
    """What lets nobody reach what a test made in its folder; root can."""
    if sys.platform == "win32" or os.getuid():
        pytest.skip("only root can become another user")
    for folder in (tmp_path, *tmp_path.parents):
        if folder != folder.parent and folder.stat().st_uid == os.getuid() and str(folder) != gettempdir():
            folder.chmod(folder.stat().st_mode | 0o055)


READ = """
import encodings.idna, json, mmap, os, socket, sys, filelock  # before rights are given up, with which they are found
from pathlib import Path
from index.archive import Archive
from index.errors import BylineError
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with Archive.open(Path(sys.argv[1]), create=sys.argv[2] == "write") as archive:
        if sys.argv[2] == "write":
            with archive.writing():
                pass
        print(len(archive.articles()), len(archive.search_lexical("boats", limit=1000)))
except BylineError as error:
    print(type(error).__name__, error)
"""


def nobody(folder: Path, what: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(folder), what],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    if "PermissionError" in ended.stderr and "site-packages" in ended.stderr:
        pytest.skip("another user may not read the environment")
    assert ended.stderr == ""
    return ended.stdout.strip()


@pytest.mark.usefixtures("rights")
def test_a_folder_for_reading_only_is_read_with_what_its_log_holds_and_not_written(tmp_path: Path, news: Path) -> None:
    folder = tmp_path / "archive"
    with Archive.open(folder, create=True) as archive:
        index(archive, news)
        assert (folder / "archive.sqlite3-wal").stat().st_size  # what is only in the log belongs to the archive
        assert nobody(folder, "read") == "151 150"
    assert nobody(folder, "read") == "151 150"
    assert "may not be" in nobody(folder, "write")


@pytest.mark.usefixtures("rights")
@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["no folder for others", "a folder that cannot be entered"])
def test_a_folder_that_may_not_be_entered_is_an_error_of_ours(tmp_path: Path, news: Path, mode: int) -> None:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        index(archive, news)
    (tmp_path / "archive").chmod(mode)
    assert "make it readable and writable" in nobody(tmp_path / "archive", "read")


@pytest.mark.usefixtures("rights")
def test_a_place_where_no_archive_may_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    assert "make it readable and writable" in nobody(tmp_path / "none" / "archive", "write")


@pytest.mark.parametrize("year", [1970, 2020, 2099])
def test_a_clock_that_jumps_loses_no_conversation(tmp_path: Path, year: int) -> None:
    from test_conversations import exchange as asked

    times = [datetime(2026, 3, 1, tzinfo=UTC)]
    kept = Conversations(tmp_path, now=lambda: times[-1])
    first = kept.keep([asked(1)])
    times.append(datetime(year, 1, 1, tzinfo=UTC))
    second = kept.keep([asked(1)])
    kept.keep([asked(1), asked(2)], at=first)
    assert {one.id for one in kept.listed()} == {first.id, second.id}
    opened = kept.open(first.id)
    assert opened is not None
    assert len(opened.kept) == 2


def test_a_disk_error_is_told_as_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(ArchiveError):
        Archive.open(tmp_path / "file" / "archive", create=True)
