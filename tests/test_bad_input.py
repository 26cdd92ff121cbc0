"""Bad input, alone and all in one run: each has the outcome that bad_input.py names, and none ends the rest."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_input import CASES, Case, news, shut
from cli_material import ROOT, environment

from index.read import read
from index.records import Draft, Skipped
from index.walk import File, walk

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes what only POSIX systems have")

MOST_SECONDS = 20  # of one case, on a busy machine; alone the slowest takes two
MOST_MEMORY = 2500 * 2**20  # bytes of address space, of which the libraries take a third
GOOD = tuple(f"good-{n}" for n in range(5))
INDEX = """
import sys
import bot.app
from index.embed import WordHashEmbedder
bot.app.open_embedder = lambda settings, tell=None: WordHashEmbedder()  # a real one takes minutes over the long ones
from bot.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for bad input, which pytest itself could not clear away: it walks folders by recursion."""
    yield tmp_path
    subprocess.run(["rm", "-rf", tmp_path], check=True)


def outcome(folder: Path) -> tuple[list[Draft], list[Skipped]]:
    found = [item for file in walk([folder]) for item in (read(file.path) if isinstance(file, File) else [file])]
    return [item for item in found if isinstance(item, Draft)], [item for item in found if isinstance(item, Skipped)]


def holds(draft: Draft, wanted: str) -> bool:
    """Return whether an article holds all that the table wants of it."""
    source = draft.source
    said = {"title": source.title, "date": str(source.published)}
    parts = (part.partition("=") for part in wanted.split(" & "))
    return all(
        said[name] == value if name in said else name + sign + value in draft.text for name, sign, value in parts
    )


def check(case: Case, folder: Path) -> None:
    """Make the case and hold it to its outcome, within the time there is."""
    case.make(folder)
    started = time.monotonic()
    drafts, skipped = outcome(folder)
    assert time.monotonic() - started < MOST_SECONDS
    left = list(drafts)
    for wanted in case.articles:
        found = next((draft for draft in left if holds(draft, wanted)), None)
        assert found is not None, f"no article with {wanted[:100]!r}"
        left.remove(found)
    assert [draft.text[:100] for draft in left] == []
    assert len(skipped) == len(case.skipped), skipped
    for item, reason in zip(skipped, case.skipped, strict=True):
        assert reason in item.reason


def test_there_are_two_hundred_cases_each_with_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 200


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_large], ids=lambda case: case.name)
def test_bad_input_has_its_outcome(case: Case, place: Path) -> None:
    check(case, place)


def _check_within_memory(number: int, folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    check(CASES[number], folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [n for n, case in enumerate(CASES) if case.is_large], ids=lambda number: CASES[number].name
)
def test_large_input_has_its_outcome_within_the_memory_there_is(number: int, place: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_check_within_memory, args=(number, place))
    child.start()
    child.join(120)
    assert child.exitcode == 0


@pytest.mark.slow
def test_one_run_over_all_of_it_keeps_every_article_and_names_all_that_is_none(place: Path) -> None:
    cases = [case for case in CASES if not case.is_large]
    for case in cases:
        (place / "in" / case.name).mkdir(parents=True)
        case.make(place / "in" / case.name)
    for name in GOOD:
        (place / "in" / f"{name}.txt").write_text(news(name), encoding="utf-8")
    report = index(place)
    wanted = sum(len(case.articles) for case in cases)
    copies, clashing = sum(case.copies for case in cases), sum(case.clashing for case in cases)
    by_case = dict.fromkeys((case.name for case in cases), 0)
    for item in report["skipped"]:
        assert item["reason"]
        by_case[Path(item["path"]).relative_to(place / "in").parts[0]] += 1
    assert by_case == {case.name: len(case.skipped) + case.clashing for case in cases}
    assert report["added"] == wanted - copies - clashing + len(GOOD)
    assert report["duplicates"] == copies
    again = index(place)
    assert (again["added"], again["updated"], again["removed"]) == (0, 0, 0)
    found = run("search", f"{GOOD[3]} shut", "--limit", "3", "--json", "--archive", place / "archive")
    assert any(shut(GOOD[3]) in hit["text"] for hit in json.loads(found.stdout))


def index(place: Path) -> Any:
    """Index all of it and return the report; the status is 0, and nothing breaks through."""
    ended = run("index", place / "in", "--archive", place / "archive", "--json")
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, with the embedder that needs no model."""
    command = [sys.executable, "-c", INDEX, *map(str, arguments)]
    environ = environment(PYTHONPATH=str(ROOT), BYLINE_NO_SERVER="1")
    ended = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=240)
    assert "Traceback" not in ended.stderr
    return ended
