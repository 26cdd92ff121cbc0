"""Dense search in SQLite alone: every selected vector compared with the question's, exactly.

It is what serves while the generation of vectors is not that of the present state. Knows nothing of generations.
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

_SCAN_BATCH = 8192

_VECTOR_JOIN = """embeddings JOIN passages ON passages.number = embeddings.number
    JOIN articles ON articles.number = passages.article"""


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
    asked = "SELECT number, vector FROM embeddings WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
    rows = connection.execute(asked, [json.dumps(list(numbers))])
    return [VectorRow(number, decode_vectors([blob])[0]) for number, blob in rows]
