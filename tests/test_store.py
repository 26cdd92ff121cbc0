import sqlite3
from pathlib import Path

import numpy as np
import pytest
from archive_material import DESK, EMBEDDER, FERRY, HARBOUR, MAX_TOKENS, put

from index.archive import Archive
from index.chunk import passage_text_for_embedding, split_passages
from index.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing
from index.layout import VERSION
from index.records import Article, Mark, Source
from index.store import FILE_NAME, Store, delete_articles, find_problems, set_meta
from index.words import rebuild_words


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive.open(tmp_path / "archive", create=True)
    put(archive, DESK)
    return archive


def count(store: Store, table: str) -> int:
    with store.reading() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def revision(store: Store) -> int:
    return int(store.meta("revision"))


@pytest.mark.parametrize(
    "article",
    [
        *DESK,
        Article(
            "odd",
            Source("\U0001f4f0 NUL"),
            "A\0b. Ünï—çødé 新闻 \u202e tail.\r\nEnd.",
            (Mark(0, 2, "caption"),),
            "opinion",
        ),
        Article("empty", Source(), ""),
    ],
    ids=lambda article: article.id,
)
def test_an_article_comes_back_as_it_was_stored(archive: Archive, article: Article) -> None:
    put(archive, [article])
    assert archive.article(article.id) == article


def test_passages_come_back_with_their_exact_offsets(archive: Archive) -> None:
    cut = split_passages(HARBOUR, count_tokens=EMBEDDER.count_tokens, max_tokens=MAX_TOKENS)
    assert archive.article_passages("harbour") == cut
    for passage in archive.passages([passage.id for passage in cut]).values():
        assert HARBOUR.text[passage.start : passage.end] == passage.text
        assert all(passage.start <= span.start < span.end <= passage.end for span in passage.sentences)


def test_vectors_come_back_exactly(archive: Archive) -> None:
    passages = archive.article_passages("ferry")
    stored = archive.passage_vectors([passage.id for passage in passages])
    made = EMBEDDER.embed([passage_text_for_embedding(passage) for passage in passages])
    np.testing.assert_array_equal(np.stack([stored[passage.id] for passage in passages]), made)


def test_deleting_an_article_takes_all_that_belongs_to_it(archive: Archive) -> None:
    with archive.store.writing() as connection:
        assert delete_articles(connection, [article.id for article in DESK] + ["unknown"]) == 3
    assert [count(archive.store, table) for table in ("passages", "embeddings", "words")] == [0, 0, 0]


def test_a_replaced_passage_never_gets_an_old_number(archive: Archive) -> None:
    def numbers() -> set[int]:
        with archive.store.reading() as connection:
            return {row[0] for row in connection.execute("SELECT number FROM passages")}

    before = numbers()
    put(archive, DESK)
    assert not before & numbers()


def test_an_interrupted_transaction_leaves_nothing(archive: Archive) -> None:
    before = revision(archive.store)

    def delete_until_interrupted() -> None:
        with archive.store.writing() as connection:
            delete_articles(connection, ["harbour"])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delete_until_interrupted()
    assert archive.article("harbour") == HARBOUR
    assert revision(archive.store) == before


def test_every_write_has_a_revision_and_no_read_has(archive: Archive) -> None:
    before = revision(archive.store)
    archive.status()
    assert revision(archive.store) == before
    put(archive, [FERRY])
    assert revision(archive.store) == before + 1


def test_a_reader_sees_one_state_while_another_writes(archive: Archive) -> None:
    with archive.store.reading() as reader:
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (3,)
        with archive.store.writing() as writer:
            delete_articles(writer, ["harbour"])
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (3,)
    assert count(archive.store, "articles") == 2


def test_connections_are_used_again(archive: Archive) -> None:
    for _ in range(20):
        archive.status()
    assert len(archive.store._idle) == 1


def test_a_newer_archive_is_refused_untouched(archive: Archive) -> None:
    with archive.store.writing() as connection:
        set_meta(connection, "version", str(VERSION + 1))
    archive.close()
    file = archive.folder / FILE_NAME
    before = file.read_bytes()
    with pytest.raises(ArchiveMismatch, match="newer Byline"):
        Archive.open(archive.folder, create=True)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", None], ids=["empty file", "no file"])
def test_a_folder_without_an_archive_is_said_to_be_one(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ArchiveMissing, match="byline index --archive"):
        Archive.open(tmp_path)


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"plain text, and enough of it to look at. " * 100)
    with pytest.raises(ArchiveDamaged, match="not a database"):
        Archive.open(tmp_path)


def test_another_programs_database_is_damaged_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    with pytest.raises(ArchiveDamaged, match="not a Byline archive"):
        Archive.open(tmp_path, create=True)


def test_an_archive_cut_short_is_damaged(archive: Archive) -> None:
    put(archive, [Article(f"long{n}", Source(), "Many words about the same old thing. " * 400) for n in range(10)])
    archive.close()
    file = archive.folder / FILE_NAME
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    def read_all() -> None:
        with Archive.open(archive.folder) as reopened:
            for n in range(10):
                reopened.article(f"long{n}")

    with pytest.raises(ArchiveDamaged):
        read_all()


def test_a_sound_file_has_no_problems_and_a_hollow_one_has(archive: Archive) -> None:
    with archive.store.writing() as connection:
        assert find_problems(connection) == []
        connection.execute("DELETE FROM embeddings WHERE number = 1")
        connection.execute("DELETE FROM words WHERE rowid = 2")
        assert find_problems(connection) == ["1 passages are without an embedding", "1 passages are without words"]


def test_words_can_be_made_anew_from_the_texts(archive: Archive) -> None:
    before = archive.search_lexical("bridge cracks", limit=10)
    with archive.store.writing() as connection:
        connection.execute("DELETE FROM words")
        rebuild_words(connection)
    assert archive.search_lexical("bridge cracks", limit=10) == before != []
