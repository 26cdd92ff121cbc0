"""Any file in, no exception out; marks always lie in the text; the sample articles all read whole."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.read import read
from index.records import Draft, Skipped

SAMPLES = Path(__file__).parents[1] / "index" / "samples" / "articles"
NAMES = ["a.txt", "a.md", "a.html", "a.json", "a.jsonl", "a.csv", "a.tsv", "a.txt.gz", "README"]
BITS = [
    "Bridge shut again", "By Jo Poe | June 7, 2024", "Tuesday, September 1, 2015", "---", "title: x",
    "Date: 2024-06-07", "Title: y", "# Head", "![pic](p.jpg)", "Photo: Jo Poe", "The dam held. (Photo: Jo Poe)",
    "Read more", "RELATED: Dam fails", "CNN —", "The bridge was shut on Thursday.", "<p>x</p>", "<html>",
    "<figcaption>three words here</figcaption>", '{"text": "It shut."}', '{"text": 5, "date": 1e400}',
    "title,text", "a,b", "\x00", "\ufeff", "\ue000", "\r", "Opinion", "The Courier", "Jo Poe", "Associated Press",
    "",
]  # fmt: skip


def check(raw: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        for found in read(path):
            assert isinstance(found, Skipped) or _is_sound(found)


def _is_sound(draft: Draft) -> bool:
    end = 0
    for mark in draft.marks:
        assert end <= mark.start < mark.end <= len(draft.text)
        end = mark.end
    draft.text.encode("utf-8")
    return bool(draft.text.strip()) and "\r" not in draft.text


@settings(deadline=None)  # the first page imports trafilatura
@given(raw=st.binary(max_size=400), name=st.sampled_from(NAMES))
def test_any_bytes_read_or_are_skipped(raw: bytes, name: str) -> None:
    check(raw, name)


@settings(deadline=None)
@given(lines=st.lists(st.sampled_from(BITS) | st.text(max_size=30), max_size=12), name=st.sampled_from(NAMES))
def test_any_lines_read_or_are_skipped_and_marks_are_sound(lines: list[str], name: str) -> None:
    check("\n".join(lines).encode("utf-8", "surrogatepass"), name)


def test_a_web_page_saved_as_text_is_read_as_a_page(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    body = "".join(f"<p>The bridge was shut on Thursday, the town said in statement number {n}.</p>" for n in range(9))
    path.write_text(f"<html><head><title>Bridge</title></head><body><article>{body}</article></body></html>", "utf-8")
    (draft,) = read(path)
    assert isinstance(draft, Draft)
    assert "<p>" not in draft.text


@pytest.mark.parametrize("raw", [b"", b"  \n", bytes(range(32)) * 50], ids=["empty", "blank", "binary"])
def test_a_file_without_words_is_skipped_with_the_reason(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(raw)
    (found,) = read(tmp_path / "a.txt")
    assert isinstance(found, Skipped)
    assert found.reason


def test_a_file_that_vanished_is_skipped(tmp_path: Path) -> None:
    (found,) = read(tmp_path / "gone.txt")
    assert isinstance(found, Skipped)


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_sample_article_reads_with_title_outlet_date_and_no_skip(path: Path) -> None:
    found = list(read(path))
    assert found
    for draft in found:
        assert isinstance(draft, Draft)
        assert draft.source.title
        assert draft.source.outlet
        assert draft.source.published


def test_no_sentence_of_a_sample_record_is_lost() -> None:
    path = SAMPLES / "coastal-news-agency.jsonl"
    texts = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    assert [draft.text.split() for draft in read(path) if isinstance(draft, Draft)] == [text.split() for text in texts]
