"""The search as a reader sees it: the best passages, each story once, however many outlets carry it."""

from __future__ import annotations

from bot.carriers import collapse
from bot.evidence import prefer_dates
from bot.recall import search_with
from bot.timeframe import Timeframe
from index.archive import Archive
from index.embed import Embedder
from index.records import Filters, Hit

MOST_CARRIERS = (
    5  # searched for so many times the hits that are wanted: a story may fill as many places before it is one
)


def find_stories(
    archive: Archive,
    embedder: Embedder,
    text: str,
    *,
    context: str = "",
    limit: int,
    filters: Filters = Filters(),
    timeframe: Timeframe | None = None,
) -> tuple[Hit, ...]:
    """Return at most `limit` hits for `text`, best first; those of near-copies within the filters are one hit.

    Hits that fit the context, or were published in a preferred timeframe, come first among equals.
    """
    hits = search_with(archive, embedder, text, context, limit=MOST_CARRIERS * limit, filters=filters)
    hits = prefer_dates(hits, timeframe)
    copies = archive.near_copies(sorted({hit.passage.article_id for hit in hits}), filters=filters)
    return collapse(hits, copies)[:limit]
