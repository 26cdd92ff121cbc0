"""Byline in five lines of Python: the same answers and errors as everywhere, typed, and light to import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from answer_material import ASKED_ON, BRIDGE, CARRIED, says
from archive_material import write_lines

from bot import Answer, Archive, Filters, Turn
from bot.as_json import answer_json
from bot.records import Answer as AnswerRecord
from bot.records import Token
from index.errors import ArchiveMissing, UsageError

ROOT = Path(__file__).parent.parent
TEXTS = {
    "bridge": "The harbour bridge will close for 14 months. Engineers found cracks in two of its piers.",
    "ferry": "Two ferries will run through the night while the bridge is shut. A ticket costs 12 crowns a year.",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, minilm_folder: Path) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("library")
    write_lines(folder / "news.jsonl", TEXTS, outlet="Echo")
    with Archive(folder / "archive", create=True, strictness=0.1) as archive:
        report = archive.index(folder / "news.jsonl")
        assert (report.added, report.skipped) == (2, ())
        archive._desk._generator = says(*[CARRIED] * 9)
        yield archive


def test_a_question_is_answered_with_quotes_that_stand_in_their_article(archive: Archive) -> None:
    answer = archive.ask(BRIDGE, asked_on=ASKED_ON)
    assert isinstance(answer, Answer)
    assert (answer.answered, str(answer)) == (True, CARRIED)
    citation = answer.sentences[0].citations[0]
    assert citation.quote == TEXTS["bridge"].split(". ")[0] + "."
    article = archive.article(citation.article_id)
    assert article
    assert article.text[citation.start : citation.end] == citation.quote
    assert answer.to_json() == answer_json(answer.record)


def test_what_the_articles_do_not_say_is_an_answer_and_no_error(archive: Archive) -> None:
    answer = archive.ask(BRIDGE, filters=Filters(until=date(1990, 1, 1)))
    assert not answer.answered
    assert answer.reason
    assert answer.sentences == ()


def test_a_follow_up_takes_the_turns_before_it(archive: Archive) -> None:
    turns = [archive.ask(BRIDGE, asked_on=ASKED_ON).turn()]
    assert turns == [Turn(BRIDGE, CARRIED)]
    assert "bridge" in archive.ask("And why?", history=turns, asked_on=ASKED_ON).record.standalone_question


def test_the_way_to_an_answer_can_be_followed(archive: Archive) -> None:
    events = list(archive.stream(BRIDGE, asked_on=ASKED_ON))
    assert "".join(event.text for event in events if isinstance(event, Token)).strip() == CARRIED
    assert isinstance(events[-1], AnswerRecord)


def test_passages_articles_and_counts_are_there_without_a_model(archive: Archive) -> None:
    assert archive.search("bridge", limit=1)[0].passage.article_id == archive.articles("cracks")[0].id
    assert len(archive.articles()) == archive.status().articles == 2
    assert archive.articles(filters=Filters(outlets=("Nobody",))) == ()
    assert archive.article("nothing") is None


def test_what_is_wrong_is_an_error_of_ours(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="empty"):
        archive.ask(" ")
    with pytest.raises(ArchiveMissing):
        Archive(tmp_path / "nowhere")
    with Archive(tmp_path / "new", create=True) as empty, pytest.raises(ArchiveMissing, match="no articles"):
        empty.ask(BRIDGE)


def test_the_example_of_the_readme_runs(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BYLINE_NO_LLM", "1")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    [example] = [block for block in blocks if "from bot import" in block]
    exec(example.replace("FOLDER", str(archive._desk.archive.folder)), {})
    assert "The articles do not say." in capsys.readouterr().out


def test_importing_it_costs_nothing_until_it_is_used() -> None:
    told = "import sys, json, bot; before = sorted(sys.modules); bot.Archive; print(json.dumps(before))"
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(ran.stdout))
    assert "bot" in loaded
    assert loaded & {"bot.library", "numpy", "sqlite3", "bot.app"} == set()


def test_it_is_typed_for_those_who_use_it() -> None:
    assert (ROOT / "bot" / "py.typed").exists()
    assert (ROOT / "index" / "py.typed").exists()
