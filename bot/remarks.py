"""What is wrong or doubtful with one outcome, in words for whoever reads the errors of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from bot.measures import (
    answer_was_read,
    answer_was_retrieved,
    cited_words_hold_answer,
    cites_gold,
    first_rank,
    judge,
    seeks_article,
    uncited_numbers,
)
from bot.outcome import Outcome
from bot.wording import holds


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at in an outcome; `grave` when it must never happen."""

    text: str
    grave: bool = False


def remarks(outcome: Outcome) -> tuple[Remark, ...]:
    """Return what is wrong or doubtful with an outcome, the gravest first, in words for a reader."""
    found = [Remark(f"broke off: {outcome.error}", grave=True)] if outcome.error else []
    found += [
        Remark(f"quote [{item.number}] is not in its article", True) for item in outcome.citations if not item.exact
    ]
    found += [Remark(text) for text in (*_about_words(outcome), *_about_articles(outcome), *_about_sentences(outcome))]
    return tuple(found)


def _about_words(outcome: Outcome) -> list[str]:
    question, group = outcome.question, judge(outcome)
    wanted = " or ".join(question.answers) or "; ".join(" or ".join(group) for group in question.all_of)
    found = []
    if group == "wrong answer":
        found.append(f"the answer does not hold: {wanted}")
        found += [f"it gives what is outdated: {old}" for old in question.outdated if holds(outcome.text, old)]
    elif group == "missed refusal":
        found.append("answered, though the archive does not hold the answer")
    elif group == "false refusal":
        found.append(f"refused, though the archive holds: {wanted or 'the answer'}")
    if group in ("wrong answer", "right answer") and cited_words_hold_answer(outcome) == (0.0, 1):
        found.append("the cited words do not hold the answer")
    return found


def _about_articles(outcome: Outcome) -> list[str]:
    if outcome.error or not seeks_article(outcome, supporting=True):
        return []
    found = []
    rank = first_rank(outcome, supporting=True)
    if rank is None:
        found.append("no article that holds the answer was found")
    elif rank > 1:
        found.append(f"the first article that holds the answer has rank {rank}")
    if rank and answer_was_retrieved(outcome) == (0.0, 1):
        found.append("the right article was found, but not its passage with the answer")
    elif rank and answer_was_read(outcome) == (0.0, 1):
        found.append("what holds the answer was found, but not given to the model")
    if cites_gold(outcome) == (0.0, 1):
        found.append("cites no article known to hold the answer" if outcome.citations else "cites nothing")
    return found


def _about_sentences(outcome: Outcome) -> list[str]:
    found = []
    for at, sentence in enumerate(outcome.sentences):
        if sentence.support != "supported":
            missing = f" (missing: {', '.join(sentence.missing)})" if sentence.missing else ""
            found.append(f"sentence {at + 1} is {sentence.support}{missing}")
        elif absent := uncited_numbers(outcome, at):
            found.append(f"sentence {at + 1} is called supported, but its quotes lack {', '.join(sorted(absent))}")
    return found
