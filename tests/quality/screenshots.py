"""Takes pictures of every view, wide and narrow, in light and dark: over the sample articles, in a real Chromium.

    python tests/quality/screenshots.py FOLDER                                the articles' own sentences answer
    python tests/quality/screenshots.py FOLDER --model qwen2.5-coder-1.5b     a model does
    python tests/quality/screenshots.py FOLDER --only article-wide-light article-narrow-dark

A picture is called VIEW-WIDTH-SCHEME.webp; views are found by their tabs. Each is kept under 60 kB.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from page_material import PATIENCE, ask, launch, served
from page_views import open_tab, tabs, unfold_limits
from PIL import Image

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.settings import Settings
from bot.terminal import out
from index.build import ignore

SAMPLES = Path(__file__).resolve().parents[2] / "index" / "samples" / "articles"
WIDTHS = {"wide": (1360, 860), "narrow": (390, 844)}
SCHEMES = ("light", "dark")
MOST_BYTES = 60_000
COLOURS = (0, 256, 128, 64)  # 0: all of them; of letters' edges fewer do, and lossless is then smaller than lossy


@dataclass(frozen=True, slots=True)
class Script:
    """What is asked before the camera: one question with an answer, and one without."""

    answered: str = "How many people were evacuated because of the Lowmarsh flood?"
    refused: str = "Who won the chess tournament in Lisbon?"


def take(url: str, folder: Path, script: Script, *, only: Collection[str] = ()) -> Iterator[Path]:
    """Yield each picture's file once it is taken; with `only`, of the pictures so named."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width, (across, down) in WIDTHS.items():
            for scheme in SCHEMES:
                look = f"{width}-{scheme}"
                if only and not any(name.endswith(look) for name in only):
                    continue
                size = {"width": across, "height": down}
                page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
                page.set_default_timeout(PATIENCE * 6)
                page.goto(url)
                for view in views(page, script):
                    name = f"{view}-{look}"
                    if not only or name in only:
                        yield save(page.screenshot(animations="disabled"), folder / f"{name}.webp")
                page.close()
        browser.close()


def views(page: Any, script: Script) -> Iterator[str]:
    """Yield the name of each view once it is shown."""
    page.wait_for_selector(".welcome")
    yield "start"
    ask(page, script.refused)
    page.wait_for_selector("#now .stage.done, #now .refusal")
    yield "refusal"
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    ask(page, script.answered)
    page.wait_for_selector("#now .answer")
    yield "answer"
    page.locator("#now").get_by_role("button", name="All sources").click()
    page.wait_for_selector("#panel .card")
    yield "quote"
    page.locator("#now .marker").first.click()
    page.wait_for_selector(".reading mark.chosen")
    yield "article"
    unfold_limits(page)
    yield "limits"
    for name in tabs(page)[1:]:
        open_tab(page, name)
        yield name.lower().replace(" ", "-")


def save(picture: bytes, path: Path) -> Path:
    """Write a picture in as many colours as its size allows; raises ValueError for one that is too large in few."""
    whole = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        drawn = whole.quantize(colours, dither=Image.Dither.NONE).convert("RGB") if colours else whole
        written = BytesIO()
        drawn.save(written, "WEBP", lossless=True)
        if written.tell() <= MOST_BYTES:
            path.write_bytes(written.getvalue())
            return path
    raise ValueError(f"{path.name} is larger than {MOST_BYTES} bytes in {COLOURS[-1]} colours")


@contextmanager
def sample_desk(settings: Settings) -> Iterator[Desk]:
    """Open a desk over the sample articles in an archive of its own."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        desk = stack.enter_context(Desk.open(replace(settings, archive=Path(folder)), create=True, may_be_empty=True))
        desk.index([SAMPLES], ignore)
        desk.warm()
        yield desk


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures and name each with its size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", default=(), metavar="PICTURE")
    parser.add_argument("--model", default="", help="the model that answers; default: the articles' own sentences do")
    options = parser.parse_args(arguments)
    with sample_desk(Settings(Path(), model=options.model, no_llm=not options.model)) as desk:
        for path in take(served(desk), options.folder, Script(), only=options.only):
            out(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
