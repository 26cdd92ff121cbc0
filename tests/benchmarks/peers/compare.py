"""Byline beside pipelines that people build by the tutorials of their libraries, on the same articles and models.

    python tests/benchmarks/peers/compare.py --out FOLDER                          all 1,000 articles, 60 questions
    python tests/benchmarks/peers/compare.py --out FOLDER --first 20 --asked 2 --model smollm2-135m
    python tests/benchmarks/peers/compare.py --out FOLDER --peers ""               only the table of what is there

Every pipeline gets the same articles, the same questions, the same embedding model and the same GGUF file, in a
process of its own, one after another; each library has an environment of its own in --venvs, made on the first run
from the versions in requirements-NAME.txt, which takes minutes and, where no wheel of llama-cpp-python is at hand, a
compiler. Nothing is fetched afterwards. Half of the questions have no answer in the archive. Judged for all alike:

    found      questions with an answer for which a gold or also supporting article was given to the model
    right      questions with an answer whose known answer stands in the text, of those that have one
    refused    questions without an answer that the pipeline declines to answer, in whatever words
    lost       questions with an answer that it declines
    cites      answers that name a source in their text, or as Byline does, beside it

Where nothing is written before the answer is there, as when Byline refuses without its model, the first token is when
it is finished. A known answer need not stand in the text word for word to be right, so `right` is a lower bound; how
often each is wrong only reading tells, and every reply is kept in NAME.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks.indexing import plain_environment

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.models import default_model, find_model
from bot.questions import SEED, EvalQuestion, read_questions
from bot.report import align
from bot.terminal import out, tell
from bot.wording import holds_answer
from index.errors import BylineError, UsageError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = ("byline", "langchain", "llamaindex")
# How a model says that it does not know, when its prompt asks for that or leaves it to it.
_DECLINED = re.compile(
    r"\b(?:(?:do|does|did|could|can|is|are|was|were)(?:\s+not|n['’]t)\s+(?:\w+\s+)?(?:know|answer|contain|provide|mention"
    r"|specif\w+|include|state[d]?|find|enough|given|available|possible|mentioned|provided)|cannot\s+(?:\w+\s+)?(?:answer"
    r"|determine|find|provide)|no\s+(?:\w+\s+)?(?:information|mention|answer)\b|unable\s+to\s+(?:answer|determine|find))",
    re.I,
)
_CITED = re.compile(r"\[\d+\]|\(?\bsources?\b\s*:|\baccording to (?:the )?(?:article|document)\s*\d", re.I)
_FIRST_WORDS = 200  # characters in which a refusal is said; further on it is a remark


def declines(text: str) -> bool:
    """True when the text says, at its beginning, that there is no answer; an empty one does too."""
    return not text.strip() or bool(_DECLINED.search(text[:_FIRST_WORDS]))


def cites(text: str) -> bool:
    """True when the text names a source by number or as one."""
    return bool(_CITED.search(text))


# --- the job --------------------------------------------------------------------------------------------------


def choose_questions(questions: Sequence[EvalQuestion], count: int) -> list[EvalQuestion]:
    """Return `count` questions, half of them without an answer (one less of an odd number), the same every time."""
    draw = random.Random(SEED)
    chosen = []
    for answerable, number in ((True, count - count // 2), (False, count // 2)):
        kind = [question for question in questions if question.answerable is answerable]
        chosen += draw.sample(kind, min(number, len(kind)))
    return chosen


def choose_articles(
    articles: Sequence[Mapping[str, Any]], questions: Sequence[EvalQuestion], first: int | None
) -> list[Mapping[str, Any]]:
    """Return the articles, or the `first` of them and with them those that the questions are about."""
    if first is None:
        return list(articles)
    needed = {id for question in questions for id in question.gold_article_ids}
    gold = [article for article in articles if article["id"] in needed]
    others = [article for article in articles if article["id"] not in needed]
    return [*gold, *others][: max(first, len(gold))]


def write_job(folder: Path, options: argparse.Namespace) -> tuple[dict[str, str], list[EvalQuestion]]:
    """Write what every pipeline gets; return the job and its questions."""
    folder.mkdir(parents=True, exist_ok=True)
    questions = choose_questions(read_questions(options.questions), options.asked)
    with options.articles.open(encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines if line.strip()]
    _write_lines(folder / "articles.jsonl", choose_articles(articles, questions, options.first))
    _write_lines(folder / "questions.jsonl", [_asked(question) for question in questions])
    return {
        "articles": str(folder / "articles.jsonl"),
        "questions": str(folder / "questions.jsonl"),
        "generator": str(find_model(options.model or None, "generator")),
        "embedder": str(find_model(default_model("embedder").name, "embedder")),
    }, questions


def _asked(question: EvalQuestion) -> dict[str, str]:
    day = {"asked_on": question.asked_on.isoformat()} if question.asked_on else {}
    return {"id": question.id, "question": question.text, **day}


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="\n")


# --- the pipelines --------------------------------------------------------------------------------------------


def environment(name: str, venvs: Path) -> Path:
    """Return the Python of the pipeline's environment, made or made anew where its requirements have changed."""
    if name == "byline":
        return Path(sys.executable)
    wanted = HERE / f"requirements-{name}.txt"
    folder = venvs / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, hash = folder / "installed", hashlib.sha256(wanted.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != hash:
        tell(f"{name}: making its environment in {folder}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted)], check=True)
        stamp.write_text(hash, encoding="utf-8")
    return python


def run_peer(name: str, job: Mapping[str, str], folder: Path, venvs: Path) -> None:
    """Let one pipeline do the job; its result is then in the folder."""
    work = folder / f"work-{name}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (folder / f"{name}.job.json").write_text(json.dumps({**job, "work": str(work)}), encoding="utf-8")
    script = HERE / f"{name}_peer.py"
    command = [str(environment(name, venvs)), str(script), "--job", str(folder / f"{name}.job.json")]
    tell(f"{name}: indexing and answering")
    subprocess.run([*command, "--out", str(result_of(folder, name))], check=True, env=_quiet(name))


def result_of(folder: Path, name: str) -> Path:
    """Return where a pipeline's result lies."""
    return folder / f"{name}.json"


def _quiet(name: str) -> dict[str, str]:
    """Return the environment of a pipeline: nothing calls home, and none but Byline gets how Byline's threads wait."""
    held = dict(os.environ) if name == "byline" else plain_environment()
    return {**held, "LANGCHAIN_TRACING_V2": "false", "LANGSMITH_TRACING": "false"}


# --- judging --------------------------------------------------------------------------------------------------


def judge(result: Mapping[str, Any], questions: Sequence[EvalQuestion]) -> dict[str, float | None]:
    """Return one pipeline's figures; None where there is nothing to count."""
    replies = {reply["id"]: reply for reply in result["replies"]}
    pairs = [(question, replies[question.id]) for question in questions if question.id in replies]
    known = [(question, reply) for question, reply in pairs if question.answerable]
    without = [(question, reply) for question, reply in pairs if question.answerable is False]
    given = [reply for _, reply in pairs if not _refused(reply)]
    right = [holds_answer(reply["text"], question.answers, question.all_of) for question, reply in known]
    return {
        "index, s": result["index_seconds"],
        "articles/s": result["articles"] / result["index_seconds"],
        "first token, s": _median([reply["first_token"] for _, reply in pairs]),
        "finished, s": _median([reply["seconds"] for _, reply in pairs]),
        "found": _share([bool(_right_articles(question) & set(reply["retrieved"])) for question, reply in known]),
        "right": _share([is_right and not _refused(reply) for is_right, (_, reply) in zip(right, known, strict=True)]),
        "refused": _share([_refused(reply) for _, reply in without]),
        "lost": _share([_refused(reply) for _, reply in known]),
        "cites": _share([cites(reply["text"]) if reply["cites"] is None else reply["cites"] for reply in given]),
    }


def _refused(reply: Mapping[str, Any]) -> bool:
    return declines(reply["text"]) if reply["refused"] is None else bool(reply["refused"])


def _right_articles(question: EvalQuestion) -> set[str]:
    return {*question.gold_article_ids, *question.also_supported_by}


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def table(judged: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return a line for each pipeline."""
    names = list(next(iter(judged.values()), {}))
    rows = [("", *names)]
    for name, figures in judged.items():
        rows.append((name, *(_show(figure, figures[figure]) for figure in names)))
    return "\n".join(align(rows))


def _show(figure: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.1f}" if figure.endswith("s") and ("," in figure or "/" in figure) else f"{value:.2f}"


def main(arguments: list[str] | None = None) -> int:
    """Run the pipelines that are named, and print the table of all results that are there."""
    options = parser().parse_args(arguments)
    try:
        for path in (options.articles, options.questions):
            if not path.is_file():
                raise UsageError(f"There is no {path}.", "BYLINE_SHARED=FOLDER, or --articles and --questions")
        job, questions = write_job(options.out, options)
        for name in filter(None, options.peers.split(",")):
            if name not in PEERS:
                raise UsageError(f"There is no pipeline {name}.", f"--peers {','.join(PEERS)}")
            run_peer(name, job, options.out, options.venvs or options.out / "venvs")
    except BylineError as error:
        tell(f"compare: {error.wrong}\n  mend: {error.mend}")
        return error.exit_status
    results = {name: result_of(options.out, name) for name in PEERS}
    there = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in results.items() if path.exists()}
    judged = {name: judge(result, questions) for name, result in there.items()}
    (options.out / "comparison.json").write_text(json.dumps(judged, indent=1) + "\n", encoding="utf-8")
    if judged:
        out(table(judged))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    shared = Path(os.environ.get("BYLINE_SHARED") or ROOT.parent / "shared").expanduser()
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = found.add_argument
    add("--out", type=Path, required=True, metavar="FOLDER", help="for job, results and comparison.json")
    add("--peers", default=",".join(PEERS), metavar="A,B", help=f"which are run; default: {','.join(PEERS)}")
    add("--venvs", type=Path, metavar="FOLDER", help="for their environments; default: venvs in --out")
    add("--articles", type=Path, default=shared / "news" / "articles.jsonl", help="JSON lines with id, title, text")
    add("--questions", type=Path, default=shared / "qa" / "news_questions.jsonl", help="JSON lines, as byline eval's")
    add("--first", type=int, metavar="N", help="so many articles, those that are asked for first; default: all")
    add("--asked", type=int, default=60, metavar="N", help="questions (60)")
    add("--model", default="", metavar="NAME|PATH", help="the generator; default: Byline's default one")
    return found


if __name__ == "__main__":
    sys.exit(main())
