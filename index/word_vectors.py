"""The vectors of a model's tokens, looked up in the file of its weights, of which only what is asked for is read.

In a graph they are its largest constant, half of MiniLM's weights, and OpenVINO holds a constant twice.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelCorrupt

_WORDS = "embeddings.word_embeddings.weight"
_HEAD = 8  # bytes that tell how many of JSON follow; the numbers stand after it (safetensors' format)
_KINDS = {"F32": "<f4", "F16": "<f2"}


class WordVectors:
    """The rows of a safetensors file, one a token, mapped into memory; several threads may look up at once.

    `open_word_vectors` is for whoever may not be the only one to map the file.
    """

    def __init__(self, path: Path) -> None:
        """Map the file; raises ModelCorrupt where it holds no such rows."""
        try:
            self._rows = _map(path)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ModelCorrupt(f"{path} holds no word vectors: {error}", "byline models verify") from error

    def look_up(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of the tokens of these numbers: of the shape of `ids`, and their width."""
        return self._rows.take(ids, axis=0).astype(np.float32, copy=False)


@lru_cache(maxsize=4)
def open_word_vectors(path: Path) -> WordVectors:
    """Return the word vectors of the file, mapped once however many models are built on them."""
    return WordVectors(path)


def _map(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_HEAD), "little")
        if size > path.stat().st_size:
            raise ValueError("its head is longer than the file")
        told = json.loads(file.read(size))
    # Some publishers keep the head's name before every weight.
    entry = told.get(_WORDS) or told[f"bert.{_WORDS}"]
    rows, width = entry["shape"]
    start = _HEAD + size + entry["data_offsets"][0]
    mapped = np.memmap(path, dtype=_KINDS[entry["dtype"]], mode="r", offset=start, shape=(rows, width))
    return np.asarray(mapped)
