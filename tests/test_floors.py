"""What was reached is held: the gate itself, and (slow) what the default model makes of its questions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import floors
import pytest
from evaluation_material import make_outcome, make_question

from bot.evaluate import open_results
from bot.figures import Evaluation, compute
from bot.outcome import Outcome
from bot.questions import read_questions
from index.errors import UsageError

LIMITS = floors.Floors(
    ("q0", "q1", "q2", "q3"), "", {"answer contains gold": 0.5}, {"false refusal": 0.5, "broke off": 0.0}
)


def results(*texts: str) -> list[Outcome]:
    """One outcome a text: "5" is right, "6" wrong, "" a refusal."""
    return [
        make_outcome(text, question=make_question(id=f"q{number}", answers=["5"])) for number, text in enumerate(texts)
    ]


def evaluation(*texts: str) -> Evaluation:
    return compute(results(*texts))


def test_a_figure_below_its_floor_or_above_its_ceiling_is_named() -> None:
    assert floors.shortfalls(evaluation("5", "5", "6", ""), LIMITS) == []
    (below,) = floors.shortfalls(evaluation("5", "6", "6", ""), LIMITS)
    assert below == "answer contains gold: 0.250 of 4, to be at least 0.500"
    assert len(floors.shortfalls(evaluation("5", "", "", ""), LIMITS)) == 2


def test_a_figure_that_was_not_measured_is_below_its_floor() -> None:
    (below,) = floors.shortfalls(compute(()), LIMITS)
    assert below.startswith("answer contains gold: - of 0")


def test_floors_are_raised_to_one_question_below_what_was_reached() -> None:
    made = floors.raised(evaluation("5", "5", "5", "5"), LIMITS)
    assert made.at_least == {"answer contains gold": 0.75}
    assert made.at_most == {"false refusal": 0.25, "broke off": 0.0}


def test_what_is_reached_again_leaves_the_floors_where_they_are() -> None:
    assert floors.raised(evaluation("5", "5", "6", ""), LIMITS) == LIMITS


def test_a_floor_is_not_lowered_unless_that_is_allowed() -> None:
    worse = evaluation("5", "6", "6", "6")
    with pytest.raises(UsageError, match="answer contains gold"):
        floors.raised(worse, LIMITS)
    assert floors.raised(worse, LIMITS, allow_regression=True).at_least == {"answer contains gold": 0.0}


def test_kept_results_are_judged_only_when_every_question_was_asked(tmp_path: Path) -> None:
    kept = open_results(tmp_path, run={}, resume=False)
    outcomes = results("5", "6", "5")
    for outcome in outcomes:
        kept.append(outcome)
    asked = [outcome.question for outcome in outcomes[:2]]
    assert floors.judge_kept(tmp_path, asked).figure("answer contains gold").value == 0.5
    with pytest.raises(UsageError, match="no result of q9"):
        floors.judge_kept(tmp_path, [*asked, replace(asked[0], id="q9")])


# --- the floors that are held ----------------------------------------------------------------------------------


def gate(file: Path, *arguments: str, says: str) -> int:
    def answers(questions):  # type: ignore[no-untyped-def]
        return compute([make_outcome(says, question=question, found=("dam",)) for question in questions])

    return floors.run(floors.parse([*arguments, "--floors", str(file)]), answers)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    file = tmp_path / "floors.json"
    file.write_text(floors.FLOORS.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def test_the_gate_fails_a_model_that_only_refuses_and_does_not_write_it_down(copy: Path) -> None:
    before = copy.read_text()
    assert gate(copy, says="") == 1
    with pytest.raises(UsageError, match="would be lowered"):
        gate(copy, "--update", says="")
    assert copy.read_text() == before


def test_floors_of_another_material_are_not_compared(copy: Path) -> None:
    copy.write_text(json.dumps({**json.loads(copy.read_text()), "material": "another"}))
    with pytest.raises(UsageError, match="not those that the floors were set for"):
        gate(copy, says="")


def test_the_questions_of_the_gate_are_of_every_sort() -> None:
    asked = floors.chosen(floors.read_floors(), read_questions(floors.QUESTIONS))
    assert len(asked) == 12
    assert {"update", "why", "figure", "attribution", "disagreement", "who"} <= {q.kind for q in asked if q.answerable}
    assert {q.kind for q in asked if not q.answerable} == {"not-told", "false-premise", "not-covered"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_was_reached_is_reached_again() -> None:
    held = floors.read_floors()
    assert floors.shortfalls(floors.measure(floors.chosen(held, read_questions(floors.QUESTIONS))), held) == []
