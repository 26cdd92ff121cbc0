"""How hosts are asked: as their robots.txt says, one at a time, with pauses, and later where they say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from feed_material import Clock, serving
from web_material import HTML, Answer, Server, leads_to, reaching, says

from bot.polite import LONGEST_WAIT, MOST_SLOW, SLOW, Forbidden, Later, Polite
from bot.robots import LARGEST, Rules
from bot.web_get import Wanted
from index.errors import FetchError, UsageError

ANY = Wanted("", ())


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.answers |= {path: says(HTML) for path in ("/a", "/b", "/c")}
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


def polite(server: Server, clock: Clock, closed: dict[str, float] | None = None) -> Polite:
    return Polite(reaching(server), closed or {}, clock=clock, sleep=clock.sleep)


def asked(server: Server) -> list[str]:
    return [path for path, _ in server.asked]


def first(*answers: Answer) -> Answer:
    """Return an answer that is another one each time, and the last one from then on."""
    left = list(answers)
    return lambda asked: (left.pop(0) if len(left) > 1 else left[0])(asked)


def test_robots_txt_is_asked_once_and_a_pause_kept_between_two_requests_to_a_host(server: Server, clock: Clock) -> None:
    guest = polite(server, clock)
    for path in ("/a", "/b"):
        assert guest.get(f"http://news.example{path}", ANY).status == 200
    assert guest.get("http://other.example/c", ANY).status == 200
    assert asked(server) == ["/robots.txt", "/a", "/b", "/robots.txt", "/c"]
    assert clock.slept == [1, 1, 1]
    assert all(headers["User-Agent"].startswith("Byline/0.1 (reads the feeds") for _, headers in server.asked)


def test_what_robots_txt_forbids_is_not_fetched_and_its_pause_is_kept(server: Server, clock: Clock) -> None:
    server.answers["/robots.txt"] = says("User-agent: *\nCrawl-delay: 7\nDisallow: /b\n")
    guest = polite(server, clock)
    guest.get("http://news.example/a", ANY)
    with pytest.raises(Forbidden, match=r"robots\.txt of news\.example asks programs not to"):
        guest.get("http://news.example/b", ANY)
    guest.get("http://news.example/c", ANY)
    assert asked(server) == ["/robots.txt", "/a", "/c"]
    assert clock.slept == [1, 7]


def test_a_redirect_leads_only_where_robots_txt_of_that_host_allows(server: Server, clock: Clock) -> None:
    server.answers |= {
        "/robots.txt": says("User-agent: Byline\nDisallow: /c"),
        "/a": leads_to("http://other.example/c"),
    }
    with pytest.raises(Forbidden, match=r"other\.example"):
        polite(server, clock).get("http://news.example/a", ANY)
    assert "/c" not in asked(server)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: byline\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /news\nAllow: /news/open", "/news/open/1", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdfs", True),
        ("<html>not found</html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_a_robots_txt_is_read_as_it_is_meant(text: str, path: str, allowed: bool) -> None:
    assert Rules(text).allow(f"http://news.example{path}") is allowed


@pytest.mark.parametrize("said", ["-1", "nan", "inf", "soon", "1e999"])
def test_a_pause_that_is_none_is_none(said: str) -> None:
    assert 0 <= Rules(f"User-agent: *\nCrawl-delay: {said}").pause < float("inf")


def test_without_a_robots_txt_that_can_be_read_nothing_is_fetched(server: Server, clock: Clock) -> None:
    guest = polite(server, clock)
    server.answers["/robots.txt"] = says("", status=500)
    for _ in range(2):
        with pytest.raises(Later, match=r"answered 500 when it was asked for its robots\.txt"):
            guest.get("http://news.example/a", ANY)
    assert asked(server) == ["/robots.txt"]


def test_a_robots_txt_without_end_is_read_as_far_as_is_asked_for(server: Server, clock: Clock) -> None:
    def endless(asked: Any) -> None:
        asked.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /b\n")
        while True:
            asked.wfile.write(b"# and so on\n" * 10_000)

    server.answers["/robots.txt"] = endless
    guest = polite(server, clock)
    assert guest.get("http://news.example/a", ANY).status == 200
    with pytest.raises(Forbidden):
        guest.get("http://news.example/b", ANY)
    assert LARGEST < 2**20


def test_a_private_address_is_refused_before_its_robots_txt_is_asked(server: Server, clock: Clock) -> None:
    for url in ("http://inside.example/a", "http://127.0.0.1/a"):
        with pytest.raises(UsageError, match="not on the public web"):
            polite(server, clock).get(url, ANY)
    assert server.asked == []


# --- later -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_says_soon_is_waited_for_and_asked_once_more(server: Server, clock: Clock, status: int) -> None:
    server.answers["/a"] = first(says("", status=status, Retry_After="20"), says(HTML))
    assert polite(server, clock).get("http://news.example/a", ANY).status == 200
    assert clock.slept == [1, 20]


@pytest.mark.parametrize("said", ["3600", "at", "", "soon"])
def test_a_host_that_says_later_is_left_alone_until_then(server: Server, clock: Clock, said: str) -> None:
    at = format_datetime(datetime.fromtimestamp(clock.now, UTC) + timedelta(hours=1), usegmt=True)
    server.answers["/a"] = says("", status=429, Retry_After=at if said == "at" else said)
    guest = polite(server, clock)
    for path in ("/a", "/b"):
        with pytest.raises(Later, match="asked later"):
            guest.get(f"http://news.example{path}", ANY)
    assert asked(server) == ["/robots.txt", "/a"]
    assert guest.closed["news.example"] - clock.now > LONGEST_WAIT
    with pytest.raises(Later):  # another run, which was told
        polite(server, clock, guest.closed).get("http://news.example/b", ANY)
    clock.now += 3700
    assert polite(server, clock, guest.closed).get("http://news.example/b", ANY).status == 200


def test_a_host_cannot_close_itself_for_ever_nor_a_wrong_clock_do_it(server: Server, clock: Clock) -> None:
    server.answers["/a"] = says("", status=429, Retry_After="999999999")
    guest = polite(server, clock)
    with pytest.raises(Later):
        guest.get("http://news.example/a", ANY)
    assert guest.closed["news.example"] <= clock.now + 86_400
    assert polite(server, clock, {"news.example": clock.now + 1e9}).get("http://news.example/b", ANY).status == 200


def test_a_host_that_wants_hours_between_two_pages_gets_a_feed_and_a_page_a_run(server: Server, clock: Clock) -> None:
    server.answers["/robots.txt"] = says("User-agent: *\nCrawl-delay: 3600")
    guest = polite(server, clock)
    guest.get("http://news.example/a", ANY)
    guest.get("http://news.example/b", ANY)
    with pytest.raises(Later, match="3600 seconds between two pages"):
        guest.get("http://news.example/c", ANY)
    assert sum(clock.slept) <= 601


def test_a_host_that_is_broken_is_no_host_that_says_later(server: Server, clock: Clock) -> None:
    server.answers["/a"] = says("", status=503)
    assert polite(server, clock).get("http://news.example/a", ANY).status == 503
    server.answers["/a"] = lambda asked: asked.connection.close()
    with pytest.raises(FetchError, match="broke off"):
        polite(server, clock).get("http://news.example/a", ANY)


def test_a_host_that_lets_us_wait_is_left_to_another_run(server: Server, clock: Clock) -> None:
    def silent(asked: Any) -> None:
        clock.now += SLOW
        asked.connection.close()

    server.answers["/a"] = silent
    guest = polite(server, clock)
    for _ in range(MOST_SLOW):
        with pytest.raises(FetchError, match="broke off"):
            guest.get("http://news.example/a", ANY)
    with pytest.raises(Later, match="took too long 3 times"):
        guest.get("http://news.example/b", ANY)
    assert guest.get("http://other.example/b", ANY).status == 200


def test_what_robots_txt_forbids_makes_no_other_host_a_slow_one(server: Server, clock: Clock) -> None:
    server.answers["/robots.txt"] = says("User-agent: *\nDisallow: /b")
    guest = polite(server, clock)
    for _ in range(MOST_SLOW):
        guest.get("http://news.example/a", ANY)
        clock.now += SLOW  # the page is read
        with pytest.raises(Forbidden):
            guest.get("http://other.example/b", ANY)
    assert guest.get("http://news.example/c", ANY).status == 200
