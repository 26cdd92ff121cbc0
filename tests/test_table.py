from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.nearest import nearest
from index.selection import Selection
from index.table import Table, top

OUTLETS = ("daily echo", "the port ledger", "")
AUTHORS = tuple(f"writer {number}" for number in range(5))
COUNT = 500


def make_table(count: int = COUNT, dimension: int = 16) -> Table:
    random = np.random.default_rng(count)
    vectors = random.standard_normal((count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    days = (20210101 + 100 * random.integers(0, 12, count)).astype(np.int32)
    days[::7] = 0  # no date
    outlet, author = (random.integers(0, most, count).astype(np.int32) for most in (len(OUTLETS), len(AUTHORS)))
    return Table(np.arange(count) * 3 + 5, vectors, days, outlet, author, OUTLETS, AUTHORS)


TABLE = make_table()
SELECTIONS = [
    Selection(),
    Selection(since=20210301),
    Selection(since=20210301, until=20210501),
    Selection(until=20210101),
    Selection(outlets=("daily echo",)),
    Selection(authors=("writer 1", "writer 3"), since=20210601),
    Selection(outlets=("nobody",)),
    Selection(authors=()),
]


def passes(row: int, selection: Selection) -> bool:
    """Say in words what a filter means: an article without a date is outside every range."""
    day = int(TABLE.published[row])
    limited = bool(selection.since or selection.until)
    dated = not limited or (day and (selection.since or 0) <= day <= (selection.until or 99999999))
    outlet, author = OUTLETS[TABLE.outlet[row]], AUTHORS[TABLE.author[row]]
    named = selection.outlets is None or outlet in selection.outlets
    return bool(dated) and named and (selection.authors is None or author in selection.authors)


def by_hand(table: Table, vector: np.ndarray, selection: Selection, limit: int) -> list[int]:  # type: ignore[type-arg]
    cosines = [(-float(table.vectors[row] @ vector), int(table.numbers[row])) for row in range(len(table))]
    chosen = [pair for row, pair in enumerate(cosines) if passes(row, selection)]
    return [number for _, number in sorted(chosen)[:limit]]


def unasked(limit: int) -> list[tuple[int, float]]:
    pytest.fail("the graph was asked")


def graph(lost: float = 0.0) -> Callable[[int], list[tuple[int, float]]]:
    """Return a graph that has lost sight of a share of its passages."""
    kept = np.flatnonzero(np.random.default_rng(1).random(COUNT) >= lost)
    return lambda limit: TABLE.nearest(TABLE.vectors[7], kept, limit=limit)


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
@pytest.mark.parametrize("limit", [1, 20, 1000])
def test_the_nearest_of_few_are_those_of_every_comparison(selection: Selection, limit: int) -> None:
    found = nearest(TABLE, TABLE.vectors[7], limit=limit, selection=selection, ask=unasked)
    assert [number for number, _ in found] == by_hand(TABLE, TABLE.vectors[7], selection, limit)


@pytest.mark.parametrize("lost", [0.0, 0.9], ids=["sound", "that lost most"])
@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_the_nearest_of_many_are_the_same_by_way_of_a_graph(
    selection: Selection, lost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.nearest.FEW", 20)
    found = nearest(TABLE, TABLE.vectors[7], limit=60, selection=selection, ask=graph(lost))
    if not lost or not selection.is_everything:
        assert {number for number, _ in found} == set(by_hand(TABLE, TABLE.vectors[7], selection, 60))


def test_a_graph_is_asked_for_as_many_more_as_the_filter_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.nearest.FEW", 20)
    asked: list[int] = []

    def ask(limit: int) -> list[tuple[int, float]]:
        asked.append(limit)
        return graph()(limit)

    selection = Selection(outlets=("daily echo",))
    share = np.mean(TABLE.outlet == 0)
    found = nearest(TABLE, TABLE.vectors[7], limit=10, selection=selection, ask=ask)
    assert len(found) == 10
    assert 10 / share < asked[0] < 40 / share


@given(
    st.lists(st.integers(-3, 3), max_size=30).map(lambda values: np.array(values, dtype=np.float32)), st.integers(1, 40)
)
def test_the_top_are_the_largest_and_among_equals_the_first(scores: np.ndarray, limit: int) -> None:  # type: ignore[type-arg]
    assert top(scores, limit).tolist() == np.argsort(-scores, kind="stable")[:limit].tolist()


def test_rows_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    assert TABLE.rows_of([5, 6, 8, 5 + 3 * COUNT, -1]).tolist() == [0, 1]
    assert TABLE.rows_of([]).tolist() == []
