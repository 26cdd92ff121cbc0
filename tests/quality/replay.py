"""What another strictness, or another calibration, would have made of a result: no model is asked again.

Only refusing more is possible: what a run refused has no answer to show. So results to replay are asked at
strictness 0.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.answer import HOPELESS
from bot.confidence import Calibration, parse_calibration
from bot.outcome import Outcome
from bot.prompt import refusal


def replay(outcome: Outcome, calibration: Calibration, strictness: float) -> Outcome:
    """Return the outcome as `bot/answer.py` would have decided it from the same signs."""
    if outcome.error or not was_asked(outcome):
        return outcome
    calibration = calibration.fitting(has_reader=was_read(outcome))
    before = calibration.before.probability(outcome.signs)
    if before < HOPELESS * strictness or not was_written(outcome):
        return _refused(outcome, before, "the nearest articles do not seem to hold the answer")
    after = calibration.after.probability(outcome.signs)
    if not outcome.answered:
        return replace(outcome, confidence=after)
    if after < strictness:
        return _refused(outcome, after, "the nearest articles do not hold the answer surely enough")
    return replace(outcome, confidence=after)


def was_read(outcome: Outcome) -> bool:
    """True when the reader read the evidence: what it finds is never quite nothing."""
    return outcome.signs.reads > 0


def was_asked(outcome: Outcome) -> bool:
    """True when the model read something; otherwise nothing was found, whatever the weights."""
    return bool(outcome.timings.prompt_tokens)


def was_written(outcome: Outcome) -> bool:
    """True when the model wrote something, be it that the articles do not say."""
    return outcome.answered or bool(outcome.timings.answer_tokens)


def _refused(outcome: Outcome, confidence: float, reason: str) -> Outcome:
    if not outcome.answered:
        return replace(outcome, confidence=confidence)
    refused = replace(outcome, answered=False, text=refusal(), sentences=(), citations=())
    return replace(refused, confidence=confidence, reason=reason)


def load_calibration(path: Path) -> Calibration:
    """Return the calibration in a file that `calibrate.py fit --to` wrote."""
    return parse_calibration(path.read_text(encoding="utf-8"))
