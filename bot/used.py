"""What an exchange used of the archive: the words it quotes of an article, and what was found for it."""

from __future__ import annotations

from bot.exchange import Exchange
from bot.markup_sources import Highlight
from index.records import Article, Hit


def quotes_of(this: Exchange, article: Article) -> tuple[Highlight, ...]:
    """Return every quote that this exchange's answer, or its refusal, takes from `article`."""
    citations = this.answer.quoted if this.answer else ()
    return tuple(Highlight(one.start, one.end, one.number) for one in citations if one.article_id == article.id)


def carried_words(this: Exchange, article_id: str) -> tuple[str, ...]:
    """Return the quotes, then the passages, of this exchange that the article is said to carry too."""
    citations = this.answer.citations if this.answer else ()
    told = [(one.quote, one.carried_by) for one in citations]
    told += [(hit.passage.text, hit.carried_by) for hit in hits_of(this)]
    return tuple(words for words, carriers in told if any(one.article_id == article_id for one in carriers))


def hits_of(this: Exchange) -> tuple[Hit, ...]:
    """Return what was found for an exchange, best first."""
    if this.answer:
        return this.answer.retrieved
    return this.found.retrieved if this.found else ()
