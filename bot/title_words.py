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
_FURNITURE = "Getty Images Photo Read More Than Ever Get Up Sign Click Press News Times Post Journal Eve Day".split()
_NOT_NAMES = frozenset(word.lower() for word in _FURNITURE)
_TOO_COMMON = frozenset(("United States", "United Kingdom", "New York"))
_AFTER_A_CAPITAL = re.compile(r"[A-Z][\w’'.-]* \Z")  # Major [League Baseball]
_REST = re.compile(r"[A-Z][\w’'-]*,? (?:and|of|for|in|at|on) (?:the )?\Z")  # Food and [Drug Administration]
_READ_CHARACTERS = 6000  # of each article; names that matter come early in a news story


def find_titled(article: Article, *, strictly: bool = True) -> tuple[str, ...]:
    """Return the names in the body of `article`, each time they occur; with "the" where the article ever has it.

    Not `strictly` they may also stand before a noun, "a White House meeting", or after a title, "Mayor Mara Lind".
    """
    text = article.text[:_READ_CHARACTERS]
    found = [match for match in _NAME.finditer(text) if _is_name(match["name"], match.start("name"), article)]
    if strictly:
        found = [match for match in found if _stands(match, text)]
    with_article = {match["name"] for match in found if match["the"]}
    return tuple(f"the {match['name']}" if match["name"] in with_article else match["name"] for match in found)


def _is_name(name: str, start: int, article: Article) -> bool:
    """Return whether capitalised words are a name in running text, and none of a day, the outlet or the author."""
    if any(mark.start <= start < mark.end and mark.role != "body" for mark in article.marks):
        return False
    if name.split()[0] in (*MONTHS, *_DAYS) or {word.lower() for word in name.split()} & (_NOT_NAMES | OPENERS):
        return False  # but Theresa May
    if name in _TOO_COMMON or name in article.source.author or name in article.source.outlet:
        return False
    rest_of = _REST.search(article.text[max(0, start - 24) : start])
    return not rest_of and not _is_in_capitals(article.text, start)


def _stands(match: re.Match[str], text: str) -> bool:
    """Return whether a name stands for itself: it is whole, and does not only describe the noun after it."""
    start = match.start("name")
    return bool(_ENDS.match(match["after"])) and not _AFTER_A_CAPITAL.search(text[max(0, start - 24) : start])


def _is_in_capitals(text: str, position: int) -> bool:
    """Return whether most words of the line have a capital: it is a headline, or a list of links."""
    words = text[text.rfind("\n", 0, position) + 1 :].partition("\n")[0].split()
    return sum(word[0].isupper() for word in words) > 0.6 * len(words)
