"""What a sentence-transformers folder says of its model, read without loading it."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import ModelCorrupt, ModelMissing
from index.tokens import Tokens

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
        with (self.path / "model.safetensors").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def max_tokens(self) -> int:
        """Return how many tokens of a text are read, the two special tokens not counted."""
        most = self._read("config.json").get("max_position_embeddings", 512)
        named = self._read("sentence_bert_config.json").get("max_seq_length") or most
        return int(min(most, named)) - _SPECIAL

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._read("config.json")["hidden_size"])

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            wrong = f"The embedding model in {self.path} does not load: {name}: {error}"
            raise ModelCorrupt(wrong, "byline models verify") from error
        return found if isinstance(found, dict) else {}
