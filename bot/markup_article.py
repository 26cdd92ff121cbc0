"""Records to escaped HTML: an open article, with every quote that an answer takes from it marked.

In every <mark> stand exactly the article's own words; after each quote stands a way back to every sentence of the
answer that rests on it. The element with `data-focus` takes the focus, and the page scrolls to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.markup import KINDS, count, escape, focused, marker_id, origin, original, title_of
from bot.used import Highlight
from index.records import Article, Role

_SHOWN_OF_A_SENTENCE = 90  # characters in the name of the way back to it


def open_article(
    article: Article,
    highlights: Sequence[Highlight],
    chosen: Highlight,
    *,
    exchange: int,
    focus: int,
    use: int = 0,
    note: str = "",
) -> str:
    """Return the whole text of an article with every highlight marked; the chosen one takes the focus.

    `use` counts the sentences that rest on the chosen one: it was opened from that one. `note` stands before the text.
    """
    home = marker_id(exchange, chosen.number, use) if chosen.number else ""
    numbers = " ".join(str(light.number) for light in highlights if light.number)
    return (
        f'<section class="reading" aria-label="Article" data-exchange="{exchange}" data-numbers="{numbers}"'
        f' data-home="{home}">{_bar(article, chosen, exchange, home)}'
        f"{note}{in_full(article, highlights, chosen, exchange=exchange, focus=focus)}</section>"
    )


def in_full(
    article: Article, highlights: Sequence[Highlight], chosen: Highlight, *, exchange: int = 0, focus: int = 0
) -> str:
    """Return the whole text of an article under its headline, whatever it was opened from."""
    titled = any(mark.role == "headline" for mark in article.marks)
    title = "" if titled else f'<h2 dir="auto">{title_of(article.source)}</h2>'
    paragraphs = "".join(_paragraphs(article, highlights, chosen, exchange, focus))
    kind = KINDS.get(article.kind, "")
    badge = f'<span class="kind">{kind}</span>' if kind else ""
    head = f'{badge}{title}<p class="origin">{origin(article.source)}</p>{_used(highlights)}'
    return f"<article>{head}{paragraphs}</article>"


def _bar(article: Article, chosen: Highlight, exchange: int, home: str) -> str:
    back = f'<a href="#{home}">Back to the answer</a>' if home else ""
    overview = (
        f'<button type="button" data-event="sources" data-exchange="{exchange}" data-number="{chosen.number}">'
        '<span aria-hidden="true">‹ </span>All sources</button>'
    )
    return f'<p class="actions">{overview}{back}{original(article.source)}</p>'


def _used(highlights: Sequence[Highlight]) -> str:
    """Return how much of the article the answer quotes; nothing where it quotes only what is in view."""
    quotes = sum(light.number > 0 for light in highlights)
    if quotes < 2:
        return ""
    return f'<p class="aside">{count(quotes, "quote")} from this article. The numbers lead back.</p>'


def _paragraphs(
    article: Article, highlights: Sequence[Highlight], chosen: Highlight, exchange: int, focus: int
) -> Iterator[str]:
    is_done = False
    for found in re.finditer(r"[^\n]+", article.text):
        start, end = found.span()
        if not found.group().strip():
            continue
        takes_focus = focus if not is_done and chosen.start < end and chosen.end > start else 0
        is_done = is_done or bool(takes_focus)
        body = "".join(_segments(article.text, (start, end), highlights, (chosen, exchange, takes_focus)))
        role = _role(article, start)
        tag = "h2" if role == "headline" else "p"
        yield f'<{tag} class="{role}" dir="auto">{body}</{tag}>'


def _role(article: Article, position: int) -> Role:
    return next((mark.role for mark in article.marks if mark.start <= position < mark.end), "body")


def _segments(
    text: str, span: tuple[int, int], highlights: Sequence[Highlight], shown: tuple[Highlight, int, int]
) -> Iterator[str]:
    """Cut a paragraph wherever a highlight begins or ends, so that overlapping ones are all shown."""
    start, end = span
    chosen, exchange, focus = shown
    cuts = {start, end}
    for light in highlights:
        cuts.update(point for point in (light.start, light.end) if start < point < end)
    for left, right in pairwise(sorted(cuts)):
        covering = [light for light in highlights if light.start <= left and light.end >= right]
        words = escape(text[left:right])
        if not covering:
            yield words
            continue
        numbers = " ".join(str(light.number) for light in covering if light.number)
        here = chosen in covering
        yield f'<mark class="{"chosen" if here else ""}" data-numbers="{numbers}"{focused(focus if here else 0)}>'
        yield f"{words}</mark>"
        yield from (_ways_back(exchange, light) for light in covering if light.number and light.end == right)
        focus = 0 if here else focus


def _ways_back(exchange: int, light: Highlight) -> str:
    """The quote's number, once for each sentence that rests on it; in an attribute, so that it is not copied along."""
    return "".join(
        f'<a class="home" href="#{marker_id(exchange, light.number, use)}" data-number="{light.number}"'
        f' title="{_shortened(sentence)}" aria-label="Citation {light.number}, back to: {_shortened(sentence)}"></a>'
        for use, sentence in enumerate(light.uses or ("the answer",))
    )


def _shortened(sentence: str) -> str:
    if len(sentence) > _SHOWN_OF_A_SENTENCE:
        sentence = sentence[:_SHOWN_OF_A_SENTENCE].rpartition(" ")[0] + " …"
    return escape(sentence)
