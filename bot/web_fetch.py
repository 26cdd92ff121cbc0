"""One page of the web, fetched because a reader asked for it, and made ready to be read as a file.

No more bytes and no more time than a page of news takes; how it is asked for is web_get.py's.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag

from bot.pasted import Text, put, render, safe_stem
from bot.web_get import LARGEST, MEND, SECONDS, OnBytes, Reply, Wanted, WebGet, ignore
from index.decode import decode
from index.errors import FetchError
from index.read_html import decode_page, looks_like_page

__all__ = ["LARGEST", "Fetched", "WebFetch", "page_of", "store"]

_AGENT = "Byline/0.1 (fetches one page when its reader asks for it)"
_HTML = ("text/html", "application/xhtml+xml")
PAGES = (*_HTML, "text/plain")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_WANTED = Wanted(_AGENT, PAGES)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came: where from, after all redirects, of which type, and what it says."""

    url: str
    is_html: bool
    text: str


class WebFetch(WebGet):
    """Fetches pages."""

    def fetch(
        self, url: str, *, stop: Flag | None = None, on_bytes: OnBytes = ignore, seconds: float = SECONDS
    ) -> Fetched:
        """Return the page at `url`.

        Raises UsageError for an address that is not fetched, and FetchError, which says what was wrong, for one that
        does not give a page.
        """
        return page_of(self.get(url, _WANTED, stop=stop, on_bytes=on_bytes, seconds=seconds))


def page_of(reply: Reply) -> Fetched:
    """Return the page that came; raises FetchError where none did."""
    if reply.status != 200:
        raise reply.refusal()
    # The header's charset counts before the page's own, as browsers have it; what is valid UTF-8 is always UTF-8.
    is_told = reply.charset or reply.kind == "text/plain"
    text = decode(reply.raw, reply.charset) if is_told else decode_page(reply.raw)
    if not text.strip():
        raise FetchError(f"The page of {reply.page.host} is empty.", MEND)
    return Fetched(reply.page.url, reply.kind in _HTML or looks_like_page(text), text)


def store(fetched: Fetched, folder: Path) -> Path:
    """Write a page into `folder` so that it reads as any saved page, its address in it, and return the file.

    The same address is the same file: fetched again it takes the place of what it was.
    """
    place = place_of(fetched, folder)
    if fetched.is_html:
        page = _XML_DECLARATION.sub("", fetched.text.lstrip("\ufeff"))
        # As browsers note it in pages they save; read_html.py reads it.
        address = fetched.url.replace("--", "-%2D")
        return put(place, f"<!-- saved from url=({len(address):04}){address} -->\n{page}")
    return put(place, render(Text(fetched.text, url=fetched.url)))


def place_of(fetched: Fetched, folder: Path) -> Path:
    """Return the file that a page is in `folder`, whatever it says."""
    name = f"{safe_stem(re.sub(r'^https?://(www[.])?', '', fetched.url))}-{_hash(fetched.url)}"
    return folder / f"{name}{'.html' if fetched.is_html else '.txt'}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
