"""Words on which a claim turns: opposites, and grave words that must stand in its quotes though all others agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from bot.facts import name_key

# What becomes of a person. Held against each quote by itself: one that says "killed" of the farmer does not say it
# of the survivor, whom another quote calls "alive".
_FATES = tuple("dead/alive died/survived died/alive killed/survived killed/alive killed/rescued dead/survived".split())
# Only pairs that news uses of the same thing; "up/down" and "in/out" stand in too many other places.
TURNS = tuple(
    (
        "won/lost win/lose winner/loser rose/fell rise/fall increase/decrease increase/reduce gain/loss grew/shrank "
        "higher/lower highest/lowest more/fewer more/less approve/reject accept/reject accept/refuse support/oppose "
        "allow/ban legal/illegal guilty/innocent convict/acquit arrest/release hire/fire open/closed open/shut "
        "reopen/close begin/end start/end pass/fail succeed/fail confirm/deny admit/deny true/false safe/dangerous "
        "cheaper/dearer early/late earliest/latest oldest/youngest largest/smallest biggest/smallest first/last "
        "buy/sell north/south east/west northern/southern eastern/western left/right male/female man/woman "
        "husband/wife son/daughter brother/sister mother/father majority/minority public/private import/export "
        "final/preliminary agree/refuse agree/disagree simple/complex easy/difficult simplicity/difficulty heal/damage "
        "include/exclude same/different strong/weak hot/cold warmest/coldest positive/negative"
    ).split()
)
# What must not be put into an article's mouth: a claim with a word of one of these groups needs one of the same group
# in its quotes, however many other words agree. "Killing 23" is not carried by "23 injured".
_GRAVE = tuple(
    tuple(frozenset(side.split("/")) for side in group.split(":"))
    for group in "kill/die/dead/death/deadly/fatal/murder/slay/drown:fatality/homicide/victim/claim/body "
    "injure/injury/hurt/wound:casualty/maim/hospital arrest/detain:custody/jail/seize/capture "
    "convict/conviction:guilty acquit/acquittal:innocent/clear sentence:jail/prison/imprison/punish/term "
    "charge/indict:accuse/prosecute resign/resignation/quit:step/leave/depart sack/oust:fire/dismiss/remove "
    "win/winner/victory/beat/defeat:triumph/champion/prevail/clinch/top/lead/elect "
    "lose/loser:loss/defeat/beat elect:election/vote/win "
    "reject/rejection:refuse/turn/decline/oppose/vote/dismiss "
    "approve/approval:accept/agree/back/pass/endorse/vote/adopt/sign ban/prohibit/outlaw:bar/forbid/halt/stop "
    "buy/purchase/acquire:acquisition/sell/sale/deal/own/take "
    "sell:sale/buy/purchase/acquire/deal/auction/sold sue:lawsuit/suit/court/claim "
    "steal/theft/rob:robbery/fraud/embezzle/take/defraud marry/wed:wedding/marriage/wife/husband "
    "divorce:split/separate rape/assault/abuse:attack/hit survive/rescue:survivor/alive/save/pull/lift/find "
    "bankrupt/bankruptcy:insolvent/insolvency/collapse".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NON = re.compile(r"\bnon[- ]\w+", re.I)
_LASTED = re.compile(r"\blast(?=\W*\Z)", re.I)  # "How long did it last?" asks for nothing that is not the first

Stem = Callable[[str], str]


def grave_words_missing(text: str, quotes: Sequence[frozenset[str]], *, stem: Stem) -> list[str]:
    """Return the grave words of `text` for which the quotes, given as their stems, hold no word of the same group."""
    together = frozenset().union(*quotes)
    groups = _groups(stem)
    return [
        match.group()
        for match in _WORD.finditer(text)
        if (named := groups.get(stem(name_key(match.group())))) and not named & together
    ]


@cache
def _groups(stem: Stem) -> dict[str, frozenset[str]]:
    """Return for each grave word the stems of which its quotes must hold one."""
    found: dict[str, frozenset[str]] = {}
    for grave, others in _GRAVE:
        group = frozenset(stem(word) for word in grave | others)
        for word in grave:
            found[stem(word)] = found.get(stem(word), frozenset()) | group
    return found


def turned_round(text: str, quotes: Sequence[frozenset[str]], *, stem: Stem) -> list[str]:
    """Return the words of `text` of which the quotes, given as their stems, say only the opposite."""
    text = _LASTED.sub("", text)
    together = [frozenset().union(*quotes)]
    turns, fates = _pairs(TURNS, stem), _pairs(_FATES, stem)
    denied: list[str] = [] if "non" in together[0] else _NON.findall(text)
    if denied:  # "900,000 non-Muslims" of 900,000 Muslims
        return denied
    return [
        match.group()
        for match in _WORD.finditer(text)
        if _is_turned(word := stem(name_key(match.group())), together, turns) or _is_turned(word, quotes, fates)
    ]


def _is_turned(word: str, said: Sequence[frozenset[str]], opposites: dict[str, frozenset[str]]) -> bool:
    others = opposites.get(word, frozenset())
    return any(word not in words and others & words for words in said)


@cache
def _pairs(pairs: tuple[str, ...], stem: Stem) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for pair in pairs:
        one, other = (stem(word) for word in pair.split("/"))
        found[one] = found.get(one, frozenset()) | {other}
        found[other] = found.get(other, frozenset()) | {one}
    return found
