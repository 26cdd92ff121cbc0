"""Questions to go on with after an answer, made from the articles that were found for it, without a model.

Only what the archive has something on is asked for: a speaker whom a cited article quotes with more, what another
outlet or another month has on the same name, a name that the answer left out. A clumsy question is worse than
none, so each has one of four fixed shapes, and whatever does not fit one is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.attribution import find_attribution
from bot.markup import MONTHS
from bot.plain_words import OPENERS
from bot.records import Answer
from bot.stems import content_stems
from bot.title_words import find_titled
from index.records import Article
from index.sentences import split_sentences

MOST = 3
_ARTICLES_READ = 6
_READ_CHARACTERS = 8000
_TIMES = 2  # a name is asked for when its article has it so often
_SPEAKER = re.compile(r"(?:[Tt]he )?[A-Z][\w.’'-]+(?: (?:(?:of|for|and) )?[A-Z][\w.’'-]+){1,3}")
# The last word of what is no speaker of its own: an office without its holder, a place, a paper that is only quoted.
_NOT_SPEAKERS = frozenset("Minister President York States Kingdom Journal Times Post News Press Tribune".split())
# What two questions may share and still be on different people.
_NO_MATTER = frozenset("The What President Minister Prime Justice Mayor Governor Senator Dr Gov Sen Rep CEO".split())
_OUTLET = re.compile(r"(?:The )?[A-Z][\w&’'.-]*(?: [A-Z&][\w&’'.-]*){0,3}")


@dataclass(frozen=True, slots=True)
class _Known:
    """What was asked and answered so far, and what of the articles the answer already quotes."""

    asked: str
    said: str
    answer: Answer

    @property
    def words(self) -> str:
        return f"{self.asked}\n{self.said}"

    def quotes(self, article: Article, start: int, end: int) -> bool:
        """Return whether the answer quotes something of this range."""
        of_article = (one for one in self.answer.quoted if one.article_id == article.id)
        return any(one.start < end and one.end > start for one in of_article)


def follow_ups(answer: Answer, asked: Sequence[str], read: Callable[[str], Article | None]) -> tuple[str, ...]:
    """Return up to three questions that the articles found for `answer` have more on, none that was `asked`."""
    quoted = list(dict.fromkeys(one.article_id for one in answer.quoted))
    found = list(dict.fromkeys(hit.passage.article_id for hit in answer.retrieved))
    cited = [article for article in map(read, quoted) if article]
    others = [article for article in map(read, found[:_ARTICLES_READ]) if article and article.id not in quoted]
    known = _Known("\n".join(asked), " ".join(sentence.text for sentence in answer.sentences), answer)
    kinds = (_speakers(cited, known), _elsewhere(cited, others, known), _names(cited, others, known))
    chosen: list[str] = []
    for question in (each for row in zip_longest(*kinds, fillvalue="") for each in row if each):
        if not _repeats(question, asked, chosen):
            chosen.append(question)
    return tuple(chosen[:MOST])


def _repeats(question: str, asked: Sequence[str], chosen: Sequence[str]) -> bool:
    """Return whether every name of `question` was asked about, or one of them is in a question chosen already."""
    names = _capitals(question)
    return any(names <= _capitals(other) for other in asked) or any(names & _capitals(other) for other in chosen)


def _capitals(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z][\w’'-]*|\b\d{4}\b", text)) - _NO_MATTER


# --- who said more ---------------------------------------------------------------------------------------------


def _speakers(cited: Sequence[Article], known: _Known) -> Iterator[str]:
    """Yield a question on each speaker of a cited article, first on those who speak of what was asked."""
    topic = content_stems(known.words)
    found: dict[str, int] = {}
    for article in cited:
        for speaker, said in _statements(article, known):
            if speaker not in known.asked:
                found[speaker] = max(found.get(speaker, 0), len(content_stems(said) & topic))
    for speaker in sorted(found, key=lambda each: -found[each]):
        yield f"What did {speaker} say?"


def _statements(article: Article, known: _Known) -> Iterator[tuple[str, str]]:
    text = article.text[:_READ_CHARACTERS]
    for span in split_sentences(text):
        if _is_aside(article, span.start) or known.quotes(article, span.start, span.end):
            continue
        sentence = text[span.start : span.end]
        found = find_attribution(sentence)
        named = (
            re.match(rf", ({_SPEAKER.pattern}), ", sentence[found.end :]) if found else None
        )  # Its head, Jonas Weir,
        speaker = _in_full(named[1] if named else found.speaker, text) if found else ""
        if found and speaker:
            yield speaker, sentence[found.said_start : found.said_end]


def _in_full(speaker: str, text: str) -> str:
    """Return a speaker by first and last name, as the article has them; empty for one who is not clearly named."""
    if re.fullmatch(r"[A-Z][\w’'-]+", speaker):
        whole = re.search(rf"(?<=[a-z,] )[A-Z][a-z]+ (?:[A-Z]\. )?{re.escape(speaker)}\b", text)
        speaker = whole.group() if whole else ""
    words = speaker.split()
    if not _SPEAKER.fullmatch(speaker) or words[0].lower() in OPENERS - {"the"} or words[-1] in _NOT_SPEAKERS:
        return ""
    return re.sub(r"^The ", "the ", speaker)


def _is_aside(article: Article, position: int) -> bool:
    return any(mark.start <= position < mark.end and mark.role != "body" for mark in article.marks)


# --- what others have ------------------------------------------------------------------------------------------


def _elsewhere(cited: Sequence[Article], others: Sequence[Article], known: _Known) -> Iterator[str]:
    """Yield what another outlet, or the same in another month, has on a name of the question or the answer."""
    ranked = [name for name in _named((*cited, *others)) if _bare(name) in known.words]
    ranked.sort(key=lambda name: (_bare(name) not in known.asked, known.words.index(_bare(name))))
    outlets = {article.source.outlet for article in cited}
    months = {_month(article) for article in cited}
    told: set[str] = set()
    for article in others:
        name = next((each for each in ranked if _bare(each) in article.text and each not in told), "")
        outlet, month = article.source.outlet, _month(article)
        told.add(name)
        if name and outlet not in outlets and _OUTLET.fullmatch(outlet):
            yield f"What did {outlet} report about {name}?"
        elif name and month and month not in months:
            yield f"What was reported about {name} in {month}?"


def _names(cited: Sequence[Article], others: Sequence[Article], known: _Known) -> Iterator[str]:
    """Yield a question on each name that a cited article has more than once, and that nobody spoke of yet."""
    often = Counter(_bare(name) for article in cited for name in find_titled(article))
    for name in sorted(_named((*cited, *others)), key=lambda name: -often[_bare(name)]):
        if often[_bare(name)] >= _TIMES and not any(word in known.words for word in _bare(name).split()):
            yield f"What is reported about {name}?"


def _named(articles: Sequence[Article]) -> list[str]:
    """Return every name of the articles once, with "the" where any of them has it."""
    found = dict.fromkeys(name for article in articles for name in find_titled(article))
    return [name for name in found if f"the {name}" not in found]


def _bare(name: str) -> str:
    return name.removeprefix("the ")


def _month(article: Article) -> str:
    day = article.source.published
    return f"{MONTHS[day.month - 1]} {day.year}" if day else ""
