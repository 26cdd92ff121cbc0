"""The page with the network cut, which it is in every test that opens one, and with reduced motion."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from fake_desk import FakeDesk
from page_material import ask, served
from playwright.sync_api import Error

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MOVING = "document.getAnimations().filter((one) => one.playState === 'running').length"


@pytest.fixture(scope="module")
def address() -> str:
    return served(FakeDesk())


def test_these_tests_have_no_network(browser, reached: list[str]) -> None:
    page = browser.new_page()
    with pytest.raises(Error, match="ERR_PROXY_CONNECTION_FAILED"):
        page.goto("http://far.example/")
    page.close()
    reached.clear()
    with suppress(OSError), socket.socket() as foreign:
        foreign.settimeout(0.01)
        foreign.connect(("192.0.2.1", 80))
    assert reached != []  # the watch that every test of the page ends with sees it


def test_nothing_moves_for_a_reader_who_asked_for_that(open_page) -> None:
    page = open_page()
    ask(page, "slow")
    page.wait_for_selector("#now .draft")
    assert page.evaluate(MOVING) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) > 0
    page.keyboard.press("Escape")
    page.wait_for_selector("#now .partial")
