"""Whether a sentence gives a deed, a word or a title to one of whom its quotes do not say it: who beat whom, who said.

The names and the words between them must stand in the same order as in a quote, unless one is in the passive. English,
by rule, and in doubt silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations

from bot.attribution import Attribution, find_attribution
from bot.mentions import Mentioned, find_named
from bot.stems import STOP, WORD, stem_of, stems

_NEAR = 3  # words between the one who does it and the verb
_RESTS = 0.75  # of what a quote holds of the statement, in the part of it that is said
_ASIDE = 70  # letters beside a speaker in which another description of them may stand
_SPEECH = re.compile('[“”"]')
_CLAUSE = re.compile(r"(?:[,;:]|\b(?:and|but|while|when|after|before|because|that))\s+\Z")
_WINS = re.compile(r"\s+(?:win|wins|won|beat|beats|defeat|defeats|defeated)\b")
# Done by two to each other, so that the order of their names says nothing.
_MUTUAL = frozenset(
    map(stem_of, "met meet married agreed joined talked discussed played fought drew tied faced".split())
)
_FULL_TITLES = {
    "gov": "governor", "sen": "senator", "rep": "representative", "gen": "general", "col": "colonel",
    "lt": "lieutenant", "capt": "captain", "sgt": "sergeant", "prof": "professor", "rev": "reverend",
    "congressman": "representative", "congresswoman": "representative", "treasurer": "treasurer",
    "mayor": "mayor", "judge": "judge", "president": "president", "prosecutor": "prosecutor",
}  # fmt: skip
_TITLED = re.compile(
    rf"\b(?P<title>(?i:{'|'.join(sorted({*_FULL_TITLES, *_FULL_TITLES.values()}, key=len, reverse=True))}))\b\.?\s+"
    r"(?:Dr\.\s+)?(?P<name>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*)"
)

Words = list[tuple[str, int]]  # stems with the places of their words


def turned_roles(text: str, quotes: Sequence[str]) -> list[str]:
    """Return the names to which `text` gives what the quotes say of another."""
    found = [name for quote in quotes for name in _exchanged(text, quote)]
    found += _others_deeds(text, quotes)
    found += _wrong_speaker(text, quotes)
    found += _wrong_titles(text, quotes)
    return list(dict.fromkeys(found))


def wrong_winners(question: str, quotes: Sequence[str]) -> list[str]:
    """Return the names that `question` takes to have won where the quotes say it of another: "By how much did X win?"

    Only winning and beating: of other deeds a question says too much that its quotes say in other words.
    """
    winners = [name.text for name in _named(question) if _WINS.match(question, name.end)]
    others = turned_roles(question, quotes) if winners else []  # most questions name none
    return [name for name in winners if name in others]


@lru_cache(maxsize=4096)
def _named(text: str) -> tuple[Mentioned, ...]:
    return find_named(text)


# --- two names that have changed places --------------------------------------------------------------------------


def _exchanged(text: str, quote: str) -> Iterator[str]:
    """Yield the first of two names of `text` that have changed places, by most of the words between them."""
    pairs = [(one, other) for one in _named(text) if (other := _the_same(one, _named(quote)))]
    own, there = _single_words(text), _single_words(quote)
    for (one, one_there), (two, two_there) in permutations(pairs, 2):
        if one.start >= two.start or one_there == two_there:
            continue
        between = [word for word, place in own.items() if one.end <= place < two.start and word in there]
        after = [word for word, place in own.items() if place >= two.end and word in there]
        if not between or all(word in _MUTUAL for word in between):
            continue
        if one_there.start > two_there.start:
            turned = [word for word in between if two_there.end <= there[word] < one_there.start]
            same_voice = _has_by(text, own, between, two) == _has_by(quote, there, between, one_there)
            is_exchanged = same_voice and 2 * len(turned) > len(between)
        else:
            moved = [word for word in between if there[word] >= two_there.end]
            back = [word for word in after if one_there.end <= there[word] < two_there.start]
            is_exchanged = bool(back) and 2 * len(moved) > len(between) and 2 * len(back) > len(after)
        if is_exchanged:
            yield one.text


def _the_same(name: Mentioned, others: Sequence[Mentioned]) -> Mentioned | None:
    """Return the one of `others` that is the same name, perhaps shorter or longer; None where two may be."""
    same = [each for each in others if each.words <= name.words or name.words <= each.words]
    return same[0] if len(same) == 1 else None


@lru_cache(maxsize=4096)
def _single_words(text: str) -> dict[str, int]:
    """Return the places of the stems of content words that stand once in `text` and in no name."""
    named = [(each.start, each.end) for each in _named(text)]
    places: dict[str, list[int]] = {}
    for match in WORD.finditer(text):
        if match.group().lower() not in STOP and not any(start <= match.start() < end for start, end in named):
            for word in stems(match.group()):
                places.setdefault(word, []).append(match.start())
    return {word: found[0] for word, found in places.items() if len(found) == 1}


def _has_by(text: str, places: dict[str, int], words: Sequence[str], name: Mentioned) -> bool:
    first = min((places[word] for word in words), default=0)
    return bool(re.search(r"\bby\b", text[first : name.start]))


# --- another's deed ----------------------------------------------------------------------------------------------


def _others_deeds(text: str, quotes: Sequence[str]) -> Iterator[str]:
    """Yield the names of `text` right before a word before which the quotes have only another name."""
    own = _single_words(text)
    for name in _named(text):
        following = min((each.start for each in _named(text) if each.start >= name.end), default=len(text))
        deeds = [word for word, at in own.items() if at < following and 0 <= _gap(text, name.end, at) <= _NEAR]
        if name.kind == "place" or not deeds:
            continue
        deed = min(deeds, key=lambda word: own[word])
        telling = [quote for quote in quotes if deed in stems(quote) and deed not in _MUTUAL]
        if telling and all(_is_anothers(name, deed, quote) for quote in telling):
            yield name.text


def _gap(text: str, start: int, end: int) -> int:
    """Return how many words stand between; -1 where a clause ends there, or `end` comes first."""
    if end < start or re.search(r"[;:.—–“”]|\b(?:and|but|while|as)\b", text[start:end]):
        return -1
    return len(text[start:end].split())


def _is_anothers(name: Mentioned, deed: str, quote: str) -> bool:
    place = _single_words(quote).get(deed)
    if place is None:
        return False
    named = _named(quote)
    same = _the_same(name, named)
    loosely = any(each.words & name.words for each in named if each.end <= place)
    by_name = same and re.search(r"\bby\b", quote[place : same.start]) if same and same.start > place else None
    if by_name or (loosely and not (same and same.start < place)):
        return False
    if same and same.start < place:
        return any(_begins_its_clause(each, place, quote) for each in named if each.start > same.start)
    near = [each for each in named if 0 <= _gap(quote, each.end, place) <= _NEAR and each.kind != "place"]
    return bool(near)


def _begins_its_clause(name: Mentioned, place: int, quote: str) -> bool:
    """Return whether a name stands right before a verb, and before it a clause begins."""
    is_right_before = name.end <= place and not quote[name.end : place].strip()
    return is_right_before and name.kind != "place" and bool(_CLAUSE.search(quote[: name.start]))


# --- another's words ---------------------------------------------------------------------------------------------


def _wrong_speaker(text: str, quotes: Sequence[str]) -> Iterator[str]:
    """Yield the named speaker of `text` where the quotes give what is said to somebody else."""
    own = find_attribution(text)
    if own is None or own.is_pronoun or not re.search(r"[A-Z]", own.speaker):
        return
    who, said = stems(own.speaker), stems(text[own.said_start : own.said_end]) - stems(own.speaker)
    best = max(quotes, key=lambda quote: len(said & stems(quote)), default="")
    there = find_attribution(best)
    if there is None and _says_nothing(_names_of(text, own), said, best, quotes):
        yield own.speaker
    if not who or there is None or who & stems(there.speaker) or len(said & stems(best)) < 2:
        return
    told = len(said & stems(best[there.said_start : there.said_end]))
    if told < _RESTS * len(said & stems(best)):
        return
    named = (_beside(quote) for quote in quotes) if there.is_pronoun else (_near(best, there),)
    if not any(who & stems(each) for each in named):
        yield own.speaker


def _names_of(text: str, own: Attribution) -> frozenset[str]:
    """Return the words of the names in and right before a speaker: "Ann Lee, head of the agency"."""
    near = [each for each in _named(text) if own.start - _ASIDE <= each.start < own.end and each.kind == "person"]
    return frozenset().union(*(each.words for each in near))


def _says_nothing(names: frozenset[str], said: frozenset[str], best: str, quotes: Sequence[str]) -> bool:
    """Return whether the article states it, and the quotes that name the speaker tell nothing of it as said."""
    telling = [quote for quote in quotes if names & frozenset().union(*(each.words for each in _named(quote)))]
    spoken = [quote for quote in telling if _SPEECH.search(quote) or find_attribution(quote)]
    says_it = any(said & stems(quote) for quote in spoken)
    return bool(telling) and best not in telling and not says_it and not _SPEECH.search(best)


def _beside(quote: str) -> str:
    """Return what a quote says itself, without what somebody says in it."""
    found = find_attribution(quote)
    return quote if found is None else f"{quote[: found.said_start]} {quote[found.said_end :]}"


def _near(quote: str, found: Attribution) -> str:
    """Return the words beside a speaker that may describe them: "Ann Lee, the mayor, said"."""
    before = quote[max(0, found.start - _ASIDE) : found.start]
    after = quote[found.end : found.end + _ASIDE]
    said = range(found.said_start, found.said_end)
    before = "" if found.start - 1 in said else re.split(r"[;:.“”]|\b(?:and|but|while)\b", before)[-1]
    after = "" if found.end in said else re.split(r"[;:“”]|\b(?:and|but|while)\b", after)[0]
    return f"{before} {after}"


# --- another title -----------------------------------------------------------------------------------------------


def _wrong_titles(text: str, quotes: Sequence[str]) -> Iterator[str]:
    """Yield the titles that `text` puts before a name before which the quotes put others only."""
    given = [match for quote in quotes for match in _TITLED.finditer(quote)]
    for match in _TITLED.finditer(text):
        same = [other for other in given if other["name"].split()[-1] == match["name"].split()[-1]]
        if same and _full(match["title"]) not in [_full(other["title"]) for other in same]:
            yield match["title"]


def _full(title: str) -> str:
    return _FULL_TITLES.get(title.lower(), title.lower())
