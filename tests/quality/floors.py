"""What has been reached on a few questions over the sample articles, and must not be lost again.

    python tests/quality/floors.py                         asks them and says what lies below its floor
    python tests/quality/floors.py --update                raises the floors to what is reached now
    python tests/quality/floors.py --results FOLDER …      judges kept results of those questions instead of asking

The questions are named in floors.json: few enough for CI, of every kind, and always the same. A floor is never lowered
by `--update` alone: that takes `--allow-regression`, and a reason in the commit. A share's floor is set one question
below what was reached, because other processors round otherwise and a model's word may change with it; what is
counted, such as quotes that are not the article's words, has no such room.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.draw import Bar
from bot.evaluate import Progress, evaluate, read_results
from bot.figures import Evaluation, compute, show_value
from bot.questions import EvalQuestion, read_questions
from bot.report import render_table
from bot.settings import Settings
from bot.terminal import out, tell
from index.errors import BylineError, UsageError

HERE = Path(__file__).resolve().parent
FLOORS = HERE / "floors.json"
QUESTIONS = HERE / "questions.jsonl"
ROOM = 1e-4  # limits are written with four decimals


@dataclass(frozen=True, slots=True)
class Floors:
    """Which questions are asked of which material, and what each figure must be at least or at most."""

    questions: tuple[str, ...]
    material: str
    at_least: Mapping[str, float]
    at_most: Mapping[str, float]


def read_floors(path: Path = FLOORS) -> Floors:
    """Return the floors of the file."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Floors(**{**stored, "questions": tuple(stored["questions"])})


def write_floors(floors: Floors, path: Path = FLOORS) -> None:
    """Write the floors as a file that reads well and differs little."""
    stored = {"questions": list(floors.questions), "material": floors.material}
    limits = {"at_least": dict(floors.at_least), "at_most": dict(floors.at_most)}
    path.write_text(json.dumps({**stored, **limits}, indent=2) + "\n", encoding="utf-8", newline="\n")


def chosen(floors: Floors, questions: Sequence[EvalQuestion]) -> tuple[EvalQuestion, ...]:
    """Return the questions that the floors are about; raises UsageError when one is not there."""
    found = {question.id: question for question in questions}
    missing = [id for id in floors.questions if id not in found]
    if missing:
        raise UsageError(f"{', '.join(missing)} of floors.json is not among the questions.", "mend floors.json")
    return tuple(found[id] for id in floors.questions)


def hash_material(questions: Sequence[EvalQuestion]) -> str:
    """Return a hash of the questions and the sample articles: floors hold for these only."""
    whole = hashlib.sha256()
    with as_file(files("index") / "samples" / "articles") as folder:
        for path in sorted(folder.iterdir()):
            whole.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    for question in questions:
        whole.update(repr((question.key, question.answerable, question.answers, question.all_of)).encode() + b"\0")
    return whole.hexdigest()[:16]


def measure(questions: Sequence[EvalQuestion]) -> Evaluation:
    """Return what the default model makes of the questions over the sample articles, indexed anew."""
    with TemporaryDirectory() as folder, Desk.open(
        Settings(Path(folder) / "archive"), create=True, may_be_empty=True
    ) as desk, Bar("asking", unit="questions") as bar:  # fmt: skip
        with as_file(files("index") / "samples" / "articles") as samples:
            desk.index([samples], lambda progress: None)

        def show(progress: Progress) -> None:
            bar.show(progress.done, progress.total)

        def text(id: str) -> str:
            article = desk.archive.article(id)
            return article.text if article else ""

        return evaluate(questions, desk.answer, article_text=text, on_progress=show)


def judge_kept(path: Path, questions: Sequence[EvalQuestion]) -> Evaluation:
    """Return the evaluation of the questions' kept results; raises UsageError when one was not asked."""
    kept = {outcome.question.id: outcome for outcome in read_results(path)[1]}
    missing = [question.id for question in questions if question.id not in kept]
    if missing:
        raise UsageError(f"{path} holds no result of {', '.join(missing)}.", f"byline eval {QUESTIONS.name} --out …")
    return compute([replace(kept[question.id], question=question) for question in questions])


def shortfalls(evaluation: Evaluation, floors: Floors) -> list[str]:
    """Return what lies below its floor or above its ceiling, in words; empty when all is well."""
    found = []
    for limits, worse, word in ((floors.at_least, _below, "at least"), (floors.at_most, _above, "at most")):
        for name, limit in limits.items():
            figure = evaluation.figure(name)
            if worse(figure.value, limit):
                shown = show_value(figure, figure.value)
                found.append(f"{name}: {shown} of {figure.n}, to be {word} {show_value(figure, limit)}")
    return found


def raised(evaluation: Evaluation, floors: Floors, *, allow_regression: bool = False) -> Floors:
    """Return the floors brought to what was reached; raises UsageError where one would be lowered, unless allowed."""
    if not allow_regression and (fallen := shortfalls(evaluation, floors)):
        mend = "mend what became worse, or give --allow-regression and say why in the commit"
        raise UsageError("A floor would be lowered: " + "; ".join(fallen), mend)
    lower = {name: _with_room(evaluation, name, -1, limit) for name, limit in floors.at_least.items()}
    upper = {name: _with_room(evaluation, name, +1, limit) for name, limit in floors.at_most.items()}
    if not allow_regression:  # the room for one question must not lower them either
        lower = {name: max(value, floors.at_least[name]) for name, value in lower.items()}
        upper = {name: min(value, floors.at_most[name]) for name, value in upper.items()}
    return replace(floors, at_least=lower, at_most=upper)


def _with_room(evaluation: Evaluation, name: str, direction: int, limit: float) -> float:
    """Return the figure with one question's room to the worse side where it is a share; unmeasured, the old limit."""
    figure = evaluation.figure(name)
    if figure.value is None:
        return limit
    if figure.unit != "share":
        return figure.value
    return round(min(1.0, max(0.0, figure.value + direction / figure.n)), 4)


def _below(value: float | None, limit: float) -> bool:
    return value is None or value < limit - ROOM


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit + ROOM  # of no quotes none is wrong


def run(options: argparse.Namespace, measure: Callable[[Sequence[EvalQuestion]], Evaluation] = measure) -> int:
    """Check the floors or bring them up; return 1 when something lies below."""
    floors = read_floors(options.floors)
    questions = chosen(floors, read_questions(QUESTIONS))
    material = hash_material(questions)
    if material != floors.material and not options.allow_regression:
        mend = "python tests/quality/floors.py --update --allow-regression, and say why in the commit"
        raise UsageError("The questions or the sample articles are not those that the floors were set for.", mend)
    evaluation = judge_kept(options.results, questions) if options.results else measure(questions)
    out(render_table(evaluation))
    if options.update:
        write_floors(
            replace(raised(evaluation, floors, allow_regression=options.allow_regression), material=material),
            options.floors,
        )
        return 0
    fallen = shortfalls(evaluation, floors)
    for each in fallen:
        tell(f"below its floor: {each}")
    return 1 if fallen else 0


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise the floors to what is reached")
    parser.add_argument("--allow-regression", action="store_true", help="with --update: lower them too")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="of byline eval --out, instead of asking")
    parser.add_argument("--floors", type=Path, default=FLOORS, metavar="FILE", help="instead of floors.json")
    return parser.parse_args(arguments)


def main() -> int:
    """Run it; an error is one line and its mend."""
    try:
        return run(parse())
    except BylineError as error:
        tell(f"floors: {error.wrong}")
        tell(f"  mend: {error.mend}")
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
