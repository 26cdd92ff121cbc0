"""The words of a question that point back, each with what it stands for: "he" is the one man who was named.

Where two could be meant, or none, the rule is not sure and says so by an empty string. Looks at the last turn first
and at two before it only when the last names nobody and nothing that would do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.mentions import Mentioned, distinct, find_named, find_things, has_person, may_be, words_of
from bot.names import fold
from bot.records import Turn
from bot.refusals import is_refusal
from index.sentences import split_sentences

_LONGEST = 600  # characters of a question; a longer one says what it is about, and reading it takes its time squared
_READ = 600  # characters of an answer; ours have two sentences
REACH = 3  # turns looked back; what was said before those is seldom meant
_PERSON = words_of("he him his himself she her hers herself")
_THING = words_of("it its itself")
_SEVERAL = words_of("they them their theirs themselves")
_POSSESSIVE = words_of("his hers its their theirs")
_POINTING = re.compile(
    r"(?<![\w’'-])(?P<word>he|him|his|himself|she|hers?|herself|it|its|itself|they|them|theirs?|themselves|there"
    r"|the (?:former|latter|same(?! time)|others?)|(?:this|that|these|those)(?: ones?)?)(?![\w-])",
    re.I,
)
_OF_TIME = (
    r"(?:time|day|week|weekend|month|year|morning|afternoon|evening|night|spring|summer|fall|autumn|winter|season)"
)
# "that" also joins clauses ("said that the bridge"), and is a pronoun only where a clause cannot follow.
_BARE_THAT = re.compile(
    r"\b(?:that|this|these|those)(?=\s*(?:[?.!,]|$|happen|true|mean|so\b|was\b|is\b|did\b|for\b|to\b|in\b|on\b|about\b))"
    r"|(?<=\bdid )(?:that|this)|(?<=\bwas )(?:that|this)(?! the| a\b)|(?<=\bis )(?:that|this)(?! the| a\b)"
    r"|(?<=\bdoes )(?:that|this)",
    re.I,
)
_EXPLETIVE = re.compile(
    r"\bit\s+makes?\s+(?:any\s+)?sense\b|\bit\s+(?:would\s+|will\s+|might\s+)?(?:takes?|took|takes|costs?|means?|happens?)\s+(?:\w+\s+)?(?:to|that|if)\b"
    r"|\b(?:does|did|will|would|do)\s+it\s+(?:take|cost|mean|matter|feel)\s+(?:\w+\s+){0,2}?(?:to|that|if|when)\b"
    r"|\b(?:is|was|will|would|be|isn['’]t|wasn['’]t|make[s]?|made)\s+it\s+(?:that|(?:be\s+)?(?:\w+\s+){1,2}?(?:to|that|for|if|when))\b"
    r"|\bwhat\s+time\s+(?:is|was)\s+it\b|\b(?:rain|snow)(?:s|ed|ing)?\b|\bit\s+(?:is|was|seems|turns)\b[^?]*\bthat\b",
    re.I,
)
_EXISTENTIAL = re.compile(
    r"\b(?:is|are|was|were|will|would|has|have|had|be|been|if|does|did|do|can|could|isn['’]t|aren['’]t|how)\s+there\b"
    r"|\bthere(?:['’]s|\s+(?:is|are|was|were|will|would|has|have|had|be|been|to be))\b|\bout there\b",
    re.I,
)


def find_pointing(question: str) -> list[re.Match[str]]:
    """Return the words of `question` that point at what was said before it, and not at something in itself."""
    if len(question) > _LONGEST:
        return []
    found = []
    for match in _POINTING.finditer(question):
        word = match["word"].lower()
        points = {"it": _thing_points, "there": _there_points}.get(word, _other_points)
        if points(question, match) and not _is_inside(question, match.start(), word):
            found.append(match)
    return found


def _thing_points(question: str, match: re.Match[str]) -> bool:
    return not any(each.start() <= match.start() < each.end() for each in _EXPLETIVE.finditer(question)) and not (
        re.search(r"\b(?:rain|snow)", question, re.I)
    )


def _there_points(question: str, match: re.Match[str]) -> bool:
    return not any(each.start() <= match.start() < each.end() for each in _EXISTENTIAL.finditer(question))


def _other_points(question: str, match: re.Match[str]) -> bool:
    word, rest = match["word"].lower().split()[0], question[match.end() :]
    if word == "the":  # "the other three Watson Discovery concepts" says of what
        return not find_named(question)
    if word not in ("this", "that", "these", "those"):
        return True
    if re.match(rf"\s+(?:past\s+|last\s+|coming\s+)?{_OF_TIME}s?\b", rest, re.I):
        return False
    if re.match(r"(?:\s+is|['’]s)\s+(?:ok|okay|fine|good|great|all|interesting|impressive|right)\b", rest, re.I):
        return False  # "That is fine."
    if word == "that":  # "that attack" points, "that the ferries" does not, nor does "that voted"
        return bool(_BARE_THAT.match(question, match.start())) or _is_noun_after(rest)
    return True


def _is_noun_after(rest: str) -> bool:
    """Return whether what follows "that" reads as its noun: one word, at the end or before a preposition or verb."""
    return bool(
        re.match(r"\s+[a-z]+(?<!ed)(?:\s*[?.!]|\s+(?:in|on|at|was|is|be|happen|take|take place)\b)", rest)
    ) and not (
        re.match(r"\s+(?:is|was|are|were|will|would|has|have|had|can|could|he|she|it|they|we|you|there)\b", rest)
    )


_NEW_CLAUSE = re.compile(
    r"[,;.?]|\b(?:if|when|while|because|that|after|before|until|since|so|and|or|but|as|than|though|although|where|says?|said)\b",
    re.I,
)
_PLURAL = re.compile(r"\b(?!does\b|was\b|is\b|has\b|this\b)[a-z]{3,}s\b", re.I)


def _is_inside(question: str, start: int, word: str) -> bool:
    """Return whether something earlier in the same question is what the pronoun stands for."""
    before = question[:start]
    if word in _PERSON:
        return has_person(before, word)
    if word in _THING | _SEVERAL:
        named = [name for name in find_named(before) if name.kind != "person" or word in _SEVERAL]
        things = [thing for thing in find_things(question) if thing.end <= start and not _points_itself(thing)]
        if word in _POSSESSIVE:  # "Did the council sell its land?", "Do mothers protect their babies?"
            return bool(named or things) or (word in _SEVERAL and bool(_PLURAL.search(before)))
        # "the process for applying for it" is about something else, "the bridge, when it is closed" is not.
        return any(_NEW_CLAUSE.search(question[one.end : start]) for one in (*named, *things))
    return False


def _points_itself(thing: Mentioned) -> bool:
    return bool(_POINTING.match(thing.text))


# --- what they stand for -------------------------------------------------------------------------------------


def resolve(question: str, history: Sequence[Turn]) -> str:
    """Return `question` with every word that points back replaced; empty where one is not certain."""
    done: dict[str, str] = {}
    text, place = "", 0
    for match in find_pointing(question):
        word = match["word"].lower()
        if match.start() < place:
            continue
        group = _group_of(word)
        known = group in done
        meant = done[group] if known else _find(group, word, question[match.end() :], history)
        if not meant:
            return ""
        done[group] = meant
        if known and group in ("person", "thing", "several"):
            continue  # "How old was he when he died?" needs the name once
        written, end = _written(meant, match, question)
        text, place = text + question[place : match.start()] + written, end
    return text + question[place:] if done else ""


def _group_of(word: str) -> str:
    for group, words in (("person", _PERSON), ("thing", _THING), ("several", _SEVERAL), ("place", {"there"})):
        if word in words:
            return group
    return word


def _find(group: str, word: str, rest: str, history: Sequence[Turn]) -> str:
    finders: dict[str, Callable[[Turn], tuple[Mentioned, ...]]] = {
        "person": lambda turn: _persons(turn, word),
        "thing": _things,
        "several": _several,
        "place": _places,
    }
    if group in finders:
        return _only_one(finders[group], history)
    if group in ("this", "that", "these", "those"):
        return _with_noun(rest, history, several=group in ("these", "those"))
    return ""


def _only_one(finder: Callable[[Turn], tuple[Mentioned, ...]], history: Sequence[Turn]) -> str:
    """Return the one that the nearest turn with any names; empty where it names two."""
    for turn in reversed(history[-REACH:]):
        found = finder(turn)
        if found:
            return definite(found[0]) if len(found) == 1 else ""
    return ""


def definite(one: Mentioned) -> str:
    """Return what is mentioned as it is spoken of again: "a bridge" becomes "the bridge"."""
    if one.article:
        return f"the {one.text}"
    return re.sub(r"^(?:a|an|some|any|this|that|these|those)\s+", "the ", one.text, flags=re.I)


def answer_to_who(turn: Turn) -> tuple[Mentioned, ...]:
    """Return the names by which a turn's answer says who or which it was, without those that were asked with."""
    if not _WHO.match(turn.question):
        return ()
    asked = find_named(turn.question)
    told = find_named(told_by(turn))
    return distinct(tuple(name for name in told if not any(name.words & one.words for one in asked)))


_WHO = re.compile(r"\W*(?:and\s+)?(?:who(?:se|m)?|which|what (?!is|are|was|were|do|does|did|will)[a-z]+)\b", re.I)


def _persons(turn: Turn, word: str) -> tuple[Mentioned, ...]:
    asked = distinct(tuple(name for name in find_named(turn.question) if may_be(name, word)))
    told = tuple(name for name in find_named(told_by(turn)) if may_be(name, word))
    new = tuple(name for name in answer_to_who(turn) if may_be(name, word))
    if new:
        sure = _sure(new) or new
        return (*sure, *(_sure(asked) if _sure(new) else asked))
    chosen = _sure(asked) or asked
    if not chosen:
        return distinct(told)
    # The fuller name that the answer has, for the same person.
    return tuple(next((one for one in told if one.words > name.words), name) for name in chosen)


def _sure(names: Sequence[Mentioned]) -> tuple[Mentioned, ...]:
    return tuple(name for name in names if name.kind == "person")


def _things(turn: Turn) -> tuple[Mentioned, ...]:
    things = tuple(one for one in find_things(turn.question) if not one.plural and not _is_anyones(one))
    named = tuple(one for one in find_named(turn.question) if not _overlaps(one, things) and one.kind != "person")
    found = distinct((*things, *named))
    for doubtful in ("place", "name"):  # "it" is a place or a name of no known kind only when nothing else was named
        found = tuple(one for one in found if one.kind != doubtful) or found
    return found


def _several(turn: Turn) -> tuple[Mentioned, ...]:
    new = tuple(one for one in answer_to_who(turn) if one.kind in ("group", "place"))
    if len(new) == 1:
        return new
    things = tuple(one for one in find_things(turn.question) if one.plural and not _is_anyones(one))
    named = tuple(one for one in find_named(turn.question) if one.kind == "group" and not _overlaps(one, things))
    found = distinct((*(_with_place(one, turn.question) for one in things), *named))
    if found:
        return found
    return distinct(tuple(one for one in find_named(told_by(turn)) if one.kind == "group"))


def _places(turn: Turn) -> tuple[Mentioned, ...]:
    asked = distinct(tuple(one for one in find_named(turn.question) if one.kind == "place"))
    return asked or distinct(tuple(one for one in find_named(told_by(turn)) if one.kind == "place"))


def _with_place(counted: Mentioned, question: str) -> Mentioned:
    """Return "the strikes in Syria" of "How many strikes did the coalition make in Syria?"."""
    if counted.text.lower().startswith(("the ", "a ", "these ", "those ", "some ")):
        return counted
    where = re.search(
        r"\s(?:in|on|at|against|near)\s+(?:the\s+)?[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*(?=\s*\?*$)", question
    )
    text = counted.text if counted.text[0].isupper() else f"the {counted.text}"
    return Mentioned(text + (where.group() if where else ""), counted.start, counted.end, "thing", True)


def _is_anyones(thing: Mentioned) -> bool:
    return thing.text.split()[0].lower() in ("his", "her", "its", "their", "our", "any", "my", "your")


def _overlaps(one: Mentioned, others: Sequence[Mentioned]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def told_by(turn: Turn) -> str:
    """Return the first sentences of a turn's answer; nothing where the articles did not say."""
    if is_refusal(turn.answer):
        return ""
    return " ".join(_sentences(turn.answer)[:2])


def first_sentence(turn: Turn) -> str:
    """Return the answer's first sentence; empty where the articles did not say."""
    sentences = [] if is_refusal(turn.answer) else _sentences(turn.answer)
    return sentences[0] if sentences else ""


def _sentences(text: str) -> list[str]:
    text = text[:_READ]
    return [text[span.start : span.end].strip() for span in split_sentences(text)]


def _with_noun(rest: str, history: Sequence[Turn], *, several: bool) -> str:
    """Return the fuller name of "this law" or "those strikes": the only one that holds the noun."""
    noun = re.match(r"\s+([a-z]{3,})", rest)
    if not noun:
        return ""
    wanted = {fold(noun[1]), fold(noun[1]).rstrip("s")}
    for turn in reversed(history[-REACH:]):
        said = (*find_named(turn.question), *find_things(turn.question), *find_named(told_by(turn)))
        fitting = distinct(tuple(one for one in said if len(one.words) > 1 and one.words & wanted))
        if fitting:
            return definite(fitting[0]) if len(fitting) == 1 and fitting[0].plural == several else ""
    return ""


# --- how it is written ---------------------------------------------------------------------------------------

_NO_NOUN = words_of(
    "in on at by for from to with about after before during since until is are was were do does did will would can "
    "could and or but when while if because as than again now then today yesterday this that last next so"
)
_GOING = re.compile(
    r"\b(?:go|goes|went|gone|going|travel|travell?ed|get|sen[dt]|move[ds]?|fly|flew|come|came|return(?:ed)?)\s+$"
)


def _written(meant: str, match: re.Match[str], question: str) -> tuple[str, int]:
    """Return what to write for the pronoun, and where the question goes on."""
    word, rest = match["word"].lower(), question[match.end() :]
    if word == "there":
        before = question[: match.start()]
        if re.search(r"\b(?:from|near|around|over|in)\s+$", before, re.I):
            return meant, match.end()
        return f"{'to' if _GOING.search(before) else 'in'} {meant}", match.end()
    if word in ("this", "that", "these", "those"):
        noun = re.match(r"\s+[a-z]{3,}", rest)
        return meant, match.end() + (noun.end() if noun else 0)
    if word in _POSSESSIVE or (word == "her" and _noun_follows(rest)):
        return f"{meant}{'’' if meant.endswith('s') else '’s'}", match.end()
    return meant, match.end()


def _noun_follows(rest: str) -> bool:
    following = re.match(r"\s+([\w’'-]+)", rest)
    return bool(following) and following[1].lower() not in _NO_NOUN  # type: ignore[index]
