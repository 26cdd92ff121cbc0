"""German and Spanish bylines and date lines: "Von Anna Kern und Otto Lenz, dpa", "lunes, 5 de marzo de 2021".

`read_byline` reads a line in any language that is known here; English is byline.py's. German writes every noun with a
capital, so two words are a name only where the line says that they sign it, never for standing above a date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.byline import Byline, is_date_line, looks_like_outlet, parse_byline
from index.dates import find_foreign, find_published
from index.function_words import FUNCTION_WORDS

_LONGEST = 220  # characters
_MOST_DATES = 4
_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'.-]*"
_SMALL = ("von", "van", "der", "den", "ter", "de", "del", "di", "da", "dos", "la", "las", "los")  # inside a name
_PARTICLES = rf"(?:(?:{'|'.join(_SMALL)})\s){{0,2}}"
_STAFF = r"(?:Agencias?|Redacción|Redaktion)(?!\w)"
_AGENCY = (
    r"(?:(?:Agencia\s)?(?:dpa(?:-[a-z]+)?|DPA|AFP|AP|Reuters|REUTERS|epd|KNA|APA|SID|EFE|Europa\sPress)(?![\w-])"
    rf"|{_STAFF})"
)
_SURNAME_AFTER_AND = rf"\s[yi]\s(?!{_AGENCY}){_WORD}(?=\s*(?:$|[,/(]))"  # José Ortega y Gasset
_NAME = rf"(?!{_AGENCY}){_WORD}(?:\s{_PARTICLES}(?!{_AGENCY}){_WORD}){{1,3}}(?:{_SURNAME_AFTER_AND})?"
_AND = r"\s*,?\s(?:und|u\.|sowie|y|e|&)\s"
_ONE_NAME = re.compile(_NAME)
_NAMES = re.compile(rf"{_NAME}(?:(?:\s*,\s{_NAME})*{_AND}{_NAME})?")

_SIGNS = re.compile(
    r"""(?:
      (?:Eine?\s)?(?:(?:Gast)?[Kk]ommentar|Gastbeitrag|Leitartikel|Analyse|Essay|Kolumne|Reportage|Bericht|Glosse)\svon
    | Von:? | VON:? | Autor(?:in|en|innen)?\s?:
    | (?:Escrito|Redactado|Texto|Crónica|Reportaje|Análisis|Columna)\spor
    | Por:? | POR:? | Texto\s?: | Autor(?:a|es|as)\s?:
    )\s""",
    re.VERBOSE,
)
_OFFICE = re.compile(  # Von unserem Korrespondenten in Wien Otto Lenz
    r"unser(?:em|er|en)\s(?:[\w-]+\s)?[\w-]*(?:[Kk]orrespondent|[Rr]edakteur|[Rr]eporter|[Mm]itarbeiter)(?:en|in)?\s"
    rf"(?:in\s{_WORD}\s)?"
)
_PICTURES = re.compile(
    rf"(?:\s*,|{_AND})?\s*{_NAME}\s\((?:Fotos?|Bild(?:er)?|Grafik(?:en)?|Fotografías?|Imágenes|Vídeo)\)"
    r"|\s*[,/]?\s*(?:Fotos?|Bild(?:er)?|Fotografías?|Imágenes)\s?:.*"
)
_ASIDE = re.compile(r"\s\(([^()]{1,40})\)")
_ROLE = re.compile(
    rf"(?:(?:\w+-)?(?:Korrespondent|Redakteur|Reporter)(?:in|en|innen)?|[Cc]orresponsal|[Ee]nviad[oa]\sespecial"
    rf"|[Rr]edactora?(?:\sjefe)?)(?:\s(?:in|aus|en|a)\s{_WORD}(?:\s{_PARTICLES}{_WORD})?)?"
)
_PLACE = re.compile(rf"{_WORD}(?:\s(?:(?:{'|'.join(_SMALL)}|am|an|im|en)\s)?{_WORD}){{0,3}}")
_OUTLET = re.compile(
    r"\b\w*(?:[Zz]eitung|[Aa]nzeiger|[Nn]achrichten|[Rr]undschau|[Tt]age?blatt|[Kk]urier|[Mm]orgenpost|[Aa]bendblatt)\b"
    r"|\b(?:El\sPaís|Diario|Periódico|Prensa|Noticias|Gaceta|Heraldo|Correo|Tribuna|Vanguardia)\b"
)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,4}")
_READING_TIME = re.compile(r"(?:Lesezeit|Lesedauer|Tiempo\sde\slectura|Lectura)\b.{0,20}", re.IGNORECASE)
_ENDS_A_SENTENCE = re.compile(r"(?<![Mm]in)(?<!\sh)\.\Z|[!?:…]\Z")
# What stands with a capital after "Von" and "Por" and is nobody's first name.
_NO_FIRST_NAME = re.compile(
    r"""(?:
      (?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Anfang|Beginn|Ende|Mitte|Bad|Sankt|St\.|FC|Borussia|Eintracht
    | Papst|Kaiser(?:in)?|König(?:in)?|Prinz(?:essin)?|\w*[Kk]anzler(?:in)?|\w*[Pp]räsident(?:in)?|Herrn|Frau|Familie
    | (?:Neu|Alt|Groß|Klein|Erst|Zweit|Dritt|Letzt|Rot|Grün|Schwarz|Weiß|Blau|Deutsch|Viel|All|Jung|Hoh|Best)e[rnms]?
    | San|Santa|Santo|Semana|Buen[oa]s?|Nuev[oa]s?|Nuestr[oa]s?|Gran|Papa|Rey|Reina|President[ea]|Don|Doña|Navidad|Dios
    | Favor|Ejemplo|Supuesto|Real|Ley|Orden|Decreto|Derecho|Culpa|Causa|Primer[oa]?|Segund[oa]|Últim[oa]|Tod[oa]s?
    | Ciudad|Puerto|Costa|Villa|Estados?|Reino|Unión|Partido|Gobierno
    )""",
    re.VERBOSE,
)
_NO_NAMES = (FUNCTION_WORDS["de"] | FUNCTION_WORDS["es"]) - {*_SMALL, "y"}

_PUBLISHED = r"veröffentlicht|erstellt|erschienen|publicad[oa]|publicación"
_UPDATED = r"(?:zuletzt\s)?(?:aktualisiert|geändert)|stand|(?:última\s)?actualiza(?:d[oa]|ción)|modificad[oa]"
_WEEKDAYS = (
    r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|mo|di|mi|do|fr|sa|so"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
_BEFORE = re.compile(
    rf"(?:\b(?:{_PUBLISHED}|{_UPDATED}|{_WEEKDAYS}|am|vom|den|artikel|datum|el|día|fecha)\b[\s.:,]*)+\Z", re.IGNORECASE
)
_CLOCK = re.compile(
    r"[\s,–-]*\b(?:um\s|a\slas?\s)?(?:\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?(?:Uhr|horas|hrs?\.?|h\.?))?|\d{1,2}\s(?:Uhr|horas|h)\b)"
    r"(?:\s?CES?T)?",
    re.IGNORECASE,
)
_IS_UPDATE = re.compile(rf"\b(?:{_UPDATED})\b", re.IGNORECASE)
_IS_PUBLISHED = re.compile(rf"\b(?:{_PUBLISHED})\b", re.IGNORECASE)
_CUT = re.compile(r"\s*[|•·►;]\s*|\s+[–—-]{1,2}\s+|\s*/\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class _Dated:
    """A line without its dates, and what they are."""

    rest: str
    published: date | None = None
    updated: date | None = None
    is_told: bool = False  # that one is the day of publication or of a change


def read_byline(line: str) -> Byline | None:
    """Return what a byline or date line in English, German or Spanish says, or None where `line` is something else."""
    if _SIGNS.match(line):
        # Von is also a first name: "Von Poe | June 7, 2024".
        return _parse(line) or (parse_byline(line) if line.startswith("Von ") else None)
    return parse_byline(line) or _parse(line)


def unsigned(author: str, language: str) -> str:
    """Return the names in an author's line, where the page is in a language that signs with "Von" or "Por"."""
    word = {"de": "Von ", "es": "Por "}.get(language[:2].lower(), "")
    byline = _parse(word + author[len(word) :]) if word and author.lower().startswith(word.lower()) else None
    return byline.author if byline else author


def _parse(line: str) -> Byline | None:
    if len(line) > _LONGEST or _ENDS_A_SENTENCE.search(line):
        return None
    dated = _take_dates(line)
    parts = [part for part in _CUT.split(dated.rest) if part.strip(" ,.") and not _READING_TIME.fullmatch(part)]
    days = [part for part in parts if is_date_line(part)]
    signed = [part for part in parts if _SIGNS.match(part)]
    outlets = [part for part in parts if part not in (*days, *signed) and _is_outlet(part)]
    others = [part for part in parts if part not in (*days, *signed, *outlets)]
    if len(signed) > 1 or not all(_PLACE.fullmatch(part.strip(" ,")) for part in others):
        return None
    published = dated.published or (find_published(days[0]) if days else None)
    day, outlet = published or dated.updated, _first_outlet(outlets)
    if not signed:
        return Byline("", outlet, day, is_update=day != published) if day and (dated.is_told or not others) else None
    byline = _read_signed(signed[0])
    if not byline or (_is_shouted(line) and not (day or outlet or byline.outlet)):
        return None
    return replace(byline, outlet=byline.outlet or outlet, published=day, is_update=day != published)


def _take_dates(line: str) -> _Dated:
    """Return the line without its dates, their weekdays and times; the day of publication is told from a change's."""
    rest, published, updated, is_told = line, None, None, False
    for _ in range(_MOST_DATES):
        found = next(find_foreign(rest), None)
        if not found:
            break
        day, start, end = found
        before = _BEFORE.search(rest, 0, start)
        words = before[0] if before else ""
        if _IS_UPDATE.search(words):
            updated, is_told = updated or day, True
        else:
            published, is_told = published or day, is_told or bool(_IS_PUBLISHED.search(words))
        clock = _CLOCK.match(rest, end)
        rest = f"{rest[: start - len(words)]} | {rest[clock.end() if clock else end :]}"
    return _Dated(rest, published, updated, is_told)


def _read_signed(part: str) -> Byline | None:
    """Read "Von Anna Kern und Otto Lenz (Fotos), Berlin": who wrote, and the agency or outlet that follows."""
    rest = _PICTURES.sub("", _SIGNS.sub("", part, count=1))
    asides = [aside for aside in _ASIDE.findall(rest) if _is_outlet(aside)]
    rest = _OFFICE.sub("", _ASIDE.sub("", rest), count=1).strip(" ,")
    if re.fullmatch(_AGENCY, rest):
        return Byline(author=rest)
    match = _NAMES.match(rest)
    names = _ONE_NAME.findall(match[0]) if match else []
    tail = rest[match.end() :] if match else ""
    if not names or not all(map(_is_name, names)) or (tail and not re.match(r"\s*,|\s(?:und|y|e|mit|con)\s", tail)):
        return None
    others = [piece for piece in re.split(r"\s*,\s*(?:(?:und|y|mit|con)\s)?|\s(?:und|y|e|mit|con)\s", tail) if piece]
    outlets = [piece for piece in others if _is_outlet(piece)]
    if any(piece not in outlets and not _ROLE.fullmatch(piece) and not _PLACE.fullmatch(piece) for piece in others):
        return None
    return Byline(", ".join(names), _first_outlet([*outlets, *asides]))


def _is_name(name: str) -> bool:
    words = name.split()
    lower = [word.casefold() for word in words]
    return not _NO_FIRST_NAME.fullmatch(words[0]) and len(set(lower)) == len(lower) and _NO_NAMES.isdisjoint(lower)


def _is_outlet(text: str) -> bool:
    is_paper = _OUTLET.search(text) and _PLACE.fullmatch(text)
    return bool(re.fullmatch(_AGENCY, text) or _DOMAIN.fullmatch(text) or looks_like_outlet(text) or is_paper)


def _first_outlet(texts: Sequence[str]) -> str:
    return next((text for text in texts if not re.fullmatch(_STAFF, text)), "")


def _is_shouted(line: str) -> bool:
    """True for a line in capitals, where a verb looks like a name."""
    return line == line.upper()
