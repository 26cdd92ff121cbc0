"""What a collection of Chroma may not say of itself: an archive can come from a stranger, and its folder is data.

Chroma 1.5.9 makes the embedding function that a collection names, from what the collection says, when rows are added to
it: sentence-transformers with any folder and `trust_remote_code` is one of them, and runs what lies there. Byline's
collections name none. Its HNSW folder's pickle is read by Rust, which resolves no names. Knows nothing of chromadb.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NONE_MADE = (None, "legacy", "unknown")  # Chroma's words for a function that is not to be made


def refuse_functions(collection: Any) -> Any:
    """Return a collection that names no embedding function, or raise ValueError."""
    # What Chroma itself will read, not the file: the two may be parsed differently.
    model = collection._model
    if names_function(model.serialized_schema) or names_function(model.configuration_json):
        raise ValueError("the collection names an embedding function, which Byline's never do")
    return collection


def names_function(told: object) -> bool:
    """True when anywhere in a JSON value an embedding function is named that Chroma would make."""
    if isinstance(told, Mapping):
        named = told.get("embedding_function")
        if named is not None and (not isinstance(named, Mapping) or named.get("type") not in _NONE_MADE):
            return True
        return any(names_function(value) for value in told.values())
    return isinstance(told, list | tuple) and any(names_function(value) for value in told)
