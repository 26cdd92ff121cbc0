"""The command `byline eval`: a thin face over evaluate.py and report.py."""

from __future__ import annotations

import argparse

from bot.app import Desk
from bot.compare import compare
from bot.draw import Bar
from bot.evaluate import Progress, open_results
from bot.evaluate import evaluate as measure
from bot.options import answering_settings_of
from bot.questions import read_questions, sample_questions
from bot.report import render_table, to_json, write_report
from bot.terminal import notice, out, out_json, tell
from index.errors import UsageError


def evaluate(options: argparse.Namespace) -> int:
    """Ask every question of a file and print the figures, or show what changed between two runs."""
    if options.compare:
        out(compare(*options.compare))
        return 0
    if options.questions is None:
        raise UsageError("There is no file of questions.", "byline eval questions.jsonl")
    if options.resume and not options.out:
        raise UsageError("--resume goes on with a run that was kept.", "byline eval QUESTIONS --out FOLDER --resume")
    questions = read_questions(options.questions)
    if options.sample:
        questions = sample_questions(questions, options.sample)
    with Desk.open(answering_settings_of(options), tell=notice) as desk:
        _evaluate(desk, questions, options)
    return 0


def _evaluate(desk: Desk, questions: tuple, options: argparse.Namespace) -> None:  # type: ignore[type-arg]
    description = _describe(desk, options)
    results = open_results(options.out, run=description, resume=options.resume) if options.out else None
    desk.warm()  # the first question's times are then an answer's and no loading's
    with Bar("asking", unit="questions") as bar:

        def show(progress: Progress) -> None:
            bar.show(progress.done, progress.total, ", ".join(f"{count} {group}" for group, count in progress.groups))

        evaluation = measure(
            questions,
            desk.answer,
            article_text=lambda id: article.text if (article := desk.archive.article(id)) else "",
            on_result=results.append if results else (lambda outcome: None),
            on_progress=show,
            done=results.done if results else (),
            run=description,
        )
    if options.out:
        for path in write_report(evaluation, options.out):
            tell(f"written: {path}")
    if options.json:
        out_json(to_json(evaluation))
    else:
        out(render_table(evaluation))


def _describe(desk: Desk, options: argparse.Namespace) -> dict[str, str]:
    """Return what was run, so that results of different runs are not mixed."""
    settings = desk.settings
    return {
        "questions": str(options.questions.name),
        "model": desk.model_name,
        "fingerprint": desk.archive.status().fingerprint,
        "passages": str(settings.passages),
        "strictness": str(settings.strictness),
    }
