"""The measures, each a pure function of one outcome, and the verdict on it.

A measure returns (numerator, denominator), or None where the question does not count for it; a figure is the sum
of the numerators over the sum of the denominators. Its docstring is the definition that readers are shown.
"""

from __future__ import annotations

from typing import Literal

from bot import facts
from bot.outcome import Outcome
from bot.wording import exact_match, holds, holds_answer, numbers, token_f1

Count = tuple[float, float] | None
Group = Literal[
    "failed", "false refusal", "missed refusal", "wrong answer", "not judged", "right answer", "right refusal"
]


def first_rank(outcome: Outcome, *, supporting: bool) -> int | None:
    """Return the rank, from 1, of the first distinct article that is gold (or also supporting), else None."""
    wanted = ("gold", "supporting") if supporting else ("gold",)
    ranks = (rank for rank, item in enumerate(outcome.articles, start=1) if outcome.relation(item) in wanted)
    return next(ranks, None)


def article_hit(outcome: Outcome, *, within: int, supporting: bool) -> Count:
    """Answerable questions with a right article, by the reading named, among that many first distinct ones."""
    if not seeks_article(outcome, supporting=supporting):
        return None
    rank = first_rank(outcome, supporting=supporting)
    return float(rank is not None and rank <= within), 1


def reciprocal_rank(outcome: Outcome, *, supporting: bool) -> Count:
    """Mean of 1 / the rank of the first right article among all distinct ones found, 0 where there is none."""
    if not seeks_article(outcome, supporting=supporting):
        return None
    rank = first_rank(outcome, supporting=supporting)
    return (1 / rank if rank else 0.0), 1


def answer_was_retrieved(outcome: Outcome) -> Count:
    """Answerable questions whose known answer stands in a retrieved passage of a gold or also supporting article."""
    question = outcome.question
    if not (_judges_words(outcome) and question.has_supporting):
        return None
    passages = [item.text for item in outcome.retrieved if outcome.relation(item) != "other"]
    return float(_holds_known(outcome, "\n".join(passages))), 1


def answer_was_read(outcome: Outcome) -> Count:
    """Answerable questions whose known answer, or a sentence that holds it, is among the sentences the model read.

    Only what it read of a gold or also supporting article counts, where the file names one.
    """
    question = outcome.question
    known = question.has_answers or question.gold_sentences
    if question.answerable is not True or not known or not was_kept(outcome):
        return None
    any_article = not question.has_supporting
    read = "\n".join(item.text for item in outcome.read if any_article or outcome.relation(item) != "other")
    if question.has_answers:
        return float(_holds_known(outcome, read)), 1
    return float(any(holds(read, sentence) for group in question.gold_sentences for sentence in group)), 1


def gold_sentences_read(outcome: Outcome) -> Count:
    """Gold sentences among those the model read, of all of them, by the annotator who agrees most; mean (recall)."""
    groups = outcome.question.gold_sentences
    if outcome.question.answerable is not True or not groups or not was_kept(outcome):
        return None
    read = "\n".join(item.text for item in outcome.read)
    return max(sum(holds(read, sentence) for sentence in group) / len(group) for group in groups), 1


def was_kept(outcome: Outcome) -> bool:
    """True when the result says what the model read: older ones do not, and of what broke nothing is known."""
    return not outcome.error and (bool(outcome.read) or not outcome.retrieved)


def cited_sentences_f1(outcome: Outcome) -> Count:
    """Answerable questions with gold sentences: mean F1 of the words of the quotes with theirs; a refusal is 0.

    Words are counted as SQuAD counts them, so sentences cut elsewhere are not held against it. Of several annotators
    the one who agrees most.
    """
    question = outcome.question
    if question.answerable is not True or not question.gold_sentences:
        return None
    wanted = [" ".join(group) for group in question.gold_sentences]
    return (token_f1(_distinct_quotes(outcome), wanted) if outcome.answered else 0.0), 1


def cited_sentences_f1_when_answered(outcome: Outcome) -> Count:
    """The same among those that were answered."""
    return cited_sentences_f1(outcome) if outcome.answered else None


def contains_gold(outcome: Outcome) -> Count:
    """Answerable questions whose answer holds a known answer, whole words, numbers in any spelling; a refusal is 0."""
    return (float(is_right(outcome) is True), 1) if _judges_words(outcome) else None


def contains_gold_when_answered(outcome: Outcome) -> Count:
    """The same among the questions that were answered, unanswerable ones counted as wrong."""
    return (float(is_right(outcome) is True), 1) if outcome.answered and is_right(outcome) is not None else None


def decided_rightly(outcome: Outcome) -> Count:
    """All judged questions: answered with a known answer, or refused where the archive holds none."""
    group = judge(outcome)
    return None if group == "not judged" else (float(group in ("right answer", "right refusal")), 1)


def gives_all_versions(outcome: Outcome) -> Count:
    """Answerable questions to which articles give several answers: all are given, in the answer or beside it, and
    each is in a quote; a refusal is 0."""
    if outcome.question.answerable is not True or len(outcome.question.all_of) < 2:
        return None
    return float(is_right(outcome) is True and _holds_known(outcome, _quotes(outcome))), 1


def exactly_gold(outcome: Outcome) -> Count:
    """Answerable questions whose whole answer is a known one by SQuAD's normalisation: rare where sentences answer."""
    if not _judges_words(outcome) or not outcome.question.answers:
        return None
    return float(outcome.answered and exact_match(outcome.text, outcome.question.answers)), 1


def gold_f1(outcome: Outcome) -> Count:
    """Answerable questions: mean F1 of the answer's words with the best known answer's (SQuAD); a refusal is 0."""
    if not _judges_words(outcome) or not outcome.question.answers:
        return None
    return (token_f1(outcome.text, outcome.question.answers) if outcome.answered else 0.0), 1


def gives_outdated(outcome: Outcome) -> Count:
    """Answered questions with a known outdated answer that give that one and not the right one."""
    question = outcome.question
    if not (outcome.answered and _judges_words(outcome) and question.outdated):
        return None
    return float(is_right(outcome) is False and holds_answer(outcome.text, question.outdated)), 1


def citation_precision(outcome: Outcome) -> Count:
    """Citations under answers to answerable questions whose article is gold or also supporting, of all of them."""
    if not _judges_citations(outcome) or not outcome.citations:
        return None
    return float(sum(outcome.relation(item) != "other" for item in outcome.citations)), len(outcome.citations)


def citation_precision_by_question(outcome: Outcome) -> Count:
    """The same share taken question by question, then averaged: a long answer weighs no more than a short one."""
    counted = citation_precision(outcome)
    return (counted[0] / counted[1], 1) if counted else None


def cites_gold(outcome: Outcome) -> Count:
    """Answered answerable questions with at least one citation from a gold or also supporting article; none is 0."""
    if not _judges_citations(outcome):
        return None
    return float(any(outcome.relation(item) != "other" for item in outcome.citations)), 1


def cited_words_hold_answer(outcome: Outcome) -> Count:
    """Answered answerable questions whose cited quotes, together, hold a known answer; no citation is 0."""
    if not (outcome.answered and _judges_words(outcome)):
        return None
    return float(_holds_known(outcome, _quotes(outcome))), 1


def sentences_supported(outcome: Outcome) -> Count:
    """Displayed sentences marked as supported, of all displayed sentences (citation recall)."""
    if not outcome.answered or not outcome.sentences:
        return None
    return float(sum(item.support == "supported" for item in outcome.sentences)), len(outcome.sentences)


def quotes_not_exact(outcome: Outcome) -> Count:
    """Citations whose quote is not the article's own words at its offsets. Must be 0."""
    if not outcome.citations:
        return None
    return float(sum(not item.exact for item in outcome.citations)), len(outcome.citations)


def numbers_not_cited(outcome: Outcome) -> Count:
    """Sentences marked supported that hold a number which none of their quotes does.

    A day that a quote tells by its weekday, in an article whose day is known, is in it.
    """
    checked = [item for item in outcome.sentences if item.support == "supported"]
    if not outcome.answered or not checked:
        return None
    return float(sum(bool(uncited_numbers(outcome, at)) for at in range(len(outcome.sentences)))), len(checked)


def refused_unanswerable(outcome: Outcome) -> Count:
    """Unanswerable questions that were refused (refusal recall)."""
    return (float(_refused(outcome)), 1) if outcome.question.answerable is False else None


def false_refusal(outcome: Outcome) -> Count:
    """Answerable questions that were refused."""
    return (float(_refused(outcome)), 1) if outcome.question.answerable else None


def refusal_precision(outcome: Outcome) -> Count:
    """Refused questions that were unanswerable, of all that were refused."""
    if not _refused(outcome) or outcome.question.answerable is None:
        return None
    return float(outcome.question.answerable is False), 1


def failed(outcome: Outcome) -> Count:
    """Questions that ended in an error. Must be 0."""
    return float(bool(outcome.error)), 1


def is_right(outcome: Outcome) -> bool | None:
    """True when an answerable question is answered with a known answer; None where nobody can tell."""
    question = outcome.question
    if question.answerable is None or (question.answerable and outcome.answered and not question.has_answers):
        return None
    return bool(question.answerable and outcome.answered and _says_known(outcome))


def judge(outcome: Outcome) -> Group:
    """Return the one group an outcome belongs to."""
    if outcome.error:
        return "failed"
    if outcome.question.answerable is None:
        return "not judged"
    if not outcome.answered:
        return "false refusal" if outcome.question.answerable else "right refusal"
    if not outcome.question.answerable:
        return "missed refusal"
    right = is_right(outcome)
    return "not judged" if right is None else "right answer" if right else "wrong answer"


def uncited_numbers(outcome: Outcome, at: int) -> frozenset[str]:
    """Return the numbers of a sentence marked supported that stand in none of the quotes it cites."""
    sentence = outcome.sentences[at]
    if sentence.support != "supported":
        return frozenset()
    cited = [item for item in outcome.citations if item.number in sentence.citations]
    text = sentence.text
    for published in dict.fromkeys(item.source.published for item in cited):
        quotes = [item.quote for item in cited if item.source.published == published]
        for day in facts.find_facts(text, published=published):
            if day.kind == "date" and any(facts.holds(day, quote, published=published) for quote in quotes):
                text = text.replace(day.text, " ")
    return numbers(text) - numbers("\n".join(item.quote for item in cited))


def _refused(outcome: Outcome) -> bool:
    return not outcome.answered and not outcome.error


def seeks_article(outcome: Outcome, *, supporting: bool) -> bool:
    """True when an article is known, by the reading named, that answers the question."""
    question = outcome.question
    return question.answerable is True and (question.has_supporting if supporting else question.has_gold)


def _judges_words(outcome: Outcome) -> bool:
    return outcome.question.answerable is True and outcome.question.has_answers


def _judges_citations(outcome: Outcome) -> bool:
    return outcome.answered and seeks_article(outcome, supporting=True)


def _says_known(outcome: Outcome) -> bool:
    """True when the answer says what is known; where several things are, another version beside it may say one."""
    question, shown = outcome.question, "\n".join((outcome.text, *outcome.versions))
    says_one = holds_answer(outcome.text, question.answers) if question.answers else True
    return says_one and (holds_answer(shown, (), question.all_of) if question.all_of else question.has_answers)


def _holds_known(outcome: Outcome, text: str) -> bool:
    return holds_answer(text, outcome.question.answers, outcome.question.all_of)


def _distinct_quotes(outcome: Outcome) -> str:
    """Return the words of the quotes, those that lie within another quote not twice."""
    quotes = list(dict.fromkeys(item.quote for item in outcome.citations))
    return "\n".join(quote for quote in quotes if not any(quote != other and quote in other for other in quotes))


def _quotes(outcome: Outcome) -> str:
    return "\n".join(item.quote for item in outcome.citations)
