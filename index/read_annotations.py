"""Exports of Hypothesis, where readers mark passages of web pages: one article a page, of the marked passages alone.

A marked passage is in the page's own words and may be quoted as such. What readers wrote beside it is theirs: it stays
visible and is never searched or quoted. The day on which they marked it is not the day of publication.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from index.dates import find_published_in_url
from index.decode import clean, clean_line
from index.draft import host_of
from index.kinds import tell_kind
from index.records import Draft, Mark, Skipped, Source

EXCERPTS = "[Passages that readers marked in this page, and not the whole of it. The notes are the readers’ own.]"
NO_PASSAGE = "readers’ notes on a page, and no passage of the page itself"
LOOSE = "a single annotation of Hypothesis, which says more of its reader than of the page; read is its whole export"
_GAP = "[…]"  # between two passages, so that no reading goes on from one into the next
_CONTAINERS = ("rows", "annotations")  # of the API's answers, and of the files that its sidebar exports
_PROXY = re.compile(r"https?://via\.hypothes\.is/(?=https?://)")
_ACCOUNT = re.compile(r"acct:([^@]{1,60})@")
_LONGEST_TITLE = 500  # characters, as in draft.py


@dataclass(frozen=True, slots=True)
class _Annotation:
    """A reader's mark in a page: the passage, and the note beside it; one of them may be empty."""

    address: str
    title: str
    passage: str
    note: str
    place: tuple[float, str]  # in the page, and in time


def find_annotations(data: Any) -> list[Any] | None:
    """Return the annotations that a file of JSON holds, or None where it is no export of Hypothesis."""
    held = data if isinstance(data, list) else None
    if isinstance(data, Mapping):
        held = next((data[name] for name in _CONTAINERS if isinstance(data.get(name), list)), None)
    return held if held and is_annotation(held[0]) else None


def is_annotation(record: Any) -> bool:
    """True for one annotation as Hypothesis gives it out."""
    return (
        isinstance(record, Mapping)
        and isinstance(record.get("uri"), str)
        and isinstance(record.get("target"), list)
        and str(record.get("user")).startswith("acct:")
    )


def read_annotations(records: list[Any], path: str) -> Iterator[Draft | Skipped]:
    """Yield an article for each annotated page, of the passages in the order in which they stand in it."""
    for number, record in enumerate(records, start=1):
        if not is_annotation(record):
            yield Skipped(path, "not an annotation", f"item {number}")
    found = [_read(record) for record in records if is_annotation(record)]
    pages: dict[str, list[_Annotation]] = {}
    for annotation in found:
        pages.setdefault(annotation.address, []).append(annotation)
    for address, marked in pages.items():
        yield _make(address, sorted(marked, key=lambda each: each.place), path)


def _make(address: str, marked: list[_Annotation], path: str) -> Draft | Skipped:
    notes_of: dict[str, list[str]] = {}  # a passage that two readers marked stands there once
    for annotation in marked:
        notes = notes_of.setdefault(annotation.passage, [])
        if annotation.note:
            notes.append(annotation.note)
    of_page = notes_of.pop("", [])
    if not notes_of:
        return Skipped(path, NO_PASSAGE, address)
    text, marks = _write(_paragraphs(notes_of, of_page))
    url = address if address.startswith(("http://", "https://")) else ""
    title = next((each.title for each in marked if each.title), "")
    source = Source(title, host_of(url), "", find_published_in_url(url), url, path)
    return Draft(source, text, marks, tell_kind(title=title, url=url), where=address)


def _paragraphs(notes_of: Mapping[str, list[str]], of_page: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield the article's paragraphs, and of each whether it is in the page's words."""
    yield EXCERPTS, False
    for number, (passage, notes) in enumerate(notes_of.items()):
        if number:
            yield _GAP, False
        yield passage, True
        yield from ((note, False) for note in notes)
    yield from ((note, False) for note in of_page)


def _write(paragraphs: Iterable[tuple[str, bool]]) -> tuple[str, tuple[Mark, ...]]:
    """Join paragraphs to a text in which all that is not the page's is marked as furniture."""
    pieces: list[str] = []
    marks: list[Mark] = []
    length = 0
    for is_pages, group in groupby(paragraphs, key=lambda each: each[1]):
        piece = "\n\n".join(paragraph for paragraph, _ in group)
        if not is_pages:
            marks.append(Mark(length, length + len(piece), "furniture"))
        pieces.append(piece)
        length += len(piece) + 2
    return "\n\n".join(pieces), tuple(marks)


def _read(record: Mapping[str, Any]) -> _Annotation:
    selectors = {each.get("type"): each for target in _maps(record["target"]) for each in _maps(target.get("selector"))}
    start = selectors.get("TextPositionSelector", {}).get("start")
    document = record.get("document")
    titles = document.get("title") if isinstance(document, Mapping) else ""
    title = clean_line(_text(titles[0] if isinstance(titles, list) and titles else titles))
    return _Annotation(
        address=_PROXY.sub("", clean_line(record["uri"])),
        title=title if len(title) <= _LONGEST_TITLE else "",
        passage=_tidy(_text(selectors.get("TextQuoteSelector", {}).get("exact")), "\n\n"),
        note=_note_of(record),
        place=(
            float(start) if type(start) is int and abs(start) < 2**53 else float("inf"),
            _text(record.get("created")),
        ),
    )


def _note_of(record: Mapping[str, Any]) -> str:
    note = _tidy(_text(record.get("text")), " ")
    account = _ACCOUNT.match(record["user"])
    day = _text(record.get("created"))[:10]
    by = ", ".join(clean_line(part) for part in (account[1] if account else "a reader", day) if part)
    return f"[Note by {by}: {note}]" if note else ""


def _tidy(text: str, between: str) -> str:
    """Return a text with single spaces, and `between` where it has line ends."""
    lines = (" ".join(line.split()) for line in clean(text).split("\n"))
    return between.join(line for line in lines if line)


def _maps(value: Any) -> list[Mapping[Any, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
