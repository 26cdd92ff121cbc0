"""Records to escaped HTML: what limits the questions to come, with how many articles each choice would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.limits import Limits
from bot.markup import apart, escape, span_in_words
from bot.strictness import STEPS, cost_of, name_of
from index.selection import fold

TITLE = "Dates, outlets, authors, how sure"
SHOWN = 40  # names in a list; the others are found by typing
Counts = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: every name with its articles within the other limits, and the usual strictness."""

    outlets: Counts
    authors: Counts
    strictness: float


def draw(limits: Limits, choices: Choices) -> str:
    """Return the limits: folded away all that can be set, and beside it a chip for each that is."""
    number = f" ({limits.number} set)" if limits.number else ""
    filters = limits.filters
    return (
        f"<details><summary>{TITLE}{number}</summary>"
        f'<div class="choices">{_days()}{_sureness(limits, choices.strictness)}'
        f"{_names('outlet', 'Outlets', choices.outlets, chosen=filters.outlets, typed=limits.typed_outlet)}"
        f"{_names('author', 'Authors', choices.authors, chosen=filters.authors, typed=limits.typed_author)}"
        f"</div></details>{_chips(limits)}"
    )


def _days() -> str:
    fields = "".join(
        f'<label for="{name}">{label} <input type="date" id="{name}" name="{name}"></label>'
        for name, label in (("since", "From"), ("until", "To"))
    )
    return f'<div class="days" role="group" aria-label="Date of publication">{fields}</div>'


def _sureness(limits: Limits, usual: float) -> str:
    steps = {step.strictness: step.name for step in STEPS}
    if limits.strictness is not None:
        steps.setdefault(limits.strictness, name_of(limits.strictness))
    own = usual if limits.usual_strictness is None else limits.usual_strictness
    options = "".join(f'<option value="{value:g}">{escape(name)}</option>' for value, name in sorted(steps.items()))
    now = own if limits.strictness is None else limits.strictness
    return (
        '<div class="sureness"><div><label for="sure">How sure an answer must be</label>'
        '<select id="sure" name="strictness">'
        f'<option value="">As in the settings: {escape(name_of(own).lower())}</option>{options}</select></div>'
        '<label for="exactly">exactly <input type="number" id="exactly" name="strictness" min="0" max="1" step="0.05"'
        f' placeholder="{own:g}"></label><p class="cost">{escape(cost_of(now))}</p></div>'
    )


def _names(kind: str, title: str, counts: Counts, *, chosen: tuple[str, ...], typed: str) -> str:
    """Return a list of names with a field that finds in it; what was chosen stays in it while nothing is typed."""
    wanted = fold(typed)
    found = [(name, count) for name, count in sorted(counts, key=lambda one: -one[1]) if wanted in fold(name)]
    shown = found[:SHOWN]
    if not wanted:
        here = {name for name, _ in shown}
        rest = dict(found[SHOWN:])
        shown += [(name, rest.get(name, 0)) for name in chosen if name not in here]
    items = "".join(_name(kind, name, count, is_chosen=name in chosen) for name, count in shown)
    more = max(0, len(found) - SHOWN)
    nothing = "" if shown else "none by that name" if wanted else "none"
    told = f"and {more:,} more: type to find them" if more else nothing
    return (
        f'<fieldset class="names"><legend>{title}</legend><input type="search" name="{kind}" autocomplete="off"'
        f' aria-label="Find {title.lower()}" placeholder="Find among {len(counts):,}">'
        f'<ul>{items}</ul><p class="more" role="status">{told}</p></fieldset>'
    )


def _name(kind: str, name: str, count: int, *, is_chosen: bool) -> str:
    ticked = " checked" if is_chosen else ""
    return (
        f'<li><label><input type="checkbox" name="{kind}s" value="{escape(name)}"{ticked}>'
        f' {apart(name)} <span class="number">{count:,}</span></label></li>'
    )


def _chips(limits: Limits) -> str:
    filters = limits.filters
    chips = [_chip("since until", "", span) for span in (span_in_words(filters.since, filters.until),) if span]
    chips += [_chip("outlets", name, name) for name in filters.outlets]
    chips += [_chip("authors", name, f"by {name}") for name in filters.authors]
    chips += [_chip("strictness", "", name_of(limits.strictness))] if limits.strictness is not None else []
    if not chips:
        return ""
    clear = '<li><button type="button" class="clear" data-clear="">Clear limits</button></li>'
    return f'<ul class="set" aria-label="Limits that are set">{"".join(chips)}{clear}</ul>'


def _chip(fields: str, value: str, words: str) -> str:
    name = f"Remove the limit: {escape(words)}"
    return (
        f'<li><button type="button" class="chip" data-drop="{fields}" data-value="{escape(value)}"'
        f' aria-label="{name}">{apart(words)} <span aria-hidden="true">×</span></button></li>'
    )
