"""The commands `byline feed` and `byline watch` as they are typed, over a site on this machine and a real embedder."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_material import write_text
from cli_material import COMMAND, ROOT, environment
from feed_material import FEED, RSS, Clock, article, item, rss, serving
from web_material import Server, reaching, says

from bot import feeding
from bot.cli import run
from bot.feeds import Feeds
from bot.polite import Polite
from index.archive import Archive
from index.errors import ArchiveLocked
from index.lock import pull_lock, write_lock

Byline = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    clock = Clock(time.time())
    with serving() as server:
        server.answers["/feed.xml"] = says(rss(item("/bridge", guid="1"), item("/\x1b[31m", "\x1b[31mred")), RSS)
        server.answers["/bridge"] = says(article("bridge"))

        def make_polite(feeds: Feeds, on_wait: Callable[[str, float], None]) -> Polite:
            return Polite(reaching(server), feeds.closed(), clock=clock, sleep=clock.sleep, on_wait=on_wait)

        monkeypatch.setattr(feeding, "make_polite", make_polite)
        yield server


@pytest.fixture
def byline(tmp_path: Path, capsys: pytest.CaptureFixture[str], minilm_folder: Path) -> Byline:
    def byline(*arguments: object) -> tuple[int, str, str]:
        status = run([*map(str, arguments), "--archive", str(tmp_path / "archive")])
        return status, *capsys.readouterr()

    return byline


def test_a_feed_is_added_pulled_listed_exported_and_removed(byline: Byline, server: Server, tmp_path: Path) -> None:
    assert byline("feed", "list") == (1, "", "")
    status, out, err = byline("feed", "add", FEED)
    assert (status, out) == (0, "added: Harbour Echo, 2 entries (byline feed pull fetches them)\n")
    assert FEED in err
    assert byline("feed", "add", FEED)[1].startswith("there already")
    status, out, _ = byline("feed", "pull", "--json")
    told = json.loads(out)
    assert (status, told["added"], len(told["not_had"])) == (0, 1, 1)
    counts = {"known": 0, "fetched": 1, "again": 0, "from_feed": 0, "failed": 1, "later": 0}
    assert told["feeds"] == [{"url": FEED, "title": "Harbour Echo", **counts, "wrong": ""}]
    status, out, _ = byline("feed", "pull", FEED)
    assert out == "Harbour Echo: 0 fetched, 2 seen before\n1 feed: 0 added\n"
    assert "\x1b" not in out
    assert json.loads(byline("feed", "list", "--json")[1])[0]["wrong"] == ""
    assert byline("export", tmp_path / "a.zip", "--no-vectors")[0] == 0
    assert run(["import", str(tmp_path / "a.zip"), "--archive", str(tmp_path / "other")]) == 0
    assert [(row.url, row.title, row.etag) for row in Feeds(tmp_path / "other").listed()] == [
        (FEED, "Harbour Echo", "")
    ]
    assert byline("feed", "remove", FEED)[1].endswith("\n1 removed; their articles stay\n")
    assert byline("feed", "list")[0] == 1
    assert "bridge shut" in byline("list")[1]


def test_a_feed_that_cannot_be_read_is_the_status_and_ends_nothing(
    byline: Byline, server: Server, tmp_path: Path
) -> None:
    byline("feed", "add", FEED)
    Feeds(tmp_path / "archive").add("http://news.example/none", "None")
    server.answers["/none"] = says("", status=404)
    status, out, _ = byline("feed", "pull")
    assert status == 5
    assert "None: not read: news.example answered 404" in out
    assert out.endswith("2 feeds, 1 not read: 1 added, 1 not had\n")
    assert "failed the last time: news.example answered 404" in byline("feed", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["feed", "add"], "Which feed to add?"),
        (["feed", "remove", "http://news.example/none"], "The archive has no feed"),
        (["feed", "pull"], "The archive has no feeds"),
        (["feed", "add", "file:///etc/passwd"], "Only http and https"),
        (["feed", "add", "http://127.0.0.1/feed"], "not on the public web"),
        (["feed", "add", "http://news.example/bridge"], "a web page and not a feed"),
        (["feed", "pull", "--limit", "0"], "At least 1 page"),
        (["watch"], "nothing to watch"),
        (["watch", "x", "--every", "often"], "no time such as"),
        (["watch", "x", "--every", "5s"], "A turn a minute"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_asked_wrongly_is_told(byline: Byline, server: Server, arguments: list[str], told: str) -> None:
    status, out, err = byline(*arguments)
    assert status in (2, 5)
    assert (out, told in err, "mend:" in err) == ("", True, True)


def test_two_do_not_pull_at_once(byline: Byline, server: Server, tmp_path: Path) -> None:
    byline("feed", "add", FEED)
    with pull_lock(tmp_path / "archive"):
        status, _, err = byline("feed", "pull")
    assert (status, "are being pulled by process" in err) == (3, True)
    assert "/bridge" not in [path for path, _ in server.asked]


# --- watch -----------------------------------------------------------------------------------------------------


def test_a_turn_brings_folders_and_feeds_and_what_is_not_there_costs_nothing(
    byline: Byline, server: Server, tmp_path: Path
) -> None:
    news, away = tmp_path / "news", tmp_path / "away"
    news.mkdir()
    write_text(news / "one.txt", "boats and a harbour")
    write_text(news / "two.txt", "robots at a school")
    byline("feed", "add", FEED)
    status, out, _ = byline("watch", news, away, "--once")
    assert (status, out.count("\n")) == (0, 1)
    assert f"folders: 2 added, 0 updated, 0 removed; not there: {away}; 1 feed: 1 added" in out
    (news / "two.txt").unlink()
    told = json.loads(byline("watch", news, "--once", "--json")[1])
    assert (told["folders"]["removed"], told["feeds"]["added"], told["failed"]) == (1, 0, [])
    news.rename(tmp_path / "moved")
    told = json.loads(byline("watch", news, "--once", "--json")[1])
    assert (told["folders"], told["not_there"]) == (None, [str(news)])
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.status().articles == 2  # what came from the folder stays until it is there again


def test_a_locked_archive_is_left_to_the_next_turn(byline: Byline, tmp_path: Path) -> None:
    write_text(tmp_path / "one.txt", "boats and a harbour")
    Archive.open(tmp_path / "archive", create=True).close()
    with write_lock(tmp_path / "archive"):
        status, out, _ = byline("watch", tmp_path / "one.txt", "--once")
    assert (status, "failed: The archive in" in out) == (ArchiveLocked.exit_status, True)
    assert Feeds(tmp_path / "archive").turns() == {}  # still due
    assert byline("watch", tmp_path / "one.txt", "--once")[0] == 0
    assert list(Feeds(tmp_path / "archive").turns()) == [str(tmp_path / "one.txt")]


@pytest.mark.slow
def test_a_watch_that_is_told_to_end_ends_well_and_keeps_when_it_looked(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    write_text(news / "one.txt", "boats and a harbour")
    command = [*COMMAND, "watch", str(news), "--archive", str(tmp_path / "archive")]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)), **pipes) as process:
        assert process.stdout
        line = process.stdout.readline()
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert "folders: 1 added" in line
    assert "; next at " in line
    assert (process.returncode, err.splitlines()[-1]) == (0, "byline: ended; what was done is kept")
    assert list(Feeds(tmp_path / "archive").turns()) == [str(news)]
