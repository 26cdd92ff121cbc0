"""An archive in which every field is an attack, seen in a real browser: every view, every export, as a reader goes.

What the fixture `open_page` holds comes on top: no request to anywhere else, no error of the page, none of its policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from archive_material import EMBEDDER
from page_material import ask, served
from page_views import SETTLED, open_tab, unfold_limits

from bot.app import Desk
from bot.conversations import Conversations
from bot.settings import PASSAGE_TOKENS, Settings
from index.archive import Archive
from index.build import build

pytestmark = pytest.mark.slow

ATTACKS = (
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=2><svg/onload=window.pwned=3>",
    "\"'><iframe src=javascript:window.pwned=4></iframe><video autoplay src=http://127.0.0.1:9/v>",
    "![x](http://127.0.0.1:9/?q=1) [y](javascript:window.pwned=5) [z][r]\n[r]: http://127.0.0.1:9/ <http://127.0.0.1:9>",
    "<form action=http://127.0.0.1:9><input autofocus onfocus=window.pwned=6></form><base href=http://127.0.0.1:9>",
    "</style><style>*{background:url(http://127.0.0.1:9/s)!important}</style><link rel=stylesheet href=//127.0.0.1:9>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9'> {{constructor.constructor('window.pwned=7')()}}",
    "${window.pwned=8} $$\\href{javascript:window.pwned=9}{x}$$ </script></textarea></title> \u202egnp.exe\u2066",
)
URLS = ("javascript:window.pwned=10", "data:text/html,<script>window.pwned=11</script>", "http://127.0.0.1:9/own")
FILE = "<img src=x onerror=window.pwned=12> \u202etxt.gpj.txt"
QUESTION = "What did the repair of the harbour bridge cost?"

# Every element that a reader sees and that could act, and every way out, but for those of our own making.
FOREIGN = """() => {
  const places = '#log, #panel, #archive, #reader, #report, #kept, #timeline, #line, .reading, #masthead, #views';
  const found = [...document.querySelectorAll(places)].flatMap((place) => [...place.querySelectorAll(
    'script, img:not([src^="data:"]), iframe, object, embed, video, audio, base, meta, link, style, '
    + '[onerror], [onload], [onfocus], form[action]')]);
  const out = [...document.querySelectorAll('a[href]')].filter((a) => a.origin !== location.origin
    && !(a.protocol.startsWith('http') && a.rel === 'noopener noreferrer' && a.target === '_blank'));
  return [...found, ...out].map((one) => one.outerHTML.slice(0, 160));
}"""


def records() -> Iterator[dict[str, str]]:
    for number, attack in enumerate(ATTACKS):
        yield {
            "id": f"id{number}{attack[:30]}",
            "title": f"Bridge {number} {attack}",
            "outlet": f"Outlet {number} {attack}",
            "author": f"Author {number} {attack}",
            "published": f"2021-03-{number + 1:02}",
            "url": URLS[number % len(URLS)],
            "text": f"The repair of the harbour bridge did cost {number} million crowns {attack}\n\nShut. {attack}",
        }


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "articles.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records()), encoding="utf-8")
    archive = Archive.open(folder / "archive", create=True)
    report = build(archive, [folder / "articles.jsonl"], embedder=EMBEDDER, max_tokens=PASSAGE_TOKENS)
    assert report.added == len(ATTACKS)
    without_models: Any = EMBEDDER
    with Desk(Settings(folder / "archive", no_llm=True, strictness=0.0), archive, without_models) as desk:
        yield desk


@pytest.fixture(scope="module")
def address(desk: Desk) -> str:
    return served(desk)


def check(page: Any) -> None:
    page.evaluate(SETTLED)
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.evaluate(FOREIGN) == []


def test_no_view_runs_loads_or_leads_anywhere(open_page: Any, desk: Desk, tmp_path: Path) -> None:
    page, dialogs = open_page(), []
    page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    ask(page, QUESTION)
    page.wait_for_selector("#now .answer")
    check(page)
    page.locator("#now .marker").first.focus()
    check(page)
    page.locator("#now .marker").first.click()
    page.wait_for_selector(".reading mark.chosen")
    check(page)
    page.locator("#panel").get_by_role("button", name="All sources").click()
    check(page)
    ask(page, f"And the other? {ATTACKS[0]}")
    page.wait_for_selector("#x2 .stage.done", state="attached")
    unfold_limits(page)
    check(page)
    open_tab(page, "Archive")
    page.locator("#archive .item h3 button").first.click()
    page.wait_for_selector("#reader article")
    page.locator("#archive .outlets summary").click()
    check(page)
    open_tab(page, "Timeline")
    page.get_by_label("Topic").fill("harbour bridge repair")
    page.keyboard.press("Enter")
    page.evaluate(SETTLED)
    check(page)
    open_tab(page, "Add articles")
    (tmp_path / FILE).write_text(f"Bridge {ATTACKS[1]}\n\nThe bridge was shut {ATTACKS[2]} on Thursday, it is said.\n")
    page.locator("#files input[type=file]").set_input_files(tmp_path / FILE)
    page.wait_for_selector("#report section, #report h2, #report .report")
    check(page)
    open_tab(page, "Settings")
    check(page)
    (kept,) = Conversations(desk.archive.folder).listed()
    Conversations(desk.archive.folder).rename(kept.id, f"Kept {ATTACKS[1]}{ATTACKS[0]}")
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.wait_for_selector("#kept li")
    check(page)
    assert dialogs == []


def test_an_export_is_safe_to_open_from_the_disk(browser: Any, desk: Desk, address: str, tmp_path: Path) -> None:
    from bot.exchange import Exchange
    from bot.export_page import to_page
    from bot.limits import question_within

    *_, answer = desk.ask(question_within("{}", f"{QUESTION} {ATTACKS[0]}"))
    hostile = replace(answer, text=ATTACKS[3], model=ATTACKS[4])
    conversations = Conversations(tmp_path)
    place = conversations.keep((Exchange(1, hostile.question, answer=hostile),))
    conversations.rename(place.id, ATTACKS[1])
    found = conversations.open(place.id)
    assert found
    file = tmp_path / "export.html"
    file.write_text(to_page(found), encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.evaluate("document.querySelectorAll('script, img, form, iframe, video, link').length") == 0
    links = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.protocol + a.rel)")
    assert set(links) <= {"file:", "http:noopener noreferrer"}
    context.close()
