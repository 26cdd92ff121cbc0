"""The rows of a table, each with its place, or with what is wrong with it. Knows no columns.

csv takes all that follows a quote which is never closed for one cell, and half an export for the text of one article.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain


class _Held:
    """Lines, of which those of the row that is being read are held."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.row: list[str] = []
        self.has_ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self.row.append(line)
            return line
        self.has_ended = True
        raise StopIteration


def read_rows(lines: Iterable[str], delimiter: str, *, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row's first line, from 1, with its cells, or with the reason why it has none.

    After a quote that is never closed the next lines are read as rows again, once, if they look like rows of `width`.
    """
    held, number, is_again = _Held(lines), 1, False
    rows = csv.reader(held, delimiter=delimiter)
    while True:
        try:
            row: list[str] | str = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            row = f"not a valid row: {error}"
        if held.has_ended and isinstance(row, list):  # csv asks for another line only inside a quote
            row = "a quote in it is never closed"
        yield number, row
        below = held.row[1:]
        if isinstance(row, str) and not is_again and _look_like_rows(below, delimiter, width):
            held, number, is_again = _Held(chain(below, held)), number + 1, True
            rows = csv.reader(held, delimiter=delimiter)
        else:
            number += len(held.row)
            held.row = []


def _look_like_rows(lines: list[str], delimiter: str, width: int) -> bool:
    """Return whether at least half of the lines have as many cells as the first row, which prose has not."""
    fitting = sum(line.count(delimiter) >= width - 1 and _count(line, delimiter) == width for line in lines)
    return width > 1 and 0 < len(lines) <= 2 * fitting


def _count(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0
