"""Exports of Hypothesis: what readers marked is the page's and is quoted; what they wrote is theirs and never is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_material import EMBEDDER, MAX_TOKENS

from index.archive import Archive
from index.build import build
from index.read import read
from index.read_annotations import EXCERPTS, LOOSE, NO_PASSAGE
from index.records import Draft, Skipped

PAGE = "https://courier.example/news/2024/06/07/bridge"
CRACK = "The crack in the north pillar widened to four centimeters overnight, the town said."
TUNNEL = "Some 4,000 cars a day now take the tunnel."
NOTE = "The mayor knew of the crack in March."


def annotation(passage: str = "", note: str = "", *, start: int | None = None, **fields: Any) -> dict[str, Any]:
    """Return one annotation as the API gives it out."""
    quote = [{"type": "TextQuoteSelector", "exact": passage, "prefix": "x", "suffix": "y"}] if passage else []
    position = [] if start is None else [{"type": "TextPositionSelector", "start": start, "end": start + len(passage)}]
    return {
        "id": f"a{start}",
        "created": "2024-07-01T09:00:00.000000+00:00",
        "updated": "2024-07-02T09:00:00.000000+00:00",
        "user": "acct:mara@hypothes.is",
        "uri": PAGE,
        "text": note,
        "tags": ["bridge"],
        "document": {"title": ["Harbor bridge shut"]},
        "target": [{"source": PAGE, "selector": [*position, *quote]}],
        **fields,
    }


def answer(*rows: Any) -> dict[str, Any]:
    return {"total": len(rows), "rows": list(rows)}


def found(folder: Path, data: Any, name: str = "a.json") -> list[Draft | Skipped]:
    (folder / name).write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return list(read(folder / name))


def draft_of(folder: Path, data: Any) -> Draft:
    (draft,) = found(folder, data)
    assert isinstance(draft, Draft)
    return draft


def body_of(draft: Draft) -> str:
    """Return what is left of the text without its marks."""
    kept, place = "", 0
    for mark in draft.marks:
        kept, place = kept + draft.text[place : mark.start], mark.end
    return kept + draft.text[place:]


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda rows: {"total": 2, "rows": rows}, id="the_apis_answer"),
        pytest.param(
            lambda rows: {"export_date": "2024-07-03", "client_version": "1", "annotations": rows}, id="sidebar"
        ),
        pytest.param(lambda rows: rows, id="a_list"),
    ],
)
def test_a_page_is_one_article_of_its_passages_in_their_order(tmp_path: Path, shape: Any) -> None:
    draft = draft_of(tmp_path, shape([annotation(TUNNEL, start=900), annotation(CRACK, NOTE, start=20)]))
    note = f"[Note by mara, 2024-07-01: {NOTE}]"
    assert draft.text == "\n\n".join([EXCERPTS, CRACK, note, "[…]", TUNNEL])
    assert (draft.source.title, draft.source.url, draft.source.outlet) == (
        "Harbor bridge shut",
        PAGE,
        "courier.example",
    )
    assert draft.source.author == ""


def test_only_the_pages_own_words_are_body(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path, answer(annotation(CRACK, NOTE, start=1), annotation(TUNNEL, start=9), annotation("", NOTE))
    )
    assert body_of(draft).split("\n\n") == ["", CRACK, "", TUNNEL, ""]
    assert draft.text.count(NOTE) == 2


def test_what_a_reader_wrote_is_in_no_passage_that_is_searched(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    found(tmp_path / "in", answer(annotation(CRACK, NOTE, start=1), annotation(TUNNEL, start=900)))
    with Archive.open(tmp_path / "archive", create=True) as archive:
        build(archive, [tmp_path / "in"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        passages = [passage.text for row in archive.articles() for passage in archive.article_passages(row.id)]
    assert passages == [CRACK, TUNNEL]


@pytest.mark.parametrize(
    ("address", "published"),
    [(PAGE, "2024-06-07"), ("https://courier.example/bridge", "None")],
)
def test_the_day_of_the_marking_is_not_the_day_of_publication(tmp_path: Path, address: str, published: str) -> None:
    assert str(draft_of(tmp_path, answer(annotation(CRACK, uri=address))).source.published) == published


def test_a_date_or_name_that_a_reader_marked_dates_and_signs_nothing(tmp_path: Path) -> None:
    source = draft_of(
        tmp_path, answer(annotation("June 7, 2023"), annotation("By Jo Poe"), annotation(CRACK, uri=PAGE))
    ).source
    assert (source.author, str(source.published)) == ("", "2024-06-07")


def test_a_passage_that_two_readers_marked_stands_once_with_both_notes(tmp_path: Path) -> None:
    other = annotation(CRACK, "Who measured?", user="acct:lev@hypothes.is")
    text = draft_of(tmp_path, answer(annotation(CRACK, NOTE), other)).text
    assert (text.count(CRACK), text.count("[Note by mara"), text.count("[Note by lev")) == (1, 1, 1)


def test_each_page_is_an_article_and_notes_without_a_passage_are_none(tmp_path: Path) -> None:
    away = "https://post.example/ferry"
    rows = [annotation(CRACK), annotation("", NOTE, uri=away), annotation(TUNNEL, uri="urn:x-pdf:4f2a"), {"uri": 5}]
    items = found(tmp_path, answer(*rows))
    assert [(item.where, item.reason) for item in items if isinstance(item, Skipped)] == [
        ("item 4", "not an annotation"), (away, NO_PASSAGE),
    ]  # fmt: skip
    assert [(item.where, item.source.url) for item in items if isinstance(item, Draft)] == [
        (PAGE, PAGE), ("urn:x-pdf:4f2a", ""),
    ]  # fmt: skip


def test_a_page_read_through_the_proxy_is_at_its_own_address(tmp_path: Path) -> None:
    assert draft_of(tmp_path, answer(annotation(CRACK, uri=f"https://via.hypothes.is/{PAGE}"))).source.url == PAGE


def test_a_line_of_json_lines_is_no_article_of_its_readers_words(tmp_path: Path) -> None:
    (item,) = found(tmp_path, json.dumps(annotation(CRACK, NOTE)), "a.jsonl")
    assert isinstance(item, Skipped)
    assert item.reason == LOOSE


@pytest.mark.parametrize("name", ["document", "target", "created", "text", "tags"])
@pytest.mark.parametrize("value", [None, 5, "x", [], [None], [[1]], {"title": {"a": 1}}, [{"selector": [{"type": 5}]}]])
def test_a_field_of_another_kind_ends_nothing(tmp_path: Path, name: str, value: Any) -> None:
    items = found(tmp_path, answer(annotation(CRACK, start=1), annotation(TUNNEL, **{name: value})))
    assert any(isinstance(item, Draft) and CRACK in item.text for item in items)
