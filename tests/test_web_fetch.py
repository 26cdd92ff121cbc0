"""Fetching a page: from a server on this machine, which the guard must be told to let through. No test goes further."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from web_material import CANONICAL, COLOGNE, HERE, HTML, Answer, Server, leads_to, reaching, says

from bot.url_guard import Page
from bot.web_fetch import LARGEST, WebFetch, store
from bot.web_get import _Pinned
from index.errors import FetchError, UsageError
from index.read import read
from index.records import Draft


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def web(server: Server) -> WebFetch:
    return reaching(server)


def test_a_server_on_this_machine_is_refused_before_it_is_asked(server: Server) -> None:
    server.answers["/"] = says(HTML)
    for url in (f"http://127.0.0.1:{server.server_port}/", "http://127.0.0.1/", "http://localhost/"):
        with pytest.raises(UsageError):
            WebFetch().fetch(url)
    assert server.asked == []


def test_a_page_comes_with_its_address_and_little_is_said_of_the_reader(server: Server, web: WebFetch) -> None:
    server.answers["/a?b=%C3%A4"] = says(HTML)
    counts: list[int] = []
    found = web.fetch("http://news.example/a?b=ä#part", on_bytes=counts.append)
    assert (found.url, found.is_html, found.text) == ("http://news.example/a?b=%C3%A4", True, HTML)
    assert counts[-1] == len(HTML)
    ((_, headers),) = server.asked
    assert headers["User-Agent"].startswith("Byline/")
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


# --- what leads elsewhere --------------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_last_address_is_the_pages(server: Server, web: WebFetch) -> None:
    server.answers |= {"/a": leads_to("/b", 301), "/b": leads_to("//other.example/ü c", 307)}
    server.answers["/%C3%BC%20c"] = says(HTML)
    assert web.fetch("http://news.example/a").url == "http://other.example/%C3%BC%20c"


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/", "http://127.0.0.1/", "//169.254.169.254/latest/meta-data/", "http://[::1]/",
        "http://2130706433/", "//inside.example/", "http://news.example:22/", "file:///etc/passwd", "ftp://news.example/",
        "http://user:pass@news.example/",
    ],
)  # fmt: skip
def test_every_hop_is_checked(server: Server, web: WebFetch, url: str) -> None:
    server.answers |= {"/a": leads_to("/b"), "/b": leads_to(url)}
    with pytest.raises(UsageError, match="leads on to another that is not fetched"):
        web.fetch("http://news.example/a")
    assert [path for path, _ in server.asked] == ["/a", "/b"]


def test_redirects_in_a_circle_end(server: Server, web: WebFetch) -> None:
    server.answers["/a"] = leads_to("/a")
    with pytest.raises(FetchError, match="more than 5 times"):
        web.fetch("http://news.example/a")
    assert len(server.asked) == 6


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(server: Server) -> None:
    server.answers["/"] = says(HTML)
    answers = iter([[HERE], ["127.0.0.1"], ["127.0.0.1"]])
    connected: list[str] = []

    def connect(page: Page, address: str, timeout: float) -> http.client.HTTPConnection:
        connected.append(address)
        connection = _Pinned(page, "127.0.0.1", timeout)
        connection.port = server.server_port
        return connection

    WebFetch(resolve=lambda host, port: next(answers), connect=connect).fetch("http://rebinding.example/")
    assert connected == [HERE]  # what was checked, looked up once


def test_the_real_connection_goes_to_the_address_it_was_given_and_sends_the_name(server: Server) -> None:
    server.answers["/"] = says(HTML)
    connection = _Pinned(Page("http", "no-such-host.invalid", "/"), "127.0.0.1", 5)
    connection.port = server.server_port
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    assert server.asked[0][1]["Host"].split(":")[0] == "no-such-host.invalid"


# --- what is not a page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(says("no", status=404), "answered 404", id="not found"),
        pytest.param(says("no", status=503), "answered 503", id="broken"),
        pytest.param(leads_to("", 302), "answered 302", id="leads nowhere"),
        pytest.param(says(b"%PDF", "application/pdf"), "sends application/pdf", id="a PDF"),
        pytest.param(says(b"{}", "application/json"), "sends application/json", id="JSON"),
        pytest.param(says(HTML, ""), "without a type", id="no type"),
        pytest.param(says("  "), "is empty", id="empty"),
        pytest.param(says("", Content_Length=str(LARGEST + 1)), "larger than 10 MB", id="says that it is too large"),
        pytest.param(says("<p>", Content_Length="1000"), "broke off", id="broken off"),
        pytest.param(says(b"x", Content_Encoding="br"), "packed with br", id="packed as nobody asked"),
        pytest.param(says(b"not packed at all", Content_Encoding="gzip"), "cannot be unpacked", id="packed badly"),
        pytest.param(lambda asked: asked.wfile.write(b"SSH-2.0\r\n"), "not HTTP", id="no HTTP"),
        pytest.param(lambda asked: asked.connection.close(), "broke off", id="hangs up"),
    ],
)
def test_what_is_not_a_page_is_told_in_a_sentence(server: Server, web: WebFetch, answer: Answer, told: str) -> None:
    server.answers["/a"] = answer
    with pytest.raises(FetchError, match=told) as raised:
        web.fetch("http://news.example/a")
    assert raised.value.wrong.endswith(".")
    assert raised.value.wrong.count(". ") == 0


def test_nobody_who_listens_is_told(web: WebFetch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    def connect(page: Page, address: str, timeout: float) -> http.client.HTTPConnection:
        connection = _Pinned(page, "127.0.0.1", timeout)
        connection.port = port
        return connection

    with pytest.raises(FetchError, match="connection refused"):
        WebFetch(resolve=lambda host, port: [HERE], connect=connect).fetch("http://news.example/")


def test_of_several_addresses_one_that_answers_is_enough(server: Server) -> None:
    server.answers["/"] = says(HTML)

    def connect(page: Page, address: str, timeout: float) -> http.client.HTTPConnection:
        connection = _Pinned(page, "127.0.0.1", timeout)
        connection.port = server.server_port if address == HERE else 1
        return connection

    web = WebFetch(resolve=lambda host, port: ["2606:4700::1111", HERE], connect=connect)
    assert web.fetch("http://news.example/").text == HTML


def test_an_unknown_host_is_told() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(FetchError, match=r"no host news\.example"):
        WebFetch(resolve=resolve).fetch("https://news.example/")


def test_a_host_that_does_not_speak_tls_is_told(server: Server, web: WebFetch) -> None:
    with pytest.raises(FetchError, match=r"does not prove to be itself|broke off"):
        web.fetch("https://news.example/")
    assert server.asked == []


# --- too much, too slowly --------------------------------------------------------------------------------------


def endless(piece: bytes, pause: float, head: bytes = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n") -> Answer:
    def answer(asked: Any) -> None:
        asked.wfile.write(head)
        while True:
            asked.wfile.write(piece)
            time.sleep(pause)

    return answer


def test_a_page_without_end_is_given_up_at_its_limit(server: Server, web: WebFetch) -> None:
    server.answers["/a"] = endless(b"a" * 2**20, 0)
    counts: list[int] = []
    with pytest.raises(FetchError, match="larger than 10 MB"):
        web.fetch("http://news.example/a", on_bytes=counts.append)
    assert counts[-1] < LARGEST + 2**20


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_bomb_is_not_unpacked_beyond_the_limit(server: Server, web: WebFetch, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"a" * (LARGEST + 2**20))
    assert len(bomb) < 2**16
    server.answers |= {"/bomb": says(bomb, Content_Encoding="gzip"), "/page": says(pack(HTML.encode()))}
    server.answers["/page"] = says(pack(HTML.encode()), Content_Encoding="gzip")
    with pytest.raises(FetchError, match="larger than 10 MB"):
        web.fetch("http://news.example/bomb")
    assert web.fetch("http://news.example/page").text == HTML


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(endless(b"a", 0.05), id="a letter now and then"),
        pytest.param(endless(b"X-More: x\r\n", 0.05, b"HTTP/1.0 200 OK\r\n"), id="headers without end"),
        pytest.param(endless(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05, b""), id="a promise again and again"),
        pytest.param(endless(b"", 0.05), id="nothing"),
    ],
)
def test_a_slow_host_is_given_up_in_time(server: Server, web: WebFetch, answer: Answer) -> None:
    server.answers["/a"] = answer
    with pytest.raises(FetchError, match="too long"):
        web.fetch("http://news.example/a", seconds=0.5)


def test_stop_ends_it_at_once_also_while_nothing_comes(server: Server, web: WebFetch) -> None:
    server.answers["/a"] = endless(b"", 0.05)
    stop = Flag()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(FetchError, match="Stopped"):
        web.fetch("http://news.example/a", stop=stop)


# --- what is kept ----------------------------------------------------------------------------------------------


def kept(web: WebFetch, folder: Path, url: str) -> Draft:
    path = store(web.fetch(url), folder)
    assert path.parent == folder
    (draft,) = read(path)
    assert isinstance(draft, Draft)
    return draft


def test_a_stored_page_reads_as_any_page_with_the_address_it_came_from(
    server: Server, web: WebFetch, tmp_path: Path
) -> None:
    server.answers["/2017/06/07/a--b?x=1"] = says(HTML)
    draft = kept(web, tmp_path, "http://www.news.example/2017/06/07/a--b?x=1")
    assert draft.source.title == "Bridge shut"
    assert draft.source.url == "http://www.news.example/2017/06/07/a-%2Db?x=1"
    assert (draft.source.outlet, draft.source.published) == ("news.example", date(2017, 6, 7))
    assert draft.text.count("statement number") == 9


def test_the_address_that_a_page_states_of_itself_is_kept(server: Server, web: WebFetch, tmp_path: Path) -> None:
    server.answers["/a?from=newsletter"] = says(CANONICAL)
    assert kept(web, tmp_path, "http://news.example/a?from=newsletter").source.url == (
        "https://courier.example/2017/06/07/bridge"
    )


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (COLOGNE.encode("latin-1"), "text/html; charset=iso-8859-1"),
        (COLOGNE.encode("utf-16"), "text/html"),
        (
            COLOGNE.replace("<title>", '<meta charset="windows-1252"><title>').encode("cp1252"),
            "text/html",
        ),
        (b'<?xml version="1.0" encoding="utf-8"?>' + COLOGNE.encode(), "application/xhtml+xml"),
    ],
    ids=["header", "utf-16", "meta", "xhtml"],
)  # fmt: skip
def test_letters_survive(server: Server, web: WebFetch, tmp_path: Path, raw: bytes, kind: str) -> None:
    server.answers["/a"] = says(raw, kind)
    assert "Stadt Köln said" in kept(web, tmp_path, "http://news.example/a").text


def test_a_page_of_plain_text_is_kept_as_text(server: Server, web: WebFetch, tmp_path: Path) -> None:
    server.answers["/a.txt"] = says("Bridge shut\n\nThe bridge was shut on Thursday.\n", "text/plain")
    draft = kept(web, tmp_path, "http://news.example/a.txt")
    assert (draft.source.title, draft.source.url) == ("Bridge shut", "http://news.example/a.txt")


def test_the_same_address_is_the_same_file_and_another_is_not(server: Server, web: WebFetch, tmp_path: Path) -> None:
    server.answers |= {"/a": says(HTML), "/A": says(HTML), "/../../../etc/a": says(HTML)}
    for path in ("/a", "/a", "/A", "/../../../etc/a"):
        kept(web, tmp_path, f"http://news.example{path}")
    assert len(list(tmp_path.iterdir())) == 3


def test_the_address_that_stands_for_the_server_is_one_that_the_guard_lets_through() -> None:
    assert ip_address(HERE).is_global
