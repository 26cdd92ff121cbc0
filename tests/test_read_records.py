"""JSON, JSON Lines and tables: the usual columns, one bad record at a time."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index import unpack
from index.errors import UsageError
from index.read import read
from index.records import Draft, Skipped

GOOD = {"id": "a1", "title": "Bridge shut", "text": "The bridge was shut on Thursday.", "publish_date": "2024/06/07"}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    raw = content if isinstance(content, bytes) else content.encode()
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def lines(*records: Any) -> str:
    return "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)


def draft_of(folder: Path, record: dict[str, Any], **columns: str) -> Draft:
    (draft,) = read(write(folder, "a.jsonl", lines(record)), columns)
    assert isinstance(draft, Draft)
    return draft


def test_a_record_keeps_its_id_place_and_facts(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", lines(GOOD))
    (draft,) = read(path)
    assert isinstance(draft, Draft)
    assert (draft.key, draft.where, draft.source.path, draft.text) == ("a1", "line 1", str(path), GOOD["text"])
    assert (draft.source.title, draft.source.published) == ("Bridge shut", date(2024, 6, 7))


def test_a_bad_record_is_skipped_by_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = ["{broken", "[1, 2]", "null", {"text": "  "}, {"title": "No text"}, "[" * 100_000, ""]
    found = list(read(write(tmp_path, "a.jsonl", lines(*bad, GOOD))))
    assert [item.where for item in found] == [f"line {number}" for number in (1, 2, 3, 4, 5, 6, 8)]
    assert [type(item) for item in found] == [Skipped] * 6 + [Draft]


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param([GOOD, GOOD], id="list"),
        pytest.param({"status": "ok", "articles": [GOOD, GOOD]}, id="under_articles"),
        pytest.param({"data": {"results": [GOOD, GOOD]}}, id="nested"),
    ],
)
def test_a_list_of_articles_is_found_in_json(tmp_path: Path, shape: Any) -> None:
    found = list(read(write(tmp_path, "a.json", json.dumps(shape))))
    assert [item.where for item in found if isinstance(item, Draft)] == ["item 1", "item 2"]


def test_one_article_in_json_has_no_place_inside_its_file(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path, "a.json", json.dumps(GOOD)))
    assert isinstance(draft, Draft)
    assert draft.where == ""


def test_json_and_json_lines_are_known_by_content_where_the_name_is_wrong(tmp_path: Path) -> None:
    assert len(list(read(write(tmp_path, "a.json", lines(GOOD, GOOD))))) == 2
    assert len(list(read(write(tmp_path, "a.jsonl", json.dumps([GOOD, GOOD], indent=1))))) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_tables_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["Headline", "Body", "Newspaper"], ["Bridge shut", '"It shut.\n\nIt, too; ""reopened""."', "Courier"]]
    (draft,) = read(write(tmp_path, "a.csv", "\r\n".join(delimiter.join(row) for row in rows)))
    assert isinstance(draft, Draft)
    assert (draft.text, draft.source.outlet, draft.where) == ('It shut.\n\nIt, too; "reopened".', "Courier", "line 2")


def test_a_row_with_too_many_cells_is_skipped_rather_than_cut(tmp_path: Path) -> None:
    first, second = read(write(tmp_path, "a.csv", "title,text\nBridge,It shut, and reopened\nBridge,It shut\n"))
    assert isinstance(first, Skipped)
    assert (first.where, second.where) == ("line 2", "line 3")


def test_a_table_without_a_text_column_is_skipped_once_naming_its_columns(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path, "a.csv", "titolo,corpo\nPonte,Chiuso\n"))
    assert isinstance(found, Skipped)
    assert "titolo, corpo" in found.reason


def test_columns_can_be_told(tmp_path: Path) -> None:
    record = {"meta": {"titolo": "Ponte chiuso"}, "corpo": "Il ponte è chiuso.", "text": "other"}
    draft = draft_of(tmp_path, record, text="corpo", title="meta.titolo")
    assert (draft.source.title, draft.text) == ("Ponte chiuso", "Il ponte è chiuso.")


def test_a_field_that_articles_do_not_have_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="teksto"):
        list(read(write(tmp_path, "a.jsonl", lines(GOOD)), {"teksto": "text"}))


def test_nested_names_and_lists_of_names_are_read(tmp_path: Path) -> None:
    record = {**GOOD, "source": {"id": None, "name": "Courier"}, "authors": ["Jo Poe", {"name": "Al Moe"}]}
    source = draft_of(tmp_path, record).source
    assert (source.outlet, source.author) == ("Courier", "Jo Poe, Al Moe")


def test_the_outlet_comes_from_the_address_where_nothing_names_it(tmp_path: Path) -> None:
    assert draft_of(tmp_path, {**GOOD, "url": "https://www.courier.example/a"}).source.outlet == "courier.example"
    assert draft_of(tmp_path, {**GOOD, "source": "https://www.courier.example/"}).source.outlet == "courier.example"


def test_html_in_a_text_column_is_stripped_and_entities_are_read(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {**GOOD, "title": "A&amp;B", "text": "<p>One <i>two</i>.</p><p>Three &amp; four.</p>"})
    assert (draft.text, draft.source.title) == ("One two.\n\nThree & four.", "A&B")


def test_a_dateline_alone_is_marked_and_a_dateline_in_a_sentence_is_body(tmp_path: Path) -> None:
    alone = draft_of(tmp_path, {**GOOD, "text": "New York CNN Business —\n\nShares fell on Tuesday."})
    assert [(mark.role, alone.text[mark.start : mark.end]) for mark in alone.marks] == [
        ("byline", "New York CNN Business —")
    ]
    assert draft_of(tmp_path, {**GOOD, "text": "HAVENBROOK (AP) — Shares fell on Tuesday."}).marks == ()


def test_the_records_type_names_the_kind(tmp_path: Path) -> None:
    assert draft_of(tmp_path, {**GOOD, "type": "interview"}).kind == "interview"
    assert draft_of(tmp_path, {**GOOD, "section": "US, Opinion"}).kind == "opinion"
    assert draft_of(tmp_path, {**GOOD, "type": "article"}).kind == "news"


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.JSONL"])
def test_packed_files_are_read_as_they_are(tmp_path: Path, name: str) -> None:
    (draft,) = read(write(tmp_path, name, json.dumps(GOOD) if "json." in name else lines(GOOD)))
    assert isinstance(draft, Draft)


def test_a_record_over_the_limit_is_skipped_and_the_next_is_read(tmp_path: Path) -> None:
    long = '{"text": "' + "word " * (unpack.LARGEST_RECORD // 5) + '"}'
    first, second = read(write(tmp_path, "a.jsonl", lines(long, GOOD)))
    assert isinstance(first, Skipped)
    assert isinstance(second, Draft)
    assert (first.where, second.where) == ("line 1", "line 2")


def test_a_gzip_bomb_is_given_up(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt.gz", bytes([32]) * (unpack.LARGEST_RECORD + 2**20))
    (found,) = read(path)
    assert isinstance(found, Skipped)


def test_a_truncated_gzip_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl.gz", lines(*[{**GOOD, "n": number} for number in range(2000)]))
    path.write_bytes(path.read_bytes()[:-200])
    *drafts, last = read(path)
    assert len(drafts) > 100
    assert isinstance(last, Skipped)
