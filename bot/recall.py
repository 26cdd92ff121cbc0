"""A search that keeps in mind what was said before.

The question alone decides what is found; what was said before only orders it, so that an article of the last
answer cannot come in on its own.
"""

from __future__ import annotations

from dataclasses import replace

from index.embed import Embedder
from index.records import Filters, Hit
from index.retrieve import Searchable, search

CONTEXT_WEIGHT = 0.25  # of what was said before, in the order; .2 to .35 differ little (tests/quality/followups.py)
_WIDE = 100  # hits of the question that may change places


def search_with(
    archive: Searchable, embedder: Embedder, text: str, context: str, *, limit: int, filters: Filters = Filters()
) -> tuple[Hit, ...]:
    """Return at most `limit` hits for `text`, those first that also fit `context`; without one as `search` does."""
    if not context.strip():
        return search(archive, embedder, text, limit=limit, filters=filters)
    wide = max(_WIDE, limit)
    before = search(archive, embedder, context, limit=wide, filters=filters)
    fitting = {hit.passage.id: hit.score for hit in before}
    hits = [_weighed(hit, fitting) for hit in search(archive, embedder, text, limit=wide, filters=filters)]
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:limit])


def _weighed(hit: Hit, fitting: dict[str, float]) -> Hit:
    share = fitting.get(hit.passage.id, 0.0)
    return replace(hit, score=(1 - CONTEXT_WEIGHT) * hit.score + CONTEXT_WEIGHT * share)
