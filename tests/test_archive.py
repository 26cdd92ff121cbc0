import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from archive_material import DESK, EMBEDDER, FERRY, HARBOUR, MAX_TOKENS, put

from index.archive import Archive
from index.batch import archive_fingerprint
from index.errors import ArchiveLocked, ArchiveMismatch
from index.records import Article, Filters, Source
from index.store import set_meta


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        put(archive, DESK)
        with archive.store.writing() as connection:
            set_meta(connection, "fingerprint", archive_fingerprint(EMBEDDER, MAX_TOKENS))
        archive.publish_vectors()
        yield archive


def dense(archive: Archive, question: str, filters: Filters = Filters(), limit: int = 20) -> list[tuple[str, float]]:
    return archive.search_dense(EMBEDDER.embed([question])[0], limit=limit, filters=filters)


def articles_of(archive: Archive, hits: list[tuple[str, float]]) -> set[str]:
    return {passage.article_id for passage in archive.passages([id for id, _ in hits]).values()}


def test_the_status_counts_what_is_there(archive: Archive) -> None:
    status = archive.status()
    assert (status.articles, status.outlets, status.undated) == (3, 2, 1)
    assert (status.first_published, status.last_published) == (date(2021, 3, 4), date(2021, 4, 10))
    assert status.passages == sum(row.passages for row in archive.articles())
    assert status.vectors_current
    assert status.bytes_on_disk > 10_000


def test_an_empty_archive_answers_everything_with_nothing(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as empty:
        assert empty.status().articles == 0
        assert (empty.articles(), empty.outlets(), empty.search_lexical("bridge", limit=5)) == ([], [], [])
        assert dense(empty, "bridge") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [("harbour", "harbour"), ("harb", "harbour"), ("har", None), ("", None), ("HARB", None), ("harb%", None)],
)
def test_an_article_is_found_by_its_id_or_its_beginning(archive: Archive, asked: str, found: str | None) -> None:
    article = archive.article(asked)
    assert (article.id if article else None) == found


def test_an_id_that_begins_two_articles_is_neither_unless_exact(archive: Archive) -> None:
    put(archive, [Article("harbour2", Source(), "Another one.")])
    assert archive.article("harb") is None
    assert archive.article("harbour") == HARBOUR


def test_an_id_that_is_no_text_is_no_article(archive: Archive) -> None:
    assert archive.article("harb\udcff") is None


def test_articles_are_listed_newest_first(archive: Archive) -> None:
    assert [row.id for row in archive.articles()] == ["ferry", "harbour", "school"]
    assert [row.id for row in archive.articles(limit=1, offset=1)] == ["harbour"]
    assert archive.articles(limit=1)[0].characters == len(FERRY.text)


def test_spellings_of_one_outlet_count_together(archive: Archive) -> None:
    assert archive.outlets() == [("Daily Echo", 2), ("The Port Ledger", 1)]


def test_every_author_of_a_byline_counts(archive: Archive) -> None:
    assert archive.authors() == [("Ann Lee", 2), ("Bo Ray", 1), ("Joann Leeds", 1)]


def test_names_are_counted_within_limits(archive: Archive) -> None:
    dated = Filters(since=date(2021, 3, 5))
    assert (archive.outlets(filters=dated), archive.authors(filters=dated)) == (
        [("Daily Echo", 1)],
        [("Ann Lee", 1), ("Bo Ray", 1)],
    )
    assert archive.outlets(filters=Filters(authors=("Ann Lee",))) == [("Daily Echo", 1), ("The Port Ledger", 1)]


FILTERS = [
    (Filters(), {"harbour", "ferry", "school"}),
    (Filters(since=date(2021, 3, 5)), {"ferry"}),
    (Filters(since=date(2021, 3, 4), until=date(2021, 4, 10)), {"harbour", "ferry"}),
    (Filters(until=date(2021, 3, 4)), {"harbour"}),
    (Filters(until=date(2099, 1, 1)), {"harbour", "ferry"}),
    (Filters(outlets=("DAILY ECHO",)), {"ferry", "school"}),
    (Filters(outlets=("daily echo", "The Port Ledger"), since=date(2000, 1, 1)), {"harbour", "ferry"}),
    (Filters(authors=("ann lee",)), {"harbour", "ferry"}),
    (Filters(authors=("Bo Ray", "joann leeds")), {"ferry", "school"}),
    (Filters(authors=("nobody",)), set()),
    (Filters(outlets=("Echo",)), set()),
    (Filters(outlets=(" ",), authors=("",)), {"harbour", "ferry", "school"}),
]


@pytest.mark.parametrize("is_current", [True, False], ids=["with Chroma", "without"])
@pytest.mark.parametrize(("filters", "expected"), FILTERS, ids=range(len(FILTERS)))
def test_filters_hold_in_both_methods_and_in_lists(
    archive: Archive, filters: Filters, expected: set[str], is_current: bool
) -> None:
    if not is_current:
        archive.vectors.forget()
    assert articles_of(archive, dense(archive, "bridge robot ferries", filters)) == expected
    words = archive.search_lexical("bridge robot ferries", limit=20, filters=filters)
    assert articles_of(archive, words) == expected
    assert {row.id for row in archive.articles(filters=filters)} == expected


def test_a_filter_leaves_the_whole_list_to_what_passes(archive: Archive) -> None:
    assert articles_of(archive, dense(archive, "harbour bridge cracks", limit=1)) == {"harbour"}
    assert articles_of(archive, dense(archive, "harbour bridge cracks", Filters(authors=("Bo Ray",)), 1)) == {"ferry"}


def test_chroma_and_the_scan_find_the_same(archive: Archive) -> None:
    many = [Article(f"n{n}", Source(f"Title {n}"), f"Number {n} is {n * 7} times the {n % 13}th.") for n in range(200)]
    put(archive, many)
    scanned = dense(archive, "the 5th number")
    assert not archive.status().vectors_current
    archive.publish_vectors()
    asked = dense(archive, "the 5th number")
    assert archive.status().vectors_current
    assert [round(score, 4) for _, score in asked] == [round(score, 4) for _, score in scanned]


def test_what_is_stored_is_found_before_chroma_has_it(archive: Archive) -> None:
    put(archive, [Article("zebra", Source("Zebra"), "A zebra escaped.")])
    assert articles_of(archive, dense(archive, "zebra escaped", limit=1)) == {"zebra"}


def test_unreadable_vectors_only_make_it_slower(archive: Archive) -> None:
    before = dense(archive, "bridge")
    archive.vectors.close()
    current = archive.vectors.current()
    assert current is not None
    (archive.vectors.folder / current.generation / "chroma.sqlite3").write_bytes(b"")
    assert archive.check_vectors() != ""
    assert [id for id, _ in dense(archive, "bridge")] == [id for id, _ in before]


def test_another_archives_vectors_are_not_taken_for_ours(archive: Archive, tmp_path: Path) -> None:
    said = json.loads((archive.vectors.folder / "CURRENT").read_text())
    (archive.vectors.folder / "CURRENT").write_text(json.dumps(said | {"archive": "another"}))
    assert not archive.status().vectors_current


def test_a_vector_of_another_model_is_refused(archive: Archive) -> None:
    archive.vectors.forget()
    with pytest.raises(ArchiveMismatch, match="dimensions"):
        archive.search_dense(np.ones(3, dtype=np.float32), limit=5)
    with pytest.raises(ValueError, match="NaN"):
        archive.search_dense(np.full(64, np.nan, dtype=np.float32), limit=5)


def test_another_fingerprint_is_said_with_the_command_that_mends_it(archive: Archive, tmp_path: Path) -> None:
    archive.check_fingerprint(archive_fingerprint(EMBEDDER, MAX_TOKENS))
    with pytest.raises(ArchiveMismatch, match="byline index --rebuild"):
        archive.check_fingerprint(archive_fingerprint(EMBEDDER, MAX_TOKENS + 1))
    with Archive.open(tmp_path / "empty", create=True) as empty:
        empty.check_fingerprint("anything")


def test_there_is_one_writer_and_readers_do_not_wait(archive: Archive) -> None:
    with Archive.open(archive.folder) as other:
        with archive.writing():
            with pytest.raises(ArchiveLocked, match=r"process \d+ on "), other.writing():
                pass
            assert other.article("harbour") == HARBOUR
        with other.writing():
            pass


def test_a_reader_sees_what_another_process_wrote(archive: Archive) -> None:
    with Archive.open(archive.folder) as other:
        assert articles_of(other, dense(other, "zebra escaped", limit=1)) != {"zebra"}
        put(archive, [Article("zebra", Source("Zebra"), "A zebra escaped.")])
        archive.publish_vectors()
        assert other.status().vectors_current
        assert articles_of(other, dense(other, "zebra escaped", limit=1)) == {"zebra"}
        assert articles_of(other, other.search_lexical("zebra", limit=1)) == {"zebra"}


def test_threads_may_search_while_one_writes(archive: Archive) -> None:
    failures: list[str] = []

    def search() -> None:
        for _ in range(30):
            hits = dense(archive, "harbour bridge cracks") + archive.search_lexical("bridge", limit=5)
            if not hits or len(archive.article_passages("harbour")) == 0:
                failures.append("something was not found")

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(10):
        put(archive, [Article(f"new{n}", Source(), f"New words number {n}.")])
        archive.publish_vectors()
    for thread in threads:
        thread.join()
    assert failures == []
