"""Byline itself, given the same job in the same way: indexed from the file, asked with its default settings.

Its first token is not its answer yet: what is shown at the end was checked, and may be a refusal.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from job import Job, Reply, read_lines

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.asking import parse_question
from bot.records import Answer, Question, Token
from bot.settings import Settings
from index.build import ignore
from index.records import Filters


def ask(desk: Desk, question: Question) -> Reply:
    """Return what Byline says, with its times."""
    started, first = time.perf_counter(), 0.0
    for event in desk.ask(question):
        if isinstance(event, Token) and not first:
            first = time.perf_counter() - started
        if isinstance(event, Answer):
            answer = event
    seconds = time.perf_counter() - started
    retrieved = list(dict.fromkeys(hit.hit.passage.article_id for hit in answer.evidence))
    cites = answer.answered and bool(answer.citations)
    return Reply(question.id, retrieved, answer.text, first or seconds, seconds, not answer.answered, cites)


def work(job: Job, out: Path) -> None:
    """Do the job and write the result as it grows."""
    started = time.perf_counter()
    settings = Settings(Path(job.work), model=job.generator)
    with Desk.open(settings, create=True, may_be_empty=True) as desk:
        desk.warm()
        made = time.perf_counter() - started
        started = time.perf_counter()
        report = desk.index([Path(job.articles)], ignore)
        result: dict[str, Any] = {
            "versions": {"byline": "this checkout"},
            "start_seconds": made,
            "articles": desk.archive.status().articles,
            "passages": report.passages,
            "index_seconds": time.perf_counter() - started,
            "replies": [],
        }
        ask(desk, Question("What is this about?", date.today()))
        for number, row in enumerate(read_lines(job.questions), start=1):
            question = parse_question(json.dumps(row), number, Filters(), date.today())
            result["replies"].append(asdict(ask(desk, question)))
            out.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=Path, required=True, help="a file that compare.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="a file for the result")
    options = parser.parse_args()
    work(Job(**json.loads(options.job.read_text(encoding="utf-8"))), options.out)
