"""Statistics of an evaluation on plain numbers: bootstrap intervals, the refusal curve, calibration.

Knows nothing of questions. Every random choice has one fixed seed, so the same results give the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 20170607  # any fixed number: an interval must not move when nothing else did
BINS = 10
FEWEST = 5  # results in a bin: the share right of fewer says nothing

Floats = NDArray[numpy.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the middle 95 % of the resampled figures lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What would be refused if everything less confident than `threshold` were."""

    threshold: float
    refused_unanswerable: float
    refused_answerable: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence, from `low` to `high`: how many, how confident and how often right on average."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def ratio_interval(numerators: Sequence[float], denominators: Sequence[float]) -> Interval | None:
    """Return the bootstrap interval of sum(numerators) / sum(denominators), questions drawn with their shares.

    None for fewer than two questions. Where all are alike it is a point: then 3/n bounds what was not seen.
    """
    top, bottom = numpy.array(numerators, dtype=float), numpy.array(denominators, dtype=float)

    def ratio(drawn: NDArray[numpy.int64]) -> float:
        whole = float(bottom[drawn].sum())
        return float(top[drawn].sum()) / whole if whole else float("nan")

    return _interval(len(top), ratio)


def area(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Return the area under the refusal curve: how often an answerable question is the more confident of a pair.

    Equal confidence counts half; 0.5 is chance, 1 perfect. None where one of the two is missing.
    """
    if not len(answerable) or not len(unanswerable):
        return None
    low = numpy.sort(numpy.array(unanswerable, dtype=float))
    high = numpy.array(answerable, dtype=float)
    below = numpy.searchsorted(low, high, side="left") + numpy.searchsorted(low, high, side="right")
    return float(below.sum()) / (2 * len(low) * len(high))


def area_interval(answerable: Sequence[float], unanswerable: Sequence[float]) -> Interval | None:
    """Return the bootstrap interval of `area`, all questions drawn together."""
    values = numpy.array([*answerable, *unanswerable], dtype=float)
    is_answerable = numpy.arange(len(values)) < len(answerable)

    def drawn_area(drawn: NDArray[numpy.int64]) -> float:
        kinds = is_answerable[drawn]
        found = area(values[drawn][kinds], values[drawn][~kinds])  # type: ignore[arg-type]
        return float("nan") if found is None else found

    return _interval(len(values), drawn_area) if len(answerable) and len(unanswerable) else None


def refusal_curve(answerable: Sequence[float], unanswerable: Sequence[float]) -> tuple[CurvePoint, ...]:
    """Return one point for every confidence that occurs, from refusing nothing to refusing everything."""
    if not answerable or not unanswerable:
        return ()
    thresholds = sorted({0.0, *answerable, *unanswerable})
    thresholds.append(float(numpy.nextafter(thresholds[-1], 2)))
    return tuple(
        CurvePoint(
            threshold,
            sum(value < threshold for value in unanswerable) / len(unanswerable),
            sum(value < threshold for value in answerable) / len(answerable),
        )
        for threshold in thresholds
    )


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """Return bins that hold equally many results, in order of confidence: ten, or fewer to hold FEWEST each."""
    # By confidence alone: sorted by `right` too, equals would fill a bin of wrong ones and one of right ones.
    order = sorted(zip(confidences, map(bool, right), strict=True), key=lambda pair: pair[0])
    count = max(1, min(BINS, len(order) // FEWEST))
    edges = [len(order) * at // count for at in range(count + 1)]
    members = [order[start:end] for start, end in pairwise(edges)]
    return tuple(
        Bin(
            low=inside[0][0],
            high=inside[-1][0],
            n=len(inside),
            confidence=sum(confidence for confidence, _ in inside) / len(inside),
            right=sum(is_right for _, is_right in inside) / len(inside),
        )
        for inside in members
        if inside
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error: |confidence - share right| averaged over the bins by their size."""
    total = sum(item.n for item in bins)
    return sum(item.n * abs(item.confidence - item.right) for item in bins) / total if total else None


def calibration_interval(confidences: Sequence[float], right: Sequence[bool]) -> Interval | None:
    """Return the bootstrap interval of the calibration error, the bins made anew for each resample."""
    values, truths = numpy.array(confidences, dtype=float), numpy.array(right, dtype=bool)

    def error(drawn: NDArray[numpy.int64]) -> float:
        found = calibration_error(reliability(values[drawn].tolist(), truths[drawn].tolist()))
        return float("nan") if found is None else found

    return _interval(len(values), error)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value that `share` of the values do not exceed, interpolated; None for no values."""
    return float(numpy.quantile(numpy.array(values, dtype=float), share)) if values else None


def _interval(count: int, figure: Callable[[NDArray[numpy.int64]], float]) -> Interval | None:
    if count < 2:
        return None
    generator = numpy.random.default_rng(SEED)
    drawn: Floats = numpy.array([figure(generator.integers(0, count, count)) for _ in range(RESAMPLES)])
    if numpy.isnan(drawn).all():
        return None
    low, high = numpy.nanquantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))
