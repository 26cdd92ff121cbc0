"""Records to escaped HTML: a topic's development, day by day, and the way back to it from an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from bot.lookalike import with_note
from bot.markup import apart, count, escape, in_words, original, title_of
from bot.markup_article import in_full
from bot.records import Citation, Timeline, TimelineEvent
from bot.show import event_day, nothing_said, reported
from bot.used import Highlight
from index.records import Article, Carrier

WELCOME = (
    '<p class="nothing-yet">How a story developed, in the words of those who reported it: '
    "every event with its day, its outlet and its quote.</p>"
)
NO_ARTICLE = '<p class="nothing">An event’s article is shown here, with its words marked.</p>'
SEARCHING = '<p class="nothing-yet" role="status"><span class="pulse"></span>Reading what the articles say</p>'


def timeline(found: Timeline) -> str:
    """Return a topic's events as an ordered list of days; or that the articles say nothing of it."""
    if not found.told:
        return _nothing(found)
    days = "".join(_day(list(events)) for _, events in groupby(found.events, key=event_day))
    return (
        f'<section class="timeline" aria-label="Timeline"><h2 dir="auto">{escape(found.topic)}</h2>'
        f'<p class="aside" role="status">{_summary(found.events)}</p><ol class="days">{days}</ol></section>'
    )


def _nothing(found: Timeline) -> str:
    more = "" if found.filters.is_empty else " within these limits"
    return (
        '<section class="timeline"><div class="refusal" role="status">'
        f'<h3 dir="auto">{escape(nothing_said(found.topic))}</h3>'
        f'<p class="aside">No article{more} is about it. Another name for it may help, or fewer words.</p>'
        "</div></section>"
    )


def _summary(events: Sequence[TimelineEvent]) -> str:
    articles = {event.citation.article_id for event in events}
    return f"{count(len(events), 'event')} from {count(len(articles), 'article')}"


def _day(events: Sequence[TimelineEvent]) -> str:
    first = events[0]
    words = escape(event_day(first))
    if first.day:
        month_only = first.said is not None and first.said.since != first.said.until
        value = first.day.strftime("%Y-%m") if month_only else first.day.isoformat()
        words = f'<time datetime="{value}">{words}</time>'
    return f'<li class="day"><h3>{words}</h3><ol class="events">{"".join(map(_event, events))}</ol></li>'


def _event(event: TimelineEvent) -> str:
    citation = event.citation
    number = citation.number
    return (
        f'<li class="event"><p><button type="button" id="t{number}" data-event="quote" data-number="{number}"'
        f' dir="auto"><q>{escape(citation.quote)}</q></button></p>'
        f'<p class="origin">{_origin(event)}</p>{_carried(number, citation.carried_by)}{_retold(event.retold_by)}</li>'
    )


def _origin(event: TimelineEvent) -> str:
    source = event.citation.source
    when = reported(event)
    if event.said and source.published and when:
        when = f'reported <time datetime="{source.published.isoformat()}">{in_words(source.published)}</time>'
    outlet = apart(with_note(source.outlet)) if source.outlet else ""
    known = [part for part in (outlet, title_of(source), when) if part]
    return ' <span aria-hidden="true">·</span> '.join(known)


def _carried(number: int, carriers: Sequence[Carrier]) -> str:
    return _others("Also carried by", ((number, one) for one in carriers))


def _retold(citations: Sequence[Citation]) -> str:
    return _others("Also told by", ((one.number, Carrier(one.article_id, one.source)) for one in citations))


def _others(how: str, carriers: Iterable[tuple[int, Carrier]]) -> str:
    items = "".join(
        f'<li><button type="button" data-event="carrier" data-number="{number}"'
        f' data-article="{escape(one.article_id)}">{_name(one)}</button></li>'
        for number, one in carriers
    )
    return f'<div class="carriers">{how} <ul>{items}</ul></div>' if items else ""


def _name(carrier: Carrier) -> str:
    source = carrier.source
    name = apart(with_note(source.outlet)) if source.outlet else title_of(source)
    return f"{name} ({in_words(source.published) if source.published else 'undated'})"


def article(opened: Article, highlights: Sequence[Highlight], chosen: Highlight, *, number: int, focus: int) -> str:
    """Return the whole text of an article with an event's words marked, and the way back to the event's number."""
    return (
        '<section class="reading" aria-label="Article"><p class="actions">'
        f'<a href="#t{number}">Back to the timeline</a>{original(opened.source)}</p>'
        f"{in_full(opened, highlights, chosen, focus=focus)}</section>"
    )
