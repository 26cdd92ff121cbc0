"""The report of an adding as HTML: everything accounted for, and only ever text."""

from __future__ import annotations

import re

import pytest
from test_markup import HOSTILE_TEXTS, OURS, Tags

from bot import markup_add
from bot.adding import Addition
from index.records import Article, BuildReport, Skipped, Source, Taken

TITLES = {"x": "The bridge", "y": "The ferry"}


def show(built: BuildReport) -> str:
    return markup_add.report(1, built, lambda id: TITLES.get(id, ""))


def words(page: str) -> str:
    return " ".join(Tags(re.sub(r"</(?:li|h2|h3|p)>", r"\n\g<0>", page)).text.split())


def test_every_kind_of_outcome_is_counted_and_named() -> None:
    built = BuildReport(
        added=1,
        updated=1,
        unchanged=3,
        duplicates=1,
        skipped=(Skipped("/up/a.zip", "encrypted", "in/b.txt"), Skipped("/up/c.pdf", "PDF is not read yet")),
        taken=(
            Taken("added", "x", "The bridge", "/up/a.txt"),
            Taken("updated", "y", "The ferry", "/up/l.jsonl", "line 3"),
            Taken("duplicate", "x", "Bridge again", "/up/copy.txt"),
        ),
    )
    text = words(show(built))
    assert text.startswith("1 article added 1 added 1 updated 3 unchanged 1 duplicate 2 skipped Skipped")
    assert "a.zip, in/b.txt: encrypted c.pdf: PDF is not read yet" in text
    assert "Updated The ferry l.jsonl, line 3" in text
    assert "Bridge again is the same as The bridge copy.txt" in text
    buttons = [attributes for tag, attributes in Tags(show(built)).found if tag == "button"]
    assert [button["data-article"] for button in buttons] == ["x", "y", "x"]
    assert {button["data-event"] for button in buttons} == {"openadded"}


def test_what_its_reader_removed_is_told_and_cannot_be_opened() -> None:
    page = show(BuildReport(left_out=1, taken=(Taken("left out", "", "The bridge", "/up/a.txt"),)))
    assert "1 left out Removed before, so left out The bridge a.txt" in words(page)
    assert "<button" not in page


def test_lists_open_and_close() -> None:
    page = show(BuildReport(added=1, skipped=(Skipped("a", "b"),), taken=(Taken("added", "x", "t", "p"),)))
    for tag in ("ul", "li", "h3", "section", "button"):
        assert len(re.findall(rf"<{tag}\b", page)) == page.count(f"</{tag}>") > 0


def test_the_first_hundred_are_named_and_the_rest_counted() -> None:
    looked_up: list[str] = []
    taken = tuple(Taken("duplicate", f"n{n}", f"Title {n}", "a.jsonl") for n in range(500))
    built = BuildReport(duplicates=2000, skipped=(Skipped("a", "b"),), taken=taken)
    page = markup_add.report(1, built, lambda id: looked_up.append(id) or "x")
    assert page.count("is the same as") == 99
    assert "and 1,901 more" in page
    assert len(looked_up) == 99


@pytest.mark.parametrize(
    ("built", "headline"),
    [
        (BuildReport(added=1200), "1,200 articles added"),
        (BuildReport(updated=1), "1 article updated"),
        (BuildReport(duplicates=1), "Nothing new was added"),
        (BuildReport(), "Nothing new was added"),
    ],
)
def test_the_headline_says_what_matters(built: BuildReport, headline: str) -> None:
    assert words(show(built)).startswith(headline)


def test_a_stopped_adding_says_so() -> None:
    assert "Stopped here" in show(BuildReport(added=1, stopped=True))
    assert "Stopped here" not in show(BuildReport(added=1))


def test_progress_tells_file_counts_and_time() -> None:
    now = Addition(1, "Indexing", "a.jsonl", 2, 12, read=37, stored=30, share=0.25, seconds=40)
    text = words(markup_add.progress(now))
    assert text == "Indexing: a.jsonl file 2 of 12 · 37 articles read, 30 of them stored — about 2 minutes left"
    assert 'value="0.250"' in markup_add.progress(now)


def test_progress_without_knowledge_claims_nothing() -> None:
    page = markup_add.progress(Addition(1, "Storing the files"))
    assert "left" not in page
    assert "value=" not in page
    assert words(markup_add.progress(Addition(1, "Fetching the page", "news.example", received=52_000))) == (
        "Fetching the page: news.example 52 kB"
    )


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:24])
def test_hostile_text_makes_no_element_attribute_or_link(text: str) -> None:
    built = BuildReport(
        added=1,
        duplicates=1,
        skipped=(Skipped(text, text, text),),
        taken=(Taken("added", text, text, text, text), Taken("duplicate", text, text, text, text)),
    )
    now = Addition(1, text, text)
    pages = [
        markup_add.report(1, built, lambda id: text),
        markup_add.progress(now),
        markup_add.busy(now),
        markup_add.failure(1, text, text),
        markup_add.article(1, Article(text, Source(text, text, text, None, text, text), text)),
    ]
    for page in pages:
        page.encode("utf-8")
        for tag, attributes in Tags(page).found:
            assert tag in OURS | {"b"}
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "href")]
