"""Records to escaped HTML: an article that was changed or removed since it was cited. Its quote is told in full."""

from __future__ import annotations

from collections.abc import Sequence

from bot.markup import escape, focused, marker_id, origin, original, title_of
from index.records import Source

CHANGED = "This article has changed since the answer was given."
REMOVED = "This article is no longer in the archive."


def changed(lost: Sequence[str], *, focus: int = 0) -> str:
    """Return the note on an article in which the quotes do not stand where they stood; `lost` ones not at all."""
    words = f"{CHANGED} It then read:" if lost else f"{CHANGED} The words it was quoted for are still in it."
    return f'<div class="changed" role="note"{focused(focus)}><p>{words}</p>{_quotes(lost)}</div>'


def removed(source: Source, words: str, *, exchange: int, number: int, focus: int) -> str:
    """Return what stands in the place of an article that is gone; `number` is the citation's, 0 for none."""
    back = f'<a href="#{marker_id(exchange, number)}">Back to the answer</a>' if number else ""
    overview = (
        f'<button type="button" data-event="sources" data-exchange="{exchange}" data-number="{number}">'
        '<span aria-hidden="true">‹ </span>All sources</button>'
    )
    return (
        f'<section class="reading" aria-label="Article" data-exchange="{exchange}" data-numbers="{number or ""}">'
        f'<p class="actions">{overview}{back}{original(source)}</p><article><h2 dir="auto">{title_of(source)}</h2>'
        f'<p class="origin">{origin(source)}</p><div class="changed" role="note"{focused(focus)}>'
        f"<p>{REMOVED} It then read:</p>{_quotes([words])}</div></article></section>"
    )


def on_card(*, is_there: bool, has_words: bool) -> str:
    """Return the note on a citation's card; empty where its words stand in the article."""
    if is_there and has_words:
        return ""
    words = f"{CHANGED} These words are no longer in it." if is_there else REMOVED
    return f'<p class="aside changed">{words}</p>'


def _quotes(quotes: Sequence[str]) -> str:
    return "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in quotes)
