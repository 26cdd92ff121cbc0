"""The noun phrase beside a verb of saying: who speaks, as the words of the article. By rule, for English."""

from __future__ import annotations

import re

from bot.plain_words import OPENERS

_WORD = re.compile(r"[\w$£€&][^\s,;:“”\"()\[\]—–]*")
PRONOUNS = frozenset("he she".split())
_OUTSIDE = frozenset(
    "but while because as after when although though where which who whom whose that if since before so than then or "
    "is are was were be been being has have had do does did will would can could may might must should not never no "
    "he she it they we i you him her them us me this these those there here what how why until unless whether nor by "
    "with into through during about against between over under within without via like said says say told adding "
    "saying citing noting according meanwhile however later earlier also now just even still yet once".split()
)
_JOINING = frozenset("of for from at in on to and the de la le al bin ibn van von der y e &".split())
_DETERMINERS = frozenset("the a an its his her their one some many several other two three four five another".split())
_BEFORE_A_DAY = frozenset("last this next late early earlier later".split())  # "statements filed last week"
_PREPOSITIONS = frozenset("in on at to from for of".split())
_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August"
                  r"|September|October|November|December|yesterday|today|tonight|week|month|year|\d+")  # fmt: skip
_LONGEST = 12  # words of a speaker; a longer one is a clause taken for one


def find_subject(text: str, left: str) -> tuple[int, int] | None:
    """Return the range of the noun phrase that ends `left`, past an apposition between commas."""
    if left.endswith(","):
        return _before_apposition(text, left[:-1])
    words = list(_WORD.finditer(left))
    if not words or words[-1].end() != len(left.rstrip()):
        return None
    return _backward(left, words)


def _before_apposition(text: str, left: str) -> tuple[int, int] | None:
    """Return the range of X in "X, the head of something, said"; X begins the sentence, or follows its quote."""
    begin = max((match.end() for match in re.finditer(r"[”\"]", left)), default=0)
    if left[begin - 1 : begin] == '"' and left.count('"') % 2:
        return None
    for part in re.finditer(r"[^,]+(?=,)", left[begin:]):
        words = list(_WORD.finditer(left[: begin + part.end()], begin + part.start()))
        spot = _backward(left[: begin + part.end()], words) if words else None
        opener = words[0].group().lower() if words else ""
        starts = spot is not None and left[begin + part.start() : spot[0]].strip().lower() in ("", "but", "and")
        if spot and starts and _is_named(text[slice(*spot)]):
            return spot if _is_aside(left[begin + part.end() + 1 :]) else None
        # What comes before the speaker can only be an introduction: "In April, Hudson's Bay, the parent of …, said".
        if opener not in _INTRODUCING and not _DAY.search(part.group()):
            return None
    return None


def _is_named(speaker: str) -> bool:
    """Return whether a name is in it, a first word with a capital not counting where it is a common one."""
    return bool(re.search(r"\s[A-Z]", speaker)) or (speaker[0].isupper() and speaker.lower() not in OPENERS)


_INTRODUCING = frozenset("in on at for but and meanwhile separately after before earlier last however still".split())


def _is_aside(text: str) -> bool:
    return len(text) < 180 and not re.search(r"\b(?:and|but) \w+ (?:was|were|is|are|had)\b", text)


def _backward(left: str, words: list[re.Match[str]]) -> tuple[int, int] | None:
    end = words[-1].end()
    taken: list[re.Match[str]] = []
    for word in reversed(words):
        gap = left[word.end() : taken[-1].start() if taken else end]
        if not gap.strip() and word.group().lower() in ("who", "which", "whose"):
            return None  # "which represents nurses told": the speaker stands before
        if gap.strip() or not _belongs(word.group(), taken, left):
            break
        taken.append(word)
    taken.reverse()
    if not taken and words[-1].group().lower() in PRONOUNS:
        taken = [words[-1]]
    taken = _without_introduction(taken)
    return _accept(taken)


def _belongs(word: str, taken: list[re.Match[str]], left: str) -> bool:
    """Return whether `word`, left of what is taken, is still part of the same noun phrase."""
    lower = word.lower()
    if _is_acronym(word):
        return True
    if lower == "and":
        following = taken[-1].group() if taken else ""
        previous = left[: taken[-1].start()].split()[-2:-1] if taken else []
        return following[:1].isupper() and bool(previous) and previous[0][:1].isupper()
    if taken and taken[-1].group().lower() in _DETERMINERS and lower not in _JOINING:
        return False  # "crews the mayor": a phrase begins at its article
    return _is_abbreviation(word) or (lower not in _OUTSIDE and not word.endswith((".", "!", "?")))


def _is_acronym(word: str) -> bool:
    """Return whether `word` is written in capitals: "US" and "WHO" are no pronouns."""
    return len(word) > 1 and word.isupper() and word.isalpha()


def _is_abbreviation(word: str) -> bool:
    return bool(_ABBREVIATION.fullmatch(word))


_ABBREVIATION = re.compile(r"(?:[A-Z]\.)+|(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Prof|Rev|St|Jr|Sr)\.")


def _without_introduction(taken: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the words without "On Tuesday" and the like before the speaker."""
    while taken and taken[0].group().lower() in _PREPOSITIONS | {"and"}:
        later = [n for n, word in enumerate(taken) if n and word.group().lower() in _DETERMINERS]
        days = [n + 1 for n, word in enumerate(taken) if n and _DAY.fullmatch(word.group())]
        if taken[0].group().lower() == "and":
            taken = taken[1:]
        elif days:
            taken = taken[days[-1] :]
        else:
            taken = taken[later[-1] :] if later and later[-1] > 1 else []
    return taken


def find_after(text: str, begin: int) -> tuple[int, int] | None:
    """Return the range of the noun phrase that begins at `begin`."""
    taken: list[re.Match[str]] = []
    for word in _WORD.finditer(text, begin):
        gap = text[taken[-1].end() if taken else begin : word.start()]
        if gap.strip() or not _goes_on(word.group(), taken):
            break
        taken.append(word)
        if word.group().endswith((".", "!", "?")) and not _is_abbreviation(word.group()):
            break
    while taken and taken[-1].group().lower() in _JOINING | _DETERMINERS | _BEFORE_A_DAY:
        taken.pop()
    return _accept(taken)


def _goes_on(word: str, taken: list[re.Match[str]]) -> bool:
    lower = word.lower().rstrip(".!?")
    if _is_acronym(word):
        return True
    if taken and _DAY.fullmatch(word.rstrip(".")):
        return False
    if taken and lower in ("in", "on", "at", "to", "from"):
        return False
    if taken and lower in ("published", "released", "obtained", "seen", "reviewed", "posted", "conducted", "cited"):
        return False
    return lower not in _OUTSIDE or (not taken and lower in ("his", "her", "its", "their"))


_NOBODY = re.compile(r"[a-z]+ly|one|another|others|people|many|some|everyone|nobody|already|ever")


def _accept(taken: list[re.Match[str]]) -> tuple[int, int] | None:
    if not taken or len(taken) > _LONGEST:
        return None
    last = taken[-1]
    end = last.end()
    if not _is_abbreviation(last.group()):
        end -= len(last.group()) - len(last.group().rstrip(".!?’'"))
    words = [word.group().lower() for word in taken]
    if words[0] in PRONOUNS and len(words) == 1:
        return taken[0].start(), end
    if _DAY.fullmatch(last.group()) or words[-1] in _JOINING | _DETERMINERS or not words[-1][0].isalnum():
        return None
    if _DAY.fullmatch(taken[0].group()) or words[0] in _PREPOSITIONS:
        return None
    if len(taken) == 1 and _NOBODY.fullmatch(last.group()):
        return None
    return taken[0].start(), end
