"""Addresses of articles, compared as readers do: whatever way led to a page, it is the same page."""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

# What newsletters, feeds and networks add to an address; the page is the same without.
_TRACKING = re.compile(
    r"utm_.*|at_(?:medium|campaign|link_.*)|fbclid|gclid|mc_[ce]id|cmpid|ito|ref_src|icid|ns_.*", re.IGNORECASE
)


def address_key(url: str) -> str:
    """Return what tells a page's address from others': no scheme, `www.`, fragment, last slash or mark of tracking."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.").removesuffix(".")
    except ValueError:
        return ""
    if not host:
        return ""
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(name)]
    path = unquote(parts.path).rstrip("/")
    return f"{host}{path}?{urlencode(asked)}" if asked else f"{host}{path}"


def known_addresses(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the keys of all addresses that the archive's articles have, and that those had which were removed."""
    rows = connection.execute("SELECT url FROM articles UNION SELECT url FROM removed")
    return frozenset(address_key(url) for (url,) in rows if url)


def known_ids(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the ids of the archive's articles, and of those that were removed."""
    return frozenset(str(id) for (id,) in connection.execute("SELECT id FROM articles UNION SELECT id FROM removed"))


def _is_tracking(name: str) -> bool:
    return bool(_TRACKING.fullmatch(name))
