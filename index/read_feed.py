"""A feed in a file to drafts: an article for each entry that carries a text, which often is a summary."""

from __future__ import annotations

from collections.abc import Iterator

from index.draft import Facts, Place, host_of, make_draft
from index.feed_entries import Entry, Feed, NoFeed, parse_feed
from index.records import Draft, Skipped

ROOTS = frozenset({"rss", "feed", "RDF", "channel"})


def read_feed(raw: bytes, place: Place) -> Iterator[Draft | Skipped]:
    """Yield an article for each entry of a feed in a file; raises ExtraMissing without feedparser."""
    try:
        feed = parse_feed(raw)
    except NoFeed as error:
        yield Skipped(place.path, f"a feed that is not read: {error}", place.where)
        return
    if not feed.entries:
        yield Skipped(place.path, "the feed has no entries", place.where)
    for number, entry in enumerate(feed.entries, start=1):
        where = f"entry {number}"
        if feed.is_cut and number == len(feed.entries):
            yield Skipped(place.path, "the file breaks off within this entry", where)
        else:
            yield _draft_of(entry, feed, Place(place.path, where))


def _draft_of(entry: Entry, feed: Feed, place: Place) -> Draft | Skipped:
    """Return the article that an entry carries, or Skipped where it carries a headline alone."""
    if not entry.text:
        return Skipped(place.path, "the entry carries no text, only a headline", place.where)
    facts = Facts(
        title=entry.title,
        outlet=feed.title or host_of(entry.web_url) or host_of(feed.url),
        author=entry.author,
        published=entry.published,
        url=entry.web_url,
        section=entry.section,
        key=entry.guid or entry.web_url,
    )
    return make_draft(entry.text, facts, place)
