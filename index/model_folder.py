"""What a sentence-transformers folder says of its model, read without loading it."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelCorrupt, ModelMissing
from index.tokens import Tokens
from index.word_vectors import WordVectors, open_word_vectors

_SPECIAL = 2  # one token before every text and one after it


class ModelFolder:
    """A folder with an embedding model: its name, its limits, its tokenizer and the hash of its weights.

    `weights_hash` is given where somebody has verified it: reading 90 MB for it takes 0.1 s on an idle machine and
    1 s on a busy one, at every start.
    """

    def __init__(self, path: Path, *, name: str = "", weights_hash: str = "") -> None:
        if not (path / "modules.json").is_file():
            raise ModelMissing(f"No embedding model in {path}.", "byline models pull")
        self.path = path
        self.name = name or path.name
        self.tokens = Tokens(path)
        self._known_hash = weights_hash

    @property
    def fingerprint(self) -> str:
        """Return the model's name and the first half of its weights' SHA-256."""
        return f"{self.name}@{self.weights_hash[:16]}"

    @cached_property
    def weights_hash(self) -> str:
        """Return the SHA-256 of the weights."""
        if self._known_hash:
            return self._known_hash
        try:
            with (self.path / "model.safetensors").open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise self._corrupt(f"model.safetensors: {error.strerror}") from error

    @cached_property
    def word_vectors(self) -> WordVectors:
        """Return the vectors of the model's tokens."""
        return open_word_vectors(self.path / "model.safetensors")

    @cached_property
    def max_tokens(self) -> int:
        """Return how many tokens of a text are read, the two special tokens not counted."""
        most = self._count("config.json", "max_position_embeddings", 512)
        return min(most, self._count("sentence_bert_config.json", "max_seq_length", most)) - _SPECIAL

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return self._count("config.json", "hidden_size", 0)

    def _count(self, name: str, key: str, usual: int) -> int:
        """Return the count that a file of the folder gives, or the usual one where it gives none."""
        count = self._read(name).get(key) or usual
        if not isinstance(count, int) or count <= _SPECIAL:
            raise self._corrupt(f"{name} gives no {key}")
        return count

    def _corrupt(self, why: str) -> ModelCorrupt:
        return ModelCorrupt(f"The embedding model in {self.path} does not load: {why}", "byline models verify")

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._corrupt(f"{name}: {error}") from error
        return found if isinstance(found, dict) else {}
