"""Questions that an archive can be asked, made from its own articles without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.markup import MONTHS
from bot.title_words import find_titled
from index.records import Article


def example_questions(articles: Sequence[Article], most: int = 3) -> tuple[str, ...]:
    """Return up to `most` questions that the articles have something on; the same ones for the same articles."""
    in_articles: Counter[str] = Counter()
    for article in articles:
        in_articles.update(set(find_titled(article, strictly=False)))
    ranked = sorted(in_articles, key=lambda name: (-in_articles[name], name))
    pairs = zip(_forms(articles, ranked), _distinct(ranked), strict=False)
    questions = [form.format(name=name) for form, name in pairs]
    return tuple([*questions, *_of_months(articles)][:most])


def _of_months(articles: Sequence[Article]) -> list[str]:
    days = (article.source.published for article in articles)
    months = Counter((day.year, day.month) for day in days if day)
    fullest = sorted(months, key=lambda month: (-months[month], month))
    return [f"What happened in {MONTHS[month - 1]} {year}?" for year, month in fullest]


def _distinct(ranked: Sequence[str]) -> list[str]:
    """Drop names that share a word with a better one: Mara Lind and Mayor Mara Lind."""
    kept: list[str] = []
    for name in ranked:
        if not any(_words(name) & _words(other) for other in kept):
            kept.append(name)
    return kept


def _words(name: str) -> set[str]:
    return set(name.split()) - {"the", "President"}


def _forms(articles: Sequence[Article], ranked: Sequence[str]) -> list[str]:
    """The questions' shapes; the third names an outlet that did write about the third name."""
    forms = ["What is reported about {name}?", "What is known about {name}?", "What happened with {name}?"]
    third = _distinct(ranked)[2:3]
    outlets = sorted({a.source.outlet for a in articles if third and third[0] in a.text and a.source.outlet})
    if outlets:
        forms[2] = f"What did {outlets[0].replace('{', '').replace('}', '')} report about {{name}}?"
    return forms
