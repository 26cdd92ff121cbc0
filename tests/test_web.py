from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fake_desk import ARTICLES, FakeArchive, FakeDesk, answer_of
from fastapi.testclient import TestClient
from test_markup import QUESTION

from bot.conversations import Conversations
from bot.examples import example_questions
from bot.exchange import Exchange, follow, turns
from bot.guard import refusal
from bot.line import MOST_IN_LINE, MOST_OF_ONE, Line, LineFull
from bot.listening import listen
from bot.recent import Recent
from bot.records import Question, Turn
from bot.uploads import keep, safe_name
from bot.web import build_app
from index.errors import UsageError

HERE = {"host": "127.0.0.1:7860"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(build_app(FakeDesk()), base_url="http://127.0.0.1:7860") as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.parametrize("path", ["/", "/config", "/byline.css", "/byline.js", "/gradio_api/info", "/nothing-here"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_light_or_dark_is_known_before_anything_is_painted(client: TestClient) -> None:
    head = client.get("/").text.split("</head>")[0]
    assert re.search(r'<script nonce="[^"]+" src="/byline.js"></script>$', head)  # neither deferred nor a module
    assert "byline-settings" in client.get("/byline.js").text


def test_no_script_runs_without_this_answers_nonce(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert set(re.findall(r"<script\b([^>]*)>", first.text)) != set()
    assert all(f'nonce="{nonce[1]}"' in attributes for attributes in re.findall(r"<script\b([^>]*)>", first.text))
    assert nonce[1] not in second.text


def test_no_text_of_the_archive_is_in_the_page_itself(client: TestClient) -> None:
    page = client.get("/").text
    assert not any(article.source.title in page for article in ARTICLES)


def test_a_conversation_is_given_out_as_a_file_that_no_browser_shows(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    place = kept.keep((Exchange(1, QUESTION, answer=answer_of(QUESTION)),))
    client = TestClient(build_app(FakeDesk(archive=FakeArchive(tmp_path))), base_url="http://127.0.0.1:7860")  # type: ignore[arg-type]
    for ending, begins in (("md", "# "), ("html", "<!doctype html>"), ("json", "{")):
        answer = client.get(f"/conversations/{place.id}.{ending}")
        assert answer.text.startswith(begins)
        assert answer.headers["content-disposition"].endswith(f'.{ending}"')
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "nonce" not in answer.text
    for name in (place.id, f"{place.id}.exe", "gone.md", "%2e%2e%2farchive.md", f"{place.id[:5]}x.md"):
        assert client.get(f"/conversations/{name}").status_code == 404
    assert client.get(f"/conversations/{place.id}.md", headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "192.168.1.5", "["]
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/config", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "localhost", "[::1]:7860", "LOCALHOST:7860"])
def test_this_machines_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/config", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:7860", ""]
)
def test_another_pages_requests_are_refused(client: TestClient, origin: str) -> None:
    files = {"files": ("a.txt", b"text")}
    assert client.post("/gradio_api/upload", files=files, headers={"origin": origin}).status_code == 403
    assert client.get("/config", headers={"origin": origin}).status_code == 403


def test_the_pages_own_requests_are_answered(client: TestClient) -> None:
    files = {"files": ("a.txt", b"text")}
    own = {"origin": "http://127.0.0.1:7860"}
    assert client.post("/gradio_api/upload", files=files, headers=own).status_code == 200


def test_a_page_elsewhere_cannot_load_ours_as_a_part_of_itself() -> None:
    part = {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert refusal(part, "127.0.0.1")
    assert not refusal({**part, "sec-fetch-mode": "navigate"}, "127.0.0.1")


@pytest.mark.parametrize(
    ("listening", "asked", "answered"),
    [
        ("0.0.0.0", "192.168.1.5:7860", True),
        ("0.0.0.0", socket.gethostname(), True),
        ("0.0.0.0", "evil.example", False),
        ("desk.newsroom.example", "desk.newsroom.example:7860", True),
        ("desk.newsroom.example", "192.168.1.5", False),
    ],
)
def test_a_server_for_others_answers_to_its_address_and_not_to_any_name(
    listening: str, asked: str, answered: bool
) -> None:
    assert (refusal({"host": asked}, listening) == "") is answered


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/gradio_api/openapi.json"])
def test_the_interface_is_not_described(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../etc/passwd",
        "/gradio_api/file=http://evil.example/",
        "/gradio_api/proxy=http://evil.example/",
    ],
)
def test_no_file_and_no_other_server_can_be_reached_through_it(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 403, 404)


def test_the_page_names_no_public_function(client: TestClient) -> None:
    assert client.get("/gradio_api/info").status_code == 404
    assert {one["api_visibility"] for one in client.get("/config").json()["dependencies"]} <= {"private"}


def test_a_taken_port_is_passed_over_unless_it_was_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is taken"):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_a_host_that_is_not_this_machine_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="cannot serve"):
        listen("192.0.2.1", 7860)


# Uploads


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("story.txt", "story.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\con.txt", "_con.txt"),
        ("a\nb\x1b[31m.txt", "a_b__31m.txt"),
        ("=cmd|x.csv", "_cmd_x.csv"),
        (".hidden", "hidden"),
        ("...", "_"),
        ("Überblick 3.md", "Überblick 3.md"),
        ("x" * 400 + ".jsonl.gz", "x" * 120 + ".jsonl.gz"),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_an_uploaded_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_uploads_of_one_name_are_all_kept_and_the_same_file_once(tmp_path: Path) -> None:
    uploaded = [tmp_path / folder / "story.txt" for folder in ("a", "b", "c")]
    for path, text in zip(uploaded, ("one", "two", "one"), strict=True):
        path.parent.mkdir()
        path.write_text(text)
    kept = keep(uploaded, tmp_path / "archive" / "uploads")
    assert [(path.name, path.read_text()) for path in kept] == [("story.txt", "one"), ("story-2.txt", "two")]


# Asking


def test_closing_the_follower_stops_the_model() -> None:
    desk = FakeDesk(delay=0.01)
    question = replace(QUESTION, text="slow")
    following = follow(desk, Exchange(1, question), line=Line(), stop=threading.Event())
    next(one for one in following if one.draft)
    following.close()
    until(lambda: desk.stopped == 1)


def test_a_stop_ends_in_what_was_written() -> None:
    desk, stop = FakeDesk(delay=0.01), threading.Event()
    last = None
    for last in follow(desk, Exchange(1, replace(QUESTION, text="slow")), line=Line(), stop=stop):
        if last.draft:
            stop.set()
    assert last
    assert last.answer
    assert last.answer.stopped
    assert 0 < len(last.answer.text) < 400


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, or fail after twenty seconds."""
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


class Waiting(FakeDesk):
    def ask(self, question: Question, stop: threading.Event | None = None):  # type: ignore[no-untyped-def]
        time.sleep(0.4)
        yield answer_of(question)


def test_a_refused_question_is_part_of_what_was_said_and_a_stopped_one_is_not() -> None:
    refused = answer_of(QUESTION, standalone_question="Who pays?", answered=False, text="The articles do not say.")
    said = tuple(Exchange(n, QUESTION, answer=one) for n, one in enumerate((refused, replace(refused, stopped=True))))
    assert turns(said) == (Turn("Who pays?", "The articles do not say."),)


def test_someone_waiting_hears_of_it_several_times_a_second() -> None:
    steps = list(follow(Waiting(), Exchange(1, QUESTION), line=Line(), stop=threading.Event()))
    assert len(steps) >= 4
    assert steps[-1].is_over


def test_the_second_in_line_sees_its_place_and_is_asked_after_the_first() -> None:
    desk, line = FakeDesk(delay=0.01), Line()
    first = follow(desk, Exchange(1, QUESTION), line=line, stop=threading.Event())
    next(first)
    second = follow(desk, Exchange(1, replace(QUESTION, text="second")), line=line, stop=threading.Event())
    assert next(second).ahead == 1
    assert [question.text for question in desk.asked] == [QUESTION.text]
    assert [one for one in first if one.is_over]
    assert [one for one in second if one.is_over][-1].answer


def served_in_turn(askers: str) -> str:
    """Let readers join the line in this order, one letter each, and return the order in which they are served."""
    line, served = Line(), ""
    with ExitStack() as stack:
        places = []
        for reader in askers:
            place = stack.enter_context(ExitStack())
            places.append((reader, place, place.enter_context(line.place(reader))))
        while places:
            (first,) = [one for one in places if one[2].ahead == 0]
            served += first[0]
            first[1].close()
            places.remove(first)
    return served


@pytest.mark.parametrize(
    ("asked", "served"),
    [("abc", "abc"), ("aaab", "abaa"), ("aabb", "abab"), ("aaabbc", "abcaba"), ("", "")],
)
def test_readers_take_turns_however_many_tabs_each_has(asked: str, served: str) -> None:
    assert served_in_turn(asked) == served


def test_a_line_that_is_full_says_so_and_takes_questions_again_when_it_moves() -> None:
    line = Line()
    with ExitStack() as stack:
        for number in range(MOST_IN_LINE - 1):
            stack.enter_context(line.place(f"reader {number}"))
        last = stack.enter_context(ExitStack())
        last.enter_context(line.place("last"))
        (told,) = follow(FakeDesk(), Exchange(1, QUESTION), line=line, stop=threading.Event())
        assert told.wrong == f"{MOST_IN_LINE} questions wait for the model already."
        last.close()
        stack.enter_context(line.place("another"))


def test_one_reader_cannot_fill_the_line() -> None:
    line = Line()
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(line.place("eager"))
        with pytest.raises(LineFull), line.place("eager"):
            pass
        stack.enter_context(line.place("another"))


def test_tabs_that_nobody_uses_are_forgotten_first() -> None:
    tabs: Recent[str] = Recent(2)
    assert tabs.get_or_make("a", lambda: "first") == tabs.put("a", "first") == "first"
    tabs.put("b", "second")
    assert tabs.get("a") == "first"
    tabs.get_or_make("c", lambda: "third")
    assert (len(tabs), tabs.get("b"), tabs.drop("a"), tabs.drop("a")) == (2, None, "first", None)


def test_whoever_is_being_answered_is_not_interrupted_and_who_waited_is_not_overtaken_for_ever() -> None:
    line = Line()
    with ExitStack() as stack:
        first = stack.enter_context(line.place("a"))
        with line.place("a") as mine:
            stack.enter_context(line.place("b"))
            assert (first.ahead, mine.ahead) == (0, 2)  # b has had no turn yet
        leaving = ExitStack()
        leaving.enter_context(line.place("c"))
        again = stack.enter_context(line.place("c"))
        leaving.close()
        last = stack.enter_context(line.place("d"))
        assert (again.ahead, last.ahead) == (2, 3)  # the place it gave up gives this one its turn


def test_a_failure_that_can_be_mended_is_told_and_a_mistake_is_raised_too() -> None:
    failed = list(follow(FakeDesk(), Exchange(1, replace(QUESTION, text="fail")), line=Line(), stop=threading.Event()))
    assert failed[-1].mend == "byline models pull"
    broken = follow(FakeDesk(), Exchange(1, replace(QUESTION, text="crash")), line=Line(), stop=threading.Event())
    steps = []
    with pytest.raises(ZeroDivisionError):
        steps.extend(iter(lambda: steps.append(next(broken)) or steps[-1], None))
    assert steps[-1].wrong


def test_examples_name_what_the_articles_are_about() -> None:
    examples = example_questions(ARTICLES)
    assert len(examples) == 3
    assert "Mara Lind" in examples[0]
    assert examples == example_questions(ARTICLES)
    assert example_questions(()) == ()


@pytest.mark.slow
def test_an_interrupt_ends_the_server_at_once_and_quietly() -> None:
    program = (
        "from fake_desk import FakeDesk; from bot.web import serve\n"
        "try: serve(FakeDesk(), port=0, on_ready=lambda url: print(url, flush=True))\n"
        "except KeyboardInterrupt: raise SystemExit(130)"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parent.parent)])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    ) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        with httpx.stream("GET", f"{url}gradio_api/heartbeat/some-tab") as open_tab:
            next(open_tab.iter_raw())
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 130
        assert server.stdout.read() == ""
