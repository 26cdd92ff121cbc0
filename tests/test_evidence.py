from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import MOST_OF_ONE_ARTICLE, newest_first, prefer_dates, select_evidence, source_sentences
from bot.prompt import show_passage
from bot.records import Evidence
from bot.timeframe import Timeframe
from index.records import Hit, Passage, Source, Span


def count_words(text: str) -> int:
    return len(text.split())


def hit(
    article: str, text: str, *, start: int = 0, score: float = 0.5, title: str = "News", published: date | None = None
) -> Hit:
    span = Span(start, start + len(text))
    source = Source(title, "Echo", published=published)
    passage = Passage(f"{article}:{start}", article, source, span.start, span.end, text, (span,))
    return Hit(passage, score, (("dense", 1),), (("dense", 0.5),))


def chosen(*hits: Hit, most: int = 10, budget: int = 10_000) -> list[str]:
    return [item.hit.passage.id for item in select_evidence(hits, most=most, budget=budget, count_tokens=count_words)]


def test_evidence_is_numbered_from_one_in_the_order_of_the_hits() -> None:
    hits = [hit("a", "One."), hit("b", "Two."), hit("c", "Three.")]
    evidence = select_evidence(hits, most=2, budget=10_000, count_tokens=count_words)
    assert [(item.number, item.hit) for item in evidence] == [(1, hits[0]), (2, hits[1])]


def test_the_same_words_by_two_outlets_are_read_once() -> None:
    assert chosen(hit("a", "The bridge is “shut”."), hit("b", 'The bridge is\n"shut"!'), hit("c", "It is open.")) == [
        "a:0",
        "c:0",
    ]


def test_one_article_fills_at_most_two_places() -> None:
    hits = [hit("a", f"Sentence {n}.", start=20 * n) for n in range(4)]
    assert chosen(*hits, hit("b", "Another.")) == ["a:0", "a:20", "b:0"]


def test_a_passage_over_the_budget_is_passed_over_for_one_that_fits() -> None:
    assert chosen(hit("a", "bridge " * 100), hit("b", "Short."), budget=40) == ["b:0"]


def test_a_long_title_counts_against_the_budget() -> None:
    assert chosen(hit("a", "Short.", title="w " * 60), hit("b", "Short too."), budget=40) == ["b:0"]


@pytest.mark.parametrize("budget", [0, -500])
def test_without_a_budget_there_is_no_evidence(budget: int) -> None:
    assert chosen(hit("a", "One."), budget=budget) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 60)), max_size=12),
    st.integers(1, 8),
    st.integers(-10, 300),
)
def test_evidence_never_exceeds_its_limits(shapes: list[tuple[str, int]], most: int, budget: int) -> None:
    hits = [hit(article, f"w{n} " * length, start=1000 * n) for n, (article, length) in enumerate(shapes)]
    evidence = select_evidence(hits, most=most, budget=budget, count_tokens=count_words)
    articles = [item.hit.passage.article_id for item in evidence]
    assert len(evidence) <= most
    assert all(articles.count(article) <= MOST_OF_ONE_ARTICLE for article in articles)
    assert count_words("\n\n".join(map(show_passage, evidence))) <= max(0, budget)


MAY = Timeframe(date(2021, 5, 1), date(2021, 5, 31), "in May", False, "What happened in May?")


ASKED_ON = date(2021, 6, 30)


def order(hits: Sequence[Hit], timeframe: Timeframe | None) -> list[str]:
    return [each.passage.article_id for each in prefer_dates(hits, timeframe, asked_on=ASKED_ON)]


def test_preferred_dates_come_first_among_equals() -> None:
    hits = (hit("old", "A.", score=0.6, published=date(2020, 1, 1)), hit("may", "B.", score=0.5, published=MAY.until))
    assert order(hits, MAY) == ["may", "old"]


def test_preferred_dates_do_not_outweigh_a_much_better_hit() -> None:
    hits = (hit("undated", "A.", score=0.9), hit("may", "B.", score=0.5, published=MAY.since))
    assert order(hits, MAY) == ["undated", "may"]


@pytest.mark.parametrize(("timeframe", "day"), [(MAY, MAY.since), (None, ASKED_ON)], ids=["preferred", "recent"])
def test_a_raised_score_stays_within_one_and_apart(timeframe: Timeframe | None, day: date) -> None:
    hits = [hit("a", "A.", score=1.0, published=day), hit("b", "B.", score=0.97, published=day)]
    first, second = prefer_dates(hits, timeframe, asked_on=ASKED_ON)
    assert second.score < first.score == pytest.approx(1.0)


@pytest.mark.parametrize("timeframe", [None, replace(MAY, is_limit=True)], ids=["no timeframe", "a limit"])
def test_without_a_preference_the_latest_come_first_among_equals(timeframe: Timeframe | None) -> None:
    days = {"spring": date(2021, 3, 1), "yesterday": date(2021, 6, 29), "better": date(2019, 1, 1)}
    scores = {"spring": 0.52, "yesterday": 0.5, "better": 0.61}
    hits = [hit(name, f"{name}.", score=scores[name], published=day) for name, day in days.items()]
    assert order(hits, timeframe) == ["better", "yesterday", "spring"]


@pytest.mark.parametrize("day", [None, date(2021, 7, 20), date(1990, 1, 1)], ids=["undated", "later", "long ago"])
def test_what_is_not_recent_on_the_day_of_asking_is_not_moved(day: date | None) -> None:
    hits = (hit("other", "A.", score=0.51), hit("this", "B.", score=0.5, published=day))
    assert order(hits, None) == ["other", "this"]


def test_source_sentences_are_the_articles_words_at_their_places() -> None:
    text = "Dr. Ode spoke. Nobody came."
    spans = (Span(100, 114), Span(115, 127))
    passage = Passage("p", "a", Source(published=date(2021, 5, 1)), 100, 127, text, spans)
    sentences = source_sentences([Evidence(1, Hit(passage, 1.0, (), ()))])
    assert [(each.text, each.start, each.end) for each in sentences] == [
        ("Dr. Ode spoke.", 100, 114),
        ("Nobody came.", 115, 127),
    ]
    assert {(each.passage_id, each.article_id, each.published) for each in sentences} == {("p", "a", date(2021, 5, 1))}


def test_a_sentence_that_two_passages_share_is_one_source() -> None:
    first = Passage("p1", "a", Source(), 0, 9, "One. Two.", (Span(0, 4), Span(5, 9)))
    second = Passage("p2", "a", Source(), 5, 16, "Two. Three.", (Span(5, 9), Span(10, 16)))
    evidence = [Evidence(n, Hit(passage, 1.0, (), ())) for n, passage in enumerate((first, second), start=1)]
    assert [each.text for each in source_sentences(evidence)] == ["One.", "Two.", "Three."]


NOW = Timeframe(date.min, date(2021, 6, 30), "now", False, "How many are missing now?", newest=True)


def order_now(*hits: Hit) -> list[str]:
    return order(hits, NOW)


def test_the_newer_of_equals_comes_first_when_now_is_asked_for() -> None:
    old = hit("old", "A.", score=0.6, published=date(2020, 1, 1))
    later = hit("later", "B.", score=0.6, published=date(2021, 5, 1))
    latest = hit("latest", "C.", score=0.6, published=date(2021, 5, 20))
    assert order_now(old, later, latest) == ["latest", "later", "old"]
    assert order_now(hit("undated", "D.", score=0.6), old) == ["old", "undated"]


def test_the_newest_does_not_outrank_a_clearly_better_match() -> None:
    assert order_now(
        hit("better", "A.", score=0.8, published=date(2019, 1, 1)), hit("new", "B.", published=NOW.until)
    ) == [
        "better",
        "new",
    ]


def test_what_hardly_matches_is_no_measure_of_what_is_new() -> None:
    other = hit("other", "C.", score=0.1, published=NOW.until)
    first, second = (hit(f"n{n}", "A.", score=0.6 - n / 50, published=date(2018, 1, 1 + 29 * n)) for n in (0, 1))
    assert order_now(first, second, other) == ["n1", "n0", "other"]


def test_what_is_published_after_the_question_is_not_preferred() -> None:
    asked, later = hit("asked", "A.", published=NOW.until), hit("later", "B.", published=date(2022, 1, 1))
    assert order_now(later, asked) == ["asked", "later"]


def test_evidence_newest_first_is_numbered_anew_and_undated_last() -> None:
    days = (date(2021, 5, 1), None, date(2021, 6, 1))
    evidence = [Evidence(n, hit(f"a{n}", f"{n}.", published=day)) for n, day in enumerate(days, start=1)]
    ordered = newest_first(evidence)
    assert [(item.number, item.hit.passage.article_id) for item in ordered] == [(1, "a3"), (2, "a1"), (3, "a2")]


def test_a_preference_also_holds_against_a_hit_of_the_highest_score() -> None:
    hits = (hit("old", "A.", score=1.0, published=date(2020, 1, 1)), hit("may", "B.", score=0.95, published=MAY.since))
    first, second = prefer_dates(hits, MAY, asked_on=ASKED_ON)
    assert (first.passage.article_id, second.passage.article_id) == ("may", "old")
    assert second.score < first.score <= 1.0
