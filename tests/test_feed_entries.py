"""Feeds and sitemaps as they are written, and as they are written to do harm: entries come out, or a reason."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from feed_material import RSS, item, rss, sitemap
from hypothesis import given
from hypothesis import strategies as st

from bot.robots import Rules
from index.addresses import address_key
from index.errors import ExtraMissing, FetchError
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
    assert entry.changed == datetime(2021, 3, 9, tzinfo=UTC).timestamp()
    assert entry.text == "It is shut."
    without = ATOM.replace("<published>2021-03-04T23:30:00-05:00</published>", "")
    assert parse_feed(without.encode(), HERE).entries[0].published is None


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("ann@echo.example (Ann Lee)", "Ann Lee"),
        ("ann@echo.example (Ann (A.) Lee), bo@echo.example (Bo Roe)", "Ann (A.) Lee, Bo Roe"),
        ("Ann Lee &lt;ann@echo.example&gt;", "Ann Lee"),
        ("Ann Lee (ann@echo.example)", "Ann Lee"),
        ("ann@echo.example", ""),
        ("Ann Lee</author><author>Bo Roe", "Ann Lee, Bo Roe"),
    ],
)
def test_of_an_author_the_name_is_kept_and_no_address(stated: str, names: str) -> None:
    raw = item("/1", "A").replace("</item>", f"<author>{stated}</author></item>")
    assert entries(rss(raw))[0].author == names


def test_the_day_of_rss_may_stand_in_dublin_core_and_else_in_the_address() -> None:
    day = "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2021-03-04T23:30:00-05:00</dc:date>"
    dated = item("/2020/01/02/a", "A").replace("</item>", f"{day}</item>")
    found = entries(rss(dated, item("/2020/01/02/b", "B")))
    assert [one.published for one in found] == [date(2021, 3, 4), date(2020, 1, 2)]


def test_an_address_is_made_whole_by_where_the_feed_came_from_or_by_its_own() -> None:
    links = ("/1", "https://else.example/2", "javascript:alert(1)", "")
    raw = rss(*(item(link, "A") for link in links)).replace("<item>", "<link>https://echo.example/</link><item>", 1)
    assert [one.url for one in entries(raw)] == ["http://news.example/1", *links[1:]]
    told = parse_feed(raw.encode()).entries
    assert [one.web_url for one in told] == ["https://echo.example/1", links[1], "", ""]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8-sig", "utf-8"), ("utf-8-sig", ""), ("utf-16", "utf-16"), ("utf-16", ""), ("utf-16-le", ""),
        ("utf-32", ""), ("cp1252", "windows-1252"), ("cp1252", ""), ("gb2312", "gb2312"), ("cp037", "cp037"),
    ],
)  # fmt: skip
def test_a_feed_is_read_in_the_encoding_it_is_in(encoding: str, declared: str) -> None:
    first = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    raw = rss(item("/1", "A quay \u00b1 0")).replace("<?xml version='1.0'?>", first)
    assert [one.title for one in parse_feed(raw.encode(encoding)).entries] == ["A quay \u00b1 0"]


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


@pytest.mark.parametrize("encoding", ["utf-7", "utf-16", "cp037"])
def test_no_encoding_hides_how_deep_a_feed_is(encoding: str) -> None:
    declared = f"<?xml version='1.0' encoding='{encoding}'?>"
    raw = rss("<a>" * 30_000 + "</a>" * 30_000).replace("<?xml version='1.0'?>", declared)
    with pytest.raises(NoFeed, match=f"deeper than {DEEPEST}"):
        parse_feed(raw.encode(encoding))


@pytest.mark.parametrize("end", ["", "<br>"], ids=["well-formed", "broken"])
@pytest.mark.parametrize("value", ["1", ">", '"'])
def test_a_tag_of_thousands_of_attributes_is_read_in_no_time(value: str, end: str) -> None:
    started = time.process_time()
    attributes = " ".join(f"a{n}='{value}'" for n in range(40_000))
    found = entries(rss(item("/1", "A").replace("<item>", f"<item {attributes}>"), end))
    assert [one.title for one in found] == ["A"]
    assert time.process_time() - started < 3  # seconds; ten and more without the limit


def test_a_name_as_long_as_a_feed_is_read_in_no_time() -> None:
    started = time.process_time()
    raw = rss(item("/1", "A").replace("</item>", f"<author>{'a' * 100_000}</author></item>"))
    assert len(entries(raw)[0].author) == 2_000
    assert time.process_time() - started < 3  # seconds; half a minute as feedparser looks for addresses of mail


@pytest.mark.parametrize("package", ["feedparser", "protego"])
def test_without_what_feeds_need_it_is_told_how_to_get_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ExtraMissing, match=r"pip install 'byline\[feeds\]'"):
        _ = entries(rss()) if package == "feedparser" else Rules("User-agent: *")


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
        # The day of a change is none of publication.
        Entry("http://news.example/old", changed=datetime(2021, 1, 2, tzinfo=UTC).timestamp()),
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


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2021-03-04T08:00:00+01:00", datetime(2021, 3, 4, 7, tzinfo=UTC)),
        ("2021-03-04T08:00:00Z", datetime(2021, 3, 4, 8, tzinfo=UTC)),
        ("2021-03-04", datetime(2021, 3, 4, tzinfo=UTC)),
        ("2021-03", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_when_a_page_of_a_sitemap_changed_is_a_time_or_nothing(told: str, day: datetime | None) -> None:
    raw = sitemap(f"<loc>http://news.example/a</loc><lastmod>{told}</lastmod>")
    (page,) = parse_sitemap(raw.encode()).pages
    assert page.changed == (day.timestamp() if day else 0.0)
