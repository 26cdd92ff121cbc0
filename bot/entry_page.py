"""What lies behind an entry of a feed, as a file: its page, or the entry's own text where that is all there is.

A page's own facts count before the entry's, which only fill what it does not state.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path

from bot.pasted import LONGEST, Text
from bot.pasted import store as store_text
from bot.web_fetch import PAGES, Fetched, page_of, place_of, store
from bot.web_get import Reply, Wanted
from index.draft import Place
from index.errors import FetchError
from index.feed_entries import Entry
from index.furniture import FROM_FEED
from index.read_html import read_html
from index.records import Draft

WANTED = Wanted("", PAGES)
FULL = 120  # words of an entry; a teaser has some forty
_LESS = 0.5  # of the entry's words; a page with fewer is a wall to pay or to agree at
_HEAD = re.compile(r"<head\b[^<>]*>", re.IGNORECASE)
_WITHIN = 2**16  # characters in which a page's head begins


@dataclass(frozen=True, slots=True)
class EntryFile:
    """What is to be stored of an entry: a page, or a text of its own; `address` is where it says that it is."""

    address: str
    page: Fetched | None
    text: Text | None

    def is_stored(self, folder: Path) -> bool:
        """Return whether `folder` has an earlier form of it, whose place it would take."""
        return self.page is not None and place_of(self.page, folder).exists()

    def store(self, folder: Path) -> Path:
        """Write it into `folder`; the same address, or the same text, is the same file."""
        if self.page is not None:
            return store(self.page, folder)
        assert self.text is not None
        return store_text(self.text, folder)


def from_page(reply: Reply, entry: Entry) -> EntryFile:
    """Return the page that came; raises FetchError where there is no article in it, or less than in its entry."""
    page = page_of(reply)
    if not page.is_html:
        return EntryFile(page.url, None, _text_of(page, entry))
    draft = read_html(page.text, Place(page.url))
    if not isinstance(draft, Draft):
        raise FetchError(f"{draft.reason[:1].upper()}{draft.reason[1:]}.")
    words, own = len(draft.text.split()), len(entry.text.split())
    if own >= FULL and words < _LESS * own:
        raise FetchError(f"The page holds {words} words, and its feed {own}.")
    return EntryFile(draft.source.url or page.url, replace(page, text=_with_facts(page.text, draft, entry)), None)


def from_feed(entry: Entry, outlet: str) -> EntryFile | None:
    """Return the entry's own text, marked as that; None where it is not full enough to be an article."""
    text = entry.text[:LONGEST]
    if len(text.split()) < FULL:
        return None
    whole = f"{text}\n\n{FROM_FEED}"
    given = Text(whole, entry.title, outlet, entry.published, entry.web_url, entry.author)
    return EntryFile(entry.url, None, given)


def _text_of(page: Fetched, entry: Entry) -> Text:
    return Text(page.text[:LONGEST], entry.title, "", entry.published, page.url, entry.author)


def _with_facts(page: str, draft: Draft, entry: Entry) -> str:
    """Return a page with what its feed states and it does not, as the tags that pages state it in."""
    source = draft.source
    missing = {
        "article:published_time": entry.published.isoformat() if entry.published and not source.published else "",
        "author": entry.author if not source.author else "",
        "og:title": entry.title if not source.title else "",
    }
    tags = "".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in missing.items() if value)
    head = _HEAD.search(page[:_WITHIN])
    place = head.end() if head else 0
    return f"{page[:place]}{tags}{page[place:]}" if tags else page
