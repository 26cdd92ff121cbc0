"""Three named steps of strictness, and what each of them costs in words of the reader's. Knows nothing of pages.

The shares are those of README.md, "How well it does"; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A strictness with a name, and the shares of questions that were refused at it.

    `story` are questions over few articles on one story, with traps; `news` are quiz questions over a large archive.
    Each pair is of those that the articles answer, where a refusal is wrong, and of those that they do not.
    """

    name: str
    strictness: float
    story: tuple[float, float]
    news: tuple[float, float] | None = None


STEPS = (
    Step("Answer more", 0.25, (0.04, 0.73), (0.10, 1.0)),
    Step("Balanced", 0.35, (0.08, 0.80), (0.10, 1.0)),
    Step("Only when sure", 0.45, (0.28, 0.93), (0.20, 1.0)),
)


def name_of(strictness: float) -> str:
    """Return the step's name, or the number where it is none: "Balanced", "0.35"."""
    return next((step.name for step in STEPS if step.strictness == strictness), f"{strictness:g}")


def cost_of(strictness: float) -> str:
    """Return what a strictness costs: the figures of its step, or how it compares with the steps."""
    step = next((step for step in STEPS if step.strictness == strictness), None)
    if step is None:
        return "Less: more is answered, and more of it wrongly. More: more is refused, rightly or not."
    wrongly, rightly = map(_percent, step.story)
    words = (
        f"Refused {wrongly} of the questions that a few articles on one story answer, {rightly} of those they do not"
    )
    if step.news is None:
        return f"{words}."
    return f"{words}; {' and '.join(map(_percent, step.news))} over a large archive."


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"
