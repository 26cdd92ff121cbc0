"""Parts of a prompt to tokens, so that only the template's own text makes special ones. Knows no model's library.

Ordinary text on both sides of a seam is tokenized as one run, so the tokens are those the model was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.template import Part


@dataclass(frozen=True, slots=True)
class Special:
    """A token that stands for itself and not for the letters of its text."""

    token: int
    text: str
    control: bool = True  # False: a user-defined token, which tokenizers match in any text
    strips_left: bool = False  # it takes the blank before it
    strips_right: bool = False  # it takes the blank after it


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in tokens. `tail` is the ordinary text after its last special token, already among the tokens.

    `marks` are the control tokens the template wrote: one of them in an answer opens another speaker's turn.
    """

    tokens: tuple[int, ...]
    tail: str
    marks: frozenset[int]


class Vocabulary:
    """A model's special tokens and its tokenizer for ordinary text; `begin` is what every prompt starts with."""

    def __init__(
        self, specials: tuple[Special, ...], tokenize: Callable[[str], list[int]], *, begin: int | None = None
    ) -> None:
        self._specials = {special.text: special for special in specials}
        self._tokenize = tokenize
        self._begin = begin
        self._any_special = _match_any(list(self._specials))
        # Only what is markup by its look is taken apart in texts: Gemma's list also has runs of line ends.
        self._markup = _match_any([text for text in self._specials if re.fullmatch(r"[<\[].+[>\]]", text, re.DOTALL)])

    def read_text(self, text: str) -> list[int]:
        """Return the tokens of untrusted text; none of them is a special one whose text is markup."""
        tokens: list[int] = []
        start = 0
        # Tokenizers match user-defined tokens in any text, so a text that spells one is cut after its first letter.
        while found := self._markup.search(text, start):
            tokens += self._tokenize(text[start : found.start() + 1])
            start = found.start() + 1
        return tokens + self._tokenize(text[start:]) if text[start:] else tokens

    def read_parts(self, parts: tuple[Part, ...]) -> Prompt:
        """Return the prompt that the parts make, with the begin token once."""
        tokens: list[int] = []
        marks: set[int] = set()
        run = ""
        strip = False
        for piece, special in self._cut(parts):
            if special is None:
                run += piece.lstrip() if strip and not run else piece
                continue
            tokens += self.read_text(run.rstrip() if special.strips_left else run)
            tokens.append(special.token)
            marks |= {special.token} if special.control else set()
            run, strip = "", special.strips_right
        tokens += self.read_text(run)
        if self._begin is not None and tokens[:1] != [self._begin]:
            tokens.insert(0, self._begin)
        return Prompt(tuple(tokens), run, frozenset(marks))

    def continue_text(self, before: str, text: str) -> list[int]:
        """Return the tokens that `text` adds after `before`, whose own tokens stay as they are."""
        first = self.read_text(before)
        both = self.read_text(before + text)
        return both[len(first) :] if both[: len(first)] == first else self.read_text(text)

    def _cut(self, parts: tuple[Part, ...]) -> list[tuple[str, Special | None]]:
        """Return ordinary stretches and special tokens in order."""
        pieces: list[tuple[str, Special | None]] = []
        for part in parts:
            found = self._any_special.split(part.text) if part.trusted else [part.text]
            pieces += [(text, self._specials[text] if index % 2 else None) for index, text in enumerate(found) if text]
        return pieces


def _match_any(texts: list[str]) -> re.Pattern[str]:
    longest_first = sorted((text for text in texts if text), key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "(?!)")
