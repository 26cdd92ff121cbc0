"""The parts of an article's text that are not its body: headline, bylines and date lines, captions, furniture.

`read_opening` takes what the first lines say about the article; `mark_lines` marks the whole text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from index.byline import Byline, is_date_line, looks_like_name, looks_like_outlet
from index.byline_foreign import read_byline
from index.furniture import each_line, is_furniture, mark_furniture
from index.records import Mark, Role

_LINES = 8  # how far down a byline is looked for
_HEADLINE = 220  # characters; the longest in 5,000 articles has 176
_CAPTION = 1500  # characters; galleries run their captions together

_WEEKDAY_DATE = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December) \d{1,2}, \d{4}"
)
# The day that a search engine puts before an excerpt: "Nov 6, 2017 ... The council". The excerpt may begin amid a
# sentence, which it shows by more dots. Behind a dash a day may be that of a first entry, as of a time line.
_EXCERPT_DATE = re.compile(
    r"(?P<day>(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.? \d{1,2}, \d{4}) ?(?:\.{3}|…|·)(?: ?(?:\.{3}|…))* (?=\S)"
)
# Possessive words here and below: a line of sixty capitals could else be cut into six of them in fifty million ways.
_DATELINE = re.compile(
    r"(?:[A-Z][\w.’'-]*+,? ?){0,6}"
    r"\(?(?:CNN(?: Business| Underscored| Español)?|AP|AFP|Reuters|REUTERS|UPI|WIKINEWS)\)?\s*[-–—]{1,2}"
)
_AGENCY = re.compile(r"^[^.]{0,60}?\(?\b(AP|CNN|AFP|Reuters|REUTERS|UPI)\b\)?(?:\s*[-–—]|\)\s)")
_AGENCIES = {"AP": "Associated Press", "REUTERS": "Reuters"}
_KICKERS = frozenset(
    "opinion politics world news sport sports business analysis breaking comment editorial exclusive feature features"
    " health interview local national science technology culture entertainment review correction"
    " politik wirtschaft panorama kultur meinung kommentar leitartikel wissen wissenschaft lokales"
    " política economía sociedad cultura deportes opinión internacional nacional ciencia entrevista".split()
)

_CREDIT = r"(?:Photo|Image|Picture|Photograph|Credit|AP Photo|File|Photos?|Illustration|Graphic|Courtesy|Handout)"
_CREDIT_HINT = re.compile(r"[/(|]|[Pp]hoto|PHOTO|[Ii]mage|[Pp]icture|Credit|[Cc]aption|FILE|File")  # spares most lines
_CAPTION_LINE = re.compile(
    rf"""(?:
      .*[(\[]\s?(?:(?:file|stock|archive)\s)?(?i:{_CREDIT})\b[^()]{{0,120}}[)\]]\.?
    | .*\((?:[^()]{{0,60}}[/,|]\s?)?(?:AP|AFP|Reuters|REUTERS|EPA|PA|Getty\sImages|Getty|Shutterstock)
        (?:\s?Images|/[^()]{{1,40}})?\)\.?
    | .*\((?:[A-Z][\w.’'-]++\s?+){{1,4}}[/|]\s?+(?:[A-Z][\w.’'-]++\s?+){{1,6}}\)
    | .{{3,}}\b(?:[Ii]mage|[Pp]hoto|[Pp]icture|[Pp]hotograph|Credit|[Pp]hoto\s[Cc]redit|[Pp]hoto\sby)\s?[:;]\s?
        [^.:;]{{2,80}}(?:\.?|\.[^.]{{0,60}}\.)
    | (?:Photo|Image|Picture|Caption|PHOTO|FILE\sPHOTO|FILE)\s?[:–—-]\s\S.{{10,}}
    | File\s(?:photo|image|picture)\sof\s.+
    | .+\b[Ff]ile\s(?:photo|image|picture)\.?
    | .*\bAP\sPhoto/[^.]{{2,60}}
    | .{{15,}}[.!?”"]\s[^.!?]{{2,70}}/(?:[\w\s-]+/)?
        (?:Getty\sImages|AP|Reuters|REUTERS|Shutterstock|Pool|AFP|EPA)(?:/[\w\s]+)?
    | .{{15,}}\s(?:via\s|/)Getty\sImages
    | (?i:enlarge\sthis\simage)\s.+|.+\s(?i:(?:hide|toggle)\scaption)
    | Photos?:\s.+(?i:hide\scaption).*
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first lines of an article say, and where they say it."""

    title: str = ""
    author: str = ""
    outlet: str = ""
    published: date | None = None
    kicker: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class _Reading:
    """The opening as far as it has been read."""

    opening: Opening
    updated: date | None = None
    in_body: bool = False

    def mark(self, start: int, end: int, role: Role) -> None:
        self.opening = replace(self.opening, marks=(*self.opening.marks, Mark(start, end, role)))

    def take(self, byline: Byline) -> None:
        """Keep what the byline says and nothing has said before; a date of publication counts before a change's."""
        had = self.opening
        if byline.is_update:
            self.updated = self.updated or byline.published
        published = had.published or (None if byline.is_update else byline.published)
        self.opening = replace(
            had, author=had.author or byline.author, outlet=had.outlet or byline.outlet, published=published
        )


def read_opening(text: str, *, title: str = "", has_headline: bool = False) -> Opening:
    """Return what the first lines of `text` say; with `has_headline` and no `title` the first of them is the title."""
    lines = [line for line, _ in zip(each_line(text), range(_LINES), strict=False)]
    reading = _Reading(Opening(title=title))
    if has_headline and not title:
        lines = _take_masthead(reading, lines)
    lines = _take_headline(reading, lines, may_be_new=has_headline and not title)
    for at, (start, line) in enumerate(lines):
        following = lines[at + 1][1] if at + 1 < len(lines) else ""
        _take_line(reading, start, line, following)
    agency = None if reading.opening.outlet else _find_agency(lines)
    found = replace(reading.opening, published=reading.opening.published or reading.updated)
    return replace(found, outlet=agency) if agency else found


def mark_lines(text: str, opening: Opening) -> tuple[Mark, ...]:
    """Return all marks of `text`, sorted and apart from each other: the opening's, and captions and furniture."""
    captions = (Mark(start, start + len(line), "caption") for start, line in each_line(text) if is_caption(line))
    # Of two readings of a line the opening's is the surest: a headline may begin with "Opinion:". Then furniture.
    marks = {mark.start: mark for mark in (*captions, *mark_furniture(text), *opening.marks)}
    apart = (mark for mark in marks.values() if mark in opening.marks or _is_clear(mark, opening))
    return tuple(sorted(apart, key=lambda mark: mark.start))


def is_caption(line: str) -> bool:
    """Return whether one line is a picture's caption with its credit."""
    return len(line) <= _CAPTION and bool(_CREDIT_HINT.search(line)) and bool(_CAPTION_LINE.fullmatch(line))


def _is_clear(mark: Mark, opening: Opening) -> bool:
    return all(mark.end <= other.start or other.end <= mark.start for other in opening.marks)


def _take_masthead(reading: _Reading, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Take a section name or the paper's own name that stands above the headline, and return the lines below it."""
    if len(lines) < 3:
        return lines
    (start, line), (_, following) = lines[:2]
    word = line.strip(" |:").lower()
    if read_byline(following) or is_date_line(following) or not _may_be_headline(following, ""):
        return lines
    if word in _KICKERS:
        reading.opening = replace(reading.opening, kicker=word)
    elif looks_like_outlet(line) and len(line.split()) <= 4:
        reading.opening = replace(reading.opening, outlet=line)
    else:
        return lines
    reading.mark(start, start + len(line), "byline")
    return lines[1:]


def _take_headline(reading: _Reading, lines: list[tuple[int, str]], *, may_be_new: bool) -> list[tuple[int, str]]:
    """Take the headline if the first line is one, with the date that some sites run into it; return the lines below."""
    if not lines:
        return lines
    start, line = lines[0]
    headline, day = _cut_date(line)
    following = lines[1][1] if len(lines) > 1 else ""
    title = reading.opening.title
    known = bool(title) and _plain(headline) == _plain(title)
    if not known and not (may_be_new and len(lines) > 1 and _may_be_headline(headline, following)):
        return lines
    reading.opening = replace(reading.opening, title=title or headline)
    reading.mark(start, start + len(headline), "headline")
    if day:
        reading.take(Byline(published=day))
        reading.mark(start + len(headline) + 1, start + len(line), "byline")
    return lines[1:]


def _cut_date(line: str) -> tuple[str, date | None]:
    """Split "Headline Tuesday, September 1, 2015" in two; a line without such a date stays whole."""
    match = _WEEKDAY_DATE.search(line)
    byline = read_byline(match[0]) if match else None
    if match and byline and match.start() > 10 and match.end() == len(line) and line[match.start() - 1] == " ":
        return line[: match.start()].rstrip(), byline.published
    return line, None


def _may_be_headline(line: str, following: str) -> bool:
    if len(line) > _HEADLINE or read_byline(line) or is_caption(line) or _DATELINE.match(line):
        return False
    ends_as_sentence = line.endswith((".", ".”", '."')) and not line.endswith(("...", ".S.", ".K."))
    return not ends_as_sentence or bool(read_byline(following))


def _take_line(reading: _Reading, start: int, line: str, following: str) -> None:
    """Mark one line below the headline if it is a byline, a date line or the name of an outlet alone."""
    date_at_start = None if reading.in_body else _WEEKDAY_DATE.match(line)
    excerpted = None if reading.in_body else _EXCERPT_DATE.match(line)
    if byline := read_byline(line):
        reading.take(byline)
        reading.mark(start, start + len(line), "byline")
    elif date_at_start and len(line) > date_at_start.end():
        reading.take(read_byline(date_at_start[0]) or Byline())
        reading.mark(start, start + date_at_start.end(), "byline")
        reading.in_body = True
    elif excerpted and (dated := read_byline(excerpted["day"])):
        reading.take(dated)
        reading.mark(start, start + excerpted.end(), "byline")
        reading.in_body = True
    elif not reading.in_body and _is_bare(reading, line, following):
        is_name = looks_like_name(line) and not looks_like_outlet(line)
        bare = "" if _DATELINE.fullmatch(line) else line
        reading.take(Byline(author=line) if is_name else Byline(outlet=bare))
        reading.mark(start, start + len(line), "byline")
    elif not is_caption(line) and not is_furniture(line) and (len(line) > 100 or line.endswith((".", "”", '"'))):
        reading.in_body = True


def _is_bare(reading: _Reading, line: str, following: str) -> bool:
    """Return whether a line is a name above an outlet or date, an outlet below a byline, or a dateline alone."""
    if _DATELINE.fullmatch(line):
        return True
    has_byline = any(mark.role == "byline" for mark in reading.opening.marks)
    if looks_like_outlet(line):
        return has_byline or bool(following and is_date_line(following))
    return looks_like_name(line) and not has_byline and (looks_like_outlet(following) or is_date_line(following))


def _find_agency(lines: list[tuple[int, str]]) -> str:
    """Return the agency or station that a dateline names, such as "HAVENBROOK (AP) —"."""
    for _, line in lines[:5]:
        match = _AGENCY.match(line)
        if match:
            return _AGENCIES.get(match[1], match[1])
    return ""


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
