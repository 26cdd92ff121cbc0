"""The page without a mouse: a first visit from the question to the article and back, and no stop that is a trap."""

from __future__ import annotations

import pytest
from fake_desk import CITATIONS, FakeDesk
from page_material import focused, served
from page_views import LIMITS, tabs

from bot.markup_exchange import STAGES
from bot.strictness import STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MOST_STOPS = 80  # from one end of the page to the other; whoever needs more is lost

# What has the focus, and what is wrong with it: that it is nothing, cannot be seen, or lies under something else.
HERE = """() => {
  const e = document.activeElement;
  const ring = (one) => (({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) > 0)(
    getComputedStyle(one));
  const { left, top, width, height } = e.getBoundingClientRect();
  const over = document.elementFromPoint(left + width / 2, top + Math.min(height, 40) / 2);
  return {
    name: `${e.tagName.toLowerCase()} ${e.id || e.ariaLabel || e.textContent.trim() || e.outerHTML}`.slice(0, 120),
    ringed: ring(e) || ring(e.closest('.wrap') ?? e) || e.matches('.chosen'),
    covered: !(over && (e.contains(over) || over.contains(e))),
  };
}"""
# Keeps every stage that is told, in order, from now on.
RECORD_STAGES = """() => {
  window.told = [];
  new MutationObserver(() => {
    const words = document.querySelector('#now .stage')?.textContent;
    if (words && window.told.at(-1) !== words) window.told.push(words);
  }).observe(document.querySelector('#now'), { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


def check_focus(page) -> str:
    """Return what has the focus, after making sure that it can be seen."""
    page.wait_for_function("document.activeElement !== document.body")
    here = page.evaluate(HERE)
    assert here["ringed"], f"{here['name']} shows no focus"
    assert not here["covered"], f"{here['name']} is covered or out of view"
    return str(here["name"])


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        check_focus(page)


def tab_to(page, selector: str, *, key: str = "Tab") -> None:
    """Go to what matches, by one key alone; every stop on the way can be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            check_focus(page)
            return
        if page.evaluate("document.activeElement !== document.body"):  # the browser's own bar lies between the ends
            check_focus(page)
    pytest.fail(f"{selector} is not reached with {key}")


def write(page, words: str) -> None:
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.matches('#question textarea')")
    page.keyboard.type(words)


def test_a_first_visit_needs_no_mouse(open_page, desk: FakeDesk) -> None:
    page = open_page()
    page.evaluate(RECORD_STAGES)
    page.keyboard.type("What does the repair cost?")  # the box has the focus already
    press(page, "Enter")
    page.wait_for_selector("#x1 .answer")
    told = [words for words in page.evaluate("window.told") if not words.startswith(STAGES["searching"])]
    assert told[0].startswith("Reading 5 passages of 4 articles")
    assert told[1:] == [STAGES["writing"], STAGES["checking"], "2 of 4 sentences fully carried by the quoted words"]
    check_citation(page)
    check_follow_up(page, desk)
    check_limits(page, desk)
    check_ask_and_stop(page)


def check_citation(page) -> None:
    """From the box to a citation, its quote, its article, and back."""
    tab_to(page, "#c1-2", key="Shift+Tab")
    page.locator("#q1-2").wait_for()
    press(page, "Enter")
    page.wait_for_function("document.activeElement.matches('.reading mark.chosen')")
    assert focused(page) == CITATIONS[1].quote
    check_focus(page)
    tab_to(page, '#panel [data-event="sources"]', key="Shift+Tab")
    press(page, "Enter")
    page.wait_for_selector("#s1-2.chosen")
    assert focused(page) == "s1-2"
    tab_to(page, '#s1-2 [data-event="quote"]')
    press(page, "Enter")
    page.wait_for_selector(".reading mark.chosen")
    tab_to(page, '.reading a[href="#c1-2"]', key="Shift+Tab")
    press(page, "Enter")
    page.wait_for_function("document.activeElement.id === 'c1-2'")


def check_follow_up(page, desk: FakeDesk) -> None:
    """A follow-up, what it was understood as, and that put right."""
    write(page, "And why?")
    press(page, "Enter")
    page.wait_for_selector("#x2 .answer")
    tab_to(page, "#u2", key="Shift+Tab")
    press(page, "Control+a")
    page.keyboard.type("Why does it cost so much?")
    press(page, "Enter")
    page.wait_for_selector("#x3 .answer")
    check_focus(page)
    assert desk.asked[-1].text == "Why does it cost so much?"


def check_limits(page, desk: FakeDesk) -> None:
    """Date, outlet and strictness, each by keys alone."""
    write(page, "")
    tab_to(page, "#limits summary")
    press(page, "Enter")
    tab_to(page, "#until")
    page.keyboard.type("06302017")
    tab_to(page, "#sure")
    press(page, "ArrowDown")
    tab_to(page, "#limits [type=search]")
    page.keyboard.type("northern")
    press(page, "Enter")
    page.wait_for_selector(f"text={LIMITS} (3 set)")
    tab_to(page, "#limits summary", key="Shift+Tab")
    press(page, "Enter")
    page.get_by_label("Find authors").wait_for(state="hidden")
    write(page, "What happened?")
    press(page, "Enter")
    page.wait_for_selector("#x4 .answer")
    assert desk.asked[-1].filters.outlets == ("Northern Post",)
    assert str(desk.asked[-1].filters.until) == "2017-06-30"
    assert desk.asked[-1].strictness == STEPS[0].strictness


def check_ask_and_stop(page) -> None:
    """Buttons that go away when pressed take the focus with them to nowhere."""
    write(page, "slow")
    tab_to(page, "#ask")
    page.keyboard.press("Enter")
    page.wait_for_selector("#x5 .draft")
    check_focus(page)
    tab_to(page, "#stop")
    page.keyboard.press("Enter")
    page.wait_for_selector("#x5 .partial")
    page.locator("#ask").wait_for()
    check_focus(page)
    tab_to(page, "#again", key="Shift+Tab")
    press(page, "Enter")
    page.wait_for_selector(".welcome")
    tab_to(page, ".examples button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#x1 .answer")
    check_focus(page)


def test_the_arrows_open_the_views_and_none_of_them_is_a_trap(open_page) -> None:
    page = open_page()
    names = tabs(page)
    assert len(names) > 1
    tab_to(page, '[role="tab"]', key="Shift+Tab")
    for name in (*names[1:], names[0]):  # the last one leads to the first
        press(page, "ArrowRight")
        page.get_by_role("tabpanel", name=name, exact=True).wait_for()
        assert focused(page) == page.get_by_role("tab", name=name, exact=True).get_attribute("id")
        tab_to(page, "#again")  # through everything that the view offers, and round
        tab_to(page, '[role="tab"][aria-selected="true"]')
    press(page, "End")
    page.get_by_role("tabpanel", name=names[-1], exact=True).wait_for()
    press(page, "ArrowLeft", "Home")
    page.get_by_role("tabpanel", name=names[0], exact=True).wait_for()
