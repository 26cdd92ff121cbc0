"""Feeds pulled from a server on this machine into a real archive: what is new comes once, what fails ends nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from archive_material import EMBEDDER, MAX_TOKENS
from feed_material import ATOM, FEED, RSS, WORDS, XML, Clock, article, item, rss, serving, sitemap
from web_material import Server, leads_to, reaching, says

from bot.feeds import AGAIN_AFTER, MOST_TRIES, Feeds
from bot.polite import Polite
from bot.pulling import OnProgress, Pull, PullReport
from index.addresses import known_addresses, known_ids
from index.archive import Archive
from index.batch import Batch
from index.build import ignore, make_ready
from index.errors import ArchiveLocked, BylineError, FetchError
from index.furniture import FROM_FEED
from index.records import Article, BuildReport
from index.run import Run
from index.withdraw import remove

PAGES = ("bridge", "ferry", "school")


class Known:
    def __init__(self, archive: Archive) -> None:
        with archive.store.reading() as connection:
            self.addresses = known_addresses(connection)
            self.ids = known_ids(connection)


def index(archive: Archive, files: Sequence[Path]) -> BuildReport:
    """Bring files into the archive as build() does, but for the generation, which takes most of its time."""
    with archive.writing(), closing(Batch(archive, EMBEDDER, max_tokens=MAX_TOKENS, on_progress=ignore)) as batch:
        make_ready(archive)
        run = Run(archive, batch, files)
        run.read(files, None)
        return run.finish()


class Place:
    """An archive with its feeds, and the site that they are on."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.archive = Archive.open(folder, create=True)
        self.feeds = Feeds(folder)
        self.server = server
        self.clock = Clock(time.time())
        self.fails: BylineError | None = None
        self.indexed: list[Sequence[Path]] = []

    def add(self, *urls: str) -> None:
        for url in urls:
            self.feeds.add(url, "")

    def index(self, files: Sequence[Path]) -> BuildReport:
        if self.fails:
            raise self.fails
        self.indexed.append(files)
        return index(self.archive, files)

    def pull(self, *, limit: int = 200, on_progress: OnProgress = lambda *told: None) -> PullReport:
        self.server.asked.clear()
        polite = Polite(reaching(self.server), self.feeds.closed(), clock=self.clock, sleep=self.clock.sleep)
        folder = self.archive.folder
        work = Pull(self.feeds, polite, Known(self.archive), folder, index=self.index, on_progress=on_progress)
        return work.run(self.feeds.listed(), limit=limit)

    @property
    def asked(self) -> list[str]:
        return [path for path, _ in self.server.asked if path != "/robots.txt"]

    @property
    def articles(self) -> dict[str, Article]:
        with self.archive.store.reading() as connection:
            ids = [id for (id,) in connection.execute("SELECT id FROM articles ORDER BY number")]
        found = [self.archive.article(id) for id in ids]
        return {one.source.title: one for one in found if one}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with serving() as server:
        server.answers |= {f"/{name}": says(article(name)) for name in PAGES}
        place = Place(tmp_path / "archive", server)
        yield place
        place.archive.close()


def feed(place: Place, *items: str, path: str = "/feed.xml", **headers: str) -> None:
    place.server.answers[path] = says(rss(*items), RSS, **headers)


def test_the_articles_behind_a_feed_are_fetched_and_found(place: Place) -> None:
    place.add(FEED)
    feed(place, *(item(f"/{name}", f"The {name}") for name in PAGES))
    report = place.pull()
    assert (report.count("fetched"), report.added, report.count("failed")) == (3, 3, 0)
    assert set(place.articles) == {f"{name} shut" for name in PAGES}
    bridge = place.articles["bridge shut"]
    assert bridge.source.url == "http://news.example/bridge"
    assert bridge.text.count("statement") == 9
    (row,) = place.feeds.listed()
    assert (row.title, row.wrong, row.pulled > 0) == ("Harbour Echo", "", True)
    assert place.clock.slept == [1] * 4  # one request at a time: robots.txt, the feed and three pages


def test_what_was_had_is_not_fetched_again_whatever_its_address_looks_like(place: Place) -> None:
    place.add(FEED)
    feed(place, item("/bridge", guid="tag:1"), item("/ferry", guid="tag:2"))
    place.pull()
    moved = item("/elsewhere", guid="tag:1")
    feed(place, moved, item("https://www.news.example/ferry?utm_source=rss#top"), item("/school", guid="tag:3"))
    report = place.pull()
    assert place.asked == ["/feed.xml", "/school"]
    assert (report.count("known"), report.count("fetched"), report.added) == (2, 1, 1)


def test_what_is_in_the_archive_by_another_way_is_not_fetched_and_what_was_removed_neither(
    place: Place, tmp_path: Path
) -> None:
    for name in PAGES[:2]:
        words = f"---\nurl: http://news.example/{name}/\n---\nThe {name} was mended on Monday, the town said."
        (tmp_path / f"{name}.txt").write_text(words)
    index(place.archive, [tmp_path / f"{name}.txt" for name in PAGES[:2]])
    ferry = next(one.id for one in place.articles.values() if "ferry" in one.text)
    remove(place.archive, [ferry])
    place.add(FEED)
    feed(place, item("/bridge"), item("/ferry"))
    assert place.pull().count("known") == 2
    assert place.asked == ["/feed.xml"]


def test_a_page_that_says_it_is_one_the_archive_has_is_not_added(place: Place) -> None:
    place.add(FEED)
    feed(place, item("/bridge"))
    place.pull()
    link = '<link rel="canonical" href="http://news.example/bridge">'
    place.server.answers["/again"] = says(article("old bridge", head=link))
    feed(place, item("/again"))
    assert place.pull().count("known") == 1
    assert place.pull().count("known") == 1
    assert place.asked == ["/feed.xml"]
    assert list(place.articles) == ["bridge shut"]


def test_a_feed_fills_what_its_page_does_not_state_and_no_more(place: Place) -> None:
    place.add(FEED)
    stated = '<meta property="article:published_time" content="2020-02-02"><meta name="author" content="Bo Ray">'
    place.server.answers["/ferry"] = says(article("ferry", head=stated))
    by = "<author>Ann &quot;Lee&quot; &lt;b&gt;</author></item>"
    items = [item(f"/{name}", day="Thu, 04 Mar 2021 08:00:00 GMT").replace("</item>", by) for name in PAGES[:2]]
    feed(place, *items)
    place.pull()
    bridge, ferry = place.articles["bridge shut"].source, place.articles["ferry shut"].source
    assert (bridge.published, ferry.published) == (date(2021, 3, 4), date(2020, 2, 2))
    assert ("Ann" in bridge.author, ferry.author) == (True, "Bo Ray")


# --- when it is the same ---------------------------------------------------------------------------------------


def test_a_feed_that_is_as_it_was_is_not_sent_again(place: Place) -> None:
    place.add(FEED)
    feed(place, item("/bridge"), ETag='"v1"', Last_Modified="Thu, 04 Mar 2021 08:00:00 GMT")
    place.pull()
    place.server.answers["/feed.xml"] = says("", status=304)
    assert place.pull().feeds[0].wrong == ""
    headers = place.server.asked[-1][1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"v1"', "Thu, 04 Mar 2021 08:00:00 GMT")
    place.pull()
    assert place.server.asked[-1][1]["If-None-Match"] == '"v1"'  # it stays so


def test_a_feed_of_which_something_is_left_is_asked_for_whole(place: Place) -> None:
    place.add(FEED)
    feed(place, *(item(f"/{name}") for name in PAGES), ETag='"v1"')
    report = place.pull(limit=2)
    assert (report.count("fetched"), report.count("later")) == (2, 1)
    assert place.pull(limit=2).count("fetched") == 1
    assert "If-None-Match" not in place.server.asked[1][1]
    place.pull()
    assert place.server.asked[-1][1]["If-None-Match"] == '"v1"'


# --- what fails ------------------------------------------------------------------------------------------------

HOSTILE = {
    "javascript": ("javascript:alert(1)", "Only http and https are fetched"),
    "a file": ("file:///etc/passwd", "Only http and https are fetched"),
    "a private address": ("//10.1.2.3/admin", "not on the public web"),
    "a name inside": ("http://inside.example/", "not on the public web"),
    "this machine": ("http://127.0.0.1:8080/", "Port 8080"),
    "the metadata of a cloud": ("//169.254.169.254/latest", "not on the public web"),
    "a redirect inside": ("/inwards", "leads on to another that is not fetched"),
    "a password": ("http://a:b@news.example/", "name or password"),
    "no address": ("", "has no address"),
    "broken": ("http://[", "not the address of a page"),
}


def test_hostile_entries_are_told_and_the_rest_is_had(place: Place) -> None:
    place.add(FEED)
    place.server.answers["/inwards"] = leads_to("//169.254.169.254/latest/meta-data/")
    items = [item(link, "<script>alert(1)</script>", guid=name) for name, (link, _) in HOSTILE.items()]
    feed(place, *items, item("/bridge"))
    report = place.pull()
    assert (report.count("failed"), report.added) == (len(HOSTILE), 1)
    reasons = [one.reason for one in report.missed]
    for link, told in HOSTILE.values():
        assert any(told in reason for reason in reasons), link
    assert set(place.asked) == {"/feed.xml", "/inwards", "/bridge"}
    assert place.pull().count("failed") <= 1  # what is refused is not tried again; what has no address may get one


def endless(asked: Any) -> None:
    asked.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        asked.wfile.write(b"a" * 2**20)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(says("no", status=404), "answered 404", id="not found"),
        pytest.param(says(b"%PDF", "application/pdf"), "sends application/pdf", id="a PDF"),
        pytest.param(says("<html><body></body></html>"), "No article was found", id="no article"),
        pytest.param(endless, "larger than 10 MB", id="without end"),
        pytest.param(leads_to("/bridge"), "more than 5 times", id="in a circle"),
        pytest.param(says(article("wall").split("statement 2")[0]), "and its feed", id="less than the entry"),
    ],
)  # fmt: skip
def test_where_a_page_is_not_to_be_had_a_full_entry_stands_and_says_so(place: Place, answer: Any, told: str) -> None:
    place.add(FEED)
    place.server.answers["/bridge"] = answer
    long = f"<p>{WORDS}</p><script>alert(1)</script>"
    feed(place, item("/bridge", "Ferry late", guid="tag:1", day="Thu, 04 Mar 2021 08:00:00 GMT", text=long))
    report = place.pull()
    assert (report.count("from_feed"), report.count("failed"), report.added) == (1, 0, 1)
    ferry = place.articles["Ferry late"]
    assert ferry.text == f"{WORDS}\n\n{FROM_FEED}"
    assert (ferry.source.outlet, ferry.source.published) == ("Harbour Echo", date(2021, 3, 4))
    assert [ferry.text[mark.start : mark.end] for mark in ferry.marks if mark.role == "furniture"] == [FROM_FEED]
    # The same with a teaser.
    feed(place, item("/bridge?2", "Ferry", guid="tag:2", text="<p>The ferry was late.</p>"))
    place.server.answers["/bridge?2"] = answer if told != "and its feed" else says("no", status=404)
    (missed,) = place.pull().missed
    assert missed.url == "http://news.example/bridge?2"
    assert told == "and its feed" or told in missed.reason


def test_a_page_that_does_not_come_is_tried_again_and_not_for_ever(place: Place) -> None:
    place.add(FEED)
    place.server.answers["/gone"] = says("no", status=404)
    feed(place, item("/gone"), ETag='"v1"')
    for _ in range(MOST_TRIES):
        assert place.pull().count("failed") == 1
    assert place.pull().count("failed") == 0
    assert place.asked == ["/feed.xml"]


def test_one_failing_feed_ends_none_of_the_others(place: Place) -> None:
    bad = {
        "/none": (says("no", status=404), "answered 404"),
        "/gone": (says("no", status=410), "gone for good"),
        "/page": (says(article("page")), "a web page and not a feed"),
        "/empty": (says("", RSS), "empty feed"),
        "/mad": (says("<!DOCTYPE a [<!ENTITY b 'c'>]><rss/>", RSS), "defines entities"),
        "/closes": (lambda asked: asked.connection.close(), "broke off"),
    }
    place.server.answers |= {path: answer for path, (answer, _) in bad.items()}
    feed(place, item("/bridge"), path="/good")
    place.add(*(f"http://news.example{path}" for path in bad), "http://inside.example/feed", "http://news.example/good")
    report = place.pull()
    assert report.added == 1
    wrong = [row.wrong for row in place.feeds.listed()]
    assert [told in said for said, (_, told) in zip(wrong, bad.values(), strict=False)] == [True] * len(bad)
    assert "not on the public web" in wrong[-2]
    assert wrong[-1] == ""


def test_a_page_that_is_no_feed_names_those_it_has(place: Place) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml"><link rel="icon" href="/i.png">'
    place.server.answers["/"] = says(article("front", head=head))
    polite = Polite(reaching(place.server), clock=place.clock, sleep=place.clock.sleep)
    from bot.feed_source import read_offer

    with pytest.raises(FetchError) as raised:
        read_offer(polite, "http://news.example/")
    assert "byline feed add http://news.example/feed.xml" in raised.value.mend
    assert "i.png" not in raised.value.mend


def test_a_host_that_says_later_keeps_its_pages_for_the_next_run(place: Place) -> None:
    place.add(FEED, "http://other.example/other.xml")
    place.server.answers["/ferry"] = says("", status=429, Retry_After="3600")
    feed(place, item("/ferry"), item("/bridge"))
    feed(place, item("/school"), path="/other.xml")
    report = place.pull()
    assert (report.count("later"), report.count("failed")) == (2, 0)
    assert set(place.articles) == {"school shut"}
    place.server.answers["/ferry"] = says(article("ferry"))
    assert place.pull().feeds[0].wrong.endswith("wants to be asked later.")  # kept between runs
    place.clock.now += 3700
    place.feeds.note_closed({})
    assert place.pull().added == 2


# --- sitemaps --------------------------------------------------------------------------------------------------


def test_a_sitemap_and_those_that_it_lists_are_feeds_too(place: Place) -> None:
    place.add("http://news.example/sitemap.xml")
    day = "<publication_date>2021-03-04</publication_date>"
    listed = "".join(f"<sitemap><loc>http://news.example/{name}.xml</loc></sitemap>" for name in ("a", "none", "b"))
    place.server.answers |= {
        "/sitemap.xml": says(f"<sitemapindex>{listed}</sitemapindex>", XML, ETag='"v1"'),
        "/a.xml": says(sitemap("<loc>http://news.example/bridge</loc>"), XML),
        "/none.xml": says("no", status=404),
        "/b.xml": says(sitemap(f"<loc>http://news.example/ferry</loc><news>{day}</news>"), XML),
    }
    assert place.pull().added == 2
    assert place.articles["ferry shut"].source.published == date(2021, 3, 4)
    place.pull()
    assert place.asked == ["/sitemap.xml", "/a.xml", "/none.xml", "/b.xml"]  # a list that is the same says little
    place.server.answers["/a.xml"] = says(sitemap("<loc>http://news.example/school</loc>"), XML)
    assert place.pull(limit=1).added == 1
    assert place.asked == ["/sitemap.xml", "/a.xml", "/school"]  # what is enough is enough


def test_a_feed_of_atom_that_is_packed_is_read(place: Place) -> None:
    import gzip

    place.add(FEED)
    entry = "<entry><id>tag:1</id><title>B</title><link href='/bridge'/></entry>"
    raw = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Echo</title>{entry}</feed>".encode()
    place.server.answers["/feed.xml"] = says(gzip.compress(raw), ATOM)
    assert place.pull().added == 1


# --- what changes -----------------------------------------------------------------------------------------------


LATER = AGAIN_AFTER + 3600  # seconds after the first pull in these tests


def changed(place: Place, *, by: float, page: str = "/bridge") -> None:
    """Let the feed say that a page has changed so many seconds after now."""
    stamp = datetime.fromtimestamp(time.time() + by, UTC).isoformat()
    entry = f"<entry><id>tag:1</id><title>B</title><link href='{page}'/><updated>{stamp}</updated></entry>"
    raw = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Echo</title>{entry}</feed>"
    place.server.answers["/feed.xml"] = says(raw, ATOM, ETag='"v1"')


def seconds_later(place: Place, seconds: float) -> None:
    place.feeds = Feeds(place.archive.folder, now=lambda: time.time() + seconds)


def test_an_article_that_its_feed_says_has_changed_is_fetched_again_and_takes_its_own_place(place: Place) -> None:
    place.add(FEED)
    changed(place, by=-3600)
    place.pull()
    changed(place, by=3600)
    place.server.answers["/bridge"] = says(article("bridge").replace("on Thursday", "on Friday"))
    seconds_later(place, LATER)
    report = place.pull()
    assert (report.count("fetched"), report.count("again"), report.added, report.updated) == (1, 1, 0, 1)
    (bridge,) = place.articles.values()
    assert "on Friday" in bridge.text
    assert "on Thursday" not in bridge.text
    place.pull()
    assert "/bridge" not in place.asked, "it is as it was when it was had"


def test_one_that_has_changed_soon_after_is_not_forgotten_and_not_fetched_at_once(place: Place) -> None:
    place.add(FEED)
    changed(place, by=-3600)
    place.pull()
    changed(place, by=60)
    seconds_later(place, 120)
    place.pull()
    assert place.asked == ["/feed.xml"]
    (row,) = place.feeds.listed()
    assert row.etag == "", "the feed comes whole the next time, though it is the same"
    seconds_later(place, LATER)
    assert place.pull().count("again") == 1


def test_a_page_that_does_not_come_again_leaves_what_was_had(place: Place) -> None:
    place.add(FEED)
    changed(place, by=-3600)
    place.pull()
    changed(place, by=3600)
    place.server.answers["/bridge"] = says("no", status=404)
    seconds_later(place, LATER)
    report = place.pull()
    assert (report.count("failed"), report.updated) == (1, 0)
    assert list(place.articles) == ["bridge shut"]


def test_what_was_removed_does_not_come_back_by_a_change(place: Place) -> None:
    place.add(FEED)
    changed(place, by=-3600)
    place.pull()
    (bridge,) = place.articles.values()
    remove(place.archive, [bridge.id])
    changed(place, by=3600)
    place.server.answers["/bridge"] = says(article("bridge").replace("on Thursday", "on Friday"))
    seconds_later(place, LATER)
    place.pull()
    assert place.articles == {}


def test_a_page_that_came_from_elsewhere_is_not_overwritten_by_another_address_of_it(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "own.txt").write_text("---\nurl: http://news.example/own\n---\nThe bridge was mended, the town said.")
    index(place.archive, [tmp_path / "own.txt"])
    place.add(FEED)
    own = "<link rel='canonical' href='http://news.example/own'>"
    place.server.answers["/bridge"] = says(article("bridge", head=own))
    changed(place, by=-3600)
    assert place.pull().count("known") == 1
    changed(place, by=3600)
    seconds_later(place, LATER)
    assert place.pull().count("fetched") == 0
    assert len(place.articles) == 1


def test_a_sitemap_says_when_its_pages_have_changed(place: Place) -> None:
    place.add("http://news.example/sitemap.xml")
    for by in (-86400.0, 3600.0):
        stamp = datetime.fromtimestamp(time.time() + by, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = f"<loc>http://news.example/bridge</loc><lastmod>{stamp}</lastmod>"
        place.server.answers["/sitemap.xml"] = says(sitemap(page), XML)
        report = place.pull()
        seconds_later(place, LATER)
    assert report.count("again") == 1


# --- what ends in the middle -----------------------------------------------------------------------------------


def test_an_interrupt_keeps_what_came_and_the_next_run_goes_on(place: Place) -> None:
    place.add(FEED)
    feed(place, *(item(f"/{name}") for name in PAGES), ETag='"v1"')

    def interrupt(done: int, total: int, note: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.pull(on_progress=interrupt)
    assert place.asked == ["/feed.xml", "/bridge", "/ferry"]
    assert len(place.feeds.waiting()) == 2
    report = place.pull()
    assert place.asked == ["/feed.xml", "/school"]
    assert (report.added, place.feeds.waiting()) == (3, [])


def test_where_the_archive_is_locked_what_came_waits_for_the_next_run(place: Place) -> None:
    place.add(FEED)
    feed(place, item("/bridge"), ETag='"v1"')
    place.fails = ArchiveLocked("The archive is being written.", "wait")
    assert place.pull().unindexed is place.fails
    place.fails = None
    place.server.answers["/feed.xml"] = says("", status=304)
    assert place.pull().added == 1


def test_a_long_pull_can_be_asked_before_its_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.pulling.INDEX_EVERY", 2)
    place.add(FEED)
    feed(place, *(item(f"/{name}") for name in PAGES))
    place.pull()
    assert [len(files) for files in place.indexed] == [2, 1]


def test_two_feeds_with_one_article_fetch_it_once(place: Place) -> None:
    place.add(FEED, "http://news.example/other.xml")
    feed(place, item("/bridge"))
    feed(place, item("/bridge?utm_source=other"), path="/other.xml")
    assert place.pull().count("known") == 1
    assert place.asked.count("/bridge") == 1
