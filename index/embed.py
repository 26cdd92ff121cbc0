"""Text to unit vectors: what every embedder promises, the reference, and a fake.

The reference is sentence-transformers, which only this module imports. What a reader's machine computes with is
chosen by index/embed_choice.py and agrees with it. None of them knows of articles: what is put before a passage (its
title, say) is the caller's choice, and part of the archive's fingerprint there.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelCorrupt
from index.model_folder import ModelFolder

Matrix = NDArray[np.float32]  # (n, dimension), rows of length 1


class Embedder(Protocol):
    """Text to unit vectors whose dot product is the cosine."""

    @property
    def fingerprint(self) -> str:
        """Name the weights and the pooling; two embedders with the same one give the same vectors."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Return how many tokens of a text are read, special tokens not counted; the rest is cut silently."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, shape (len(texts), dimension), in order."""


class SentenceTransformerEmbedder:
    """The embedder of a sentence-transformers folder on this machine; nothing is fetched.

    The weights are loaded when they are first needed, and the tokenizer apart from them: counting tokens
    costs no import of torch. With `exact` they are computed in float32 whatever the processor can.
    """

    def __init__(self, folder: Path | ModelFolder, *, name: str = "", exact: bool = False) -> None:
        self._folder = folder if isinstance(folder, ModelFolder) else ModelFolder(folder, name=name)
        self._exact = exact
        self._loading = Lock()

    @property
    def fingerprint(self) -> str:
        """Return the model's name and the first half of its weights' SHA-256."""
        return self._folder.fingerprint

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        size = self._model.get_embedding_dimension()
        return int(size)

    @property
    def max_tokens(self) -> int:
        """Return how many tokens of a text are read, the two special tokens not counted."""
        return int(self._model.max_seq_length) - 2

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return self._folder.tokens.count(texts)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, shape (len(texts), dimension), in order."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = self._model.encode(list(texts), batch_size=32, convert_to_numpy=True, show_progress_bar=False)
        # Once more in float32: what bfloat16 calls a unit is up to 0.3 percent off, and a cosine could pass 1.
        return to_unit_rows(np.asarray(rows, dtype=np.float32))

    @property
    def _model(self) -> Any:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # it draws a bar for 0.1 s of loading
        # 2.5 times the passages a second where the processor computes in bfloat16, and the vectors stay the
        # same: mean cosine 1.000 to float32's, so both kinds of machine may share an archive.
        has_bfloat16 = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)() and not self._exact
        kind = {"torch_dtype": torch.bfloat16 if has_bfloat16 else torch.float32, "use_safetensors": True}
        path = self._folder.path
        try:
            return SentenceTransformer(str(path), device="cpu", local_files_only=True, model_kwargs=kind)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
            raise ModelCorrupt(
                f"The embedding model in {path} does not load: {error}", "byline models verify"
            ) from error


def to_unit_rows(rows: Matrix) -> Matrix:
    """Return the rows, each divided by its length."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(lengths > 0, lengths, 1))


_WORD = re.compile(r"\w+")


class WordHashEmbedder:
    """A fake for speed: a bag of words hashed into a few dimensions, the same on every machine.

    Texts that share words are near each other, and that is all it knows of meaning.
    """

    dimension = 64
    max_tokens = 254
    fingerprint = "word-hash-64"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text; a text without words is the first axis."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.casefold()):
                digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
                row[int.from_bytes(digest, "big") % self.dimension] += 1.0
            length = math.sqrt(float(row @ row))
            row[:] = row / length if length else np.eye(1, self.dimension, dtype=np.float32)[0]
        return rows
