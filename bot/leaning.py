"""Whether a question leans on what was said before it: "Why?", "And in Iraq?", "What is the death toll?".

A question that leans needlessly costs a rewriting; one that is wrongly taken to stand alone is searched for without
what it is about. Knows the question only, not what was said.
"""

from __future__ import annotations

import re

from bot.mentions import find_named, words_of
from bot.pronouns import find_pointing
from bot.stems import content_stems

LEAD = r"(?:(?:and|but|so(?!\s+far)|or|then|also|ok(?:ay)?|yes|no|thanks?(?:\s+you)?|well)\b[,.!]?\s+)"
WH = r"why(?:\s+not)?|when|where|how\s+long|how\s+often|how|by\s+whom|since\s+when|until\s+when|who|whom|what|which"
AUXILIARY = r"(?:is|are|was|were|do|does|did|will|would|can|could|has|have|had|should|shall|may|might|must)"
_CONTINUING = re.compile(
    r"^\W*(?:and|but|or|what\s+about|how\s+about|who\s+else|what\s+else|where\s+else|how\s+so)\b", re.I
)
# "Oops, I meant personal data": what was wrong before is put right, and the rest of it holds.
_CORRECTING = re.compile(
    r"^\W*(?:(?:no|oops|sorry|well)\b[,.!]?\s+)*(?:i\s+(?:only\s+)?(?:mean|meant)|i(?:\s+am|['’]m|\s+was)\s+talking\s+(?:about|of)"
    r"|correction)\b",
    re.I,
)
_BARE = re.compile(rf"^\W*{LEAD}?(?:{WH}|how\s+(?:much|many))(?:\s+(?:else|exactly|then|so|next))?\W*$", re.I)
_RELATIONS = words_of(
    "cost costs price reason reasons cause causes result results outcome date name number size age population capital "
    "address location plan deal motive verdict sentence penalty toll score aim purpose goal alternative process author "
    "director winner leader mayor president minister chancellor owner founder suspect suspects victim victims response "
    "reaction impact effect effects consequences details risks symptoms length height budget deadline governor king "
    "chairman chief"
)
_RELATION = re.compile(
    rf"^\W*{LEAD}?(?P<asks>(?:what|who)(?:['’]s|\s+(?:is|are|was|were|will\s+be)))\s+the\s+"
    r"(?P<noun>(?:[a-z]+\s+)?(?P<head>[a-z]+))\s*\?*$",
    re.I,
)


def needs_context(question: str) -> bool:
    """Return whether `question` leans on what was said before: by a pointing word, or by saying too little."""
    if any((find_pointing(question), _BARE.match(question), find_relation(question), _CORRECTING.match(question))):
        return True
    named = find_named(question)
    words = content_stems(re.sub(LEAD, "", question, count=1, flags=re.I))
    if _CONTINUING.search(question):
        return len(words) < 3
    if named:
        return len(words) <= len(content_stems(" ".join(name.text for name in named))) and not asks(question)
    return len(words) < 2 and not re.match(rf"\W*(?:what|who)\s+{AUXILIARY}\s+(?!the\b)\w+\s*\?*$", question, re.I)


def is_fragment(question: str) -> bool:
    """Return whether `question` is no sentence and yet says what it is about: "New Zealand climate"."""
    is_own = not (
        _CORRECTING.match(question) or _CONTINUING.search(question) or find_pointing(question) or asks(question)
    )
    return is_own and bool(find_named(question))


def asks(question: str) -> bool:
    """Return whether `question` begins as a question or a request does."""
    return bool(re.match(rf"\W*(?:{LEAD})?(?:{WH}|{AUXILIARY}|tell|give|explain|describe|list|name)\b", question, re.I))


def names_nothing(question: str) -> bool:
    """Return whether `question` has few words and no name, number or day: "How many people were killed?"."""
    return not find_named(question) and not re.search(r"\d", question) and len(content_stems(question)) <= _FEW


_FEW = 3  # content words


def find_relation(question: str) -> re.Match[str] | None:
    """Return the parts of "What is the cost?", which does not say of what; None for another question."""
    match = _RELATION.match(question)
    return match if match and match["head"].lower() in _RELATIONS else None
