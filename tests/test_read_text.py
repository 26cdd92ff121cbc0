"""Plain text and Markdown: what the first lines say is read, and no word of the story is lost."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from index.byline import parse_byline
from index.decode import clean, decode, tidy_paragraphs
from index.draft import Place
from index.read_text import read_text
from index.records import Draft

ARTICLE = """Harbor bridge shut as crack widens

By Mara Quill | June 7, 2024 | 4:40am EDT
Workers look at the north pillar on Thursday. (Photo: Lev Anders/The Harbor Courier)

HAVENBROOK — The harbor bridge was shut on Thursday after a crack in its north pillar widened to four centimeters overnight, the town said.

“Nobody was hurt,” said the engineer, Ada Finnegan. “Nobody will be.”

Harbor Store
"""  # noqa: E501 - one paragraph a line, as files have it


def draft_of(text: str, *, is_markdown: bool = False) -> Draft:
    draft = read_text(text, Place("a.txt"), is_markdown=is_markdown)
    assert isinstance(draft, Draft)
    return draft


def marked(draft: Draft, role: str) -> list[str]:
    return [draft.text[mark.start : mark.end] for mark in draft.marks if mark.role == role]


def test_headline_byline_date_caption_and_furniture_are_told_apart() -> None:
    draft = draft_of(ARTICLE.replace("Harbor Store", "Advertisement"))
    assert draft.source.title == "Harbor bridge shut as crack widens"
    assert (draft.source.author, draft.source.published) == ("Mara Quill", date(2024, 6, 7))
    assert marked(draft, "headline") == ["Harbor bridge shut as crack widens"]
    assert marked(draft, "caption")[0].startswith("Workers look at")
    assert marked(draft, "furniture") == ["Advertisement"]


def test_every_word_of_the_file_stays_in_order() -> None:
    assert draft_of(ARTICLE).text.split() == ARTICLE.split()


@pytest.mark.parametrize(
    ("line", "author", "outlet", "published"),
    [
        ("By Jane Doe and John Roe, The Courier", "Jane Doe, John Roe", "The Courier", None),
        ("Jane Doe, USA TODAY", "Jane Doe", "USA TODAY", None),
        ("By Ann Lee, Bob Roe and Cy Poe, CNN", "Ann Lee, Bob Roe, Cy Poe", "CNN", None),
        ("By Tomas Reed, Valley Post staff writer", "Tomas Reed", "Valley Post", None),
        ("By Jane Doe, Special to USA TODAY", "Jane Doe", "USA TODAY", None),
        ("By Michael de la Cruz for The Courier", "Michael de la Cruz", "The Courier", None),
        ("Valley Post | Monday, November 18, 2024", "", "Valley Post", date(2024, 11, 18)),
        ("Courier News | March 5, 2025 | By Jo Poe", "Jo Poe", "Courier News", date(2025, 3, 5)),
        ("Published 3:04 PM EST Mar 4, 2022", "", "", date(2022, 3, 4)),
        ("Jan. 16, 2025, 8:05 a.m.", "", "", date(2025, 1, 16)),
    ],
)
def test_a_byline_is_read(line: str, author: str, outlet: str, published: date | None) -> None:
    byline = parse_byline(line)
    assert byline is not None
    assert (byline.author, byline.outlet, byline.published) == (author, outlet, published)


@pytest.mark.parametrize(
    "line",
    [
        "By Dec. 31, every team must arrange an event for its players.",
        "By contrast, the mayor said nothing.",
        "May 2021 was the driest month on record.",
        "On June 7, 2024, the bridge was shut.",
        "Workers, Fishers and Farmers, the party of the coast, lost 4 seats.",
    ],
)
def test_a_sentence_is_no_byline(line: str) -> None:
    assert parse_byline(line) is None


def test_the_date_of_publication_counts_before_that_of_an_update() -> None:
    text = "Bridge shut\n\nBy Jo Poe\nUpdated June 9, 2024\nPublished June 7, 2024\n\nThe bridge was shut on Thursday."
    assert draft_of(text).source.published == date(2024, 6, 7)


def test_a_date_in_the_body_is_not_the_date_of_publication() -> None:
    text = "Bridge shut\n\nThe bridge was shut on June 7, 2024.\n\nIt opened in 1931."
    assert draft_of(text).source.published is None


def test_a_date_run_into_the_headline_is_cut_from_it() -> None:
    draft = draft_of("Ants heal themselves in the lab Tuesday, September 1, 2015\n\nAnts eat what cures them.")
    assert (draft.source.title, draft.source.published) == ("Ants heal themselves in the lab", date(2015, 9, 1))


def test_header_lines_of_an_export_become_facts_and_leave_the_text() -> None:
    header = "Title: Bridge shut\nOutlet: The Courier\nDate: 7 June 2024\nAuthor: Jo Poe\nURL: https://c.example/b"
    draft = draft_of(f"{header}\n\nIt shut.")
    assert draft.text == "It shut."
    source = draft.source
    assert (source.title, source.outlet, source.author, source.published, source.url) == (
        "Bridge shut", "The Courier", "Jo Poe", date(2024, 6, 7), "https://c.example/b",
    )  # fmt: skip


def test_a_first_line_with_a_colon_is_a_headline_and_no_header() -> None:
    assert draft_of("Source: minister will resign\n\nThe minister will resign.").source.title == (
        "Source: minister will resign"
    )


def test_front_matter_is_read_with_its_own_names_and_lists() -> None:
    names = "headline: Bridge shut\nbyline: [Jo Poe, Al Moe]\npublished: 2024-06-07T09:00:00+02:00\nsection: Opinion"
    draft = draft_of(f"---\n{names}\n---\nIt shut.", is_markdown=True)
    assert (draft.source.title, draft.source.author, draft.source.published) == (
        "Bridge shut", "Jo Poe, Al Moe", date(2024, 6, 7),
    )  # fmt: skip
    assert draft.kind == "opinion"


def test_front_matter_that_is_not_valid_yaml_is_read_line_by_line() -> None:
    draft = draft_of("---\ntitle: Bridge: shut: again\ndate: 2024-06-07\n---\nIt shut.", is_markdown=True)
    assert (draft.source.title, draft.source.published) == ("Bridge: shut: again", date(2024, 6, 7))


def test_front_matter_that_grows_without_bound_is_left_out() -> None:
    names = "abcdefghijkl"
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise(names))
    assert draft_of(f"---\n{bomb}title: *l\n---\nIt shut.", is_markdown=True).text == "It shut."


def test_markdown_reads_as_it_is_shown() -> None:
    text = "# Bridge shut\n\n![The pillar](p.jpg)\n\nThe **bridge** was [shut](https://x.example/(a)) on *Thursday*.\n"
    draft = draft_of(text, is_markdown=True)
    assert draft.text == "Bridge shut\n\nThe pillar\n\nThe bridge was shut on Thursday."
    assert (draft.source.title, marked(draft, "caption")) == ("Bridge shut", ["The pillar"])


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("Opinion: ", "opinion"),
        ("OPINION | ", "opinion"),
        ("Correction: ", "correction"),
        ("Interview with ", "interview"),
    ],
)
def test_the_headlines_prefix_names_the_kind(prefix: str, kind: str) -> None:
    assert draft_of(f"{prefix}the dam we built\n\nWe built a dam. It failed.").kind == kind


def test_hard_wrapped_lines_are_joined_and_short_lines_are_not() -> None:
    wrapped = (
        "The bridge was shut on Thursday after a crack in its north\npillar widened to four centimeters overnight.\n"
    )
    assert tidy_paragraphs(wrapped) == wrapped.replace("\n", " ").strip()
    assert tidy_paragraphs("One\nTwo\nThree") == "One\nTwo\nThree"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_each_encoding_gives_the_same_text(encoding: str) -> None:
    text = "“Café prices rose 4 percent – again,” said the owner, Zoë Müller."
    assert clean(decode(text.encode(encoding))) == text


def test_one_bad_byte_does_not_spoil_the_rest() -> None:
    assert decode("“Café”".encode() + b" \x93quoted\x94") == "“Café” “quoted”"


def test_what_is_not_seen_is_removed_and_line_ends_are_plain() -> None:
    assert clean("a\u200bb\x00\r\nc\rd\u00a0e\u202ef\ud800") == "ab\nc\nd ef"


def test_letters_are_composed_only_where_they_were_not() -> None:
    assert clean("Zoe\u0308") == "Zo\u00eb"
    assert len(clean("e" + "\u0301" * 100_000)) < 20
