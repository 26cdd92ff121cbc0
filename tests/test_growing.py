import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks import growing

SIZE, MORE = 300, 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("growing")


def measure(folder: Path, articles: int, *more: str) -> dict:
    """Return what the script writes of a small archive; the indexing is done here, not in processes of its own."""

    def watch(command: Sequence[str]) -> list[tuple[float, float]]:
        assert growing.main(list(command[2:])) == 0
        return [(0.0, 0.5), (1.0, 0.25)]

    file = folder / "figures.json"
    numbers = ["--articles", str(articles), "--more", str(MORE), "--questions", "4", *more]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(growing, "watch", watch)
        assert growing.main([*numbers, "--folder", str(folder), "--json", str(file)]) == 0
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def told(folder: Path) -> dict:
    return measure(folder, SIZE)


def test_without_a_graph_the_arrays_alone_are_written_and_found(tmp_path: Path) -> None:
    told = measure(tmp_path, 40, "--no-graph")
    assert told["graph"] == "none"
    assert told["disk"]["bytes"]["graph"] < 4096 < told["disk"]["bytes"]["arrays of words"]
    assert (told["search"]["exact hits"], told["add"]["found at once"], told["doctor"]["problems"]) == (1.0, True, [])


def test_every_stage_of_a_growing_archive_is_timed(told: dict) -> None:
    assert (told["index"]["added"], told["add"]["added"]) == (SIZE, MORE)
    assert told["index"]["peak MiB"] == 512
    for stage in ("index", "add"):
        assert min(told[stage][name] for name in ("storing s", "publishing s", "articles a second")) > 0
    for stage in ("search", "search after"):
        for limits in ("no limit", "date and outlet"):
            assert all(0 < one["p50"] <= one["p95"] for one in told[stage][limits].values())
        assert told[stage]["exact hits"] == 1.0


def test_the_parts_on_the_disk_are_all_of_the_archive(told: dict) -> None:
    parts, passages = told["disk"]["bytes"], told["index"]["passages"]
    assert all(size > 0 for size in parts.values())
    vectors = passages * growing.MadeUpVectors.dimension * 4
    for part in ("vectors", "array of vectors, dates, names", "graph"):  # each holds all of them
        assert vectors <= parts[part] < 4 * vectors, part
    kept = {part: round(size / SIZE) for part, size in parts.items()}
    assert told["disk"]["bytes an article"] == kept


def test_what_is_added_is_found_by_a_process_that_was_there_before(told: dict) -> None:
    assert told["add"]["found at once"] is True
    assert told["add"]["search meanwhile ms"]["n"] > 0
    assert told["doctor"]["problems"] == []


def test_made_up_vectors_are_units_the_same_every_time_and_near_those_of_their_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(growing, "TOPICS", 50)
    texts = [f"story {number}" for number in range(300)]
    rows = growing.MadeUpVectors().embed(texts)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows, growing.MadeUpVectors().embed(texts))
    cosines = np.sort(rows[:50] @ rows.T, axis=1)
    assert 0.3 < np.median(cosines[:, -2]) < 0.9  # neighbours are there
    assert np.median(cosines) < 0.2  # and most are none
    assert growing.MadeUpVectors().embed([]).shape == (0, 384)
