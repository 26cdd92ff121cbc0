"""How likely an answer is right, from cheap signs that were measured; knows nothing of models or stores.

A logistic regression whose weights lie in calibration.json, written by tests/quality/calibrate.py from answers
to development questions. There are three: one before the model writes, from the question and the evidence alone,
one after it, from the checked answer as well, and one for an answer without a model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from bot.asked import asking_sentence, fitness
from bot.editions import other_edition
from bot.facts import Fact, find_facts, holds
from bot.generate import Piece
from bot.opposites import grave_words_missing, turned_round
from bot.records import Evidence, Signs
from bot.roles import wrong_winners
from bot.stems import content_stems, coverage, lower_stems, stem_of, stems
from bot.support import SourceSentence, Verdict, denies_otherwise
from index.records import Hit

COPIED = 0.7  # of the words of two passages; two reports of one event share about a third
# Known without a model, and those known before one writes.
EXTRACT = (
    "cosine", "covered", "sentence_covered", "facts_held", "margin", "best", "best_cosine", "best_covered", "fits",
    "facts_near", "denied", "reads",
)  # fmt: skip
BEFORE = ("yes", *EXTRACT)
# Known after one has written. Those that were found to tell most: with these the area under the curve of right against
# wrong is .89 in cross-validation over 241 answers; without `holds` it is .87.
AFTER = (
    "yes", "cosine", "margin", "facts_held", "gives", "against", "holds", "denied", "reads",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: an intercept, and a weight for each named sign."""

    intercept: float
    weights: tuple[tuple[str, float], ...]

    def probability(self, signs: Signs) -> float:
        """Return the estimated probability in (0, 1); 0 where a sign is not a number, so that nothing rests on it."""
        values: Mapping[str, float] = asdict(signs)
        total = self.intercept + sum(weight * values[name] for name, weight in self.weights)
        return 0.0 if math.isnan(total) else 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The regressions before and after the model has written, and for an answer by extraction.

    `without_reader` are those for where nothing but these tells: no reader is here, or it does not know the language.
    """

    before: Logistic
    after: Logistic
    extract: Logistic
    without_reader: Calibration | None = None

    def fitting(self, *, has_reader: bool) -> Calibration:
        """Return the regressions for a case with a reader, or without."""
        return self if has_reader or self.without_reader is None else self.without_reader


@cache
def read_calibration() -> Calibration:
    """Return the calibration that ships with Byline."""
    return parse_calibration(files("bot").joinpath("calibration.json").read_text(encoding="utf-8"))


def parse_calibration(text: str) -> Calibration:
    """Return the calibration of a file that tests/quality/calibrate.py wrote."""
    return _parse(json.loads(text))


def _parse(stored: Mapping[str, Any]) -> Calibration:
    one, other, third = (
        Logistic(stored[name]["intercept"], tuple(stored[name]["weights"].items()))
        for name in ("before", "after", "extract")
    )
    without = stored.get("without_reader")
    return Calibration(one, other, third, _parse(without) if without else None)


def signs_before(question: str, evidence: Sequence[Evidence], sources: Sequence[SourceSentence], yes: float) -> Signs:
    """Return the signs known before the model writes."""
    if not evidence:
        return Signs()
    words = content_stems(question)
    passages = [item.hit.passage for item in evidence]
    cosines = [item.hit.raw("dense") for item in evidence]
    return Signs(
        cosine=max((cosine for cosine in cosines if cosine is not None), default=0.0),
        yes=yes,
        covered=max(coverage(words, f"{passage.source.title}\n{passage.text}") for passage in passages),
        sentence_covered=max((coverage(words, source.text) for source in sources), default=0.0),
        facts_held=_facts_held(question, evidence),
        margin=_margin(evidence),
    )


def share_held(question: str, text: str, *, published: date | None) -> float:
    """Return the share of the question's facts that `text` holds; 1 for a question without any."""
    facts = _facts_of(question)
    return sum(holds(fact, text, published=published) for fact in facts) / len(facts) if facts else 1.0


def _facts_of(question: str) -> list[Fact]:
    # "Which", "Tensions": the first word is capitalised for standing first.
    return [fact for fact in find_facts(question) if not (fact.kind == "name" and question.startswith(fact.text))]


def _facts_held(question: str, evidence: Sequence[Evidence]) -> float:
    """Return the share of the question's facts in the article that holds most; 1 for a question without any."""
    texts: dict[str, str] = {}
    for item in evidence:
        passage = item.hit.passage
        texts[passage.article_id] = f"{texts.get(passage.article_id, passage.source.title)}\n{passage.text}"
    days = {item.hit.passage.article_id: item.hit.passage.source.published for item in evidence}
    return max(share_held(question, text, published=days[id]) for id, text in texts.items())


def _margin(evidence: Sequence[Evidence]) -> float:
    """Return by how much the best article is ahead of the next that is no copy of it.

    Copies that differ in a fact are not joined as one story, and agree on what they tell of.
    """
    best: dict[str, Hit] = {}
    for hit in sorted((item.hit for item in evidence), key=lambda hit: -hit.score):
        best.setdefault(hit.passage.article_id, hit)
    first, *others = best.values()
    words = content_stems(first.passage.text)
    other = next((hit for hit in others if not _is_copy(words, content_stems(hit.passage.text))), None)
    return first.score - other.score if other else 0.0


def _is_copy(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and len(one & other) >= COPIED * len(one | other)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of an answer, as far as it tells whether the question's premises are the article's."""

    text: str
    title: str
    published: date | None


def signs_shown(question: str, shown: str, quotes: Sequence[Quoted]) -> dict[str, float]:
    """Return the signs of what is about to be shown: whether it gives what is asked, on the question's own premises.

    "When did the tenth ship sink?" is not answered by when the ninth one sank, however well that is carried.
    """
    if not quotes:
        return {}
    texts = [quote.text for quote in quotes]
    ordinary = frozenset[str]().union(*map(lower_stems, texts))  # what the quotes write small is no name
    held = "\n".join(dict.fromkeys([*texts, *(quote.title for quote in quotes)]))
    together = "\n".join(texts)
    said = [stems(together)]
    turned = turned_round(question, said, stem=stem_of)
    # "How many died?" is not answered by how many were hurt.
    other = grave_words_missing(asking_sentence(question), [stems(held)], stem=stem_of)
    return {
        "gives": fitness(question, shown, ordinary=ordinary),
        "premises": share_held(question, held, published=quotes[0].published),
        "against": float(
            bool(
                turned
                or other
                or wrong_winners(question, texts)
                or denies_otherwise(question, together)
                or other_edition(question, [(quote.text, quote.published) for quote in quotes])
            )
        ),
    }


def fluency(written: Sequence[Piece]) -> dict[str, float]:
    """Return how sure the model was of its own words: the mean, and the least, of its tokens' probabilities.

    Of a model that tells none nothing is returned: the signs stay 0, as for one that was never sure.
    """
    logprobs = [(piece.logprob, piece.tokens) for piece in written if piece.tokens and piece.logprob is not None]
    if not logprobs:
        return {}
    mean = sum(logprob for logprob, _ in logprobs) / sum(tokens for _, tokens in logprobs)
    return {"fluent": math.exp(mean), "least_sure": math.exp(min(logprob for logprob, _ in logprobs))}


def signs_after(before: Signs, question: str, checked: Sequence[tuple[str, Verdict]], *, declined: bool) -> Signs:
    """Return the signs with those that the checked answer adds."""
    if declined or not checked:
        return Signs(**{**asdict(before), "declined": float(declined)})
    asked = content_stems(question)
    quotes = "\n".join(quote.text for _, verdict in checked for quote in verdict.quotes)
    said = frozenset(word for text, _ in checked for word in content_stems(text))
    added = {
        "strength": sum(verdict.strength for _, verdict in checked) / len(checked),
        "supported": sum(verdict.support == "supported" for _, verdict in checked) / len(checked),
        "question_in_quotes": coverage(asked, quotes),
        "new": float(bool(said - asked)),
    }
    return Signs(**{**asdict(before), **added})
