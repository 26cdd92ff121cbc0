"""Two processes over one archive: one writes, the other reads on and sees it; a second writer is told who is first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines

from index.archive import Archive
from index.build import build
from index.errors import ArchiveLocked

ROOT = Path(__file__).parent.parent
WRITER = """
import sys, time
from pathlib import Path
from index.archive import Archive
with Archive.open(Path(sys.argv[1])) as archive, archive.writing():
    print("writing", flush=True)
    time.sleep(60)
"""
READER = """
import sys
from pathlib import Path
from archive_material import EMBEDDER
from index.archive import Archive
from index.retrieve import search
with Archive.open(Path(sys.argv[1])) as archive:
    for line in sys.stdin:
        hits = search(archive, EMBEDDER, line.strip(), limit=50)
        print(*sorted({hit.passage.article_id for hit in hits}), flush=True)
"""


@contextmanager
def child(program: str, archive: Path) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", program, str(archive)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def news(tmp_path: Path) -> Path:
    write_lines(tmp_path / "news.jsonl", {"bridge": "The bridge is shut. Boats wait.", "ferry": "The ferry is late."})
    return tmp_path / "news.jsonl"


@pytest.fixture
def folder(tmp_path: Path, news: Path) -> Path:
    index(tmp_path / "archive", news)
    return tmp_path / "archive"


def index(folder: Path, news: Path) -> None:
    with Archive.open(folder, create=True) as archive:
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)


def test_a_second_writer_is_told_who_writes_and_since_when(folder: Path, news: Path) -> None:
    with child(WRITER, folder) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        with pytest.raises(ArchiveLocked, match=rf"process {writer.pid} on .+ since \d{{4}}-"):
            index(folder, news)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_writer_that_was_killed_holds_nobody_up(folder: Path, news: Path) -> None:
    with child(WRITER, folder) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    index(folder, news)


def test_a_reader_sees_what_another_process_added_and_removed_without_a_restart(folder: Path, news: Path) -> None:
    with child(READER, folder) as reader:

        def found(words: str) -> set[str]:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write(words + "\n")
            reader.stdin.flush()
            return set(reader.stdout.readline().split())

        assert found("bridge ferry") == {"bridge", "ferry"}
        write_lines(news, {"bridge": "The bridge is open. Boats pass.", "tram": "A tram now runs over the bridge."})
        index(folder, news)
        assert found("bridge ferry tram") == {"bridge", "tram"}
