"""How much memory answering and indexing take: the peak, and whether indexing more takes more.

Both run in a process of their own, watched from here. Indexing reads made-up articles; with `fake` their vectors are
hashed words, so that a hundred thousand articles take minutes, and torch is not part of the figure.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import made_up
from benchmarks.measured import Figure, Measured

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.questions import read_questions
from bot.settings import PASSAGE_TOKENS, Settings
from bot.terminal import tell

ROOT = Path(__file__).resolve().parents[2]
ROW = "memory"
GIB = 2**30
EVERY = 0.5  # seconds between two looks
FLAT = 1.1  # the last quarter's memory by the second quarter's, at most

Samples = list[tuple[float, float]]  # seconds since the start, GiB


def measure_answering(archive: Path, questions: Path, *, count: int, model: str) -> Measured:
    """Return the peak of a process that answers the first questions."""
    command = ["answer", "--archive", str(archive), "--questions", str(questions), "--count", str(count)]
    samples = watch([sys.executable, __file__, *command, "--model", model])
    peak = max(size for _, size in samples)
    return Measured((Figure(ROW, "peak while answering", peak, "GiB", 1, goal=2.5),), samples)


def measure_indexing(*, articles: int, words: int, fake: bool) -> Measured:
    """Return the peak of a process that indexes made-up articles, and whether it stays the same."""
    with tempfile.TemporaryDirectory(prefix="byline-bench-") as folder:
        source, place = Path(folder) / "made-up.jsonl", Path(folder) / "archive"
        made_up.write(source, articles=articles, words=words)
        command = [sys.executable, "-m", "bot", "index", str(source), "--archive", str(place)]
        if fake:
            command = [sys.executable, __file__, "index", "--articles", str(source), "--archive", str(place)]
        samples = watch(command)
    return Measured(tuple(indexing_figures(samples, articles, fake=fake)), samples)


def indexing_figures(samples: Samples, articles: int, *, fake: bool = False) -> list[Figure]:
    """Return the peak, and the last quarter's median by the second quarter's: the first still loads and fills."""
    peak = max(size for _, size in samples)
    what = f"indexing {articles:,} made-up articles" + (", hashed vectors" if fake else "")
    second, last = (statistics.median(quarter(samples, number)) for number in (2, 4))
    return [
        Figure(ROW, f"peak, {what}", peak, "GiB", 1, goal=3.0),
        Figure(ROW, "last quarter of the run", last, "GiB", 1, second, "its second quarter", goal=FLAT),
    ]


def quarter(samples: Samples, number: int) -> list[float]:
    """Return the sizes in the quarter of that number, from 1, by time; of an empty one the nearest."""
    end = samples[-1][0] or 1.0
    inside = [size for at, size in samples if (number - 1) / 4 <= at / end <= number / 4]
    return inside or [min(samples, key=lambda sample: abs(sample[0] / end - (number - 0.5) / 4))[1]]


def watch(command: Sequence[str]) -> Samples:
    """Run the command and return how much memory it had, at its start and then twice a second; raises if it fails."""
    started, samples = time.perf_counter(), []
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        size = resident(process.pid)
        if size:
            samples.append((time.perf_counter() - started, size / GIB))
        time.sleep(EVERY if samples else 0.01)
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return samples or [(0.0, 0.0)]


def resident(process: int) -> int:
    """Return the bytes that a process has in memory, mapped files included; 0 when it is gone."""
    status = Path(f"/proc/{process}/statm")
    if status.exists():
        try:
            return int(status.read_text(encoding="ascii").split()[1]) * 4096
        except (OSError, IndexError, ProcessLookupError):
            return 0
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=False)
    return int(told.stdout.strip() or 0) * 1024


# --- what is watched ------------------------------------------------------------------------------------------


def _answer(options: argparse.Namespace) -> None:
    with Desk.open(Settings(options.archive, model=options.model), any_fingerprint=True) as desk:
        for question in read_questions(options.questions)[: options.count]:
            desk.answer(question.to_question())


def _index(options: argparse.Namespace) -> None:
    from index.archive import Archive
    from index.build import build
    from index.embed import WordHashEmbedder

    class Wide(WordHashEmbedder):
        dimension = 384  # as many as a real one's
        fingerprint = "word-hash-384"

    with Archive.open(options.archive, create=True) as archive:
        build(archive, [options.articles], embedder=Wide(), max_tokens=PASSAGE_TOKENS)


def main() -> int:
    """Be the process that is watched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("answer", "index"))
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--model", default="")
    options = parser.parse_args()
    (_answer if options.what == "answer" else _index)(options)
    tell(f"memory: {options.what} is done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
