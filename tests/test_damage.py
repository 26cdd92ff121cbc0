"""Each thing that is derived from the articles is damaged in turn: the doctor tells, and makes it anew."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines
from fault_material import assert_same, make_text, state_of

from index.archive import Archive
from index.build import build
from index.errors import ArchiveDamaged
from index.repair import check, repair
from index.store import FILE_NAME

TEXTS = {f"n{n}": make_text(n) for n in range(40)}
CHANCE = random.Random(6)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sound")
    write_lines(place / "a.jsonl", TEXTS)
    with Archive.open(place / "archive", create=True) as archive:
        build(archive, [place / "a.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert check(archive) == []
    return place


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound / "archive", tmp_path / "archive")
    return tmp_path / "archive"


def run_sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def flip_root_page(folder: Path, name: str) -> None:
    """Write noise over the first page of a table or an index, in the file itself."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(CHANCE.randbytes(size))


ROWS = {
    "an embedding gone": "DELETE FROM embeddings WHERE number = 7",
    "an embedding cut": "UPDATE embeddings SET vector = substr(vector, 1, 20) WHERE number = 7",
    "an embedding of no numbers": "UPDATE embeddings SET vector = zeroblob(length(vector) - 4) || x'0000c07f'",
    "another embedding": """UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE number = 9)
        WHERE number = 7""",
    "a passage gone": "DELETE FROM passages WHERE number = 7",
    "the last passages gone": "DELETE FROM passages WHERE number > 100",
    "words gone": "DELETE FROM words WHERE rowid = 7",
    "other words": "UPDATE words SET text = 'quite other words' WHERE rowid = 7",
    "another title": "UPDATE words SET title = 'Another' WHERE rowid = 7",
    "the words' index cut": "UPDATE words_data SET block = substr(block, 1, length(block) / 2) WHERE id > 10",
    "the words' index gone": "DELETE FROM words_data WHERE id > 10",
    "a band gone": "DELETE FROM bands WHERE article = 3 AND hash = (SELECT min(hash) FROM bands WHERE article = 3)",
    "another band": "UPDATE bands SET hash = hash + 1 WHERE article = 3",
}
PAGES = (
    "embeddings",
    "passages",
    "passages_by_article",
    "words_data",
    "words_content",
    "bands",
    "articles_by_date",
    "sqlite_autoindex_articles_1",
)
FILES = (
    "CURRENT",
    "*/numbers.npy",
    "*/graph.json",
    "*/chroma.sqlite3",
    "*/*/data_level0.bin",
    "*/*/link_lists.bin",
    "*/*/header.bin",
    "*/*/length.bin",
    *(f"*/table/{name}" for name in ("vectors.npy", "numbers.npy", "published.npy", "outlet.npy", "about.json")),
    *(f"*/words/{name}" for name in ("terms.bin", "rows.npy", "counts.npy", "lengths.npy", "about.json")),
)


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 2, len(content), max(1, len(content) // 7)):
        content[place] ^= 0x55
    replace(file, bytes(content))


def cut(file: Path) -> None:
    replace(file, file.read_bytes()[: file.stat().st_size // 2])


def replace(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


# A flipped byte is the least that can be; what is cut or gone is the same to all that have their size and sum noted.
OTHERWISE = ("CURRENT", "*/chroma.sqlite3", "*/*/data_level0.bin", "*/table/vectors.npy", "*/words/about.json")
DAMAGES = [
    *((name, flip) for name in FILES),
    *((name, damage) for name in (*OTHERWISE, "*/graph.json") for damage in (cut, Path.unlink)),
]


def assert_mended(folder: Path, sound: Path) -> None:
    with Archive.open(folder) as archive, Archive.open(sound / "archive") as clean:
        assert check(archive) != []
        report = repair(archive, EMBEDDER, max_tokens=MAX_TOKENS)
        assert report.problems
        assert check(archive) == []
    with Archive.open(folder) as archive, Archive.open(sound / "archive") as clean:
        assert check(archive) == []
        assert archive.is_published()
        assert state_of(archive) == state_of(clean)
        vector = EMBEDDER.embed(["story of boats"])[0]
        assert_same(archive.search_dense(vector, limit=1000), clean.search_dense(vector, limit=1000))
        assert_same(archive.search_lexical("story 7", limit=1000), clean.search_lexical("story 7", limit=1000))


@pytest.mark.parametrize("damage", ROWS)
def test_rows_are_told_and_made_anew(folder: Path, sound: Path, damage: str) -> None:
    run_sql(folder, "PRAGMA foreign_keys = ON", ROWS[damage])
    assert_mended(folder, sound)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_noise_is_told_and_what_it_held_made_anew(folder: Path, sound: Path, name: str) -> None:
    flip_root_page(folder, name)
    assert_mended(folder, sound)


@pytest.mark.parametrize(("name", "damage"), DAMAGES, ids=lambda value: getattr(value, "__name__", value))
def test_a_file_of_a_generation_is_told_and_made_anew(
    folder: Path, sound: Path, name: str, damage: Callable[[Path], None]
) -> None:
    files = [file for file in (folder / "vectors").glob(name) if file.stat().st_size]
    if not files:
        pytest.skip("Chroma leaves it empty for so few passages")
    for file in files:
        damage(file)
    if name.endswith("graph.json") and damage is Path.unlink:  # as a generation of an earlier Byline: no damage
        with Archive.open(folder) as archive:
            assert check(archive) == []
        return
    assert_mended(folder, sound)


def test_an_article_that_is_altered_is_named_and_comes_back_from_its_file(folder: Path, sound: Path) -> None:
    run_sql(folder, "UPDATE articles SET text = replace(text, 'boats', 'goats') WHERE id = 'n7'")
    with Archive.open(folder) as archive:
        told = " ".join(check(archive))
        assert "About n7 (n7): byline index" in told
        repair(archive, EMBEDDER, max_tokens=MAX_TOKENS)
        assert "n7" in " ".join(check(archive))
        assert build(archive, [sound / "a.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS).updated == 1
        assert check(archive) == []
        assert archive.article("n7").text == TEXTS["n7"]  # type: ignore[union-attr]


def test_articles_that_cannot_be_read_are_said_to_be_beyond_repair(folder: Path) -> None:
    flip_root_page(folder, "articles")
    with Archive.open(folder) as archive:
        for act in (check, repair):
            with pytest.raises(ArchiveDamaged, match="move the folder away"):
                act(archive)


def test_without_the_model_what_needs_none_is_mended_and_the_rest_told(folder: Path) -> None:
    run_sql(folder, ROWS["an embedding gone"], ROWS["words gone"])
    with Archive.open(folder) as archive:
        with pytest.raises(ArchiveDamaged, match="byline models pull"):
            repair(archive)
        assert repair(archive, EMBEDDER, max_tokens=MAX_TOKENS).articles == len(TEXTS)
        assert check(archive) == []
