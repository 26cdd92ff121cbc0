"""E-mail to drafts, one a message: newsletters in mbox files or alone, and pages that browsers save as MHTML.

Attachments and messages within messages are left alone; of a message in two forms its HTML is read, which has no lines
cut at 72 letters and no addresses between the words.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from typing import BinaryIO

from index.byline import looks_like_name, looks_like_outlet
from index.dates import parse_published
from index.decode import clean, clean_line, decode, tidy_paragraphs
from index.draft import Facts, Place, make_draft
from index.read_html import decode_page, read_html, strip_markup
from index.records import Draft, Skipped
from index.unpack import LARGEST_RECORD

_MOST_NESTED = 100  # parts that hold parts; a saved page has one, with hundreds of pictures in it
_MOST_LOOKS = 20_000_000  # lines times these: email looks at each line for the end of every part that it may be in
_LONGEST_TYPE = 10_000  # bytes; the time to read a type grows with the square of its length
_TYPE = re.compile(rb"(?:\A|[\r\n])content-type:(?>[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE)
_HOLDS_PARTS = re.compile(rb"multipart|message", re.IGNORECASE)
_LONGEST_HEADER = 2000  # characters
_LONGEST_LINE = 2**20  # bytes read in one go; a longer line is read in pieces
_SEPARATOR = b"From "
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_SEVEN_BITS = ("iso-2022", "hz", "utf-7")  # codes that look like ASCII


def read_mbox(stream: BinaryIO, path: str) -> Iterator[Draft | Skipped]:
    """Yield the article of each message of an mbox file, reading one message at a time."""
    number = 0
    for number, raw in enumerate(_messages(stream), start=1):
        place = Place(path, f"message {number}")
        if raw is None:
            yield Skipped(path, f"larger than {LARGEST_RECORD // 2**20} MiB", place.where)
        else:
            yield read_message(_QUOTED_FROM.sub(rb"\1", raw), place)
    if not number:
        yield Skipped(path, 'not an mbox file: no line begins with "From "')


def read_message(raw: bytes, place: Place) -> Draft | Skipped:
    """Return the article that a message is, or Skipped where it has no text of its own."""
    message = _parse(raw)
    if message is None:
        return Skipped(place.path, "the message is a maze of parts", place.where)
    if message.get_content_type() == "multipart/encrypted" or "pkcs7-mime" in message.get_content_type():
        return Skipped(place.path, "the message is encrypted", place.where)
    text = _text(message)
    if not text:
        return Skipped(place.path, "the message has no text", place.where)
    return make_draft(text, _facts(message), place)


def read_mhtml(raw: bytes, place: Place) -> Draft | Skipped:
    """Return the article of a page that a browser saved as one file with its pictures."""
    message = _parse(raw)
    if message is None:
        return Skipped(place.path, "the page is saved as a maze of parts", place.where)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            address = _header(message, "Snapshot-Content-Location") or _header(part, "Content-Location")
            page = decode(content, charset) if (charset := _charset(part)) else decode_page(content)
            return read_html(page, place, address=address)
    return Skipped(place.path, "no page is in it", place.where)


def _messages(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield each message of an mbox without its separator, and None for one that is too large."""
    lines: list[bytes] | None = None
    size, after_blank, at_start = 0, True, True
    while line := stream.readline(_LONGEST_LINE):
        if at_start and after_blank and line.startswith(_SEPARATOR):
            if lines is not None:
                yield b"".join(lines) if size <= LARGEST_RECORD else None
            lines, size = [], 0
        elif lines is not None:
            size += len(line)
            if size <= LARGEST_RECORD:
                lines.append(line)
        after_blank = at_start and not line.strip()
        at_start = line.endswith(b"\n")
    if lines is not None:
        yield b"".join(lines) if size <= LARGEST_RECORD else None


def _parse(raw: bytes) -> Message | None:
    """Return a message, or None for a maze of parts."""
    nested = 0
    for found in _TYPE.finditer(raw):
        nested += bool(_HOLDS_PARTS.search(found[0]))
        if len(found[0]) > _LONGEST_TYPE or nested > _MOST_NESTED:
            return None
    return None if nested * raw.count(b"\n") > _MOST_LOOKS else email.message_from_bytes(raw)


def _facts(message: Message) -> Facts:
    name, _, address = _header(message, "From").rpartition("<")  # email's own reader of it recurses without bound
    name, host = name.strip("\"' "), address.strip("<> ").rpartition("@")[2].lower()
    group = _header(message, "List-Id").partition("<")[0].strip(' "')
    is_person = looks_like_name(name) and not looks_like_outlet(name)
    return Facts(
        title=clean_line(_header(message, "Subject")),
        outlet=group or (host if is_person else name or host),
        author=name if is_person else "",
        published=parse_published(_header(message, "Date")),
        url=_header(message, "Archived-At").strip("<> "),
        key=_header(message, "Message-ID").strip("<> "),
    )


def _header(message: Message, name: str) -> str:
    """Return a header's words, decoded where they are encoded and where they should have been."""
    for found, value in message.raw_items():
        if found.lower() == name.lower():
            plain = decode(str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape"))
            try:
                pieces = decode_header(" ".join(plain.split()))
            except (MessageError, ValueError):
                return clean_line(plain)
            return clean_line(
                "".join(each if isinstance(each, str) else decode(each, code or "") for each, code in pieces)
            )
    return ""


def _text(part: Message) -> str:
    """Return the words of a message or of one of its parts, without what is attached."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        parts = [each for each in part.get_payload() if isinstance(each, Message)]
        if kind == "multipart/alternative":
            forms = [text for each in sorted(parts, key=_is_plain) if (text := _text(each))]
            return forms[0] if forms else ""
        return "\n\n".join(filter(None, map(_text, parts)))
    if part.get_content_disposition() == "attachment" or kind not in ("text/html", "text/plain"):
        return ""
    raw = part.get_payload(decode=True)
    text = _decoded(raw if isinstance(raw, bytes) else b"", _charset(part))
    return clean(strip_markup(text)) if kind == "text/html" else tidy_paragraphs(clean(text))


def _is_plain(part: Message) -> bool:
    return part.get_content_type() == "text/plain"


def _charset(part: Message) -> str:
    found = part.get_content_charset("")
    return found if isinstance(found, str) else ""


def _decoded(raw: bytes, charset: str) -> str:
    if charset.startswith(_SEVEN_BITS):
        try:
            return raw.decode(charset, "replace")
        except (LookupError, ValueError):
            return decode(raw)
    return decode(raw, charset)
