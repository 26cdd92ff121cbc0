"""Texts to the tokens of a model, counted or as numbers. The only importer of tokenizers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelCorrupt


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
