"""A follow-up made whole by rule: "And in Iraq?", "When was that?", "Who is he?" with the words that were left out.

Pure: text in, text out, and an empty string where the rules are not sure. A question that begins something new is
none of their business, so ask bot/leaning.py first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.days import read_days
from bot.leaning import AUXILIARY, LEAD, asks, find_relation
from bot.mentions import Mentioned, distinct, find_named, find_things, words_of
from bot.pronouns import REACH, answer_to_who, definite, find_pointing, first_sentence, resolve
from bot.records import Turn


def complete(question: str, history: Sequence[Turn]) -> str:
    """Return `question` so that it can be understood alone; empty where the rules are not sure."""
    if not history:
        return ""
    for rule in (_ask_again, _swap, _add_relation, _point):
        written = rule(question, history)
        if written:
            return _tidy(written)
    return ""


def _tidy(text: str) -> str:
    """Return the text as one question: a capital, single blanks, a question mark; empty if it still points back."""
    text = " ".join(re.sub(rf"^\W*{LEAD}", "", text, flags=re.I).split()).strip(" ?.,")
    return "" if not text or still_points(text) else f"{text[0].upper()}{text[1:]}?"


def still_points(text: str) -> bool:
    """Return whether a pronoun of `text` stands for something outside it; "that" in "say that" may."""
    return any(match["word"].lower() not in ("that", "this") for match in find_pointing(text))


# --- "Why?", "When was that?" --------------------------------------------------------------------------------

_AGAIN = re.compile(
    rf"^\W*{LEAD}?(?P<wh>why|when|where|how\s+long|how\s+often|how|by\s+whom|since\s+when|until\s+when)"
    r"(?:\s+(?:(?:is|was)\s+(?:that|this)(?:\s+so)?|(?:did|does|will)\s+(?:(?:that|this)\s+(?:happen|occur|take\s+place|be)|it\s+happen)"
    r"|did\s+(?:he|she|it|they)\s+do\s+(?:that|this|it|so)|exactly|then))?\W*$",
    re.I,
)
_WITH_ADVERB = re.compile(rf"^\W*(?:why|when|where|how|how\s+long|how\s+often)\s+(?={AUXILIARY}\b)", re.I)
_WHO_DOES = re.compile(
    rf"^\W*(?:who|which\s+[a-z]+)\s+(?:(?P<auxiliary>{AUXILIARY})\s+)?(?P<does>[a-z]+\b.*?)\s*\?*\s*$", re.I
)
_MOST_WORDS = 25


def _ask_again(question: str, history: Sequence[Turn]) -> str:
    """Return the earlier question asked with another word: "Did Trump sign the order?", "When?"."""
    asked = _AGAIN.match(question)
    if not asked:
        return ""
    wh, last = " ".join(asked["wh"].split()).capitalize(), history[-1]
    earlier = last.question.strip()
    if re.match(rf"\W*{AUXILIARY}\b", earlier, re.I):
        return f"{wh} {earlier[0].lower()}{earlier[1:]}"
    if _WITH_ADVERB.match(earlier):
        return f"{wh} {_WITH_ADVERB.sub('', earlier)}"
    doing = _with_doer(wh, last)
    if doing:
        return doing
    told = _statement(last)
    tense = {"Why": "is", "How": "is", "When": "was", "Where": "was"}.get(wh)
    return f"{wh} {tense} it that {told}" if told and tense else ""


def _with_doer(wh: str, turn: Turn) -> str:
    """Return "When will Calder & Sons repair the bridge?" once it was answered who will."""
    who, new = _WHO_DOES.match(turn.question), answer_to_who(turn)
    if not who or len(new) != 1 or find_pointing(turn.question):
        return ""
    name = definite(new[0])
    if who["auxiliary"] is None and wh in ("Why", "When", "Where", "How"):
        return f"{wh} {'is' if wh in ('Why', 'How') else 'was'} it that {name} {who['does']}"
    modal = (who["auxiliary"] or "").lower() in ("will", "would", "can", "could", "should", "has", "have", "had")
    return f"{wh} {who['auxiliary'].lower()} {name} {who['does']}" if modal else ""


def _statement(turn: Turn) -> str:
    """Return what a turn's answer states, as a clause; empty where it is long or speaks of someone unnamed."""
    said = first_sentence(turn).rstrip(" .!")
    if not 3 <= len(said.split()) <= _MOST_WORDS or "“" in said or find_pointing(said):
        return ""
    first = said.split()[0]
    is_name = any(name.start == 0 for name in find_named(said)) or first.isupper()
    return said if is_name else f"{said[0].lower()}{said[1:]}"


# --- "And in Iraq?", "What about 2018?" ----------------------------------------------------------------------

_PREPOSITION = r"(?:about|in|on|at|for|from|to|with|by|during|since|before|after|until|against|of|near)"
_ABOUT = re.compile(rf"^\W*{LEAD}?(?:what|how)\s+about\s+(?P<part>[^?]+?)\s*\?*$", re.I)
_AND = re.compile(r"^\W*(?:and|but|or)[,]?\s+(?P<part>[^?]+?)\s*\?*$", re.I)
_LONE = re.compile(rf"^\W*(?P<part>(?:{_PREPOSITION}\s+)?(?:the\s+)?[A-Z0-9][^?]*?|{_PREPOSITION}\s+[^?]+?)\s*\?+\s*$")
_COUNT = re.compile(r"(?P<how>how\s+many|how\s+much|which|what)\s+(?P<noun>[a-z]+)", re.I)
_YEAR = re.compile(r"(?<![\w$£€.,])(?:19|20)\d\d(?!\w)")
_SPAN = re.compile(r"\b(?:last|this|next|past)\s+(?:week|month|year|season|spring|summer|fall|autumn|winter)\b", re.I)


def _swap(question: str, history: Sequence[Turn]) -> str:
    """Return the earlier question with the part of the same kind replaced: place for place, year for year."""
    part = part_of(question)
    if not part:
        return ""
    for turn in reversed(history[-REACH:]):
        earlier = turn.question.strip().rstrip("? ")
        if not asks(earlier):
            continue  # "Thank you!"
        for swap in (_swap_time, _swap_name, _swap_count, _swap_thing):
            written = swap(part, earlier)
            if written:
                return written
        if find_named(earlier) or find_things(earlier):
            return ""  # what this turn was about is what is meant, and the rules do not see how
    return ""


def part_of(question: str) -> str:
    """Return what the follow-up puts in place of another: "in Iraq", "the ferry"; empty for a question of its own."""
    for pattern in (_ABOUT, _AND, _LONE):
        match = pattern.match(question)
        if match:
            part = match["part"].strip(" .,")
            if len(part.split()) > 6 or re.search(rf"\b(?:{AUXILIARY}|why|when|where|who|whom)\b", part, re.I):
                return ""
            return "" if find_pointing(part) else part
    return ""


def _times(text: str) -> list[tuple[int, int]]:
    spans = [(day.start, day.end) for day in read_days(text, None)]
    for pattern in (_YEAR, _SPAN):
        spans += [
            match.span()
            for match in pattern.finditer(text)
            if not any(a < match.end() and match.start() < b for a, b in spans)
        ]
    return sorted(spans)


def _swap_time(part: str, earlier: str) -> str:
    bare = re.sub(rf"^{_PREPOSITION}\s+", "", part)
    if _times(bare) != [(0, len(bare))]:
        return ""
    written = part if part != bare or not re.match(r"(?:19|20)\d\d|[A-Z]", bare) else f"{_preposition_for(bare)} {bare}"
    found = _times(earlier)
    if not found:
        return f"{earlier} {written}"
    if len(found) > 1:
        return ""
    start, end = found[0]
    before = re.search(rf"\b{_PREPOSITION}\s+$", earlier[:start])
    is_inner = not before and end < len(earlier) and re.match(r"\s+[A-Z]", earlier[end:])  # "the 2016 Olympics"
    if is_inner:
        return earlier[:start] + bare + earlier[end:]
    return earlier[: before.start() if before else start] + written + earlier[end:]


def _preposition_for(time: str) -> str:
    return "on" if re.match(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\w+ \d{1,2}\b", time) else "in"


def _swap_name(part: str, earlier: str) -> str:
    named = find_named(f"about {part}" if not re.match(_PREPOSITION, part) else part)
    if len(named) != 1 or not part.endswith(named[0].text):
        return ""
    new = re.sub(rf"^{_PREPOSITION}\s+", "", part)
    others = find_named(earlier)
    if any(one.words == named[0].words for one in others):
        return ""
    old = _after_same_word(part, new, earlier) or _same_kind(named[0], distinct(others))
    if old is None:
        if named[0].kind == "place" and part != new and not any(one.kind == "place" for one in others):
            return f"{earlier} {part}"
        return ""
    start, end = old.start, old.end
    article = re.search(r"\bthe\s+$", earlier[:start], re.I)
    if article and new[:4].lower() != "the ":
        start = start if named[0].kind == "group" and new.isupper() else article.start()
    elif article:
        start = article.start()
    before = re.search(rf"\b{_PREPOSITION}\s+$", earlier[:start])
    if before and part != new:
        return earlier[: before.start()] + part + earlier[end:]
    return earlier[:start] + new + earlier[end:]


def _after_same_word(part: str, new: str, earlier: str) -> Mentioned | None:
    """Return the only name that stands behind the preposition with which the follow-up begins."""
    word = part[: len(part) - len(new)].strip()
    behind = [one for one in find_named(earlier) if re.search(rf"\b{word}\s+(?:the\s+)?$", earlier[: one.start], re.I)]
    return behind[0] if word and len(behind) == 1 else None


def _same_kind(new: Mentioned, others: Sequence[Mentioned]) -> Mentioned | None:
    """Return the only one of `others` that `new` can stand in for; None where it is not certain."""
    same = [one for one in others if one.kind == new.kind]
    doubtful = [one for one in others if one.kind == "name"]
    if new.kind in ("name", "person"):
        same = [one for one in others if one.kind in ("name", "person")]
    if len(same) == 1 and (new.kind != "name" or len(others) == 1 or len(same) == len(others) or len(doubtful) <= 1):
        return same[0]
    if not same and len(others) == 1 and "name" in (new.kind, others[0].kind):
        return others[0]
    return None


def _swap_count(part: str, earlier: str) -> str:
    """Return "How many women …" of "How many men …": by "And how many women?" or "And women?"."""
    asked, was = _COUNT.fullmatch(part), _COUNT.search(earlier)
    if not was or was["how"].lower() in ("what",) or re.fullmatch(AUXILIARY, was["noun"], re.I):
        return ""
    if asked and asked["how"].lower() == was["how"].lower():
        noun = asked["noun"]
    elif re.fullmatch(r"[a-z]+s|women|men|children|people", part) and was["how"].lower() != "which":
        noun = part
    else:
        return ""
    return earlier[: was.start("noun")] + noun + earlier[was.end("noun") :] if noun != was["noun"] else ""


def _swap_thing(part: str, earlier: str) -> str:
    """Return the earlier question about another thing: "the ferry" for "the harbour bridge"."""
    if not re.match(r"(?:the|a|an)\s", part, re.I):
        return ""
    things = [one for one in find_things(earlier) if not _names_inside(one, earlier)]
    return earlier[: things[0].start] + part + earlier[things[0].end :] if len(things) == 1 else ""


def _names_inside(thing: Mentioned, text: str) -> bool:
    return any(name.start == thing.start + 4 and name.end == thing.end for name in find_named(text))


# --- "What is the death toll?", "Who is he?" ---------------------------------------------------------------------

_OF_A_PLACE = words_of(
    "population capital size mayor president governor king minister chancellor leader chief chairman owner founder"
)


def _add_relation(question: str, history: Sequence[Turn]) -> str:
    """Return "What is the cost of the bridge?" for "What is the cost?"."""
    match = find_relation(question)
    if not match:
        return ""
    for turn in reversed(history[-REACH:]):
        topics = _topics(turn.question, match["head"].lower())
        if topics:
            return f"{question.strip().rstrip('? ')} of {topics[0]}" if len(topics) == 1 else ""
    return ""


def _topics(earlier: str, head: str) -> tuple[str, ...]:
    named = find_named(earlier)
    if head in _OF_A_PLACE:
        return tuple(definite(one) for one in distinct(named) if one.kind in ("place", "group"))
    things = tuple(one for one in find_things(earlier) if head not in one.words)
    others = tuple(one for one in named if not any(thing.start <= one.start < thing.end for thing in things))
    return tuple(definite(one) for one in distinct((*things, *others)))


_SAYING_THAT = re.compile(
    r"\b(?:say|said|says|claim(?:ed)?|announce[d]?|tweet(?:ed)?|write|wrote|warn(?:ed)?)\s+(?:that|this|so)\s*\?*$",
    re.I,
)
_SAID = re.compile(
    r"\b(?:said|says|claimed|announced|tweeted|wrote|warned|stated|added|argued|told\s+[\w’' ]{2,30}?)\s+(?:that\s+)?"
    r"(?P<clause>[^“”\"]{8,180}?)[.!]?$"
)


def _point(question: str, history: Sequence[Turn]) -> str:
    """Return the question with its pronouns replaced, and "that" by what was said."""
    saying = _SAYING_THAT.search(question)
    if not saying:
        return resolve(question, history)
    named = resolve(question[: saying.start()] + "¤", history) or question[: saying.start()] + "¤"
    if find_pointing(named):
        return ""
    verb = saying.group().split()[0]
    clause = _SAID.search(first_sentence(history[-1]))
    if clause and len(clause["clause"].split()) <= _MOST_WORDS:
        return named.replace("¤", f"{verb} that {clause['clause']}")
    about = re.search(r"\b(?:about|on)\s+[^?]{2,60}$", history[-1].question.strip(" ?"))
    return named.replace("¤", f"{verb} that {about.group()}") if about else ""
