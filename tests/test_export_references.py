"""Bibliographies and tables of what was cited, read by the programs that read them elsewhere."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from fake_desk import CITATIONS, HOSTILE, NEAREST, SENTENCES, answer_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import Entry, parse_string

from bot.exchange import Exchange
from bot.export_page import FORMATS, in_bytes
from bot.export_references import Dated, latex, references, to_bibtex, to_csl
from bot.export_table import COLUMNS, as_cell, to_table
from bot.kept import Conversation, KeptExchange, Place
from bot.records import Answer, Question, Sentence, Version
from bot.show import plain
from index.records import Source

DAY = date(2026, 3, 1)
ANSWER = answer_of(Question("What does it cost?", DAY))
REFUSAL = replace(ANSWER, answered=False, sentences=(), citations=(), nearest=NEAREST)
PRINTED = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", **{f"\\{mark}": mark for mark in "$&#_%"},
}  # fmt: skip
COMMAND = re.compile("|".join(map(re.escape, PRINTED)))


def entries(*answers: Answer) -> dict[str, Entry]:
    text = to_bibtex(Dated(answer, DAY) for answer in answers)
    return dict(parse_string(text, "bibtex").entries.items())


def citing(source: Source, article_id: str = "odd", quote: str = "A quote.") -> Answer:
    citation = replace(CITATIONS[0], source=source, article_id=article_id, quote=quote)
    return replace(ANSWER, citations=(citation,), sentences=SENTENCES[:1], versions=())


def rows(*answers: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_table(Dated(answer, DAY) for answer in answers), newline="")))


# --- BibTeX --------------------------------------------------------------------------------------------------


def test_each_cited_article_is_one_entry_with_all_its_quotes() -> None:
    found = entries(ANSWER, ANSWER)
    assert [key.rpartition("-")[0] for key in found] == ["holm2017", "aske2017"]
    bridge, cost = found.values()
    assert (bridge.type, str(bridge.persons["author"][0])) == ("article", "Holm, Ida")
    assert bridge.fields["title"] == "{Council approves repair of the harbour bridge}"
    assert [bridge.fields[name] for name in ("journal", "date", "year", "month", "url", "urldate")] == [
        *("The Saltmarsh Courier", "2017-03-07", "2017", "March"),
        *("https://courier.example/2017/03/07/bridge", "2026-03-01"),
    ]
    assert bridge.fields["annote"] == f"“{CITATIONS[0].quote}” “{CITATIONS[3].quote}”"
    assert cost.fields["annote"].count("“") == 2


def test_a_key_depends_on_the_article_alone() -> None:
    alone = entries(replace(ANSWER, citations=CITATIONS[1:3]))
    assert set(alone) < set(entries(ANSWER))
    others = [citing(Source("One", "Post", "Ann Lee", date(2020, 1, 1)), id) for id in ("a", "b", "ä", "A")]
    assert len(entries(*others)) == 4


@pytest.mark.parametrize(
    ("source", "kind", "author"),
    [
        (Source("T", "", "", None, "https://a.example/x"), "online", []),
        (Source("", "", "", None, "javascript:alert(1)", "folder/report.txt"), "misc", []),
        (Source("T", "Post", "Ann Lee, Bo van der Ray and Cy Dow"), "article", ["Lee, Ann", "van der Ray, Bo", "Dow, Cy"]),  # noqa: E501
        (Source("T", "Post", "Coastal News Agency"), "article", ["{Coastal News Agency}"]),
        (Source("T", "Post", "Lee, Ann"), "article", ["Lee, Ann"]),
        (Source("T", "Post", "Théa {O’Brien}"), "article", [r"\textbraceleft{}O’Brien\textbraceright{}, Théa"]),
    ],
    ids=["no outlet", "no address", "three", "an agency", "turned", "braces"],
)  # fmt: skip
def test_what_is_not_known_is_left_out(source: Source, kind: str, author: list[str]) -> None:
    (entry,) = entries(citing(source)).values()
    assert entry.type == kind
    assert [str(person) for person in entry.persons.get("author", [])] == author
    assert ("url" in entry.fields) is ("urldate" in entry.fields) is (kind == "online")
    assert "year" not in entry.fields


def test_a_title_without_words_is_the_files_name() -> None:
    (entry,) = entries(citing(Source(path="C:\\news\\report_1.txt"))).values()
    assert entry.fields["title"] == r"{report\_1.txt}"


@settings(max_examples=40)
@given(st.text(max_size=40) | st.from_regex(r"[\\{}$&#_%~^\"@,= a]{1,12}", fullmatch=True))
def test_any_text_is_printed_as_itself(text: str) -> None:
    (entry,) = entries(citing(Source(text, f"x{text}", "", None, "https://a.example/{x}"), quote=text)).values()
    words = " ".join(plain(text).split())
    if words:
        assert entry.fields["title"] == f"{{{latex(text)}}}"
        assert COMMAND.sub(lambda found: PRINTED[found[0]], latex(text)) == words
    assert entry.fields["url"] == "https://a.example/%7Bx%7D"


def test_hostile_text_makes_no_entry_and_no_command() -> None:
    evil = "}, author = {x}}\n@article{evil, title = {\\input{/etc/passwd} \\write18{rm}"
    (entry,) = entries(citing(Source(evil, HOSTILE, evil), article_id=evil, quote=evil)).values()
    assert set(entry.fields) == {"title", "journal", "entrysubtype", "annote", "keywords"}
    assert not re.search(r"\\(?:input|write)", to_bibtex([Dated(citing(Source(evil)), DAY)]))


# --- CSL-JSON ------------------------------------------------------------------------------------------------


def test_csl_says_the_same_in_the_items_that_zotero_imports() -> None:
    items = json.loads(to_csl([Dated(ANSWER, DAY)]))
    assert items[0] == {
        "id": next(iter(entries(ANSWER))),
        "type": "article-newspaper",
        "title": "Council approves repair of the harbour bridge",
        "author": [{"family": "Holm", "given": "Ida"}],
        "container-title": "The Saltmarsh Courier",
        "issued": {"date-parts": [[2017, 3, 7]]},
        "URL": "https://courier.example/2017/03/07/bridge",
        "accessed": {"date-parts": [[2026, 3, 1]]},
        "note": f"“{CITATIONS[0].quote}”\n“{CITATIONS[3].quote}”\nByline article bridge",
    }
    (agency,) = json.loads(to_csl([Dated(citing(Source(author="Coastal News Agency")), DAY)]))
    assert agency["author"] == [{"literal": "Coastal News Agency"}]


# --- CSV -----------------------------------------------------------------------------------------------------


def test_a_row_is_a_sentence_with_a_quote() -> None:
    version = Version("5.1 million", "4.2 million", "later", replace(CITATIONS[1], number=5))
    found = rows(replace(ANSWER, versions=(version,)))
    assert [row["quote"] for row in found] == [one.quote for one in (*CITATIONS, CITATIONS[1])]
    assert found[1]["sentence"] == found[2]["sentence"] == SENTENCES[1].text
    assert (found[4]["relation"], found[4]["sentence"]) == ("later", "5.1 million, not 4.2 million")
    assert list(found[0].values())[0:5] == ["2026-03-01", "What does it cost?", SENTENCES[0].text, "supported", "cited"]
    assert [found[0][name] for name in ("article_id", "start", "end")] == [
        *("bridge", str(CITATIONS[0].start), str(CITATIONS[0].end))
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5 degrees", "'-5 degrees"),
        ("@SUM(1)", "'@SUM(1)"),
        (" \t=1", " \t'=1"),
        ("a\n=1", "a\n'=1"),
        ("x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"),
        ("\r=1", "' =1"),
        ("＝1", "'＝1"),
        ("It cost 5=5; more, -1.", "It cost 5=5; more, -1."),
    ],
)
def test_nothing_is_a_formula_to_a_spreadsheet(text: str, cell: str) -> None:
    assert as_cell(text) == cell


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_hostile_text_is_no_formula_however_the_table_is_split(delimiter: str) -> None:
    evil = '=cmd|" /C calc"!A0;=1\t@x\n-1,+1'
    answer = citing(Source(evil, evil, evil), quote=evil, article_id=evil)
    answer = replace(answer, question=Question(evil, DAY), sentences=(Sentence(evil, "supported", (1,)),))
    text = to_table([Dated(answer, DAY)])
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(' "')[:1] in tuple("=+-@")]
    assert cells[: len(COLUMNS)] == list(COLUMNS) or delimiter != ","


# --- all of them ---------------------------------------------------------------------------------------------


def test_what_is_near_to_a_refusal_is_no_source() -> None:
    assert references([Dated(REFUSAL, DAY)]) == ()
    assert (to_bibtex([Dated(REFUSAL, DAY)]), json.loads(to_csl([Dated(REFUSAL, DAY)])), rows(REFUSAL)) == ("", [], [])


def test_a_conversation_is_given_out_with_the_day_it_was_held() -> None:
    at = datetime(2025, 12, 31, 9, tzinfo=UTC)
    exchanges = (Exchange(1, ANSWER.question, answer=ANSWER), Exchange(2, ANSWER.question, wrong="it broke"))
    whole = Conversation(Place("a1", 1), "T", at, at, tuple(KeptExchange(one, at) for one in exchanges))
    assert "urldate = {2025-12-31}" in FORMATS["bibtex"](whole)
    assert len(json.loads(FORMATS["csl"](whole))) == 2
    assert in_bytes(FORMATS["csv"](whole), "csv").startswith(b"\xef\xbb\xbfasked,question")
