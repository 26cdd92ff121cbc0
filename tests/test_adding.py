"""Adding articles without a page: one at a time, how far it is, what stops it and what is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event as Flag

import pytest
from web_material import HTML, Server, leads_to, reaching, says

from bot.adding import Adding, Addition, in_words, page, parse_address, text, uploaded
from bot.pasted import Text
from index.batch import Progress, Stop
from index.errors import ArchiveLocked, UsageError
from index.records import BuildReport


class Indexing:
    """Stands for the desk: tells of a file at a time, as long as it is not stopped, once it may go on."""

    def __init__(self, files: int = 3, error: Exception | None = None) -> None:
        self.files = files
        self.error = error
        self.goes_on = Flag()
        self.paths: list[Path] = []

    def index(self, paths: Sequence[Path], on_progress: Callable[[Progress], None]) -> BuildReport:
        self.paths += paths
        on_progress(Progress("reading", 1, None, 0, "a.txt", 0.0, 1, self.files))
        self.goes_on.wait(10)
        if self.error:
            raise self.error
        try:
            for done in range(self.files):
                share = done / self.files
                on_progress(Progress("embedding", done, None, 0, f"{done}.txt", share, done + 1, self.files))
        except Stop:
            return BuildReport(added=1, stopped=True)
        return BuildReport(added=self.files)


def wait_for(adding: Adding, is_so: Callable[[Addition], bool] = lambda now: now.is_over) -> Addition:
    for _ in range(1000):
        now = adding.now
        if now and is_so(now):
            return now
        time.sleep(0.01)
    raise AssertionError(f"it did not come to that: {adding.now}")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    (tmp_path / "upload").mkdir()
    path = tmp_path / "upload" / "letter.txt"
    path.write_text("The harbour froze over.")
    return path


def test_files_are_stored_in_the_archives_folder_and_indexed_there(tmp_path: Path, letter: Path) -> None:
    desk = Indexing()
    desk.goes_on.set()
    adding = Adding(desk, tmp_path)
    assert adding.now is None
    assert adding.start(uploaded([letter]))
    ended = wait_for(adding)
    assert desk.paths == [tmp_path / "uploads" / "letter.txt"]
    assert ended.report == BuildReport(added=3)
    assert (ended.wrong, adding.bug) == ("", None)


def test_hidden_files_of_a_folder_are_passed_over(tmp_path: Path, letter: Path) -> None:
    hidden = letter.with_name(".DS_Store")
    hidden.write_bytes(b"\x00\x01")
    desk = Indexing()
    desk.goes_on.set()
    adding = Adding(desk, tmp_path)
    adding.start(uploaded([hidden, letter]))
    wait_for(adding)
    assert desk.paths == [tmp_path / "uploads" / "letter.txt"]


def test_only_one_adding_is_under_way_and_the_next_begins_after_it(tmp_path: Path) -> None:
    desk = Indexing()
    adding = Adding(desk, tmp_path)
    assert adding.start(text(Text("One.")))
    wait_for(adding, lambda now: now.doing == "Indexing")
    assert adding.start(text(Text("Two."))) is None
    assert not adding.now.is_over
    desk.goes_on.set()
    wait_for(adding)
    second = adding.start(text(Text("Three.")))
    assert second
    assert second.number == 2
    wait_for(adding)
    assert [path.read_text().split("\n")[-2] for path in desk.paths] == ["One.", "Three."]


def test_of_many_who_begin_at_once_one_does(tmp_path: Path) -> None:
    adding = Adding(Indexing(), tmp_path)
    begun: list[Addition | None] = []
    threads = [
        threading.Thread(target=lambda: begun.append(adding.start(text(Text("One."))))) for _ in range(8)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in begun) == 1
    adding.stop()


def test_what_is_under_way_is_told(tmp_path: Path) -> None:
    desk = Indexing(files=5)
    adding = Adding(desk, tmp_path)
    adding.start(text(Text("One.")))
    now = wait_for(adding, lambda now: now.doing == "Indexing")
    assert (now.name, now.file, now.files, now.read, now.stored) == ("a.txt", 1, 5, 1, 0)
    desk.goes_on.set()
    wait_for(adding)


def test_stop_keeps_what_is_done_and_says_so_meanwhile(tmp_path: Path) -> None:
    desk = Indexing()
    adding = Adding(desk, tmp_path)
    adding.start(text(Text("One.")))
    wait_for(adding, lambda now: now.doing == "Indexing")
    adding.stop()
    assert adding.now.stopping
    desk.goes_on.set()
    assert wait_for(adding).report == BuildReport(added=1, stopped=True)


@pytest.mark.parametrize(
    ("error", "wrong", "is_bug"),
    [
        (ArchiveLocked("Another process writes.", "wait"), "Another process writes.", False),
        (OSError(28, "No space left on device"), "The disk is full: the archive's folder cannot be written.", False),
        (ZeroDivisionError(), "Byline broke off", True),
    ],
)
def test_a_failure_is_told_and_the_next_adding_can_begin(
    tmp_path: Path, error: Exception, wrong: str, is_bug: bool
) -> None:
    desk = Indexing(error=error)
    desk.goes_on.set()
    adding = Adding(desk, tmp_path)
    adding.start(text(Text("One.")))
    assert wait_for(adding).wrong.startswith(wrong)
    assert (adding.bug is not None) is is_bug
    assert adding.start(text(Text("Two.")))
    wait_for(adding, lambda now: now.number == 2 and now.is_over)


# --- pages -----------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_page_is_fetched_and_kept(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = says(HTML)
    desk = Indexing()
    desk.goes_on.set()
    adding = Adding(desk, tmp_path)
    adding.start(page(" http://news.example/a ", reaching(server)))
    assert wait_for(adding).report
    assert desk.paths[0].read_text().endswith(HTML)


def test_a_page_that_is_refused_is_told_and_nothing_is_indexed(tmp_path: Path, server: Server) -> None:
    server.answers["/a"] = leads_to("http://inside.example/")
    desk = Indexing()
    adding = Adding(desk, tmp_path)
    adding.start(page("http://news.example/a", reaching(server)))
    assert "inside.example is not on the public web" in wait_for(adding).wrong
    assert desk.paths == []
    assert not (tmp_path / "uploads").exists()


def test_no_address_is_told() -> None:
    with pytest.raises(UsageError, match="no address"):
        parse_address(" ")


# --- how long ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "seconds", "left"),
    [(0.25, 30, 90), (0.5, 3600, 3600), (0.01, 30, None), (0.5, 2, None), (0.0, 300, None), (1.0, 300, 0)],
)
def test_what_is_left_follows_from_the_pace_once_that_means_something(
    share: float, seconds: float, left: float | None
) -> None:
    assert Addition(1, "Reading", share=share, seconds=seconds).left == left


def test_an_adding_that_is_being_stopped_has_no_estimate() -> None:
    assert Addition(1, "Reading", share=0.5, seconds=60, stopping=True).left is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds left"), (9, "a few seconds left"), (14, "about 10 seconds left"),
        (54, "about 50 seconds left"),
        (56, "about a minute left"), (100, "about 2 minutes left"), (3200, "about 53 minutes left"),
        (3500, "about an hour left"), (9000, "about 2 hours left"),
    ],
)  # fmt: skip
def test_the_time_that_is_left_is_told_as_roughly_as_it_is_known(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
