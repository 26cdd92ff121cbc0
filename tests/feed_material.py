"""A site with feeds, articles and a robots.txt on this machine, and a clock that waits for nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from web_material import Server, says

FEED = "http://news.example/feed.xml"
RSS, ATOM, XML = "application/rss+xml; charset=utf-8", "application/atom+xml", "application/xml"
_GUID = "<guid isPermaLink='false'>"  # which readers else take for an address
WORDS = " ".join(f"The ferry to Stennet was late on day {n} and the harbour office said why." for n in range(12))


class Clock:
    """Stands for the time: to sleep is to be at its end at once."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@contextmanager
def serving() -> Iterator[Server]:
    """Serve a site without a robots.txt, to be told what else it has."""
    server = Server()
    server.answers["/robots.txt"] = says("", status=404)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def article(name: str, *, head: str = "") -> str:
    """Return a page about `name`, with an article that no other page has."""
    told = (f"<p>The {name} was shut on Thursday, the town said in statement {n} on the {name}.</p>" for n in range(9))
    page = f"<head><title>{name} shut</title>{head}</head><body><article>{''.join(told)}</article></body>"
    return f"<!doctype html><html>{page}</html>"


def item(link: str, title: str = "", *, guid: str = "", day: str = "", text: str = "") -> str:
    """Return an item of RSS; `text` is HTML."""
    parts = {"link": link, "title": title, "guid": guid, "pubDate": day, "content:encoded": text}
    written = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    return f"<item>{written.replace('<guid>', _GUID)}</item>"


def rss(*items: str, title: str = "Harbour Echo") -> str:
    """Return a feed of RSS 2.0."""
    modules = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    channel = f"<channel><title>{title}</title>{''.join(items)}</channel>"
    return f"<?xml version='1.0'?><rss version='2.0' {modules}>{channel}</rss>"


def sitemap(*urls: str) -> str:
    """Return a sitemap of the insides of its <url> elements."""
    listed = "".join(f"<url>{inside}</url>" for inside in urls)
    return f"<urlset xmlns:news='n'>{listed}</urlset>"
