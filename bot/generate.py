"""A prompt to text, one token at a time: the protocol, and the fake that stands in for a model.

The real one is bot/llama.py. Nothing here knows where a model comes from or what is asked of it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event as Flag
from typing import Literal, Protocol

from bot.records import EXTRACTION
from index.errors import GenerationError

Ending = Literal["", "length", "repeated"]


@dataclass(frozen=True, slots=True)
class Message:
    """One part of a prompt. Its text can never be read as a special token of the model."""

    role: str  # "system", "user" or "assistant"
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of generated text.

    `ending` is set on a last, empty piece when the model did not end the text itself: it came to
    `max_tokens` or to the context's end ("length"), or went round in a circle ("repeated").
    """

    text: str
    tokens: int  # how many tokens this piece is, usually 1
    ending: Ending = ""
    logprob: float | None = 0.0  # natural logarithm of the probability the model gave its tokens; None: it tells none


class Generator(Protocol):
    """A model that continues a prompt; one generation at a time."""

    @property
    def name(self) -> str:
        """Return the model's name, as models.txt or its file has it."""

    @property
    def context(self) -> int:
        """Return how many tokens the prompt and the text may have together."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` takes inside a prompt."""

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many tokens the whole prompt takes, the template's own included."""

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield the continuation at temperature 0 until the model ends it or `max_tokens`.

        `prefill` is text the answer is made to begin with; it is not yielded. Setting `stop` ends the
        iteration within one token, also while the prompt is still being read. Raises GenerationError.
        """

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return the probability that the next token begins each of `candidates`; all 0 when `stop` was set.

        Costs the reading of the prompt only; what a following `generate` shares with it is not read again.
        """


class NoModel:
    """A Generator for answering without a model: it is never asked to read, and writes nothing."""

    name = EXTRACTION
    context = 1 << 20  # words: any question can be read, and every passage

    def count_tokens(self, text: str) -> int:
        """Return how many words `text` has."""
        return len(text.split())

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many words the messages have."""
        return sum(self.count_tokens(message.text) for message in messages)

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield nothing."""
        return iter(())

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return 0 for each candidate."""
        return (0.0,) * len(candidates)


class AwaitedGenerator:
    """A Generator that is still being loaded: its name is known, and whoever asks it for anything else waits.

    What loading it raises is raised to each who asks.
    """

    def __init__(self, name: str, wait: Callable[[], Generator]) -> None:
        self.name = name
        self._wait = wait

    @property
    def context(self) -> int:
        """Return how many tokens the prompt and the text may have together."""
        return self._wait().context

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` takes inside a prompt."""
        return self._wait().count_tokens(text)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many tokens the whole prompt takes, the template's own included."""
        return self._wait().count_prompt(messages)

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield the continuation that the model gives."""
        return self._wait().generate(messages, max_tokens=max_tokens, prefill=prefill, stop=stop)

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return the probabilities that the model gives."""
        return self._wait().first_token_probabilities(messages, candidates, prefill=prefill, stop=stop)


def share_of_yes(generator: Generator, messages: tuple[Message, ...], stop: Flag | None) -> float:
    """Return the probability that the model answers Yes, of Yes and No alone; 0 when it would say neither."""
    yes, no = generator.first_token_probabilities(messages, ("Yes", "No"), stop=stop)
    return yes / (yes + no) if yes + no else 0.0


class ScriptedGenerator:
    """A Generator that answers from a queue of replies, a word a piece, and keeps the prompts it was given."""

    def __init__(
        self,
        replies: Iterable[str] = (),
        *,
        probabilities: Mapping[str, float] | None = None,
        fail_after: int | None = None,
        context: int = 4096,
        name: str = "scripted",
    ) -> None:
        self._replies = deque(replies)
        self._probabilities = dict(probabilities or {})
        self._fail_after = fail_after
        self._context = context
        self._name = name
        self.prompts: list[tuple[Message, ...]] = []
        self.prefills: list[str] = []

    @property
    def name(self) -> str:
        """Return the name it was given."""
        return self._name

    @property
    def context(self) -> int:
        """Return the context it was given, in words."""
        return self._context

    def count_tokens(self, text: str) -> int:
        """Return how many words `text` has."""
        return len(text.split())

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """Return how many words the messages have, and one more each for the role."""
        return sum(1 + self.count_tokens(message.text) for message in messages)

    def generate(
        self, messages: tuple[Message, ...], *, max_tokens: int, prefill: str = "", stop: Flag | None = None
    ) -> Iterator[Piece]:
        """Yield the next reply's words; raise GenerationError after `fail_after` of them or with no reply left."""
        self._record(messages, prefill)
        if not self._replies:
            raise GenerationError("the scripted generator has no reply left")
        words = re.findall(r"\s*\S+", self._replies.popleft())
        for count, word in enumerate(words):
            if stop is not None and stop.is_set():
                return
            if count == self._fail_after:
                raise GenerationError("the scripted generator fails here")
            if count == max_tokens:
                yield Piece("", 0, "length")
                return
            yield Piece(word, 1)

    def first_token_probabilities(
        self,
        messages: tuple[Message, ...],
        candidates: tuple[str, ...],
        *,
        prefill: str = "",
        stop: Flag | None = None,
    ) -> tuple[float, ...]:
        """Return the probability it was given for each candidate, else 0; all 0 when `stop` is set."""
        self._record(messages, prefill)
        if stop is not None and stop.is_set():
            return (0.0,) * len(candidates)
        return tuple(self._probabilities.get(candidate, 0.0) for candidate in candidates)

    def _record(self, messages: tuple[Message, ...], prefill: str) -> None:
        self.prompts.append(messages)
        self.prefills.append(prefill)
