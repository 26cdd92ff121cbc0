import re
from datetime import date
from pathlib import Path

import pytest
from archive_material import DESK, put
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.records import Article, Filters, Source
from index.words import MAX_TERMS, find_terms, make_query, make_terms


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive.open(tmp_path_factory.mktemp("words"), create=True)
    put(archive, DESK)
    return archive


def found(archive: Archive, question: str, filters: Filters = Filters()) -> list[str]:
    """Return the articles found, best first."""
    ids = [id for id, _ in archive.search_lexical(question, limit=20, filters=filters)]
    return list(dict.fromkeys(passage.article_id for passage in archive.passages(ids).values()))


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("What did the mayor say about the bridge?", '"mayor" OR "bridge"'),
        ("bridge bridge BRIDGE's bridge’s", '"bridge"'),
        ("Who is it?", '"who" OR "is" OR "it"'),
        ("What did the WHO say?", '"who" OR "w h o"'),
        ("What did Theresa May say in may?", '"theresa" OR "may"'),
        ("the U.S. economy", '"u s" OR "us" OR "economy"'),
        ("US troops", '"us" OR "u s" OR "troops"'),
        ("Coca-Cola’s recipe", '"coca-cola" OR "coca" OR "cola" OR "recipe"'),
        ("Théa O’Brien", '"théa" OR "o\'brien"'),
        ("it cost $1,250.", '"cost" OR "1,250" OR "1250"'),
        ("9/11", '"9/11"'),
        ("AT&T", '"at&t"'),
        ("", ""),
        ("?! — “”", ""),
    ],
)
def test_a_question_becomes_its_telling_words(question: str, query: str) -> None:
    assert make_query(question) == query


def test_a_pasted_page_becomes_a_bounded_query() -> None:
    assert make_query(" ".join(f"word{n}" for n in range(5000))).count(" OR ") == MAX_TERMS - 1


@pytest.mark.parametrize(
    "question",
    [
        '"',
        "*",
        "bridge*",
        "NEAR(",
        "NEAR(bridge pier, 2)",
        "AND",
        "OR OR",
        "title:bridge",
        "text : x",
        "-bridge",
        "(",
        "^",
        "{title} : x",
        "bridge AND",
        "a\0b",
        "\ud800",
        "'; DROP TABLE words; --",
        "+",
        "_",
        "___",
        "😀",
        "½",
        "新闻",
        "\u202e",
    ],
    ids=repr,
)
def test_query_language_in_a_question_is_only_text(archive: Archive, question: str) -> None:
    archive.search_lexical(question, limit=5)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=60) | st.text(alphabet="\"'()*:^-+ANDORNEAR .,/&’_{}a1", max_size=30))
def test_no_question_is_an_error(archive: Archive, question: str) -> None:
    archive.search_lexical(question, limit=5)


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("a crack in a pier", "harbour"),
        ("What did Thea OBrien’s office say? O'Brien", "harbour"),
        ("the US company", "harbour"),
        ("tickets for 1250 dollars? $1,250", "ferry"),
        ("robots", "school"),
        ("Northgate’s prizes", "school"),
    ],
)
def test_words_match_by_stem_without_accents_and_possessives(archive: Archive, question: str, article: str) -> None:
    assert found(archive, question)[0] == article


def test_a_title_counts_for_less_than_the_text(archive: Archive, tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as fresh:
        told = Article("told", Source("Weather"), "Zebras crossed the river today.")
        titled = Article("titled", Source("Zebras"), "Nothing crossed the river today.")
        put(fresh, [titled, told, *DESK])
        assert found(fresh, "zebras") == ["told", "titled"]


def test_scores_are_positive_and_fall(archive: Archive) -> None:
    scores = [score for _, score in archive.search_lexical("bridge ferry harbour", limit=20)]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


@pytest.mark.parametrize("limit", [0, -1])
def test_nothing_is_asked_for_nothing(archive: Archive, limit: int) -> None:
    assert archive.search_lexical("bridge", limit=limit) == []


def test_filters_apply_before_the_ranking(archive: Archive) -> None:
    assert found(archive, "bridge")[0] == "harbour"
    hits = archive.search_lexical("bridge", limit=1, filters=Filters(since=date(2021, 4, 1)))
    assert [passage.article_id for passage in archive.passages([id for id, _ in hits]).values()] == ["ferry"]


@pytest.mark.parametrize(
    ("words", "queries"),
    [
        ("the harbour bridg", ['"harbour"', '"bridg" OR "bridg" *']),
        ("the harbour bridge ", ['"harbour"', '"bridge"']),
        ("a br", ['"br"']),
        ("“harbour bridge” U.S. 1,250", ['"harbour bridge"', '"u s" OR "us"', '"1,250" OR "1250" OR "1,250" *']),
        ("Coca-Cola ", ['"coca-cola"']),
        ("", []),
    ],
)
def test_a_list_is_narrowed_by_every_word(words: str, queries: list[str]) -> None:
    assert [term.query for term in make_terms(words)] == queries


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bridging pier", ["bridge", "piers"]),
        ("“cracks in two”", ["cracks in two"]),
        ("thea", ["Théa"]),
        ("sch", []),
        ("", []),
    ],
)
def test_words_are_found_in_a_text_as_the_index_finds_them(words: str, found: list[str]) -> None:
    text = DESK[0].text
    spans = find_terms(text, make_terms(words))
    assert [text[span.start : span.end] for span in spans] == found


@given(text=st.text(alphabet="ab .\ue000\ue001\n", max_size=60))
def test_every_word_found_is_where_it_is_said_to_be(text: str) -> None:
    spans = find_terms(text, make_terms("ab "))
    assert [text[span.start : span.end] for span in spans] == [
        word for word in re.split(r"[ .\n]", text) if word == "ab"
    ]
