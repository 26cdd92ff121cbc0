"""One line at the top of an article, read as a byline: who wrote it, for whom, and when.

Knows nothing of files or of the lines around it. A line that also reads as a sentence is no byline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from index.dates import find_published

_LONGEST = 220  # characters
_UPPER = "A-ZÀ-ÖØ-ÞĀ-Ž"
_WORD = rf"(?:[{_UPPER}][\w’'.-]*|(?:de|da|del|della|di|du|la|le|van|von|der|den|ter|bin|bint|al|el|y|e|st\.)(?=\s))"
_NAME = re.compile(rf"{_WORD}(?:\s+{_WORD}){{1,4}}")
_BY = re.compile(
    r"(?:(?:[Ww]ritten|[Rr]eported|[Ss]tory|[Tt]ext|[Ww]ords|[Aa]nalysis|[Cc]omment)\s+)?(?:[Bb]y|BY)[:\s]\s*"
)
_CUT = re.compile(r"\.\s+(?=[A-Z][a-z]{2,8}\.?\s\d{1,2},\s\d{4}$)|\s*[|•·►]\s*|\s+[–—-]{1,2}\s+|\s*;\s*")
_OUTLET_WORDS = re.compile(
    r"\b(?:Times|Post|News|Courier|Herald|Tribune|Gazette|Chronicle|Journal|Daily|Weekly|Press|Observer|Guardian"
    r"|Star|Mail|Telegraph|Independent|Standard|Argus|Echo|Sentinel|Register|Bulletin|Dispatch|Examiner|Enquirer|Inquirer|Review"
    r"|Monitor|Mirror|Globe|Sun|Record|Republic|Ledger|Reporter|Today|Magazine|Radio|Television|TV|Agency|Service|Network"
    r"|Reuters|Bloomberg|Associated|Wire|Broadcasting|Media|Politico|Reviewed|NerdWallet|Wikinews|Online)\b|\.(?:com|org|net)\b"
)
_CAPITALS = re.compile(r"(?:[A-Z]{2,}[\d/]*)(?:\s+(?:[A-Z]{2,}|Business|News|Sports|Today|Opinion|Politics))*")
_ROLE = re.compile(
    r"\b(?:(?:senior|chief|staff|special|foreign|political|science|business|sports?|news|health|local|guest|contributing)\s+)*"
    r"(?:staff\s+writer|staff|writers?|reporters?|correspondents?|editors?|columnists?|contributors?|bureau\s+chief|producer)\b",
    re.IGNORECASE,
)
_FOR = re.compile(r"^(?:special\s+(?:to|for)|for|of|from)\s+(?:the\s+(?=The\b))?", re.IGNORECASE)
_DATE_WORDS = re.compile(
    r"\b(?:first|last|originally)?\s*\b(?:published|updated|posted|modified|edited|created|filed|date|publi[sc]ation|at|on|am|pm"
    r"|mon|tues?|wed|thurs?|thur|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight|local\s+time|hrs?"
    r"|[ecmpg][sd]?t|utc|hkt|bst|cet|cest|ist|aest|jst|a\.m|p\.m"
    r"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September|October"
    r"|November|December|The|This|That|Contrast|Comparison|Law|Then|Now|Far|Definition)\b"
)
_DIGITS = re.compile(
    r"\d{1,2}(?:[:.]\d{2}){1,2}\s*(?:[ap]\.?m\b\.?)?|\d+(?:st|nd|rd|th)?|[TZ](?=[\s+-]|$)", re.IGNORECASE
)
_TIME = re.compile(r"\s*(?:at\s+)?\d{1,2}(?::\d{2}){0,2}\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{2,4})?\s*", re.IGNORECASE)
_UPDATED = re.compile(r"\b(?:updated|modified|edited)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline says; what it does not say is empty. `is_update` dates a change, not the publication."""

    author: str = ""
    outlet: str = ""
    published: date | None = None
    is_update: bool = False


def parse_byline(line: str) -> Byline | None:
    """Return what the byline or date line says, or None where `line` is something else."""
    if len(line) > _LONGEST:
        return None
    if is_date_line(line):
        return Byline(published=find_published(line), is_update=_is_update(line))
    parts = [part for part in _CUT.split(line) if part]
    author = outlet = ""
    strong = False
    for part in parts:
        if is_date_line(part) or _TIME.fullmatch(part):
            strong = strong or bool(find_published(part))
        elif len(parts) > 1 and looks_like_outlet(part) and not _BY.match(part) and "," not in part:
            outlet = outlet or part
        elif signed := _parse_signed(part, has_date=len(parts) > 1):
            author, outlet, strong = author or signed.author, outlet or signed.outlet, True
        else:
            return None
    return Byline(author, outlet, find_published(line), _is_update(line)) if strong else None


def is_date_line(line: str) -> bool:
    """Return whether `line` is a date, with or without time and weekday, and nothing else."""
    if len(line) > 120 or not find_published(line):
        return False
    rest = _DIGITS.sub(" ", _DATE_WORDS.sub(" ", line))
    return not re.search(r"\w{2,}", rest)


def looks_like_outlet(text: str) -> bool:
    """Return whether `text` reads as the name of a newspaper, station or agency."""
    if not 2 <= len(text) <= 60 or text[-1] in ".?!:" or not text[0].isupper() or len(text.split()) > 6:
        return False
    small = [word for word in text.split() if word[0].islower()]
    return set(small) <= {"of", "the", "and", "for", "in"} and bool(
        _OUTLET_WORDS.search(text) or _CAPITALS.fullmatch(text)
    )


def looks_like_name(text: str) -> bool:
    """Return whether `text` reads as one person's name."""
    return len(text) <= 50 and bool(_NAME.fullmatch(text)) and not _NOT_NAMES.search(text) and text[-1] not in "?!:"


def _is_update(line: str) -> bool:
    return bool(_UPDATED.search(line)) and not re.search(r"\b(?:published|posted)\b", line, re.IGNORECASE)


def _parse_signed(part: str, *, has_date: bool) -> Byline | None:
    """Read "By Jane Doe and John Roe, The Courier", or without the "By" where an outlet or a date follows."""
    by = _BY.match(part)
    rest = part[by.end() :].strip() if by else part
    date_at = re.search(r",?\s+(?=(?:Published|Updated|Posted)\b)", rest)
    rest = rest[: date_at.start()] if date_at else rest
    names, outlet = _split_names(rest)
    if by and not names and (looks_like_outlet(rest) or rest.lower() in ("staff", "staff reporter", "staff writer")):
        return Byline(author=rest)
    if not names or not (by or has_date or looks_like_outlet(outlet)):
        return None
    return Byline(", ".join(names), outlet)


def _split_names(text: str) -> tuple[list[str], str]:
    """Return the names a byline begins with and the outlet it ends with; no names where it is not a byline."""
    text = re.sub(r"\s+in\s+[A-Z][\w.\s]+$", "", text)
    head, _, tail = text.partition(" for ")
    segments = re.split(r"\s*,\s*(?:and\s+|&\s+)?|\s+(?:and|with|&)\s+", head)
    joined = re.split(r"\s+(?:and|with|&)\s+", head)[-1].split(",")[0].strip()  # the last of the names joined by "and"
    names: list[str] = []
    outlet = tail
    for segment in segments:
        bare = _FOR.sub("", _ROLE.sub("", segment).strip(" ,")).strip()
        if not names or (segment == joined and not outlet):
            if not looks_like_name(segment) or (looks_like_outlet(segment) and names):
                return [], ""
            names.append(segment)
        elif not bare:
            continue
        elif looks_like_name(segment) and " and " in head and head.index(segment) < head.rindex(" and "):
            names.append(segment)
        elif bare[0].isupper() and len(bare) <= 60:
            outlet = outlet or bare
        else:
            return [], ""
    return names, outlet
