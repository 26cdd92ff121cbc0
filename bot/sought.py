"""What a question asks for, as other versions of its answer need it: the kind of fact, its names, dates and words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.amounts import has_amount
from bot.facts import Fact, FactKind, find_facts, holds
from bot.names import find_name_words, has_name
from bot.slots import Slot, find_slots
from bot.stems import content_stems, coverage, lower_stems
from bot.support import SourceSentence
from index.records import Source

# A sentence speaks of what is asked when it holds this share of the question's words, in itself and with what was
# found of its article, and means much the same as the answer. Set by eye on RGB's and the news questions.
ASKED_WORDS = 0.6
LEAST_SHARED = 0.33  # of the words, to be compared at all
ASKED_IN_SENTENCE = 0.5  # the rest may stand elsewhere in what was found of its article
MOST_NAMES = 0.7  # share of the question's names
NEAR_COSINE = 0.5
SAME_COSINE = 0.72  # from here on other words may stand for those of the question
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|long|old|far|often|high|tall|fast|large|big)\b|\bwhat (?:percent|share|number|amount|price)"
    r"|\bwhat (?:was|is|were|are) .{0,60}\b(?:toll|price|cost|revenue|salary|rate|number|value|worth|score|size)\b"
    r"|\b(?:toll|price|cost|percentage)\b",
    re.I,
)
_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:date|day|year|month)\b|\bdate\b", re.I)
_WHO = re.compile(r"\b(?:who|whom|whose|where|which|location)\b", re.I)
_LISTS = re.compile(r"\b(?:name (?:one|two|three|some)|which (?:two|three|four|five)|who (?:are|were)|list)\b", re.I)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question as far as versions of its answer need it, and what each article found says on the whole."""

    text: str
    words: frozenset[str]
    anchors: frozenset[str]  # those of them that belong to no name or date: "won", "director"
    facts: tuple[Fact, ...]
    kinds: frozenset[FactKind]
    scopes: Mapping[str, str]
    ordinary: frozenset[str]  # stems of words that the articles write in lower case somewhere

    @property
    def named(self) -> frozenset[str]:
        """The keys of the question's names."""
        return frozenset(fact.key for fact in self.facts if fact.kind == "name")

    @property
    def beside(self) -> frozenset[str]:
        """The beginnings of the question's words, in which "director" and "directed" agree."""
        return frozenset(word[:5] for word in self.anchors)

    def is_about(self, source: SourceSentence, cosine: float) -> bool:
        """Return whether a sentence speaks of what is asked: of its numbers and dates, and most of its names and words.

        What is missing may stand elsewhere in what was found of its article, or be said in other words.
        """
        scope = self.scopes[source.article_id]
        held = [_holds_in_scope(fact, source, scope) for fact in self.facts if fact.kind == "name"]
        if not all(_holds_in_scope(fact, source, scope) for fact in self.facts if fact.kind != "name"):
            return False
        if held and sum(held) < MOST_NAMES * len(held):
            return False
        in_words = coverage(self.words, source.text) >= ASKED_IN_SENTENCE and coverage(self.words, scope) >= ASKED_WORDS
        return cosine >= NEAR_COSINE and (in_words or cosine >= SAME_COSINE)

    def names_same(self, one: SourceSentence, other: SourceSentence) -> bool:
        """Return whether `other` holds what `one` holds of the names and dates of the question: the same event."""
        held = [fact for fact in self.facts if holds(fact, one.text, published=one.published)]
        return all(_holds_in_scope(fact, other, other.text) for fact in held)


def _holds_in_scope(fact: Fact, source: SourceSentence, scope: str) -> bool:
    if holds(fact, scope, published=source.published):
        return True
    return source.published is not None and fact.key in (str(source.published.year), f"y{source.published.year}")


def scopes_of(sources: Sequence[SourceSentence], origins: Mapping[str, Source]) -> dict[str, str]:
    """Return for each article its title and all that was found of it."""
    scopes = {each.article_id: origins[each.article_id].title for each in sources}
    for each in sources:
        scopes[each.article_id] += f"\n{each.text}"
    return scopes


def read_question(question: str, scopes: Mapping[str, str]) -> Asked:
    """Return what the question asks for; `scopes` is what was found of each article."""
    kinds: frozenset[FactKind] = frozenset({"name", "number", "date"})
    if _HOW_MANY.search(question):
        kinds = frozenset({"number"})
    elif _WHEN.search(question):
        kinds = frozenset({"date"})
    elif _WHO.search(question):
        kinds = frozenset({"name"})
    if _LISTS.search(question):
        kinds -= {"name"}  # of several right answers each article may name another
    ordinary = frozenset().union(*(lower_stems(scope) for scope in scopes.values()))
    words = frozenset(word for word in content_stems(question) if len(word) > 1)
    facts = find_facts(question)
    facts = tuple(fact for fact in facts if fact.text.lower() not in _TITLES)
    anchors = words - frozenset().union(*(content_stems(fact.text) for fact in facts))
    return Asked(question, words, anchors, facts, kinds, scopes, ordinary)


# --- facts ---


def slots_of(text: str, published: date | None, asked: Asked) -> list[Slot]:
    """Return the facts of `text`, its names without titles and without what the question names too."""
    slots = [_trim(slot, asked) if slot.kind == "name" else slot for slot in find_slots(text, published)]
    return [slot for slot in slots if slot is not None]


_TITLES = frozenset(
    "ceo director president chairman actor actress author writer novelist star captain coach qb founder secretary "
    "minister prime queen king prince princess".split()
)


def _trim(slot: Slot, asked: Asked) -> Slot | None:
    start, end = slot.start, slot.end
    words = [(match.start() + start, match.end() + start) for match in re.finditer(r"\S+", slot.text)]
    verb = next(
        (n for n, (a, b) in enumerate(words) if n and _NO_NAME.fullmatch(slot.text[a - start : b - start])), None
    )
    words = words[:verb]
    while words and _is_idle(slot.text[words[0][0] - start : words[0][1] - start], asked):
        words.pop(0)
    while words and _is_idle(slot.text[words[-1][0] - start : words[-1][1] - start], asked):
        words.pop()
    if not words:
        return slot if any(key not in asked.named for key in slot.keys) else None
    start, end = words[0][0], words[-1][1]
    text = slot.text[start - slot.start : end - slot.start]
    return Slot("name", text, start, end, frozenset(key for _, key in find_name_words(text)) or slot.keys)


def _is_idle(word: str, asked: Asked) -> bool:
    return word.lower() in _TITLES or word.lower() in ("of", "the", "de", "for") or _is_asked(word, asked)


def _is_asked(word: str, asked: Asked) -> bool:
    """Return whether `word` is of a name of the question."""
    return any(key in asked.named for _, key in find_name_words(word))


def gives(text: str, slot: Slot, published: date | None) -> bool:
    """Return whether `text` gives the fact itself, or a rounder or fuller form of it."""
    if slot.kind == "name":
        return all(has_name(text, key) for key in slot.keys)
    if slot.kind == "date":
        return any(_names_day(other, slot) for other in find_slots(text, published) if other.kind == "date")
    return slot.amount is not None and has_amount(text, slot.amount)


def _names_day(one: Slot, wanted: Slot) -> bool:
    """Return whether a date gives all that another one says: "8 June" gives "June"."""
    return same_day(one, wanted) and {token[0] for token in wanted.keys} <= {token[0] for token in one.keys}


def same_day(one: Slot, other: Slot) -> bool:
    """Return whether neither date says what the other does not allow: "June 2017" and "8 June"."""
    parts = [{token[0]: token for token in slot.keys} for slot in (one, other)]
    common = parts[0].keys() & parts[1].keys()
    return not common or all(parts[0][part] == parts[1][part] for part in common)


_NO_NAME = re.compile(
    r"\b(?:Is|Are|Was|Were|Will|Has|Have|Had|Says|Said|Named|Wins|Won|Gets|Find|Directed|First|Read)\b"
)


def is_name(slot: Slot, ordinary: frozenset[str]) -> bool:
    """Return whether it is a name and no common word or headline in capitals."""
    if _NO_NAME.search(slot.text) or re.fullmatch(r"[A-Z][a-z]+(?:ly|ing)", slot.text):
        return False
    return " " in slot.text or not content_stems(slot.text) <= ordinary
