"""Records to escaped HTML: the archive over time, as bars to brush and as a table for who cannot see them."""

from __future__ import annotations

from bot.markup import MONTHS, count, span_in_words
from index.browse import Listing
from index.periods import Period, Timeline, Unit, make_timeline

TICKS = 6  # dates under the plot
LATE = 0.8  # of its width, from where on a date would not fit


def plot(listing: Listing) -> str:
    """Return the articles over time as bars that can be brushed, with the same as a table for who cannot see them."""
    undated = _undated(listing.undated)
    timeline = make_timeline(listing.days)
    if timeline is None:
        return f'<figure class="time">{undated}</figure>' if undated else ""
    most = max(timeline.periods, key=lambda period: period.count)
    number = len(timeline.periods)
    bars = "".join(_bar(place, period, timeline.unit, most.count) for place, period in enumerate(timeline.periods))
    caption = f"Articles a {timeline.unit}; most in {period_in_words(most, timeline.unit)}: {most.count:,}"
    return (
        f'<figure class="time" style="--n:{number}"><figcaption>{caption}</figcaption>'
        f'<div class="strip"><svg viewBox="0 0 {number} 100" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'
        f'<div class="brush"></div>{_handles(number)}</div>{_axis(timeline)}{_table(timeline)}{undated}</figure>'
    )


def _bar(place: int, period: Period, unit: Unit, most: int) -> str:
    # A single article among thousands must still be seen.
    height = max(100 * period.count / most, 3) if period.count else 0
    label = f"{period_in_words(period, unit)}: {count(period.count, 'article')}"
    return (
        f'<g class="bar" data-since="{period.since.isoformat()}" data-until="{period.until.isoformat()}">'
        f"<title>{label}</title>"
        f'<rect class="hit" x="{place}" y="0" width="1" height="100"></rect>'
        f'<rect class="ink" x="{place + 0.1:g}" y="{100 - height:.4g}" width=".8" height="{height:.4g}"></rect></g>'
    )


def _handles(number: int) -> str:
    if number == 1:
        return ""
    ends = (("from", "First shown", 0), ("to", "Last shown", number - 1))
    return "".join(
        f'<input type="range" class="handle {name}" aria-label="{label}" min="0" max="{number - 1}" value="{value}">'
        for name, label, value in ends
    )


def _axis(timeline: Timeline) -> str:
    number = len(timeline.periods)
    step = -(-number // TICKS)
    ticks = "".join(
        f'<li style="{_at(place, number)}">{_tick(timeline.periods[place], timeline.unit)}</li>'
        for place in range(0, number, step)
    )
    return f'<ol class="axis" aria-hidden="true">{ticks}</ol>'


def _at(place: int, number: int) -> str:
    """Return where a date stands: at the left end of its bar, or towards the end of the plot at the right."""
    if place > number * LATE:
        return f"right:{100 * (number - place - 1) / number:.4g}%"
    return f"left:{100 * place / number:.4g}%"


def _tick(period: Period, unit: Unit) -> str:
    day = period.since
    if unit in ("year", "decade"):
        return str(day.year)
    month = MONTHS[day.month - 1][:3]
    return f"{month} {day.year}" if unit == "month" else f"{day.day} {month} {day.year}"


def _table(timeline: Timeline) -> str:
    rows = "".join(
        f'<tr><th scope="row">{period_in_words(period, timeline.unit)}</th><td>{period.count:,}</td></tr>'
        for period in timeline.periods
        if period.count
    )
    return f'<div class="hidden"><table><caption>Articles a {timeline.unit}</caption>{rows}</table></div>'


def _undated(number: int) -> str:
    if not number:
        return ""
    button = '<button type="button" data-set="undated">Show only these</button>'
    return f'<p class="undated">{count(number, "article")} without a date. {button}</p>'


def period_in_words(period: Period, unit: Unit) -> str:
    """Return a period as it is spoken of: March 2017, 2017, the 2010s, 6–12 March 2017."""
    if unit == "month":
        return f"{MONTHS[period.since.month - 1]} {period.since.year}"
    if unit == "year":
        return str(period.since.year)
    if unit == "decade":
        return f"the {period.since.year // 10 * 10}s"
    return span_in_words(period.since, period.until)
