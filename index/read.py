"""Any file to drafts: chooses the reader by the file's name and first bytes, and turns what breaks into Skipped."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from index.columns import Columns
from index.decode import clean, decode, is_binary
from index.draft import Place
from index.errors import ExtraMissing
from index.read_epub import read_epub
from index.read_html import decode_page, looks_like_page, read_html
from index.read_mail import read_mbox, read_message, read_mhtml
from index.read_office import read_office
from index.read_pdf import read_pdf
from index.read_records import read_json, read_lines, read_table
from index.read_text import read_text
from index.read_warc import read_warc
from index.read_xml import read_xml
from index.records import Draft, Skipped
from index.unpack import LARGEST_FILE, OnShare, TooLarge, open_bytes, read_all
from index.walk import (
    EPUB_SUFFIXES,
    HTML_SUFFIXES,
    JSON_SUFFIXES,
    LINES_SUFFIXES,
    MARKDOWN_SUFFIXES,
    MBOX_SUFFIXES,
    MESSAGE_SUFFIXES,
    MHTML_SUFFIXES,
    OFFICE_SUFFIXES,
    PDF_SUFFIXES,
    TABLE_SUFFIXES,
    WARC_SUFFIXES,
    XML_SUFFIXES,
    ZIP_SUFFIXES,
    bare_suffix,
)
from index.zipped import read_zip

PACKED_SUFFIXES = PDF_SUFFIXES | OFFICE_SUFFIXES | EPUB_SUFFIXES | WARC_SUFFIXES


def ignore(share: float) -> None:
    """Take no notice."""


def read(file: Path, columns: Mapping[str, str] | None = None, on_share: OnShare = ignore) -> Iterator[Draft | Skipped]:
    """Yield the articles of `file` one by one, and Skipped with the reason for what is not one.

    `columns` names the column of a field where the usual names do not hold: `{"text": "corpo"}`.
    """
    told = Columns.of(columns)
    path = str(file)
    try:
        if bare_suffix(file) in ZIP_SUFFIXES:
            yield from read_zip(file, lambda stream, name: _read_stream(stream, Path(name), told, ignore), on_share)
        else:
            with open_bytes(file, on_share) as stream:
                yield from _read_stream(stream, file, told, on_share)
    except TooLarge as error:
        yield Skipped(path, str(error))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Skipped(path, f"cannot be read: {reason}")


def _read_stream(stream: BinaryIO, file: Path, columns: Columns, on_share: OnShare) -> Iterator[Draft | Skipped]:
    try:
        yield from _read_format(stream, file, columns, on_share)
    except ExtraMissing as error:
        yield Skipped(str(file), f"{error.wrong} {error.mend}")
    except RecursionError:
        yield Skipped(str(file), "nested too deeply")


def _read_format(stream: BinaryIO, file: Path, columns: Columns, on_share: OnShare) -> Iterator[Draft | Skipped]:
    path, suffix = str(file), bare_suffix(file)
    sample = _peek(stream)
    if not sample.strip():
        yield Skipped(path, "empty file")
    elif suffix in PACKED_SUFFIXES:
        yield from _read_packed(stream, suffix, Place(path))
    elif is_binary(sample):
        yield Skipped(path, "not text, whatever its name says")
    elif suffix in TABLE_SUFFIXES:
        yield from read_table(stream, path, columns)
    elif suffix in JSON_SUFFIXES or (suffix in LINES_SUFFIXES and sample.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"["):
        yield from read_json(stream, path, columns, on_share)
    elif suffix in LINES_SUFFIXES:
        yield from read_lines(stream, path, columns)
    elif suffix in MBOX_SUFFIXES:
        yield from read_mbox(stream, path)
    elif suffix in XML_SUFFIXES:
        yield from read_xml(read_all(stream), Place(path))
    else:
        yield _read_one(read_all(stream), suffix, Place(path))


def _read_packed(stream: BinaryIO, suffix: str, place: Place) -> Iterator[Draft | Skipped]:
    """Yield the articles of a format whose bytes are no text."""
    if suffix in WARC_SUFFIXES:
        yield from read_warc(stream, place.path)
    elif suffix in PDF_SUFFIXES:
        yield from read_pdf(read_all(stream, LARGEST_FILE), place)
    elif suffix in EPUB_SUFFIXES:
        yield from read_epub(read_all(stream, LARGEST_FILE), place)
    else:
        yield read_office(read_all(stream, LARGEST_FILE), place, suffix)


def _read_one(raw: bytes, suffix: str, place: Place) -> Draft | Skipped:
    """Return the one article of a page, a message or a text; a page is known by how it begins, too."""
    if suffix in MESSAGE_SUFFIXES:
        return read_message(raw, place)
    if suffix in MHTML_SUFFIXES:
        return read_mhtml(raw, place)
    if suffix in HTML_SUFFIXES or looks_like_page(clean(decode(raw[:4096]))):
        return read_html(decode_page(raw), place)
    return read_text(decode(raw), place, is_markdown=suffix in MARKDOWN_SUFFIXES)


def _peek(stream: BinaryIO) -> bytes:
    return stream.peek(8192)[:8192]  # type: ignore[attr-defined, no-any-return]
