"""What an exchange used of the archive: the words it quotes of an article, and what was found for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.exchange import Exchange
from index.records import Article, Hit


@dataclass(frozen=True, slots=True)
class Highlight:
    """A range of an article to be marked, with the citation number it stands for; 0 for none.

    `uses` are the sentences of the answer that rest on it, in their order.
    """

    start: int
    end: int
    number: int = 0
    uses: tuple[str, ...] = ()


def quotes_of(this: Exchange, article: Article) -> tuple[Highlight, ...]:
    """Return every quote that this exchange's answer, or its refusal, takes from `article`."""
    citations = this.answer.quoted if this.answer else ()
    return tuple(
        Highlight(one.start, one.end, one.number, uses_of(this, one.number))
        for one in citations
        if one.article_id == article.id
    )


def uses_of(this: Exchange, number: int) -> tuple[str, ...]:
    """Return the sentences of the answer that rest on the citation with this number."""
    sentences = this.answer.sentences if this.answer else ()
    return tuple(sentence.text for sentence in sentences if number in sentence.citations)


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
