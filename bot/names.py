"""The names in a text, word by word, in a spelling in which they compare: "U.S." is "United States", "F-16" is "F16".

Case, accents, possessives and hyphens do not count, save where a name would else be taken for a common word
("WHO" is not "who", "Bill" not "bill"). Knows English titles, countries and abbreviations only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bot.number_words import NUMBER_WORDS

# A word with its inner marks: "U.S.", "O’Neill", "At-Tanf", "9/11", "3:27:15".
WORD = re.compile(r"[^\W_](?:[\w’'&-]|\.(?=\w)|(?<=\d)[/:,](?=\d))*\.?")
_ALIASES = {
    "us": "united-states", "usa": "united-states", "uk": "united-kingdom", "un": "united-nations",
    "eu": "european-union", "uae": "united-arab-emirates",
}  # fmt: skip
_LONG_FORMS = {long: tuple(long.split("-")) for long in sorted(set(_ALIASES.values()))}
_SAINTS = {"saint": "st", "mount": "mt", "fort": "ft"}
_DEMONYMS = {
    adjective: country
    for country, adjectives in {
        "america": "american americans", "russia": "russian russians", "china": "chinese", "japan": "japanese",
        "syria": "syrian syrians", "iraq": "iraqi iraqis", "iran": "iranian iranians", "israel": "israeli israelis",
        "germany": "german germans", "france": "french", "spain": "spanish", "italy": "italian italians",
        "britain": "british briton britons", "england": "english", "scotland": "scottish", "wales": "welsh",
        "ireland": "irish", "ukraine": "ukrainian ukrainians", "turkey": "turkish", "egypt": "egyptian egyptians",
        "india": "indian indians", "pakistan": "pakistani pakistanis", "afghanistan": "afghan afghans",
        "canada": "canadian canadians", "mexico": "mexican mexicans", "australia": "australian australians",
        "europe": "european europeans", "africa": "african africans", "asia": "asian asians", "poland": "polish",
        "greece": "greek greeks", "sweden": "swedish", "norway": "norwegian", "denmark": "danish", "finland": "finnish",
        "brazil": "brazilian", "korea": "korean koreans", "saudi": "saudis", "palestine": "palestinian palestinians",
        "lebanon": "lebanese", "libya": "libyan", "yemen": "yemeni", "cuba": "cuban", "venezuela": "venezuelan",
    }.items()
    for adjective in adjectives.split()
}  # fmt: skip
# Words that are no names for being capitalised, and titles, which a source need not repeat.
_NOT_NAMES = frozenset(
    "i a an the this that these those he she it they we you his her its their our your my who what when where why how "
    "which there here and but or nor so yet if then than as at by for from in into of on onto to with without after "
    "before during since until while because although though however also according despite under over about between "
    "no not yes one two some many most more all both each every any several other another such only just even still "
    "new old first last next earlier later currently today yesterday tomorrow recently meanwhile additionally "
    "article articles mr mrs ms miss dr sen rep gov gen lt col sgt capt prof rev hon president minister senator "
    "representative governor general lieutenant colonel captain sergeant professor sir lord lady dame mayor judge "
    "i'm i've i'd i'll it's".split()
)
# Common words that are also names: "Bill" must be written with a capital, "bill" is none.
_DOUBTFUL = frozenset(
    "bill mark rose hope grace will jack frank rob pat drew grant chase art gene guy bush brown white black green "
    "gray grey young long king may june march april august trump cook hunter mason carter fisher baker butler west "
    "east north south stone wood hill field banks price rice sage olive ivy lily daisy joy faith dean earl duke baron "
    "norm cliff dale glen lance miles pierce reed rich ray sandy summer autumn dawn page cash case best wise day short "
    "little small law lane love church bishop pope us it who".split()
)

# Of 480,000 words folded while 120 answers were checked 20,000 were new; the stems of a sentence take a third so long.
WORDS_KEPT = 20_000


@lru_cache(maxsize=WORDS_KEPT)
def fold(word: str) -> str:
    """Return `word` without case, accents, possessive and final points."""
    bare = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).strip(".'-")
    bare = bare[:-2] if bare.endswith("'s") else bare
    return bare.replace(".", "") if re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", bare) else bare


def find_name_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each word of `text` that belongs to a name, and its key; a word with a digit in it is one."""
    for match in WORD.finditer(text):
        word = match.group().rstrip(".")
        if re.fullmatch(r"[A-Z]\.", match.group()) and re.match(r"\s*[A-Z]", text[match.end() :]):
            continue  # an initial, which a source may leave out
        key = _key_of(word, match.group())
        if key:
            yield word, key


def _key_of(word: str, written: str) -> str:
    """Return the key of `word` where it is a name or part of one, else the empty string."""
    bare = re.sub(r"['’]s$", "", word)
    if any(letter.isdigit() for letter in bare):
        return squeeze(bare)
    folded = fold(written)
    if folded in _ALIASES and bare.replace(".", "").isupper():
        return _ALIASES[folded]
    if len(bare) > 1 and bare.isupper() and folded in _NOT_NAMES | _DOUBTFUL and bare.isalpha():
        return bare
    if not any(letter.isupper() for letter in bare):
        return ""
    if "-" in bare:
        parts = [_key_of(part, part) for part in bare.split("-") if any(letter.isupper() for letter in part)]
        return "+".join(part for part in parts if part)
    if folded in _NOT_NAMES or folded in NUMBER_WORDS:
        return ""
    return bare if folded in _DOUBTFUL else folded


def squeeze(word: str) -> str:
    """Return a word with digits so that "F-16" and "f16" are the same."""
    return re.sub(r"[-'’.]", "", fold(word))


@lru_cache(maxsize=8192)
def word_keys(text: str) -> frozenset[str]:
    """Return the keys of all words of a source, of the parts of hyphenated ones, and of what they are short for."""
    keys: set[str] = set()
    for match in WORD.finditer(text):
        written = match.group()
        keys.update(_keys_of_word(written))
        if "-" in written:
            for part in written.split("-"):
                keys.update(_keys_of_word(part))
    for long, words in _LONG_FORMS.items():
        if keys.issuperset(words):
            keys.add(long)
    return frozenset(keys | _acronyms(text))


@lru_cache(maxsize=WORDS_KEPT)
def _keys_of_word(written: str) -> tuple[str, ...]:
    folded = fold(written)
    bare = re.sub(r"['’]s$", "", written.rstrip("."))
    keys = [folded]
    if bare[:1].isupper():
        keys.append(bare if bare.isupper() else bare.title())
    if any(letter.isdigit() for letter in folded):
        keys.append(squeeze(written))
    if folded in _SAINTS:
        keys.append(_SAINTS[folded])
    if folded in _DEMONYMS:
        keys.append(_DEMONYMS[folded])
    if folded in _ALIASES and bare.replace(".", "").isupper():
        keys += [_ALIASES[folded], *_ALIASES[folded].split("-")]
    return tuple(keys)


_TITLED = re.compile(r"[A-Z][\w’'-]+(?:\s+(?:(?:of|for|the|and|on|in)\s+){0,2}[A-Z][\w’'-]+){2,7}")


def _acronyms(text: str) -> set[str]:
    """Return the initials of runs of three or more capitalised words: "WHO" of "World Health Organization"."""
    found: set[str] = set()
    for match in _TITLED.finditer(text):
        initials = "".join(word[0] for word in match.group().split() if word[0].isupper())
        found.update((initials, initials.casefold()))
    return found


def has_name(text: str, key: str) -> bool:
    """Return whether `text` holds the name word of that key, in any of its spellings."""
    keys = word_keys(text)
    return all(_has(keys, part) for part in key.split("+"))


def _has(keys: frozenset[str], part: str) -> bool:
    if part in keys or _SAINTS.get(part) in keys or _DEMONYMS.get(part) in keys:
        return True
    if part.isupper():
        return False
    if part[:1].isupper():
        return part.upper() in keys or part.title() in keys
    return "-" in part and "+" not in part and all(piece in keys for piece in part.split("-"))
