"""Conversations on the page in a real browser: they come back, are given out, voted on and deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from fake_desk import BY_ID, CITATIONS, FakeArchive, FakeDesk
from page_material import NAMELESS, OUTSIDE, WORST_CONTRAST, ask, focused, served

from bot.conversations import FILE_NAME, Conversations
from bot.export import answer_with_sources
from bot.kept import Vote
from index.records import Article

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class ChangingArchive(FakeArchive):
    """An archive of which articles were changed or removed since."""

    changed: ClassVar[dict[str, Article | None]] = {}

    def article(self, article_id: str) -> Article | None:
        return self.changed.get(article_id, super().article(article_id))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def desk(folder: Path) -> FakeDesk:
    return FakeDesk(archive=ChangingArchive(folder))


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


@pytest.fixture
def kept(folder: Path) -> Conversations:
    return Conversations(folder)


@pytest.fixture
def asked(open_page):
    """A page on which a question was asked and kept."""
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .keep")
    page.wait_for_function("location.search.startsWith('?c=')")
    return page


def id_of(page) -> str:
    return page.url.partition("?c=")[2].partition("#")[0]


def open_drawer(page) -> None:
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.wait_for_selector("#kept li")


def open_citation(page, number: int) -> None:
    page.locator("#now .marker").get_by_text(str(number), exact=True).first.click()
    page.wait_for_selector(".reading")


def test_a_reload_brings_the_conversation_back_with_its_citations(asked) -> None:
    ask(asked, "refuse this")
    asked.wait_for_selector("#now .refusal")
    asked.wait_for_selector("#here [data-c]", state="attached")
    asked.reload()
    asked.wait_for_selector("#now .refusal")
    assert asked.text_content("#earlier .question") == "What does the repair cost?"
    assert asked.locator(".welcome").count() == 0
    assert asked.locator("#earlier .marker").count() >= 4


def test_after_a_restart_the_same_address_shows_it_and_it_goes_on(asked, folder: Path, open_page) -> None:
    id = id_of(asked)
    second = FakeDesk(archive=FakeArchive(folder))
    again = served(second)
    page = open_page(url=again, path=f"?c={id}", ready="#now .answer")
    open_citation(page, 3)
    assert page.text_content(".reading mark.chosen") == CITATIONS[2].quote
    page.get_by_role("link", name="Back to the answer").click()
    assert focused(page) == "c1-3"
    assert page.url.endswith(f"?c={id}#c1-3")
    ask(page, "And who paid?")
    page.wait_for_selector("#earlier .answer")
    page.wait_for_selector("#now .keep")
    assert [turn.question for turn in second.asked[0].history] == ["What does the repair cost?"]
    assert id_of(page) == id


def test_two_tabs_hold_two_conversations(asked, open_page) -> None:
    other = open_page()
    ask(other, "refuse this")
    other.wait_for_selector("#now .keep")
    other.wait_for_function("location.search.startsWith('?c=')")
    assert id_of(other) != id_of(asked)
    asked.reload()
    asked.wait_for_selector("#now .answer")
    assert asked.locator(".refusal").count() == 0


def test_another_is_opened_from_the_drawer_and_a_new_one_begun(asked, open_page, kept: Conversations) -> None:
    page, id = open_page(), id_of(asked)
    kept.rename(id, "The bridge’s price")
    open_drawer(page)
    assert page.evaluate("document.activeElement.textContent") == "Conversations"
    page.get_by_role("link", name="The bridge’s price").click()
    page.wait_for_selector("#now .answer")
    page.wait_for_selector("#kept", state="hidden")
    assert id_of(page) == id
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    page.wait_for_function("location.search === ''")
    assert kept.open(id)


def test_escape_closes_the_drawer_and_the_model_goes_on(open_page, desk: FakeDesk) -> None:
    page, before = open_page(), desk.stopped
    ask(page, "slow")
    page.wait_for_selector(".draft")
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.wait_for_selector("#kept h2")
    page.keyboard.press("Escape")
    page.wait_for_selector("#kept", state="hidden")
    assert desk.stopped == before
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector(".partial")
    page.wait_for_function("location.search.startsWith('?c=')")
    page.reload()
    page.wait_for_selector(".partial")


def test_a_conversation_is_renamed_and_deleted(asked, kept: Conversations) -> None:
    id = id_of(asked)
    open_drawer(asked)
    mine = asked.locator("#kept li[aria-current]")
    mine.locator("summary").first.click()
    mine.get_by_label("Title").fill("Bridges <b>")
    asked.keyboard.press("Enter")
    asked.wait_for_selector("text=Renamed.")
    assert mine.get_by_role("link", name="Bridges <b>").count() == 1
    assert [one.title for one in kept.listed() if one.id == id] == ["Bridges <b>"]
    mine.locator("summary").first.click()
    mine.get_by_text("Delete", exact=True).click()
    mine.get_by_role("button", name="Delete for good").click()
    asked.wait_for_selector("text=Deleted.")
    assert kept.open(id) is None
    asked.keyboard.press("Escape")
    asked.wait_for_selector(".welcome")
    asked.wait_for_function("location.search === ''")


@pytest.mark.parametrize(
    ("name", "begins"),
    [("Markdown", "# What does"), ("HTML", "<!doctype html>"), ("JSON", "{"), ("BibTeX", "@article{")],
)
def test_a_conversation_is_downloaded_with_its_citations(asked, name: str, begins: str) -> None:
    open_drawer(asked)
    mine = asked.locator("#kept li[aria-current]")
    mine.locator("summary").first.click()
    with asked.expect_download() as download:
        mine.get_by_role("link", name=name).click()
    assert download.value.suggested_filename.startswith("byline-what-does-the-repair-cost.")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith(begins)
    told = json.loads(text)["exchanges"][0]["answer"]["citations"][0]["quote"] if name == "JSON" else text
    assert "The repair will cost 4.2 million crowns" in told


def test_an_answer_is_copied_with_its_sources_and_that_is_said(asked, kept: Conversations) -> None:
    asked.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked.get_by_role("button", name="Copy with sources").click()
    asked.wait_for_selector("#now .told:text('Copied')")
    found = kept.open(id_of(asked))
    assert found
    answer = found.exchanges[0].answer
    assert answer
    assert asked.evaluate("navigator.clipboard.readText()") == answer_with_sources(answer)


def test_a_thumb_and_its_reason_are_kept_changed_and_taken_back(asked, kept: Conversations) -> None:
    def vote() -> Vote | None:
        found = kept.open(id_of(asked))
        assert found
        return found.kept[0].vote

    def wait_for(wanted: Vote | None) -> None:
        for _ in range(100):
            if vote() == wanted:
                return
            asked.wait_for_timeout(50)
        assert vote() == wanted

    wrong = asked.get_by_role("button", name="Wrong")
    wrong.focus()
    asked.keyboard.press("Enter")
    wait_for(Vote("down"))
    asked.get_by_label("Why?").fill("It is the other bridge")
    asked.keyboard.press("Enter")
    wait_for(Vote("down", "It is the other bridge"))
    asked.reload()
    asked.wait_for_selector('#now .thumb.down[aria-pressed="true"]')
    assert asked.get_by_label("Why?").input_value() == "It is the other bridge"
    ask(asked, "refuse this")
    asked.wait_for_selector("#now .refusal")
    asked.wait_for_selector('#earlier .thumb.down[aria-pressed="true"]')
    asked.locator("#earlier .thumb.down").click()
    wait_for(None)
    assert asked.locator("#earlier .why").is_hidden()


@pytest.mark.parametrize("change", ["moved", "changed", "gone"])
def test_a_citation_of_an_article_that_changed_since_points_at_no_wrong_words(asked, change: str) -> None:
    bridge, quote = BY_ID["bridge"], CITATIONS[0].quote
    text = {
        "moved": "An editor’s note of three lines.\n\n" + bridge.text,
        "changed": bridge.text.replace("4.2 million crowns, the council", "9.9 million crowns, the council"),
        "gone": "",
    }[change]
    ChangingArchive.changed = {"bridge": replace(bridge, text=text, marks=()) if text else None}
    try:
        asked.reload()
        asked.wait_for_selector("#now .answer")
        note = asked.locator("#s1-1 .changed")
        assert note.count() == (change != "moved")
        open_citation(asked, 1)
        asked.wait_for_selector(".reading .changed")
        marked = asked.locator(".reading mark").all_text_contents()
        assert all(words in {one.quote for one in CITATIONS} for words in marked)
        assert (quote in marked) == (change == "moved")
        assert quote in asked.text_content(".reading")
    finally:
        ChangingArchive.changed = {}


def test_one_that_is_gone_is_told_and_the_page_is_as_new(open_page) -> None:
    page = open_page(path="?c=nothere")
    page.wait_for_selector("text=not kept any more")
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .keep")
    page.wait_for_function("!location.search.includes('nothere')")


def test_where_nothing_can_be_kept_the_answer_is_shown_and_the_page_says_so(open_page, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database " * 100)
    elsewhere = served(FakeDesk(archive=FakeArchive(tmp_path)))
    page = open_page(url=elsewhere)
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    page.wait_for_selector("text=could not be kept")
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.wait_for_selector("#kept .mend")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 360])
def test_the_drawer_is_legible_named_and_within_the_window(open_page, kept, width: int, scheme: str) -> None:
    page = open_page(width=width, height=740, scheme=scheme)
    ask(page, "What does the repair of the harbour bridge cost, and who has to pay how much of it in the end?")
    page.wait_for_selector("#now .keep")
    page.locator("#now .thumb.up").click()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(WORST_CONTRAST)[0] >= 4.5
    open_drawer(page)
    page.locator("#kept summary").first.click()
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(WORST_CONTRAST)[0] >= 4.5
    assert page.evaluate(OUTSIDE, "#kept .top *, #kept li:first-child *, #keeping *") == []
