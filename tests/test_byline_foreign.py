"""German and Spanish bylines and dates are read where an article states them, and no sentence is taken for one."""

from __future__ import annotations

from datetime import date

import pytest

from index.byline import parse_byline
from index.byline_foreign import read_byline
from index.dates import parse_published
from index.draft import Place
from index.read_html import read_html
from index.read_text import read_text
from index.records import Draft

FIFTH = date(2021, 3, 5)
GERMAN = (
    "Die Bürgermeisterin hat am Freitag die neue Brücke über die Lahr eröffnet, und rund zweitausend Menschen kamen."
)
SPANISH = "El puente se abrió el viernes ante dos mil vecinos, según el ayuntamiento, que lo pagó con cuatro millones."


def draft_of(text: str, *, is_markdown: bool = False) -> Draft:
    draft = read_text(text, Place("a.txt"), is_markdown=is_markdown)
    assert isinstance(draft, Draft)
    return draft


def marked(draft: Draft, role: str) -> list[str]:
    return [draft.text[mark.start : mark.end] for mark in draft.marks if mark.role == role]


@pytest.mark.parametrize(
    ("line", "author", "outlet"),
    [
        ("Von Anna Kern", "Anna Kern", ""),
        ("Von Anna Kern und Otto Lenz, dpa", "Anna Kern, Otto Lenz", "dpa"),
        ("Von Anna Kern, Otto Lenz und Ida Roth", "Anna Kern, Otto Lenz, Ida Roth", ""),
        ("Von Anna Kern/dpa", "Anna Kern", "dpa"),
        ("Von Anna Kern (Text) und Otto Lenz (Fotos)", "Anna Kern", ""),
        ("Von Anna Kern, Berlin", "Anna Kern", ""),
        ("Von Anna Kern, Lahrtaler Nachrichten", "Anna Kern", "Lahrtaler Nachrichten"),
        ("Von Marie von Stein und Karl van der Berg", "Marie von Stein, Karl van der Berg", ""),
        ("Von unserem Korrespondenten in Wien Otto Lenz", "Otto Lenz", ""),
        ("Ein Kommentar von Anna Kern", "Anna Kern", ""),
        ("Von Anna Kern | Lesezeit: 3 Min.", "Anna Kern", ""),
        ("Von Anna Kern, dpa-Korrespondentin", "Anna Kern", ""),
        ("Von: Anna Kern, lahr-bote.de, Wien", "Anna Kern", "lahr-bote.de"),
        ("Von dpa", "dpa", ""),
        ("VON ANNA KERN, DPA", "ANNA KERN", "DPA"),
        ("Por Lucía Díaz", "Lucía Díaz", ""),
        ("Por Lucía Díaz y Ana Ruiz, EFE", "Lucía Díaz, Ana Ruiz", "EFE"),
        ("Por Lucía Díaz y EFE", "Lucía Díaz", "EFE"),
        ("Por Lucía Díaz y Agencias", "Lucía Díaz", ""),
        ("Por Lucía Díaz, corresponsal en Buenos Aires", "Lucía Díaz", ""),
        ("Por Tomás Ortega y Gil", "Tomás Ortega y Gil", ""),
        ("Por Redacción", "Redacción", ""),
    ],
)
def test_a_byline_is_read(line: str, author: str, outlet: str) -> None:
    byline = read_byline(line)
    assert byline is not None
    assert (byline.author, byline.outlet, byline.published) == (author, outlet, None)


@pytest.mark.parametrize(
    ("line", "author", "published", "is_update"),
    [
        ("Von Anna Kern | 5. März 2021, 14.30 Uhr", "Anna Kern", FIFTH, False),
        ("Von Anna Kern, 05.03.2021", "Anna Kern", FIFTH, False),
        ("Von Mai Anh Kern – Freitag, 5. Mai 2023", "Mai Anh Kern", date(2023, 5, 5), False),
        ("Por Lucía Díaz, 5 de marzo de 2021", "Lucía Díaz", FIFTH, False),
        ("Por Lucía Díaz | 05 mar 2021 - 14:30 CET", "Lucía Díaz", FIFTH, False),
        ("5. März 2021", "", FIFTH, False),
        ("Montag, 5. März 2021, 14.30 Uhr", "", FIFTH, False),
        ("5. April 2021", "", date(2021, 4, 5), False),
        ("1. Jänner 2021", "", date(2021, 1, 1), False),
        ("Stand: 05.03.2021, 14:30 Uhr", "", FIFTH, True),
        ("Veröffentlicht am 5. März 2021, aktualisiert am 6. März 2021 um 10 Uhr", "", FIFTH, False),
        ("Aktualisiert am 6. März 2021, veröffentlicht am 5. März 2021", "", FIFTH, False),
        ("5 de marzo de 2021", "", FIFTH, False),
        ("lunes, 5 de marzo de 2021", "", FIFTH, False),
        ("Lunes 5 de marzo del 2021 a las 14:30 h", "", FIFTH, False),
        ("1º de mayo de 2021", "", date(2021, 5, 1), False),
        ("Redacción | 5 de marzo de 2021", "", FIFTH, False),
        ("marzo 5, 2021", "", FIFTH, False),
        ("Política | Publicado el 5 de marzo de 2021", "", FIFTH, False),
        ("Actualizado Viernes, 5 marzo 2021 - 14:30", "", FIFTH, True),
    ],
)
def test_a_date_is_read_and_a_changes_date_is_told_from_it(
    line: str, author: str, published: date, is_update: bool
) -> None:
    byline = read_byline(line)
    assert byline is not None
    assert (byline.author, byline.published, byline.is_update) == (author, published, is_update)


@pytest.mark.parametrize(
    "line",
    [
        "Von Anna Kern stammt der Plan für die neue Brücke.",
        "Von Anna Kern stammt der Plan",
        "Von Anna Kern.",
        "Von Anna Kern bis Otto Lenz",
        "Von Anfang an war Otto Lenz dabei",
        "Von Bad Hersfeld bis Bad Kissingen",
        "Von Bad Hersfeld",
        "Von Bad Hersfeld | 5. März 2021",
        "Von Januar an gilt Tempo 30",
        "Von Montag, 5. März 2021, an gilt Tempo 30",
        "Von 5. März 2021 bis 6. April 2021",
        "Von Tür zu Tür",
        "Von der Lahr bis ans Meer",
        "Von Großer Sorge und Neuem Mut",
        "VON ROM GELERNT",
        "VON BERLIN NACH ROM, DPA",
        "Am 5. März 2021 wurde die Brücke gesperrt",
        "Havenbrook, 28. August 1988",  # where a story begins to tell, not when it was published
        "Konzert am 5. März 2021, 20 Uhr",
        "Nächste Sitzung: 5. März 2021, 14 Uhr",
        "4./5. März 2021",
        "Nr. 5. April 2021",
        "Deutsche Bahn | 5. April 2021",
        "Buenos Aires | 5 de marzo de 2021",
        "Por Navidad, más trenes",
        "Por San Valentín",
        "Por Semana Santa",
        "Por Ley de Amnistía",
        "Por Lucía Díaz votaron miles de vecinos",
        "Por Lucía Díaz, la alcaldesa, pasa todo",
        "El 5 de marzo de 2021 se cerró el puente",
    ],
)
def test_what_is_no_byline_names_no_author_and_no_date(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Doe and John Roe, The Courier",
        "Jane Doe | June 7, 2024",
        "Updated 5 Mar 2021, 14:30",
        "By contrast, no.",
    ],
)
def test_english_is_read_as_before(line: str) -> None:
    assert read_byline(line) == parse_byline(line)


def test_a_text_is_read_with_its_kicker_byline_and_date() -> None:
    top = "Meinung\n\nEine Brücke für alle\nVon Anna Kern und Otto Lenz, dpa\nMontag, 5. März 2021, 14.30 Uhr"
    draft = draft_of(f"{top}\n\nVon Anfang an war sie umstritten. {GERMAN}")
    source = draft.source
    assert (source.title, source.author, source.outlet) == ("Eine Brücke für alle", "Anna Kern, Otto Lenz", "dpa")
    assert (source.published, draft.kind) == (FIFTH, "opinion")
    assert marked(draft, "byline") == top.split("\n")[:1] + top.split("\n")[3:]


def test_markdown_is_read_with_its_byline_and_date() -> None:
    draft = draft_of(f"# El puente\n\n*Por Lucía Díaz*\n\n5 de marzo de 2021\n\n{SPANISH}", is_markdown=True)
    assert (draft.source.title, draft.source.author, draft.source.published) == ("El puente", "Lucía Díaz", FIFTH)


def test_a_name_above_a_date_is_no_author_in_german() -> None:
    source = draft_of(f"Brücke eröffnet\n\nDeutsche Bahn\n5. April 2021\n\n{GERMAN}").source
    assert (source.author, source.published) == ("", date(2021, 4, 5))


def test_a_day_that_the_story_tells_of_is_not_its_date() -> None:
    source = draft_of(f"Brücke eröffnet\n\nAm 5. März 2021 begann es. {GERMAN}").source
    assert (source.author, source.published) == ("", None)


@pytest.mark.parametrize(
    ("language", "stated", "author"),
    [
        ("de-DE", "Von Anna Kern", "Anna Kern"),
        ("es", "por Lucía Díaz y Ana Ruiz", "Lucía Díaz, Ana Ruiz"),
        ("en", "Von Lynn Poe", "Von Lynn Poe"),
    ],
)
def test_a_page_says_in_which_language_its_author_is_signed(language: str, stated: str, author: str) -> None:
    head = (
        f'<title>Puente</title><meta name="author" content="{stated}"><meta name="date" content="5 de marzo de 2021">'
    )
    body = f"<article><h1>Puente</h1><p>{SPANISH}</p><p>{SPANISH} {SPANISH}</p></article>"
    draft = read_html(f'<html lang="{language}"><head>{head}</head><body>{body}</body></html>', Place("a.html"))
    assert isinstance(draft, Draft)
    assert (draft.source.author, draft.source.published) == (author, FIFTH)


@pytest.mark.parametrize(
    ("language", "byline", "author"),
    [
        ("de", "<p>Von Anna Kern</p>", "Anna Kern"),
        ("de", '<div class="byline">Von Anna Kern und Otto Lenz</div>', "Anna Kern, Otto Lenz"),
        ("es", '<span class="author">Por Lucía Díaz y Ana Ruiz</span>', "Lucía Díaz, Ana Ruiz"),
    ],
)
def test_a_pages_own_byline_is_read(language: str, byline: str, author: str) -> None:
    body = f"<h1>Brücke</h1>{byline}<p>Montag, 5. März 2021</p><p>{GERMAN}</p><p>{GERMAN} {GERMAN}</p>"
    page = f'<html lang="{language}"><head><title>Brücke</title></head><body><article>{body}</article></body></html>'
    draft = read_html(page, Place("a.html"))
    assert isinstance(draft, Draft)
    assert (draft.source.author, draft.source.published) == (author, FIFTH)


def test_a_dotted_date_is_read_only_where_the_line_is_german() -> None:
    assert parse_published("Freitag, 05.03.2021, 14:30 Uhr") == FIFTH
    assert parse_published("05.03.2021") is None
