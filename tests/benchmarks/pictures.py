"""The plots of the README from the results that were kept: they can be drawn again without measuring again."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.answering import Asked, time_line
from benchmarks.backends import name_of
from benchmarks.searching import Speed

Rows = Mapping[str, Mapping[str, Any]]


def data_of(row: str, data: Any) -> Any:
    """Return what is kept of a row's data where that is not simply all of it; else None."""
    if row == "answer":
        return {
            "time line": time_line(data["idle"]),
            "questions": [_question(asked) for asked in data["idle"]],
            "busy_rates": [asked.rate for asked in data["busy"]],
        }
    if row == "search":
        return [_search_point(speed) for speed in data]
    return None


def _question(asked: Asked) -> dict[str, Any]:
    return {
        "seconds": dict(asked.seconds),
        "prompt_tokens": asked.prompt_tokens,
        "answer_tokens": asked.answer_tokens,
        "bare": {"read": asked.bare.read, "rate": asked.bare.rate} if asked.bare else None,
    }


def _search_point(speed: Speed) -> dict[str, float]:
    return {
        "passages": speed.passages,
        "unlimited": statistics.median(speed.unlimited),
        "limited": statistics.median(speed.limited),
        "embedding": statistics.median(speed.embedding),
        "exact": speed.exact,
    }


def draw(results: Path, folder: Path) -> Iterator[Path]:
    """Write a plot for every row that has one and yield its path."""
    if not results.exists():
        return
    rows: Rows = json.loads(results.read_text(encoding="utf-8"))["rows"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, (row, make) in PLOTS.items():
        if row in rows and rows[row].get("data") and (svg := make(rows[row])):
            path = folder / f"{name}.svg"
            path.write_text(svg, encoding="utf-8", newline="\n")
            yield path


def indexing_rates(row: Mapping[str, Any]) -> str:
    """Return articles a second by what was used: Byline, the plain script."""
    against = next((one for one in row["figures"] if one["bound_is"] == "plain Chroma script"), None)
    if against is None:
        return ""
    values = {"Byline": against["value"], "plain Chroma script": against["bound"]}
    return plots.bars("Articles indexed a second", values, unit="/s", digits=1)


def indexing_stages(row: Mapping[str, Any]) -> str:
    """Return where the time of indexing goes."""
    shares = {name: 100 * share for name, share in row["data"]["stages"].items() if share >= 0.001}
    return plots.spans("Where the time of indexing goes", shares, unit="%", digits=1)


def backend_rates(row: Mapping[str, Any]) -> str:
    """Return the passages a second of each backend."""
    values = {name_of(one): one["passages_per_second"] for one in row["data"]}
    return plots.bars("Passages embedded a second, by backend", values, unit="/s", digits=1)


def search_by_size(row: Mapping[str, Any]) -> str:
    """Return the search's latency by the archive's size."""
    found: Sequence[Mapping[str, float]] = row["data"]
    drawn = [
        plots.Line(name, tuple((one["passages"], one[key]) for one in found))
        for name, key in (("no limits", "unlimited"), ("date and outlet", "limited"), ("embedding alone", "embedding"))
    ]
    return plots.lines("A search, the question embedded", drawn, across="passages", up="ms, median", is_log=True)


def question_time_line(row: Mapping[str, Any]) -> str:
    """Return the parts of one question."""
    parts = row["data"]["time line"]
    whole = sum(parts.values())
    return plots.spans(f"One question, {whole:.1f} seconds to its checked answer", parts, unit="s", digits=2)


def memory_of_indexing(row: Mapping[str, Any]) -> str:
    """Return the memory of an indexing run by time."""
    samples = row["data"]["indexing"]
    line = plots.Line("indexing made-up articles", tuple((at / 60, size) for at, size in samples))
    return plots.lines("Memory while indexing", [line], across="minutes", up="GiB", goal=3.0)


def start_times(row: Mapping[str, Any]) -> str:
    """Return the seconds of each start."""
    medians = {name: statistics.median(times[1:]) for name, times in row["data"].items() if len(times) > 1}
    return plots.bars("From Enter in a terminal, nothing loaded", medians, unit="s", digits=2)


PLOTS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "indexing": ("index", indexing_rates),
    "indexing-stages": ("index", indexing_stages),
    "backends": ("backends", backend_rates),
    "search": ("search", search_by_size),
    "time-line": ("answer", question_time_line),
    "start": ("start", start_times),
    "memory": ("memory", memory_of_indexing),
}
