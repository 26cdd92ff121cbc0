"""Names of two words and more in an article, as a sentence can take them: Mara Lind, the White House.

By their capitals, for English. It is surer of what it finds than thorough: a name that is cut short, or that only
describes the noun after it ("Trump Tower meeting"), reads badly in a question.
"""

from __future__ import annotations

import re

from bot.markup import MONTHS
from bot.plain_words import OPENERS
from index.records import Article

_WORD = r"[A-Z][a-z]+(?:[’'-][A-Z]?[a-z]+)?(?<!’s)(?<!'s)"
# Not at the start of a sentence, where every word has a capital, and after a small word, because headlines capitalise
# them all. "a Labour Party" describes what comes.
_NAME = re.compile(
    rf"(?<=[a-z,] )(?<!\ba )(?<!\ban )(?P<the>the )?(?P<name>{_WORD}(?: {_WORD}){{1,3}})(?![\w-])"
    r"(?=(?P<after>.{0,14}))",
    re.S,
)
# What follows a name that stands for itself, and not for a noun's kind. A capital goes on with the name.
_ENDS = re.compile(
    r"\s*(?:\Z|[.,;:!?)—–”\"\n]|(?:’s|'s) |(?:is|was|are|were|has|have|had|will|would|can|could|may|might|must|says?|"
    r"said|told|and|or|but|who|which|that|in|on|at|of|for|to|from|with|by|as|after|before|since|during|over|under|"
    r"against|about|into|near|when|where|while|because|if|than|called|voted|asked|announced|added|did|does|made|took|"
    r"went|came)\b)"
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# Words of which no name to ask about is made: what stands in an article's furniture.
_FURNITURE = "Getty Images Photo Read More Than Ever Press News Times Post Journal Eve Day".split()
_NOT_NAMES = frozenset(word.lower() for word in _FURNITURE)
_TOO_COMMON = frozenset(("United States", "United Kingdom", "New York"))
# Not the rest of a longer name: Major [League Baseball], Food and [Drug Administration].
_CUT_SHORT = re.compile(r"[A-Z][\w’'.-]* \Z|[A-Z][\w’'-]*,? (?:and|of|for|in|at|on) (?:the )?\Z")
_READ_CHARACTERS = 6000  # of each article; names that matter come early in a news story


def find_titled(article: Article) -> tuple[str, ...]:
    """Return the names in the body of `article`, each time they occur; with "the" where the article ever has it."""
    found = [match for match in _NAME.finditer(article.text[:_READ_CHARACTERS]) if _stands(match, article)]
    with_article = {match["name"] for match in found if match["the"]}
    return tuple(f"the {match['name']}" if match["name"] in with_article else match["name"] for match in found)


def _stands(match: re.Match[str], article: Article) -> bool:
    """Return whether what was found is a whole name in running text, and none of a day, the outlet or the author."""
    name, start = match["name"], match.start("name")
    if any(mark.start <= start < mark.end and mark.role != "body" for mark in article.marks):
        return False
    if not _ENDS.match(match["after"]) or _CUT_SHORT.search(article.text[max(0, start - 24) : start]):
        return False
    words = {word.lower() for word in name.split()}
    if name.split()[0] in (*MONTHS, *_DAYS):  # but Theresa May
        return False
    if words & (_NOT_NAMES | OPENERS) or name in _TOO_COMMON or _is_in_capitals(article.text, start):
        return False
    return name not in article.source.author and name not in article.source.outlet


def _is_in_capitals(text: str, position: int) -> bool:
    """Return whether most words of the line have a capital: it is a headline, or a list of links."""
    words = text[text.rfind("\n", 0, position) + 1 :].partition("\n")[0].split()
    return sum(word[0].isupper() for word in words) > 0.6 * len(words)
