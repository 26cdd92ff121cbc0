"""From a question to its checked, cited answer, on one page; the faces only show the events this yields.

The order is the promise: search, read, decide whether the articles say it at all, write, check every sentence
against the words of the articles, and only then call it an answer. Sentences that nothing carries are left out;
when none is left, or the signs say that it is probably wrong, the answer is that the articles do not say.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Event as Flag

from bot.carriers import name_carriers
from bot.case import Case, Parts, find, gather, nothing_found, signs_of, since_ms, understand
from bot.cite import number_citations
from bot.confidence import fluency, signs_after, signs_shown
from bot.evidence import sentences_of
from bot.extract import choose, find_candidates, nearest_quotes
from bot.generate import Message, NoModel, Piece, share_of_yes
from bot.judge import (
    Checked,
    check,
    confirm,
    corrected,
    in_their_place,
    mend_all,
    quoted_of,
    told_in,
    verbatim,
    why_not,
)
from bot.own_words import quote
from bot.prompt import reading_messages, refusal
from bot.records import Answer, Event, Found, Question, Stage, Token
from bot.refusals import is_refusal
from bot.said import keep_speakers
from bot.timeframe import implied_by
from bot.unread import answer_notice, unread_question
from bot.versions import find_versions
from bot.written import says_too_much, tidy
from index.errors import GenerationError

# Under this the model is not asked to write. Of the development questions that come so far half of the unanswerable
# ones end here, seconds earlier, with 2 % of the others.
HOPELESS = 0.85  # times the strictness, on the probability that the evidence holds an answer
# An answer of the articles' own sentences is shown from this times the strictness: its confidence has another scale.
EXTRACTED = 0.86


def stream(question: Question, parts: Parts, *, stop: Flag | None = None) -> Iterator[Event]:
    """Yield the events of answering `question`, the Answer last; setting `stop` ends it with what there is."""
    stop = stop or Flag()
    parts = parts.as_asked(question)
    started = time.monotonic()
    yield Stage("searching")
    found = find(question, understand(question, parts, stop), parts, started)
    yield Found(found.standalone, found.applied, found.hits, found.retrieve_ms, implied_by(found.timeframe))
    case = gather(found, parts)
    if not case.evidence:
        yield _refuse(case, parts, reason=nothing_found(case), stopped=stop.is_set())
        return
    if unread := unread_question(case.asked):
        yield _refuse(case, parts, reason=unread, confidence=0.0, stopped=stop.is_set())
        return
    case = replace(case, candidates=find_candidates(case.asked, case.ranked))
    parts = replace(parts, calibration=parts.calibration.fitting(has_reader=bool(case.readings)))
    if isinstance(parts.generator, NoModel):
        yield Stage("checking")
        yield _extract(case, parts)
        return
    try:
        yield from _generate(case, parts, stop)
    except GenerationError as error:
        yield Stage("checking")
        yield replace(_extract(case, replace(parts, generator=NoModel())), fallback=error.wrong)


def _generate(case: Case, parts: Parts, stop: Flag) -> Iterator[Event]:
    """Yield the events of reading, writing and checking; raises GenerationError where the model breaks."""
    yield Stage("reading")
    case = _read(case, parts, stop)
    if parts.calibration.before.probability(case.signs) < HOPELESS * parts.strictness and not stop.is_set():
        yield _refuse(case, parts, reason="the nearest articles do not seem to hold the answer")
        return
    yield Stage("writing")
    written: list[Piece] = []
    for piece in _write(case, parts, stop):
        if not written and piece.text:
            case = replace(case, timings=replace(case.timings, first_token_ms=since_ms(case.started)))
        written.append(piece)
        if piece.text:
            yield Token(piece.text)
    yield Stage("checking")
    yield _conclude(case, parts, written, stop)


def _extract(case: Case, parts: Parts) -> Answer:
    """Return the answer in the articles' own sentences, or a refusal."""
    case = replace(case, signs=signs_of(case, yes=0.0))
    confidence = parts.calibration.extract.probability(case.signs)
    if not case.candidates or confidence < EXTRACTED * parts.strictness:
        reason = "no sentence of the nearest articles answers it surely enough"
        return _refuse(case, parts, reason=reason, confidence=confidence)
    quotes = [quote(candidate.sentence.source, case.hits) for candidate in choose(case.candidates)]
    shown = [(each.text, verbatim(each)) for each in quotes]
    return _answer(case, parts, corrected(shown, case), confidence)


def _read(case: Case, parts: Parts, stop: Flag) -> Case:
    """Return the case with its signs: the model reads the evidence and is asked whether it holds the answer.

    A second question, to copy the words that answer or reply None, cost 0.4 s and told nothing more: the area under the
    curve of right against wrong answers is .878 without it and .881 with it (247 development questions).
    """
    generator = parts.generator
    yes = share_of_yes(generator, _prompt(case, "probe"), stop)
    tokens = generator.count_prompt(_prompt(case, "answer"))
    return replace(case, signs=signs_of(case, yes), timings=replace(case.timings, prompt_tokens=tokens))


def _prompt(case: Case, task: str) -> tuple[Message, ...]:
    return reading_messages(case.asked, case.read, asked_on=case.question.asked_on, task=task)


def _write(case: Case, parts: Parts, stop: Flag) -> Iterator[Piece]:
    """Yield what the model writes, until it has begun a sentence more than an answer takes."""
    text = ""
    for piece in parts.generator.generate(_prompt(case, "answer"), max_tokens=parts.answer_tokens, stop=stop):
        text += piece.text
        if says_too_much(text, case.asked):
            return
        yield piece


# --- checking ------------------------------------------------------------------------------------------------


def _conclude(case: Case, parts: Parts, written: Sequence[Piece], stop: Flag) -> Answer:
    """Return the answer that the written text deserves once its sentences are checked."""
    text = "".join(piece.text for piece in written).strip()
    case = replace(case, timings=replace(case.timings, answer_tokens=sum(piece.tokens for piece in written)))
    declined = not text or is_refusal(text)
    stopped = stop.is_set()
    cut = stopped or any(piece.ending for piece in written)
    checked = () if declined else check(tidy(text, cut=cut), case)
    signs = signs_after(case.signs, case.asked, checked, declined=declined)
    kept = corrected(mend_all(checked, case) or in_their_place(checked, case), case)
    shown = signs_shown(case.asked, " ".join(text for text, _ in kept), quoted_of(case, kept))
    told = told_in(case, kept)
    holds = confirm(case, parts.generator, kept, told, stop)
    signs = replace(signs, **fluency(written), **shown, holds=holds, told=told)
    confidence = parts.calibration.after.probability(signs)
    case = replace(case, signs=signs)
    reason = why_not(kept, signs, confidence, parts.strictness)
    if reason:
        return _refuse(case, parts, reason=reason, confidence=confidence, stopped=stopped)
    return _answer(case, parts, kept, confidence, stopped=stopped)


# --- answers -------------------------------------------------------------------------------------------------


def _answer(case: Case, parts: Parts, checked: Checked, confidence: float, *, stopped: bool = False) -> Answer:
    seen = (*case.hits, *(item.hit for item in case.evidence))
    sources = {hit.passage.article_id: hit.passage.source for hit in seen}
    spoken = keep_speakers(checked, case.sources, sources, case.asked, case.similarity)
    sentences, citations = number_citations(spoken, sources)
    citations = name_carriers(citations, case.hits, parts.archive.article)
    versions = find_versions((sentences, citations), sentences_of(seen), sources, case.asked, case.similarity)
    # Sentences of the articles' own are not written to be read on from one to the next.
    text = ("\n" if isinstance(parts.generator, NoModel) else " ").join(sentence.text for sentence in sentences)
    shown = _shown(case, parts, text, confidence)
    shown = replace(shown, sentences=sentences, citations=citations, versions=versions)
    return replace(shown, answered=True, stopped=stopped)


def _refuse(case: Case, parts: Parts, *, reason: str, confidence: float | None = None, stopped: bool = False) -> Answer:
    if confidence is None:
        confidence = parts.calibration.before.probability(case.signs) if case.evidence else 0.0
    if stopped:
        reason = "it was stopped before anything was checked"
    nearest = () if stopped else nearest_quotes(case.asked, case.hits, case.similarity)
    nearest = name_carriers(nearest, case.hits, parts.archive.article)
    return replace(_shown(case, parts, refusal(), confidence), reason=reason, nearest=nearest, stopped=stopped)


def _shown(case: Case, parts: Parts, text: str, confidence: float) -> Answer:
    """Return what an answer and a refusal have in common."""
    return Answer(
        question=case.question,
        standalone_question=case.standalone,
        answered=False,
        text=text,
        sentences=(),
        citations=(),
        retrieved=case.hits,
        confidence=confidence,
        model=parts.generator.name,
        timings=replace(case.timings, total_ms=since_ms(case.started)),
        applied=case.applied,
        signs=case.signs,
        evidence=case.read,
        implied=implied_by(case.timeframe),
        notices=tuple(filter(None, [answer_notice(parts.archive.other_languages(), parts.embedder_reads)])),
    )
