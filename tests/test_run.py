"""What a run tells: how much of its input is done, what became of each article, and what is kept when it is stopped."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines, write_text

from index import run
from index.archive import Archive
from index.batch import Progress, Stop
from index.build import build
from index.records import BuildReport, Taken
from index.repair import check
from index.withdraw import remove

LONG = {f"n{n}": " ".join(f"Story {n} of {n * k} boats in a harbour." for k in range(100)) for n in range(80)}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        yield archive


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    return tmp_path / "news"


def index(archive: Archive, *paths: Path, on_progress=lambda progress: None) -> BuildReport:
    return build(archive, paths, embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=on_progress)


def test_the_report_says_what_became_of_each_article(archive: Archive, news: Path) -> None:
    write_lines(news / "a.jsonl", {"x": "It snowed.", "y": "It rained."})
    write_text(news / "b.txt", "boats")
    report = index(archive, news)
    by_title = {taken.title: taken for taken in report.taken}
    assert by_title["About x"] == Taken("added", "x", "About x", str(news / "a.jsonl"), "line 1")
    assert archive.article(by_title["A headline over boats"].id).source.title == "A headline over boats"
    write_lines(news / "a.jsonl", {"x": "It snowed again.", "y": "It rained."})
    write_text(news / "c.txt", "boats")
    report = index(archive, news)
    assert [(taken.what, taken.id) for taken in report.taken] == [
        ("updated", "x"),
        ("duplicate", by_title["A headline over boats"].id),
    ]
    assert report.taken[1].path == str(news / "c.txt")


def test_an_article_that_its_reader_removed_is_told_as_left_out(archive: Archive, news: Path) -> None:
    write_text(news / "a.txt", "boats")
    index(archive, news)
    remove(archive, [archive.articles()[0].id])
    report = index(archive, news)
    assert (report.added, report.left_out) == (0, 1)
    assert [(taken.what, taken.title) for taken in report.taken] == [("left out", "A headline over boats")]


def test_only_the_first_articles_are_named_and_all_are_counted(
    archive: Archive, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TAKEN_TOLD", 3)
    write_lines(news / "a.jsonl", {f"n{n}": f"It snowed on day {n}." for n in range(8)})
    report = index(archive, news)
    assert (report.added, len(report.taken)) == (8, 3)


def test_a_stopped_run_keeps_what_is_stored_and_counts_nothing_else(archive: Archive, news: Path) -> None:
    write_lines(news / "a.jsonl", LONG)
    write_text(news / "gone.txt", "boats")
    index(archive, news / "gone.txt")
    (news / "gone.txt").unlink()

    def stop(progress: Progress) -> None:
        if progress.articles_done and progress.stage == "embedding":
            raise Stop

    report = index(archive, news, on_progress=stop)
    assert report.stopped
    assert 0 < report.added < len(LONG)
    assert {taken.id for taken in report.taken} == {row.id for row in archive.articles() if row.id in LONG}
    assert report.added == len(report.taken)
    assert archive.status().articles == report.added + 1  # what was not looked for is not taken away
    assert archive.status().vectors_current
    assert check(archive) == []
    again = index(archive, news)
    assert (again.added, again.unchanged, again.stopped) == (len(LONG) - report.added, report.added, False)
    assert check(archive) == []


def test_a_run_that_is_stopped_at_once_reports_nothing(archive: Archive, news: Path) -> None:
    write_lines(news / "a.jsonl", {"x": "It snowed.", "y": "It snowed."})
    write_text(news / "b.txt", "boats")
    write_text(news / "c.txt", "boats")

    def stop(progress: Progress) -> None:
        if progress.stage == "embedding":
            raise Stop

    report = index(archive, news, on_progress=stop)
    assert (report.added, report.duplicates, report.taken, archive.status().articles) == (0, 0, (), 0)


@pytest.mark.parametrize("name", ["a.jsonl", "many", "zip"])
def test_the_share_of_what_is_done_grows_to_the_whole(archive: Archive, news: Path, name: str) -> None:
    if name == "many":
        for id, text in LONG.items():
            write_lines(news / f"{id}.jsonl", {id: text})
    else:
        write_lines(news / "a.jsonl", LONG)
    if name == "zip":
        with zipfile.ZipFile(news / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(news / "a.jsonl", "a.jsonl")
        (news / "a.jsonl").unlink()
    told: list[Progress] = []
    index(archive, news, on_progress=told.append)
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert len(set(shares)) > 10
    assert told[-1].files == told[-1].file == (len(LONG) if name == "many" else 1)


def test_what_is_only_read_is_not_yet_done(archive: Archive, news: Path) -> None:
    write_text(news / "a.txt", "boats")
    told: list[Progress] = []
    index(archive, news, on_progress=told.append)
    assert [progress.share for progress in told if progress.stage == "reading"] == [0.0]
