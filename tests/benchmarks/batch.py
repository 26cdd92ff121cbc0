"""Whether `byline ask --batch` takes more memory with every question: its size after the 100th and after the last.

    python tests/benchmarks/batch.py --count 1000 --no-llm            a thousand questions, without a model
    python tests/benchmarks/batch.py --count 200 --out FILE           as many with the default model

The questions are about invented articles, indexed first into a folder that goes afterwards. The batch is a process of
its own, given one question at a time, so that each size is that after so many answers. JSON goes to --out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import invented
from benchmarks.memory import resident

from bot.terminal import out, tell

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20
WARM = 100  # questions after which everything is loaded and every cache of a fixed size is in use
MOST_GROWTH = 1.05
READERS = 40


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch came to. `growth` is the last tenth's median size by that of the ten answers after the first 100."""

    questions: int
    answered: int
    refused: int
    errors: int
    wrong_lines: int  # the output is not the answer to the question that was given
    seconds: float
    early_mib: float
    last_mib: float
    growth: float
    sizes_mib: tuple[float, ...]  # after every answer

    @property
    def is_flat(self) -> bool:
        """Return whether the last answers left the process as large as the early ones."""
        return self.growth <= MOST_GROWTH


def questions(count: int, readers: Sequence[invented.Reader]) -> Iterator[str]:
    """Yield so many questions, in other words every time they come round again: one in five has no answer."""
    asked = [
        text
        for reader in readers
        for story in reader.stories
        for text in (*(fact.question for fact in story.facts), story.unanswered)
    ]
    for number, text in enumerate(itertools.islice(itertools.cycle(asked), count)):
        again = number // len(asked)
        yield text if not again else f"{text[:-1]}, edition {again}?"


def run_batch(archive: Path, count: int, options: Sequence[str], *, warm: int = WARM) -> Batch:
    """Ask so many questions in one process, and return what it came to."""
    command = [sys.executable, "-m", "bot", "ask", "--batch", "-", "--json", "--no-server", "--archive", str(archive)]
    kinds: list[str] = []
    sizes: list[float] = []
    started = time.monotonic()
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, text in enumerate(questions(count, invented.make_readers(READERS)), start=1):
            process.stdin.write(json.dumps({"id": str(number), "question": text}) + "\n")
            process.stdin.flush()
            kinds.append(_kind(process.stdout.readline(), str(number)))
            sizes.append(resident(process.pid) / MIB)
            if number % 50 == 0:
                tell(f"batch: {number} of {count}, {sizes[-1]:.0f} MiB, {time.monotonic() - started:.0f} s")
        process.stdin.close()
        process.wait(60)
    return summed(kinds, sizes, time.monotonic() - started, warm=warm)


def _kind(line: str, id: str) -> str:
    """Return what one line of output is."""
    try:
        said = json.loads(line)
    except ValueError:
        return "wrong line"
    if said.get("id") != id:
        return "wrong line"
    if "error" in said:
        return "error"
    return "answered" if said["answered"] else "refused"


def summed(kinds: Sequence[str], sizes: Sequence[float], seconds: float, *, warm: int = WARM) -> Batch:
    """Return the figures of a batch."""
    if len(sizes) < warm + 20:
        raise ValueError(f"{len(sizes)} questions say nothing of growth after the first {warm}")
    early = statistics.median(sizes[warm - 1 : warm + 9])
    last = statistics.median(sizes[-10:])
    return Batch(
        questions=len(kinds),
        answered=kinds.count("answered"),
        refused=kinds.count("refused"),
        errors=kinds.count("error"),
        wrong_lines=kinds.count("wrong line"),
        seconds=round(seconds, 1),
        early_mib=round(early, 1),
        last_mib=round(last, 1),
        growth=round(last / early, 4),
        sizes_mib=tuple(round(size, 1) for size in sizes),
    )


def make_archive(folder: Path, readers: int = READERS) -> Path:
    """Index the invented articles of so many readers into a folder, and return the archive's."""
    source, archive = folder / "invented.jsonl", folder / "archive"
    invented.write(source, invented.make_readers(readers))
    command = [sys.executable, "-m", "bot", "index", str(source), "--archive", str(archive)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return archive


def main(arguments: list[str] | None = None) -> int:
    """Run a batch, print what it came to, and return 1 where it grew."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="byline-batch-") as folder:
        chosen = ["--no-llm"] if options.no_llm else ["--model", options.model] if options.model else []
        chosen += ["--passages", str(options.passages)] if options.passages else []
        batch = run_batch(make_archive(Path(folder)), options.count, chosen)
    told = json.dumps(asdict(batch))
    if options.out:
        options.out.write_text(told + "\n", encoding="utf-8")
    out(json.dumps({name: value for name, value in asdict(batch).items() if name != "sizes_mib"}, indent=1))
    return 0 if batch.is_flat and not batch.errors and not batch.wrong_lines else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = found.add_argument
    add("--count", type=int, default=1000, metavar="N", help="questions (1000)")
    add("--model", default="", metavar="NAME|PATH", help="the generator; default: Byline's default one")
    add("--no-llm", action="store_true", help="without a model")
    add("--passages", type=int, default=0, metavar="N", help="that are read for a question; fewer is faster")
    add("--out", type=Path, metavar="FILE", help="for the figures, with the size after every answer")
    return found


if __name__ == "__main__":
    sys.exit(main())
