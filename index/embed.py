"""Text to unit vectors. The only importer of sentence-transformers.

Knows nothing of articles: what is put before a passage (its title, say) is the caller's choice, and part
of the archive's fingerprint there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
