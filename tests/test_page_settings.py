"""The settings in a real browser, over a scripted desk: what is kept, what is shared, and how the model is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fake_desk import FakeDesk
from page_material import NAMELESS, WORST_CONTRAST, ask, served

from bot.models import load_models
from bot.strictness import STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ON_THIS_MACHINE = ("smollm2-135m", "gemma-3-4b")


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two models of models.txt as far as their sizes go; nothing is loaded."""
    folder = tmp_path_factory.mktemp("models")
    for model in load_models():
        if model.name in ON_THIS_MACHINE:
            with (folder / model.place).open("wb") as file:
                file.truncate(model.size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BYLINE_MODELS", str(folder))
        yield


@pytest.fixture(scope="module")
def shared_desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def desk(shared_desk: FakeDesk) -> FakeDesk:
    shared_desk.model_name = "fake-1.5b"
    shared_desk.used.clear()
    return shared_desk


@pytest.fixture(scope="module")
def address(shared_desk: FakeDesk) -> str:
    return served(shared_desk)


def settings(page) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.wait_for_selector("#models li")
    page.wait_for_selector("#settings :checked")


def is_dark(page) -> bool:
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(re.findall(r"\d+", paper)[0]) < 60


def reload(page) -> None:
    page.reload()
    page.wait_for_selector(".welcome, #now .answer")


@pytest.mark.parametrize(("system", "chosen"), [("light", "Dark"), ("dark", "Light")])
def test_light_or_dark_is_chosen_at_once_and_survives_a_reload(open_page, system: str, chosen: str) -> None:
    page = open_page(scheme=system)
    assert is_dark(page) is (system == "dark")
    settings(page)
    page.get_by_label(chosen, exact=True).check()
    assert is_dark(page) is (chosen == "Dark")
    page.add_init_script(
        """window.papers = new Set();
        const look = () => {
          if (document.body) papers.add(getComputedStyle(document.body).backgroundColor);
          requestAnimationFrame(look);
        };
        look();"""
    )
    reload(page)
    assert is_dark(page) is (chosen == "Dark")
    assert len(page.evaluate("[...papers]")) == 1  # no other paper was ever painted
    settings(page)
    assert page.get_by_label(chosen, exact=True).is_checked()
    page.get_by_label("As the system").check()
    assert is_dark(page) is (system == "dark")


def test_strictness_and_passages_reach_the_question_and_survive_a_reload(open_page, desk: FakeDesk) -> None:
    page = open_page()
    settings(page)
    page.get_by_label("Only when sure").check()
    page.get_by_label("Read", exact=True).select_option("4")
    page.get_by_role("tab", name="Ask").click()
    page.get_by_text("As in the settings: only when sure").wait_for(state="attached")
    ask(page, "What happened?")
    page.wait_for_selector("#now .answer")
    assert (desk.asked[-1].strictness, desk.asked[-1].passages) == (STEPS[-1].strictness, 4)
    reload(page)
    page.get_by_text("As in the settings: only when sure").wait_for(state="attached")
    ask(page, "What happened then?")
    page.wait_for_selector("#now .answer")
    assert (desk.asked[-1].strictness, desk.asked[-1].passages) == (STEPS[-1].strictness, 4)


def test_an_exact_strictness_is_kept_and_one_that_is_none_is_not(open_page) -> None:
    page = open_page()
    settings(page)
    exact = page.get_by_label("or exactly")
    assert exact.input_value() == "0.3"  # as the desk was started
    exact.fill("0.33")
    exact.fill("7")
    page.keyboard.press("Tab")
    assert exact.input_value() == "0.33"
    page.get_by_role("button", name="Back to how Byline was started").click()
    assert exact.input_value() == "0.3"
    assert page.evaluate("localStorage.getItem('byline-settings')") == "{}"


def test_the_settings_of_one_tab_are_those_of_the_next(browser, address: str, desk: FakeDesk) -> None:
    context = browser.new_context()
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        page.goto(address)
        page.wait_for_selector(".welcome")
    settings(one)
    one.get_by_label("Dark", exact=True).check()
    one.get_by_label("Answer more").check()
    two.wait_for_function("document.body.classList.contains('dark')")
    two.get_by_text("As in the settings: answer more").wait_for(state="attached")
    context.close()


def test_the_model_is_changed_for_everyone(open_page, desk: FakeDesk) -> None:
    page, other = open_page(), open_page()
    settings(page)
    assert "byline models pull qwen3-4b" in page.text_content("#models")
    page.get_by_role("button", name="smollm2-135m: use").click()
    page.wait_for_selector("#switching progress[value]")
    page.get_by_text("smollm2-135m answers now.").wait_for()
    page.get_by_text("answers by smollm2-135m").wait_for()
    assert page.evaluate("document.activeElement.ariaLabel") == "smollm2-135m: in use"
    assert desk.model_name == "smollm2-135m"
    other.get_by_text("answers by smollm2-135m").wait_for()
    page.get_by_role("button", name="Without a model: use").click()
    page.get_by_text("Answers are made without a model now.").wait_for()


def test_a_model_that_fails_to_load_leaves_the_old_one_and_says_why(open_page, desk: FakeDesk) -> None:
    page = open_page()
    settings(page)
    page.get_by_role("button", name="gemma-3-4b: use").click()
    page.wait_for_selector("#switching .failure")
    assert "<b>another</b>" in page.text_content("#switching .failure")
    assert page.text_content("#switching .mend") == "byline models pull gemma-3-4b"
    page.get_by_role("button", name="fake-1.5b: in use").wait_for()
    assert desk.model_name == "fake-1.5b"


def test_a_model_waits_until_no_question_is_being_answered(open_page, desk: FakeDesk) -> None:
    reader, changing = open_page(), open_page()
    ask(reader, "slow")
    reader.wait_for_selector(".draft")
    settings(changing)
    changing.get_by_role("button", name="smollm2-135m: use").click()
    changing.get_by_text("Waiting until one question is answered").wait_for()
    assert desk.model_name == "fake-1.5b"
    reader.get_by_role("button", name="Stop").click()
    changing.get_by_text("smollm2-135m answers now.").wait_for()


def test_what_is_no_model_of_this_machine_is_never_loaded(open_page, desk: FakeDesk) -> None:
    page = open_page()
    settings(page)
    button = page.get_by_role("button", name="smollm2-135m: use")
    button.evaluate("button => { button.dataset.model = '/etc/passwd'; }")
    button.click()
    page.get_by_role("button", name="Without a model: use").click()
    page.get_by_text("Answers are made without a model now.").wait_for()
    assert desk.used == [None]


def test_one_reader_with_two_tabs_does_not_keep_another_waiting(browser, address: str, desk: FakeDesk) -> None:
    one, two = browser.new_context(), browser.new_context()
    first, second, other = one.new_page(), one.new_page(), two.new_page()
    for page in (first, second, other):
        page.goto(address)
        page.wait_for_selector(".welcome")
    ask(first, "slow")
    first.wait_for_selector(".draft")
    ask(second, "slow too")
    second.get_by_text("1 question ahead of yours").wait_for()
    ask(other, "What does the repair cost?")
    other.get_by_text("1 question ahead of yours").wait_for()
    second.get_by_text("2 questions ahead of yours").wait_for()
    first.get_by_role("button", name="Stop").click()
    other.wait_for_selector("#now .answer")
    second.wait_for_selector(".draft")
    assert first.locator(".partial").count() == 1
    for context in (one, two):
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360], ids=["wide", "narrow"])
def test_the_settings_can_be_read_and_everything_has_a_name(open_page, width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    settings(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ratio, where = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, where
    assert page.evaluate(NAMELESS) == []
