"""The command `byline conversations`, in this process; that `byline eval` runs its votes as one of its own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from cli_material import byline
from fake_desk import HOSTILE, answer_of

from bot.cli import run
from bot.conversations import Conversations
from bot.exchange import Exchange
from bot.kept import Place, Vote
from bot.records import Question


def asked(number: int, text: str) -> Exchange:
    question = Question(text, date(2026, 3, 1))
    return Exchange(number, question, answer=answer_of(question))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Conversations(tmp_path).keep((asked(1, "What does it cost?"), asked(2, f"Odd {HOSTILE}\x1b[31m")))


def conversations(tmp_path: Path, *arguments: str) -> int:
    return run(["conversations", *arguments, "--archive", str(tmp_path)])


def test_the_list_names_each_with_its_id(tmp_path, place, capsys) -> None:
    assert conversations(tmp_path) == 0
    assert capsys.readouterr().out.startswith(place.id)
    assert conversations(tmp_path, "list", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["id"], one["title"], one["exchanges"]) == (place.id, "What does it cost?", 2)


def test_without_any_the_status_is_1_and_no_file_is_made(tmp_path, capsys) -> None:
    assert conversations(tmp_path) == 1
    assert conversations(tmp_path, "feedback") == 1
    assert conversations(tmp_path, "show", "abcdef") == 1
    assert "mend: byline conversations" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_show_prints_questions_and_answers_with_their_quotes(tmp_path, place, capsys) -> None:
    Conversations(tmp_path).vote(place.id, 1, Vote("down", "the other bridge"))
    assert conversations(tmp_path, "show", place.id[:6]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("? What does it cost?\n\nThe council first put the repair at 4.2 million crowns. [1]")
    assert "(thumb down: the other bridge)" in shown
    assert "\x1b" not in shown


BEGINNINGS = [
    *(("md", "# What does"), ("html", "<!doctype html>"), ("json", "{")),
    *(("bibtex", "@article{holm2017-"), ("csl", "["), ("csv", "asked,question")),
]


@pytest.mark.parametrize(("name", "begins"), BEGINNINGS)
def test_export_writes_each_format(tmp_path, place, capsys, name: str, begins: str) -> None:
    file = tmp_path / "out"
    assert conversations(tmp_path, "export", place.id, "--format", name, "--out", str(file)) == 0
    assert file.read_text(encoding="utf-8-sig").startswith(begins)
    capsys.readouterr()
    assert conversations(tmp_path, "export", place.id, "--format", name) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8-sig")
    assert conversations(tmp_path, "export", place.id, "--out", str(tmp_path / "no" / "x")) == 2


def test_delete_takes_one_or_all(tmp_path, place, capsys) -> None:
    other = Conversations(tmp_path).keep((asked(1, "Who?"),))
    assert conversations(tmp_path, "delete", other.id) == 0
    assert conversations(tmp_path, "delete", other.id) == 1
    assert conversations(tmp_path, "delete", "--all") == 0
    assert Conversations(tmp_path).listed() == []


@pytest.mark.parametrize(
    "arguments", [["show"], ["export"], ["delete"], ["list", "--all"], ["delete", "abcd", "--all"]]
)
def test_what_is_not_clear_is_refused(tmp_path, place, arguments: list[str]) -> None:
    assert conversations(tmp_path, *arguments) == 2
    assert len(Conversations(tmp_path).listed()) == 1


@pytest.mark.slow
def test_byline_eval_runs_the_votes(tmp_path) -> None:
    archive, file = tmp_path / "archive", tmp_path / "votes.jsonl"
    assert byline("index", "--samples", "--archive", archive).returncode == 0
    kept = Conversations(archive)
    place = kept.keep((asked(1, "What raise did the train drivers finally accept?"), asked(2, "Who is he?")))
    kept.vote(place.id, 1, Vote("up"))
    kept.vote(place.id, 2, Vote("down", "unclear “who”"))
    assert byline("conversations", "feedback", "--out", file, "--archive", archive).returncode == 0
    figures = json.loads(byline("eval", file, "--no-llm", "--json", "--archive", archive).stdout)
    assert [(one["question"]["id"], one["error"]) for one in figures["results"]] == [
        (f"{place.id}-1", ""),
        (f"{place.id}-2", ""),
    ]
