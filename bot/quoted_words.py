"""Whether what a sentence gives between quotation marks stands so, word for word, in one of its quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# From a mark to its partner; a sentence may end, or begin, before the partner comes.
_MARKED = re.compile(r"“([^”]*)|^([^“”]*)(?=”)|\"([^\"]*)\"")
_LEFT_OUT = re.compile(r"…|\.\.\.|\[[^\]]*\]")  # "We won … at last": each part must stand in the quote
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def quoted_words_missing(text: str, quotes: Sequence[str]) -> list[str]:
    """Return the parts of `text` between quotation marks that no quote has word for word."""
    folded = [_fold(quote) for quote in quotes]
    return [part for part in _marked_parts(text) if not any(_fold(part) in quote for quote in folded)]


def has_lone_mark(text: str) -> bool:
    """Return whether a quotation begins in `text` that does not end there, or ends that does not begin."""
    return text.count("“") != text.count("”") or text.count('"') % 2 == 1


def _marked_parts(text: str) -> Iterator[str]:
    for match in _MARKED.finditer(text):
        for part in _LEFT_OUT.split(next(filter(None, match.groups()), "")):
            if _WORD.search(part):
                yield part.strip(" ,.;:!?—–-")


def _fold(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.replace('’', chr(39)).casefold()))} "
