"""The command line as a process: what it prints where, the shape of its JSON, and its exit status."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from archive_material import EMBEDDER, MAX_TOKENS
from cli_material import COMMAND, ROOT, byline, byline_json, environment

from bot.cli import build_parser
from index.archive import Archive
from index.build import build

HEAVY = "torch gradio chromadb llama_cpp sentence_transformers transformers trafilatura huggingface_hub".split()
SOURCE_KEYS = {"title", "outlet", "author", "published", "url", "path"}
HIT_KEYS = {
    "rank", "passage_id", "article_id", "title", "outlet", "published", "score", "ranks", "scores", "start", "end",
    "text", "also_carried_by",
}  # fmt: skip

BRIDGE = """Harbour bridge to close for 14 months

By Ann Lee, The Port Ledger | March 4, 2021

The harbour bridge will close for 14 months, the county said on Thursday. Engineers had found cracks in two piers.

“Nobody should be surprised,” said Mayor Théa O’Brien.
"""
FERRY = {
    "id": "ferry-7", "title": "Ferries\x1b[31m to run at night", "outlet": "Daily Echo", "date": "2021-04-10",
    "text": "Two ferries will run through the night while the bridge is shut. A ticket costs $1,250 a year.",
}  # fmt: skip
SCHOOL = {"id": "school-1", "title": "School wins prize", "text": "Pupils of Northgate School built a robot."}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user might have it: articles, one of them twice, and something that is none."""
    folder = tmp_path_factory.mktemp("articles")
    (folder / "bridge.txt").write_text(BRIDGE, encoding="utf-8")
    (folder / "bridge-copy.txt").write_text(BRIDGE, encoding="utf-8")
    lines = [json.dumps(FERRY), json.dumps(SCHOOL), '{"id": "broken"']
    (folder / "more.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "old.doc").write_bytes(b"x")
    return folder


@pytest.fixture(scope="session")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `byline index --json` said of the folder, and where the archive lies."""
    archive = tmp_path_factory.mktemp("home") / "archive"
    return {**byline_json("index", folder, "--archive", archive), "archive": archive}


@pytest.fixture(scope="session")
def archive(report: dict[str, Any]) -> Path:
    path: Path = report["archive"]
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An archive without an article."""
    Archive.open(tmp_path / "empty", create=True).close()
    return tmp_path / "empty"


@pytest.fixture
def other(tmp_path: Path, folder: Path) -> Path:
    """An archive that another embedder made."""
    with Archive.open(tmp_path / "other", create=True) as archive:
        build(archive, [folder], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    return tmp_path / "other"


# --- light commands ------------------------------------------------------------------------------------------


def test_help_names_every_command_and_every_exit_status():
    shown = byline("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    names = build_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert all(re.search(rf"\n    {name}\s", shown.stdout) for name in names)
    assert all(f"\n  {status} " in shown.stdout for status in (0, 1, 2, 3, 4, 5, 130))


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["ask", "--help"], ["models", "list"], ["list"], ["show", "ferry-7"], ["status"]],
    ids=" ".join,
)
def test_a_command_that_needs_no_model_loads_nothing_heavy(arguments, archive):
    code = (
        "import sys\nfrom bot.cli import run\n"
        "try: run(sys.argv[1:])\nexcept SystemExit: pass\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    environ = environment(BYLINE_ARCHIVE=str(archive))
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, env=environ
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


def test_the_index_report_counts_each_article_and_names_what_was_skipped(report):
    counts = {name: report[name] for name in ("added", "updated", "unchanged", "removed", "duplicates")}
    assert counts == {"added": 3, "updated": 0, "unchanged": 0, "removed": 0, "duplicates": 1}
    assert set(report) - {"archive"} == {*counts, "left_out", "schema_version", "skipped", "passages", "languages"}
    assert report["schema_version"] == 1
    assert report["passages"] >= 3
    skipped = {(Path(item["path"]).name, item["where"]): item["reason"] for item in report["skipped"]}
    assert skipped["old.doc", ""] == "Word of before 2007 is not read yet"
    assert "not valid JSON" in skipped["more.jsonl", "line 3"]


def test_list_prints_the_newest_article_first_with_its_id(archive):
    lines = byline("list", "--archive", archive).stdout.splitlines()
    assert lines[0].startswith("ferry-7  Ferries[31m to run at night · Daily Echo")
    assert "The Port Ledger · Ann Lee" in lines[1]
    assert "date unknown" in lines[2]


def test_list_json_gives_each_article_its_source_without_the_text(archive):
    rows = byline_json("list", "--archive", archive)
    assert [row["published"] for row in rows] == ["2021-04-10", "2021-03-04", None]
    assert all(set(row) == {"id", "kind", "passages", "characters", *SOURCE_KEYS} for row in rows)


def test_filters_limit_what_is_listed(archive):
    rows = byline_json("list", "--archive", archive, "--since", "2021-03-01", "--outlet", "the port LEDGER")
    assert [row["title"] for row in rows] == ["Harbour bridge to close for 14 months"]
    assert byline_json("list", "--archive", archive, "--until", "1999-01-01", status=1) == []


def test_a_list_is_narrowed_by_words_and_kind_and_sorted(archive):
    found = byline_json("list", "--archive", archive, "--words", "bridge ferri")
    assert [row["id"] for row in found] == ["ferry-7"]
    titles = [row["title"] for row in byline_json("list", "--archive", archive, "--sort", "title", "--kind", "news")]
    assert [title[:4] for title in titles] == ["Ferr", "Harb", "Scho"]


def test_an_article_that_is_removed_stays_out_until_that_is_undone(folder, report, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(report["archive"], own)
    assert byline_json("list", "--removed", "--archive", own, status=1) == []
    assert byline_json("remove", "ferry", "--archive", own) == {"removed": ["ferry-7"]}
    assert byline_json("show", "school-1", "--archive", own)["id"] == "school-1"
    again = byline_json("index", folder, "--archive", own)
    assert (again["added"], again["unchanged"], again["left_out"]) == (0, 2, 1)
    [gone] = byline_json("list", "--removed", "--archive", own)
    assert (gone["id"], Path(gone["root"])) == ("ferry-7", folder)
    undone = byline("remove", "--undo", "ferry-7", "--archive", own)
    assert undone.stdout == f"1 let back; they return with: byline index {folder}\n"
    assert byline_json("index", folder, "--archive", own)["added"] == 1


def test_what_is_not_there_is_not_removed(archive):
    for more in ([], ["--undo"]):
        ended = byline("remove", "ferry-7" if more else "none", *more, "--archive", archive)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "mend: byline list" in ended.stderr


def test_show_json_gives_the_article_with_its_text_and_marks(archive):
    article = byline_json("show", "ferry-7", "--archive", archive)
    assert set(article) == {"schema_version", "id", "kind", "text", "marks", "paragraphs", *SOURCE_KEYS}
    assert article["text"].endswith(FERRY["text"])
    assert (article["outlet"], article["published"]) == ("Daily Echo", "2021-04-10")
    assert Path(article["path"]).name == "more.jsonl"


def test_show_prints_the_article_as_it_is_read(archive):
    shown = byline("show", "ferry-7", "--archive", archive)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "A ticket costs $1,250 a year." in shown.stdout


def test_an_article_that_is_not_there_has_status_1_and_nothing_on_stdout(archive):
    shown = byline("show", "nowhere", "--archive", archive)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "mend: byline list" in shown.stderr


def test_status_json_gives_the_archives_facts(archive):
    facts = byline_json("status", "--archive", archive)
    assert (facts["articles"], facts["outlets"], facts["undated"]) == (3, 2, 1)
    assert (facts["first_published"], facts["last_published"]) == ("2021-03-04", "2021-04-10")
    assert facts["fingerprint"]
    assert facts["archive"] == str(archive)


def test_the_archive_is_named_by_the_environment_too(archive):
    assert "3 articles" in byline("status", BYLINE_ARCHIVE=str(archive)).stdout


def test_doctor_finds_nothing_wrong_with_a_fresh_archive(archive):
    assert byline_json("doctor", "--archive", archive)["problems"] == []
    assert byline("doctor", "--archive", archive).stdout == "All is well.\n"


def test_models_list_names_each_model_with_its_state():
    listed = byline_json("models", "list")
    assert {"qwen2.5-coder-1.5b", "smollm2-135m", "all-MiniLM-L6-v2"} <= {model["name"] for model in listed}
    keys = {"name", "role", "state", "default", "size", "licence", "path"}
    assert all(set(model) == keys for model in listed)


# --- searching -----------------------------------------------------------------------------------------------


def test_search_json_is_a_ranked_list_of_passages(archive):
    hits = byline_json("search", "--archive", archive, "--limit", "2", stdin="What does a ferry ticket cost?\n")
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert all(set(hit) == HIT_KEYS for hit in hits)
    assert hits[0]["article_id"] == "ferry-7"
    assert set(hits[0]["ranks"]) == {"dense", "lexical"}
    text = byline_json("show", "ferry-7", "--archive", archive)["text"]
    assert text[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]


@pytest.mark.slow
def test_a_question_of_broken_bytes_is_searched_and_what_was_found_is_readable(archive):
    found = byline("search", "-", "--archive", archive, stdin=b"\xef\xbb\xbfferry \xff ticket")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("1. Ferries[31m to run at night · Daily Echo")


# --- what goes wrong -----------------------------------------------------------------------------------------

WRONG_USAGE = {
    "no command": [],
    "an unknown command": ["answer"],
    "nothing to index": ["index"],
    "a folder that is not there": ["index", "no-such-folder"],
    "a page of this machine": ["add", "http://127.0.0.1/"],
    "an address without a scheme": ["add", "news.example/a"],
    "a column without a name": ["index", ".", "--column", "text"],
    "a day that is none": ["ask", "Who?", "--since", "2021-02-30"],
    "a range that ends before it begins": ["ask", "Who?", "--since", "2021-03-02", "--until", "2021-03-01"],
    "an empty question": ["ask", " "],
    "a batch and a question": ["ask", "Who?", "--batch", "-"],
    "a batch that is not there": ["ask", "--batch", "no-such-file"],
    "strictness beyond 1": ["ask", "Who?", "--strictness", "2"],
    "no passages": ["ask", "Who?", "--passages", "0"],
    "a limit of nothing": ["list", "--limit", "0"],
    "a port that is none": ["web", "--port", "70000"],
    "no questions to measure": ["eval"],
    "a run to resume that was not kept": ["eval", "questions.jsonl", "--resume"],
}


@pytest.mark.parametrize("arguments", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_has_status_2_and_says_so_on_stderr_only(arguments, archive, tmp_path):
    ended = byline(*arguments, BYLINE_ARCHIVE=str(archive), cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "byline" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["list", "status", "show x", "search x", "ask x", "chat", "eval questions.jsonl"])
def test_a_missing_archive_has_status_3_and_names_its_mend(command, tmp_path):
    (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "Who won?"}\n', encoding="utf-8")
    ended = byline(*command.split(), "--archive", tmp_path / "none", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "mend: byline index" in ended.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["status", "ask x"])
def test_an_empty_archive_has_status_3(command, empty):
    ended = byline(*command.split(), "--archive", empty)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "holds no articles" in ended.stderr


@pytest.mark.parametrize("command", ["search x", "ask x", "index ."])
def test_an_archive_of_another_embedder_has_status_3_and_is_never_mixed(command, other, tmp_path):
    ended = byline(*command.split(), "--archive", other, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "--rebuild" in ended.stderr


@pytest.mark.parametrize("command", ["search x", "ask x", "models verify", "models verify smollm2-135m"])
def test_a_missing_model_has_status_4_and_names_its_mend(command, archive, tmp_path):
    ended = byline(*command.split(), BYLINE_ARCHIVE=str(archive), BYLINE_MODELS=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "mend: byline models pull" in ended.stderr


def test_without_a_model_the_articles_answer_and_no_generator_is_looked_for(archive):
    limits = ("--archive", archive, "--no-llm")
    told = byline_json("ask", "How long will the harbour bridge close?", *limits)
    assert (told["answered"], told["model"], told["fallback"]) == (True, "extraction", "")
    assert "14 months" in told["answer"]
    refused = byline_json("ask", "Who won the chess tournament in Oslo?", *limits, status=1)
    assert (refused["answered"], refused["citations"]) == (False, [])


def test_what_a_batch_cites_is_one_table_and_what_it_does_not_is_told_apart(archive):
    lines = '{"question": "How long will the harbour bridge close?"}\n{"question": "Who won in Oslo?"}\n{"id": "7"}\n'
    ended = byline("ask", "--batch", "-", "--format", "csv", "--archive", archive, "--no-llm", stdin=lines)
    header, *rows = csv.reader(ended.stdout.splitlines())
    assert "14 months" in rows[0][header.index("quote")]
    assert {row[header.index("question")] for row in rows} == {"How long will the harbour bridge close?"}
    assert "The articles do not say. Who won in Oslo?" in ended.stderr
    assert '"line": 3' in ended.stderr
    assert ended.returncode == 5


def test_a_model_and_none_are_not_asked_for_together(archive):
    ended = byline("ask", "x", "--archive", archive, "--no-llm", "--model", "smollm2-135m")
    assert ended.returncode == 2


def test_doctor_lists_every_missing_model(archive, tmp_path):
    ended = byline("doctor", "--json", BYLINE_ARCHIVE=str(archive), BYLINE_MODELS=str(tmp_path))
    assert ended.returncode == 4
    assert len(json.loads(ended.stdout)["problems"]) == 2


@pytest.mark.slow
def test_a_web_page_given_as_a_model_has_status_4_and_is_called_a_web_page(archive, tmp_path):
    page = tmp_path / "model.gguf"
    page.write_text("<!doctype html><title>Sign in</title>", encoding="utf-8")
    ended = byline("ask", "Who is mayor?", "--archive", archive, "--model", page)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert "is a web page, not a model" in ended.stderr


def test_a_reader_that_has_gone_is_no_failure(archive):
    reading, writing = os.pipe()
    os.close(reading)
    command = [*COMMAND, "list", "--archive", str(archive)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, env=environment())
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "terminated"])
def test_an_interrupted_conversation_has_status_130_and_no_traceback(sent, archive):
    command = [*COMMAND, "chat", "--archive", str(archive)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
        # A test run started in the background ignores interrupts, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr
        assert b"3 articles, 2021-03-04 to 2021-04-10." in process.stderr.readline()
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err == b"byline: interrupted; what was done is kept\n"
