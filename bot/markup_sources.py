"""Records to escaped HTML: the source panel, the archive's facts and an indexing report.

`focus` is a number that changes with every click; the element that carries it takes the focus, and the page
scrolls to it. In every <mark> stand exactly the article's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from bot.exchange import Exchange
from bot.lookalike import with_note
from bot.markup import (
    KINDS,
    apart,
    count,
    escape,
    focused,
    found_in_words,
    in_words,
    marker_id,
    origin,
    original,
    span_in_words,
    title_of,
)
from bot.markup_changed import on_card
from bot.records import Citation
from bot.resolved import in_words as span_of_days
from bot.used import place_of
from index.records import Article, Carrier, Hit, Source

SURROUNDINGS = 280  # characters shown before and after a quote: two or three sentences

NOTHING_FOUND = '<p class="nothing">Nothing was found within these limits.</p>'
NO_SOURCES = '<p class="nothing">The articles an answer rests on are shown here, with its words marked.</p>'

ReadArticle = Callable[[str], Article | None]


class Status(Protocol):
    """The facts about an archive that the page shows."""

    @property
    def articles(self) -> int:
        """Return how many articles there are."""

    @property
    def outlets(self) -> int:
        """Return how many outlets they come from."""

    @property
    def first_published(self) -> date | None:
        """Return the earliest date of publication."""

    @property
    def last_published(self) -> date | None:
        """Return the latest date of publication."""

    @property
    def undated(self) -> int:
        """Return how many articles have no date."""


def facts(status: Status, model: str, goes_to: str = "") -> str:
    """Return one line about the archive and the model that answers from it, and where that is if not here."""
    if not status.articles:
        return '<p class="facts">The archive is empty. Add articles to ask about them.</p>'
    parts = [count(status.articles, "article"), count(status.outlets, "outlet") if status.outlets else ""]
    parts.append(span_in_words(status.first_published, status.last_published))
    parts.append(f"{status.undated:,} undated" if status.undated else "")
    shown = ' <span aria-hidden="true">·</span> '.join(part for part in parts if part)
    sent = escape(f", so questions and passages are sent to {goes_to}") if goes_to else ""
    return f'<p class="facts">{shown}<span class="model">answers by {escape(model)}{sent}</span></p>'


def welcome(examples: Sequence[str]) -> str:
    """Return the page before the first question: what to expect, and questions this archive can be asked."""
    offers = "".join(
        f'<li><button type="button" data-event="example" data-text="{escape(text)}">{escape(text)}</button></li>'
        for text in examples
    )
    offered = f'<p class="aside">For example:</p><ul class="examples">{offers}</ul>' if offers else ""
    return (
        '<section class="welcome"><h2>Ask the archive</h2>'
        "<p>Every sentence of an answer is checked against the articles and carries the words it rests on. "
        f"Where the articles do not say, Byline says so.</p>{offered}</section>"
    )


def panel(this: Exchange, read: ReadArticle, *, chosen: int = 0, focus: int = 0) -> str:
    """Return the sources of one exchange: those cited first, then what was only found, folded."""
    if this.answer is None:
        return _found(this, focus)
    number, answer = this.number, this.answer
    if not answer.retrieved and not answer.citations:
        return NOTHING_FOUND
    used = {citation.passage_id for citation in answer.all_citations}
    rest = [(rank, hit) for rank, hit in enumerate(answer.retrieved, start=1) if hit.passage.id not in used]
    if not answer.citations:
        heading = "Found, but not cited" if answer.answered or answer.stopped else "Nearest in the archive"
        return _section(number, _heading(heading, len(rest), focus), _hits(number, rest))
    cards = "".join(
        _card(number, citation, read(citation.article_id), focus if citation.number == chosen else 0)
        for citation in answer.all_citations
    )
    also = (
        f"<details><summary>Also found, not cited <span>{len(rest)}</span></summary>{_hits(number, rest)}</details>"
        if rest
        else ""
    )
    heading = _heading("Cited", len(answer.all_citations), 0 if chosen else focus)
    return _section(number, heading, f'<ol class="cards">{cards}</ol>{also}')


def _found(this: Exchange, focus: int) -> str:
    if this.found is None:
        return NO_SOURCES
    hits = this.found.retrieved
    aside = f'<p class="aside">{found_in_words(hits)}, found in {this.found.milliseconds / 1000:.2f} s</p>'
    heading = _heading("Found", len(hits), focus)
    return _section(this.number, heading + aside, _hits(this.number, list(enumerate(hits, start=1))))


def _section(number: int, heading: str, body: str) -> str:
    return f'<section class="sources" data-exchange="{number}" aria-label="Sources">{heading}{body}</section>'


def _heading(words: str, number: int, focus: int) -> str:
    return f'<h2{focused(focus)}>{words} <span class="count">{number}</span></h2>'


def _card(number: int, citation: Citation, article: Article | None, focus: int) -> str:
    place = f"{number}-{citation.number}"
    quote = f'<mark dir="auto">{escape(citation.quote)}</mark>'
    stands = place_of(citation.quote, citation.start, citation.end, article.text) if article else None
    before, after = surroundings(article.text, *stands) if article and stands else ("", "")
    note = on_card(is_there=article is not None, has_words=stands is not None)
    return (
        f'<li class="card{" chosen" if focus else ""}" id="s{place}"{focused(focus)}>'
        f'<span class="number" aria-hidden="true">{citation.number}</span>{_head(citation)}'
        f'<blockquote dir="auto">{escape(before)}{quote}{escape(after)}</blockquote>{note}'
        f"{_days(citation)}{_carriers(number, citation.carried_by)}"
        f'<p class="actions"><button type="button" data-event="quote" data-exchange="{number}"'
        f' data-number="{citation.number}">Open article</button>{original(citation.source)}'
        f"{_back(number, citation.number)}</p></li>"
    )


def _days(citation: Citation) -> str:
    """The days that the quote's words about when mean."""
    meant = ", ".join(
        f'<q>{escape(day.text)}</q>: <time datetime="{day.since.isoformat()}">{escape(span_of_days(day))}</time>'
        for day in citation.days
    )
    return f'<p class="aside days">{meant}</p>' if meant else ""


def _carriers(exchange: int, carriers: Sequence[Carrier]) -> str:
    """Return who else carries the words, each a button that opens that article; nothing where nobody does."""
    told = [
        f'<li><button type="button" data-event="carrier" data-exchange="{exchange}"'
        f' data-article="{escape(carrier.article_id)}">{_carrier(carrier.source)}</button></li>'
        for carrier in carriers
    ]
    return f'<div class="carriers">Also carried by <ul>{"".join(told)}</ul></div>' if told else ""


def _carrier(source: Source) -> str:
    name = apart(with_note(source.outlet)) if source.outlet else title_of(source)
    return f"{name} ({in_words(source.published) if source.published else 'undated'})"


def _back(exchange: int, number: int) -> str:
    return f'<a href="#{marker_id(exchange, number)}">Back to the answer</a>'


def _head(citation: Citation) -> str:
    kind = KINDS.get(citation.kind, "")
    badge = f'<span class="kind">{kind}</span>' if kind else ""
    return f'<h3 dir="auto">{badge}{title_of(citation.source)}</h3><p class="origin">{origin(citation.source)}</p>'


def _hits(number: int, ranked: Sequence[tuple[int, Hit]]) -> str:
    items = "".join(
        f'<li class="hit"><h3 dir="auto">{title_of(hit.passage.source)}</h3>'
        f'<p class="origin">{origin(hit.passage.source)}</p>'
        f'<p class="words" dir="auto">{escape(hit.passage.text)}</p>{_carriers(number, hit.carried_by)}'
        f'<p class="actions"><button type="button" data-event="passage" data-exchange="{number}"'
        f' data-number="{rank}">Open article</button>{original(hit.passage.source)}</p></li>'
        for rank, hit in ranked
    )
    return f'<ol class="hits">{items}</ol>'


def surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a quote in its paragraph, cut at a space with … where it is long."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    stop = text.find("\n", end)
    after = text[end : stop if stop >= 0 else len(text)]
    if len(before) > SURROUNDINGS:
        before = "… " + before[-SURROUNDINGS:].partition(" ")[2]
    if len(after) > SURROUNDINGS:
        after = after[:SURROUNDINGS].rpartition(" ")[0] + " …"
    return before, after


def progress(words: str, done: int, total: int | None) -> str:
    """Return how far an indexing run has come."""
    known = f' max="{total}" value="{done}"' if total else ""
    bar = f'<progress{known} aria-label="Articles indexed"></progress>'
    return f'<div class="report" role="status"><p>{escape(words)}</p>{bar}</div>'


def failure(wrong: str, mend: str = "") -> str:
    """Return a failure the reader can do something about."""
    more = f'<p class="mend">{escape(mend)}</p>' if mend else ""
    return f'<div class="report failure" role="alert"><p>{escape(wrong)}</p>{more}</div>'
