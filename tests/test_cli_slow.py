"""Answers from the command line as a process, with a real archive, the real embedder and real models."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cli_material import ROOT, byline, byline_json

pytestmark = pytest.mark.slow

ANSWER_KEYS = {
    "schema_version", "id", "question", "standalone_question", "answered", "answer", "reason", "sentences", "citations",
    "nearest", "versions", "retrieved", "applied", "implied", "confidence", "stopped", "model", "fallback", "notices",
    "timings",
}  # fmt: skip
SENTENCE_KEYS = {"text", "support", "citations", "missing", "said_by"}
CITATION_KEYS = {
    "number", "quote", "start", "end", "passage_id", "kind", "article", "days", "also_carried_by",
}  # fmt: skip
VERSION_KEYS = {"fact", "instead_of", "relation", "citation"}
TIMING_KEYS = {"retrieve_ms", "first_token_ms", "total_ms", "prompt_tokens", "answer_tokens"}
ARTICLE_KEYS = {"id", "title", "outlet", "author", "published", "url", "path"}
QUESTIONS = Path(__file__).parent / "quality" / "questions.jsonl"
BATCH = """{"id": "a", "question": "How long did Nadia Corrie wait to be rescued?", "asked_on": "2025-06-10"}
{"id": "b", "question": "What did Ivo Brandt say in March had jammed the dam gate?", "until": "2025-06-01"}
{"id": "broken", "question": 7}

not JSON
{"id": "c", "question": "Who is he?", "since": ["2025"]}
{"id": "d", "question": "Who won?", "since": "2025-03-02", "until": "2025-03-01"}
{"id": "e", "question": "What was her title?", "history": [{"question": "Who is Lena Ortiz?", "answer": "An expert."}]}
{"id": "f", "question": "A broken \\ud800 sign: what would an alarm at Tolleny cost?"}
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("samples") / "archive"
    assert byline_json("index", "--samples", "--archive", archive)["added"] == 24
    return archive


@pytest.fixture(scope="module")
def batch(samples: Path) -> list[dict[str, Any]]:
    """What the smallest model makes of the batch. Strictness 0: it is rarely sure enough of what it copies."""
    small = ["--model", "smollm2-135m", "--strictness", "0"]
    ended = byline("ask", "--batch", "-", "--json", "--archive", samples, *small, stdin=BATCH)
    assert (ended.returncode, ended.stderr) == (5, "")
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers(batch: list[dict[str, Any]], samples: Path) -> list[dict[str, Any]]:
    """The answers of the batch, and one that is never sure enough: a refusal that quotes what comes nearest."""
    surely = ["--model", "smollm2-135m", "--strictness", "1"]
    ended = byline("ask", "--json", "--archive", samples, *surely, "Who was killed in the flood at Lowmarsh?")
    assert ended.returncode == 1
    return [*(item for item in batch if "error" not in item), json.loads(ended.stdout)]


def test_a_batch_answers_every_question_in_order_and_goes_on_after_a_broken_line(batch):
    assert [item["id"] for item in batch] == ["a", "b", "broken", "", "c", "d", "e", "f"]
    errors = {item["line"]: item["error"] for item in batch if "error" in item}
    assert list(errors) == [3, 5, 6, 7]
    assert "is not a date" in errors[6]
    assert "is after until" in errors[7]


def test_an_answer_has_the_shape_of_the_contract(answers):
    assert answers
    for answer in answers:
        assert set(answer) == ANSWER_KEYS
        assert answer["schema_version"] == 1
        assert set(answer["timings"]) == TIMING_KEYS
        assert set(answer["applied"]) == {"since", "until", "outlets", "authors"}
        assert 0 <= answer["confidence"] <= 1
        assert answer["model"] == "smollm2-135m"
        assert [hit["rank"] for hit in answer["retrieved"]] == list(range(1, len(answer["retrieved"]) + 1))


def test_every_sentence_shown_is_carried_by_citations_that_are_there(answers):
    answered = [answer for answer in answers if answer["answered"]]
    assert answered
    for answer in answered:
        assert all(set(item) == SENTENCE_KEYS for item in answer["sentences"])
        assert all(item["support"] in ("supported", "partly") and item["citations"] for item in answer["sentences"])
        used = {number for item in answer["sentences"] for number in item["citations"]}
        assert used == {item["number"] for item in answer["citations"]} == set(range(1, len(used) + 1))


def test_every_quote_is_the_articles_own_words(answers, samples):
    versions = [item for answer in answers for item in answer["versions"]]
    assert all(set(item) == VERSION_KEYS for item in versions)
    citations = [item for answer in answers for item in answer["citations"]]
    nearest = [item for answer in answers for item in answer["nearest"]]
    assert citations
    assert nearest
    for item in [*citations, *nearest, *(version["citation"] for version in versions)]:
        assert set(item) == CITATION_KEYS
        assert set(item["article"]) == ARTICLE_KEYS
        text = byline_json("show", item["article"]["id"], "--archive", samples)["text"]
        assert text[item["start"] : item["end"]] == item["quote"]


def test_a_refusal_cites_nothing_and_shows_what_comes_nearest(answers):
    for answer in answers:
        if not answer["answered"]:
            assert (answer["sentences"], answer["citations"]) == ([], [])
            assert answer["reason"]
            assert answer["retrieved"]


def test_a_question_outside_every_date_range_finds_nothing_and_has_status_1(samples):
    limits = ["--until", "1999-01-01", "--model", "smollm2-135m"]
    ended = byline("ask", "--archive", samples, *limits, stdin="Who won the cup?")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.startswith("The articles do not say.")


def test_a_conversation_goes_on_until_the_end_of_its_input(samples):
    small = ["--model", "smollm2-135m", "--answer-tokens", "30"]
    ended = byline("chat", "--archive", samples, *small, stdin="What would an alarm at Tolleny cost?\n")
    assert ended.returncode == 0
    assert "smollm2-135m" in ended.stdout or "The articles do not say." in ended.stdout
    assert ended.stderr.startswith("24 articles, 2024-")


WATCH = """import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with open(os.environ["WATCHED"], "a") as seen:
            seen.write(f"{event} {arguments[1:]}\\n")
sys.addaudithook(watch)
"""


def test_a_question_is_answered_without_one_connection(samples, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    seen, path = tmp_path / "seen", os.pathsep.join([str(tmp_path), str(ROOT)])
    question = ["Who won the cup?", "--archive", samples, "--model", "smollm2-135m", "--strictness", "0"]
    assert byline("ask", *question, PYTHONPATH=path, WATCHED=str(seen)).returncode in (0, 1)
    assert not seen.exists()
    # The watch itself works: a model that is not here is looked for, and nothing answers at that address.
    missing = {"BYLINE_MODELS": str(tmp_path / "none"), "PIP_NO_INDEX": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
    byline("models", "pull", "qwen3-1.7b", PYTHONPATH=path, WATCHED=str(seen), **missing)
    assert "127.0.0.1" in seen.read_text(encoding="utf-8")


# --- the default model ---------------------------------------------------------------------------------------


def test_the_default_model_answers_with_the_right_article_and_refuses_what_is_not_told(samples):
    asked = {"s09", "s21", "s37"}
    questions = {item["id"]: item for item in map(json.loads, QUESTIONS.read_text("utf-8").splitlines())}
    lines = "".join(json.dumps(questions[id]) + "\n" for id in sorted(asked))
    ended = byline("ask", "--batch", "-", "--json", "--archive", samples, stdin=lines)
    assert (ended.returncode, ended.stderr) == (0, "")
    for answer in map(json.loads, ended.stdout.splitlines()):
        question = questions[answer["id"]]
        assert answer["answered"] == question["answerable"]
        right = [text.lower() for text in question["answers"]]
        assert not right or any(text in answer["answer"].lower() for text in right)
        cited = {Path(item["article"]["path"]).name for item in answer["citations"]}
        assert not right or cited & {*question["gold_paths"], *question["also_supported_paths"]}
