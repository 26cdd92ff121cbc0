"""How well follow-ups are searched for: MTRAG-UN's conversations over the pool of their own reference passages.

    python tests/quality/followups.py [--model] [--more articles.jsonl …] [--shared FOLDER] [--keep FOLDER]

Counted are the follow-ups and clarifications with reference passages. Each way of asking makes a search; a hit is an
article among the reference passages. The pool is small and holds little but what answers, so Hit@5 is high for any
way: `--more` adds articles that answer nothing, `--model` lets the default model rewrite what the rules leave open
(at most 100 rewritings). Earlier turns are understood as a reader's would have been, by rule.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.generate import Generator
from bot.intervals import ratio_interval
from bot.recall import search_with
from bot.records import Turn
from bot.settings import read_settings
from bot.standalone import Standalone, join_with, make_standalone, needs_context
from index.archive import Archive
from index.embed import Embedder

DEPTH = 60  # passages searched for; the first 10 articles among them are looked at
MOST_REWRITINGS = 100


@dataclass(frozen=True, slots=True)
class Task:
    """A last turn with what was said before it and the ids of its reference passages."""

    question: str
    history: tuple[Turn, ...]
    gold: frozenset[str]
    is_follow_up: bool


Way = Callable[[Task], Standalone]


def read_tasks(path: Path) -> list[Task]:
    """Return the tasks that have something said before them and passages that answer them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    tasks = []
    for row in rows:
        history = _history(row["input"][:-1])
        if history and row["contexts"]:
            gold = frozenset(context["document_id"] for context in row["contexts"])
            follows = row["Multi-Turn"] != ["N/A"]
            tasks.append(Task(row["input"][-1]["text"].strip(), history, gold, follows))
    return tasks


def _history(said: Sequence[dict[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    asked = ""
    for part in said:
        if part["speaker"] == "user":
            asked = part["text"].strip()
        elif asked:
            understood = make_standalone(asked, turns, None)
            turns.append(Turn(understood.question, part["text"].strip()))
            asked = ""
    return tuple(turns)


def build_archive(mtrag: Path, more: Sequence[Path], folder: Path) -> None:
    """Index every reference passage once, and the further articles."""
    passages: dict[str, dict[str, str]] = {}
    for line in mtrag.read_text(encoding="utf-8").splitlines():
        for context in json.loads(line)["contexts"]:
            title = context.get("title") or ""
            passages[context["document_id"]] = {"id": context["document_id"], "title": title, "text": context["text"]}
    pool = folder / "pool.jsonl"
    pool.write_text("".join(json.dumps(passage) + "\n" for passage in passages.values()), encoding="utf-8")
    with Desk.open(read_settings(folder / "archive"), create=True, may_be_empty=True) as desk:
        desk.index([pool, *more], lambda progress: None)


def rank(task: Task, asked: Standalone, archive: Archive, embedder: Embedder) -> int:
    """Return the place of the first reference passage among the articles found; 0 where there is none in ten."""
    hits = search_with(archive, embedder, asked.question, asked.context, limit=DEPTH)
    articles = list(dict.fromkeys(hit.passage.article_id for hit in hits))[:10]
    return next((place for place, id in enumerate(articles, start=1) if id in task.gold), 0)


def ways(generator: Generator | None) -> dict[str, Way]:
    """Return the ways of asking, by name."""

    def alone(task: Task) -> Standalone:
        return Standalone(task.question)

    def joined(task: Task) -> Standalone:
        leans = needs_context(task.question)
        return Standalone(join_with(task.history[-1].question, task.question) if leans else task.question)

    def ruled(task: Task) -> Standalone:
        return make_standalone(task.question, task.history, None)

    def words_only(task: Task) -> Standalone:
        return Standalone(ruled(task).question)

    found: dict[str, Way] = {
        "the last turn alone": alone,
        "joined with the turn before": joined,
        "rules": words_only,
        "rules, history weighed in": ruled,
    }
    if generator:
        rewritten: dict[str, Standalone] = {}

        def modelled(task: Task) -> Standalone:
            by_rule = ruled(task)
            if by_rule.how != "joined" or len(rewritten) >= MOST_REWRITINGS:
                return by_rule
            key = f"{task.history}{task.question}"
            if key not in rewritten:
                rewritten[key] = make_standalone(task.question, task.history, generator)
                sys.stdout.write(
                    f"  {rewritten[key].how}: {task.question[:90]!r} -> {rewritten[key].question[:140]!r}\n"
                )
            return rewritten[key]

        found["rules, then the model"] = lambda task: Standalone(modelled(task).question)
        found["rules, then the model, history weighed in"] = modelled
    return found


def report(name: str, ranks: Sequence[int]) -> None:
    """Write one line: the figures of a way with their 95 % intervals."""
    ones = [1.0] * len(ranks)
    line = f"{name:44s} n {len(ranks):3d}"
    figures = {
        "Hit@1": [float(place == 1) for place in ranks],
        "Hit@5": [float(1 <= place <= 5) for place in ranks],
        "MRR": [1 / place if place else 0.0 for place in ranks],
    }
    for figure, values in figures.items():
        spread = ratio_interval(values, ones)
        shown = f" [{spread.low:.3f}, {spread.high:.3f}]" if spread else ""
        line += f"  {figure} {sum(values) / len(values):.3f}{shown}" if values else ""
    sys.stdout.write(line + "\n")


def measure(tasks: Sequence[Task], desk: Desk, generator: Generator | None) -> None:
    """Write the figures of every way on all follow-ups, on those that lean, and on new topics."""
    follow_ups = [task for task in tasks if task.is_follow_up]
    groups = {
        "all follow-ups": follow_ups,
        "those that cannot be understood alone": [task for task in follow_ups if needs_context(task.question)],
        "no follow-ups: a new topic in the same conversation": [task for task in tasks if not task.is_follow_up],
    }
    for title, group in groups.items():
        sys.stdout.write(f"\n{title}\n")
        for name, way in ways(generator).items() if group else ():
            report(name, [rank(task, way(task), desk.archive, desk.embedder) for task in group])


def main() -> None:
    """Build the archive and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("BYLINE_SHARED", root.parent / "shared")))
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    parser.add_argument("--keep", type=Path, help="a folder for the archive, used again when it is there")
    parser.add_argument("--model", action="store_true")
    options = parser.parse_args()
    mtrag = options.shared / "qa" / "mtrag_un.jsonl"
    if not mtrag.exists():
        parser.exit(0, f"{mtrag} is missing: nothing measured\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "archive").exists():
            build_archive(mtrag, options.more, folder)
        with Desk.open(read_settings(folder / "archive", {"threads": 1})) as desk:
            measure(read_tasks(mtrag), desk, desk.generator if options.model else None)


if __name__ == "__main__":
    main()
