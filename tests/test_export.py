from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from fake_desk import ARTICLES, CITATIONS, HITS, HOSTILE, NEAREST, SENTENCES, answer_of, cite
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.as_json import answer_json
from bot.exchange import Exchange
from bot.export import answer_with_sources, markdown_text, to_json, to_markdown
from bot.export_page import file_name, to_page
from bot.kept import Conversation, KeptExchange, Place, Vote
from bot.records import Answer, Implied, Question, Sentence, Version
from bot.show import plain
from index.records import Filters

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
QUESTION = Question("What does it cost?", date(2026, 3, 1))
VERSION = Version("5.1 million", "4.2 million", "later", replace(CITATIONS[1], number=5))


def conversation(*answers: Answer, title: str = "The bridge") -> Conversation:
    kept = [KeptExchange(Exchange(n, one.question, answer=one), AT) for n, one in enumerate(answers, start=1)]
    return Conversation(Place("a1b2c3", 1), title, AT, AT, tuple(kept))


def refusal() -> Answer:
    return answer_of(
        QUESTION,
        answered=False,
        text="The articles do not say.",
        sentences=(),
        citations=(),
        nearest=NEAREST,
        reason="nothing near",
    )


def hostile() -> Answer:
    quote = ARTICLES[4].text.split("\n")[0]
    return answer_of(
        replace(QUESTION, text=HOSTILE),
        text=HOSTILE,
        sentences=(Sentence(HOSTILE, "partly", (1,), (HOSTILE,)),),
        citations=(replace(cite(1, "hostile", quote), source=replace(ARTICLES[4].source, url="javascript:alert(1)")),),
        model=HOSTILE,
    )


class Seen(HTMLParser):
    """What a browser would make of a page: its text, its tags and what its links point at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.tags, self.links = "", set(), []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def shown(markdown: str) -> Seen:
    return Seen(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))


# --- the clipboard -------------------------------------------------------------------------------------------


def test_an_answer_is_copied_with_the_source_of_every_number() -> None:
    text = answer_with_sources(answer_of(QUESTION, sentences=SENTENCES[:1], citations=CITATIONS[:1]))
    assert text == (
        "The council first put the repair at 4.2 million crowns. [1]\n\n"
        "[1] “The repair will cost 4.2 million crowns, the council said after a session of five hours.”\n"
        "Council approves repair of the harbour bridge · The Saltmarsh Courier · Ida Holm · 7 March 2017\n"
        "https://courier.example/2017/03/07/bridge\n"
        f"article bridge, characters {CITATIONS[0].start}–{CITATIONS[0].end}"
    )


def test_doubt_other_versions_and_a_refusal_are_copied_too() -> None:
    text = answer_with_sources(answer_of(QUESTION, versions=(VERSION,)))
    assert "twelve months. [4] (partly carried: the quoted words lack twelve)" in text
    assert "pay half. (no article carries this)" in text
    assert text.startswith("A later article gives 5.1 million (Wednesday, 21 June 2017), not 4.2 million [5].")
    assert "[5] “Repairing the harbour bridge" in text
    assert answer_with_sources(refusal()).startswith(
        "The articles do not say.\n\nNothing near.\n\nWhat the nearest articles do say:\n\n[1] “Repairing"
    )


def test_a_bare_address_in_a_text_is_no_link_of_githubs() -> None:
    assert markdown_text("see HTTPS://evil.example/?q=1 or www.evil.example") == (
        "see HTTPS\\://evil.example/?q=1 or www\\.evil.example"
    )


# --- Markdown ------------------------------------------------------------------------------------------------


def test_markdown_tells_every_citation_in_full() -> None:
    markdown = to_markdown(conversation(answer_of(QUESTION, versions=(VERSION,)), refusal()))
    seen = shown(markdown)
    for citation in (*CITATIONS, VERSION.citation, *NEAREST):
        place = f"article {citation.article_id}, characters {citation.start}–{citation.end}"
        assert all(words in seen.words for words in (f"[{citation.number}]", citation.quote, place))
        assert citation.source.title in seen.words
    assert "https://courier.example/2017/03/07/bridge" in seen.links
    assert not [link for link in seen.links if not link.startswith("https://")]
    assert seen.tags == {"h1", "h2", "h3", "p", "em", "blockquote", "a"}


def test_markdown_tells_how_a_question_was_understood_and_limited() -> None:
    answer = answer_of(
        replace(QUESTION, any_date=False),
        standalone_question="What does the bridge cost?",
        applied=Filters(date(2017, 3, 1), date(2017, 3, 31), ("Northern Post",), ("Ida Holm",)),
        implied=Implied("in march", date(2017, 3, 1), date(2017, 3, 31), is_limit=True),
    )
    words = shown(to_markdown(conversation(answer))).words
    assert "Understood as: What does the bridge cost?" in words
    assert "Only articles from 1–31 March 2017, in Northern Post, by Ida Holm" in words
    assert "Because of “in march” in the question" in words


@given(st.text(max_size=40) | st.from_regex(r"[ #>+*_`\[\]()!\\<&|~$=:.\d-]{1,12}", fullmatch=True))
def test_any_text_is_shown_by_markdown_as_itself(text: str) -> None:
    for before, tag in (("", "p"), ("## ", "h2"), ("> ", "blockquote")):
        seen = shown(before + markdown_text(text))
        assert seen.tags <= {tag, "p"}
        assert seen.words.split() == plain(text).split()


# --- the page ------------------------------------------------------------------------------------------------


def test_the_page_tells_every_citation_in_full_and_links_to_it() -> None:
    page = to_page(conversation(answer_of(QUESTION, versions=(VERSION,)), refusal()))
    seen = Seen(page)
    for citation in (*CITATIONS, VERSION.citation, *NEAREST):
        place = f"article {citation.article_id}, characters {citation.start}–{citation.end}"
        assert all(words in seen.words for words in (citation.quote, place, citation.source.title))
    targets = re.findall(r'id="([^"]+)"', page)
    assert len(targets) == len(set(targets))
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(targets)


@pytest.mark.parametrize("how", ["page", "markdown"])
def test_hostile_text_is_only_ever_text(how: str) -> None:
    whole = conversation(hostile(), title=HOSTILE)
    seen = Seen(to_page(whole)) if how == "page" else shown(to_markdown(whole))
    assert not seen.tags & {"script", "img", "svg", "form", "iframe", "input"}
    assert not [link for link in seen.links if not link.startswith(("#", "https://"))]
    assert "<script>window.hacked=1</script>" in seen.words
    assert "![x](http://127.0.0.1:9/?q=1)" in seen.words


def test_the_page_needs_nothing_else_and_may_do_nothing() -> None:
    page = to_page(conversation(answer_of(QUESTION)))
    assert not Seen(page).tags & {"script", "link", "img"}
    assert "default-src 'none'" in page
    assert "url(" not in page


# --- JSON ----------------------------------------------------------------------------------------------------


def test_json_holds_each_answer_by_the_schema_of_ask() -> None:
    answer = answer_of(replace(QUESTION, strictness=0.3, filters=Filters(outlets=("Northern Post",))))
    whole = conversation(answer)
    whole = replace(whole, kept=(replace(whole.kept[0], vote=Vote("down", "the other bridge")),))
    told = json.loads(to_json(whole))
    assert (told["id"], told["title"], told["begun"]) == ("a1b2c3", "The bridge", "2026-03-01T09:00:00+00:00")
    (one,) = told["exchanges"]
    assert one["answer"] == json.loads(json.dumps(answer_json(answer)))
    assert one["vote"] == {"thumb": "down", "reason": "the other bridge"}
    assert (one["strictness"], one["limits"]["outlets"], one["asked_on"]) == (0.3, ["Northern Post"], "2026-03-01")


def test_what_was_stopped_or_failed_is_told_in_every_format() -> None:
    stopped = answer_of(QUESTION, stopped=True, text="The council", sentences=(), citations=(), retrieved=HITS[:1])
    whole = conversation(stopped)
    failed = KeptExchange(Exchange(2, QUESTION, wrong="the model broke", mend="byline doctor"), AT)
    whole = replace(whole, kept=(*whole.kept, failed))
    for words in (shown(to_markdown(whole)).words, Seen(to_page(whole)).words):
        assert "The council" in words
        assert "Stopped before it was checked." in words
        assert "the model broke" in words
    assert [one["wrong"] for one in json.loads(to_json(whole))["exchanges"]] == ["", "the model broke"]


def test_a_file_is_named_by_its_title() -> None:
    whole = conversation(answer_of(QUESTION), title="What's in ../the “bridge”?\n")
    assert file_name(whole, "md") == "byline-what-s-in-the-bridge.md"
    assert file_name(replace(whole, title="你好"), "html") == "byline-a1b2c3.html"
