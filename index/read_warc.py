"""WARC to drafts: one a page that was answered with, the only importer of warcio and of what it raises.

Pictures, scripts, redirects and the like are parts of pages, passed over without a word. The stream is unpacked before
it comes here, so that what a gzip may unpack to is bounded as everywhere. The day of the crawl is none of publication.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from index.decode import decode
from index.draft import Place
from index.errors import ExtraMissing
from index.read_html import decode_page, read_html
from index.records import Draft, Skipped

LARGEST_PAGE = 16 * 2**20  # bytes, unpacked; the longest pages of news have 5 MiB
_PAGES = ("text/html", "application/xhtml+xml")
_HOLDS_A_PAGE = ("response", "resource")
# What warcio lets through of what it stands on.
_BROKEN = (ValueError, LookupError, AttributeError, TypeError, EOFError, zlib.error)


def read_warc(stream: BinaryIO, path: str) -> Iterator[Draft | Skipped]:
    """Yield the article of each page in a WARC or ARC file, and Skipped for a page that holds none."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as error:
        raise ExtraMissing("A WARC file", "warc") from error
    count = pages = 0
    try:
        for count, record in enumerate(ArchiveIterator(stream, arc2warc=True), start=1):
            if _is_page(record):
                pages += 1
                yield _read_page(record, path, count)
    except ArchiveLoadFailed as error:
        reason = "damaged, or no WARC" if not count else f"damaged after its record {count:,}"
        yield Skipped(path, f"{reason}: {str(error).splitlines()[0][:200]}" if str(error) else reason)
    except _BROKEN:
        yield Skipped(path, f"damaged after its record {count:,}")
    else:
        if not pages:
            yield Skipped(path, "no page is in it")


def _is_page(record: Any) -> bool:
    """Return whether a record is a page that the server gave, not one that leads elsewhere or is missing."""
    if record.rec_type not in _HOLDS_A_PAGE:
        return False
    if record.http_headers is None:
        return _kind(record.rec_headers.get_header("Content-Type")) in _PAGES
    is_given = (record.http_headers.get_statuscode() or "") in ("200", "203")
    return is_given and _kind(record.http_headers.get_header("Content-Type")) in _PAGES


def _read_page(record: Any, path: str, number: int) -> Draft | Skipped:
    address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    place = Place(path, f"record {number}, {address[:300]}")
    raw = record.content_stream().read(LARGEST_PAGE + 1)
    if record.raw_stream.limit > 0 and not record.raw_stream.read(1):
        return Skipped(path, "the file breaks off within this page", place.where)
    if len(raw) > LARGEST_PAGE:
        return Skipped(path, f"the page is larger than {LARGEST_PAGE // 2**20} MiB", place.where)
    declared = record.http_headers.get_header("Content-Type") if record.http_headers else ""
    charset = (declared or "").lower().partition("charset=")[2].strip("\"' ;")
    return read_html(decode(raw, charset) if charset else decode_page(raw), place, address=address)


def _kind(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()
