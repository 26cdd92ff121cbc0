"""The archive view's HTML, made of records, without a browser."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from fake_desk import ARTICLES, BY_ID, HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from bot import markup_archive, markup_plot
from bot.ui_archive import read_form
from index.browse import Browse, Listing
from index.periods import Period, Unit
from index.records import Article, Filters, Mark, Source, Span
from index.removed import Removed
from index.rows import ArticleRow

ROWS = tuple(ArticleRow(one.id, one.source, one.kind, 1, len(one.text)) for one in ARTICLES)


def listing(**changes: object) -> Listing:
    usual = {"rows": ROWS, "offset": 0, "total": 5, "archive": 5, "days": (), "undated": 0}
    return Listing(**{**usual, **changes})  # type: ignore[arg-type]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (listing(), "5 articles"),
        (listing(total=2, rows=ROWS[:2]), "2 of 5 articles"),
        (listing(total=1234, archive=2000, offset=50), "1,234 of 2,000 articles, 51–55 shown"),
        (listing(total=0, rows=()), "0 of 5 articles"),
    ],
)
def test_the_head_counts_what_is_listed_of_what_there_is(shown: Listing, words: str) -> None:
    found = re.search(r"<h2[^>]*>(.*?)</h2>", markup_archive.shelf(shown, Browse(), {}))
    assert found
    assert text_of(found[1]) == words


def test_an_empty_archive_says_what_to_do() -> None:
    assert "Add articles" in markup_archive.shelf(listing(rows=(), total=0, archive=0), Browse(), {})


def test_limits_are_told_with_what_takes_them_away() -> None:
    asked = Browse(filters=Filters(since=date(2017, 3, 1), until=date(2017, 3, 31)))
    made = markup_archive.shelf(listing(), asked, {})
    assert "1–31 March 2017" in text_of(made)
    assert re.findall(r'data-set="(\w+)"', made) == ["anydate", "all"]
    assert re.findall(r'data-set="(\w+)"', markup_archive.shelf(listing(), Browse("x"), {})) == ["all"]
    assert "data-set" not in markup_archive.shelf(listing(), Browse(sort="oldest"), {})


def test_hostile_words_make_no_element_in_any_part() -> None:
    one = BY_ID["hostile"]
    parts = [
        markup_archive.form(Browse(HOSTILE, Filters(outlets=(one.source.outlet,))), [(one.source.outlet, 1)]),
        markup_archive.shelf(listing(rows=ROWS[4:]), Browse(), {"hostile": markup_archive.excerpt(one, [Span(0, 8)])}),
        markup_archive.reading(one, [Span(2, 8)], 1, focus=1),
        markup_archive.confirmation([one], focus=1),
        markup_archive.gone([Removed(HOSTILE, one.source, "", HOSTILE, HOSTILE, "", None)]),
    ]
    for part in parts:
        assert not re.search(r"<(script|img|a href=.javascript)|<[^>]*\bon\w+=[^>\"']*>", part)
        assert HOSTILE.split(" ")[0] not in part
        assert "window.hacked=1" in text_of(part) or "window.hacked=1" in html.unescape(part)


def test_the_form_shows_what_is_asked_for() -> None:
    asked = Browse("a “b”", Filters(date(2017, 3, 1), None, ("northern POST",)), ("opinion",), sort="title")
    made = markup_archive.form(asked, [("Northern Post", 2), ("Echo", 1)])
    assert 'value="a “b”"' in made
    assert 'name="since" value="2017-03-01"' in made
    assert re.findall(r'name="outlet" value="([^"]*)" checked', made) == ["Northern Post"]
    assert re.findall(r'value="(\w+)" selected', made) == ["opinion", "title"]
    assert "1 chosen" in made


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        (None, Browse()),
        ({"words": "x", "since": "2017-03-01", "outlets": ["A"]}, Browse("x", Filters(date(2017, 3, 1), None, ("A",)))),
        ({"since": "2018-01-01", "until": "2017-01-01"}, Browse("", Filters(date(2017, 1, 1), date(2018, 1, 1)))),
        ({"kind": "opinion", "sort": "title", "undated": "1"}, Browse(kinds=("opinion",), sort="title", undated=True)),
        ({"kind": "gossip", "sort": "; DROP", "since": "yesterday", "outlets": "A"}, Browse()),
        ({"words": "x" * 9999}, Browse("x" * 200)),
    ],
)
def test_what_the_form_sends_is_read_and_nonsense_is_not(sent: object, asked: Browse) -> None:
    assert read_form(sent) == asked


@pytest.mark.parametrize(
    ("period", "unit", "words"),
    [
        (Period(date(2017, 3, 6), date(2017, 3, 6), 1), "day", "6 March 2017"),
        (Period(date(2017, 3, 6), date(2017, 3, 12), 1), "week", "6–12 March 2017"),
        (Period(date(2017, 3, 1), date(2017, 3, 31), 1), "month", "March 2017"),
        (Period(date(2017, 1, 1), date(2017, 12, 31), 1), "year", "2017"),
        (Period(date(2010, 1, 1), date(2019, 12, 31), 1), "decade", "the 2010s"),
    ],
)
def test_a_period_is_named_as_it_is_spoken_of(period: Period, unit: Unit, words: str) -> None:
    assert markup_plot.period_in_words(period, unit) == words


def test_the_plot_is_also_a_table_and_the_undated_are_counted() -> None:
    made = markup_plot.plot(listing(days=((date(2017, 3, 6), 2), (date(2017, 3, 8), 1)), undated=4))
    assert re.findall(r"<title>(.*?)</title>", made) == [
        "6 March 2017: 2 articles",
        "7 March 2017: 0 articles",
        "8 March 2017: 1 article",
    ]
    assert re.findall(r"<td>(\d+)</td>", made) == ["2", "1"]
    assert "4 articles without a date" in made
    assert made.count('type="range"') == 2


def test_one_bar_needs_no_handles_and_none_no_plot() -> None:
    assert 'type="range"' not in markup_plot.plot(listing(days=((date(2017, 3, 6), 2),)))
    assert markup_plot.plot(listing()) == ""
    assert "svg" not in markup_plot.plot(listing(undated=1))


@given(text=st.text(alphabet="ab \n", max_size=500), cuts=st.lists(st.integers(0, 500), max_size=8, unique=True))
def test_an_excerpt_is_the_articles_words_with_the_first_span_marked(text: str, cuts: list[int]) -> None:
    points = sorted(cut for cut in cuts if cut <= len(text))
    spans = [Span(a, b) for a, b in zip(points[::2], points[1::2], strict=False) if "\n" not in text[a:b]]
    made = markup_archive.excerpt(Article("x", Source(), text), spans)
    assert bool(made) == bool(spans)
    if made:
        assert made.split("<mark>")[1].split("</mark>")[0] == text[spans[0].start : spans[0].end]
        assert text_of(made).removeprefix("… ").removesuffix(" …") in text


def test_what_is_in_the_headline_alone_needs_no_excerpt() -> None:
    article = Article("x", Source(), "The headline\n\nThe body of it.", (Mark(0, 12, "headline"),))
    assert markup_archive.excerpt(article, [Span(4, 12)]) == ""
    assert markup_archive.excerpt(article, [Span(4, 12), Span(18, 22)]) == "The <mark>body</mark> of it."


@pytest.mark.parametrize(
    ("characters", "words"),
    [(0, "about 0 words"), (6, "about 1 word"), (3117, "about 520 words"), (99999, "about 17,000 words")],
)
def test_a_length_is_told_in_words_to_two_figures(characters: int, words: str) -> None:
    assert markup_archive.length_in_words(characters) == words


def test_a_confirmation_names_how_many_and_the_first_of_them() -> None:
    made = text_of(markup_archive.confirmation([*ARTICLES, *ARTICLES], focus=1))
    assert "Remove 10 articles?" in made
    assert "and 5 more" in made
    assert "Remove 1 article?" in text_of(markup_archive.confirmation(ARTICLES[:1], focus=1))
