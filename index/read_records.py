"""Many articles in one file: JSON, JSON Lines, and tables (CSV, TSV). One bad record never costs the others.

Which column holds what is guessed from the usual names (columns.py) or told.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, BinaryIO

from index.columns import Columns
from index.decode import ERRORS, clean, decode, guess_encoding, tidy_paragraphs, unescape
from index.draft import Facts, Place, make_draft
from index.quoting import read_rows
from index.read_annotations import LOOSE, find_annotations, is_annotation, read_annotations
from index.read_html import has_markup, strip_markup
from index.records import Draft, Skipped
from index.unpack import LARGEST_FILE, LARGEST_RECORD, OnShare, read_all

_CONTAINERS = ("articles", "items", "data", "docs", "documents", "results", "records", "entries", "stories", "news")
_DELIMITERS = ",\t;|"
_LONGEST_HEADER = 2**20  # characters of a table's first row: ten thousand columns, each with a long name


def read_lines(stream: BinaryIO, path: str, columns: Columns) -> Iterator[Draft | Skipped]:
    """Yield the article of each line of JSON Lines, reading one line at a time."""
    lines = _as_text(stream, newline=None)
    number = 0
    while line := lines.readline(LARGEST_RECORD + 1):
        number += 1
        place = Place(path, f"line {number}")
        if len(line) > LARGEST_RECORD and not line.endswith("\n"):
            yield Skipped(path, f"larger than {LARGEST_RECORD // 2**20} MiB", place.where)
            _pass_over_line(lines)
        elif line.strip():
            yield _read_json_line(line, place, columns)


def read_json(stream: BinaryIO, path: str, columns: Columns, on_share: OnShare) -> Iterator[Draft | Skipped]:
    """Yield the articles of a JSON file: a list, an object that holds a list, one article, or JSON Lines misnamed."""
    text = decode(read_all(stream, LARGEST_FILE)).lstrip("\ufeff")
    try:
        data = json.loads(text)
    except RecursionError:
        yield Skipped(path, "JSON nested too deeply")
        return
    except ValueError as error:
        if str(error).startswith("Extra data") and text.lstrip().startswith("{"):
            yield from read_lines(io.BytesIO(text.encode("utf-8", "surrogatepass")), path, columns)
        else:
            yield Skipped(path, f"not valid JSON: {error}")
        return
    annotations = None if columns.told else find_annotations(data)
    if annotations is not None:
        yield from read_annotations(annotations, path)
        return
    items = _find_items(data, columns)
    if items is None:
        yield _read_record(data, Place(path), columns)
        return
    for number, item in enumerate(items, start=1):
        on_share(number / len(items))
        yield _read_record(item, Place(path, f"item {number}"), columns)


def read_table(stream: BinaryIO, path: str, columns: Columns) -> Iterator[Draft | Skipped]:
    """Yield the article of each row of a table whose first row names the columns."""
    csv.field_size_limit(LARGEST_RECORD)
    text = _as_text(stream, newline="")
    header_line = text.readline(_LONGEST_HEADER).lstrip("\ufeff")
    if len(header_line) >= _LONGEST_HEADER - 1:
        yield Skipped(path, "the first row is too long to name columns")
        return
    delimiter = max(_DELIMITERS, key=header_line.count)
    try:
        header = [name.strip() for name in next(csv.reader([header_line], delimiter=delimiter), [])]
    except csv.Error as error:
        yield Skipped(path, f"the first row cannot be read: {error}")
        return
    if not columns.has_text(header):
        yield Skipped(path, columns.no_text(header))
        return
    for number, row in read_rows(text, delimiter, width=len(header)):
        place = Place(path, f"line {number + 1}")  # the header is line 1
        if isinstance(row, str):
            yield Skipped(path, row, place.where)
        elif len(row) > len(header):
            # A delimiter in a cell without quotes: which column each piece belongs to can only be guessed.
            yield Skipped(path, f"has {len(row)} cells where the first row has {len(header)}", place.where)
        elif any(cell.strip() for cell in row):
            yield _read_record(dict(zip_longest(header, row, fillvalue="")), place, columns)


def _read_json_line(line: str, place: Place, columns: Columns) -> Draft | Skipped:
    try:
        record = json.loads(line.lstrip("\ufeff"))
    except RecursionError:
        return Skipped(place.path, "JSON nested too deeply", place.where)
    except ValueError as error:
        return Skipped(place.path, f"not valid JSON: {error}", place.where)
    return _read_record(record, place, columns)


def _read_record(record: Any, place: Place, columns: Columns) -> Draft | Skipped:
    if not isinstance(record, Mapping):
        return Skipped(place.path, f"not an article but {_kind_of(record)}", place.where)
    if is_annotation(record) and not columns.told:
        return Skipped(place.path, LOOSE, place.where)  # its text would be the reader's, its day that of the reading
    if not columns.has_text(record):
        return Skipped(place.path, columns.no_text(record), place.where)
    try:
        text, facts = columns.text_of(record), columns.facts_of(record)
    except RecursionError:
        return Skipped(place.path, "JSON nested too deeply", place.where)
    if has_markup(text):
        text = strip_markup(text)
    return _make(text, facts, place)


def _make(text: str, facts: Facts, place: Place) -> Draft | Skipped:
    return make_draft(tidy_paragraphs(clean(unescape(text))), facts, place)


def _find_items(data: Any, columns: Columns) -> list[Any] | None:
    """Return the list of records that `data` is or holds, or None where it is one record itself."""
    if isinstance(data, list):
        return data
    if not isinstance(data, dict) or columns.has_text(data):
        held = None if not isinstance(data, dict) else next(_lists(data), None)
        # An object with a text of its own is an article, unless what looks like its text is the list of articles.
        return held if held and isinstance(held[0], dict) else None
    return next(_lists(data), None)


def _lists(data: dict[str, Any]) -> Iterator[list[Any]]:
    names = {str(name).lower(): name for name in data}
    for container in _CONTAINERS:
        value = data.get(names.get(container, ""))
        if isinstance(value, list):
            yield value
        elif isinstance(value, dict):
            yield from _lists(value)


def _kind_of(record: Any) -> str:
    if record is None:
        return "null"
    return {list: "a list", str: "a text", bool: "a truth value"}.get(type(record), "a number")


def _as_text(stream: BinaryIO, *, newline: str | None) -> io.TextIOWrapper:
    sample = stream.peek(65536)[:65536] if isinstance(stream, io.BufferedReader) else stream.read(65536)
    if not isinstance(stream, io.BufferedReader):
        stream.seek(0)
    return io.TextIOWrapper(stream, guess_encoding(sample), ERRORS, newline=newline)


def _pass_over_line(lines: io.TextIOWrapper) -> None:
    while (piece := lines.readline(LARGEST_RECORD)) and not piece.endswith("\n"):
        pass
