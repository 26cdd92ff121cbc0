"""The pictures that `tests/quality/screenshots.py` takes of the page, over the scripted desk."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
import screenshots
from fake_desk import FakeDesk
from page_material import served
from PIL import Image

pytestmark = [pytest.mark.timeout(300)]


@pytest.mark.slow
def test_each_view_becomes_a_small_picture(tmp_path: Path) -> None:
    script = screenshots.Script("What does the repair cost?", "refuse this")
    names = ("start", "refusal", "answer", "quote", "article", "limits", "add-articles", "settings")
    wanted = [f"{name}-narrow-dark" for name in names]
    taken = list(screenshots.take(served(FakeDesk()), tmp_path, script, only=wanted))
    assert sorted(path.stem for path in taken) == sorted(wanted)
    assert {Image.open(path).size for path in taken} == {screenshots.WIDTHS["narrow"]}
    assert len({path.read_bytes() for path in taken}) == len(wanted)


def test_a_picture_that_cannot_be_small_is_an_error(tmp_path: Path) -> None:
    noise = Image.frombytes("RGB", (600, 600), random.Random(1).randbytes(600 * 600 * 3))
    written = BytesIO()
    noise.save(written, "PNG")
    with pytest.raises(ValueError, match="larger than 60000 bytes"):
        screenshots.save(written.getvalue(), tmp_path / "noise.webp")
