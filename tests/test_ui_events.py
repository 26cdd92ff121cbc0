"""What is sent to the page while a question is answered: as little as tells the reader all of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
from fake_desk import FakeDesk

from bot.line import Line
from bot.ui_events import Events, Parts
from bot.ui_shared import Common

COST = "What does the repair cost?"
PARTS = ("earlier", "now", "panel", "box", "ask", "stop")


def updates(desk: FakeDesk, question: str = COST) -> list[dict[str, Any]]:
    """All that one question sends, by the names of the components."""
    events = Events(desk, Common("facts", "again", "changed", Line()), Parts("again", *PARTS, "sent"))  # type: ignore[arg-type]
    reader = SimpleNamespace(session_hash="a", cookies={}, query_params={})
    return list(events.ask(question, "", reader))  # type: ignore[arg-type]


def test_the_first_update_draws_the_question_in_one_and_empties_the_box() -> None:
    first, *rest = updates(FakeDesk())
    assert set(first) == set(PARTS)
    assert (first["box"], COST in first["now"]) == ("", True)
    assert all(set(update) <= {"now", "panel", "ask", "stop"} for update in rest)


def test_the_evidence_is_sent_with_the_second_update_at_the_latest() -> None:
    drawing = [update for update in updates(FakeDesk(delay=0.2)) if update["now"] != gr.skip()]
    assert any('class="hit"' in update.get("panel", "") for update in drawing[:2])


def test_the_panel_is_drawn_when_asked_when_found_and_when_answered() -> None:
    drawn = [update["panel"] for update in updates(FakeDesk(delay=0.2)) if "panel" in update]
    assert len(drawn) <= 3
    assert 'class="card"' in drawn[-1]


def test_nothing_is_drawn_anew_while_nothing_changes() -> None:
    drawn = [update["now"] for update in updates(FakeDesk(delay=0.1))]
    assert gr.skip() in drawn  # several while the model reads: by them a closed tab is noticed
    new = [each for each in drawn if each != gr.skip()]
    assert len(new) == len(set(new))
