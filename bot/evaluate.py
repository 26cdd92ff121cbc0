"""Asks every question of a file in order and keeps each result as it is done, so that a run can be resumed.

Knows nothing of models or the archive: `ask` answers, `article_text` returns a stored article's words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.figures import Evaluation, compute
from bot.measures import Group, judge
from bot.outcome import (
    ArticleText,
    Outcome,
    from_record,
    observe,
    observe_failure,
    to_line,
    with_question,
)
from bot.questions import EvalQuestion
from bot.records import Answer, Question
from index.errors import GenerationError, UsageError

RESULTS = "results.jsonl"
SCHEMA_VERSION = 1  # of a results file; another one is not resumed

Ask = Callable[[Question], Answer]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, and what it came to until now."""

    done: int
    total: int
    last: Outcome
    groups: tuple[tuple[Group, int], ...]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {group}" for group, count in self.groups)
        return f"{self.done}/{self.total}: {counts}"


def evaluate(
    questions: Sequence[EvalQuestion],
    ask: Ask,
    *,
    article_text: ArticleText,
    on_result: Callable[[Outcome], None] = lambda outcome: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    done: Iterable[Outcome] = (),
    run: Mapping[str, str] | None = None,
) -> Evaluation:
    """Return the evaluation of all `questions`, asked in order, those that `done` holds taken from there.

    `on_result` gets each new outcome at once. A question on which the model breaks is an outcome too; what would
    break every question (no model, no archive) is raised.
    """
    known = {outcome.question.key: outcome for outcome in done if not outcome.error}
    outcomes: list[Outcome] = []
    groups: Counter[Group] = Counter()
    for question in questions:
        if question.key in known:
            outcome = with_question(known[question.key], question)
        else:
            outcome = _ask(question, ask, article_text)
            on_result(outcome)
        outcomes.append(outcome)
        groups[judge(outcome)] += 1
        on_progress(Progress(len(outcomes), len(questions), outcome, tuple(groups.most_common())))
    return compute(outcomes, run=tuple((run or {}).items()))


def _ask(question: EvalQuestion, ask: Ask, article_text: ArticleText) -> Outcome:
    try:
        answer = ask(question.to_question())
        if answer.fallback:  # what the articles' own sentences then answer says nothing of the model that is measured
            raise GenerationError(answer.fallback)
        return observe(question, answer, article_text)
    except GenerationError as error:
        return observe_failure(question, error)


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """The results of one run in a folder: a line that says what was run, then a line for each outcome."""

    path: Path
    done: tuple[Outcome, ...] = field(default=())

    def append(self, outcome: Outcome) -> None:
        """Write the outcome at the end; it is in the file when this returns."""
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(to_line(outcome) + "\n")


def open_results(folder: Path, *, run: Mapping[str, str], resume: bool) -> ResultsFile:
    """Return the folder's results file, new and empty, or with what it holds when resumed.

    Results already there are never overwritten, nor mixed with those of another `run`: both raise UsageError.
    """
    path = folder / RESULTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(_header(run) + "\n", encoding="utf-8", newline="\n")
            return ResultsFile(path)
        if not resume:
            raise UsageError(f"{path} already holds results", f"byline eval … --out {folder} --resume")
        return _resume(path, run)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", "byline eval … --out FOLDER") from error


def read_results(path: Path) -> tuple[dict[str, str], tuple[Outcome, ...]]:
    """Return what was run and its outcomes, from a results folder, its results.jsonl or an evaluation's JSON."""
    path = path / RESULTS if path.is_dir() else path
    text = _read(path)
    if path.suffix == ".json":
        whole = _parse(text, str(path))
        records = [(f"{path}, result {at}", record) for at, record in enumerate(whole.get("results", ()), start=1)]
        return dict(whole.get("run", {})), tuple(from_record(record, where=where) for where, record in records)
    lines = text.split("\n")
    return _read_header(lines[0], path), _read_lines(lines[1:], path)


def _resume(path: Path, run: Mapping[str, str]) -> ResultsFile:
    text = _read(path)
    whole = text[: text.rfind("\n") + 1]  # a run that was killed may have left half a line
    if not whole:
        path.write_text(_header(run) + "\n", encoding="utf-8", newline="\n")
        return ResultsFile(path)
    lines = whole.split("\n")
    earlier = _read_header(lines[0], path)
    if earlier != dict(run):
        changed = [name for name in {**earlier, **run} if earlier.get(name) != run.get(name)]
        told = "; ".join(f"{name} was {earlier.get(name)!r}, now {run.get(name)!r}" for name in changed)
        raise UsageError(f"{path} holds another run's results: {told}", "byline eval … --out ANOTHER_FOLDER")
    done = _read_lines(lines[1:], path)
    if whole != text:
        path.write_text(whole, encoding="utf-8", newline="\n")
    return ResultsFile(path, done)


def _header(run: Mapping[str, str]) -> str:
    return json.dumps({"schema_version": SCHEMA_VERSION, "run": dict(run)})


def _read_header(line: str, path: Path) -> dict[str, str]:
    header = _parse(line, f"{path}, line 1")
    if header.get("schema_version") != SCHEMA_VERSION or not isinstance(header.get("run"), dict):
        raise UsageError(f"{path} is not a results file of this version", "byline eval … --out ANOTHER_FOLDER")
    return header["run"]  # type: ignore[no-any-return]


def _read_lines(lines: Sequence[str], path: Path) -> tuple[Outcome, ...]:
    """Return the outcomes; of a question asked twice, the last."""
    found: dict[object, Outcome] = {}
    for number, line in enumerate(lines, start=2):
        if line.strip():
            where = f"{path}, line {number}"
            outcome = from_record(_parse(line, where), where=where)
            found[outcome.question.key] = outcome
    return tuple(found.values())


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "byline eval QUESTIONS --out FOLDER") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", "byline eval QUESTIONS --out ANOTHER_FOLDER") from error


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: not JSON ({error})", "byline eval QUESTIONS --out ANOTHER_FOLDER") from error
    if not isinstance(record, dict):
        raise UsageError(f"{where}: not a JSON object", "byline eval QUESTIONS --out ANOTHER_FOLDER")
    return record
