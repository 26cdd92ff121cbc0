"""axe-core over every state of every view: what a machine can find wrong for those who do not see, or use no mouse."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest
from fake_desk import FakeDesk
from page_material import served
from page_views import LONG_LINES, SIDEWAYS, states

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
# The script itself, which the page's policy would not let in as one; evaluated by the browser's driver it is.
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .flatMap((one) => one.nodes.map((node) => `${one.id} (${one.impact}): ${node.html.slice(0, 200)}`))"""


@pytest.fixture(scope="module")
def address() -> str:
    return served(FakeDesk(delay=0.005))


def violations(page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN))


def misfits(page) -> list[str]:
    return [*page.evaluate(SIDEWAYS), *page.evaluate(LONG_LINES)]


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [
        pytest.param(1360, 860, "light", id="wide, light"),
        pytest.param(3840, 2160, "dark", id="4K, dark"),
        pytest.param(360, 740, "light", id="narrow, light"),
        pytest.param(360, 740, "dark", id="narrow, dark"),
    ],
)
def test_every_state_of_every_view_fits_and_has_nothing_serious_wrong(
    open_page, width: int, height: int, scheme: str
) -> None:
    page = open_page(width=width, height=height, scheme=scheme)
    found = {state: wrong for state in states(page) if (wrong := violations(page) + misfits(page))}
    assert found == {}


def test_each_of_these_faults_would_be_found(open_page) -> None:
    page = open_page()
    page.evaluate("""() => {
      document.querySelector('#ask').replaceChildren();
      document.querySelector('.welcome p').style.width = '5000px';
      document.querySelector('.welcome p').style.maxWidth = 'none';
    }""")
    assert [wrong for wrong in violations(page) if wrong.startswith("button-name (critical)")]
    assert [wrong.split(":")[0] for wrong in misfits(page)] == ["DIV log", "lines of 625 characters"]
