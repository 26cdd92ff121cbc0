"""An evaluation as a plain table, as JSON, and as files in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.evaluate import SCHEMA_VERSION
from bot.figures import Evaluation, Figure, KindRow, show_interval, show_value
from bot.measures import judge
from bot.outcome import to_record
from bot.remarks import remarks
from bot.report_page import render_page
from index.errors import UsageError

JSON_NAME = "evaluation.json"
PAGE_NAME = "report.html"
THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 10))


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return the evaluation as plain values: the figures, and every result with its verdict."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run": dict(evaluation.run),
        "figures": [asdict(figure) for figure in evaluation.figures],
        "kinds": [asdict(row) for row in evaluation.kinds],
        "refusal_curve": [asdict(point) for point in evaluation.curve],
        "chosen": _chosen(evaluation),
        "reliability": [asdict(item) for item in evaluation.bins],
        "verdicts": {
            outcome.question.id: {
                "verdict": judge(outcome),
                "remarks": [remark.text for remark in remarks(outcome)],
            }
            for outcome in evaluation.outcomes
        },
        "results": [to_record(outcome) for outcome in evaluation.outcomes],
    }


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Write the evaluation's JSON and its page into `folder`; return their paths."""
    data, page = folder / JSON_NAME, folder / PAGE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data.write_text(json.dumps(to_json(evaluation), indent=1) + "\n", encoding="utf-8")
        # Half of a surrogate pair cannot be written: it is shown as a question mark instead of losing the page.
        page.write_text(render_page(evaluation), encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", "byline eval … --out FOLDER") from error
    return data, page


def render_table(evaluation: Evaluation) -> str:
    """Return the figures as aligned lines: value, 95 % interval, n; then a table of the kinds of question."""
    rows = [("figure", "value", "95 % interval", "n")]
    for group in dict.fromkeys(figure.group for figure in evaluation.figures):
        rows.append((group.upper(), "", "", ""))
        rows += [_figure_row(figure) for figure in evaluation.figures if figure.group == group and figure.n]
    lines = align(rows)
    if len(evaluation.kinds) > 1:
        kinds = [("kind", "n", "right", "wrong", "refused", "Hit@1", "Hit@5"), *map(_kind_row, evaluation.kinds)]
        lines += ["", *align(kinds)]
    if evaluation.curve:
        lines += ["", *align(_threshold_rows(evaluation))]
    heading = [f"{name}: {value}" for name, value in evaluation.run]
    return "\n".join([*heading, *([""] if heading else []), *lines])


def _chosen(evaluation: Evaluation) -> dict[str, float | None]:
    """Return what the run itself refused: its point beside the curve."""
    names = {"refused_unanswerable": "unanswerable refused", "refused_answerable": "false refusal"}
    return {name: evaluation.figure(figure).value for name, figure in names.items()}


def _threshold_rows(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """Return what would be refused if all that is less confident were; what the run refused it refuses anyhow."""
    rows = [("were the least confidence", "unanswerable refused", "answerable refused")]
    for threshold in THRESHOLDS:
        # The curve has a point for each confidence that occurs: between two of them nothing changes.
        point = next((item for item in evaluation.curve if item.threshold >= threshold), evaluation.curve[-1])
        rows.append((f"{threshold:.1f}", f"{point.refused_unanswerable:.3f}", f"{point.refused_answerable:.3f}"))
    return rows


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines of columns: the first flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines


def _figure_row(figure: Figure) -> tuple[str, str, str, str]:
    return f"  {figure.name}", show_value(figure, figure.value), show_interval(figure), str(figure.n)


def _kind_row(row: KindRow) -> tuple[str, ...]:
    hits = [f"{hit}/{row.seeking}" if row.seeking else "-" for hit in (row.hit1, row.hit5)]
    return (row.kind or "(none)", *map(str, (row.n, row.right, row.wrong, row.refused)), *hits)
