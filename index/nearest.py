"""The search of one archive, over a generation's arrays where they are of its present state, else over SQLite.

Which way is taken changes how long it takes, not what is found: few passages are compared one by one, many are
asked of Chroma's graph. Knows nothing of how hits are fused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.generation import Generation
from index.scan import name_passages
from index.selection import Selection
from index.table import Table, top
from index.vectors import FEW
from index.words import question_terms

# Of a share of all passages as many times more are asked of the graph: what is near in meaning is near in time too, and
# of many the graph finds fewer. When what passes is too few all the same, the exact comparison follows.
_SURPLUS = 3
# From here on comparing is no slower: among 300,000 the graph takes 29 ms for so many, comparing a tenth 10, all 39.
_MOST_ASKED = 2500

Found = list[tuple[int, float]]  # passage number and cosine, best first
Ask = Callable[[int], Found]  # Chroma's nearest, so many of them, without a filter


def nearest(table: Table, vector: NDArray[np.float32], *, limit: int, selection: Selection, ask: Ask) -> Found:
    """Return the nearest passages among the selected; `ask` may raise what it likes, and is asked only when it pays."""
    passes = table.select(selection)
    rows = None if passes is None else np.flatnonzero(passes)
    count = len(table) if rows is None else len(rows)
    if not count:
        return []
    wanted = limit if passes is None else int(_SURPLUS * limit * len(table) / count)
    if count > FEW and wanted <= _MOST_ASKED:
        found = ask(wanted)
        if passes is not None:
            kept = passes[table.rows_of([number for number, _ in found])].tolist()
            found = [hit for hit, is_kept in zip(found, kept, strict=True) if is_kept]
        if len(found) >= min(limit, count):  # a graph may lose sight of some
            return found[:limit]
    return table.nearest(vector, rows, limit=limit)


def rank_words(
    connection: sqlite3.Connection,
    generation: Generation,
    question: str,
    *,
    limit: int,
    selection: Selection,
    languages: Sequence[str] = (),
) -> list[tuple[str, float]]:
    """Return what `search_words` does of an archive whose state the generation, with its words, was made of."""
    table, postings = generation.table, generation.postings
    terms = question_terms(question, languages)
    if not terms or limit < 1 or table is None or postings is None:
        return []
    scores = postings.score(connection, terms, table.numbers)
    passes = table.select(selection)
    if passes is not None:
        scores *= passes
    held = np.flatnonzero(scores)
    if not len(held):
        return []
    # All that share the last place are named: their ids decide, as they do in SQL.
    least = scores[held[top(scores[held], limit)[-1]]]
    rows = held[scores[held] >= least]
    return name_passages(connection, list(zip(table.numbers[rows].tolist(), scores[rows].tolist(), strict=True)))[
        :limit
    ]
