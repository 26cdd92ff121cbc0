from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_material import DESK, FERRY, HARBOUR, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.browse import Browse, Listing, browse
from index.records import SORTS, Article, Filters, Source
from index.store import Store

LETTER = Article("letter", Source("“A bridge too far”", "", "Bo Ray", date(2020, 1, 2)), "Short.", kind="opinion")
EVERYTHING = Browse()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("browse"), create=True) as archive:
        put(archive, [*DESK, LETTER])
        yield archive


def listed(archive: Archive, asked: Browse = EVERYTHING, **page: int) -> Listing:
    with archive.store.reading() as connection:
        return browse(connection, asked, **page)


def ids(archive: Archive, asked: Browse = EVERYTHING, **page: int) -> list[str]:
    return [row.id for row in listed(archive, asked, **page).rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["ferry", "harbour", "letter", "school"]),
        ("oldest", ["letter", "harbour", "ferry", "school"]),
        ("title", ["letter", "ferry", "harbour", "school"]),
        ("outlet", ["ferry", "school", "harbour", "letter"]),
        ("longest", ["harbour", "school", "ferry", "letter"]),
    ],
)
def test_what_is_not_known_comes_last_in_every_order(archive: Archive, sort: str, expected: list[str]) -> None:
    assert ids(archive, Browse(sort=sort)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_put_together_are_the_list(archive: Archive, sort: str) -> None:
    asked = Browse(sort=sort)  # type: ignore[arg-type]
    pages = [listed(archive, asked, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [row for page in pages for row in page.rows] == list(listed(archive, asked).rows)
    assert {(page.total, page.archive) for page in pages} == {(4, 4)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bridge", {"harbour", "ferry", "letter"}),  # text and title, by their stems
        ("bridges closing", {"harbour"}),
        ("ferries bridge", {"ferry"}),  # each word, wherever it stands
        ("echo", {"ferry", "school"}),  # an outlet
        ("leeds", {"school"}),  # an author
        ("lee", {"harbour", "ferry", "school"}),  # names are looked for by their beginning
        ("ann bridge", {"harbour", "ferry"}),
        ("eds", set()),  # but not from their middle
        ("engin", {"harbour"}),  # the last word may be unfinished
        ("pie", {"harbour"}),
        ("pie bridge", set()),  # no other
        ('"harbour bridge"', {"harbour"}),
        ('"bridge harbour"', set()),
        ("“harbour bridge” piers", {"harbour"}),
        ("théa o’brien", {"harbour"}),
        ("thea obrien", set()),
        ("$1,250", {"ferry"}),
        ("the", {"harbour", "ferry", "school"}),  # nothing but a word of no weight
        ("  ", {"harbour", "ferry", "school", "letter"}),
        ("?!", set()),
        ("NEAR(", set()),
        ("bridge OR school", set()),  # nothing is read as the index's own language
    ],
)
def test_words_are_looked_for_in_texts_titles_and_names(archive: Archive, words: str, expected: set[str]) -> None:
    assert set(ids(archive, Browse(words))) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Browse(kinds=("opinion",)), {"letter"}),
        (Browse(kinds=("opinion", "news")), {"harbour", "ferry", "school", "letter"}),
        (Browse(undated=True), {"school"}),
        (Browse(undated=True, filters=Filters(since=date(2021, 1, 1))), {"school"}),
        (Browse(filters=Filters(since=date(2021, 3, 4), until=date(2021, 3, 4))), {"harbour"}),
        (Browse(filters=Filters(until=date(2021, 3, 31))), {"harbour", "letter"}),
        (Browse(filters=Filters(outlets=("DAILY echo",))), {"ferry", "school"}),
        (Browse(filters=Filters(authors=("Bo Ray",))), {"ferry", "letter"}),
        (Browse("bridge", Filters(since=date(2021, 1, 1), outlets=("Daily Echo",))), {"ferry"}),
    ],
)
def test_limits_narrow_the_list_and_its_count(archive: Archive, asked: Browse, expected: set[str]) -> None:
    found = listed(archive, asked)
    assert {row.id for row in found.rows} == expected
    assert (found.total, found.archive) == (len(expected), 4)


def test_days_are_counted_whatever_limits_of_date_there_are(archive: Archive) -> None:
    every = ((date(2020, 1, 2), 1), (date(2021, 3, 4), 1), (date(2021, 4, 10), 1))
    assert (listed(archive).days, listed(archive).undated) == (every, 1)
    within = listed(archive, Browse(filters=Filters(since=date(2021, 4, 1))))
    assert (within.days, within.undated, within.total) == (every, 1, 1)
    assert listed(archive, Browse("robot")).days == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=40))
def test_any_text_can_be_looked_for(archive: Archive, words: str) -> None:
    found = listed(archive, Browse(words.encode("utf-8", "replace").decode()))
    assert found.total == len(found.rows)


def test_an_article_without_passages_is_found_by_its_title(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        put(archive, [Article("bare", Source("Nothing but a Headline"), ""), HARBOUR, FERRY])
        assert ids(archive, Browse("headl")) == ["bare"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """100,000 articles; their texts are left empty, because none is to be read."""
    draw = random.Random(7)
    store = Store.open(tmp_path_factory.mktemp("large"), create=True)
    columns = "number id content_hash fingerprint file root place title outlet author url path published outlet_folded"
    columns += " author_folded kind characters marks text"
    rows = [
        (n, f"a{n}", "", "", "", "", "", f"T{draw.random()}", f"O{n % 40}", f"A{n % 999}", "", "", 20100101 + n % 28,
         f"o{n % 40}", f"a{n % 999}", "news", draw.randrange(9999), "[]", "")
        for n in range(1, 100_001)
    ]  # fmt: skip
    with store.writing() as connection:
        marks = ", ".join("?" * len(columns.split()))
        connection.executemany(f"INSERT INTO articles ({', '.join(columns.split())}) VALUES ({marks})", rows)
    yield store
    store.close()


QUERIES = [Browse(sort=sort) for sort in SORTS]
QUERIES += [Browse("word"), Browse(kinds=("news",)), Browse(filters=Filters(since=date(2010, 1, 9)))]


@pytest.mark.parametrize("asked", QUERIES, ids=str)
def test_of_100000_articles_only_the_page_is_read_from_the_table(large: Store, asked: Browse) -> None:
    with large.reading() as connection:
        asked_for: list[str] = []
        connection.set_trace_callback(asked_for.append)
        found = browse(connection, asked, limit=50, offset=0)
        connection.set_trace_callback(None)
        plans = [
            str(step[3])
            for query in asked_for
            if query.startswith(("SELECT published", "SELECT number", "SELECT count"))  # not what fetches the page
            for step in connection.execute(f"EXPLAIN QUERY PLAN {query}")
        ]
    assert len(found.rows) == min(50, found.total)
    through_all = [plan for plan in plans if "SCAN articles" in plan or "SEARCH articles" in plan]
    assert len(through_all) >= 3
    assert [plan for plan in through_all if "COVERING INDEX" not in plan] == []
