"""What all of the page's HTML is made with: text escaped, dates and numbers in words, and an article's origin.

The words of articles, readers and models are only ever text. Nothing is read as Markdown, and the only links are
those that `web_address` lets through.
"""

from __future__ import annotations

import html
import re
from datetime import date
from urllib.parse import urlsplit

from bot.lookalike import with_note
from index.records import Hit, Source

MONTHS = "January February March April May June July August September October November December".split()
KINDS = {"opinion": "Opinion", "interview": "Interview", "correction": "Correction"}
# A lone surrogate cannot be sent as UTF-8 and a NUL ends a string in some browsers. One character for one, so
# that offsets stay what they are.
_UNSEEN = re.compile(r"[\s\\]")
_UNSENDABLE = re.compile("[\ud800-\udfff\x00]")


def escape(text: str) -> str:
    """Return `text` as HTML that shows exactly it, in an element or in a quoted attribute."""
    return html.escape(_UNSENDABLE.sub("\ufffd", text), quote=True)


def apart(text: str) -> str:
    """Return `text` escaped and kept from turning the writing direction of what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def in_words(day: date) -> str:
    """Return a date as a newspaper writes it: 7 June 2017."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_in_words(since: date | None, until: date | None) -> str:
    """Return a range of dates in words, as short as it stays clear; empty for no range."""
    if since and until:
        if since == until:
            return in_words(since)
        if (since.year, since.month) == (until.year, until.month):
            return f"{since.day}–{in_words(until)}"
        if since.year == until.year:
            return f"{since.day} {MONTHS[since.month - 1]} – {in_words(until)}"
        return f"{in_words(since)} – {in_words(until)}"
    if since:
        return f"{in_words(since)} onwards"
    return f"{in_words(until)} or earlier" if until else ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: 1 article, 1,200 articles."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def web_address(url: str) -> str:
    """Return `url` when it is one a browser may be sent to, else the empty string.

    One that could be read as another is none: with a name before an @, or with characters that are not seen or that
    turn the writing direction.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_plain = url.isprintable() and not _UNSEEN.search(url) and "@" not in parts.netloc
    return url if is_plain and parts.scheme in ("http", "https") and parts.hostname else ""


def origin(source: Source) -> str:
    """Return outlet, author and date of an article as one line."""
    known = [apart(with_note(name)) for name in (source.outlet, source.author) if name]
    day = source.published
    known.append(f'<time datetime="{day.isoformat()}">{in_words(day)}</time>' if day else "undated")
    return ' <span aria-hidden="true">·</span> '.join(known)


def title_of(source: Source) -> str:
    """Return the headline, or what else names the article, escaped."""
    return apart(source.title or source.path or source.url or "Untitled article")


def found_in_words(hits: tuple[Hit, ...]) -> str:
    """Return how much was found: 8 passages of 5 articles."""
    articles = len({hit.passage.article_id for hit in hits})
    return f"{count(len(hits), 'passage')} of {count(articles, 'article')}"


def as_sentence(words: str) -> str:
    """Return words with a capital and a full stop, so that a reason reads as a sentence of its own."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".")


def marker_id(exchange: int, number: int, use: int = 0) -> str:
    """Return the id of a citation's marker in an answer; `use` counts the sentences that rest on it, from 0."""
    return f"c{exchange}-{number}" + (f"-{use + 1}" if use else "")


def focused(focus: int) -> str:
    """Return the attributes of the element that takes the focus once `focus` is a new number; nothing for 0."""
    return f' tabindex="-1" data-focus="{focus}"' if focus else ""


def original(source: Source) -> str:
    """Return the link to where the article was published, which opens apart and tells that page nothing."""
    url = web_address(source.url)
    if not url:
        return ""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Original'
        '<span class="hidden"> (opens a new tab)</span> <span aria-hidden="true">↗</span></a>'
    )
