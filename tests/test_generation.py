"""What is searched by arrays and what without them is the same, whatever became of a generation."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_material import DESK, EMBEDDER, MAX_TOKENS, put, write_lines

from index.archive import Archive
from index.build import build
from index.records import Article, Filters, Source
from index.repair import check, repair

MANY = [
    Article(
        f"n{n}",
        Source(f"Number {n}", f"Outlet {n % 3}", f"Writer {n % 4}", date(2021, 1 + n % 12, 1)),
        f"The {n}th boat left the harbour with {n * 7} crates of robots.",
    )
    for n in range(60)
]
FILTERS = (
    Filters(),
    Filters(since=date(2021, 6, 1)),
    Filters(outlets=("outlet 1",), until=date(2021, 9, 1)),
    Filters(authors=("writer 2",)),
)
Found = list[tuple[list[float], list[str]]]


def ask(archive: Archive) -> Found:
    """Return what both find within each filter: cosines, as passages of equal ones may change places, and ids."""
    vector = EMBEDDER.embed(["boats of the harbour"])[0]
    return [
        (
            [round(cosine, 4) for _, cosine in archive.search_dense(vector, limit=20, filters=filters)],
            [id for id, _ in archive.search_lexical("the 7th boat of the harbour", limit=20, filters=filters)],
        )
        for filters in FILTERS
    ]


def generation(archive: Archive) -> Path:
    current = archive.current_vectors()
    assert current is not None
    return archive.vectors.folder / current.generation


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        put(archive, [*DESK, *MANY])
        yield archive


def test_a_search_by_arrays_finds_what_sqlite_does(archive: Archive) -> None:
    before = ask(archive)
    archive.publish_vectors()
    assert archive.is_published()
    assert ask(archive) == before
    assert all(dense and words for dense, words in before)


def test_a_search_by_the_graph_finds_what_sqlite_does(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ask(archive)
    archive.publish_vectors()
    asked: list[int] = []
    search = archive.vectors.search
    monkeypatch.setattr(
        archive.vectors, "search", lambda *given, limit: asked.append(limit) or search(*given, limit=limit)
    )
    monkeypatch.setattr("index.nearest.FEW", 10)
    assert ask(archive) == before
    assert len(asked) == len(FILTERS)


@pytest.mark.parametrize("folders", [("table",), ("words",), ("table", "words")], ids=str)
def test_a_generation_of_an_earlier_byline_serves_and_is_completed_by_the_next_run(
    tmp_path: Path, folders: tuple[str, ...]
) -> None:
    write_lines(tmp_path / "a.jsonl", {f"n{n}": f"Boat {n} left the harbour." for n in range(30)})
    with Archive.open(tmp_path / "archive", create=True) as archive:
        build(archive, [tmp_path / "a.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        before = ask(archive)
        for folder in folders:
            shutil.rmtree(generation(archive) / folder)
    with Archive.open(tmp_path / "archive") as archive:
        assert ask(archive) == before
        assert not archive.is_published()
        build(archive, [tmp_path / "a.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert archive.is_published()
        assert ask(archive) == before


@pytest.mark.parametrize("name", ["table/vectors.npy", "words/rows.npy", "words/terms.bin", "table/about.json"])
def test_damage_makes_a_search_slower_and_is_told_and_mended(archive: Archive, name: str) -> None:
    archive.publish_vectors()
    before = ask(archive)
    file = generation(archive) / name
    content = file.read_bytes()
    file.unlink()  # what is mapped stays as it is: a file is replaced, as a disk's repair does
    file.write_bytes(content[:-20])
    with Archive.open(archive.folder) as opened:
        assert ask(opened) == before
        assert name.split("/")[0] in "".join(check(opened))
        repair(opened)
        assert check(opened) == []
        assert ask(opened) == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", ["write_table", "write_postings"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_end_between_the_arrays_and_the_pointer_leaves_the_generation_before(
    archive: Archive, place: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.publish_vectors()
    put(archive, [Article("zebra", Source("Zebra"), "A zebra escaped from the harbour.")])
    before = ask(archive)
    named = archive.vectors.current()

    import index.generation

    write = getattr(index.generation, place)

    def end(*arguments: object) -> None:
        if when == "after":
            write(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(index.generation, place, end)
        with pytest.raises(Killed):
            archive.publish_vectors()
    assert archive.vectors.current() == named
    assert ask(archive) == before
    archive.publish_vectors()
    assert archive.is_published()
    assert ask(archive) == before
    assert len(list(archive.vectors.folder.iterdir())) == 3  # CURRENT, this one and the one before


def test_a_reader_moves_to_a_new_generations_arrays_by_itself(archive: Archive) -> None:
    archive.publish_vectors()
    with Archive.open(archive.folder) as reader:
        ask(reader)
        put(archive, [Article("zebra", Source("Zebra"), "A zebra, a boat of the harbour: the 7th zebra.")])
        assert ask(reader) == ask(archive)
        archive.publish_vectors()
        assert ask(reader) == ask(archive)
        [found] = reader.search_lexical("zebra", limit=1)
        assert reader.passages([found[0]])[found[0]].article_id == "zebra"
