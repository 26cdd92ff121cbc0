"""The search as a reader sees it: the best passages, each story once, however many outlets carry it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.addressed import without_orders
from bot.carriers import collapse
from bot.recall import search_with
from index.archive import Archive
from index.embed import Embedder
from index.records import Filters, Hit

# So many times the hits that are wanted are searched for: a story may fill as many places before it is one, and the
# dates decide among them which are shown.
MOST_CARRIERS = 5


def find_stories(
    archive: Archive,
    embedder: Embedder,
    text: str,
    *,
    context: str = "",
    limit: int,
    filters: Filters = Filters(),
    prefer: Callable[[Sequence[Hit]], Sequence[Hit]] = tuple,
) -> tuple[Hit, ...]:
    """Return at most `limit` hits for `text`, best first; those of near-copies within the filters are one hit.

    Hits that fit the context come first among equals; `prefer` may order them anew by their dates. What an article says
    to a machine that reads it is not among a hit's sentences.
    """
    found = search_with(archive, embedder, text, context, limit=MOST_CARRIERS * limit, filters=filters)
    hits = prefer(found)
    copies = archive.near_copies(sorted({hit.passage.article_id for hit in hits}), filters=filters)
    return without_orders(collapse(hits, copies)[:limit])
