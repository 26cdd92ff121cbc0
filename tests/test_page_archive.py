"""The archive view in a real browser, over a real archive without models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from archive_desk import open_desk
from archive_material import EMBEDDER, MAX_TOKENS, write_lines, write_text
from fake_desk import HOSTILE
from page_material import NAMELESS, WORST_CONTRAST, focused, in_view, served

from bot.app import Desk
from index.build import build
from index.withdraw import removed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MANY = {f"day{n:02}": f"On this day the harbour master counted {n} boats and went home." for n in range(40)}
HEAD = "#archive-shelf h2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty articles of one day and outlet beside the samples, so that there are two pages."""
    folder = tmp_path_factory.mktemp("news")
    write_lines(folder / "days.jsonl", MANY, outlet="The Harbour Log", date="2025-03-02")
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Desk:
    return open_desk(tmp_path_factory.mktemp("archive"), folder)


@pytest.fixture(scope="module")
def address(desk: Desk) -> str:
    return served(desk)


def opened(open_page, **how):
    page = open_page(**how)
    page.get_by_role("tab", name="Archive").click()
    page.wait_for_selector(".item")
    return page


def shows(page, words: str) -> None:
    """Wait until the list's head says `words`."""
    page.wait_for_function("([s, words]) => document.querySelector(s)?.textContent === words", arg=[HEAD, words])


def titles(page) -> list[str]:
    return page.locator(".item h3 button").all_text_contents()


def test_the_archive_is_listed_page_by_page_newest_first(open_page) -> None:
    page = opened(open_page)
    shows(page, "69 articles, 1–50 shown")
    assert titles(page)[0] == "Corroded chain, not driftwood, jammed dam gate, inquiry finds"
    assert "about 350 words" in page.locator(".item .origin").first.text_content()
    assert page.locator(".item .kind").first.text_content() == "Opinion"
    page.get_by_role("button", name="Next").click()
    shows(page, "69 articles, 51–69 shown")
    assert focused(page) == "69 articles, 51–69 shown"
    assert in_view(page, HEAD)
    assert page.get_by_role("button", name="Next").is_disabled()
    page.get_by_label("Sorted").select_option("oldest")
    shows(page, "69 articles, 1–50 shown")
    assert titles(page)[0] == "Fishery returns to the eastern bank after six years"


def test_words_are_looked_for_as_they_are_written_and_marked_in_the_article(open_page) -> None:
    page = opened(open_page)
    words = page.get_by_label("Words")
    words.press_sequentially("lorries ring", delay=20)
    shows(page, "1 of 69 articles")
    assert page.evaluate("document.activeElement.name") == "words"
    assert page.locator(".item .words mark").all_text_contents() == ["lorries", "ring"]
    page.locator(".item h3 button").click()
    page.wait_for_selector("#reader .reading")
    assert page.locator("#reader mark").all_text_contents() == ["lorries", "lorries", "ring"]
    assert focused(page) == "lorries"
    assert in_view(page, "#reader mark.chosen")
    link = page.get_by_role("link", name="Original")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (
        "https://courier.example/2017/03/07/bridge",
        "noopener noreferrer",
    )
    page.get_by_role("link", name="Back to the list").click()
    assert focused(page) == "a1"
    words.fill("zeppelins")
    shows(page, "0 of 69 articles")
    page.get_by_role("button", name="Clear all limits").click()
    shows(page, "69 articles, 1–50 shown")
    assert words.input_value() == ""


def bar(page, words: str) -> tuple[float, float]:
    """Return the middle of the bar whose label begins so."""
    box = page.locator(".bar", has=page.locator(f"title:text('{words}')")).locator(".hit").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_brush_over_the_plot_narrows_the_list_to_its_days(open_page) -> None:
    page = opened(open_page)
    assert page.text_content("#archive-plot figcaption") == "Articles a month; most in March 2025: 45"
    page.mouse.move(*bar(page, "October 2016"))
    page.mouse.down()
    page.mouse.move(*bar(page, "January 2017"), steps=3)
    page.mouse.move(*bar(page, "March 2017"), steps=3)
    page.mouse.up()
    shows(page, "2 of 69 articles")
    assert (
        page.locator("#archive-form").get_by_label("From").input_value(),
        page.locator("#archive-form").get_by_label("To", exact=True).input_value(),
    ) == (
        "2016-10-01",
        "2017-03-31",
    )
    assert page.locator(".narrowed .chip").first.text_content() == "1 October 2016 – 31 March 2017 × (list any date)"
    page.locator(".narrowed .chip").first.click()
    shows(page, "69 articles, 1–50 shown")
    page.mouse.click(*bar(page, "March 2025"))
    shows(page, "45 of 69 articles")
    page.mouse.click(*bar(page, "March 2025"))  # the same again lets go of it
    shows(page, "69 articles, 1–50 shown")


def test_the_plot_is_narrowed_with_the_arrow_keys_and_read_as_a_table(open_page) -> None:
    page = opened(open_page)
    first = page.get_by_label("First shown")
    first.focus()
    assert first.get_attribute("aria-valuetext") == "October 2016: 1 article"
    page.keyboard.press("End")
    shows(page, "1 of 69 articles")
    assert page.evaluate("document.activeElement.className") == "handle from"
    page.keyboard.press("ArrowLeft")
    shows(page, "3 of 69 articles")
    assert first.get_attribute("aria-valuetext") == "May 2025: 2 articles"
    rows = page.locator("#archive-plot tr")
    assert re.sub(r"\s+", "", rows.last.text_content()) == "June20251"
    assert sum(int(row.locator("td").text_content()) for row in rows.all()) == 68


def test_dates_outlets_kinds_and_what_is_undated_narrow_the_list(open_page) -> None:
    page = opened(open_page)
    page.locator("#archive-form").get_by_label("From").fill("2017-06-22")
    page.locator("#archive-form").get_by_label("To", exact=True).fill("2017-06-30")
    shows(page, "1 of 69 articles")
    page.get_by_role("button", name="Clear all limits").click()
    shows(page, "69 articles, 1–50 shown")
    page.get_by_role("button", name="Show only these").click()
    shows(page, "1 of 69 articles")
    page.get_by_role("button", name="Clear all limits").click()
    shows(page, "69 articles, 1–50 shown")
    page.locator(".outlets summary").click()
    page.locator("#archive-form").get_by_label("Northern Post").check()
    shows(page, "2 of 69 articles")
    assert page.text_content(".outlets .tally") == "1 chosen"
    page.keyboard.press("Escape")
    assert page.locator(".outlets details[open]").count() == 0
    page.get_by_label("Kind").select_option("opinion")
    shows(page, "1 of 69 articles")
    assert titles(page) == ["A bridge is more than its price"]


def test_hostile_words_are_only_ever_text(open_page) -> None:
    page = opened(open_page)
    page.get_by_label("Words").fill("letters editor")
    shows(page, "1 of 69 articles")
    assert HOSTILE.split(" ")[0] in titles(page)[0]
    page.locator(".item h3 button").click()
    page.wait_for_selector("#reader .reading")
    page.locator(".outlets summary").click()
    page.locator("#reader").get_by_role("button", name="Remove…").click()
    page.wait_for_selector(".asking")
    assert page.evaluate("window.hacked") is None
    made = "#archive :is(script, iframe, img, object, embed, [onerror], [onload], a[href^='javascript'])"
    assert page.locator(made).count() == 0


def test_removed_articles_stay_out_and_can_be_let_back(open_page, desk: Desk, folder: Path) -> None:
    page = opened(open_page)
    page.get_by_label("Words").fill("harbour master")
    shows(page, "40 of 69 articles")
    page.get_by_label("Tick About day07").check()
    page.get_by_label("Tick About day08").check()
    assert page.text_content(".picked .tally") == "2 ticked"
    page.locator("[data-take=ticked]").click()
    page.wait_for_selector(".asking")
    assert "Remove 2 articles?" in page.text_content(".asking")
    page.keyboard.press("Escape")
    page.wait_for_selector(".asking", state="detached")
    assert desk.archive.article("day07")
    page.locator("[data-take=ticked]").click()
    page.get_by_role("button", name="Remove 2 articles").click()
    page.wait_for_selector("#archive .told")
    assert page.text_content("#archive .told") == "2 articles removed."
    shows(page, "38 of 67 articles")
    page.wait_for_function("document.querySelector('#facts').textContent.includes('67 articles')")
    assert desk.archive.article("day07") is None
    again = build(desk.archive, [folder], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert (again.added, again.left_out) == (0, 2)

    page.locator(".gone summary").click()
    page.get_by_role("button", name="Let back About day07").click()
    page.wait_for_function("document.querySelector('#archive .told').textContent.includes('byline index')")
    assert [one.id for one in removed(desk.archive)] == ["day08"]
    page.get_by_role("button", name="Let back About day08").click()
    page.wait_for_selector(".gone", state="detached")
    build(desk.archive, [folder], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    page.get_by_role("tab", name="Ask", exact=True).click()
    page.get_by_role("tab", name="Archive").click()
    shows(page, "40 of 69 articles")


def test_what_is_added_appears_when_the_archive_is_looked_at_again(open_page, desk: Desk, tmp_path: Path) -> None:
    page = opened(open_page)
    page.get_by_role("tab", name="Ask", exact=True).click()
    write_text(tmp_path / "new.txt", "a zeppelin over the town")
    build(desk.archive, [tmp_path], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    page.get_by_role("tab", name="Archive").click()
    shows(page, "70 articles, 1–50 shown")
    page.get_by_label("Words").fill("zeppelin")
    shows(page, "1 of 70 articles")
    page.get_by_label("Tick ").check()
    page.locator("[data-take=ticked]").click()
    page.get_by_role("button", name="Remove 1 article").click()
    shows(page, "0 of 69 articles")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_and_has_a_name(open_page, scheme: str) -> None:
    page = opened(open_page, scheme=scheme)
    page.get_by_label("Words").fill("harbour master")
    shows(page, "40 of 69 articles")
    page.locator(".item h3 button").first.click()
    page.wait_for_selector("#reader mark.chosen")
    page.locator(".outlets summary").click()
    page.get_by_label("Tick About day07").check()
    page.locator("[data-take=ticked]").click()
    page.wait_for_selector(".asking")
    ratio, where = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, where
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("width", [360, 1000, 2560])
def test_nothing_is_wider_than_the_screen(open_page, width: int) -> None:
    page = opened(open_page, width=width, height=780)
    page.locator(".outlets summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    right = "[...document.querySelectorAll('#archive *')].filter((e) => e.checkVisibility() && !e.closest('.hidden'))"
    assert page.evaluate(f"Math.max(...{right}.map((e) => e.getBoundingClientRect().right))") <= width + 0.5
    page.keyboard.press("Escape")
    page.locator(".item h3 button").nth(20).click()
    page.wait_for_selector("#reader .reading")
    page.wait_for_function("document.querySelector('#reader article').getBoundingClientRect().top < innerHeight / 2")


def test_the_whole_view_is_worked_with_the_keyboard(open_page) -> None:
    page = opened(open_page)
    page.get_by_role("tab", name="Archive").focus()
    passed = []
    while "tick" not in passed and len(passed) < 40:
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.name || document.activeElement.className"))
    order = ["words", "since", "until", "kind", "sort", "handle from", "handle to", "all", "tick"]
    places = [passed.index(name) for name in order]
    assert places == sorted(places)
    assert passed[-1] == "tick"
    page.keyboard.press("Space")
    assert page.text_content(".picked .tally") == "1 ticked"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reader .reading")
    assert focused(page) == "Back to the list"
