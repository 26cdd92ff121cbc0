"""The cited articles for a bibliography: BibTeX, which BibLaTeX reads too, and CSL-JSON, which Zotero imports.

One entry an article, in the order in which they were first cited; its key is made of the article alone, so that it is
the same in every export. What only comes near to a refusal is no source and is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote as percent

from bot.markup import web_address
from bot.records import Answer, Citation
from bot.show import plain
from index.records import Source
from index.selection import names_of

Csl = dict[str, object]


@dataclass(frozen=True, slots=True)
class Dated:
    """An answer with the day on which its articles were read for it."""

    answer: Answer
    read_on: date


@dataclass(frozen=True, slots=True)
class Reference:
    """An article with all the words that were quoted of it; `key` names it in a bibliography."""

    key: str
    article_id: str
    source: Source
    quotes: tuple[str, ...]
    read_on: date


def references(answers: Iterable[Dated]) -> tuple[Reference, ...]:
    """Return each cited article once, with the day on which it was last read and its quotes in their order."""
    cited: dict[str, tuple[Citation, list[str], date]] = {}
    for dated in answers:
        for citation in dated.answer.all_citations:
            first, quotes, day = cited.setdefault(citation.article_id, (citation, [], dated.read_on))
            quote = _line(citation.quote)
            quotes += [] if quote in quotes else [quote]
            cited[citation.article_id] = (first, quotes, max(day, dated.read_on))
    return tuple(
        Reference(key_of(one), one.article_id, one.source, tuple(quotes), day) for one, quotes, day in cited.values()
    )


def key_of(citation: Citation) -> str:
    """Return a key such as holm2017-3f2a91c0: ASCII, and the same whatever else is cited."""
    names = names_of(citation.source.author)
    plainly = unicodedata.normalize("NFKD", _parts(names[0])[1] if names else citation.source.outlet)
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plainly if not unicodedata.combining(c)).lower())
    year = citation.source.published.year if citation.source.published else ""
    mark = hashlib.sha256(citation.article_id.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{(words or ['article'])[-1 if names else 0][:24]}{year}-{mark}"


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _title(source: Source) -> str:
    return _line(source.title or source.path.replace("\\", "/").rpartition("/")[2]) or "Untitled article"


# Words that are no person's name are left whole: a single one, an agency's, one with figures.
_NO_PERSON = re.compile(
    r"\d|\b(?:agency|agencies|news|press|staff|desk|editors?|board|team|service|correspondents?|reporters?|and)\b",
    re.IGNORECASE,
)


def _parts(name: str) -> tuple[str, str]:
    """Return the given and the family name, particles with the latter; for what is no person's name ("", name)."""
    if name.count(",") == 1:  # "Lee, Ann", which names_of leaves together
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    words = name.split()
    if not 1 < len(words) < 6 or "," in name or _NO_PERSON.search(name):
        return "", name
    particles = [place for place, word in enumerate(words[1:-1], 1) if word[0].islower()]
    cut = particles[0] if particles else len(words) - 1
    return " ".join(words[:cut]), " ".join(words[cut:])


# --- BibTeX --------------------------------------------------------------------------------------------------

# As commands with an empty group: BibTeX counts braces also where a backslash stands before them.
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{mark: f"\\{mark}" for mark in "$&#_%"},
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def to_bibtex(answers: Iterable[Dated]) -> str:
    """Return the cited articles as BibTeX in UTF-8; empty where nothing is cited."""
    return "\n".join(_entry(reference) for reference in references(answers))


def latex(text: str) -> str:
    """Return `text` on one line as LaTeX that prints exactly it."""
    return _line(text).translate(_LATEX)


def _entry(reference: Reference) -> str:
    source = reference.source
    kind = "article" if source.outlet else "online" if web_address(source.url) else "misc"
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(reference))
    return f"@{kind}{{{reference.key},\n{fields}}}\n"


def _fields(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield what is known; `date` and `urldate` are BibLaTeX's, `year` and `month` BibTeX's own."""
    source, day, url = reference.source, reference.source.published, web_address(reference.source.url)
    yield "title", f"{{{{{latex(_title(source))}}}}}"  # twice, so that no style changes its capitals
    if names := names_of(source.author):
        yield "author", f"{{{' and '.join(_bibtex_name(name) for name in names)}}}"
    if source.outlet:
        yield "journal", f"{{{latex(source.outlet)}}}"
        yield "entrysubtype", "{newspaper}"
    if day:
        yield "date", f"{{{day.isoformat()}}}"
        yield "year", f"{{{day.year}}}"
        yield "month", _MONTHS[day.month - 1]
    if url:
        yield "url", f"{{{percent(url, safe=_IN_AN_ADDRESS)}}}"
        yield "urldate", f"{{{reference.read_on.isoformat()}}}"
    # Not `note`, which styles print after the title.
    yield "annote", f"{{{latex(' '.join(f'“{quote}”' for quote in reference.quotes))}}}"
    yield "keywords", f"{{byline:{latex(reference.article_id)}}}"


_IN_AN_ADDRESS = "%/:=&?~#+!$,;'@()*[]"


def _bibtex_name(name: str) -> str:
    given, family = _parts(name)
    return f"{latex(family)}, {latex(given)}" if given else f"{{{latex(name)}}}"


# --- CSL-JSON ------------------------------------------------------------------------------------------------


def to_csl(answers: Iterable[Dated]) -> str:
    """Return the cited articles as CSL-JSON, a list of items."""
    return json.dumps([_item(one) for one in references(answers)], ensure_ascii=False, indent=2) + "\n"


def _item(reference: Reference) -> Csl:
    source, url = reference.source, web_address(reference.source.url)
    item: Csl = {
        "id": reference.key,
        "type": "article-newspaper" if source.outlet else "webpage" if url else "document",
        "title": _title(source),
    }
    if names := names_of(source.author):
        item["author"] = [_csl_name(name) for name in names]
    if source.outlet:
        item["container-title"] = _line(source.outlet)
    if source.published:
        item["issued"] = _day(source.published)
    if url:
        item["URL"] = url
        item["accessed"] = _day(reference.read_on)
    item["note"] = _note(reference.article_id, reference.quotes)
    return item


def _note(article_id: str, quotes: Sequence[str]) -> str:
    return "\n".join([*(f"“{quote}”" for quote in quotes), f"Byline article {_line(article_id)}"])


def _csl_name(name: str) -> Csl:
    given, family = _parts(name)
    return {"family": _line(family), "given": _line(given)} if given else {"literal": _line(name)}


def _day(day: date) -> Csl:
    return {"date-parts": [[day.year, day.month, day.day]]}
