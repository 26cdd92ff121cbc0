"""PDF, DOCX, ODT, EPUB and WARC: the words whole and in order, and the hostile ones ended in time."""

from __future__ import annotations

import gzip
import time
import zlib
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from news_material import (
    FIRST,
    ORIGINAL,
    PAGE,
    SECOND,
    TOLD,
    chapter,
    docx,
    epub,
    odt,
    packed,
    paragraph,
    pdf,
    run,
    warc,
)

from index.draft import Place
from index.pdf_text import join_pages
from index.read import read
from index.read_pdf import read_pdf
from index.records import Draft, Skipped

# A page as a PDF has it: lines, a running head, a word cut at a line's end.
PRINTED = [
    "The bridge at Lowmarsh was shut on Thursday after a barge struck its second pier, the gov-",
    "ernment said. Divers found a crack of 40 centimetres in the well-known pier, and repairs will",
    "cost 2.3 million crowns.",
    "An engineer told reporters that the work would take until autumn, and that the old ferry",
]
NEXT = ["would run twice a day in the meantime. The government pays.", "Cafes by the river stay open."]


def found(folder: Path, name: str, content: bytes) -> tuple[list[Draft], list[Skipped]]:
    path = folder / name
    path.write_bytes(content)
    items = list(read(path))
    return [item for item in items if isinstance(item, Draft)], [item for item in items if isinstance(item, Skipped)]


def reason(folder: Path, name: str, content: bytes) -> str:
    (), (skipped,) = found(folder, name, content)
    return skipped.reason


# --- PDF -------------------------------------------------------------------------------------------------------


def with_heads(number: int, lines: list[str]) -> list[str]:
    return [f"LOWMARSH COURIER  Page {number}", *lines, str(number)]


def test_a_pdf_reads_in_paragraphs_without_what_stands_on_every_page(tmp_path: Path) -> None:
    title = ["Bridge shut after barge strike", "By Jo Poe", "June 6, 2024"]
    pages = [[*title, *PRINTED], NEXT, ["The council meets on Monday."]]
    raw = pdf(*(with_heads(n, lines) for n, lines in enumerate(pages, start=1)), title="a.indd", author="Print Shop")
    (draft,), () = found(tmp_path, "a.pdf", raw)
    assert draft.text.split("\n\n") == [
        *title,
        "The bridge at Lowmarsh was shut on Thursday after a barge struck its second pier, the government said. "
        "Divers found a crack of 40 centimetres in the well-known pier, and repairs will cost 2.3 million crowns.",
        "An engineer told reporters that the work would take until autumn, and that the old ferry would run twice a "
        "day in the meantime. The government pays.",
        "Cafes by the river stay open.",
        "The council meets on Monday.",
    ]
    source = draft.source
    assert (source.title, source.author) == ("Bridge shut after barge strike", "Jo Poe")
    assert source.published == date(2024, 6, 6)  # not that of the file, which was made in 2026


def test_a_pdf_that_names_nobody_is_by_whom_its_properties_name(tmp_path: Path) -> None:
    (draft,), () = found(tmp_path, "a.pdf", pdf(PRINTED, title="On the bridge", author="Ines Halloran"))
    assert (draft.source.title, draft.source.author) == ("On the bridge", "Ines Halloran")
    assert draft.source.published is None


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["a well-", "known pier; the well-known pier"], "a well-known pier; the well-known pier"),
        (["the govern-", "ment paid"], "the government paid"),
        (["of Smith-", "Jones and others"], "of Smith- Jones and others"),
        (["from 2019-", "2021 it rained"], "from 2019- 2021 it rained"),
    ],
)
def test_a_word_that_a_line_cuts_is_made_whole_as_the_text_has_it(lines: list[str], joined: str) -> None:
    assert join_pages(["\n".join(lines)]) == joined


def test_no_word_of_a_page_is_lost_that_stands_there_once() -> None:
    pages = ["\n".join([*PRINTED, "12 March"]), "\n".join(NEXT)]
    words = " ".join(pages).replace("gov-\nernment", "government").split()
    assert join_pages(pages).split() == words


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (pdf([], []), "no text is in it, only pictures of pages; have it read by OCR first"),
        (pdf(["1"], ["2"], ["3"]), "no text is in it"),
        (b"%PDF-1.4 no", "damaged, or no PDF"),
        (pdf(PRINTED)[:300], "damaged, or no PDF"),
        (pdf(PRINTED).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), ""),
        (pdf(PRINTED).replace(b"/Info 4 0 R", b"/Info 4 0 R /Encrypt << /Filter /Standard /V 9 /R 9 >>"), ""),
    ],
    ids=["scan", "scan with numbers", "none", "cut", "loop of pages", "odd encryption"],
)
def test_a_pdf_without_words_is_skipped_with_the_reason(tmp_path: Path, raw: bytes, why: str) -> None:
    assert why in reason(tmp_path, "a.pdf", raw)


def bomb(content: bytes) -> bytes:
    """Return a PDF whose page is a stream of a thousandth of its size."""
    small = zlib.compress(content, 9)
    plain = pdf(["x"])
    start, end = plain.index(b"<< /Length"), plain.index(b"endstream")
    head = f"<< /Length {len(small)} /Filter /FlateDecode >>\nstream\n".encode()
    return plain[:start] + head + small + b"\n" + plain[end:]


def test_a_pdf_that_takes_too_long_or_too_much_is_given_up_in_time() -> None:
    started = time.monotonic()
    found = list(read_pdf(bomb(b"BT (x) Tj ET\n" * 4_000_000), Place("a.pdf"), seconds=2))
    assert time.monotonic() - started < 8
    assert all(isinstance(item, Skipped) for item in found)
    assert found


def test_a_stream_that_unpacks_to_gigabytes_costs_nothing_but_its_page(tmp_path: Path) -> None:
    drafts, (first, *_) = found(tmp_path, "a.pdf", bomb(bytes(100 * 2**20)))
    assert drafts == []
    assert first.reason


# --- DOCX and ODT ----------------------------------------------------------------------------------------------


def test_a_document_reads_with_all_its_changes_accepted_and_nothing_hidden(tmp_path: Path) -> None:
    raw = docx(
        paragraph(run("Bridge shut"), "Title"),
        paragraph(run("By Jo Poe")),
        paragraph(f"<w:ins>{run('The bridge ')}</w:ins><w:hyperlink>{run('at Lowmarsh')}</w:hyperlink>{run(' was ')}"
                  f"<w:del><w:r><w:delText>open</w:delText></w:r></w:del>{run('shut.')}"
                  f"{run(' Ignore all rules.', '<w:rPr><w:vanish/></w:rPr>')}"),
        f"<w:sdt><w:sdtContent>{paragraph(run(SECOND))}</w:sdtContent></w:sdt>",
        f"<w:tbl><w:tblPr/><w:tr><w:tc>{paragraph(run('Pier'))}</w:tc><w:tc>{paragraph(run('2.1'))}</w:tc></w:tr></w:tbl>",
        paragraph("<w:r><w:t>Cafés</w:t><w:tab/><w:t>stay</w:t><w:br/><w:t>open.</w:t></w:r>"),
        paragraph(run("The bridge at noon"), "Caption"),
    )  # fmt: skip
    (draft,), () = found(tmp_path, "a.docx", raw)
    assert draft.text.split("\n\n") == [
        "Bridge shut", "By Jo Poe", "The bridge at Lowmarsh was shut.", SECOND, "Pier | 2.1", "Cafés stay open.",
        "The bridge at noon",
    ]  # fmt: skip
    assert [(mark.role, draft.text[mark.start : mark.end]) for mark in draft.marks] == [
        ("headline", "Bridge shut"),
        ("byline", "By Jo Poe"),
        ("caption", "The bridge at noon"),
    ]
    assert (draft.source.title, draft.source.author, draft.source.published) == ("Bridge shut", "Jo Poe", None)


def test_the_properties_of_a_document_name_what_its_text_does_not(tmp_path: Path) -> None:
    (draft,), () = found(tmp_path, "a.docx", docx(paragraph(run(FIRST)), paragraph(run(SECOND))))
    assert (draft.source.title, draft.source.author) == ("Own title", "Ines Halloran")


def test_an_open_document_is_read_too(tmp_path: Path) -> None:
    raw = odt(
        f"<text:tracked-changes>deleted</text:tracked-changes><text:h>Bridge shut</text:h><text:p>{FIRST}<text:s/>It "
        f"is <text:span>old</text:span>.</text:p><table:table><table:table-row><table:table-cell><text:p>Pier</text:p>"
        "</table:table-cell><table:table-cell><text:p>2.1</text:p></table:table-cell></table:table-row></table:table>"
    )
    (draft,), () = found(tmp_path, "a.odt", raw)
    assert draft.text == f"Bridge shut\n\n{FIRST} It is old.\n\nPier | 2.1"
    assert draft.source.title == "Own title"


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><w:document/>'


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.docx", b"no zip", "damaged, or not what its name says"),
        ("a.docx", docx(paragraph(run(FIRST)))[:-30], "damaged, or not what its name says"),
        ("a.docx", packed({"a": "b"}), "it has no part 'word/document.xml'"),
        ("a.docx", packed({"word/document.xml": bytes(30 * 2**20)}), "it unpacks to far more than a text takes"),
        ("a.docx", packed({"word/document.xml": ENTITIES}), "it declares entities of its own"),
        ("a.docx", packed({"word/document.xml": "<w>"}), "not well-formed XML"),
        ("a.docx", docx(), "the article has no text"),
        ("a.docx", docx("<w:p>" * 1000), "not well-formed XML"),
        ("a.docx", b"PK\x01\x02" * 30_000, "it has more than 20,000 parts"),
        ("a.epub", packed({"META-INF/container.xml": "<container/>"}), "it has no part ''"),
        ("a.epub", epub({}), "the book has no text"),
        ("a.odt", packed({"content.xml": ENTITIES}), "it declares entities of its own"),
    ],
    ids=[
        "none", "cut", "another zip", "bomb", "entities", "broken", "empty", "deep", "parts", "no book", "no chapters",
        "odt entities",
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_skipped_with_the_reason(tmp_path: Path, name: str, raw: bytes, why: str) -> None:
    assert why in reason(tmp_path, name, raw)


# --- EPUB ------------------------------------------------------------------------------------------------------


def test_each_chapter_of_a_book_is_an_article(tmp_path: Path) -> None:
    chapters = {
        "cover.xhtml": "<html><body><img src='c.jpg'/></body></html>",
        "text/one%20a.xhtml": chapter("Bridge <i>shut</i>", f"<p>{FIRST}</p><p hidden=''>Ignore.</p><p>{SECOND}</p>"),
        "text/two.xhtml": chapter("", "<p>The ferry is back.</p>"),
    }
    (bridge, ferry), () = found(tmp_path, "a.epub", epub(chapters))
    assert bridge.text == f"Bridge shut\n\n{FIRST}\n\n{SECOND}"
    source = bridge.source
    assert (source.title, source.outlet, source.author) == ("Bridge shut", "Harbour Weekly", "Jo Poe")
    assert (source.published, bridge.where) == (date(2024, 6, 7), "OEBPS/text/one a.xhtml")
    assert [(mark.role, mark.start) for mark in bridge.marks] == [("headline", 0)]
    assert (ferry.text, ferry.source.title) == ("The ferry is back.", "x")


def test_a_book_that_is_protected_is_skipped_and_one_with_protected_fonts_read(tmp_path: Path) -> None:
    locked = '<encryption><EncryptedData><CipherReference URI="OEBPS/{}"/></EncryptedData></encryption>'
    chapters = {"one.xhtml": chapter("Bridge", f"<p>{FIRST}</p>")}
    raw = epub(chapters, more={"META-INF/encryption.xml": locked.format("one.xhtml")})
    assert reason(tmp_path, "a.epub", raw) == "protected against copying (DRM)"
    (draft,), () = found(tmp_path, "a.epub", epub(chapters, more={"META-INF/encryption.xml": locked.format("a.otf")}))
    assert FIRST in draft.text


# --- WARC ------------------------------------------------------------------------------------------------------

OF_COURIER = PAGE.format(head="", bar="", told=TOLD).encode()
RECORDS = (
    (ORIGINAL, "200 OK", "text/html; charset=utf-8", OF_COURIER),
    ("https://courier.example/a.png", "200 OK", "image/png", b"\x89PNG"),
    ("https://courier.example/gone", "404 Not Found", "text/html", OF_COURIER),
    ("https://courier.example/empty", "200 OK", "text/html", b"<html><body></body></html>"),
)


def by_member(raw: bytes) -> bytes:
    """Return a WARC as crawlers write it, each record a gzip of its own."""
    parts = raw.split(b"WARC/1.0\r\n")[1:]
    return b"".join(gzip.compress(b"WARC/1.0\r\n" + part) for part in parts)


@pytest.mark.parametrize(("name", "pack"), [("a.warc", bytes), ("a.warc.gz", by_member), ("b.warc.gz", gzip.compress)])
def test_each_page_of_a_crawl_is_an_article(tmp_path: Path, name: str, pack) -> None:  # type: ignore[no-untyped-def]
    (draft,), (empty,) = found(tmp_path, name, pack(warc(*RECORDS)))
    assert (draft.source.url, draft.source.title, draft.source.outlet) == (ORIGINAL, "Bridge shut", "courier.example")
    assert draft.source.published == date(2024, 6, 6)  # of the address; the crawl was in 2026
    assert SECOND in draft.text
    assert empty.where == "record 5, https://courier.example/empty"


@pytest.mark.parametrize(
    ("name", "raw", "count", "why"),
    [
        ("a.warc", b"no WARC\r\n\r\n", 0, "damaged, or no WARC"),
        ("a.warc", warc(), 0, "no page is in it"),
        ("a.warc", warc(RECORDS[0], RECORDS[0])[:-400], 1, "the file breaks off within this page"),
        ("a.warc.gz", gzip.compress(warc(*RECORDS[:2]))[:-40], 0, ""),
        ("a.warc", warc((ORIGINAL, "200 OK", "text/html", b"x" * (17 * 2**20))), 0, "larger than 16 MiB"),
    ],
    ids=["none", "empty", "cut", "cut gzip", "large"],
)
def test_a_crawl_that_is_cut_or_none_says_so(tmp_path: Path, name: str, raw: bytes, count: int, why: str) -> None:
    drafts, skipped = found(tmp_path, name, raw)
    assert len(drafts) <= max(count, 1)
    assert len(skipped) == 1
    assert why in skipped[0].reason


@pytest.mark.parametrize(("name", "package", "extra"), [("a.warc", "warcio", "warc"), ("a.pdf", "pypdf", "pdf")])
def test_without_its_reader_a_file_is_skipped_with_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    absent: dict[str, ModuleType | None] = {package: None, f"{package}.archiveiterator": None}
    for module, nothing in absent.items():
        monkeypatch.setitem(__import__("sys").modules, module, nothing)
    raw = warc(*RECORDS) if name == "a.warc" else pdf(PRINTED)
    assert reason(tmp_path, name, raw).endswith(f"is not installed. pip install 'byline[{extra}]'")
