"""From a question to its checked, cited answer, on one page; the faces only show the events this yields.

The order is the promise: search, read, decide whether the articles say it at all, write, check every sentence
against the words of the articles, and only then call it an answer. Sentences that nothing carries are left out;
when none is left, or the signs say that it is probably wrong, the answer is that the articles do not say.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event as Flag

from bot.carriers import name_carriers
from bot.cite import number_citations
from bot.confidence import Calibration, fluency, signs_after, signs_before
from bot.evidence import newest_first, prefer_dates, quoted_evidence, select_evidence, sentences_of, source_sentences
from bot.excerpt import choose_sentences
from bot.extract import add_signs, choose, find_candidates, nearest_quotes, quote
from bot.generate import Generator, Message, NoModel, Piece
from bot.mend import mend
from bot.prompt import checking_messages, long_date, reading_messages, refusal
from bot.records import (
    Answer,
    Event,
    Evidence,
    Found,
    Question,
    Signs,
    Stage,
    Timings,
    Token,
)
from bot.refusals import is_refusal
from bot.relevance import ScoredSentence, rank_sentences
from bot.said import keep_speakers
from bot.similarity import remembering_similarity
from bot.standalone import Standalone, make_standalone
from bot.stories import find_stories
from bot.support import Similarity, SourceSentence, Verdict, check_sentence
from bot.timeframe import Timeframe, implied_by, read_when
from bot.versions import find_versions
from bot.written import answering_sentences, says_too_much, tidy
from index.archive import Archive
from index.embed import Embedder
from index.errors import GenerationError, UsageError
from index.records import Filters, Hit

RETRIEVED = 20  # hits shown to the reader, and from which the evidence is chosen
# Under this the model is not asked to write. On the development questions half of the unanswerable ones end here,
# seconds earlier, with 3 % of the others.
HOPELESS = 0.85  # times the strictness, on the probability that the evidence holds an answer
# An answer of the articles' own sentences is shown from this times the strictness: it can miss, but not invent.
LENIENT = 0.75
READ_TOKENS = 60  # of each passage, on average: its title and the sentences nearest to the question
_PROMPT_SHARE = 0.75  # of the model's context, for evidence, question and answer; the rest is for the instructions
_QUESTION_SHARE = 0.25  # of the model's context; a longer question would leave no room for what answers it


NOTHING = ("None", "none")  # what prompts/copy.txt has the model reply when it finds nothing to copy

Checked = Sequence[tuple[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What answering needs: the archive, the two models, the calibration, and three numbers."""

    archive: Archive
    embedder: Embedder
    generator: Generator
    calibration: Calibration
    passages: int
    answer_tokens: int
    strictness: float


@dataclass(frozen=True, slots=True)
class _Case:
    """A question with all that is known before the model writes."""

    question: Question
    standalone: str
    asked: str  # the standalone question without words such as "this week", which have become limits
    applied: Filters
    timeframe: Timeframe | None
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]  # whole passages
    read: tuple[Evidence, ...]  # what the model reads of them
    sources: tuple[SourceSentence, ...]
    ranked: tuple[ScoredSentence, ...]  # the same, nearest to the question first
    similarity: Similarity
    signs: Signs
    started: float
    timings: Timings


def stream(question: Question, parts: Parts, *, stop: Flag | None = None) -> Iterator[Event]:
    """Yield the events of answering `question`, the Answer last; setting `stop` ends it with what there is."""
    stop = stop or Flag()
    started = time.monotonic()
    yield Stage("searching")
    case = _search(question, _understand(question, parts, stop), parts, started)
    yield Found(case.standalone, case.applied, case.hits, case.timings.retrieve_ms, implied_by(case.timeframe))
    if not case.evidence:
        yield _refuse(case, parts, reason=_nothing_found(case), stopped=stop.is_set())
        return
    if isinstance(parts.generator, NoModel):
        yield Stage("checking")
        yield _extract(case, parts)
        return
    try:
        yield from _generate(case, parts, stop)
    except GenerationError as error:
        yield Stage("checking")
        yield replace(_extract(case, replace(parts, generator=NoModel())), fallback=error.wrong)


def _generate(case: _Case, parts: Parts, stop: Flag) -> Iterator[Event]:
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
            case = replace(case, timings=replace(case.timings, first_token_ms=_since(case.started)))
        written.append(piece)
        if piece.text:
            yield Token(piece.text)
    yield Stage("checking")
    yield _conclude(case, parts, written, stop)


def _extract(case: _Case, parts: Parts) -> Answer:
    """Return the answer in the articles' own sentences, or a refusal."""
    case = replace(case, signs=_signs(case, yes=0.0))
    candidates = find_candidates(case.asked, case.ranked)
    confidence = parts.calibration.extract.probability(case.signs)
    if not candidates or confidence < LENIENT * parts.strictness:
        reason = "no sentence of the nearest articles answers it surely enough"
        return _refuse(case, parts, reason=reason, confidence=confidence)
    quotes = [quote(candidate.sentence.source, case.hits) for candidate in choose(candidates)]
    return _answer(case, parts, [(each.text, Verdict("supported", (each,), (), 1.0)) for each in quotes], confidence)


# --- searching and reading -----------------------------------------------------------------------------------


def _understand(question: Question, parts: Parts, stop: Flag) -> Standalone:
    """Return the question so that it can be understood alone; raises UsageError for one that is too long to read."""
    generator = parts.generator
    most = int(generator.context * _QUESTION_SHARE)
    asked = generator.count_tokens(question.text)
    if asked > most:
        wrong = f"The question has {asked:,} tokens, and {generator.name} reads questions of up to {most:,}."
        raise UsageError(wrong, "ask a shorter question")
    try:
        standalone = make_standalone(question.text, question.history, generator, stop=stop)
    except GenerationError:  # a model that breaks here will again where its answer is awaited, and is told of there
        standalone = make_standalone(question.text, question.history, NoModel())
    return standalone if generator.count_tokens(standalone.question) <= most else Standalone(question.text)


def _search(question: Question, understood: Standalone, parts: Parts, started: float) -> _Case:
    standalone = understood.question
    timeframe, text = read_when(question, standalone)
    applied = question.filters
    if timeframe and timeframe.is_limit:
        applied = replace(applied, since=timeframe.since, until=timeframe.until)
    hits = find_stories(
        parts.archive,
        parts.embedder,
        text,
        context=understood.context,
        limit=RETRIEVED,
        filters=applied,
        prefer=partial(prefer_dates, timeframe=timeframe, asked_on=question.asked_on),
    )
    generator = parts.generator
    asked = generator.count_tokens(standalone)
    budget = int(generator.context * _PROMPT_SHARE) - asked - parts.answer_tokens
    evidence = select_evidence(hits, most=parts.passages, budget=budget, count_tokens=generator.count_tokens)
    if timeframe and timeframe.newest:
        evidence = newest_first(evidence)
    if hits and not evidence:
        wrong = f"Not one passage fits into the {generator.context:,} tokens that {generator.name} reads at once."
        raise UsageError(wrong, "give a model with a longer context, or a smaller --answer-tokens")
    similarity = remembering_similarity(parts.embedder)
    ranked = rank_sentences(text, evidence, similarity)
    sources = source_sentences(evidence)  # a sentence may be carried by one that the model did not read
    read = choose_sentences(
        evidence, ranked, budget=min(budget, READ_TOKENS * parts.passages), count_tokens=generator.count_tokens
    )
    if not hits and timeframe:  # a refusal still shows what comes nearest, out of the days that were asked for
        hits = find_stories(parts.archive, parts.embedder, text, limit=RETRIEVED, filters=question.filters)
    return _Case(
        question=question,
        standalone=standalone,
        asked=text,
        applied=applied,
        timeframe=timeframe,
        hits=hits,
        evidence=evidence,
        read=read,
        sources=sources,
        ranked=ranked,
        similarity=similarity,
        signs=Signs(),
        started=started,
        timings=Timings(retrieve_ms=_since(started)),
    )


def _signs(case: _Case, yes: float) -> Signs:
    """Return the signs known before a model writes."""
    signs = signs_before(case.asked, case.evidence, case.sources, yes)
    return add_signs(signs, case.asked, find_candidates(case.asked, case.ranked), case.hits)


def _read(case: _Case, parts: Parts, stop: Flag) -> _Case:
    """Return the case with its signs: the model reads the evidence and is asked, in two ways, for the answer."""
    generator = parts.generator
    yes, no = generator.first_token_probabilities(_prompt(case, "probe"), ("Yes", "No"), stop=stop)
    none = sum(generator.first_token_probabilities(_prompt(case, "copy"), NOTHING, stop=stop))
    tokens = generator.count_prompt(_prompt(case, "answer"))
    signs = replace(_signs(case, yes / (yes + no) if yes + no else 0.0), copies=1 - none)
    return replace(case, signs=signs, timings=replace(case.timings, prompt_tokens=tokens))


def _prompt(case: _Case, task: str) -> tuple[Message, ...]:
    return reading_messages(case.asked, case.read, asked_on=case.question.asked_on, task=task)


def _write(case: _Case, parts: Parts, stop: Flag) -> Iterator[Piece]:
    """Yield what the model writes, until it has begun a sentence more than an answer takes."""
    text = ""
    for piece in parts.generator.generate(_prompt(case, "answer"), max_tokens=parts.answer_tokens, stop=stop):
        text += piece.text
        if says_too_much(text, case.asked):
            return
        yield piece


# --- checking ------------------------------------------------------------------------------------------------


def _conclude(case: _Case, parts: Parts, written: Sequence[Piece], stop: Flag) -> Answer:
    """Return the answer that the written text deserves once its sentences are checked."""
    text = "".join(piece.text for piece in written).strip()
    case = replace(case, timings=replace(case.timings, answer_tokens=sum(piece.tokens for piece in written)))
    declined = not text or is_refusal(text)
    stopped = stop.is_set()
    cut = stopped or any(piece.ending for piece in written)
    checked = () if declined else _check(tidy(text, cut=cut), case)
    signs = signs_after(case.signs, case.asked, checked, declined=declined)
    kept = _mend(checked, case)
    signs = replace(signs, **fluency(written), **_confirm(case, parts, kept, stop))
    confidence = parts.calibration.after.probability(signs)
    case = replace(case, signs=signs)
    reason = _why_not(kept, signs, confidence, parts.strictness)
    if reason:
        return _refuse(case, parts, reason=reason, confidence=confidence, stopped=stopped)
    return _answer(case, parts, kept, confidence, stopped=stopped)


def _mend(checked: Checked, case: _Case) -> Checked:
    """Return what may be shown: the supported sentences, and the others said again so that they are; each once."""
    kept: dict[str, Verdict] = {}
    for sentence, verdict in checked:
        found = mend(sentence, verdict, case.asked, check=partial(_check_one, case), sources=case.sources)
        if verdict.support != "unsupported" and found is not None:
            kept.setdefault(*found)
    return tuple(kept.items())


def _check_one(case: _Case, sentence: str) -> Verdict:
    return check_sentence(sentence, case.sources, case.similarity)


def _confirm(case: _Case, parts: Parts, kept: Checked, stop: Flag) -> dict[str, float]:
    """Return two signs more: the model reads the quotes alone and judges whether they answer, and answer so.

    What it wrote it wrote from all of the evidence, where a near miss looks like an answer.
    """
    if not kept or stop.is_set():
        return {}
    quoted = quoted_evidence(case.evidence, [quote for _, verdict in kept for quote in verdict.quotes])
    text = " ".join(sentence for sentence, _ in kept)
    signs = {}
    for task in ("holds", "stands"):
        messages = checking_messages(case.asked, quoted, text, task=task)
        if parts.generator.count_prompt(messages) >= parts.generator.context:
            return {}
        yes, no = parts.generator.first_token_probabilities(messages, ("Yes", "No"), stop=stop)
        signs[task] = yes / (yes + no) if yes + no else 0.0
    return signs


def _why_not(kept: Checked, signs: Signs, confidence: float, strictness: float) -> str:
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


def _check(text: str, case: _Case) -> Checked:
    sentences = answering_sentences(text, case.asked)
    return tuple((sentence, _check_one(case, sentence)) for sentence in sentences)


# --- answers -------------------------------------------------------------------------------------------------


def _answer(
    case: _Case, parts: Parts, checked: Sequence[tuple[str, Verdict]], confidence: float, *, stopped: bool = False
) -> Answer:
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


def _refuse(
    case: _Case, parts: Parts, *, reason: str, confidence: float | None = None, stopped: bool = False
) -> Answer:
    if confidence is None:
        confidence = parts.calibration.before.probability(case.signs) if case.evidence else 0.0
    if stopped:
        reason = "it was stopped before anything was checked"
    nearest = () if stopped else nearest_quotes(case.asked, case.hits, case.similarity)
    nearest = name_carriers(nearest, case.hits, parts.archive.article)
    return replace(_shown(case, parts, refusal(), confidence), reason=reason, nearest=nearest, stopped=stopped)


def _shown(case: _Case, parts: Parts, text: str, confidence: float) -> Answer:
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
        timings=replace(case.timings, total_ms=_since(case.started)),
        applied=case.applied,
        signs=case.signs,
        evidence=case.evidence,
        implied=implied_by(case.timeframe),
    )


def _nothing_found(case: _Case) -> str:
    if case.timeframe and case.timeframe.is_limit:
        span = f"{long_date(case.timeframe.since)} to {long_date(case.timeframe.until)}"
        return f"no article of the archive was published from {span}, which “{case.timeframe.phrase}” means here"
    return (
        "no article of the archive is within the limits" if not case.applied.is_empty else "nothing like it was found"
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
