"""What a model wrote, made ready to be checked: whole sentences that answer, nothing only copied or repeated."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.date_words import MONTHS
from bot.stems import content_stems
from index.sentences import split_sentences

# What a small model writes after two sentences is mostly copied from the article, and was not asked for.
MOST_SENTENCES = 2
MOST_WRITTEN = 4  # with those that only repeat the question or each other

# A model may write marks as it has seen them elsewhere. They are no words of its own, and not checked.
_MARKER = re.compile(
    r"(?<!\s)\s*+\[\d{1,2}(?:\s*+,\s*+\d{1,2})*\]"
    r"|(?:,|(?<![\s,]))\s++as\s+(?:stated|reported|mentioned|noted|described)\s+(?:in|by)\s+the\s+articles?(?=[,.;])"
)
# The day that the prompt shows behind an article's words: where the words stand too it is what they mean.
_DAY_MARK = re.compile(rf"\[((?:(?:\d{{1,2}}\s+)?(?:{MONTHS})(?:\s+\d{{4}})?)|\d{{4}})\]")
# The line above each article in the prompt, prompts/passage.txt, as a small model copies it: "(outlet, day)".
_ORIGIN = re.compile(
    r"(?<!\s)\s*+\([^()]{1,60}, (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, "
    rf"\d{{1,2}} (?:{MONTHS}) \d{{4}}(?:, opinion piece)?\)"
)
# "The article mentions that the mill burned": what follows is the answer, and the quotes show where it stands.
_PREFACE = re.compile(
    r"(?:^|(?<=[.!?]\s))(?:The|These|This)\s(?:article|passage|text)s?\s(?:also\s)?"
    r"(?:say|state|mention|note|report|indicate)s?\sthat\s(?P<first>[\w’'-]+)",
    re.M,
)
_AFTER_PREPOSITION = re.compile(r"\b(?:on|in|since|of|by|until|from|to|after|before|during|between|and)\s*$", re.I)
_ENDED = re.compile(r"[.!?…][\"'”’)\]]*$")


def tidy(text: str, *, cut: bool) -> str:
    """Return `text` without copied passage numbers and origins, "as stated in the articles", "The article says that",
    brackets around days, and a last sentence that was cut off.

    Half a sentence can say the opposite of the whole, so it is kept only when it is all there is, and marked.
    """
    text = _DAY_MARK.sub(_without_brackets, _ORIGIN.sub("", _MARKER.sub("", text))).strip()
    text = _PREFACE.sub(_as_opening, text)
    if not cut or _ENDED.search(text):
        return text
    spans = split_sentences(text)
    return text[: spans[-1].start].rstrip() if len(spans) > 1 else f"{text} …"


def _as_opening(match: re.Match[str]) -> str:
    first = match["first"]
    return first[:1].upper() + first[1:] if first.islower() else first  # "iPhone" stays


def _without_brackets(match: re.Match[str]) -> str:
    is_all_there_is = _AFTER_PREPOSITION.search(match.string[: match.start()])
    return match[1] if is_all_there_is else f"({match[1]})"


def answering_sentences(text: str, question: str) -> list[str]:
    """Return the sentences of `text` that answer, MOST_SENTENCES at most."""
    return on_the_question(_sentences(text), question)[:MOST_SENTENCES]


def says_too_much(text: str, question: str) -> bool:
    """Return whether `text` has begun a sentence more than an answer takes, so that the model may be stopped."""
    sentences = _sentences(text)
    return len(sentences) > MOST_WRITTEN or len(on_the_question(sentences, question)) > MOST_SENTENCES


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


def on_the_question(sentences: Sequence[str], question: str) -> list[str]:
    """Return the sentences that answer: each once, none that only repeats the question or strays from it.

    A small model likes to begin with the question, and when it has answered it goes on copying the article. What
    only repeats is kept where it is all there is.
    """
    asked = content_stems(question)
    once = list(dict.fromkeys(sentences))
    telling = [text for text in once if content_stems(text) - asked and not text.rstrip('"”’ ').endswith("?")] or once
    return [text for place, text in enumerate(telling) if place == 0 or content_stems(text) & asked]
