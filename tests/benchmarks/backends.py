"""The embedding backends of this machine, as tests/quality/embedding_times.py times them, each in its own process.

Knows only that script's options and the names in its JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measured import Figure, Measured

from bot.terminal import tell

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "quality" / "embedding_times.py"
ROW = "backends"
LEAST_COSINE = 0.999  # mean, to the reference in float32: under it an archive's vectors are of another kind


def measure(options: Sequence[str]) -> Measured:
    """Return each backend's figures; none where the script is not there."""
    if not SCRIPT.exists():
        tell(f"backends: there is no {SCRIPT.name}, so they are not measured")
        return Measured()
    with tempfile.TemporaryDirectory(prefix="byline-bench-") as folder:
        told = Path(folder) / "backends.json"
        # What it prints is for whoever waits; stdout is for the table.
        command = [sys.executable, str(SCRIPT), *options, "--out", str(told)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
        rows = json.loads(told.read_text(encoding="utf-8"))
    return Measured(tuple(figures(rows)), rows)


def figures(rows: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Return passages a second by the reference's on as many threads, and how near its vectors are."""
    reference = {row["threads"]: row["passages_per_second"] for row in reversed(rows)}  # the first of each
    found = []
    for row in rows:
        name, rate = name_of(row), row["passages_per_second"]
        bound = reference[row["threads"]]
        found.append(Figure(ROW, name, rate, "passages/s", 1, bound, "the reference", sense="at least"))
        cosine = row["cosine_mean"]
        found.append(Figure(ROW, f"{name}, cosine", cosine, "", 1, goal=LEAST_COSINE, sense="at least"))
    return found


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a row is called."""
    threads = row["threads"]
    return f"{row['backend']}, {threads} thread{'s' if threads != 1 else ''}"
