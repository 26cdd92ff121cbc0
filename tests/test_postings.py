"""The words of a generation against FTS5 itself: the same passages with the same scores, whatever the texts are."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from archive_material import DESK, put
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.generation import NOTHING, Arrays, Generation, check_arrays, has_arrays, open_generation
from index.nearest import rank_words
from index.records import Article, Filters, Source
from index.selection import EVERYTHING, Selection, select
from index.store import delete_articles
from index.words import search_words

WORDS = "bridge bridges bridging Coca-Cola coca cola U.S. us u s mayor’s mayor naïve naive 1,250 1250 9/11 the".split()
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), min_size=1, max_size=30).map(" ".join)
QUESTIONS = ["bridge", "the US", "Coca-Cola 1,250", "naive mayor's 9/11", "新闻 é ½", "the", "nothing of it"]


def make_arrays(archive: Archive, folder: Path, before: Path | None = None) -> Generation:
    """Write the arrays of the archive's present state into `folder` and open them."""
    with archive.store.reading() as connection:
        numbers = [number for (number,) in connection.execute("SELECT number FROM embeddings ORDER BY number")]
        Arrays(connection).write(numbers, folder, before)
    return open_generation(folder)


def assert_same(archive: Archive, generation: Generation, questions: Sequence[str], selection: Selection) -> None:
    with archive.store.reading() as connection:
        for question in questions:
            for limit in (1, 3, 1000):
                asked = search_words(connection, question, limit=limit, selection=selection)
                found = rank_words(connection, generation, question, limit=limit, selection=selection)
                assert found == asked, question


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("postings"), create=True) as archive:
        put(archive, DESK)
        yield archive


@settings(max_examples=15)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=8), title=TEXTS, more=st.lists(TEXTS, max_size=3), gone=st.integers(0, 7)
)
def test_hits_and_scores_are_those_of_fts5(texts: list[str], title: str, more: list[str], gone: int) -> None:
    with tempfile.TemporaryDirectory() as place, Archive.open(Path(place), create=True) as archive:
        put(archive, [Article(f"a{n}", Source(title if n % 2 else ""), text) for n, text in enumerate(texts)])
        first = make_arrays(archive, Path(place, "first"))
        if first.table is None:
            return  # nothing in these texts is a passage
        assert_same(archive, first, [*texts, *QUESTIONS], EVERYTHING)
        put(archive, [Article(f"b{n}", Source(), text) for n, text in enumerate([*more, "a bridge"])])
        with archive.store.writing() as connection:
            delete_articles(connection, [f"a{gone}"])
        second = make_arrays(archive, Path(place, "second"), Path(place, "first"))
        assert_same(archive, second, [*texts, *more, *QUESTIONS], EVERYTHING)


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(outlets=("daily echo",)), Filters(since=date(2021, 4, 1)), Filters(authors=("ann lee",))],
    ids=["none", "outlet", "since", "author"],
)
def test_filters_apply_before_the_ranking(archive: Archive, tmp_path: Path, filters: Filters) -> None:
    generation = make_arrays(archive, tmp_path / "made")
    assert generation.table is not None
    selection = select(filters, generation.table.authors)
    assert_same(archive, generation, ["the bridge, the robot and the ferry", "U.S. firm", "prize"], selection)


def test_words_counted_very_often_are_counted_to_the_end(tmp_path: Path) -> None:
    with Archive.open(tmp_path, create=True) as archive:
        put(archive, [Article("a", Source(), "la " * 300), Article("b", Source("la"), "La da."), *DESK])
        assert_same(archive, make_arrays(archive, tmp_path / "made"), ["la", "da la"], EVERYTHING)


def test_small_batches_are_merged_to_the_same(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.postings._BATCH", 2)
    monkeypatch.setattr("index.postings._POSTINGS_AT_ONCE", 3)
    monkeypatch.setattr("index.postings._CHUNKS_KNOWN", 4)
    make_arrays(archive, tmp_path / "first")
    second = make_arrays(archive, tmp_path / "second", tmp_path / "first")
    assert_same(archive, second, ["the harbour bridge", "U.S. firm", "robot letters"], EVERYTHING)
    for name in ("rows", "counts", "starts", "lengths"):
        first = (tmp_path / "first" / "words" / f"{name}.npy").read_bytes()
        assert (tmp_path / "second" / "words" / f"{name}.npy").read_bytes() == first


@pytest.mark.parametrize("name", ["words/rows.npy", "words/terms.bin", "words/about.json", "words/ends.npy"])
@pytest.mark.parametrize("damage", ["gone", "cut", "empty"])
def test_damaged_words_are_done_without_and_told(archive: Archive, tmp_path: Path, name: str, damage: str) -> None:
    make_arrays(archive, tmp_path / "made")
    assert check_arrays(tmp_path / "made") == ""
    file = tmp_path / "made" / name
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    if damage == "gone":
        file.unlink()
    found = open_generation(tmp_path / "made")
    assert (found.table is None, found.postings) == (False, None)
    assert not has_arrays(tmp_path / "made")
    assert check_arrays(tmp_path / "made") != ""


@pytest.mark.parametrize("name", ["table/vectors.npy", "table/numbers.npy", "table/about.json", "table/outlet.npy"])
def test_a_damaged_table_is_done_without_and_told(archive: Archive, tmp_path: Path, name: str) -> None:
    make_arrays(archive, tmp_path / "made")
    file = tmp_path / "made" / name
    file.write_bytes(file.read_bytes()[:-9])
    assert open_generation(tmp_path / "made") == NOTHING
    assert check_arrays(tmp_path / "made") != ""


def test_a_changed_byte_is_told_and_never_handed_down(archive: Archive, tmp_path: Path) -> None:
    make_arrays(archive, tmp_path / "made")
    for name in ("table/vectors.npy", "words/rows.npy"):
        file = tmp_path / "made" / name
        content = bytearray(file.read_bytes())
        content[-1] ^= 64
        file.write_bytes(content)
        assert "not as it was written" in check_arrays(tmp_path / "made")
        make_arrays(archive, tmp_path / "next", tmp_path / "made")
        assert check_arrays(tmp_path / "next") == ""
        assert (tmp_path / "next" / name).read_bytes() != bytes(content)


def test_arrays_of_another_kind_are_none(archive: Archive, tmp_path: Path) -> None:
    make_arrays(archive, tmp_path / "made")
    about = tmp_path / "made" / "words" / "about.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"made by": "another tokenizer"}))
    assert open_generation(tmp_path / "made").postings is None
