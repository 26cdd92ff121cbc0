import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.current import Current
from index.vectors import VectorRow, Vectors, VectorsUnreadable

DIMENSION = 16


def row(number: int) -> VectorRow:
    """Return the row that this number always has."""
    vector = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return VectorRow(number, vector)


def fetch(numbers: Sequence[int]) -> list[VectorRow]:
    return [row(number) for number in numbers]


def publish(vectors: Vectors, numbers: Sequence[int], revision: int, fingerprint: str = "made so") -> Current:
    vectors.publish(numbers, fetch, state=Current("", "a", revision, 0, fingerprint))
    current = vectors.current()
    assert current is not None
    return current


def nearest(vectors: Vectors, number: int, limit: int = 5) -> list[int]:
    current = vectors.current()
    assert current is not None
    return [found for found, _ in vectors.search(current, row(number).vector, limit=limit)]


def graph_hashes(folder: Path) -> dict[str, str]:
    """Return a hash of every file but Chroma's database, whose own writes are transactions."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "chroma.sqlite3")
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    vectors = Vectors(tmp_path / "vectors")
    yield vectors
    vectors.close()


def test_the_nearest_are_those_of_an_exact_scan(vectors: Vectors) -> None:
    publish(vectors, range(300), 1)
    matrix = np.stack([row(number).vector for number in range(300)])
    current = vectors.current()
    assert current is not None
    for number in range(0, 300, 30):
        found = vectors.search(current, row(number).vector, limit=10)
        cosines = matrix @ row(number).vector
        assert [passage for passage, _ in found] == np.argsort(-cosines)[:10].tolist()
        np.testing.assert_allclose([cosine for _, cosine in found], np.sort(cosines)[::-1][:10], atol=1e-5)


def test_more_is_asked_for_than_there_is(vectors: Vectors) -> None:
    publish(vectors, range(3), 1)
    assert len(nearest(vectors, 1, limit=1000)) == 3
    assert nearest(vectors, 1, limit=0) == []


def test_no_passages_are_a_generation_too(vectors: Vectors) -> None:
    assert publish(vectors, [], 4) == Current("", "a", 4, 0, "made so")
    assert nearest(vectors, 1) == []


def test_a_small_change_goes_into_a_copy(vectors: Vectors) -> None:
    publish(vectors, range(700), 1)
    after = publish(vectors, [*range(10, 700), 1000, 1001], 2)
    assert after.replaced == 10
    assert after.count == 692
    assert nearest(vectors, 1000)[0] == 1000
    assert nearest(vectors, 3)[0] != 3


class Noted:
    """A companion that writes which passages it was made for, and what it was made from."""

    folders = ("noted",)

    def write(self, numbers: Sequence[int], generation: Path, before: Path | None) -> None:
        folder = generation / "noted"
        folder.mkdir()  # fails where a copy has brought it
        (folder / "made.txt").write_text(f"{len(numbers)} {before.name if before else None}")

    def is_there(self, generation: Path) -> bool:
        return (generation / "noted" / "made.txt").is_file()


def test_a_companion_is_made_with_each_generation_and_for_one_that_lacks_it(vectors: Vectors) -> None:
    def made(count: int) -> tuple[str, str]:
        vectors.publish(range(count), fetch, state=Current("", "a", count, 0, "made so"), companion=Noted())
        current = vectors.current()
        assert current is not None
        return current.generation, (vectors.folder / current.generation / "noted" / "made.txt").read_text()

    old = publish(vectors, range(700), 1).generation
    first = made(700)
    assert first == (first[0], f"700 {old}")
    assert made(700) == first
    assert made(720)[1] == f"720 {first[0]}"


def test_a_large_change_and_many_small_ones_make_it_anew(vectors: Vectors) -> None:
    publish(vectors, range(700), 1)
    assert publish(vectors, range(300, 1000), 2).replaced == 0
    assert publish(vectors, range(400, 1100), 3).replaced == 100
    assert publish(vectors, range(500, 1200), 4).replaced == 0


def test_another_fingerprint_makes_it_anew(vectors: Vectors) -> None:
    publish(vectors, range(700), 1)
    assert publish(vectors, range(10, 700), 2, fingerprint="made otherwise").replaced == 0


def test_the_same_passages_only_get_a_new_revision(vectors: Vectors) -> None:
    before = publish(vectors, range(50), 1)
    after = publish(vectors, range(50), 9)
    assert (after.generation, after.revision) == (before.generation, 9)


@pytest.mark.parametrize("count", [2, 700, 1400])
def test_readers_never_write_the_graph_of_a_generation(vectors: Vectors, count: int) -> None:
    folder = vectors.folder / publish(vectors, range(count), 1).generation
    before = graph_hashes(folder)
    for number in range(5):
        nearest(vectors, number)
    vectors.close()
    publish(vectors, range(1, count + 1), 2)
    assert graph_hashes(folder) == before


def test_a_reader_moves_to_the_new_generation_by_itself(vectors: Vectors) -> None:
    publish(vectors, range(100), 1)
    assert nearest(vectors, 200)[0] != 200
    writer = Vectors(vectors.folder)
    publish(writer, range(50, 250), 2)
    assert nearest(vectors, 200)[0] == 200
    writer.close()


def test_the_one_before_is_kept_and_older_ones_are_deleted(vectors: Vectors) -> None:
    (vectors.folder / "00000000-left").mkdir(parents=True)
    names = [publish(vectors, range(start, start + 20), start + 1).generation for start in range(4)]
    assert {path.name for path in vectors.folder.iterdir()} == {"CURRENT", *names[-2:]}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"generation": "x"}', b"\xff\xfe", b"null"], ids=repr)
def test_a_damaged_pointer_is_no_pointer(vectors: Vectors, content: bytes) -> None:
    publish(vectors, range(20), 1)
    (vectors.folder / "CURRENT").write_bytes(content)
    assert vectors.current() is None
    publish(vectors, range(20), 1)
    assert nearest(vectors, 3)[0] == 3


def test_a_generation_that_lost_its_collection_is_unreadable_and_made_anew(vectors: Vectors) -> None:
    current = publish(vectors, range(700), 1)
    vectors.close()
    (vectors.folder / current.generation / "chroma.sqlite3").write_bytes(b"")
    with pytest.raises(VectorsUnreadable):
        nearest(vectors, 1)
    assert publish(vectors, range(1, 701), 2).count == 700
    assert nearest(vectors, 700)[0] == 700


def test_a_generation_too_large_to_be_sound_is_not_copied(vectors: Vectors) -> None:
    current = publish(vectors, range(700), 1)
    with (vectors.folder / current.generation / "link_lists.bin").open("wb") as file:
        file.truncate(2**36)  # 64 GB that take no room, as a torn save leaves them
    after = publish(vectors, range(1, 701), 2)
    assert after.replaced == 0
    assert sum(path.stat().st_size for path in (vectors.folder / after.generation).rglob("*")) < 2**30
