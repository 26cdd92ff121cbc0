"""Everything the page shows, one state after the other, over the scripted desk; tabs are found, not named."""

from __future__ import annotations

from collections.abc import Iterator

from page_material import ask

# What scrolls sideways though it is no table or plot of its own: the page, its views and the columns of one.
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll('.tabitem, #log, #panel, #composer')]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.tagName} ${one.id}: ${one.scrollWidth} > ${one.clientWidth}`)"""

# Lines of more characters than a reader's eye finds the way back from, a character taken for half its height.
LONG_LINES = """() => [...document.querySelectorAll('p:not(.origin), li, blockquote, h2, h3, dd')]
  .filter((one) => one.checkVisibility() && !one.closest('.hidden, .sr-only')
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((one) => [one, one.clientWidth / parseFloat(getComputedStyle(one).fontSize) * 2])
  .filter(([one, characters]) => Math.min(characters, one.textContent.length) > 100)
  .map(([one, characters]) => `lines of ${Math.round(characters)} characters: ${one.outerHTML.slice(0, 120)}`)"""

# Ends when nothing on the page has changed for a while.
SETTLED = """() => new Promise((resolve) => {
  let quiet = setTimeout(resolve, 400);
  new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(resolve, 400); })
    .observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
})"""

LIMITS = "Dates, outlets, authors, how sure"


def tabs(page) -> list[str]:
    return [str(name).strip() for name in page.get_by_role("tab").all_text_contents()]


def open_tab(page, name: str) -> None:
    """Open a tab and wait for its panel, which bears its name, to be filled."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.get_by_role("tabpanel", name=name, exact=True).wait_for()
    page.evaluate(SETTLED)


def unfold_limits(page) -> None:
    page.get_by_text(LIMITS).click()
    page.get_by_label("Find authors").wait_for()


def states(page) -> Iterator[str]:
    """Yield the name of each state once the page is in it."""
    yield "empty"
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    yield "answer"
    page.locator("#c1-2").focus()
    yield "quote shown at a citation"
    page.locator("#c1-2").click()
    page.wait_for_selector(".reading mark.chosen")
    yield "article"
    page.locator("#panel").get_by_role("button", name="All sources").click()
    page.wait_for_selector("#s1-2.chosen")
    yield "citation chosen"
    page.locator("#x1 .edit summary").click()
    yield "question edited"
    ask(page, "And in march?")
    page.wait_for_selector("#x2 .answer")
    yield "follow-up"
    yield from _without_an_answer(page)
    unfold_limits(page)
    yield "limits"
    page.get_by_text(LIMITS).click()
    for name in tabs(page):
        open_tab(page, name)
        yield f"tab {name}"
    yield from _in_the_archive(page)


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


def _in_the_archive(page) -> Iterator[str]:
    open_tab(page, "Archive")
    page.locator("#archive-form").get_by_label("Words").fill("bridge crowns")
    page.wait_for_selector("#archive .item mark")
    yield "archive narrowed"
    page.locator("#archive .item h3 button").first.click()
    page.wait_for_selector("#reader mark.chosen")
    page.locator("#archive .outlets summary").click()
    yield "archive with an article and its outlets"
    page.keyboard.press("Escape")
    page.locator("#archive .tick").first.check()
    page.locator("[data-take=ticked]").click()
    page.wait_for_selector(".asking")
    yield "removing asked about"
