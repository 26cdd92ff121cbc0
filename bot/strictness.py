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
    Step("Answer more", 0.2, (0.28, 0.73)),
    Step("Balanced", 0.25, (0.36, 0.80), (0.09, 1.00)),
    Step("Only when sure", 0.4, (0.48, 0.87), (0.19, 1.00)),
)


def name_of(strictness: float) -> str:
    """Return the step's name, or the number where it is none: "Balanced", "0.35"."""
    return next((step.name for step in STEPS if step.strictness == strictness), f"{strictness:g}")


def cost_of(strictness: float) -> str:
    """Return what a strictness costs: the figures of its step, or how it compares with the steps."""
    step = next((step for step in STEPS if step.strictness == strictness), None)
    if step is None:
        return "Less: more is answered, and more of it wrongly. More: more is refused, rightly or not."
    words = (
        f"Over few articles on one story it refused {_pair(step.story, 'of what they answer', 'of what they do not')}"
    )
    return f"{words}; over a large archive {_pair(step.news)}." if step.news else f"{words}."


def _pair(shares: tuple[float, float], wrongly: str = "", rightly: str = "") -> str:
    first, second = (f"{round(share * 100)} %" for share in shares)
    return " ".join(f"{first} {wrongly} and {second} {rightly}".split())
