"""What tests share: the two models, loaded once a run, and a browser. `byline models pull` brings the models."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from page_material import PATIENCE

from bot.llama import LlamaGenerator
from bot.models import find_model

# The same examples every run, so that a change is what breaks a test; HYPOTHESIS_PROFILE=explore looks for others.
# No deadlines: the machine may be busy, and time is measured elsewhere.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def smollm_path() -> Path:
    return find_model("smollm2-135m", "generator")


@pytest.fixture(scope="session")
def smollm(smollm_path: Path) -> Iterator[LlamaGenerator]:
    """The smallest model, with a context that a test can fill within seconds."""
    generator = LlamaGenerator.load(smollm_path, name="smollm2-135m", context=1024)
    yield generator
    generator.close()


@pytest.fixture(scope="session")
def default_model_path() -> Path:
    return find_model(None, "generator")


@pytest.fixture(scope="session")
def default_model(default_model_path: Path) -> Iterator[LlamaGenerator]:
    """The model readers get; only for tests marked slow."""
    generator = LlamaGenerator.load(default_model_path)
    yield generator
    generator.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        message = "no chromium on this machine: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser, address: str) -> Iterator[Callable[..., object]]:
    """Open pages that must end without a request to the network, a refused script or an error."""
    contexts, wrong = [], []

    def open_one(*, width: int = 1360, height: int = 860, scheme: str = "light", url: str = address):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        own = re.compile(re.escape(url) + "|data:|blob:" + re.escape(url))
        page.on("request", lambda request: None if own.match(request.url) else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(url)
        page.wait_for_selector(".welcome")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert wrong == []
