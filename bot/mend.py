"""A sentence that its quotes carry only in part, said again so that they carry all of it.

First the part that nothing carries is left out, where the rest stands alone; else the article's own sentence is given
instead. What is shown is then supported, and nothing is lost that an article says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.excerpt import leans_back
from bot.support import SourceSentence, Verdict, content_stems, stems

Check = Callable[[str], Verdict]

LEAST_WORDS = 4  # of what is left of a sentence
# Where a part ends that can be left out. What limits the rest is never cut off: "if", "unless", "not until", "except".
_JOINT = re.compile(
    r"(?:,|;| [–—-])\s+(?!(?:if|unless|except|until|though|although|but|provided|not|without|only)\b)"
    r"|\s+(?=(?:after|because|following|while|when|where|which|who|as|and|according to|in|on|at|by)\s)",
    re.I,
)
_CLOSING = ".!?…"


def mend(
    sentence: str, verdict: Verdict, question: str, *, check: Check, sources: Sequence[SourceSentence]
) -> tuple[str, Verdict] | None:
    """Return a supported sentence in place of one that is not, with its verdict; None where no quote tells anything.

    A supported sentence is returned as it is. `check` judges a text, `sources` are all sentences of the evidence, in
    order.
    """
    if verdict.support == "supported":
        return sentence, verdict
    asked = content_stems(question)
    for shorter in _shortened(sentence, verdict.missing):
        if content_stems(shorter) - asked:
            found = check(shorter)
            if found.support == "supported":
                return shorter, found
    return _in_its_own_words(sentence, verdict, asked, sources)


def _shortened(sentence: str, missing: Sequence[str]) -> Iterator[str]:
    """Yield the sentence without its end from one joint on, longest first, then without its beginning."""
    if not missing:
        return
    joints = list(_JOINT.finditer(sentence))
    for joint in reversed(joints):
        head, tail = sentence[: joint.start()], sentence[joint.start() :]
        if _holds_any(tail, missing) and len(head.split()) >= LEAST_WORDS:
            yield head.rstrip(",;:–—- ") + "."
    for joint in joints:
        head, tail = sentence[: joint.start()], sentence[joint.end() :]
        if joint.group().startswith(",") and _holds_any(head, missing) and len(tail.split()) >= LEAST_WORDS:
            yield tail[:1].upper() + tail[1:]


def _holds_any(text: str, missing: Sequence[str]) -> bool:
    return any(each in text for each in missing)


def _in_its_own_words(
    sentence: str, verdict: Verdict, asked: frozenset[str], sources: Sequence[SourceSentence]
) -> tuple[str, Verdict] | None:
    """Return the quote that tells most of what the sentence told beside the question, with what it leans on."""
    told = content_stems(sentence) - asked
    best = max(verdict.quotes, key=lambda quote: len(told & stems(quote.text)), default=None)
    if best is None or not told & stems(best.text):
        return None
    quotes = [best]
    before = _before(best, sources)
    if before is not None and leans_back(best.text):
        quotes.insert(0, before)
    text = " ".join(" ".join(quote.text.split()) for quote in quotes)
    ended = text if text.rstrip("\"'”’»)] ").endswith(tuple(_CLOSING)) else f"{text}."
    return ended, replace(verdict, support="supported", quotes=tuple(quotes), missing=(), strength=1.0)


def _before(quote: SourceSentence, sources: Sequence[SourceSentence]) -> SourceSentence | None:
    """Return the sentence before it in its passage."""
    earlier = [each for each in sources if each.passage_id == quote.passage_id and each.end <= quote.start]
    return max(earlier, key=lambda each: each.start, default=None)
