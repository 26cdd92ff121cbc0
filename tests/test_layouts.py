"""Archives of every layout that there was, made by the code of their day: they open, are searched and are brought on.

A new layout comes with VERSION and a step in index/layout.py, and with `tests/archives/VERSION-NAME.zip`, which
tests/archives/make.py makes; nothing else needs to be said here.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_text

from bot.cli import run
from bot.conversations import Conversations
from index import layout
from index.archive import Archive
from index.batch import archive_fingerprint
from index.build import build
from index.errors import ArchiveDamaged, ArchiveMismatch
from index.layout import VERSION
from index.repair import check, repair
from index.store import FILE_NAME, find_problems, set_meta
from index.withdraw import let_back, remove, removed

FOLDER = Path(__file__).parent / "archives"
LAYOUTS = sorted(FOLDER.glob("*.zip"))
KEPT = {"bridge", "ferry", "school"}


def unpack(layout: Path, folder: Path) -> Path:
    with zipfile.ZipFile(layout) as packed:
        packed.extractall(folder)
    return folder


def state_of(folder: Path) -> dict[str, str]:
    """Return a hash of every file; what SQLite keeps in memory for the log of a running process is not one."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.endswith("-shm"))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def tables_of(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


@pytest.fixture(params=LAYOUTS, ids=lambda layout: layout.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive of each layout, unpacked."""
    return unpack(request.param, tmp_path / "old")


@pytest.fixture
def present(tmp_path: Path) -> Iterator[Archive]:
    """An archive of today's layout, with vectors."""
    news = tmp_path / "news"
    news.mkdir()
    write_text(news / "one.txt", "boats and a harbour")
    with Archive.open(tmp_path / "archive", create=True) as archive:
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        yield archive


def test_there_is_an_archive_of_every_layout() -> None:
    assert {int(layout.stem.split("-")[0]) for layout in LAYOUTS} == set(range(1, VERSION + 1))


def test_an_archive_of_each_layout_is_read_as_it_lies(old: Path) -> None:
    before = state_of(old)
    with Archive.open(old) as archive:
        assert {row.id for row in archive.articles()} >= KEPT
        article = archive.article("bridge")
        assert article is not None
        assert article.text.startswith("The harbour bridge will close")
        vector = EMBEDDER.embed([article.text])[0]
        (best, _), *_ = archive.search_dense(vector, limit=3)
        assert archive.passages([best])[best].article_id == "bridge"
        (best, _), *_ = archive.search_lexical("robot prize", limit=3)
        assert archive.passages([best])[best].article_id == "school"
        archive.near_copies(["bridge"])
    assert state_of(old) == before


def test_an_archive_of_each_layout_is_brought_on_by_indexing(old: Path, tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    write_text(news / "new.txt", "a new harbour master")
    with Archive.open(old) as archive:
        # An earlier way to cut passages is another matter than the layout: it is refused, and made anew where asked.
        same = archive.store.meta("fingerprint") == archive_fingerprint(EMBEDDER, MAX_TOKENS)
        texts = {row.id: archive.article(row.id) for row in archive.articles()}
        if not same:
            with pytest.raises(ArchiveMismatch, match="byline index --rebuild"):
                build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        report = build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS, rebuild=not same)
        assert (report.added, report.removed) == (1, 0)
        assert {id: archive.article(id) for id in texts} == texts
        assert archive.store.meta("version") == str(VERSION)
        assert check(archive) == []
        remove(archive, ["school"])
        assert "school" in {one.id for one in removed(archive)}
        let_back(archive, ["school"])


def test_an_archive_of_each_layout_is_repaired_and_searched_as_before(old: Path) -> None:
    with Archive.open(old) as archive:
        vector = EMBEDDER.embed(["The harbour bridge"])[0]
        before = archive.search_lexical("harbour bridge", limit=9), dict(archive.search_dense(vector, limit=9))
        repair(archive)
        assert archive.search_lexical("harbour bridge", limit=9) == before[0]
        assert dict(archive.search_dense(vector, limit=9)) == pytest.approx(before[1], abs=1e-6)
        assert archive.store.meta("version") == str(VERSION)
        assert archive.is_published()


def test_what_was_kept_of_conversations_is_read(old: Path) -> None:
    for one in Conversations(old).listed():
        found = Conversations(old).open(one.id)
        assert found is not None
        (kept,) = found.kept
        assert kept.is_readable
        assert kept.vote is not None
        assert kept.exchange.answer is not None


def test_the_latest_layouts_have_a_conversation(tmp_path: Path) -> None:
    assert Conversations(unpack(LAYOUTS[-1], tmp_path)).listed() != []


def test_a_step_that_fails_leaves_the_archive_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpack(FOLDER / "1-first.zip", tmp_path)
    before = tables_of(folder)
    monkeypatch.setattr(layout, "_STEPS", {1: (*layout._STEPS[1], "SELECT no_such_function()")})
    with Archive.open(folder) as archive:
        with pytest.raises(sqlite3.OperationalError, match="no_such_function"), archive.writing():
            pass
        assert archive.store.meta("version") == "1"
        assert archive.article("bridge") is not None
    assert tables_of(folder) == before
    monkeypatch.undo()
    with Archive.open(folder) as archive, archive.writing():
        assert archive.store.meta("version") == str(VERSION)


KILLED = """
import os, sys
from pathlib import Path
from index import layout
from index.archive import Archive
layout._STEPS = {1: (*layout._STEPS[1], "SELECT die()")}
with Archive.open(Path(sys.argv[1])) as archive:
    with archive.store.reading() as connection:
        connection.create_function("die", 0, lambda: os._exit(9))
    with archive.writing():
        pass
"""


def test_a_process_that_is_killed_in_a_step_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    folder = unpack(FOLDER / "1-first.zip", tmp_path)
    before = tables_of(folder)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder)], cwd=FOLDER.parent.parent, check=False)
    assert ended.returncode == 9
    with Archive.open(folder) as archive:
        assert archive.store.meta("version") == "1"
        assert tables_of(folder) == before
        with archive.store.reading() as connection:
            assert find_problems(connection) == []
        with archive.writing():
            assert archive.store.meta("version") == str(VERSION)


# --- a newer one ---------------------------------------------------------------------------------------------

COMMANDS = {
    "index": ["index", "news"],
    "rebuild": ["index", "--rebuild"],
    "status": ["status"],
    "list": ["list"],
    "search": ["search", "boats", "--no-server"],
    "remove": ["remove", "boat"],
    "let back": ["remove", "boat", "--undo"],
    "doctor": ["doctor"],
    "repair": ["doctor", "--repair"],
    "web": ["web", "--no-llm", "--no-browser", "--port", "0"],
}


def make_newer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute("CREATE TABLE what_nobody_knows_yet (value)")
        set_meta(connection, "version", str(VERSION + 1))


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_newer_archive_is_left_byte_for_byte_by_every_command(
    present: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments
) -> None:
    present.close()
    make_newer(present.folder)
    before = state_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run([*arguments, "--archive", str(present.folder)]) == 3
    told = capsys.readouterr().err
    assert f"(format {VERSION + 1}; this one reads {VERSION})" in told
    assert "pip install --upgrade byline" in told
    assert state_of(tmp_path) == before


LEFT_OPEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", [sys.argv[2]])
connection.commit()
os._exit(9)
"""


def test_a_newer_archive_is_left_with_the_log_of_a_process_that_was_killed(present: Archive) -> None:
    present.close()
    file = present.folder / FILE_NAME
    subprocess.run([sys.executable, "-c", LEFT_OPEN, str(file), str(VERSION + 1)], check=False)
    before = state_of(present.folder)
    assert (present.folder / f"{FILE_NAME}-wal").stat().st_size
    with pytest.raises(ArchiveMismatch, match="newer Byline"):
        Archive.open(present.folder, create=True)
    assert state_of(present.folder) == before


@pytest.mark.parametrize("said", ["", "0", "-1", "two", "1.5", "٢", "9" * 400, None], ids=repr)
def test_an_archive_that_does_not_say_its_layout_is_damaged(present: Archive, said: str | None) -> None:
    with present.store.writing() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'version'")
        if said is not None:
            set_meta(connection, "version", said)
    present.close()
    with pytest.raises(ArchiveDamaged, match="which layout"):
        Archive.open(present.folder)


@pytest.mark.parametrize("table", ["seals", "bands", "removed"])
def test_an_archive_without_what_its_layout_has_is_damaged(present: Archive, table: str) -> None:
    with present.store.writing() as connection:
        connection.execute(f"DROP TABLE {table}")
    present.close()
    with pytest.raises(ArchiveDamaged, match="parts of it are gone"):
        Archive.open(present.folder)


def test_newer_conversations_are_left_byte_for_byte(present: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    unpacked = unpack(LAYOUTS[-1], present.folder.parent / "talk")
    kept = Conversations(unpacked)
    (one,) = kept.listed()
    with closing(sqlite3.connect(kept.file)) as connection, connection:
        connection.execute("PRAGMA user_version = 2")
    before = state_of(unpacked)
    for arguments in (["list"], ["show", one.id], ["delete", one.id], ["delete", "--all"], ["feedback"]):
        assert run(["conversations", *arguments, "--archive", str(unpacked)]) == 3
        assert "(format 2; this one reads 1)" in capsys.readouterr().err
    with pytest.raises(ArchiveMismatch):
        kept.rename(one.id, "Another")
    assert state_of(unpacked) == before


# --- what a pointer may say ----------------------------------------------------------------------------------


WRONG = [
    {"generation": ".."},
    {"generation": "."},
    {"generation": "00000001-abcdef/../.."},
    {"generation": "00000001-abcdef\n"},
    {"generation": "٠-a"},
    {"generation": 7},
    {"generation": None},
    {"generation": {}},
    {"count": "many"},
    {"count": None},
    {"replaced": [1]},
    {"a field of tomorrow": 1},
]


@pytest.mark.parametrize("changed", WRONG, ids=repr)
def test_a_pointer_that_names_no_generation_is_passed_over(present: Archive, changed: dict[str, object]) -> None:
    said = json.loads((present.vectors.folder / "CURRENT").read_text())
    assert_not_followed(present, {**said, **changed})


def test_a_pointer_never_leads_out_of_the_archive(present: Archive, tmp_path: Path) -> None:
    said = json.loads((present.vectors.folder / "CURRENT").read_text())
    elsewhere = tmp_path / "elsewhere"
    (present.vectors.folder / said["generation"]).rename(elsewhere)
    for name in (str(elsewhere), "../../elsewhere"):
        assert_not_followed(present, {**said, "generation": name})


def assert_not_followed(archive: Archive, said: dict[str, object]) -> None:
    file = archive.vectors.folder / "CURRENT"
    before = file.read_text()
    file.write_text(json.dumps(said))
    assert archive.current_vectors() is None
    file.write_text(before)
