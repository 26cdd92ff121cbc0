"""The limits below the question box, in a real browser over a scripted desk."""

from __future__ import annotations

from datetime import date

import pytest
from fake_desk import ARTICLES, FakeDesk
from page_material import NAMELESS, OUTSIDE, WORST_CONTRAST, ask, focused, served
from page_views import unfold_limits

from bot.strictness import STEPS, cost_of
from index.records import Filters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


def names(page, kind: str) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(f"#limits label:has([name={kind}])").all_inner_texts()]


def asked_now(page, desk: FakeDesk):
    said, before = page.locator(".exchange").count(), len(desk.asked)
    ask(page, "What happened?")
    page.wait_for_selector(f"#x{said + 1} .answer")
    assert len(desk.asked) == before + 1
    return desk.asked[-1]


def test_every_name_stands_with_its_articles_and_they_follow_the_dates(open_page) -> None:
    page = open_page()
    unfold_limits(page)
    page.get_by_text("Ida Holm").wait_for()
    assert names(page, "authors") == ["Ida Holm 2", "Peter Aske 1", "Rut Sander 1"]
    assert names(page, "outlets")[:2] == ["Northern Post 2", "The Saltmarsh Courier 2"]
    assert ARTICLES[4].source.outlet[:30] in page.text_content("#limits")
    page.get_by_label("From", exact=True).fill("2017-01-01")
    page.get_by_text("The Saltmarsh Courier 1").wait_for()
    assert names(page, "authors") == ["Ida Holm 1", "Peter Aske 1", "Rut Sander 1"]


def test_an_author_is_found_by_typing_and_taken_with_enter(open_page, desk: FakeDesk) -> None:
    page = open_page()
    unfold_limits(page)
    page.get_by_label("Find authors").press_sequentially("ask")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove the limit: by Peter Aske").wait_for()
    assert page.get_by_label("Find authors").input_value() == ""
    assert page.get_by_role("checkbox", name="Peter Aske").is_checked()
    assert names(page, "outlets") == ["Northern Post 1"]
    assert asked_now(page, desk).filters == Filters(authors=("Peter Aske",))
    assert "by Peter Aske — your limits" in page.text_content("#now .limits")


def test_what_is_typed_narrows_the_list_and_says_when_nothing_is_left(open_page) -> None:
    page = open_page()
    unfold_limits(page)
    page.get_by_label("Find outlets").press_sequentially("NORTH")
    page.wait_for_function("document.querySelectorAll('#limits [name=outlets]').length === 1")
    assert names(page, "outlets") == ["Northern Post 2"]
    page.get_by_label("Find outlets").press_sequentially("x")
    page.get_by_text("none by that name").wait_for()
    page.keyboard.press("Enter")  # takes nothing
    page.get_by_label("Find outlets").fill("")
    page.get_by_text("Northern Post").wait_for()
    assert page.locator("#limits .chip").count() == 0


def test_chips_tell_what_is_set_and_are_taken_away(open_page, desk: FakeDesk) -> None:
    page = open_page()
    unfold_limits(page)
    page.get_by_label("To", exact=True).fill("2017-06-30")
    page.get_by_role("checkbox", name="Northern Post").check()
    page.get_by_role("checkbox", name="The Saltmarsh Courier").check()
    page.get_by_text("Dates, outlets, authors, how sure (2 set)").wait_for()
    page.get_by_role("button", name="Remove the limit: The Saltmarsh Courier").wait_for()
    page.locator("#limits summary").click()  # they stay in sight when the rest is folded away
    question = asked_now(page, desk)
    assert question.filters == Filters(None, date(2017, 6, 30), ("Northern Post", "The Saltmarsh Courier"))
    page.get_by_role("button", name="Remove the limit: The Saltmarsh Courier").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('#limits .chip').length === 2")
    assert focused(page).startswith("Dates, outlets")
    assert asked_now(page, desk).filters == Filters(None, date(2017, 6, 30), ("Northern Post",))
    assert "30 June 2017 or earlier, in Northern Post — your limits" in page.text_content("#now .limits")
    page.get_by_role("button", name="Clear limits").click()
    page.wait_for_function("document.querySelectorAll('#limits .chip').length === 0")
    unfold_limits(page)
    assert page.get_by_label("To", exact=True).input_value() == ""
    assert page.locator("#limits :checked").count() == page.locator("#limits option:checked").count()
    assert asked_now(page, desk).filters == Filters()


def test_the_limits_and_those_a_question_implies_are_told_together(open_page) -> None:
    page = open_page()
    unfold_limits(page)
    page.get_by_role("checkbox", name="Northern Post").check()
    ask(page, "And in march?")
    page.wait_for_selector("#now .answer")
    assert "1–31 March 2017" in page.text_content("#now .limits")
    assert "your question together" in page.text_content("#now .limits")


def test_how_sure_an_answer_must_be_is_set_on_the_page(open_page, desk: FakeDesk) -> None:
    page = open_page()
    assert asked_now(page, desk).strictness is None  # as the desk was started
    unfold_limits(page)
    page.get_by_label("How sure an answer must be").select_option("Only when sure")
    page.get_by_role("button", name="Remove the limit: Only when sure").wait_for()
    sure = STEPS[-1].strictness
    assert cost_of(sure) in page.text_content("#limits")
    assert page.get_by_label("exactly").input_value() == f"{sure:g}"
    assert asked_now(page, desk).strictness == sure
    page.get_by_label("exactly").fill("0.33")
    assert asked_now(page, desk).strictness == 0.33
    page.get_by_role("button", name="Remove the limit: 0.33").click()
    assert asked_now(page, desk).strictness is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["wide", "narrow"])
def test_the_open_limits_fit_the_screen_and_can_be_read(open_page, width: int, height: int, scheme: str) -> None:
    page = open_page(width=width, height=height, scheme=scheme)
    unfold_limits(page)
    page.get_by_role("checkbox", name="Northern Post").check()
    page.get_by_label("exactly").fill("0.4")
    page.get_by_role("button", name="Clear limits").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(OUTSIDE, "#composer, #composer > *, #limits .choices, #limits .set, #limits .set *") == []
    ratio, where = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, where
    assert page.evaluate(NAMELESS) == []
