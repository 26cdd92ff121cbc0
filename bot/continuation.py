"""What a model writes, token by token: bytes to text, and whether it goes round in a circle. Knows no model."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from bot.generate import Piece

_LONGEST_CYCLE = 64  # tokens; two or three sentences
_LEAST_REPEATED = 40  # tokens; a table's or a list's short cells may repeat for less
_LEAST_TIMES = 3


class PieceDecoder:
    """Joins tokens' bytes to pieces of whole characters; a character split over tokens comes with its last one."""

    def __init__(self, *, skip_blank: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._skip_blank = skip_blank  # many tokenizers put a space before the first word
        self._waiting = 0
        self._logprob = 0.0

    def add(self, data: bytes, logprob: float = 0.0) -> Piece | None:
        """Return the piece that the token's bytes complete, or None while a character is incomplete."""
        text = self._decoder.decode(data)
        self._waiting += 1
        self._logprob += logprob
        if self._skip_blank:
            text = text.lstrip()
        if not text:
            return None
        piece = Piece(text, self._waiting, logprob=self._logprob)
        self._skip_blank = False
        self._waiting, self._logprob = 0, 0.0
        return piece


def ends_in_circle(tokens: Sequence[object]) -> bool:
    """Return whether the end is one run of tokens, of any length to 64, at least three times and 40 tokens over."""
    for cycle in range(1, min(_LONGEST_CYCLE, len(tokens) // _LEAST_TIMES) + 1):
        if tokens[-1] != tokens[-1 - cycle]:
            continue
        length = max(_LEAST_REPEATED, _LEAST_TIMES * cycle)
        end = tokens[-length:]
        if len(end) == length and end[cycle:] == end[:-cycle]:
            return True
    return False
