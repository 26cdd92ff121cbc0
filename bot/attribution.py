"""Who a sentence of an article says said it: "the coalition said", "according to SANA", "…, police reported".

By rule, for English news. What is returned are the article's own words. Where a rule is not sure it finds nothing,
because a statement put into the wrong mouth is worse than one that stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.speakers import PRONOUNS, find_after, find_subject


@dataclass(frozen=True, slots=True)
class Attribution:
    """The speaker at `text[start:end]` of a sentence, and the part of it that is what they say.

    `is_pronoun` tells a speaker who is only "he" or "she".
    """

    speaker: str
    start: int
    end: int
    said_start: int
    said_end: int
    is_pronoun: bool = False


# Verbs that a statement may follow without "that".
_PLAIN = "said says say tweeted wrote writes told tells"
# Verbs that need "that" before the statement, or stand after it: "reported losses" is no report of speech.
_CAREFUL = (
    "added adds reported reports announced confirmed confirms claimed claims warned warns argued argues alleged "
    "alleges acknowledged insisted insists stated states noted notes explained explains suggested suggests testified "
    "declared estimated estimates predicted predicts revealed maintained conceded admitted asserted asserts emphasized "
    "stressed contended contends cautioned recalled recounted"
)
_OF_PAPERS = "found finds showed shows concluded concludes indicated indicates"  # of a study, not of a person
_PAPER = re.compile(
    r"\b(?:study|studies|report|reports|poll|polls|survey|surveys|analysis|research|review|data|figures|census|audit|"
    r"inquiry|investigation|model|models|records|documents|filing|affidavit|complaint|lawsuit|indictment)\b",
    re.I,
)
_VERB = re.compile(
    rf"\b(?P<verb>{'|'.join(f'{_PLAIN} {_CAREFUL} {_OF_PAPERS}'.split())})\b(?!\s+to\s+(?:be|have)\b)(?![-’'])"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+(?=\w)")
# What may stand between the speaker and the verb.
_BEFORE_VERB = re.compile(
    r"(?:\s+\([^()]{1,40}\))?(?:\s+(?:has|have|had|also|later|earlier|then|previously|recently|already|long|since"
    r"|[a-z]{3,}ly))*\s*\Z"
)
# Words that belong to no speaker's name: what collects one stops here.
# After a trailing verb: the end, a day, a place, a listener, or a second part of the sentence.
_TRAILS = re.compile(
    r"\s*(?:\Z|[.,;!?—–)]|(?:on|in|at|during|after|before|to|of|as|via|through|following|from|late|early|earlier|last|"
    r"this|shortly|while|when|about|by|with|afterward|afterwards|again|today|yesterday|tonight|then)\b"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d)"
)
_THAT = re.compile(
    r"[^“”\"]{0,70}?\bthat\b|\s+(?:on\s+)?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\s+)?(?:it|they|he|she|there)\b"
)
_LISTENER = re.compile(
    r"\s+(?:[“\"]?[A-Z][\w’'.&-]*|the|a|an|his|her|reporters|him|them|us|me|lawmakers)(?:\s+[A-Z][\w’'.&-]*)*"
    r"(?:[”\"]|\s+(?:reporters|affiliate|station|newspaper|agency|officials|police|news))?"
)
_CLOSED = re.compile(r"(?:,|[,.!?]?[”\"’']|—|–)\s*\Z")
_OPENS_QUOTE = re.compile(r"\s*[:,]?\s*[“\"]|\s*:")


@lru_cache(maxsize=4096)
def find_attribution(sentence: str) -> Attribution | None:
    """Return to whom `sentence` attributes what it states, or None where it states it itself."""
    found = [each for each in (_read_verb(sentence, match) for match in _VERB.finditer(sentence)) if each]
    found += [each for each in (_read_according(sentence, match) for match in _ACCORDING.finditer(sentence)) if each]
    return max(found, key=lambda each: each.said_end - each.said_start, default=None)


def speaker_before(sentences: Sequence[str]) -> tuple[int, Attribution] | None:
    """Return whom "he" or "she" means after `sentences`: the place of the one that names the speaker, and who it is.

    Only the latest two are read, and only a person with a name counts; anything between that could be meant
    instead makes it unclear.
    """
    for place in range(len(sentences) - 1, max(-1, len(sentences) - 3), -1):
        found = find_attribution(sentences[place])
        if found is None:
            return None
        if not found.is_pronoun:
            return (place, found) if _is_person(found.speaker) else None
    return None


def _is_person(speaker: str) -> bool:
    names = re.findall(r"(?<![\w’'])[A-Z][\w’'.-]+", speaker)
    return 2 <= len(names) <= 5 and not re.match(r"(?:The|A|An|the|a|an)\b", speaker) and " and " not in speaker


def asks_for_speaker(question: str) -> bool:
    """Return whether `question` asks who said something, so that the answer itself names them."""
    return bool(_ASKS_FOR_SPEAKER.search(question))


_ASKS_FOR_SPEAKER = re.compile(
    rf"\bwho\b(?:\s+\w+){{0,2}}\s+(?:{'|'.join(f'{_PLAIN} {_CAREFUL} claim warn announce report'.split())})\b"
    r"|\baccording to wh(?:om|at|ich)\b|\bwhose (?:words|claim|estimate|statement)\b|\bwho (?:is|was) quoted\b",
    re.I,
)


# --- a verb ----------------------------------------------------------------------------------------------------


def _read_verb(text: str, match: re.Match[str]) -> Attribution | None:
    verb = match["verb"]
    before = text[: match.start()]
    left = before[: _before_verb(before)]
    spot = find_subject(text, left)
    if spot is None:
        return _read_inverted(text, match, left)
    start, end = spot
    speaker = text[start:end]
    if verb in _OF_PAPERS.split() and not _PAPER.search(speaker):
        return None
    if verb == "say" and not re.search(r"s\b|people|police|\band\b", speaker):
        return None
    after = text[match.end() :]
    said = _said_part(text, (start, match.end()), after, verb)
    if said is None:
        return None
    return Attribution(speaker, start, end, *said, is_pronoun=speaker.lower() in PRONOUNS)


def _before_verb(before: str) -> int:
    match = _BEFORE_VERB.search(before)
    return match.start() if match else len(before)


def _said_part(text: str, place: tuple[int, int], after: str, verb: str) -> tuple[int, int] | None:
    """Return the range that is said: what stands before a trailing "X said", else what follows it."""
    start, verb_end = place
    lead = text[:start]
    is_closed = bool(_CLOSED.search(lead))
    heard = _listener_end(after) if verb in ("told", "tells") else 0
    if heard is None:
        return None
    has_that = bool(_THAT.match(after))
    opens_quote = bool(_OPENS_QUOTE.match(after[heard:]))
    if is_closed and _TRAILS.match(after[heard:]) and not has_that and not (opens_quote and not _holds_quote(lead)):
        if not _holds_quote(lead) and len(lead.split()) < 3 and not after.startswith(","):
            return None  # "In Georgia, the university reported on …" says nothing before it
        goes_on = after.startswith(",") and not re.match(r",\s+(?:\w+ing|who|which|but|and)\b", after)
        return (0, len(text)) if goes_on or _holds_quote(after) else (0, start)
    if verb not in _PLAIN.split() and not has_that and not opens_quote:
        return None
    if len(after.split()) < 3:
        return None
    return (0, len(text)) if is_closed and _holds_quote(lead) else (verb_end, len(text))


def _holds_quote(text: str) -> bool:
    return bool(re.search(r"[“”\"]", text))


def _listener_end(after: str) -> int | None:
    """Return where the one who was told ends; None for an order ("told him to leave")."""
    if re.match(r"\s+(?:[\w’'.&-]+\s+){1,5}?to\s+[a-z]", after) and not re.match(r"[^.]{0,60}\bthat\b", after):
        return None
    match = _LISTENER.match(after)
    return match.end() if match else 0


def _read_inverted(text: str, match: re.Match[str], left: str) -> Attribution | None:
    """Return the attribution of "…,” said X"."""
    if not _CLOSED.search(left) or match["verb"] in _OF_PAPERS.split():
        return None
    spot = find_after(text, match.end())
    if spot is None or not re.match(r"\s*(?:\Z|[.,;—–(]|\w)", text[spot[1] :]):
        return None
    speaker = text[slice(*spot)]
    if speaker.lower() in PRONOUNS or not re.search(r"[A-Z]|\b(?:the|a|an|officials|police|experts)\b", speaker):
        return None
    return Attribution(speaker, *spot, 0, match.start())


def _read_according(text: str, match: re.Match[str]) -> Attribution | None:
    spot = find_after(text, match.end())
    if spot is None:
        return None
    start, end = spot
    leads = not text[: match.start()].strip(' “"')
    said = (end, len(text)) if leads else (0, match.start())
    return Attribution(text[start:end], start, end, *said)
