"""Who and what a question or an answer speaks of: names with their kind, and the things that nouns name.

By rule and in doubt silent: a thing whose words cannot be told from the verb after them is not returned. Knows
English only, and nothing of follow-ups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.days import read_days
from bot.names import fold, word_keys
from bot.places import PLACES
from bot.plain_words import OPENERS, PRESENT_TENSE

Kind = Literal["person", "place", "group", "thing", "name"]  # a "name" may be any of them


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A name or a noun with its words, at `text[start:end]` of what it was found in."""

    text: str
    start: int
    end: int
    kind: Kind
    plural: bool = False
    article: bool = False  # a name that "the" stands before

    @property
    def words(self) -> frozenset[str]:
        """Return the words in a form in which they compare, without "the"."""
        return frozenset(fold(word) for word in self.text.split()) - {"the", "a", "an"}


def words_of(listed: str) -> frozenset[str]:
    """Return the words of a list written as one string."""
    return frozenset(listed.split())


# --- names ---------------------------------------------------------------------------------------------------

_CAPITALISED = r"(?:[A-Z]\.(?:[A-Z]\.)*|[A-Z][\w’'-]*)"
_JOINING = r"(?:\s+(?:of(?:\s+the)?|de|van|von|der|la|bin|al|el|ibn|&|for\s+the))?"
_NAME = re.compile(rf"(?<![\w’'-]){_CAPITALISED}(?:{_JOINING}\s+(?:{_CAPITALISED}|\d{{1,4}}(?![\w:%])))*")
_TITLES = words_of(
    "mr mrs ms miss dr president minister chancellor senator sen representative rep congressman congresswoman governor "
    "gov mayor judge justice general gen colonel captain sergeant professor sir lord lady king queen prince princess "
    "pope bishop archbishop cardinal secretary ambassador chief coach sheriff detective officer lieutenant sultan"
)
_MANLY = words_of(
    "mr sir lord king prince pope congressman sultan donald joe john james robert michael david william richard thomas "
    "mark paul george steven stephen kevin brian edward jeff jeffrey scott eric andrew peter adam henry vladimir bill "
    "boris barack mike bob tom jack harry charles ben benjamin jonas emmanuel elon bernie mitch ted ron jim jonathan "
    "daniel matthew anthony tony luke frank greg gary tim bashar volodymyr justin nick rudy"
)
_WOMANLY = words_of(
    "mrs ms miss lady queen princess congresswoman mary patricia jennifer linda elizabeth barbara susan jessica sarah "
    "karen lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol amanda melissa deborah "
    "stephanie rebecca laura helen anna theresa angela hillary kamala ivanka melania mara ida kate catherine diana "
    "victoria jane julia maria emma olivia sophia greta malala taylor serena simone liz jacinda marine ursula amy ann"
)
_BODIES = words_of(
    "party council court university college ministry department company corp corporation inc ltd group bank agency "
    "police army navy senate congress house parliament committee commission union association club fc church school "
    "hospital times post news journal courier echo ledger government administration forces guard force institute "
    "foundation league organization organisation office bureau museum airlines airways motors brothers sons coalition "
    "pentagon kremlin taliban nato fbi cia nasa un eu who nra nfl nba fifa uefa opec imf isis isil al-qaeda hamas "
    "hezbollah google facebook twitter apple amazon microsoft tesla boeing republicans democrats network movement"
)
_WORKS = words_of(
    "cup olympics games prize award awards act bill law treaty agreement accord war battle championship festival "
    "center centre tower bridge river lake airport street square park stadium palace hall supreme day project platform "
    "cloud service services movie book series show edition version system hurricane tropical storm operation"
)
_ORDINARY = OPENERS | words_of(
    "i am could would can did do does is are was were will has have had shall should may might must please how tell "
    "give explain describe name list compare ok okay thanks thank hi hello yes no so then mr mrs ms dr really sorry "
    "got what's who's where's it's that's i'm i'd i've don't didn't isn't aren't wasn't let any others"
)
_INSIDE = re.compile(
    r"\b(?:in|near|across|outside|inside|around|throughout|within|(?:mayor|governor|city|town|village|people|citizens"
    r"|capital|population|streets|port|north|south|east|west|coast|outskirts)\s+of)\s+$",
    re.I,
)


def find_named(text: str) -> tuple[Mentioned, ...]:
    """Return the names of `text` in order; days, adjectives such as "Syrian" and ordinary openers are none."""
    days = read_days(text, None)
    found: list[Mentioned] = []
    for match in _NAME.finditer(text):
        start, words = _without_opener(match, text)
        if not words or any(day.start < match.end() and start < day.end for day in days):
            continue
        name = re.sub(r"(?:['’]s?|[.,-])$", "", text[start : match.end()]) if not words.endswith(".") else words
        name = name if re.search(r"\.\w\.$", name) else name.rstrip(".")
        if _is_name(name, begins=not text[:start].strip() or text[:start].rstrip()[-1] in '.?!:“"'):
            article = re.search(r"\b[Tt]he\s+$", text[:start])
            kind = _kind_of(name, text[:start], bool(article))
            found.append(Mentioned(name, start, start + len(name), kind, article=bool(article)))
    return tuple(found)


def _without_opener(match: re.Match[str], text: str) -> tuple[int, str]:
    """Return where the name begins and its words, without a first word that only opens the sentence."""
    start, words = match.start(), match.group()
    first = words.split()[0]
    while first and fold(first) in _ORDINARY and not (len(first) > 1 and first.isupper() and first != "I"):
        rest = words[len(first) :].lstrip()
        start, words = match.end() - len(rest), rest
        first = words.split()[0] if words else ""
        if first and not first[0].isupper():  # "Is of Sweden": what is left begins in the middle
            break
    return start, words


def _is_name(name: str, *, begins: bool) -> bool:
    folded = fold(name)
    if not folded or folded in _TITLES or (is_demonym(name) and " " not in name):
        return False
    return not (begins and " " not in name and folded.endswith("s") and folded not in PLACES | _BODIES | _WORKS)


def is_demonym(name: str) -> bool:
    """Return whether `name` is the adjective or the people of a country: "Syrian", "Russians"."""
    return fold(name) not in PLACES and bool(word_keys(name) & PLACES - {"us", "nice", "georgia"})


def _kind_of(name: str, before: str, article: bool) -> Kind:
    words = [fold(word) for word in name.split()]
    titled = words[0] in _TITLES or fold(before.split()[-1] if before.split() else "") in _TITLES
    if fold(name) in PLACES and not titled:
        return "place"
    if set(words) & _WORKS:
        return "thing"
    if set(words) & _BODIES or (name.isupper() and 2 <= len(name) <= 6) or "&" in name:
        return "group"
    if titled:
        return "person"
    if " of " in name:
        return "group"
    if article or any(character.isdigit() for character in name):
        return "group" if article else "thing"
    if _INSIDE.search(before):
        return "place"
    return "person" if 2 <= len(words) <= 3 and (words[0] in _MANLY | _WOMANLY or _looks_personal(name)) else "name"


def _looks_personal(name: str) -> bool:
    return all(re.fullmatch(r"[A-Z](?:\.|[a-zà-ÿ]+(?:[’'-]?[A-Z]?[a-zà-ÿ]+)*)", word) for word in name.split())


def may_be(name: Mentioned, pronoun: str) -> bool:
    """Return whether "he" or "she" may stand for `name`: neither place nor group, nor plainly of the other sex."""
    words = {fold(word) for word in name.text.split()}
    other = _WOMANLY if pronoun.lower() in ("he", "him", "his") else _MANLY
    return name.kind in ("person", "name") and not words & other


def distinct(names: tuple[Mentioned, ...]) -> tuple[Mentioned, ...]:
    """Return each named one once, by the longest of its names: "Mara Lind" for a "Lind" elsewhere."""
    kept: list[Mentioned] = []
    for name in names:
        same = next((place for place, one in enumerate(kept) if _same(one, name)), None)
        if same is None:
            kept.append(name)
        elif len(name.words) > len(kept[same].words):
            kept[same] = name
    return tuple(kept)


def _same(one: Mentioned, other: Mentioned) -> bool:
    return one.words <= other.words or other.words <= one.words


_PEOPLE = re.compile(
    r"\b(?:my|a|an|the|his|her|their|our|this|that)\s+(?:[a-z]+\s+){0,2}?(?:man|woman|boy|girl|friend|wife|husband|mother"
    r"|father|sister|brother|son|daughter|king|queen|prince|princess|person|[a-z]{2,}(?:er|or|ist|ant|ent|cian|man|woman)"
    r"|chief|coach|mayor|judge|suspect|victim|pilot|spy|pope)\b",
    re.I,
)


def has_person(text: str, pronoun: str) -> bool:
    """Return whether `text` has someone for "he" or "she", by name or as "my friend"."""
    return any(may_be(name, pronoun) for name in find_named(text)) or bool(_PEOPLE.search(text))


# --- things --------------------------------------------------------------------------------------------------

_DETERMINERS = words_of("the a an this that these those his her its their our some any")
_MODALS = words_of("do does did will would can could shall should may might must")
_AUXILIARIES = _MODALS | words_of("is are was were has have had be been")
_PREPOSITIONS = words_of(
    "of in on at by for from to with without about after before during since until over under between among against "
    "into onto through across near like as per within"
)
_ENDS = (
    _PREPOSITIONS
    | _AUXILIARIES
    | _DETERMINERS
    | words_of(
        "and or but that which who whom whose what when where why how if than then not he she it they we you i him "
        "them there here so because while also ever still already yet now only just even really actually both all"
    )
)
_STATES = words_of(
    "safe open closed ready important legal illegal available dead alive famous expensive cheap true false free "
    "dangerous poisonous responsible guilty worth necessary possible likely big old long new popular rich poor "
    "injured hurt killed better worse going able due over"
)
_PARTICIPLES = frozenset(PRESENT_TENSE) | words_of("hit cut put set shut hurt shed read")
_NOT_PLURAL = re.compile(r"(?:ss|us|is|news|series)$")
_TOKEN = re.compile(r"[\w’'&.-]*\w|[^\w\s]")
_DEFINING = re.compile(
    r"^\W*(?:so\s+)?(?:what|who)(?:['’]s|\s+(?:is|are|was|were))\s+(?P<thing>[^,;?.]{2,60}?)\s*\?*$", re.I
)
_COUNTED = re.compile(r"\b(?:how\s+many|which|what\s+kinds?\s+of)\s+(?P<thing>[a-z]+s)\b(?!\s+of\b)", re.I)


def find_things(question: str) -> tuple[Mentioned, ...]:
    """Return what the nouns of `question` name, as "the harbour bridge"; those it is not sure of are left out."""
    whole = _DEFINING.search(question)
    if whole and _is_whole_thing(whole["thing"]):
        return (_thing(whole["thing"], whole.start("thing"), whole.end("thing")),)
    tokens = list(_TOKEN.finditer(question))
    found, place = [], 0
    while place < len(tokens):
        end = _end_of_thing(tokens, place) if tokens[place].group().lower() in _DETERMINERS else place
        if end > place + 1:
            start, stop = tokens[place].start(), tokens[end - 1].end()
            found.append(_thing(question[start:stop], start, stop))
        place = max(end, place + 1)
    counted = _COUNTED.search(question)
    if counted:
        found.append(replace(_thing(counted["thing"], counted.start("thing"), counted.end("thing")), plural=True))
    return tuple(found)


def _is_whole_thing(words: str) -> bool:
    """Return whether what follows "What is" is a thing and no more: "estate planning", not "he doing there"."""
    parts = words.lower().split()
    closed = _AUXILIARIES | words_of("he she it they this that these those there we you i being who which when if")
    return len(parts) <= 6 and not set(parts) & closed and not parts[-1].endswith("ing and")


def _thing(words: str, start: int, end: int) -> Mentioned:
    head = re.split(r"\s(?:of|in|on|at|for|to|with|between|about)\s", words)[0].split()[-1].lower()
    plural = head.endswith("s") and not _NOT_PLURAL.search(head) and not head.endswith(("'s", "’s"))
    return Mentioned(words, start, end, "thing", plural or head in ("people", "women", "men", "children", "police"))


def _end_of_thing(tokens: list[re.Match[str]], place: int, before: str | None = None) -> int:
    """Return the token after the thing that begins with a determiner at `place`; `place` where it is not sure.

    `before` is the word before the whole of which this is a part: "the end of the war".
    """
    words = [token.group() for token in tokens]
    before = (words[place - 1].lower() if place else "") if before is None else before
    end = place + 1
    while end < len(words) and words[end].lower() not in _ENDS and re.match(r"[\w&]", words[end]):
        end += 1
    if end > place + 1 and end + 1 < len(words) and words[end] == "of":
        inner = end + 1
        if words[inner].lower() in _DETERMINERS:
            return max(end, _end_of_thing(tokens, inner, before))
        while inner < len(words) and words[inner][0].isupper():
            inner += 1
        return inner if inner > end + 1 else end
    last = _without_verb(words, place, end, before)
    return last if last > place + 1 else place


def _without_verb(words: list[str], place: int, end: int, before: str) -> int:
    """Return where the noun ends: a question's verb stands behind its subject, "did the council approve"."""
    length = end - place - 1
    if before in _MODALS:
        return end - 1 if length >= 2 else place
    if before in _AUXILIARIES and length >= 2:
        last = words[end - 1].lower()
        if place == 1 or last in _STATES or last in _PARTICIPLES or re.search(r"(?:[^e]ed|ing)$", last):
            return end - 1
    if place and before not in _AUXILIARIES | _PREPOSITIONS and length >= 2 and end < len(words):
        return end if words[end].lower() not in ("the", "a", "an") else end - 1
    return end
