"""A sentence that its quotes carry only in part, said again so that they carry all of it.

First the part that nothing carries is left out, where the rest stands alone; else the article's own sentence is given
instead. What is shown is then supported, and nothing is lost that an article says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.asked import fitness
from bot.quoted_words import has_lone_mark
from bot.stems import content_stems, stems
from bot.support import SourceSentence, Verdict

Check = Callable[[str], Verdict]
OwnWords = Callable[[SourceSentence], SourceSentence]
Near = Callable[[SourceSentence], float]

LEAST_WORDS = 4  # of what is left of a sentence
# Where an end begins that can be left out; what limits the rest never is: "if", "unless", "not until", "except".
_JOINT = re.compile(
    r"(?:,|;| [–—-])\s+(?!(?:if|unless|except|until|though|although|but|provided|not|without|only)\b|\d"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d)"
    r"|\s+(?=(?:following|according to)\s)",
    re.I,
)
# A beginning that only says when, where or by whom, and the sentence proper behind its comma.
_OPENING = re.compile(
    r"(?:According to|In|On|At|During|Before|After|By|Since|From|As of|Based on|For)\s[^,;:]{2,80},\s+"
    r"(?!(?:and|or|but|which|who|where|when|while|as|according)\b)(?=\w)"
)
_OPENS = re.compile(
    r"(?:of|in|on|at|after|before|during|while|when|as|if|since|with|by|for|from|because|although|though|despite|among"
    r"|under|until|unlike|according|following|based)\b",
    re.I,
)
# An own sentence that is less near to the question than this answers another one. One that is this near, and gives a
# fact of the kind asked for, answers it although the model took another fact.
NEAR = 0.3
VERY_NEAR = 0.6
TOLD_WEIGHT = 0.4  # of the share of what the model wanted to say, against a score of about .4 to 1


@dataclass(frozen=True, slots=True)
class Means:
    """What mending needs of the case: `check` judges a text, `own_words` gives a quote as it is to be shown.

    `near` tells how near a sentence comes to the question, in [0, 1], and `score` how well it would answer (see
    extract.py). `others` are the sentences of the articles that would answer best.
    """

    check: Check
    own_words: OwnWords
    near: Near
    score: Near
    others: Sequence[SourceSentence] = ()


def mend(sentence: str, verdict: Verdict, question: str, means: Means) -> tuple[str, Verdict] | None:
    """Return a supported sentence in place of one that is not, with its verdict; None where no quote tells anything.

    A supported sentence is returned as it is.
    """
    if verdict.support == "supported":
        return sentence, verdict
    asked = content_stems(question)
    for shorter in _shortened(sentence, verdict.missing):
        if content_stems(shorter) - asked:
            found = means.check(shorter)
            if found.support == "supported":
                return shorter, found
    best = _best_own(content_stems(sentence) - asked, verdict, question, means)
    if best is None:
        return None
    best = means.own_words(best)
    return " ".join(best.text.split()), replace(verdict, support="supported", quotes=(best,), missing=(), strength=1.0)


def _best_own(told: frozenset[str], verdict: Verdict, question: str, means: Means) -> SourceSentence | None:
    """Return the article's sentence that says best what the model wanted to say, or answers best; None without any.

    What it was taken from comes first, unless another of the best answers as well and holds as much of it.
    """

    def tells(quote: SourceSentence) -> bool:
        least = NEAR if told & stems(quote.text) else VERY_NEAR
        return means.near(quote) >= least and bool(fitness(question, quote.text))

    def worth(quote: SourceSentence) -> float:
        return means.score(quote) + TOLD_WEIGHT * len(told & stems(quote.text)) / max(1, len(told))

    telling = [quote for quote in verdict.quotes if tells(quote)]
    if not telling:
        return None
    others = [quote for quote in means.others if means.near(quote) >= NEAR and fitness(question, quote.text)]
    return max([*telling, *others], key=worth)


def _shortened(sentence: str, missing: Sequence[str]) -> Iterator[str]:
    """Yield the sentence without its end from one joint on, longest first, then without its opening."""
    if not missing:
        return
    for joint in reversed(list(_JOINT.finditer(sentence))):
        head, tail = sentence[: joint.start()], sentence[joint.start() :]
        stands_alone = len(head.split()) >= LEAST_WORDS and not _only_opens(head) and not has_lone_mark(head)
        if stands_alone and _holds_any(tail, missing):
            yield head.rstrip(",;:–—- ") + "."
    opening = _OPENING.match(sentence)
    if opening and _holds_any(opening.group(), missing):
        rest = sentence[opening.end() :]
        if len(rest.split()) >= LEAST_WORDS:
            yield rest[:1].upper() + rest[1:]


def _only_opens(head: str) -> bool:
    """Return whether `head` is only the beginning of what a clause after it would say: "Of the 97 people"."""
    return bool(_OPENS.match(head)) and "," not in head


def _holds_any(text: str, missing: Sequence[str]) -> bool:
    return any(each in text for each in missing)
