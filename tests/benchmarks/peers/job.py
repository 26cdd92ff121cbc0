"""One comparison's work as every pipeline gets it, and what each gives back; plain Python, for environments of others.

A pipeline indexes the job's articles and answers its questions. What it retrieved, when its first word came and when
its last, and its text are written down here; whether that is right is judged by compare.py, for all in one way.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

MOST_TOKENS = 256  # of an answer: what the pipelines' own documentation writes with
CONTEXT = 4096


@dataclass(frozen=True)
class Job:
    """What there is to do, and the models to do it with."""

    articles: str  # JSON lines with id, title and text
    questions: str  # JSON lines with id and question
    generator: str  # a GGUF file
    embedder: str  # a sentence-transformers folder
    work: str  # an empty folder


@dataclass
class Reply:
    """One answer. `refused` and `cites` are None where only the text can tell."""

    id: str
    retrieved: list[str]  # ids of the articles whose passages the model was given, best first
    text: str
    first_token: float
    seconds: float
    refused: bool | None = None
    cites: bool | None = None


class Peer(Protocol):
    """A pipeline, its models loaded when it is made."""

    def index(self, articles: Sequence[dict[str, Any]]) -> int:
        """Take the articles in and return how many passages they are."""

    def retrieve(self, question: str) -> list[str]:
        """Find what the next `write` reads and return the ids of the articles it is from."""

    def write(self, question: str) -> Iterable[str]:
        """Yield the answer's text as it comes."""


def read_lines(path: str) -> list[dict[str, Any]]:
    """Return the records of a file of JSON lines."""
    with Path(path).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def ask(peer: Peer, id: str, question: str) -> Reply:
    """Return what the pipeline says, with its times."""
    started = time.perf_counter()
    retrieved = peer.retrieve(question)
    text, first = "", 0.0
    for piece in peer.write(question):
        if not first and piece.strip():
            first = time.perf_counter() - started
        text += piece
    seconds = time.perf_counter() - started
    return Reply(id, list(dict.fromkeys(retrieved)), text.strip(), first or seconds, seconds)


def work(peer: Peer, job: Job) -> Iterator[dict[str, Any]]:
    """Yield the result as it grows, so that what is done is kept when the rest fails."""
    articles = read_lines(job.articles)
    started = time.perf_counter()
    passages = peer.index(articles)
    result: dict[str, Any] = {
        "articles": len(articles),
        "passages": passages,
        "index_seconds": time.perf_counter() - started,
        "replies": [],
    }
    ask(peer, "", "What is this about?")  # warms the pipeline, and does not count
    for question in read_lines(job.questions):
        result["replies"].append(asdict(ask(peer, question["id"], question["question"])))
        yield result


def run(make: type[Any], packages: Sequence[str]) -> None:
    """Do the job that the command line names with the pipeline that `make` makes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True, help="a file that compare.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="a file for the result")
    options = parser.parse_args()
    job = Job(**json.loads(options.job.read_text(encoding="utf-8")))
    started = time.perf_counter()
    peer = make(job)
    made = time.perf_counter() - started
    versions = {name: version(name) for name in packages}
    for result in work(peer, job):
        whole = {"versions": versions, "start_seconds": made, **result}
        options.out.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
