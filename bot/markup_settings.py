"""Records to escaped HTML: the settings, each with what it costs in time, memory and quality.

The figures are those of README.md, "How well it does"; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.markup import count, escape
from bot.model_url import goes_to
from bot.models import Model, State
from bot.records import EXTRACTION
from bot.settings import Settings
from bot.strictness import STEPS, Step, cost_of

PASSAGES = (2, 4, 6, 8, 12, 20)
PASSAGE_SECONDS = 0.8  # on two cores, and as good as linear
QUALITY = {
    "qwen2.5-coder-1.5b": "holds the known answer to 67 % of 89 news questions, and refuses 10 % of them wrongly",
    EXTRACTION: "holds the known answer to 67 % of 89 news questions, and refuses 13 % of them wrongly",
    "smollm2-135m": "for tests and very small machines: too small to rely on",
}
THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A model to choose: one of models.txt in the state it is here, or without one the reader's own file, or none.

    With a `url` it is that of a server.
    """

    name: str
    model: Model | None = None
    state: State = "ready"
    url: str = ""


def models(offers: Sequence[Offer], in_use: str, *, is_switching: bool = False) -> str:
    """Return the models as a list, the one in use marked; what is not on this machine says what brings it."""
    here = [offer for offer in offers if offer.state in ("ready", "unverified")]
    rows = "".join(_here(offer, in_use, is_switching=is_switching) for offer in here)
    elsewhere = "".join(_elsewhere(offer) for offer in offers if offer not in here)
    more = f'<h3>Not on this machine</h3><ul class="models">{elsewhere}</ul>' if elsewhere else ""
    return (
        '<section class="setting"><h2>Model</h2>'
        '<p class="aside">For everyone who reads here: there is one at a time. Another is loaded when no question is '
        f'being answered.</p><ul class="models">{rows}</ul>{more}</section>'
    )


def _here(offer: Offer, in_use: str, *, is_switching: bool) -> str:
    # The same button throughout, so that the focus stays on it while the list is drawn anew.
    title, waits = escape(_title(offer)), ' aria-disabled="true"' if is_switching else ""
    if offer.name == in_use:
        button = f'<button type="button" aria-pressed="true" aria-label="{title}: in use">In use</button>'
    else:
        does = "" if is_switching else f' data-event="usemodel" data-model="{escape(offer.name)}"'
        button = f'<button type="button"{does} aria-pressed="false" aria-label="{title}: use"{waits}>Use</button>'
    return f'<li><p class="name">{title}</p>{button}<p class="cost">{_facts(offer)}</p></li>'


def _elsewhere(offer: Offer) -> str:
    why = "damaged" if offer.state == "damaged" else ""
    facts = " · ".join(part for part in (why, _facts(offer)) if part)
    command = f"byline models pull {offer.name}"
    return f'<li><p class="name">{escape(offer.name)}</p><code>{escape(command)}</code><p class="cost">{facts}</p></li>'


def _title(offer: Offer) -> str:
    return "Without a model" if offer.name == EXTRACTION else offer.name


def _facts(offer: Offer) -> str:
    if offer.name == EXTRACTION:
        parts = ["answers in the articles’ own sentences", "no memory, no wait for writing", QUALITY[EXTRACTION]]
    elif offer.url:
        where = goes_to(offer.url)
        goes = f"questions and passages are sent to {where}" if where else "on this machine"
        parts = ["a server that you named", goes, "not measured by us"]
    elif offer.model is None:
        parts = ["your own file", "not measured by us"]
    else:
        size = offer.model.size
        memory = f"{size / 1e9:.1f} GB" if size > 1e9 else f"{size / 1e6:.0f} MB"
        known = QUALITY.get(offer.name, "measured" if offer.model.measured else "not measured by us")
        parts = [f"{memory} on the disk, and as much memory at least", known, offer.model.licence]
    return escape(" · ".join(parts))


def switching(words: str, *, seconds: int = 0, done: int = 0, total: int = 0) -> str:
    """Return how far a change of the model is; the seconds change all the time, and are not read out."""
    known = f' max="{total}" value="{done}"' if total else ""
    so_far = f'<span class="seconds" aria-hidden="true">{seconds} s</span>' if seconds else ""
    bar = f'<progress{known} aria-label="Change of the model"></progress>'
    return f'<div class="report"><p role="status">{escape(words)}{so_far}</p>{bar}</div>'


def switched(in_use: str) -> str:
    """Return that a model has been changed."""
    words = "Answers are made without a model now." if in_use == EXTRACTION else f"{escape(in_use)} answers now."
    return f'<div class="report"><p role="status">{words}</p></div>'


def own(settings: Settings) -> str:
    """Return what each browser sets for itself; what it has set already is put in by page_settings.js."""
    usual = f'data-strictness="{settings.strictness:g}" data-passages="{settings.passages}" data-theme="system"'
    return (
        f'<div {usual}><section class="setting"><h2>Appearance</h2>{_theme()}</section>'
        f'<section class="setting"><h2>How sure an answer must be</h2>{_sureness()}</section>'
        f'<section class="setting"><h2>Passages</h2>{_passages(settings.passages)}</section>'
        '<p class="aside">These three are kept in this browser. '
        '<button type="button" class="clear" data-reset="">Back to how Byline was started</button></p></div>'
    )


def _theme() -> str:
    items = "".join(
        f'<label><input type="radio" name="theme" value="{value}"> {words}</label>' for value, words in THEMES.items()
    )
    return f'<div class="steps in-line" role="radiogroup" aria-label="Light or dark">{items}</div>'


def _sureness() -> str:
    steps = "".join(map(_step, STEPS))
    return (
        '<p class="aside">An answer that is less sure is not shown, and the nearest articles are. It can be set for a '
        "single question too, below its box.</p>"
        f'<div class="steps" role="radiogroup" aria-label="How sure an answer must be">{steps}</div>'
        '<label class="fine">or exactly <input type="number" name="strictness" min="0" max="1" step="0.01"> '
        '<span class="cost">from 0, which shows all that is carried, to 1, which shows nothing</span></label>'
    )


def _step(step: Step) -> str:
    value, cost = f"{step.strictness:g}", f"cost-{step.strictness:g}"
    return (
        f'<div class="step"><label><input type="radio" name="strictness" value="{value}" aria-describedby="{cost}">'
        f' <b>{step.name}</b></label><p class="cost" id="{cost}">{value} · {escape(cost_of(step.strictness))}</p></div>'
    )


def _passages(usual: int) -> str:
    numbers = sorted({*PASSAGES, usual})
    items = "".join(
        f'<option value="{number}">{count(number, "passage")}: about {_seconds(number)}'
        f"{', as Byline was started' if number == usual else ''}</option>"
        for number in numbers
    )
    return (
        '<p class="aside">Of so many the model reads the sentences nearest to the question. Fewer are quicker; an '
        "answer that stands further down is then missed.</p>"
        '<div class="fine"><label for="passages">Read</label> <select id="passages" name="passages">'
        f'{items}</select></div><p class="cost">{PASSAGE_SECONDS:g} s each, measured on two cores with the default'
        " model.</p>"
    )


def _seconds(passages: int) -> str:
    return f"{max(1, round(passages * PASSAGE_SECONDS))} s of reading"
