"""What `tests/quality/page_times.py` measures, over the scripted desk; the times themselves are no test's business."""

from __future__ import annotations

import page_times
import pytest
from fake_desk import FakeDesk
from page_times import Waits


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_steps_come_in_their_order_on_the_page_and_in_the_process() -> None:
    desk = FakeDesk()
    measured = [
        *page_times.on_the_page(desk, ["What does the repair cost?"]),
        *page_times.in_the_process(desk, ["What does the repair cost?"]),
    ]
    assert len(measured) == 2
    page, _ = measured
    assert 0 < page.request <= page.found < page.evidence
    for waits in measured:
        assert 0 < waits.evidence <= waits.first_word < waits.answer  # a busy machine paints two at once


def test_the_table_gives_medians_and_leaves_out_a_step_that_never_came() -> None:
    all_waits = [Waits("a", 100, None, 1000), Waits("b", 300, None, 3000), Waits("c", 200, None, 2000)]
    table = page_times.report({"on the page": all_waits}).splitlines()
    assert [line.split()[-3:] for line in table if "evidence" in line] == [["200", "300", "3"]]
    assert not any("first word" in line for line in table)
