import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_material import DESK, EMBEDDER, HARBOUR, MAX_TOKENS, put, write_lines
from carried_material import OTHER_MONEY, PRINTS, REPORT, reprint
from hypothesis import given
from hypothesis import strategies as st

from index.archive import Archive
from index.build import build
from index.copies import LEAST_SHARED, MOST_CANDIDATES, SKETCH, make_bands, shared, word_runs
from index.records import Article, Filters, Mark, Source
from index.repair import repair
from index.store import delete_articles, set_meta

ALL = [article.id for article in PRINTS]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        put(archive, (*DESK, *PRINTS))
        yield archive


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return a folder to index in which there is nothing."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def copies(archive: Archive, id: str, filters: Filters = Filters()) -> set[str]:
    return {article.id for article in archive.near_copies([id], filters=filters).get(id, ())}


def test_reprints_with_small_edits_are_found(archive: Archive) -> None:
    for id in ALL:
        assert copies(archive, id) == {*ALL} - {id}


def test_a_copy_brings_its_text_and_source(archive: Archive) -> None:
    assert set(archive.near_copies(["print0"])["print0"]) == set(PRINTS[1:])


def test_an_article_without_a_copy_is_not_in_it(archive: Archive) -> None:
    assert archive.near_copies(["harbour", "print0", "unknown"]).keys() == {"print0"}


def test_a_snippet_is_no_copy_of_the_long_article_that_holds_it(archive: Archive) -> None:
    put(archive, [Article("snippet", Source("Live"), REPORT.split("\n\n")[2])])
    assert copies(archive, "snippet") == set()


def test_another_article_on_the_same_event_is_no_copy(archive: Archive) -> None:
    told = (
        "VELLMARK — Trains run again. Drivers said yes to 5.2 percent, union leader Ines Halloran announced, and the"
        " railway expects to pay 14 million crowns more a year. Commuters were relieved; ticket counters will close."
    )
    put(archive, [Article("own", Source("Trains run"), told)])
    assert copies(archive, "own") == set()


def test_what_an_outlet_puts_around_a_report_does_not_count() -> None:
    headline, line = "Our own words above it\n", "\nSign up for our morning letter and never miss a story again"
    framed = headline + REPORT + line
    end = len(headline) + len(REPORT)
    marks = (Mark(0, len(headline), "headline"), Mark(end, len(framed), "furniture"))
    assert word_runs(framed, marks) == word_runs(REPORT)
    assert make_bands(Article("a", Source(), framed, marks)) == make_bands(Article("b", Source("Other"), REPORT))


def test_copies_outside_the_limits_are_not_given(archive: Archive) -> None:
    assert copies(archive, "print0", Filters(outlets=("outlet 3", "Outlet 0"))) == {"print3"}
    assert copies(archive, "print0", Filters(until=PRINTS[1].source.published)) == {"print1"}


def test_a_removed_copy_is_no_copy_any_more(archive: Archive) -> None:
    with archive.store.writing() as connection:
        delete_articles(connection, ["print1"])
        assert connection.execute("SELECT count(DISTINCT article) FROM bands").fetchone() == (len(ALL) - 1 + len(DESK),)
    assert copies(archive, "print0") == {*ALL} - {"print0", "print1"}


def test_an_updated_article_leaves_its_copies_and_may_return(archive: Archive) -> None:
    put(archive, [Article("print1", PRINTS[1].source, HARBOUR.text)])
    assert copies(archive, "print1") == {"harbour"}
    assert "print1" not in copies(archive, "print0")
    put(archive, [PRINTS[1]])
    assert "print1" in copies(archive, "print0")


def test_a_form_filled_in_daily_is_compared_with_the_nearest_only(archive: Archive) -> None:
    put(archive, [reprint(100 + number, f"{REPORT} Issue {number}.") for number in range(MOST_CANDIDATES + 10)])
    assert len(copies(archive, "print0")) == MOST_CANDIDATES


@pytest.mark.parametrize("text", ["", " \n", "…!", "\U0001f4f0"], ids=["empty", "blank", "marks", "emoji"])
def test_articles_without_words_are_nobodys_copies(archive: Archive, text: str) -> None:
    put(archive, [Article("one", Source(), text), Article("two", Source(), text)])
    assert copies(archive, "one") == set()


def test_bands_are_the_same_on_every_machine_and_with_every_version() -> None:
    # Stored in archives: when these change, with a new datasketch say, SKETCH must.
    assert make_bands(HARBOUR)[:2] == GOLDEN
    assert SKETCH == "datasketch affine32 sha1, 20 bands of 4, runs of 3"


GOLDEN = [6492359269467613713, -5535959147268131307]


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_is_shared_is_a_share_and_all_of_the_same(first: str, second: str) -> None:
    one, other = word_runs(first), word_runs(second)
    assert 0 <= shared(one, other) == shared(other, one) <= 1
    assert shared(one, one) == (1 if one else 0)


@given(st.integers(0, 4), st.integers(0, 400))
def test_copies_of_most_words_meet_in_a_band(number: int, cut: int) -> None:
    first, second = PRINTS[number].text, REPORT[: len(REPORT) - cut]
    if shared(word_runs(first), word_runs(second)) >= LEAST_SHARED + 0.1:
        assert set(make_bands(Article("a", Source(), first))) & set(make_bands(Article("b", Source(), second)))


# --- archives of other ages --------------------------------------------------------------------------------------


def as_before(archive: Archive) -> None:
    """Make it an archive of a Byline that did not look for copies."""
    with archive.store.writing() as connection:
        connection.execute("DROP TABLE bands")
        connection.execute("DELETE FROM meta WHERE key = 'sketch'")
        set_meta(connection, "version", "1")


def test_an_archive_made_before_opens_without_copies(archive: Archive) -> None:
    as_before(archive)
    with Archive.open(archive.folder) as opened:
        assert opened.near_copies(ALL) == {}
        assert opened.status().version == 1


def test_indexing_an_archive_made_before_compares_what_is_in_it(archive: Archive, tmp_path: Path) -> None:
    as_before(archive)
    news = tmp_path / "new.jsonl"
    write_lines(news, {"late": OTHER_MONEY})
    build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert copies(archive, "print0") == {*ALL, "late"} - {"print0"}


def test_a_comparison_that_was_killed_goes_on(archive: Archive, empty: Path) -> None:
    with archive.store.writing() as connection:
        connection.execute("DELETE FROM bands WHERE article > 5")
    build(archive, [empty], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert copies(archive, "print0") == {*ALL} - {"print0"}


def test_sketches_of_another_kind_are_made_anew(archive: Archive, empty: Path) -> None:
    with archive.store.writing() as connection:
        connection.execute("UPDATE bands SET hash = hash + article")
        connection.execute("UPDATE meta SET value = 'older' WHERE key = 'sketch'")
    build(archive, [empty], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert copies(archive, "print0") == {*ALL} - {"print0"}
    assert archive.store.meta("sketch") == SKETCH


def test_indexing_again_writes_nothing_when_all_is_compared(archive: Archive, empty: Path) -> None:
    build(archive, [empty], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    before = archive.store.meta("revision")
    build(archive, [empty], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert archive.store.meta("revision") == before


def test_a_repair_compares_anew(archive: Archive) -> None:
    with archive.store.writing() as connection:
        connection.execute("DELETE FROM bands")
    repair(archive)
    assert copies(archive, "print0") == {*ALL} - {"print0"}


def test_an_article_and_its_bands_come_in_one_transaction(archive: Archive) -> None:
    with archive.store.writing() as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON bands BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(sqlite3.IntegrityError, match="full"):
        put(archive, [reprint(9)])
    assert archive.article("print9") is None
