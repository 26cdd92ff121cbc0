"""One question after another, warm: when each step was reached, against what the model can do when called bare.

The bare model is a second engine over the same file, given random tokens of the same length in the same turn; its
cache never holds what it is given, Byline's holds what the question before left there. Questions are asked at
strictness 0, so that each that finds something is written. Knows nothing of whether the answers are right.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measured import Figure, Measured, percentile

from bot.app import Desk
from bot.engine import CHUNK, Engine
from bot.models import find_model
from bot.questions import EvalQuestion
from bot.records import Answer, Event, Found, Question, Stage, Token
from bot.settings import Settings
from bot.terminal import tell

ROW = "answering"
WARMING = "What is this archive about?"
LEAST_WRITTEN = 8  # tokens below which a speed of writing says nothing
STEPS = ("evidence", "reading", "writing", "first token", "checking", "answer")
PARTS = ("found", "chosen", "read and probed", "first token", "written", "checked")  # what ends with each step


@dataclass(frozen=True, slots=True)
class Bare:
    """What the model alone took for the same number of tokens: seconds to read them, and tokens a second after."""

    read: float
    rate: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: seconds from asking to each of its steps, its tokens, and the bare model beside it."""

    seconds: Mapping[str, float]
    prompt_tokens: int
    answer_tokens: int
    bare: Bare | None = None

    @property
    def rate(self) -> float | None:
        """Return the tokens a second after the first; None for too few."""
        if self.answer_tokens < LEAST_WRITTEN:
            return None
        return (self.answer_tokens - 1) / (self.seconds["last token"] - self.seconds["first token"])

    @property
    def checking(self) -> float:
        """Return which share of its time the answer waited to be checked, from the last token on."""
        return (self.seconds["answer"] - self.seconds["last token"]) / self.seconds["answer"]


def measure(archive: Path, questions: Sequence[EvalQuestion], *, model: str, with_busy: bool = True) -> Measured:
    """Return the figures of asking the questions, idle and with a busy neighbour, and every step's time."""
    settings = Settings(archive, model=model, strictness=0.0)
    with Desk.open(settings, any_fingerprint=True) as desk:
        desk.warm()
        engine = Engine(find_model(model or None, "generator"), context=desk.generator.context, threads=None)
        follow(desk.ask(Question(WARMING, questions[0].to_question().asked_on)))
        idle = [asked for asked in ask_all(desk, questions, engine) if asked]
        busy: list[Asked] = []
        if with_busy:
            with busy_neighbour():
                busy = [asked for asked in ask_all(desk, questions, None) if asked]
        engine.close()
    return Measured(tuple(figures(idle, busy)), {"idle": idle, "busy": busy, "of": len(questions)})


def ask_all(desk: Desk, questions: Sequence[EvalQuestion], engine: Engine | None) -> Iterator[Asked | None]:
    """Yield what each question took, None for one that was not written; the bare model's turn comes after each."""
    for number, question in enumerate(questions, start=1):
        asked = follow(desk.ask(question.to_question()))
        if asked and engine:
            asked = replace(asked, bare=bare(engine, asked.prompt_tokens, asked.answer_tokens, seed=number))
        tell(f"answering, {number} of {len(questions)}: {asked or 'nothing was written'}")
        yield asked


def follow(events: Iterator[Event]) -> Asked | None:
    """Return when the events of one question came; None where no word was written."""
    started, seen = time.perf_counter(), {}
    for event in events:
        now = time.perf_counter() - started
        match event:
            case Found():
                seen["evidence"] = now
            case Stage(name) if name != "searching":
                seen[name] = now
            case Token():
                seen.setdefault("first token", now)
                seen["last token"] = now
            case Answer(timings=timings):
                seen["answer"] = now
    if "first token" not in seen:
        return None
    return Asked(seen, timings.prompt_tokens, timings.answer_tokens)


def bare(engine: Engine, prompt: int, written: int, *, seed: int) -> Bare:
    """Return what the engine takes for as many random tokens, in Byline's own chunks, and for writing after them."""
    draw = random.Random(seed)
    prompt = max(1, min(prompt, engine.context - written - 1))
    tokens = [draw.randrange(1000, 20_000) for _ in range(prompt)]  # words, in every vocabulary that is in use
    chunks = [tuple(tokens[start : start + CHUNK]) for start in range(0, len(tokens), CHUNK)]
    started = time.perf_counter()
    engine.read(chunks, None)
    read = time.perf_counter()
    steps = max(written - 1, LEAST_WRITTEN)
    for _ in range(steps):
        engine.step(engine.best_token())
    return Bare(read - started, steps / (time.perf_counter() - read))


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """Keep one core busy with another process while the block lasts."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def figures(idle: Sequence[Asked], busy: Sequence[Asked]) -> list[Figure]:
    """Return the row's figures; none where nothing was written."""
    if not idle:
        return []
    evidence = [asked.seconds["evidence"] * 1000 for asked in idle]
    first = [asked.seconds["first token"] for asked in idle]
    checking = [asked.checking for asked in idle]
    n = len(idle)
    found = [
        Figure(ROW, "evidence, median", statistics.median(evidence), "ms", n, goal=150.0),
        Figure(ROW, "evidence, 95 of 100 within", percentile(evidence, 0.95), "ms", n),
        Figure(ROW, "first token, median", statistics.median(first), "s", n, goal=3.0),
        Figure(ROW, "first token, 95 of 100 within", percentile(first, 0.95), "s", n),
        *_against_bare(idle, first),
        Figure(ROW, "checking, share of the answer's time", statistics.median(checking), "", n, goal=0.05),
        Figure(ROW, "whole answer, median", statistics.median(asked.seconds["answer"] for asked in idle), "s", n),
        Figure(ROW, "prompt, median", statistics.median(asked.prompt_tokens for asked in idle), "tokens", n),
        Figure(ROW, "answer, median", statistics.median(asked.answer_tokens for asked in idle), "tokens", n),
    ]
    return found + _with_neighbour(idle, busy)


def _against_bare(idle: Sequence[Asked], first: Sequence[float]) -> Iterator[Figure]:
    pairs = [(time, asked.bare.read) for time, asked in zip(first, idle, strict=True) if asked.bare]
    if pairs:
        ratio = statistics.median(time / read for time, read in pairs)
        bound = statistics.median(read for _, read in pairs)
        middle = statistics.median(time for time, _ in pairs)
        yield Figure(ROW, "first token", middle, "s", len(pairs), bound, "bare reading of the prompt", ratio, 1.1)
    speeds = [(rate, asked.bare.rate) for asked in idle if asked.bare and (rate := asked.rate)]
    if speeds:
        ratio = statistics.median(rate / bare for rate, bare in speeds)
        ours, theirs = (statistics.median(pair[side] for pair in speeds) for side in (0, 1))
        yield Figure(ROW, "writing", ours, "tokens/s", len(speeds), theirs, "bare speed", ratio, 0.97, "at least")


def _with_neighbour(idle: Sequence[Asked], busy: Sequence[Asked]) -> list[Figure]:
    rates = [rate for asked in busy if (rate := asked.rate)]
    bares = [asked.bare.rate for asked in idle if asked.bare and asked.rate]
    if not rates or not bares:
        return []
    what, bound = "writing beside a busy process", statistics.median(bares)
    value = statistics.median(rates)
    return [Figure(ROW, what, value, "tokens/s", len(rates), bound, "bare speed, idle", goal=0.6, sense="at least")]


def time_line(idle: Sequence[Asked]) -> dict[str, float]:
    """Return the median question's parts in seconds: of each part its median, in order."""
    parts: dict[str, float] = {}
    for before, step, name in zip(("", *STEPS), STEPS, PARTS, strict=False):
        lengths = [asked.seconds[step] - asked.seconds.get(before, 0.0) for asked in idle if step in asked.seconds]
        if lengths:
            parts[name] = statistics.median(lengths)
    return parts
