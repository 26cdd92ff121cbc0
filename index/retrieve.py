"""A question to ranked passages: dense and lexical search over the same archive, fused by scaled score.

Fusion is the convex combination of each method's scores, divided by the best of them, with zero as the least: the
theoretical minimum of Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval". Measured
as by tests/quality/retrieval.py: a gold article first / among five for 89 questions over 1,000 news articles (with the
limits of time that bot/answer.py reads in them), the recall of Chroma's chunking benchmark at 5 passages, and nDCG@10
of SciFact's 300 claims.

|                                        | news      | chunking | SciFact |
|----------------------------------------|-----------|----------|---------|
| dense alone                            | .65 / .92 | .78      | .66     |
| BM25 alone                             | .71 / .92 | .90      | .69     |
| scaled between the pool's ends, .6     | .73 / .94 | .87      | .72     |
| reciprocal ranks, .5                   | .72 / .94 | .86      | .72     |
| scaled from zero, .5                   | .72 / .94 | .90      | .74     |
| the same, recent news a little ahead   | .78 / .96 | .90      | .74     |

Tried without a gain on all three: an article's best passages or mean vector added to each passage's score, dense
feedback from the first hits (Rocchio), z-scores, a minimum of -1, quiz words cut from the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from index.embed import Embedder, Matrix
from index.records import Filters, Hit, Method, Passage

DENSE_WEIGHT = 0.5  # flat from .4 to .6; more of the dense search costs the chunking benchmark .03 a tenth
POOL = 200  # passages asked of each method

Scored = Sequence[tuple[str, float]]  # passage id and raw score, best first
_Places = Mapping[str, tuple[int, float]]  # a passage's rank and raw score


class Searchable(Protocol):
    """What a search needs of an archive."""

    def search_dense(self, vector: Matrix, *, limit: int, filters: Filters = ...) -> list[tuple[str, float]]:
        """Return passage ids with their cosine, best first."""

    def search_lexical(self, question: str, *, limit: int, filters: Filters = ...) -> list[tuple[str, float]]:
        """Return passage ids with their BM25 score, best first."""

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages that exist among `ids`."""

    def passage_vectors(self, ids: Sequence[str]) -> dict[str, Matrix]:
        """Return the unit vectors of the passages that exist among `ids`."""


def search(
    archive: Searchable, embedder: Embedder, text: str, *, limit: int, filters: Filters = Filters()
) -> tuple[Hit, ...]:
    """Return at most `limit` hits for `text`, best first; filters apply in both methods before ranking."""
    if not text.strip() or limit < 1:
        return ()
    pool = max(POOL, limit)
    vector = embedder.embed([text])[0]
    dense = archive.search_dense(vector, limit=pool, filters=filters)
    lexical = archive.search_lexical(text, limit=pool, filters=filters)
    ranked = fuse([*dense, *_cosines(archive, vector, lexical, known=dense)], lexical)
    places: dict[Method, _Places] = {"dense": _places(dense), "lexical": _places(lexical)}
    return tuple(_explain(passage, score, places) for passage, score in _present(archive, ranked, limit))


def _present(archive: Searchable, ranked: Scored, limit: int) -> list[tuple[Passage, float]]:
    """Return the first `limit` passages that are there, with their scores.

    One may be missing: another process removed its article between the search and this read.
    """
    found: list[tuple[Passage, float]] = []
    done = 0
    while done < len(ranked) and len(found) < limit:
        wanted = ranked[done : done + limit - len(found)]
        passages = archive.passages([id for id, _ in wanted])
        found += [(passages[id], score) for id, score in wanted if id in passages]
        done += len(wanted)
    return found


def fuse(dense: Scored, lexical: Scored, *, dense_weight: float = DENSE_WEIGHT) -> list[tuple[str, float]]:
    """Return every passage id with its fused score in [0, 1], best first, ties by id so that runs agree.

    A passage that a method does not know has nothing of its share.
    """
    fused: dict[str, float] = {}
    for weight, scored in ((dense_weight, dense), (1 - dense_weight, lexical)):
        for id, share in _scale(scored).items():
            fused[id] = fused.get(id, 0.0) + weight * share
    return sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))


def _scale(scored: Scored) -> Mapping[str, float]:
    """Return the scores scaled so that the best is 1; what is not above zero is 0."""
    best = max((score for _, score in scored), default=0.0)
    return {id: max(0.0, score) / best if best > 0 else 0.0 for id, score in scored}


def _cosines(archive: Searchable, vector: Matrix, lexical: Scored, *, known: Scored) -> list[tuple[str, float]]:
    """Return the cosines of the passages that only the words found: they are near the question too, or are not."""
    lacking = {id for id, _ in lexical} - {id for id, _ in known}
    return [(id, float(other @ vector)) for id, other in archive.passage_vectors(sorted(lacking)).items()]


def _places(scored: Scored) -> _Places:
    return {id: (rank, raw) for rank, (id, raw) in enumerate(scored, start=1)}


def _explain(passage: Passage, score: float, places: Mapping[Method, _Places]) -> Hit:
    found = [(method, *own[passage.id]) for method, own in places.items() if passage.id in own]
    ranks = tuple((method, rank) for method, rank, _ in found)
    return Hit(passage, score, ranks, tuple((method, raw) for method, _, raw in found))
