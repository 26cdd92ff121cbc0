"""What tests share: the two models, loaded once a run, and a browser. `byline models pull` brings the models."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from page_material import PATIENCE, find_chromium, launch

from bot.llama import LlamaGenerator
from bot.models import find_model
from index.bert_graph import write_graph
from index.errors import ModelMissing

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
def minilm_folder() -> Path:
    try:
        return find_model("all-MiniLM-L6-v2", "embedder")
    except ModelMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def minilm_graph(minilm_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedder's weights as the graph that its fast backends run."""
    path = tmp_path_factory.mktemp("graph") / "minilm.onnx"
    write_graph(minilm_folder, path)
    return path


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
    if find_chromium() is None:
        message = "no chromium on this machine: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


def is_foreign(event: str, arguments: tuple[object, ...]) -> bool:
    """True for an event of this process that reaches out to another machine, or asks for one's address."""
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        return False
    there = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = there[0] if isinstance(there, tuple) else there
    if not isinstance(host, str) or host in ("", "localhost") or host.startswith(("/", "\0")):
        return False  # no host, or a socket of this machine's own
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


@pytest.fixture(scope="session")
def reached() -> list[str]:
    """What this process, and so the page's server, has tried to reach outside this machine; grows until cleared."""
    seen: list[str] = []
    sys.addaudithook(lambda event, some: seen.append(f"{event} {some[:2]}") if is_foreign(event, some) else None)
    return seen


# What Gradio's client says of the streams that end with the document that held them.
BROKEN_OFF = re.compile(r"AbortError: signal is aborted without reason|Unexpected error Connection errored out")


def leaving(page) -> Callable[[], bool]:
    """Return whether the page's document is being left for another: asked for, and not there yet."""
    asked_for = [False]

    def asks(request) -> None:
        if request.is_navigation_request() and request.frame == page.main_frame:
            asked_for[0] = True

    def arrived(frame) -> None:
        if frame == page.main_frame:
            asked_for[0] = False

    page.on("request", asks)
    page.on("framenavigated", arrived)
    return lambda: asked_for[0]


@pytest.fixture
def open_page(browser, address: str, reached: list[str]) -> Iterator[Callable[..., object]]:
    """Open pages that must end without a request to the network, theirs or the server's, and without an error."""
    contexts, wrong = [], []
    reached.clear()

    def open_one(
        *,
        width: int = 1360,
        height: int = 860,
        scheme: str = "light",
        url: str = address,
        path: str = "",
        ready: str = ".welcome",
    ):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)

        def note(error: str) -> None:
            if not (is_left() and BROKEN_OFF.match(error)):
                wrong.append(error)

        own = re.compile(re.escape(url) + "|data:|blob:" + re.escape(url))
        page.on("request", lambda request: None if own.match(request.url) else wrong.append(request.url))
        is_left = leaving(page)
        page.on("console", lambda message: note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: note(str(error)))
        page.goto(url + path)
        page.wait_for_selector(ready)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert wrong == []
    assert reached == []
