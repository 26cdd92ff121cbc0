"""Feeds and sitemaps as they are written, and as they are written to do harm: entries come out, or a reason."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date

import pytest
from feed_material import RSS, item, rss, sitemap
from hypothesis import given
from hypothesis import strategies as st

from index.addresses import address_key
from index.errors import FetchError
from index.feed_entries import Entry, NoFeed, parse_feed
from index.sitemap import looks_like_sitemap, parse_sitemap
from index.xml_bounds import DEEPEST

HERE = "http://news.example/feed"
ATOM = """<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>The &lt;i&gt;Echo&lt;/i&gt;</title><entry>
<id>tag:echo,1</id><title>Bridge shut</title><link rel='alternate' href='/1'/><updated>2021-03-09T00:00:00Z</updated>
<published>2021-03-04T23:30:00-05:00</published><author><name>Ann Lee</name></author>
<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It is shut.</p></div></content></entry></feed>"""


def entries(raw: str) -> tuple[Entry, ...]:
    return parse_feed(raw.encode(), HERE, content_type=RSS).entries


def test_an_item_of_rss_is_read_with_all_it_says() -> None:
    raw = item("/1?a=1&b=2", "Bridge shut", guid="7", day="Thu, 04 Mar 2021 23:30:00 -0500", text="<p>It is shut.</p>")
    (entry,) = entries(rss(raw.replace("</item>", "<author>ann@echo.example (Ann Lee)</author></item>")))
    assert entry == Entry(
        "http://news.example/1?a=1&b=2", "7", "Bridge shut", "Ann Lee", date(2021, 3, 4), "It is shut."
    )


def test_an_entry_of_atom_is_read_and_the_day_of_its_last_change_is_not_that_of_publication() -> None:
    feed = parse_feed(ATOM.encode(), HERE)
    assert feed.title == "The Echo"
    (entry,) = feed.entries
    assert (entry.url, entry.guid, entry.author) == ("http://news.example/1", "tag:echo,1", "Ann Lee")
    assert entry.published == date(2021, 3, 4)
    assert entry.text == "It is shut."
    without = ATOM.replace("<published>2021-03-04T23:30:00-05:00</published>", "")
    assert parse_feed(without.encode(), HERE).entries[0].published is None


def test_markup_in_a_title_is_never_more_than_words() -> None:
    for title in ("Profits <b>up</b> 5 < 6%", "Profits up<script>alert(1)</script> 5 < 6%"):
        assert entries(rss(item("/1", title)))[0].title == "Profits up 5 < 6%"


def test_a_feed_with_a_slip_in_it_is_read_as_browsers_would() -> None:
    assert [one.title for one in entries(rss(item("/1", "A")).replace("</channel>", "<br>AT&T</channel>"))] == ["A"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        pytest.param("", "neither a feed nor a sitemap", id="nothing"),
        pytest.param("hello", "neither a feed nor a sitemap", id="words"),
        pytest.param('{"version": 1}', "neither a feed nor a sitemap", id="JSON"),
        pytest.param(
            "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>" + rss(item("/1", "&b;")).partition("?>")[2],
            "defines entities", id="laughter",
        ),
        pytest.param(
            "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + rss().partition("?>")[2],
            "defines entities", id="a file",
        ),
        pytest.param(rss("<a>" * 1000 + "</a>" * 1000), f"deeper than {DEEPEST}", id="deep"),
        pytest.param(rss("<a>" * 20 + "</b>" + "<a>" * 100_000), "too large to be guessed at", id="deep and broken"),
    ],
)  # fmt: skip
def test_what_is_no_feed_or_made_to_do_harm_is_told_in_no_time(raw: str, told: str) -> None:
    started = time.process_time()
    with pytest.raises(NoFeed, match=told):
        parse_feed(raw.encode(), HERE)
    assert time.process_time() - started < 3


@given(st.text(alphabet="<>&;/'\"= abrsitemlnk![]-?x", max_size=200))
def test_whatever_is_between_the_tags_is_read_or_refused(noise: str) -> None:
    with suppress(NoFeed):
        assert parse_feed(rss(item("/1", "A"), noise).encode(), HERE).entries[0].title == "A"


# --- sitemaps --------------------------------------------------------------------------------------------------


def test_a_news_sitemap_gives_titles_and_days_and_the_newest_first() -> None:
    raw = sitemap(
        "<loc>http://news.example/old</loc><lastmod>2021-01-02</lastmod>",
        "<loc>http://news.example/new</loc><image><loc>http://news.example/i.png</loc><title>no</title></image>"
        "<news:news><news:publication><news:name>Echo</news:name></news:publication>"
        "<news:publication_date>2021-03-04T08:00:00+01:00</news:publication_date><news:title>A &amp; B</news:title>"
        "</news:news>",
    )
    assert looks_like_sitemap(raw.encode())
    assert parse_sitemap(raw.encode()).pages == (
        Entry("http://news.example/new", title="A & B", published=date(2021, 3, 4)),
        Entry("http://news.example/old"),  # the day of a change is none of publication
    )


def test_a_sitemap_of_sitemaps_names_the_newest_first() -> None:
    raw = "<sitemapindex>" + "".join(
        f"<sitemap><loc>http://news.example/{day}.xml</loc><lastmod>2021-03-{day}</lastmod></sitemap>"
        for day in (10, 30, 20)
    )
    assert looks_like_sitemap(raw.encode())
    found = parse_sitemap(f"{raw}</sitemapindex>".encode())
    assert found.sitemaps == tuple(f"http://news.example/{day}.xml" for day in (30, 20, 10))
    assert not looks_like_sitemap(rss().encode())


@pytest.mark.parametrize("raw", ["<urlset>", "<!DOCTYPE a [<!ENTITY b 'c'>]><urlset/>", "<urlset>" * 999])
def test_a_sitemap_that_is_broken_or_made_to_do_harm_is_not_read(raw: str) -> None:
    with pytest.raises(FetchError, match="This sitemap is not read"):
        parse_sitemap(raw.encode())


# --- the same page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a/b", "http://www.news.example/a/b/", "http://news.example/a/b#top",
        "https://NEWS.example/a/b?utm_source=rss&utm_medium=feed", "https://news.example/a/b?fbclid=1",
    ],
)  # fmt: skip
def test_the_ways_to_one_page_are_one_page(url: str) -> None:
    assert address_key(url) == "news.example/a/b"


def test_other_pages_are_other_pages_and_what_is_no_address_is_none() -> None:
    keys = {address_key(f"https://news.example{rest}") for rest in ("/a", "/A", "/a?p=1", "/a?p=2", "")}
    assert len(keys) == 5
    assert {address_key(bad) for bad in ("", "javascript:alert(1)", "http://[", "mailto:a@b.example")} == {""}
