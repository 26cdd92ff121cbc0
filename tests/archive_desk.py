"""A desk over a real archive of the sample articles, without models: for the tests of the archive view.

Run `PYTHONPATH=.:tests python tests/archive_desk.py` to look at it.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from archive_material import EMBEDDER, MAX_TOKENS, put
from fake_desk import ARTICLES

from bot.app import Desk
from bot.settings import Settings
from index.archive import Archive
from index.build import build

SAMPLES = Path(__file__).parent.parent / "index" / "samples" / "articles"


def open_desk(folder: Path, *more: Path) -> Desk:
    """Return a desk over the samples, what lies in `more`, and five articles of which one is hostile."""
    archive = Archive.open(folder, create=True)
    put(archive, ARTICLES)
    build(archive, [SAMPLES, *more], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    without_models: Any = EMBEDDER
    return Desk(Settings(folder, no_llm=True), archive, without_models)


if __name__ == "__main__":
    from bot.web import serve

    serve(open_desk(Path(mkdtemp())), on_ready=print)
