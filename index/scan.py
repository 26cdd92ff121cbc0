"""Dense search without Chroma: every selected vector compared with the question's, exactly.

For a limited search it is also the faster way, and it is what serves while Chroma's vectors are not those of the
present state. Knows nothing of Chroma but when it pays to ask it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.errors import ArchiveMismatch
from index.rows import decode_vectors
from index.selection import Selection
from index.vectors import VectorRow

# Up to so many selected passages are compared one by one: exact, and faster than Chroma's filter, which costs a
# millisecond for every thousand passages of the whole archive.
_SCAN_AT_MOST = 20_000
_SCAN_BATCH = 8192
_NAMES_AT_MOST = 500  # in one condition: Chroma fails on very many

_VECTOR_JOIN = """embeddings JOIN passages ON passages.number = embeddings.number
    JOIN articles ON articles.number = passages.article"""


def count_selected(connection: sqlite3.Connection, selection: Selection) -> int:
    """Return how many passages the selected articles have."""
    condition, values = selection.as_sql()
    asked = "SELECT count(*) FROM passages"
    if not selection.is_everything:
        asked += f" JOIN articles ON articles.number = passages.article WHERE {condition}"
    (count,) = connection.execute(asked, values).fetchone()
    return int(count)


def is_for_chroma(selection: Selection, count: int) -> bool:
    """True when Chroma finds the nearest of the `count` selected passages sooner than a scan."""
    if selection.is_everything:
        return True
    names = max(len(selection.outlets or ()), len(selection.authors or ()))
    return count > _SCAN_AT_MOST and names <= _NAMES_AT_MOST


def name_passages(connection: sqlite3.Connection, found: Sequence[tuple[int, float]]) -> list[tuple[str, float]]:
    """Return passages found by number by their ids, best first; those that are gone are left out."""
    numbers = json.dumps([number for number, _ in found])
    asked = "SELECT number, id FROM passages WHERE number IN (SELECT value FROM json_each(?))"
    ids: dict[int, str] = dict(connection.execute(asked, [numbers]))
    named = [(ids[number], score) for number, score in found if number in ids]
    return sorted(named, key=lambda hit: (-hit[1], hit[0]))


def scan(
    connection: sqlite3.Connection, vector: NDArray[np.float32], *, limit: int, selection: Selection
) -> list[tuple[str, float]]:
    """Return (passage id, cosine) of the nearest passages among the selected, best first."""
    condition, values = selection.as_sql()
    source = "embeddings" if selection.is_everything else f"{_VECTOR_JOIN} WHERE {condition}"
    rows = connection.execute(f"SELECT embeddings.number, vector FROM {source}", values)
    numbers, scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    while batch := rows.fetchmany(_SCAN_BATCH):
        matrix = decode_vectors([blob for _, blob in batch])
        if matrix.shape[1] != len(vector):
            wrong = f"The archive's vectors have {matrix.shape[1]} dimensions, the question's has {len(vector)}."
            raise ArchiveMismatch(wrong, "byline index --rebuild")
        numbers = np.append(numbers, np.array([number for number, _ in batch], dtype=np.int64))
        scores = np.append(scores, matrix @ vector.astype(np.float32))
        best = np.argsort(-scores, kind="stable")[:limit]
        numbers, scores = numbers[best], scores[best]
    return name_passages(connection, list(zip(numbers.tolist(), scores.tolist(), strict=True)))


def vector_rows(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[VectorRow]:
    """Return the passages with these numbers as Chroma holds them."""
    rows = connection.execute(
        f"""SELECT embeddings.number, vector, published, outlet_folded, author_folded FROM {_VECTOR_JOIN}
            WHERE embeddings.number IN (SELECT value FROM json_each(?)) ORDER BY embeddings.number""",
        [json.dumps(list(numbers))],
    )
    return [VectorRow(number, decode_vectors([blob])[0], *rest) for number, blob, *rest in rows]
