"""The page in a real browser, over a scripted desk; the last test is over a real archive and the smallest model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fake_desk import BY_ID, CITATIONS, HOSTILE, NEAREST, FakeDesk
from page_material import NAMELESS, WORST_CONTRAST, ask, focused, in_view, served

from bot.app import Desk
from bot.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SAMPLES = Path(__file__).parent.parent / "index" / "samples" / "articles"


@pytest.fixture(scope="module")
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


def test_an_empty_page_tells_what_is_in_the_archive_and_what_it_can_be_asked(open_page) -> None:
    page = open_page()
    assert "5 articles · 3 outlets · 2 October 2016 – 24 June 2017" in page.text_content("#facts")
    assert page.locator(".examples button").count() == 3
    assert page.locator("h1").all_text_contents() == ["Byline"]
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.activeElement.matches('#question textarea')")
    page.locator(".examples button").first.click()
    page.wait_for_selector("#now .answer")
    assert page.text_content("#now .question") == "What is reported about Mara Lind?"


def test_from_a_sentence_to_the_words_of_the_article_and_back(open_page) -> None:
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#panel .hit")  # the evidence, while the answer is still being written
    assert page.locator(".answer").count() == 0
    page.wait_for_selector("#now .answer")
    page.get_by_role("button", name="Citation 4: Council approves repair").click()
    page.wait_for_selector(".reading mark.chosen")
    assert focused(page) == CITATIONS[3].quote
    assert page.locator(".reading mark").all_text_contents() == [CITATIONS[0].quote, CITATIONS[3].quote]
    assert in_view(page, ".reading mark.chosen")
    page.get_by_role("link", name="Back to the answer").click()
    assert focused(page) == "c1-4"
    page.get_by_role("button", name="Citation 2: Bridge repair to cost 5.1 million").click()
    page.wait_for_selector(".reading:has-text('engineers told the council')")
    page.locator("#panel").get_by_role("button", name="All sources").click()
    page.wait_for_selector("#s1-2.chosen")
    assert page.text_content("#s1-2 mark") == CITATIONS[1].quote
    assert focused(page) == "s1-2"


def test_who_else_carries_a_quote_can_be_opened(open_page) -> None:
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    page.locator("#now").get_by_role("button", name="All sources").click()
    page.locator("#s1-2 .carriers").get_by_role("button").click()
    page.wait_for_selector(".reading")
    assert BY_ID["opinion"].source.title in page.text_content(".reading")


def test_a_doubtful_sentence_looks_different_and_says_why(open_page) -> None:
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    looks = {
        support: page.evaluate(
            "s => getComputedStyle(document.querySelector(s)).textDecorationStyle", f".sentence.{support}"
        )
        for support in ("supported", "partly", "unsupported")
    }
    assert looks == {"supported": "solid", "partly": "dotted", "unsupported": "wavy"}
    assert "lack twelve" in page.text_content(".answer")


def test_a_refusal_helps_on(open_page) -> None:
    page = open_page()
    ask(page, "refuse this")
    page.wait_for_selector(".refusal")
    assert "None of the five nearest articles" in page.text_content(".refusal")
    page.locator(".refusal").get_by_role("button", name="Bridge repair to cost").click()
    page.wait_for_selector(".reading mark.chosen")
    assert page.text_content(".reading mark.chosen") == NEAREST[0].quote


@pytest.mark.parametrize("how", ["button", "key"])
def test_stop_stops_the_model_and_keeps_what_was_written(open_page, desk: FakeDesk, how: str) -> None:
    page, before = open_page(), desk.stopped
    ask(page, "slow")
    page.wait_for_selector(".draft")
    page.get_by_role("button", name="Stop").click() if how == "button" else page.keyboard.press("Escape")
    page.wait_for_selector(".partial")
    assert desk.stopped == before + 1
    assert "Stopped by you" in page.text_content("#now")
    assert page.text_content(".partial p").startswith("The council")
    page.get_by_role("button", name="Ask", exact=True).wait_for()


def test_closing_the_tab_stops_the_model(open_page, desk: FakeDesk) -> None:
    page, before = open_page(), desk.stopped
    ask(page, "slow")
    page.wait_for_selector(".draft")
    page.close()
    other = open_page()
    ask(other, "What does the repair cost?")
    other.wait_for_selector("#now .answer")  # is asked only after the one before has left the model
    assert desk.stopped == before + 1


def test_two_readers_do_not_disturb_each_other(open_page) -> None:
    one, two = open_page(), open_page()
    ask(one, "slow")
    one.wait_for_selector(".draft")
    ask(two, "refuse this")
    two.wait_for_selector("text=1 question ahead of yours")
    one.get_by_role("button", name="Stop").click()
    two.wait_for_selector(".refusal")
    assert one.locator(".refusal").count() == 0
    assert one.locator(".partial").count() == 1


def test_the_dates_that_a_question_implies_are_taken_away_with_one_key(open_page, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "What happened in march?")
    page.wait_for_selector("#now .answer")
    assert "1–31 March 2017" in page.text_content("#now .limits")
    page.get_by_role("button", name="Ask again, for articles of any date").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#x2 .answer")
    assert desk.asked[-1].any_date
    assert (desk.asked[-1].text, desk.asked[-1].history) == ("What happened in march?", ())
    assert "Asked again, for articles of any date" in page.text_content("#now")
    page.locator("#x1 .chip").click()
    page.wait_for_selector("#x3 .answer")


def test_a_conversation_goes_on_and_begins_again(open_page, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#x1 .answer")
    ask(page, "And why?")
    page.wait_for_selector("#x2 .answer")
    assert [turn.question for turn in desk.asked[-1].history] == ["What does the repair cost?"]
    assert "Understood as" in page.text_content("#x2")
    page.locator("#x1").get_by_role("button", name="All sources").click()  # an earlier answer's sources come back
    page.wait_for_selector("#s1-1")
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    assert page.locator(".exchange").count() == 0
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")
    assert desk.asked[-1].history == ()


def test_a_follow_up_that_was_misunderstood_is_put_right_and_asked_again(open_page, desk: FakeDesk) -> None:
    page = open_page()
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#x1 .answer")
    ask(page, "And why?")
    page.wait_for_selector("#x2 .answer")
    field = page.get_by_label("Understood as:")
    assert field.input_value() == "What does the repair of the harbour bridge cost?"
    field.fill("Why does the repair cost so much?")
    page.get_by_role("button", name="Ask this").click()
    page.wait_for_selector("#x3 .answer")
    assert desk.asked[-1].text == "Why does the repair cost so much?"
    assert desk.asked[-1].history == ()  # taken as it stands
    page.locator("#u2").fill("Who pays for the repair?")  # the earlier one, by the keyboard
    page.keyboard.press("Enter")
    page.wait_for_selector("#x4 .answer")
    assert desk.asked[-1].text == "Who pays for the repair?"


def test_text_of_articles_and_models_is_only_ever_text(open_page) -> None:
    page = open_page()
    ask(page, f"hostile {HOSTILE}")
    page.wait_for_selector("#now .answer")
    page.get_by_role("button", name="All sources").click()
    page.locator("#panel .card").get_by_role("button", name="Open article").click()
    page.wait_for_selector(".reading")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#log img, #panel img, #log script, #panel script, #log a, #panel a[target]").count() == 0
    assert "<script>window.hacked=1</script>" in page.text_content("#now .answer")


def test_a_failure_says_what_mends_it(open_page) -> None:
    page = open_page()
    ask(page, "fail")
    page.wait_for_selector(".failure")
    assert page.text_content(".mend") == "byline models pull"
    ask(page, "What does the repair cost?")
    page.wait_for_selector("#now .answer")


def test_everything_is_reached_with_the_keyboard(open_page) -> None:
    page = open_page()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type("What does the")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("repair cost?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#now .answer")
    assert page.text_content("#now .question") == "What does the\nrepair cost?"
    page.locator("#c1-1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".reading mark.chosen")
    page.wait_for_function("document.activeElement.matches('mark.chosen')")
    assert focused(page) == CITATIONS[0].quote
    page.keyboard.press("Tab")  # the way back stands after the quote
    page.keyboard.press("Enter")
    assert focused(page) == "c1-1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_and_everything_has_a_name(open_page, scheme: str) -> None:
    page = open_page(scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) < 60) is (scheme == "dark")
    page.locator("#limits summary").click()
    views = {
        "What does the repair cost?": ".answer",
        "cost in march": "#now .chip",
        "refuse this": ".refusal",
        "fail": ".failure",
        "cost": "#now .answer",
    }
    for question, seen in views.items():
        ask(page, question)
        page.wait_for_selector(seen)
        ratio, where = page.evaluate(WORST_CONTRAST)
        assert ratio >= 4.5, where
        assert page.evaluate(NAMELESS) == []
    page.locator("#now .marker").first.click()
    page.wait_for_selector(".reading")
    page.locator("#now .edit summary").click()
    ratio, where = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, where


def test_a_narrow_screen_never_scrolls_sideways_and_shows_the_quote(open_page) -> None:
    page = open_page(width=360, height=740)
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wider) <= 0
    for question, seen in {"hostile": ".answer", "refuse": ".refusal", "cost": "#x3 .answer"}.items():
        ask(page, question)
        page.wait_for_selector(seen)
        assert page.evaluate(wider) <= 0
        assert in_view(page, "#now .question")
    page.locator("#c3-4").click()
    page.wait_for_selector(".reading mark.chosen")
    assert in_view(page, ".reading mark.chosen")
    assert page.evaluate(wider) <= 0


def test_a_real_archive_answers_in_the_page(open_page, smollm_path: Path, tmp_path: Path) -> None:
    settings = Settings(archive=tmp_path, model=str(smollm_path))
    with Desk.open(settings, create=True, may_be_empty=True) as desk:
        desk.index([SAMPLES], lambda progress: None)
        page = open_page(url=served(desk))
        page.locator(".examples button").first.click()
        page.wait_for_selector("#panel .hit, #panel .card", timeout=60_000)
        page.wait_for_selector("#now .answer, #now .refusal", timeout=120_000)
        if page.locator("#now .marker").count():
            quote = page.text_content("#now .peek q")
            page.locator("#now .marker").first.click()
            page.wait_for_selector(".reading")
            assert page.text_content(".reading mark.chosen") == quote
        upload = tmp_path / "letter.txt"
        upload.write_text("A letter to the editor\n\nThe new library in Saltmarsh opens on Friday, the mayor said.")
        page.get_by_role("tab", name="Add articles").click()
        page.locator("#files input[type=file]").set_input_files(upload)
        page.wait_for_selector("#report >> text=1 article added", timeout=60_000)
