"""Pasted texts: what was pasted is what is read, and stays so whatever it holds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pasted import LONGEST, Text, make_title, parse_text, put, safe_stem, store
from index.archive import Archive
from index.build import build
from index.decode import clean, clean_line
from index.errors import UsageError
from index.read import read
from index.records import Draft

BODY = "The harbour bridge was shut on Thursday, the town said. It stays shut for weeks.\n\nBoats run every hour."


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def read_back(given_text: Text) -> Draft:
    with tempfile.TemporaryDirectory() as folder:
        (draft,) = read(store(given_text, Path(folder)))
    assert isinstance(draft, Draft)
    return draft


def test_a_text_with_all_its_fields_is_read_back_as_given() -> None:
    given_text = parse_text(
        BODY, title=' A "title": with # signs ', outlet="The Courier", published="2017-06-07", url="https://a.example/b?c=1"
    )  # fmt: skip
    draft = read_back(given_text)
    assert draft.text == BODY
    assert draft.source.title == 'A "title": with # signs'
    assert (draft.source.outlet, draft.source.published) == ("The Courier", date(2017, 6, 7))
    assert draft.source.url == "https://a.example/b?c=1"


def test_a_text_alone_takes_its_title_from_its_first_line() -> None:
    draft = read_back(Text(f"\n  Bridge shut again \n\n{BODY}"))
    assert draft.source.title == "Bridge shut again"
    assert draft.text.startswith("Bridge shut again\n\nThe harbour")
    assert draft.source.published is None


def test_a_long_first_line_is_cut_at_a_word_for_the_title_and_stays_whole_in_the_text() -> None:
    line = "The harbour bridge was shut on Thursday, the town said, and stays shut for weeks. " * 3
    assert make_title(line).endswith(" …")
    assert len(make_title(line)) <= 162
    assert line.startswith(make_title(line)[:-2])
    assert read_back(Text(line)).text == line.strip()


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: mine\n---\nThe bridge was shut.",
        "---\nThe bridge was shut.\n---",
        "# Not a heading\n\n* not a list * and _not_ [a link](http://x.example)",
        "title: {a: [b, &c *c]}\n\n!!python/object:os.system",
        "<script>alert(1)</script> & <b>bold</b>",
        "The bridge \u202ewas shut\u0000 today\u2028and tomorrow.",
        "Bridge shut\r\n\r\nThe bridge was shut.",
    ],
)
def test_no_text_is_taken_for_anything_but_text(text: str) -> None:
    draft = read_back(Text(text, title="The title"))
    assert draft.source.title == "The title"
    assert draft.text.split() == clean(text).split()


LINES = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(max_examples=40)
@given(title=LINES, outlet=LINES, text=st.lists(LINES, min_size=1, max_size=6).map("\n".join))
def test_any_title_and_any_text_are_read_back(title: str, outlet: str, text: str) -> None:
    try:
        given_text = parse_text(text, title=title, outlet=outlet, published="", url="")
    except UsageError:
        assert not clean(text).strip()
        return
    draft = read_back(given_text)
    if clean_line(title):
        assert draft.source.title == clean_line(clean_line(title))
    if clean_line(outlet):
        assert draft.source.outlet == clean_line(clean_line(outlet))


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " \n\u200b"},
        {"text": "a" * (LONGEST + 1)},
        {"published": "June 7"},
        {"published": "2017-13-07"},
        {"url": "javascript:alert(1)"},
        {"url": "courier.example/a"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_cannot_be_so_is_told(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as raised:
        parse_text(**{"text": BODY, "title": "", "outlet": "", "published": "", "url": "", **wrong})
    assert raised.value.mend


def test_the_same_text_twice_is_one_file_and_survives_a_rebuild(folder: Path) -> None:
    first, second = (store(Text(BODY), folder / "uploads") for _ in range(2))
    assert first == second
    other = store(Text(BODY + " More."), folder / "uploads")
    with Archive.open(folder / "archive", create=True) as archive:
        report = build(archive, [first, other], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert report.added == 2
        report = build(archive, [first, other], embedder=EMBEDDER, max_tokens=MAX_TOKENS, rebuild=True)
        assert (report.unchanged, report.removed) == (2, 0)


def test_a_file_is_written_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder / "a.txt", "one")

    def fail(*paths: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fail)
        patch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            put(path, "two")
    assert [(item.name, item.read_text()) for item in folder.iterdir()] == [("a.txt", "one")]


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("Straße nach Zürich", "strae-nach-zurich"),
        ("朝日", "text"),
        ("CON", "con"),  # what follows it in the name keeps it from being the device
    ],
)
def test_a_files_name_is_plain(title: str, stem: str) -> None:
    assert safe_stem(title) == stem
