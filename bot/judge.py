"""What of a written text may be shown: its sentences checked, mended, and confirmed by what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from threading import Event as Flag

from bot.asked import fitness
from bot.case import Case
from bot.coined import coined_words
from bot.confidence import Quoted
from bot.corrections import correction_of
from bot.evidence import quoted_evidence
from bot.extract import choose
from bot.generate import Generator, share_of_yes
from bot.mend import NEAR, Means, mend
from bot.own_words import quote
from bot.prompt import checking_messages
from bot.reader import best_in
from bot.records import Signs
from bot.stems import stems
from bot.support import SourceSentence, Verdict, borrowed_words, check_sentence
from bot.written import answering_sentences

# A sentence may say it in the question's words where the reader finds the answer in its quotes with this score.
CONFIRMED = 0.65
# From here on the reader's word is taken for whether the quotes answer: to ask the model as well took 1.4 s of 7.7 and
# told less. Right against wrong over 241 answers, cross-validated: the area is .890 with it (.881 from .4 on), .887
# when the model is always asked, .873 when never.
SURE = 0.5
BEST = 5  # sentences that are near to the question whatever words they share with it
Checked = Sequence[tuple[str, Verdict]]


def check(text: str, case: Case) -> Checked:
    """Return the sentences of `text` that answer, each with its verdict."""
    sentences = answering_sentences(text, case.asked)
    return tuple((sentence, _check_one(case, sentence)) for sentence in sentences)


def mend_all(checked: Checked, case: Case) -> Checked:
    """Return what may be shown: the supported sentences, and the others said again so that they are; each once."""
    means = _means(case)
    kept: dict[str, Verdict] = {}
    for sentence, verdict in checked:
        found = mend(sentence, verdict, case.asked, means)
        if verdict.support != "unsupported" and found is not None:
            kept.setdefault(*found)
            if verdict.support == "partly" and _is_own_words(
                found
            ):  # a model that has misread the articles is not heard further
                break
    return tuple(kept.items())


def _is_own_words(shown: tuple[str, Verdict]) -> bool:
    text, verdict = shown
    return [text.split()] == [quote.text.split() for quote in verdict.quotes]


def _means(case: Case) -> Means:
    """Return what mending needs to know of the case."""
    near = {(each.source.article_id, each.source.start): each.covered for each in case.ranked}
    for each in case.ranked[:BEST]:
        place = (each.source.article_id, each.source.start)
        near[place] = max(near[place], NEAR)
    scores = {(each.sentence.source.article_id, each.sentence.source.start): each.score for each in case.candidates}
    shown = partial(quote, hits=case.hits)

    def nearness(source: SourceSentence) -> float:
        # "It costs 85,000 crowns." is as near as the sentence it leans on, which is shown with it.
        places = (source.start, shown(source).start)
        return max(near.get((source.article_id, place), 0.0) for place in places)

    return Means(
        check=partial(_check_one, case),
        own_words=shown,
        near=nearness,
        score=lambda each: scores.get((each.article_id, each.start), 0.0),
        others=[each.sentence.source for each in choose(case.candidates)],
    )


def in_their_place(checked: Checked, case: Case) -> Checked:
    """Return the article's sentence that answers best, where what the model wrote is carried in part only; or nothing.

    Only one near to the question that gives a fact of the kind asked for, and never in place of an invention.
    """
    if all(verdict.support == "unsupported" for _, verdict in checked):
        return ()
    for candidate in choose(case.candidates)[:1]:
        source = candidate.sentence.source
        if candidate.sentence.covered >= NEAR and fitness(case.asked, source.text):
            shown = quote(source, case.hits)
            return ((" ".join(shown.text.split()), verbatim(shown)),)
    return ()


def verbatim(quote: SourceSentence) -> Verdict:
    """Return the verdict on words of an article that are shown as they stand there."""
    return Verdict("supported", (quote,), (), 1.0)


def corrected(kept: Checked, case: Case) -> Checked:
    """Return what may be shown with what a later article calls wrong as that article says it; each once.

    An outlet's own correction takes the place of what it corrects; what another outlet says of it stands beside it.
    """
    outlets = {item.hit.passage.article_id: item.hit.passage.source.outlet for item in case.evidence}
    shown: dict[str, tuple[str, Verdict]] = {}
    for text, verdict in kept:
        source = correction_of(text, verdict.quotes, case.asked, case.sources)
        own = {outlets.get(each.article_id, "") for each in verdict.quotes} - {""}
        if source is None or outlets[source.article_id] not in own:
            shown.setdefault(" ".join(text.split()), (text, verdict))
        if source is not None:
            said = quote(source, case.hits)
            shown.setdefault(" ".join(said.text.split()), (said.text, verbatim(said)))
    return tuple(shown.values())


def _check_one(case: Case, sentence: str) -> Verdict:
    verdict = _in_its_words(sentence, check_sentence(sentence, case.sources, case.similarity), case)
    if verdict.support != "supported" or not case.readings or best_in(case.readings, verdict.quotes) >= CONFIRMED:
        return verdict
    # Asked how much he was fined, a model writes that he was fined what he stole.
    borrowed = borrowed_words(sentence, case.asked, verdict.quotes)
    return replace(verdict, support="partly", missing=tuple(borrowed)) if borrowed else verdict


def _in_its_words(sentence: str, verdict: Verdict, case: Case) -> Verdict:
    """Return the verdict, or where the quoted article lacks one of the words another article's, or that it lacks it."""
    coined = _coined(sentence, verdict, case) if verdict.support == "supported" else []
    if not coined:
        return verdict
    others = [each for each in case.sources if each.article_id != verdict.quotes[0].article_id]
    other = check_sentence(sentence, others, case.similarity)
    if other.support == "supported" and not _coined(sentence, other, case):
        return other
    return replace(verdict, support="partly", missing=tuple(coined))


def _coined(sentence: str, verdict: Verdict, case: Case) -> list[str]:
    """Return the words that stand neither in the quoted article nor in what else the model reads."""
    quoted = verdict.quotes[0].article_id
    sources = [item.hit.passage.source for item in case.evidence]
    read = [case.asked, *(f"{each.title} {each.outlet} {each.author}" for each in sources)]
    read += [each.text for each in case.sources if each.article_id == quoted]
    return coined_words(sentence, frozenset().union(*map(stems, read)))


def quoted_of(case: Case, kept: Checked) -> list[Quoted]:
    """Return the quotes of what may be shown, with their articles' titles and days."""
    titles = {item.hit.passage.article_id: item.hit.passage.source.title for item in case.evidence}
    quotes = [quote for _, verdict in kept for quote in verdict.quotes]
    return [Quoted(quote.text, titles.get(quote.article_id, ""), quote.published) for quote in quotes]


def told_in(case: Case, kept: Checked) -> float:
    """Return how sure the reader is that an answer stands in the quotes; 0 without a reader."""
    return best_in(case.readings, [quote for _, verdict in kept for quote in verdict.quotes])


def confirm(case: Case, generator: Generator, kept: Checked, told: float, stop: Flag) -> float:
    """Return how likely the quotes, read alone, state an answer to the question; 0 for none.

    As the reader says where it finds one there (`told`, see `told_in`). Otherwise the model is asked once more: what it
    wrote it wrote from all of the evidence, where a near miss looks like an answer.
    """
    if told >= SURE or not kept:
        return told
    quoted = quoted_evidence(case.evidence, [quote for _, verdict in kept for quote in verdict.quotes])
    messages = checking_messages(case.asked, quoted)
    if generator.count_prompt(messages) >= generator.context:
        return 0.0
    return share_of_yes(generator, messages, stop)


def why_not(kept: Checked, signs: Signs, confidence: float, strictness: float) -> str:
    """Return why there is no answer to show, or the empty string when there is one."""
    if signs.declined:
        return "the model found no answer in the nearest articles"
    if not kept:
        return "nothing of what the model wrote is carried by the words of the articles"
    if not signs.new:
        return "the articles hold the words of the question but no answer to it"
    if confidence < strictness:
        return "the nearest articles do not hold the answer surely enough"
    return ""
