"""Text to unit vectors by a graph and what runs it; knows neither of the runtimes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.embed import Matrix, to_unit_rows
from index.model_folder import ModelFolder
from index.word_vectors import WordVectors

WORDS_IN, MASK_IN = "word_vectors", "attention_mask"  # what a graph calls the two of a batch
# The vectors of the tokens (batch, length, width), and 1 where there is a token, 0 where there is none (batch, length).
Batch = tuple[NDArray[np.float32], NDArray[np.float32]]

# Texts computed at once. A batch is as long as its longest, so that few of like length waste least; more than 16
# gain nothing on a processor, and their scores (16 × 12 × 256² × 4 bytes) no longer fit its cache.
AT_ONCE = 16


class Runner(Protocol):
    """What computes a graph's vectors. Several threads may use one at the same time."""

    def run(self, batches: Iterable[Batch]) -> list[Matrix]:
        """Return what the graph gives for every batch, in order; of thousands of batches a few are held at a time."""


class GraphEmbedder:
    """The embedder of a model's folder, its vectors computed by `runner`.

    A vector depends on its neighbours in a batch by rounding alone: cosine 1 - 1e-6 in float32, 1 - 1e-4 in bfloat16.
    """

    def __init__(self, folder: ModelFolder, runner: Runner) -> None:
        self._folder = folder
        self._runner = runner
        self._words = folder.word_vectors
        self.fingerprint = folder.fingerprint
        self.dimension = folder.dimension
        self.max_tokens = folder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return self._folder.tokens.count(texts)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, shape (len(texts), dimension), in order."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        encoded = self._folder.tokens.encode(texts, self.max_tokens)
        by_length = sorted(range(len(texts)), key=lambda place: -len(encoded[place]))
        groups = [by_length[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        found = self._runner.run(pad([encoded[place] for place in group], self._words) for group in groups)
        for group, vectors in zip(groups, found, strict=True):
            rows[group] = vectors
        return to_unit_rows(rows)


def pad(encoded: Sequence[Sequence[int]], words: WordVectors) -> Batch:
    """Return the tokens of several texts, given as numbers, as one batch."""
    ids = np.zeros((len(encoded), max(map(len, encoded))), dtype=np.int64)
    mask = np.zeros(ids.shape, dtype=np.float32)  # not ids != 0: the text "[PAD]" is read as that token
    for row, numbers in enumerate(encoded):
        ids[row, : len(numbers)] = numbers
        mask[row, : len(numbers)] = 1
    return words.look_up(ids), mask
