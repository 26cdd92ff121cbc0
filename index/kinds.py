"""What kind of article it is, from what its publisher says: section, headline prefix, address. News unless said."""

from __future__ import annotations

import re

from index.records import Kind

_SECTIONS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("correction", frozenset("correction corrections clarification clarifications".split())),
    ("interview", frozenset("interview interviews q&a entrevista entrevistas".split())),
    (
        "opinion",
        frozenset(
            "opinion opinions editorial editorials commentary comment column columns columnists op-ed oped"
            " commentisfree opinionnewsarticle letters viewpoint perspective"
            " meinung kommentar kommentare leitartikel gastbeitrag kolumne opinión tribuna columna".split()
        ),
    ),
)
_TITLES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("correction", re.compile(r"(?:correction|corrections|clarification|erratum)\s?[:|—–-]", re.IGNORECASE)),
    (
        "opinion",
        re.compile(
            r"(?:opinion|editorial|commentary|column|op-ed|viewpoint|kommentar|meinung|leitartikel|opinión)\s?[:|—–]",
            re.IGNORECASE,
        ),
    ),
    ("interview", re.compile(r"interview(?:\s?[:|—–]|\s+with\b)|q\s?&\s?a\b", re.IGNORECASE)),
)


def tell_kind(*, section: str = "", title: str = "", url: str = "") -> Kind:
    """Return the kind that the section, the headline's prefix or the address's path names."""
    path = re.sub(r"^\w+://[^/]*|[?#].*$", "", url)
    words = {part.strip().lower() for part in re.split(r"[,/|;>]| and ", section)} | {section.strip().lower()}
    folders = {part.lower() for part in path.split("/")[:-1]}
    for kind, names in _SECTIONS:
        if words & names or folders & names:
            return kind
    return next((kind for kind, pattern in _TITLES if pattern.match(title)), "news")
