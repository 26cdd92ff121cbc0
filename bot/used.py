"""What an exchange used of the archive: the words it quotes of an article, and what was found for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.exchange import Exchange
from bot.records import Citation
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


def place_of(words: str, start: int, end: int, text: str) -> tuple[int, int] | None:
    """Return where `words` stand in an article's text: where they stood or, if it has changed since, where they do now.

    None where the text does not hold them any more: an offset alone would point at other words.
    """
    if text[start:end] == words:
        return start, end
    found = text.find(words)
    return (found, found + len(words)) if words and found >= 0 else None


def quotes_of(this: Exchange, article: Article) -> tuple[Highlight, ...]:
    """Return every quote that this exchange's answer, or its refusal, takes from `article` and that is still in it."""
    placed = ((one, place_of(one.quote, one.start, one.end, article.text)) for one in _cited(this, article))
    return tuple(Highlight(*place, one.number, uses_of(this, one.number)) for one, place in placed if place)


def is_changed(this: Exchange, article: Article) -> bool:
    """Return whether an article that this exchange quotes does not read as it did where it is quoted."""
    return any(article.text[one.start : one.end] != one.quote for one in _cited(this, article))


def lost_quotes(this: Exchange, article: Article) -> tuple[str, ...]:
    """Return the quotes of this exchange from `article` that are no longer in it."""
    return tuple(one.quote for one in _cited(this, article) if one.quote not in article.text)


def _cited(this: Exchange, article: Article) -> tuple[Citation, ...]:
    citations = this.answer.quoted if this.answer else ()
    return tuple(one for one in citations if one.article_id == article.id)


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
