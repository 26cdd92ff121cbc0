"""Texts to the tokens of a model, counted or as numbers. The only importer of tokenizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelCorrupt


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a text as numbers of tokens; `places[n]` is where token `opens + n` stands in the text."""

    ids: list[int]
    opens: int
    places: list[tuple[int, int]]


class Tokens:
    """The tokenizer of a model's folder, loaded when it is first needed; counting costs no import of torch."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tokenizer.json"

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def encode(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Return the numbers of each text's tokens with the two special ones, at most `most` and those two.

        They are what sentence-transformers makes of the text: the end of a longer one goes, its last special
        token stays.
        """
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=True)
        return [ids if len(ids) <= most + 2 else [*ids[: most + 1], ids[-1]] for ids in (one.ids for one in encodings)]

    def encode_pairs(self, question: str, texts: Sequence[str], most: int) -> list[Pair]:
        """Return the question with each text, at most `most` tokens with the three special ones: the text's end goes.

        Nothing of the texts is left where the question alone is too long.
        """
        encodings = self._tokenizer.encode_batch([(question, text) for text in texts], add_special_tokens=True)
        return [_cut(encoding, most) for encoding in encodings]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._path))
        except Exception as error:  # tokenizers has no errors of its own
            raise ModelCorrupt(f"The tokenizer {self._path} does not load: {error}", "byline models verify") from error
        tokenizer.no_truncation()  # the file asks for 128 tokens, and a count that stops there is no count
        tokenizer.no_padding()
        return tokenizer


def _cut(encoding: Any, most: int) -> Pair:
    """Return the encoding of a pair without what is too long for it; the last special token stays."""
    ids = encoding.ids if len(encoding.ids) <= most else [*encoding.ids[: most - 1], encoding.ids[-1]]
    opens = encoding.sequence_ids.index(1) if 1 in encoding.sequence_ids else len(ids) - 1
    return Pair(ids, min(opens, len(ids) - 1), encoding.offsets[opens : len(ids) - 1])
