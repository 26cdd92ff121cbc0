"""Sentences of an answer that keep who said it: what an article only attributes, Byline does not state as a fact.

The words that are added are the article's own, and a sentence that would be less well carried with them stays as
it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.attribution import Attribution, asks_for_speaker, find_attribution, speaker_before
from bot.plain_words import OPENERS
from bot.quoted_words import has_lone_mark
from bot.stems import content_stems, coverage, stems
from bot.support import Similarity, SourceSentence, Verdict, check_sentence
from index.records import Source

# The part that is said must hold nearly all that the quote holds of the answer, else the answer rests on the rest.
_RESTS = 0.75
_END = re.compile(r"(?P<stop>[.])(?P<close>[”\"’']*)\s*\Z")
_ORDER = {"unsupported": 0, "partly": 1, "supported": 2}


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who said it, in the article's words; `named_in` is the sentence that names a "he" or "she"."""

    words: str
    named_in: SourceSentence | None = None


def keep_speakers(
    kept: Sequence[tuple[str, Verdict]],
    sources: Sequence[SourceSentence],
    origins: Mapping[str, Source],
    question: str,
    similarity: Similarity,
) -> list[tuple[str, Verdict]]:
    """Return the sentences with whom their quotes attribute them to, in the text and in the verdict.

    Nothing changes where the quotes attribute nothing, where the speaker is the outlet itself, or where the
    question asks who said it.
    """
    if asks_for_speaker(question):
        return list(kept)
    return [_keep_speaker(text, verdict, sources, origins, similarity) for text, verdict in kept]


def _keep_speaker(
    text: str,
    verdict: Verdict,
    sources: Sequence[SourceSentence],
    origins: Mapping[str, Source],
    similarity: Similarity,
) -> tuple[str, Verdict]:
    words = content_stems(text)
    quote = max(verdict.quotes, key=lambda each: coverage(words, each.text), default=None)
    speaker = _speaker_of(quote, words, sources) if quote else None
    if quote is None or speaker is None or _is_outlet(speaker.words, origins[quote.article_id].outlet):
        return text, verdict
    is_verbatim = text == quote.text  # the article's own sentence is shown as it is
    if is_verbatim or find_attribution(text) or stems(speaker.words) & stems(text) or not stems(speaker.words):
        return text, replace(verdict, said_by=speaker.words)
    longer = _add(text, _in_the_middle(speaker.words, sources))
    quotes = verdict.quotes
    if speaker.named_in and speaker.named_in not in quotes:
        quotes = tuple(sorted((*quotes, speaker.named_in), key=lambda each: each.start))
    checked = check_sentence(longer, quotes, similarity) if longer else verdict
    is_as_good = _ORDER[checked.support] >= _ORDER[verdict.support] and set(checked.missing) <= set(verdict.missing)
    if not longer or not is_as_good:
        return text, verdict
    return longer, replace(verdict, quotes=quotes, said_by=speaker.words)


def _speaker_of(quote: SourceSentence, words: frozenset[str], sources: Sequence[SourceSentence]) -> _Speaker | None:
    """Return who says what the answer takes from `quote`, or None where the article states it or it is unclear."""
    found = find_attribution(quote.text)
    if found is None or not _rests_on(found, quote.text, words):
        return None
    if not found.is_pronoun:
        return _Speaker(found.speaker)
    before = [each for each in sources if each.passage_id == quote.passage_id and each.start < quote.start]
    before.sort(key=lambda each: each.start)
    named = speaker_before([each.text for each in before])
    return _Speaker(named[1].speaker, before[named[0]]) if named else None


def _rests_on(found: Attribution, quote: str, words: frozenset[str]) -> bool:
    said = coverage(words, quote[found.said_start : found.said_end])
    return said >= _RESTS * coverage(words, quote)


def _is_outlet(speaker: str, outlet: str) -> bool:
    """Return whether the speaker is the outlet itself, or part of it: "CNN", "a CNN analysis"."""
    own = {word.casefold() for word in re.findall(r"\w+", outlet)} - {"the", "news", "com", "www"}
    return bool(own) and own <= {word.casefold() for word in re.findall(r"\w+", speaker)}


def _in_the_middle(speaker: str, sources: Sequence[SourceSentence]) -> str:
    """Return the speaker as it is written inside a sentence: "The coalition" is "the coalition" there."""
    first, _, rest = speaker.partition(" ")
    if not re.fullmatch(r"[A-Z][a-z]*", first):
        return speaker
    lower = first.lower()
    common = lower in OPENERS or any(re.search(rf"\b{lower}\b", each.text) for each in sources)
    is_name = rest[:1].isupper() and lower not in (
        "the",
        "a",
        "an",
        "its",
        "their",
        "his",
        "her",
        "one",
        "some",
        "many",
    )
    return f"{lower}{speaker[len(first) :]}" if common and not is_name else speaker


def _add(text: str, speaker: str) -> str:
    """Return `text` with the speaker at its end; empty for one that has no plain end, as a question or a cut one."""
    match = _END.search(text)
    if match is None or text.endswith("..") or has_lone_mark(text):
        return ""
    body = text[: match.start()]
    stop = "" if speaker.endswith(".") else "."
    return f"{body},{match['close']} according to {speaker}{stop}"
