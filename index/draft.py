"""What every reader ends with: the facts it found and the text, made into a Draft with its marks.

Facts that the file states win over those read from the first lines of the text.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from index.decode import clean_line
from index.kinds import tell_kind
from index.opening import mark_lines, read_opening
from index.records import Draft, Mark, Skipped, Source

_AGENCIES = frozenset(
    {"AP", "Associated Press", "Reuters", "REUTERS", "AFP", "Agence France-Presse", "UPI", "Bloomberg"}
)
_LONGEST_FACT = 500  # characters; a longer title or name is a whole text in the wrong column


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says about an article beside its text, as it says it; empty where it says nothing."""

    title: str = ""
    outlet: str = ""
    author: str = ""
    published: date | None = None
    url: str = ""
    section: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article was found: the file, and the record in it ("line 7")."""

    path: str
    where: str = ""


def make_draft(
    text: str, facts: Facts, place: Place, *, has_headline: bool = False, known: tuple[Mark, ...] = ()
) -> Draft | Skipped:
    """Return the draft of a clean, tidied `text`, or Skipped where it is empty.

    With `has_headline` the first line may be the headline; `known` are marks that the reader made itself.
    """
    if not text.strip():
        return Skipped(place.path, "the article has no text", place.where)
    opening = read_opening(text, title=_short(facts.title), has_headline=has_headline)
    known = tuple(sorted(known, key=lambda mark: mark.start))
    marks = [mark for mark in mark_lines(text, opening) if not _touches(mark, known)]
    # The address before the byline: an agency's story belongs to the site that carries it, and one outlet has one name.
    source = Source(
        title=opening.title,
        outlet=_short(facts.outlet) or host_of(facts.url) or opening.outlet,
        author=_short(facts.author) or opening.author,
        published=facts.published or opening.published,
        url=clean_line(facts.url),
        path=place.path,
    )
    kind = tell_kind(section=f"{facts.section},{opening.kicker}", title=source.title, url=source.url)
    in_order = tuple(sorted((*marks, *known), key=lambda mark: mark.start))
    return Draft(source, text, in_order, kind, key=clean_line(facts.key), where=place.where)


def host_of(url: str) -> str:
    """Return the host of an address without its `www.`, or the empty string."""
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _touches(mark: Mark, others: tuple[Mark, ...]) -> bool:
    """Return whether one of `others`, which are in order and apart, shares a character with `mark`."""
    before = bisect_left(others, mark.end, key=lambda other: other.start)
    return before > 0 and others[before - 1].end > mark.start


def _short(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= _LONGEST_FACT else ""
