"""The pages of a PDF to paragraphs: lines joined, words made whole, and what stands on every page left out.

A page has lines and no paragraphs, so where one ends is judged by the lines' lengths and how they end. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

_EDGE = 2  # lines at the top and the bottom of a page among which running heads and page numbers are
_FEWEST = 3  # pages that a line must stand on to be a running head
_NUMBER = re.compile(r"(?:page|p\.)?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ENDS = tuple('.!?:”"’)…')
_FULL = 0.75  # of the usual length: a shorter line ends its paragraph
_USUAL = 0.9  # of all lines are no longer than the usual length


def join_pages(pages: Sequence[str]) -> str:
    """Return the text of all pages, paragraphs divided by a blank line."""
    lined = [[" ".join(line.split()) for line in page.split("\n")] for page in pages]
    heads = _running_heads(lined)
    bodies = [_body(lines, heads) for lines in lined]
    known = Counter(word for lines in bodies for line in lines for word in _WORD.findall(line.lower()))
    lengths = sorted(len(line) for lines in bodies for line in lines if line)
    usual = lengths[min(int(len(lengths) * _USUAL), len(lengths) - 1)] if lengths else 0
    return "\n\n".join(_paragraphs([line for lines in bodies for line in lines], known, usual))


def _running_heads(pages: Sequence[list[str]]) -> frozenset[str]:
    """Return the lines that stand at the edges of at least half of the pages, whatever numbers are in them."""
    counts: Counter[str] = Counter()
    for lines in pages:
        counts.update({_plain(line) for line in _edges(lines)})
    most = max(_FEWEST, len(pages) / 2)
    return frozenset(line for line, count in counts.items() if count >= most and line)


def _edges(lines: Sequence[str]) -> list[str]:
    filled = [line for line in lines if line]
    return filled[:_EDGE] + filled[-_EDGE:]


def _plain(line: str) -> str:
    return re.sub(r"\d+", "0", line.casefold())


def _body(lines: list[str], heads: frozenset[str]) -> list[str]:
    """Return a page's lines without heads and page numbers at its edges."""
    filled = [place for place, line in enumerate(lines) if line]
    edges = {*filled[:_EDGE], *filled[-_EDGE:]}
    first_last = {*filled[:1], *filled[-1:]} if len(filled) > 1 else set()

    def is_left_out(place: int) -> bool:
        return (place in edges and _plain(lines[place]) in heads) or (
            place in first_last and bool(_NUMBER.fullmatch(lines[place]))
        )

    kept = [line for place, line in enumerate(lines) if not is_left_out(place)]
    while kept and not kept[0]:
        del kept[0]
    while kept and not kept[-1]:
        del kept[-1]
    return kept


def _paragraphs(lines: list[str], known: Counter[str], usual: int) -> Iterator[str]:
    paragraph = ""
    for line, following in pairwise([*lines, ""]):
        paragraph = _joined(paragraph, line, known)
        if paragraph and (not line or not following or _is_last(line, following, usual)):
            yield paragraph
            paragraph = ""


def _is_last(line: str, following: str, usual: int) -> bool:
    """Return whether a paragraph, or a headline, ends with a line."""
    if following[0].islower() or line.endswith(("-", "\u00ad", "\u2010", ",", ";")):
        return False
    is_short = len(line) < _FULL * usual
    return is_short and (line.endswith(_ENDS) or len(line) + len(following.split(" ", 1)[0]) < _FULL * usual)


def _joined(paragraph: str, line: str, known: Counter[str]) -> str:
    """Return a paragraph with its next line; a word that the line's end cut is whole where the text has it whole."""
    broken = _BROKEN_WORD.search(paragraph)
    rest = _WORD.match(line)
    if not broken or not rest or not rest[0][0].islower():
        return f"{paragraph} {line}".strip()
    with_hyphen, whole = f"{broken[1]}-{rest[0]}".lower(), f"{broken[1]}{rest[0]}".lower()
    if paragraph[-1] == "-" and known[with_hyphen] > known[whole]:
        return paragraph + line
    return paragraph[: broken.end(1)] + line
