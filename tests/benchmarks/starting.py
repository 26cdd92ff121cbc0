"""From pressing Enter in a terminal, nothing loaded: `byline --help`, `byline search`, `byline ask`.

Each is a new process every time. The first run finds the least in the machine's cache and is told apart; whether that
was cold depends on what ran before. `ask` says on its terminal what it is doing, and that is what is timed, so it is
run on a pseudo-terminal, which Windows has not.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measured import Figure, Measured

from bot.terminal import tell

ROOT = Path(__file__).resolve().parents[2]
ROW = "cold start"
GOALS = {
    "--help": 0.2,
    "search": 1.5,
    "ask, to the evidence": 2.5,
    "ask, to the first token": 6.0,
}
# What bot/asking.py writes while it works.
_FOUND = re.compile(rb"found \d+ passages")
_WRITING = re.compile("writing …".encode())
_SHOWN = re.compile(rb"(?:\r|\x1b\[K|\s)+(?=[^\s\x1b])(?!checking)")


def measure(archive: Path, question: str, *, times: int, model: str) -> Measured:
    """Return the figures of `times` starts of each, one more before them that is told apart."""
    asking = ["ask", question, "--archive", str(archive), "--strictness", "0", *(["--model", model] if model else [])]
    taken: dict[str, list[float]] = {name: [] for name in GOALS}
    for number in range(times + 1):
        one = {
            "--help": to_the_end(["--help"]),
            "search": to_the_end(["search", question, "--archive", str(archive)]),
            **(to_the_steps(asking) if sys.platform != "win32" else {}),
        }
        tell(f"cold start, {number} of {times}: {one}")
        for name, seconds in one.items():
            taken[name].append(seconds)
    return Measured(tuple(figures(taken)), taken)


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "bot", *arguments]


def to_the_end(arguments: Sequence[str]) -> float:
    """Return the seconds until the command has ended."""
    started = time.perf_counter()
    subprocess.run(_command(arguments), cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - started


def to_the_steps(arguments: Sequence[str]) -> dict[str, float]:
    """Return the seconds until the evidence and until the first word of the answer; less where it was not written."""
    reader, writer = os.openpty()
    started = time.perf_counter()
    process = subprocess.Popen(_command(arguments), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=writer)
    os.close(writer)
    try:
        return read_steps(lambda: os.read(reader, 4096), lambda: time.perf_counter() - started)
    finally:
        process.kill()  # the rest of the answer is not what is measured
        process.wait()
        os.close(reader)


def read_steps(read: Callable[[], bytes], clock: Callable[[], float]) -> dict[str, float]:
    """Return when each step was first told of in what `read` gives, until it ends or the first word has come."""
    told, seen = b"", {}
    while True:
        try:
            piece = read()
        except OSError:  # Linux: the other end of a terminal is gone
            piece = b""
        if not piece:
            return seen
        told += piece
        if _FOUND.search(told):
            seen.setdefault("ask, to the evidence", clock())
        writing = _WRITING.search(told)
        if writing and _SHOWN.match(told, writing.end()):
            return {**seen, "ask, to the first token": clock()}


def figures(taken: Mapping[str, Sequence[float]]) -> list[Figure]:
    """Return the row's figures: the median of all but the first run, and the first."""
    found = []
    for name, seconds in taken.items():
        if len(seconds) > 1:
            warm = seconds[1:]
            found.append(Figure(ROW, name, statistics.median(warm), "s", len(warm), goal=GOALS[name]))
            found.append(Figure(ROW, f"{name}, the first run", seconds[0], "s", 1))
    return found
