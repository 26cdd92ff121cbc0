"""A question with all that is known before a model writes: what is asked for, what was found, what is read of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event as Flag

from bot.asked import wants_reason
from bot.confidence import Calibration, signs_before
from bot.evidence import newest_first, prefer_dates, select_evidence, source_sentences
from bot.excerpt import choose_sentences
from bot.extract import Candidate, add_signs
from bot.generate import Generator, NoModel
from bot.prompt import long_date
from bot.reader import Reader, Reading, best_score, find_readings, rank_as_read
from bot.records import Evidence, Question, Signs, Timings
from bot.relevance import ScoredSentence, rank_sentences
from bot.similarity import remembering_similarity
from bot.standalone import Standalone, make_standalone
from bot.stories import find_stories
from bot.support import Similarity, SourceSentence
from bot.timeframe import Timeframe, read_when
from index.archive import Archive
from index.embed import Embedder
from index.errors import GenerationError, UsageError
from index.languages import ENGLISH, detect_language
from index.records import Filters, Hit

RETRIEVED = 20  # hits shown to the reader, and from which the evidence is chosen
READ_TOKENS = 60  # of each passage, on average: its title and the sentences nearest to the question
# The reader puts the sentences that answer first, so that fewer are enough where it has read, and fewer still where it
# finds an answer. Of 89 news questions, 25 of the samples and 151 of SQuAD 2.0 (six passages) the known answer is read
# for 82, 25 and 148 with 60 tokens everywhere, for 82, 23 and 146 with these, for 79, 22 and 142 with 27 everywhere.
_TOKENS_WHERE_READ = 40
_TOKENS_WHERE_FOUND = 33
_FOUND = 0.4  # the reader's best score
_PROMPT_SHARE = 0.75  # of the model's context, for evidence, question and answer; the rest is for the instructions
_QUESTION_SHARE = 0.25  # of the model's context; a longer question would leave no room for what answers it
_LONG = 2000  # characters; a shorter question is searched for before its tokens are counted


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
    embedder_reads: str = ""  # languages, as models.txt says
    reader: Reader | None = None  # without one, nothing tells where the articles answer

    def as_asked(self, question: Question) -> Parts:
        """Return the same with the numbers that this question sets itself."""
        strictness = self.strictness if question.strictness is None else question.strictness
        return replace(self, strictness=strictness, passages=question.passages or self.passages)


@dataclass(frozen=True, slots=True)
class Finding:
    """A question with what was found for it; nothing of it is read yet, and no generator was needed."""

    question: Question
    standalone: str
    asked: str  # the standalone question without words such as "this week", which have become limits
    applied: Filters
    timeframe: Timeframe | None
    hits: tuple[Hit, ...]
    is_within: bool  # the hits are within what is applied; else they are only what comes nearest
    started: float
    retrieve_ms: int


@dataclass(frozen=True, slots=True)
class Case:
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
    readings: tuple[Reading, ...] = ()  # where the reader finds an answer, best first; none without a reader
    candidates: tuple[Candidate, ...] = ()  # the sentences that may answer, best first


def understand(question: Question, parts: Parts, stop: Flag) -> Standalone:
    """Return the question so that it can be understood alone; raises UsageError for one that is too long to read.

    The generator is asked only where it must be, so that a search does not wait for one that is being loaded.
    """
    generator = parts.generator
    if len(question.text) > _LONG:
        _check_length(question, generator)
    try:
        standalone = make_standalone(question.text, question.history, generator, stop=stop)
    except GenerationError:  # a model that breaks here will again where its answer is awaited, and is told of there
        standalone = make_standalone(question.text, question.history, NoModel())
    if standalone.question == question.text or generator.count_tokens(standalone.question) <= _most_tokens(generator):
        return standalone
    return Standalone(question.text)


def _check_length(question: Question, generator: Generator) -> None:
    asked, most = generator.count_tokens(question.text), _most_tokens(generator)
    if asked > most:
        wrong = f"The question has {asked:,} tokens, and {generator.name} reads questions of up to {most:,}."
        raise UsageError(wrong, "ask a shorter question")


def _most_tokens(generator: Generator) -> int:
    return int(generator.context * _QUESTION_SHARE)


def find(question: Question, understood: Standalone, parts: Parts, started: float) -> Finding:
    """Return what the archive holds on the question; asks no generator."""
    timeframe, text = read_when(question, understood.question)
    applied = question.filters
    if timeframe and timeframe.is_limit:
        applied = replace(applied, since=timeframe.since, until=timeframe.until)
    within = find_stories(
        parts.archive,
        parts.embedder,
        text,
        context=understood.context,
        limit=RETRIEVED,
        filters=applied,
        prefer=partial(prefer_dates, timeframe=timeframe, asked_on=question.asked_on),
    )
    hits = within
    if not hits and timeframe:  # a refusal still shows what comes nearest, out of the days that were asked for
        hits = find_stories(parts.archive, parts.embedder, text, limit=RETRIEVED, filters=question.filters)
    return Finding(
        question=question,
        standalone=understood.question,
        asked=text,
        applied=applied,
        timeframe=timeframe,
        hits=hits,
        is_within=bool(within),
        started=started,
        retrieve_ms=since_ms(started),
    )


def gather(found: Finding, parts: Parts) -> Case:
    """Return what of the finding is read; raises UsageError where the model cannot read the question or one passage."""
    generator, timeframe = parts.generator, found.timeframe
    _check_length(found.question, generator)
    budget = int(generator.context * _PROMPT_SHARE) - generator.count_tokens(found.standalone) - parts.answer_tokens
    # One of which every sentence is left out (bot/addressed.py) tells nothing.
    hits = tuple(hit for hit in found.hits if hit.passage.sentences) if found.is_within else ()
    evidence = select_evidence(hits, most=parts.passages, budget=budget, count_tokens=generator.count_tokens)
    if timeframe and timeframe.newest:
        evidence = newest_first(evidence)
    if hits and not evidence:
        wrong = f"Not one passage fits into the {generator.context:,} tokens that {generator.name} reads at once."
        raise UsageError(wrong, "give a model with a longer context, or a smaller --answer-tokens")
    similarity = remembering_similarity(parts.embedder)
    readings = find_readings(found.asked, evidence, _reader_of(found.asked, evidence, parts))
    ranked = rank_as_read(rank_sentences(found.asked, evidence, similarity), readings)
    sources = source_sentences(evidence)  # a sentence may be carried by one that the model did not read
    read = choose_sentences(
        evidence,
        ranked,
        budget=min(budget, _read_tokens(readings) * parts.passages),
        count_tokens=generator.count_tokens,
    )
    return Case(
        question=found.question,
        standalone=found.standalone,
        asked=found.asked,
        applied=found.applied,
        timeframe=timeframe,
        hits=found.hits,
        evidence=evidence,
        read=read,
        sources=sources,
        ranked=ranked,
        similarity=similarity,
        readings=readings,
        signs=Signs(),
        started=found.started,
        timings=Timings(retrieve_ms=found.retrieve_ms),
    )


def _read_tokens(readings: Sequence[Reading]) -> int:
    """Return how many tokens of each passage are read, on average."""
    if not readings:
        return READ_TOKENS
    return _TOKENS_WHERE_FOUND if best_score(readings) >= _FOUND else _TOKENS_WHERE_READ


def _reader_of(asked: str, evidence: Sequence[Evidence], parts: Parts) -> Reader | None:
    """Return the reader for what it was taught: English, and not reasons, of which it has seen few.

    Of the questions why among 11 of SQuAD 2.0 and 12 of CLAPNQ its score parts those that are answered from those that
    are not with an area of .29 and .71; of all questions there, .72 and .82.
    """
    if wants_reason(asked):
        return None
    if parts.reader and parts.archive.other_languages():
        languages = {detect_language(item.hit.passage.text) for item in evidence}
        return parts.reader if languages <= {"", ENGLISH} else None
    return parts.reader


def signs_of(case: Case, yes: float) -> Signs:
    """Return the signs known before a model writes."""
    signs = replace(signs_before(case.asked, case.evidence, case.sources, yes), reads=best_score(case.readings))
    return add_signs(signs, case.asked, case.candidates, case.hits)


def nothing_found(case: Case) -> str:
    """Return why there is no evidence."""
    if case.timeframe and case.timeframe.is_limit:
        span = f"{long_date(case.timeframe.since)} to {long_date(case.timeframe.until)}"
        return f"no article of the archive was published from {span}, which “{case.timeframe.phrase}” means here"
    return (
        "no article of the archive is within the limits" if not case.applied.is_empty else "nothing like it was found"
    )


def since_ms(started: float) -> int:
    """Return the milliseconds since `started`, of the monotonic clock."""
    return round((time.monotonic() - started) * 1000)
