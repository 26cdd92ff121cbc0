"""Words of a written sentence that stand in nothing it was written from: "a unicameral legislature".

A model that answers from the articles says it in their words. Of 296 development answers that were checked as carried
nine had such a word: three had invented it, one had its answer from another article than the one quoted, five retold
("consumed" for "ate"). What is given instead, the article's own sentence, answers as well.
"""

from __future__ import annotations

import re

from bot.facts import blank_values, find_names, name_key
from bot.stems import STOP, WORD, stem_of

_LEAST_LETTERS = 5  # shorter words have too many forms, and too many uses
_ROOT_LETTERS = 5  # that two words share which are one in another form: "oppose" and "opposition"
_LEAST_ROOT = 3  # of a shorter word in a longer one: "pay" in "payment"
_ENGLISH = re.compile(r"\b(?:the|of|and)\b", re.I)
# Other words tell more than an article does; these are how one retells it.
_RETELLING = frozenset(
    map(
        stem_of,
        "include including cause because reason result report announce become remain happen occur describe name person "
        "people woman women country place number follow following accord addition additional total currently recently "
        "former various several multiple between among while during across within without called known named located "
        "situated based involve related specific specifically particular information question answer refer event "
        "another other first second third there where which these those being having using used since until although "
        "though however therefore according approximately around nearly almost whether despite against expected "
        "dollars euros pounds percent kilometers kilometres meters metres miles million billion thousand hundred "
        "decision death birth opinion piece winner loser owner".split(),
    )
)
_SPELLINGS = (
    (re.compile(r"our"), "or"),
    (re.compile(r"([bt])re\b"), r"\1er"),
    (re.compile(r"is(?=e|ing|ation)"), "iz"),
)


def coined_words(sentence: str, held: frozenset[str]) -> list[str]:
    """Return the words of `sentence` of which `held`, stems of all it was written from, has no form.

    Names, numbers and days are left to those who check them to the letter. None for a sentence that shows no English.
    """
    if not _ENGLISH.search(sentence):
        return []
    held = frozenset(map(_spell, held))
    roots = {stem[:_ROOT_LETTERS] for stem in held}
    names = {fact.text for fact in find_names(sentence)}
    found = []
    for match in WORD.finditer(blank_values(sentence)):
        word, key = match.group(), name_key(match.group())
        is_name = word in names or (word[:1].isupper() and bool(sentence[: match.start()].strip(" \"'“‘(")))
        if len(word) < _LEAST_LETTERS or is_name or not word.isalpha() or key in STOP or stem_of(key) in _RETELLING:
            continue
        stem = _spell(stem_of(key))
        beginnings = {stem[:length] for length in range(_LEAST_ROOT, len(stem) + 1)}
        if stem[:_ROOT_LETTERS] not in roots and not beginnings & held:
            found.append(word)
    return list(dict.fromkeys(found))


def _spell(stem: str) -> str:
    """Return a stem in American spelling."""
    for pattern, spelt in _SPELLINGS:
        stem = pattern.sub(spelt, stem)
    return stem
