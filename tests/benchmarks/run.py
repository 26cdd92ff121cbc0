"""Measures how fast Byline is against what its models can do at best, row by row, and draws the README's plots.

    python tests/benchmarks/run.py --rows all --out FOLDER --archive FOLDER         everything, for an hour
    python tests/benchmarks/run.py --rows search,start --archive FOLDER --quick     two rows, a few runs each
    python tests/benchmarks/run.py --rows memory --made-up 100000 --fake            a hundred thousand articles
    python tests/benchmarks/run.py --plots FOLDER --out FOLDER                      draw what --out holds once more

rows    index     indexing by the bare rate of its embedder, by a plain Chroma script, and again with nothing new
        backends  the embedding backends of this machine (tests/quality/embedding_times.py)
        search    p50 and p95 at each --archive, the question's embedding included, with limits too; hits by exact ones
        answer    evidence, first token, writing, checking, by the bare model; the same beside a busy process
        start     --help, search, and ask to evidence and first token, each in a new process
        memory    peak while answering and while indexing, and whether it grows

Articles and questions default to those in BYLINE_SHARED, or in `shared` beside the checkout; none are in the
repository. An --archive may be given several times; the first is asked, all are searched. Everything else on the
machine should rest: the table says what was measured, not what was running. The comparison with other pipelines is
tests/benchmarks/peers/compare.py. Results go to results.json in --out, a row that was measured before is replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import answering, backends, indexing, memory, pictures, searching, starting
from benchmarks.measured import Figure, Measured, table, to_json

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.questions import EvalQuestion, read_questions
from bot.terminal import out, tell
from index.cores import usable_cores
from index.errors import BylineError, UsageError

ROOT = Path(__file__).resolve().parents[2]
RESULTS = "results.json"


def _index(options: argparse.Namespace) -> Measured:
    return indexing.measure(_shared(options.articles), turns=1 if options.quick else options.turns)


def _backends(options: argparse.Namespace) -> Measured:
    return backends.measure(options.backends.split())


def _search(options: argparse.Namespace) -> Measured:
    return searching.measure(_archives(options), questions=20 if options.quick else options.questions)


def _answer(options: argparse.Namespace) -> Measured:
    return answering.measure(_archives(options)[0], _questions(options, most=3), model=options.model)


def _start(options: argparse.Namespace) -> Measured:
    question = _questions(options, most=1)[0].text
    return starting.measure(_archives(options)[0], question, times=2 if options.quick else 7, model=options.model)


def _memory(options: argparse.Namespace) -> Measured:
    articles = min(options.made_up, 500) if options.quick else options.made_up
    indexed = memory.measure_indexing(articles=articles, words=options.words, fake=options.fake)
    if not options.archive:
        return Measured(indexed.figures, {"indexing": indexed.data})
    count = 2 if options.quick else 20
    answered = memory.measure_answering(_archives(options)[0], _shared(options.file), count=count, model=options.model)
    return Measured((*answered.figures, *indexed.figures), {"answering": answered.data, "indexing": indexed.data})


ROWS: Mapping[str, Callable[[argparse.Namespace], Measured]] = {
    "index": _index,
    "backends": _backends,
    "search": _search,
    "answer": _answer,
    "start": _start,
    "memory": _memory,
}


def _shared(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"There is no {path}.", "BYLINE_SHARED=FOLDER, or --articles FILE and --file FILE")
    return path


def _archives(options: argparse.Namespace) -> list[Path]:
    if not options.archive:
        raise UsageError("This row asks an archive.", "--archive FOLDER, made by byline index")
    return list(options.archive)


def _questions(options: argparse.Namespace, *, most: int) -> tuple[EvalQuestion, ...]:
    found = [question for question in read_questions(_shared(options.file)) if question.answerable is not False]
    return tuple(found[: min(most, options.asked) if options.quick or most == 1 else options.asked])


def plain(value: Any) -> Any:
    """Return records, and what holds them, as values of JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def machine() -> dict[str, str]:
    """Return what the figures hold for: the day, the processor, its cores, and the versions that do the work."""
    from importlib.metadata import version

    cores = usable_cores()
    packages = ("torch", "sentence-transformers", "llama-cpp-python", "chromadb")
    return {
        "day": date.today().isoformat(),
        "processor": _processor(),
        "cores": str(cores),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in told.read_text().splitlines() if line.startswith("model name")] \
        if told.exists() else []  # fmt: skip
    return names[0] if names else platform.processor() or platform.machine()


def keep(folder: Path, row: str, measured: Measured) -> None:
    """Put a row into the folder's results; what other rows have there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / RESULTS
    held = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"rows": {}}
    held["machine"] = machine()
    held["rows"][row] = {
        "figures": [to_json(figure) for figure in measured.figures],
        "data": pictures.data_of(row, measured.data) or plain(measured.data),
    }
    file.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows, print the table, keep the results and draw the plots."""
    options = parser().parse_args(arguments)
    rows = list(ROWS) if options.rows == "all" else [row for row in options.rows.split(",") if row]
    try:
        if unknown := [row for row in rows if row not in ROWS]:
            raise UsageError(f"There is no row {', '.join(unknown)}.", f"--rows {','.join(ROWS)}")
        figures: list[Figure] = []
        for row in rows:
            measured = ROWS[row](options)
            figures += measured.figures
            keep(options.out, row, measured)
    except BylineError as error:
        tell(f"benchmarks: {error.wrong}\n  mend: {error.mend}")
        return error.exit_status
    if figures:
        out(table(figures))
    for path in pictures.draw(options.out / RESULTS, options.plots or options.out):
        tell(f"drawn: {path}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    shared = Path(os.environ.get("BYLINE_SHARED") or ROOT.parent / "shared").expanduser()
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = found.add_argument
    add("--rows", default="", metavar="A,B", help=f"of {', '.join(ROWS)}; or all. Default: none, only plots are drawn")
    add("--out", type=Path, required=True, metavar="FOLDER", help="for results.json and the plots; not the repository")
    add("--plots", type=Path, metavar="FOLDER", help="for the plots alone, such as tests/benchmarks/plots")
    add("--archive", type=Path, action="append", metavar="FOLDER", help="an archive; may be repeated for search")
    add("--articles", type=Path, default=shared / "news" / "articles.jsonl", help="to be indexed, as JSON lines")
    add("--file", type=Path, default=shared / "qa" / "news_questions.jsonl", help="questions to ask, as JSON lines")
    add("--model", default="", metavar="NAME|PATH", help="the generator; default: Byline's default one")
    add("--quick", action="store_true", help="one turn, three questions, a small corpus: does it run at all?")
    add("--turns", type=int, default=3, metavar="N", help="of indexing (3)")
    add("--questions", type=int, default=200, metavar="N", help="of search (200)")
    add("--asked", type=int, default=20, metavar="N", help="questions that are answered (20)")
    add("--made-up", type=int, default=20_000, metavar="N", help="articles of the memory row (20000)")
    add("--words", type=int, default=150, metavar="N", help="of each made-up article (150)")
    add("--fake", action="store_true", help="memory: hashed words as vectors, which takes minutes instead of an hour")
    add("--backends", default="", metavar="OPTIONS", help="what tests/quality/embedding_times.py is called with")
    return found


if __name__ == "__main__":
    sys.exit(main())
