"""Outcomes to figures: every measure summed, with its interval, in the order in which they are shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from bot import intervals, measures
from bot.intervals import Bin, CurvePoint
from bot.measures import Count
from bot.outcome import Outcome

Unit = Literal["share", "count", "ms"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value over `n` questions, citations or sentences, and its bootstrap 95 % interval.

    A count's value is how many there were among n. `value` is None where nothing counts for it.
    """

    group: str
    name: str
    value: float | None
    n: int
    low: float | None
    high: float | None
    unit: Unit
    definition: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """The questions of one kind. Ranks count a gold or also supporting article, as questions with one known."""

    kind: str
    n: int
    right: int
    wrong: int
    refused: int
    seeking: int
    hit1: int
    hit5: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured. `run` says what was measured, as pairs of plain text (model, archive)."""

    outcomes: tuple[Outcome, ...]
    figures: tuple[Figure, ...]
    kinds: tuple[KindRow, ...]
    curve: tuple[CurvePoint, ...]
    bins: tuple[Bin, ...]
    run: tuple[tuple[str, str], ...] = ()

    def figure(self, name: str) -> Figure:
        """Return the figure of that name; KeyError where there is none."""
        found = {figure.name: figure for figure in self.figures}
        return found[name]


@dataclass(frozen=True, slots=True)
class _Measure:
    group: str
    name: str
    count: Callable[[Outcome], Count]
    unit: Unit = "share"


def _rank_measures() -> list[_Measure]:
    found = []
    for reading, supporting in (("gold", False), ("gold or supporting", True)):
        found += [
            _Measure(
                "Finding", f"article Hit@{k}, {reading}", partial(measures.article_hit, within=k, supporting=supporting)
            )
            for k in (1, 5, 10)
        ]
        rank = partial(measures.reciprocal_rank, supporting=supporting)
        found.append(_Measure("Finding", f"article MRR, {reading}", rank))
    return found


MEASURES: tuple[_Measure, ...] = (
    *_rank_measures(),
    _Measure("Finding", "answer among what was found", measures.answer_was_retrieved),
    _Measure("Finding", "answer among what was read", measures.answer_was_read),
    _Measure("Finding", "gold sentences read", measures.gold_sentences_read),
    _Measure("Answering", "answer contains gold", measures.contains_gold),
    _Measure("Answering", "right, of the answered", measures.contains_gold_when_answered),
    _Measure("Answering", "right or rightly refused, of all", measures.decided_rightly),
    _Measure("Answering", "all versions given and quoted", measures.gives_all_versions),
    _Measure("Answering", "exact match", measures.exactly_gold),
    _Measure("Answering", "token F1", measures.gold_f1),
    _Measure("Answering", "outdated answer", measures.gives_outdated),
    _Measure("Citing", "citation precision", measures.citation_precision),
    _Measure("Citing", "citation precision, by question", measures.citation_precision_by_question),
    _Measure("Citing", "cites a right article", measures.cites_gold),
    _Measure("Citing", "cited words hold the answer", measures.cited_words_hold_answer),
    _Measure("Citing", "cited sentences F1", measures.cited_sentences_f1),
    _Measure("Citing", "cited sentences F1, of the answered", measures.cited_sentences_f1_when_answered),
    _Measure("Citing", "sentences supported", measures.sentences_supported),
    _Measure("Citing", "quotes not the article's words", measures.quotes_not_exact, "count"),
    _Measure("Citing", "supported, a number not cited", measures.numbers_not_cited, "count"),
    _Measure("Refusing", "unanswerable refused", measures.refused_unanswerable),
    _Measure("Refusing", "false refusal", measures.false_refusal),
    _Measure("Refusing", "refusal precision", measures.refusal_precision),
    _Measure("Refusing", "broke off", measures.failed, "count"),
)


def compute(outcomes: Sequence[Outcome], *, run: Sequence[tuple[str, str]] = ()) -> Evaluation:
    """Return everything measured on the outcomes; the same outcomes give the same evaluation."""
    shown, all_judged = _confidences(outcomes, only_answered=True), _confidences(outcomes, only_answered=False)
    answerable, unanswerable = _by_answerability(outcomes)
    figures = [
        *(_sum(measure, outcomes) for measure in MEASURES),
        _area(answerable, unanswerable),
        _calibration("calibration error", shown, "answered questions"),
        _calibration("calibration error, refusals too", all_judged, "all questions"),
        *_times(outcomes),
    ]
    curve, bins = intervals.refusal_curve(answerable, unanswerable), intervals.reliability(*shown)
    return Evaluation(tuple(outcomes), tuple(figures), _kinds(outcomes), curve, bins, tuple(run))


def _sum(measure: _Measure, outcomes: Sequence[Outcome]) -> Figure:
    counts = [count for outcome in outcomes if (count := measure.count(outcome)) is not None]
    top, bottom = [count[0] for count in counts], [count[1] for count in counts]
    whole = sum(bottom)
    is_share = measure.unit == "share"
    interval = intervals.ratio_interval(top, bottom) if is_share else None
    return Figure(
        group=measure.group,
        name=measure.name,
        value=None if not whole else sum(top) / whole if is_share else sum(top),
        n=int(whole),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit=measure.unit,
        definition=_definition(measure.count),
    )


def _definition(function: object) -> str:
    inner = function.func if isinstance(function, partial) else function
    return " ".join((inspect.getdoc(inner) or "").split())


def _confidences(outcomes: Sequence[Outcome], *, only_answered: bool) -> tuple[list[float], list[bool]]:
    judged = [
        (outcome.confidence, right)
        for outcome in outcomes
        if not outcome.error
        and (outcome.answered or not only_answered)
        and (right := measures.is_right(outcome)) is not None
    ]
    return [confidence for confidence, _ in judged], [right for _, right in judged]


def _by_answerability(outcomes: Sequence[Outcome]) -> tuple[list[float], list[float]]:
    sound = [outcome for outcome in outcomes if not outcome.error]
    answerable = [outcome.confidence for outcome in sound if outcome.question.answerable is True]
    return answerable, [outcome.confidence for outcome in sound if outcome.question.answerable is False]


def _area(answerable: Sequence[float], unanswerable: Sequence[float]) -> Figure:
    interval = intervals.area_interval(answerable, unanswerable)
    return Figure(
        "Confidence",
        "refusal curve, area",
        intervals.area(answerable, unanswerable),
        n=len(answerable) + len(unanswerable),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit="share",
        definition="How often an answerable question has the higher confidence of a pair with an unanswerable one; "
        "0.5 is chance.",
    )


def _calibration(name: str, judged: tuple[list[float], list[bool]], which: str) -> Figure:
    interval = intervals.calibration_interval(*judged)
    return Figure(
        "Confidence",
        name,
        intervals.calibration_error(intervals.reliability(*judged)),
        n=len(judged[0]),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        unit="share",
        definition=f"Expected calibration error over {which}: the confidence less the share right, averaged over up to "
        "ten bins of equal size. Right is answered, answerable and holding a known answer. Chance alone makes it "
        "larger, most of all in a resample: its interval leans upwards.",
    )


def _times(outcomes: Sequence[Outcome]) -> list[Figure]:
    timings = [outcome.timings for outcome in outcomes if not outcome.error]
    # A question refused before the model wrote has no first token; 0 there is not a time.
    kinds = (
        ("evidence", [item.retrieve_ms for item in timings]),
        ("first token", [item.first_token_ms for item in timings if item.first_token_ms]),
        ("end", [item.total_ms for item in timings]),
    )
    return [
        Figure(
            "Time",
            f"to {name}, {label}",
            intervals.percentile(values, share),
            n=len(values),
            low=None,
            high=None,
            unit="ms",
            definition=f"Time from the question to its {name}: the {label}.",
        )
        for name, values in kinds
        for label, share in (("median", 0.5), ("90th percentile", 0.9))
    ]


def _kinds(outcomes: Sequence[Outcome]) -> tuple[KindRow, ...]:
    names = dict.fromkeys(outcome.question.kind for outcome in outcomes)
    return tuple(_kind(name, [item for item in outcomes if item.question.kind == name]) for name in names)


def _kind(name: str, outcomes: Sequence[Outcome]) -> KindRow:
    groups = [measures.judge(outcome) for outcome in outcomes]
    first, fifth = (
        [hit for item in outcomes if (hit := measures.article_hit(item, within=k, supporting=True))] for k in (1, 5)
    )
    return KindRow(
        kind=name,
        n=len(outcomes),
        right=sum(group in ("right answer", "right refusal") for group in groups),
        wrong=sum(group in ("wrong answer", "false refusal", "missed refusal", "failed") for group in groups),
        refused=sum(not item.answered and not item.error for item in outcomes),
        seeking=len(first),
        hit1=int(sum(top for top, _ in first)),
        hit5=int(sum(top for top, _ in fifth)),
    )


def show_value(figure: Figure, value: float | None) -> str:
    """Return a value in the figure's own unit: three decimals, a whole count, or seconds."""
    if value is None:
        return "-"
    match figure.unit:
        case "share":
            return f"{value:.3f}"
        case "count":
            return f"{value:.0f}"
        case "ms":
            return f"{value / 1000:.2f} s"


def show_interval(figure: Figure) -> str:
    """Return the interval as two values, empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{show_value(figure, figure.low)} to {show_value(figure, figure.high)}"
