"""Records to escaped HTML: the source panel, an open article, the archive's facts and an indexing report.

`focus` is a number that changes with every click; the element that carries it takes the focus, and the page
scrolls to it. In every <mark> stand exactly the article's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol

from bot.exchange import Exchange
from bot.markup import apart, count, escape, found_in_words, in_words, origin, span_in_words, title_of, web_address
from bot.records import Citation
from bot.resolved import in_words as span_of_days
from index.records import Article, BuildReport, Carrier, Hit, Role, Skipped, Source

SURROUNDINGS = 280  # characters shown before and after a quote: two or three sentences
SKIPPED_SHOWN = 50
KINDS = {"opinion": "Opinion", "interview": "Interview", "correction": "Correction"}

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


@dataclass(frozen=True, slots=True)
class Highlight:
    """A range of an article to be marked, with the citation number it stands for; 0 for none."""

    start: int
    end: int
    number: int = 0


def facts(status: Status, model: str) -> str:
    """Return one line about the archive and the model that answers from it."""
    if not status.articles:
        return '<p class="facts">The archive is empty. Add articles to ask about them.</p>'
    parts = [count(status.articles, "article"), count(status.outlets, "outlet") if status.outlets else ""]
    parts.append(span_in_words(status.first_published, status.last_published))
    parts.append(f"{status.undated:,} undated" if status.undated else "")
    shown = ' <span aria-hidden="true">·</span> '.join(part for part in parts if part)
    return f'<p class="facts">{shown}<span class="model">answers by {escape(model)}</span></p>'


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
    return f'<h2{_focus(focus)}>{words} <span class="count">{number}</span></h2>'


def _focus(focus: int) -> str:
    return f' tabindex="-1" data-focus="{focus}"' if focus else ""


def _card(number: int, citation: Citation, article: Article | None, focus: int) -> str:
    place = f"{number}-{citation.number}"
    quote = f'<mark dir="auto">{escape(citation.quote)}</mark>'
    before, after = surroundings(article.text, citation.start, citation.end) if article else ("", "")
    return (
        f'<li class="card{" chosen" if focus else ""}" id="s{place}"{_focus(focus)}>'
        f'<span class="number" aria-hidden="true">{citation.number}</span>{_head(citation)}'
        f'<blockquote dir="auto">{escape(before)}{quote}{escape(after)}</blockquote>{_days(citation)}'
        f"{_carriers(number, citation.carried_by)}"
        f'<p class="actions"><button type="button" data-event="quote" data-exchange="{number}"'
        f' data-number="{citation.number}">Open article</button>{_original(citation.source)}'
        f"{_back(f'c{place}')}</p></li>"
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
    name = apart(source.outlet) if source.outlet else title_of(source)
    return f"{name} ({in_words(source.published) if source.published else 'undated'})"


def _back(place: str) -> str:
    return f'<a href="#{place}">Back to the answer</a>'


def _head(citation: Citation) -> str:
    kind = KINDS.get(citation.kind, "")
    badge = f'<span class="kind">{kind}</span>' if kind else ""
    return f'<h3 dir="auto">{badge}{title_of(citation.source)}</h3><p class="origin">{origin(citation.source)}</p>'


def _original(source: Source) -> str:
    url = web_address(source.url)
    if not url:
        return ""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Original'
        '<span class="hidden"> (opens a new tab)</span> <span aria-hidden="true">↗</span></a>'
    )


def _hits(number: int, ranked: Sequence[tuple[int, Hit]]) -> str:
    items = "".join(
        f'<li class="hit"><h3 dir="auto">{title_of(hit.passage.source)}</h3>'
        f'<p class="origin">{origin(hit.passage.source)}</p>'
        f'<p class="words" dir="auto">{escape(hit.passage.text)}</p>{_carriers(number, hit.carried_by)}'
        f'<p class="actions"><button type="button" data-event="passage" data-exchange="{number}"'
        f' data-number="{rank}">Open article</button>{_original(hit.passage.source)}</p></li>'
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


def open_article(
    article: Article, highlights: Sequence[Highlight], chosen: Highlight, *, exchange: int, focus: int
) -> str:
    """Return the whole text of an article with every highlight marked; the chosen one takes the focus."""
    titled = any(mark.role == "headline" for mark in article.marks)
    title = "" if titled else f'<h2 dir="auto">{title_of(article.source)}</h2>'
    paragraphs = "".join(_paragraphs(article, highlights, chosen, focus))
    home = _back(f"c{exchange}-{chosen.number}") if chosen.number else ""
    kind = KINDS.get(article.kind, "")
    badge = f'<span class="kind">{kind}</span>' if kind else ""
    overview = f'<button type="button" data-event="sources" data-exchange="{exchange}">All sources</button>'
    return (
        f'<section class="reading" aria-label="Article">'
        f'<p class="actions">{overview}{home}{_original(article.source)}</p>'
        f'<article>{badge}{title}<p class="origin">{origin(article.source)}</p>{paragraphs}</article></section>'
    )


def _paragraphs(article: Article, highlights: Sequence[Highlight], chosen: Highlight, focus: int) -> Iterator[str]:
    focused = False
    for found in re.finditer(r"[^\n]+", article.text):
        start, end = found.span()
        if not found.group().strip():
            continue
        takes_focus = focus if not focused and chosen.start < end and chosen.end > start else 0
        focused = focused or bool(takes_focus)
        body = "".join(_segments(article.text, (start, end), highlights, chosen, takes_focus))
        role = _role(article, start)
        tag = "h2" if role == "headline" else "p"
        yield f'<{tag} class="{role}" dir="auto">{body}</{tag}>'


def _role(article: Article, position: int) -> Role:
    return next((mark.role for mark in article.marks if mark.start <= position < mark.end), "body")


def _segments(
    text: str, span: tuple[int, int], highlights: Sequence[Highlight], chosen: Highlight, focus: int
) -> Iterator[str]:
    """Cut a paragraph wherever a highlight begins or ends, so that overlapping ones are all shown."""
    start, end = span
    cuts = {start, end}
    for light in highlights:
        cuts.update(point for point in (light.start, light.end) if start < point < end)
    points = sorted(cuts)
    for left, right in pairwise(points):
        covering = [light for light in highlights if light.start <= left and light.end >= right]
        words = escape(text[left:right])
        if not covering:
            yield words
            continue
        numbers = " ".join(str(light.number) for light in covering if light.number)
        here = chosen in covering
        yield f'<mark class="{"chosen" if here else ""}" data-numbers="{numbers}"{_focus(focus if here else 0)}>{words}'
        yield "</mark>"
        focus = 0 if here else focus


def progress(words: str, done: int, total: int | None) -> str:
    """Return how far an indexing run has come."""
    known = f' max="{total}" value="{done}"' if total else ""
    bar = f'<progress{known} aria-label="Articles indexed"></progress>'
    return f'<div class="report" role="status"><p>{escape(words)}</p>{bar}</div>'


def report(built: BuildReport) -> str:
    """Return what an indexing run did, with every file that was left out and why."""
    told = {
        "added": built.added,
        "updated": built.updated,
        "unchanged": built.unchanged,
        "removed": built.removed,
        "duplicate": built.duplicates,
        "skipped": len(built.skipped),
    }
    words = ", ".join(f"{number:,} {name}" for name, number in told.items() if number) or "nothing to add"
    return (
        f'<div class="report" role="status"><p><strong>Articles:</strong> {words}.</p>{_left_out(built.skipped)}</div>'
    )


def _left_out(skipped: Sequence[Skipped]) -> str:
    items = "".join(
        f"<li><bdi>{escape(one.path)}</bdi>{f', {escape(one.where)}' if one.where else ''}: {escape(one.reason)}</li>"
        for one in skipped[:SKIPPED_SHOWN]
    )
    more = len(skipped) - SKIPPED_SHOWN
    items += f"<li>and {more:,} more</li>" if more > 0 else ""
    return f"<ul>{items}</ul>" if items else ""


def failure(wrong: str, mend: str = "") -> str:
    """Return a failure the reader can do something about."""
    more = f'<p class="mend">{escape(mend)}</p>' if mend else ""
    return f'<div class="report failure" role="alert"><p>{escape(wrong)}</p>{more}</div>'
