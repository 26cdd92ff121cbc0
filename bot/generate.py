"""A prompt to text, one token at a time. The only importer of llama.cpp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event as Flag
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One part of a prompt. Its text can never be read as a special token of the model."""

    role: str  # "system", "user" or "assistant"
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of generated text."""

    text: str
    tokens: int  # how many tokens this piece is, usually 1


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
        self, messages: tuple[Message, ...], candidates: tuple[str, ...], *, prefill: str = ""
    ) -> tuple[float, ...]:
        """Return the probability that the next token begins each of `candidates`.

        Costs the reading of the prompt only; what a following `generate` shares with it is not read again.
        """
