"""Text from a GGUF model: the real Generator. llama.cpp itself is behind bot/engine.py.

A prompt is evaluated in chunks whose borders depend on the prompt alone, and only whole equal chunks are taken
from the cache. Arithmetic then never depends on what was asked before, so a prompt always gives the same text:
the logits after tokens read one at a time differ by up to 0.6 from those after the same tokens read in chunks.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from bot.continuation import PieceDecoder, ends_in_circle
from bot.engine import CHUNK, Engine
from bot.generate import Message, Piece
from bot.template import CHATML, PLAIN, ChatTemplate
from bot.vocabulary import Prompt, Vocabulary
from index.errors import GenerationError

if TYPE_CHECKING:
    from bot.engine import Logits

_DEFAULT_CONTEXT = 4096
_LEAST_TASK = 8  # tokens after an empty line that are worth a chunk of their own; a template's own end has fewer
_LEAST_HEAD = 8  # tokens before the longest text, likewise
_LEAST_ROOM = 32  # tokens of answer below which a prompt is refused instead of its answer being cut


class LlamaGenerator:
    """A Generator over one GGUF file. Any thread may call it; one generation at a time, the others wait."""

    def __init__(self, engine: Engine, *, name: str) -> None:
        self._engine = engine
        self._name = name
        self._lock = threading.Lock()
        self._vocabulary = Vocabulary(engine.specials(), engine.tokenize, begin=engine.begin)
        texts = {special.text for special in engine.specials()}
        self._template = ChatTemplate(
            engine.metadata("tokenizer.chat_template"),
            bos=engine.text_of(engine.begin_token),
            eos=engine.text_of(engine.end_token),
            fallback=CHATML if {"<|im_start|>", "<|im_end|>"} <= texts else PLAIN,
        )

    @classmethod
    def load(
        cls, path: Path, *, name: str = "", context: int | None = None, threads: int | None = None
    ) -> LlamaGenerator:
        """Return the model in the file, with the smaller of its own context and `context` (4096).

        Raises ModelMissing or ModelCorrupt, saying what the file is instead.
        """
        engine = Engine(path, context=context or _DEFAULT_CONTEXT, threads=threads)
        return cls(engine, name=name or engine.metadata("general.name") or path.stem)

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self._name

    @property
    def context(self) -> int:
        """Return how many tokens the prompt and the text may have together."""
        return self._engine.context

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` takes inside a prompt."""
        return len(self._vocabulary.read_text(text))

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many tokens the whole prompt takes, the template's own included."""
        return len(self._read_prompt(messages).tokens)

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield the continuation at temperature 0; the same prompt always gives the same pieces.

        `max_tokens` is cut to the room that the prompt leaves; with less than 32 tokens of it (or than
        `max_tokens`) GenerationError says so. Closing the iterator early is fine.
        """
        plan = self._plan(messages, prefill)
        room = min(max_tokens, self.context - plan.length)
        if room < min(max_tokens, _LEAST_ROOM):
            raise self._overflow(plan.length)
        with self._turn(stop) as is_mine:
            if is_mine and self._engine.read(plan.chunks, stop):
                yield from self._write(plan, room, stop)

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return the probability that the next token begins each of `candidates`; all 0 when `stop` was set.

        Without a prefill a candidate may begin with or without a space. A following `generate` with the same
        messages and prefill reads nothing again, and with another prefill only that.
        """
        plan = self._plan(messages, prefill)
        if plan.length >= self.context:
            raise self._overflow(plan.length)
        with self._turn(stop) as is_mine:
            if not (is_mine and self._engine.read(plan.chunks, stop)):
                return (0.0,) * len(candidates)
            shares = _softmax(self._engine.logits())
        openings = [self._first_tokens(plan.tail, candidate, bool(prefill)) for candidate in candidates]
        return tuple(float(sum(shares[token] for token in tokens)) for tokens in openings)

    def sequence_logprob(self, messages: tuple[Message, ...], text: str, *, prefill: str = "") -> float:
        """Return the mean log-probability of the tokens of `text` as the continuation; as slow as writing it."""
        plan = self._plan(messages, prefill)
        tokens = self._vocabulary.continue_text(plan.tail, text)
        if not tokens or plan.length + len(tokens) > self.context:
            raise self._overflow(plan.length + len(tokens))
        total = 0.0
        with self._turn(None):
            self._engine.read(plan.chunks, None)
            for number, token in enumerate(tokens):
                if number:
                    self._engine.step(tokens[number - 1])
                total += math.log(max(float(_softmax(self._engine.logits())[token]), 1e-30))
        return total / len(tokens)

    def close(self) -> None:
        """Give the memory back, after the generation that is under way; the object cannot be used afterwards."""
        with self._lock:
            self._engine.close()

    def _read_prompt(self, messages: tuple[Message, ...]) -> Prompt:
        return self._vocabulary.read_parts(self._template.split(messages))

    def _plan(self, messages: tuple[Message, ...], prefill: str) -> _Plan:
        prompt = self._read_prompt(messages)
        added = tuple(self._vocabulary.continue_text(prompt.tail, prefill)) if prefill else ()
        # The prefill begins a chunk of its own, and so does what follows the last empty line: the same articles and
        # question with another task or another prefill are then read only once. So does the text of the last turn:
        # what comes before it is the same in every question.
        head = _before_longest_text(prompt)
        task = max(head, self._after_last_empty_line(prompt.tokens))
        pieces = (prompt.tokens[:head], prompt.tokens[head:task], prompt.tokens[task:], added)
        chunks = [chunk for piece in pieces for chunk in _chunk(piece)]
        return _Plan(chunks, len(prompt.tokens) + len(added), prompt.tail + prefill, prompt.marks, bool(prefill))

    def _after_last_empty_line(self, tokens: tuple[int, ...]) -> int:
        """Return how many tokens come before what follows the last empty line; 0 for a prompt without one."""
        for place in range(len(tokens) - _LEAST_TASK, 0, -1):
            if b"".join(map(self._engine.bytes_of, tokens[max(0, place - 2) : place])).endswith(b"\n\n"):
                return place
        return 0

    def _first_tokens(self, tail: str, candidate: str, has_prefill: bool) -> set[int]:
        spellings = [candidate] if has_prefill else [candidate, f" {candidate}"]
        return {tokens[0] for text in spellings if (tokens := self._vocabulary.continue_text(tail, text))}

    def _overflow(self, length: int) -> GenerationError:
        return GenerationError(
            f"the prompt takes {length:,} tokens of {self._name}'s {self.context:,} and leaves no room for an answer",
            "ask a shorter question, or use a model with a longer context: `byline models list`",
        )

    @contextmanager
    def _turn(self, stop: Flag | None) -> Iterator[bool]:
        """Hold the model alone; False when `stop` was set before the turn came."""
        while not self._lock.acquire(timeout=0.05):
            if stop is not None and stop.is_set():
                yield False
                return
        try:
            yield stop is None or not stop.is_set()
        finally:
            self._lock.release()

    def _write(self, plan: _Plan, room: int, stop: Flag | None) -> Iterator[Piece]:
        """Yield pieces from the logits of the prompt on."""
        decoder = PieceDecoder(skip_blank=not plan.has_prefill)
        written: list[int] = []
        while len(written) < room:
            if written:
                self._engine.step(written[-1])
            token = self._engine.best_token()
            if (stop is not None and stop.is_set()) or token in plan.marks or self._engine.is_end(token):
                return
            written.append(token)
            if piece := decoder.add(self._engine.bytes_of(token), self._engine.logprob(token)):
                yield piece
            if ends_in_circle(written):
                yield Piece("", 0, "repeated")
                return
        yield Piece("", 0, "length")


@dataclass(frozen=True, slots=True)
class _Plan:
    chunks: list[tuple[int, ...]]
    length: int
    tail: str
    marks: frozenset[int]
    has_prefill: bool


def _before_longest_text(prompt: Prompt) -> int:
    """Return how many tokens come before the longest stretch without a token of the template; 0 for a few."""
    borders = [place + 1 for place, token in enumerate(prompt.tokens) if token in prompt.marks]
    ends = [*(border - 1 for border in borders[1:]), len(prompt.tokens)]
    lengths = [(end - start, start) for start, end in zip(borders, ends, strict=True)]
    start = max(lengths, default=(0, 0))[1]
    return start if start >= _LEAST_HEAD else 0


def _chunk(tokens: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tokens[start : start + CHUNK] for start in range(0, len(tokens), CHUNK)]


def _softmax(logits: Logits) -> Logits:
    import numpy

    raised: Logits = numpy.exp(logits - logits.max())
    shares: Logits = raised / raised.sum()
    return shares
