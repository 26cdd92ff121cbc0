"""Everything the page shows, one state after the other, over the scripted desk; tabs are found, not named."""

from __future__ import annotations

from collections.abc import Iterator

from page_material import ask

LIMITS = "Dates, outlets, how sure"


def tabs(page) -> list[str]:
    return [str(name).strip() for name in page.get_by_role("tab").all_text_contents()]


def open_tab(page, name: str) -> None:
    """Open a tab and wait for its panel, which bears its name."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.get_by_role("tabpanel", name=name, exact=True).wait_for()


def states(page) -> Iterator[str]:
    """Yield the name of each state once the page is in it."""
    yield "empty"
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    yield "answer"
    page.locator("#c1-2").focus()
    yield "quote shown at a citation"
    page.locator("#c1-2").click()
    page.wait_for_selector("#s1-2.chosen")
    yield "citation chosen"
    page.locator("#s1-2").get_by_role("button", name="Open article").click()
    page.wait_for_selector(".reading mark.chosen")
    yield "article"
    ask(page, "And in march?")
    page.wait_for_selector("#x2 .answer")
    yield "follow-up"
    yield from _without_an_answer(page)
    page.get_by_role("button", name=LIMITS).click()
    page.get_by_role("slider").wait_for()
    yield "limits"
    page.get_by_role("button", name=LIMITS).click()
    for name in tabs(page):
        open_tab(page, name)
        yield f"tab {name}"


def _without_an_answer(page) -> Iterator[str]:
    ask(page, "slow")
    page.wait_for_selector("#now .draft")
    page.keyboard.press("Escape")
    page.wait_for_selector("#now .partial")
    yield "stopped"
    ask(page, "refuse this")
    page.wait_for_selector("#now .refusal")
    yield "refusal"
    ask(page, "fail")
    page.wait_for_selector("#now .failure")
    yield "failure"
