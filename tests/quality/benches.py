"""Asks Byline the questions of published sets, and says how it does.

    python tests/quality/benches.py prepare SET --out FOLDER     articles into an archive, questions into a file
    python tests/quality/benches.py ask SET --out FOLDER         answers into results.jsonl; goes on when run again
    python tests/quality/benches.py report SET --out FOLDER      the figures, with 95 % intervals

SET is squad, clapnq, rgb or news. The sets are no part of Byline: they are read from the folder BYLINE_SHARED, or
from `shared` beside the checkout. `ask` asks at strictness 0, so that nothing is refused for being unsure; `report`
then refuses what --strictness, or the default, would have refused, by the calibration of today. So one run, which
takes hours, tells every operating point, and `calibrate.py fit` reads the same results.jsonl.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import sets
from replay import load_calibration, replay

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.answer import stream
from bot.app import Desk, open_embedder
from bot.case import Parts
from bot.confidence import Calibration, read_calibration
from bot.draw import Bar
from bot.evaluate import RESULTS, Progress, evaluate, open_results, read_results
from bot.figures import Evaluation, compute
from bot.questions import SEED, EvalQuestion, read_questions
from bot.records import Answer, Question
from bot.report import render_table, write_report
from bot.settings import PASSAGE_TOKENS, Settings, read_settings
from bot.terminal import out, tell
from index.archive import Archive
from index.build import build
from index.embed import Embedder
from index.errors import BylineError, UsageError

ROOT = Path(__file__).resolve().parents[2]
SETS = ("squad", "clapnq", "rgb", "news")
QUESTIONS = "questions.jsonl"
STRICTNESS = Settings(Path()).strictness  # the default


# --- prepare ---------------------------------------------------------------------------------------------------


def shared_folder() -> Path:
    """Return the folder that holds the sets; raises UsageError where it is not there."""
    folder = Path(os.environ.get("BYLINE_SHARED") or ROOT.parent / "shared").expanduser()
    if not folder.is_dir():
        raise UsageError(
            f"The question sets are not in {folder}.", "BYLINE_SHARED=FOLDER, one that holds qa/ and news/"
        )
    return folder


def read_bench(name: str, shared: Path, *, each: int, seed: int) -> sets.Bench:
    """Return the set of that name as Byline reads it."""
    match name:
        case "squad":
            return sets.squad(_load(shared / "qa/squad2_part.json")["data"], each=each, seed=seed)
        case "clapnq":
            files = (_lines(shared / f"qa/clapnq_{kind}.jsonl") for kind in ("answerable", "unanswerable"))
            return sets.clapnq(*files, seed=seed)
        case "rgb":
            return sets.rgb(_lines(shared / "qa/rgb_en_fact.jsonl"), seed=seed)
        case _:
            return sets.news(_lines(shared / "news/articles.jsonl"), _lines(shared / "qa/news_questions.jsonl"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "BYLINE_SHARED=FOLDER, one that holds it") from error


def _load(path: Path) -> Any:
    return json.loads(_text(path))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text(path).split("\n") if line.strip()]


def prepare(bench: sets.Bench, folder: Path, embedder: Embedder) -> int:
    """Write the questions and build the archives in `folder`; return how many articles they hold in all.

    An archive that is complete is left as it is, so that a run that was killed goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored = 0
    with Bar("indexing", unit="archives") as bar:
        for done, (name, articles) in enumerate(bench.articles.items(), start=1):
            place = archive_of(folder, name, own=name != sets.SHARED)
            stored += _build(place, articles, embedder)
            bar.show(done, len(bench.articles))
    _write_lines(folder / QUESTIONS, bench.questions)
    return stored


def archive_of(folder: Path, question: str, *, own: bool | None = None) -> Path:
    """Return the archive that a question asks: its own, or where it has none the one of all questions."""
    mine = folder / "archives" / question
    return mine if (mine.is_dir() if own is None else own) else folder / "archive"


def _build(place: Path, articles: Iterable[Mapping[str, Any]], embedder: Embedder) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    rows = place.parent / f"{place.name}.jsonl"
    _write_lines(rows, articles)
    with Archive.open(place, create=True) as archive:
        report = build(archive, [rows], embedder=embedder, max_tokens=PASSAGE_TOKENS)
        for skipped in report.skipped:
            tell(f"not indexed: {skipped.path} {skipped.where}: {skipped.reason}")
        return archive.status().articles


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="\n")


# --- ask -------------------------------------------------------------------------------------------------------


class Asker:
    """Asks each question of the archive it belongs to, with models that are loaded once."""

    def __init__(self, folder: Path, parts: Parts) -> None:
        self.folder = folder
        self.parts = parts
        self.archive: Archive | None = None

    def answer(self, question: Question) -> Answer:
        """Return the answer; the archive stays open for the next question."""
        place = archive_of(self.folder, question.id)
        if self.archive is None or self.archive.folder != place:
            self.close()
            self.archive = Archive.open(place)
        events = stream(question, replace(self.parts, archive=self.archive))
        (answer,) = [event for event in events if isinstance(event, Answer)]
        return answer

    def text(self, id: str) -> str | None:
        """Return the text of an article of the archive that was asked last."""
        article = self.archive.article(id) if self.archive else None
        return article.text if article else None

    def close(self) -> None:
        """Close the archive that was asked last."""
        if self.archive is not None:
            self.archive.close()
            self.archive = None


def ask(folder: Path, questions: tuple[EvalQuestion, ...], parts: Parts, run: Mapping[str, str]) -> Evaluation:
    """Ask every question and append what came of it to the folder's results.jsonl; those in it are not asked again."""
    results = open_results(folder, run=run, resume=(folder / RESULTS).exists())
    with closing(Asker(folder, parts)) as asker, Bar("asking", unit="questions") as bar:

        def show(progress: Progress) -> None:
            bar.show(progress.done, progress.total, ", ".join(f"{count} {group}" for group, count in progress.groups))

        return evaluate(
            questions,
            asker.answer,
            article_text=asker.text,
            on_result=results.append,
            on_progress=show,
            done=results.done,
        )


def _describe(desk: Desk) -> dict[str, str]:
    return {
        "model": desk.model_name,
        "fingerprint": desk.archive.status().fingerprint,
        "passages": str(desk.settings.passages),
        "strictness": str(desk.settings.strictness),
    }


def choose(questions: tuple[EvalQuestion, ...], count: int | None) -> tuple[EvalQuestion, ...]:
    """Return the first `count` questions: they stand in a random order, so a larger sample goes on with a smaller."""
    return questions[:count] if count else questions


# --- report ----------------------------------------------------------------------------------------------------


def report(folder: Path, *, strictness: float, calibration: Calibration) -> str:
    """Return the figures at that strictness as a table, and write them with the page of all answers."""
    run, outcomes = read_results(folder / RESULTS)
    decided = [replay(outcome, calibration, strictness) for outcome in outcomes]
    run = {**run, "strictness": f"{strictness} (asked at {run.get('strictness', 'unknown')})"}
    evaluation = compute(decided, run=tuple(run.items()))
    for path in write_report(evaluation, folder):
        tell(f"written: {path}")
    return render_table(evaluation)


def main() -> int:
    """Run one of the three steps."""
    options = _parse()
    try:
        _run(options)
    except BylineError as error:
        tell(f"benches: {error.wrong}")
        tell(f"  mend: {error.mend}")
        return error.exit_status
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.step == "prepare":
        bench = read_bench(options.set, shared_folder(), each=options.each, seed=options.seed)
        stored = prepare(bench, options.out, open_embedder(read_settings(options.out)))
        tell(f"{len(bench.questions)} questions, {stored} articles in {len(bench.articles)} archives: {options.out}")
    elif options.step == "ask":
        questions = choose(read_questions(options.out / QUESTIONS), options.sample)
        settings = read_settings(
            archive_of(options.out, questions[0].id), {"strictness": options.strictness, "model": options.model}
        )
        with Desk.open(settings) as desk:
            desk.warm()
            ask(options.out, questions, desk.parts(), _describe(desk))
    else:
        calibration = load_calibration(options.calibration) if options.calibration else read_calibration()
        out(report(options.out, strictness=options.strictness, calibration=calibration))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    for name in ("prepare", "ask", "report"):
        step = steps.add_parser(name)
        step.add_argument("set", choices=SETS)
        step.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="outside the repository")
        if name == "prepare":
            step.add_argument("--each", type=int, default=300, help="SQuAD: questions with and without answer (300)")
            step.add_argument("--seed", type=int, default=SEED, help="of what is drawn at random")
        elif name == "ask":
            step.add_argument("--sample", type=int, metavar="N", help="only the first N, which are a random sample")
            step.add_argument("--strictness", type=float, default=0.0, help="0 leaves the decision to the report")
            step.add_argument("--model", metavar="NAME|PATH")
        else:
            step.add_argument("--strictness", type=float, default=STRICTNESS)
            step.add_argument("--calibration", type=Path, help="a calibration.json that is not the one of Byline")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
