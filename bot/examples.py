"""Questions that an archive can be asked, made from its own articles without a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.markup import MONTHS
from index.records import Article

# Two or three capitalised words in a row, not at the start of a sentence, are nearly always somebody's or
# something's name. A small word before them is asked for, because headlines capitalise everything.
_NAME = re.compile(r"(?<=[a-z,] )((?:[A-Z][a-z]+)(?: [A-Z][a-z]+){1,2})\b")
_NOT_NAMES = frozenset(MONTHS) | frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
READ_CHARACTERS = 4000  # of each article; names that matter come early in a news story


def example_questions(articles: Sequence[Article], most: int = 3) -> tuple[str, ...]:
    """Return up to `most` questions that the articles have something on; the same ones for the same articles."""
    in_articles: Counter[str] = Counter()
    for article in articles:
        in_articles.update(sorted(_names(article)))
    ranked = sorted(in_articles, key=lambda name: (-in_articles[name], name))
    pairs = zip(_forms(articles, ranked), _distinct(ranked), strict=False)
    questions = [form.format(name=name) for form, name in pairs]
    return tuple([*questions, *_of_months(articles)][:most])


def _of_months(articles: Sequence[Article]) -> list[str]:
    days = (article.source.published for article in articles)
    months = Counter((day.year, day.month) for day in days if day)
    fullest = sorted(months, key=lambda month: (-months[month], month))
    return [f"What happened in {MONTHS[month - 1]} {year}?" for year, month in fullest]


def _names(article: Article) -> set[str]:
    found = _NAME.findall(article.text[:READ_CHARACTERS])
    return {name for name in found if not _NOT_NAMES & set(name.split()) and name not in article.source.author}


def _distinct(ranked: Sequence[str]) -> list[str]:
    """Drop names that share a word with a better one: Mara Lind and Mayor Mara Lind."""
    kept: list[str] = []
    for name in ranked:
        if not any(set(name.split()) & set(other.split()) for other in kept):
            kept.append(name)
    return kept


def _forms(articles: Sequence[Article], ranked: Sequence[str]) -> list[str]:
    """The questions' shapes; the third names an outlet that did write about the third name."""
    forms = ["What is reported about {name}?", "What is known about {name}?", "What happened with {name}?"]
    third = _distinct(ranked)[2:3]
    outlets = sorted({a.source.outlet for a in articles if third and third[0] in a.text and a.source.outlet})
    if outlets:
        forms[2] = f"What did {outlets[0].replace('{', '').replace('}', '')} report about {{name}}?"
    return forms
