"""What changed between two runs of an evaluation: the figures side by side, and every question that fell otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.evaluate import read_results
from bot.figures import Evaluation, Figure, compute, show_value
from bot.measures import first_rank, judge
from bot.outcome import Outcome
from bot.report import align

_GOOD = ("right answer", "right refusal")
_ANSWER_LENGTH = 160  # what of an answer is worth a line of a terminal


def compare(a: Path, b: Path) -> str:
    """Return what changed from the results in `a` to those in `b`, over the questions that both hold.

    Each is a folder that `byline eval --out` wrote, its results.jsonl or its evaluation.json.
    """
    (run_a, all_a), (run_b, all_b) = read_results(a), read_results(b)
    by_id = {outcome.question.id: outcome for outcome in all_b}
    pairs = [
        (before, after)
        for before in all_a
        if (after := by_id.get(before.question.id)) and after.question.text == before.question.text
    ]
    first = compute([before for before, _ in pairs], run=tuple(run_a.items()))
    second = compute([after for _, after in pairs], run=tuple(run_b.items()))
    left_out = len(all_a) + len(all_b) - 2 * len(pairs)
    lines = [f"A: {a}", f"B: {b}", f"{len(pairs)} questions in both"]
    lines += [f"{left_out} results left out: their question is in one file only"] if left_out else []
    return "\n".join([*lines, "", *_figures(first, second), "", *_changes(pairs)])


def _figures(first: Evaluation, second: Evaluation) -> list[str]:
    rows = [("figure", "A", "B", "change")]
    for one, other in zip(first.figures, second.figures, strict=True):
        if one.n or other.n:
            rows.append((one.name, show_value(one, one.value), show_value(other, other.value), _change(one, other)))
    return align(rows)


def _change(one: Figure, other: Figure) -> str:
    if one.value is None or other.value is None or one.value == other.value:
        return ""
    change = other.value - one.value
    return f"{'+' if change > 0 else '-'}{show_value(one, abs(change))}"


def _changes(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[str]:
    worse = [pair for pair in pairs if _is_good(pair[0]) and not _is_good(pair[1])]
    better = [pair for pair in pairs if _is_good(pair[1]) and not _is_good(pair[0])]
    settled = {before.question.id for before, _ in (*worse, *better)}
    other = [pair for pair in pairs if pair[0].question.id not in settled and _differs(*pair)]
    lines = []
    for name, changed in (("WORSE", worse), ("BETTER", better), ("OTHERWISE CHANGED", other)):
        lines.append(f"{name} ({len(changed)})")
        for pair in changed:
            lines += _show_pair(*pair)
    return lines


def _show_pair(before: Outcome, after: Outcome) -> list[str]:
    return [f"  {before.question.id}  {_one_line(before.question.text)}", _show("A", before), _show("B", after)]


def _show(name: str, outcome: Outcome) -> str:
    rank = first_rank(outcome, supporting=True)
    found = f", right article at rank {rank}" if rank else ""
    text = f": {_one_line(outcome.text)}" if outcome.answered else ""
    return f"    {name} {judge(outcome)}, confidence {outcome.confidence:.2f}{found}{text}"


def _one_line(text: str) -> str:
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _ANSWER_LENGTH else line[: _ANSWER_LENGTH - 1] + "…"


def _is_good(outcome: Outcome) -> bool:
    return judge(outcome) in _GOOD


def _differs(before: Outcome, after: Outcome) -> bool:
    def shown(outcome: Outcome) -> tuple[object, ...]:
        cited = [(item.article_id, item.quote) for item in outcome.citations]
        return judge(outcome), outcome.text, cited, first_rank(outcome, supporting=True)

    return shown(before) != shown(after)
