"""The timeline in a real browser, over a scripted desk."""

from __future__ import annotations

from datetime import date

import pytest
from fake_desk import CITATIONS, RETOLD, FakeDesk
from page_material import NAMELESS, OUTSIDE, WORST_CONTRAST, focused, in_view, served

from index.records import Filters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


def show(page, topic: str = "bridge repair") -> None:
    page.get_by_role("tab", name="Timeline").click()
    page.get_by_label("Topic").fill(topic)
    page.keyboard.press("Enter")
    page.wait_for_selector(".timeline")


def test_a_topic_is_an_ordered_list_of_days_with_its_quotes(open_page) -> None:
    page = open_page()
    show(page)
    assert page.locator(".timeline .day h3").all_text_contents() == ["7 March 2017", "21 June 2017"]
    assert page.evaluate("document.querySelector('.timeline .days').tagName") == "OL"
    assert page.locator(".timeline .event q").first.text_content() == CITATIONS[0].quote
    assert page.locator(".timeline h3 time").first.get_attribute("datetime") == "2017-03-07"
    assert "The Saltmarsh Courier" in page.text_content(".timeline .event .origin")
    reported = "Council approves repair of the harbour bridge · reported that day"
    assert reported in page.text_content(".timeline .event .origin")
    assert "4 events from 2 articles" in page.text_content(".timeline .aside")


def test_an_event_opens_its_article_at_the_quote_and_leads_back(open_page) -> None:
    page = open_page()
    show(page)
    page.locator("#t2").click()
    page.wait_for_selector("#timeline-article mark.chosen")
    assert page.text_content("#timeline-article mark.chosen") == CITATIONS[3].quote
    assert page.locator("#timeline-article mark").all_text_contents() == [CITATIONS[0].quote, CITATIONS[3].quote]
    assert in_view(page, "#timeline-article mark.chosen")
    page.get_by_role("link", name="Back to the timeline").click()
    assert focused(page) == "t2"
    assert in_view(page, "#t2")


def test_who_else_tells_an_event_opens_at_its_own_words(open_page) -> None:
    page = open_page()
    show(page)
    page.locator(".carriers", has_text="Also told by").get_by_role("button").click()
    page.wait_for_selector("#timeline-article mark.chosen")
    assert page.text_content("#timeline-article mark.chosen") == RETOLD.quote


def test_dates_and_outlets_limit_the_articles(open_page, desk: FakeDesk) -> None:
    page = open_page()
    page.get_by_role("tab", name="Timeline").click()
    page.locator("#timeline-since input").fill("2017-06-01")
    page.locator("#timeline-until input").fill("2017-06-30")
    show(page)
    assert desk.timelines[-1] == ("bridge repair", Filters(date(2017, 6, 1), date(2017, 6, 30)))


def test_a_topic_that_is_not_covered_is_said_not_to_be(open_page) -> None:
    page = open_page()
    show(page, "nothing at all")
    assert "The articles do not say anything on “nothing at all”." in page.text_content(".timeline .refusal")


def test_hostile_words_are_only_words(open_page) -> None:
    page = open_page()
    show(page, "hostile <img src=x onerror=window.hacked=9>")
    page.locator("#t1").click()
    page.wait_for_selector("#timeline-article mark.chosen")
    assert page.evaluate("window.hacked") is None
    assert page.locator(".timeline img, #timeline-article img").count() == 0


def test_the_timeline_works_with_the_keyboard_alone(open_page) -> None:
    page = open_page()
    show(page)
    page.get_by_label("Topic").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.event") == "quote":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#timeline-article mark.chosen")
    page.wait_for_function("document.activeElement.matches('mark.chosen')")
    assert focused(page) == CITATIONS[0].quote


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1360])
def test_the_timeline_is_legible_at_every_width(open_page, width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    show(page)
    page.locator("#t1").click()
    page.wait_for_selector("#timeline-article mark.chosen")
    worst, where = page.evaluate(WORST_CONTRAST)
    assert worst >= 4.5, where
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(NAMELESS) == []
    page.get_by_label("Topic").scroll_into_view_if_needed()
    assert page.evaluate(OUTSIDE, "#timeline-asking button, #timeline-asking input") == []
