"""How near texts are in meaning, by an embedder that reads each text once; the checks only see a function."""

from __future__ import annotations

from collections.abc import Sequence

from bot.support import Similarity
from index.embed import Embedder


def remembering_similarity(embedder: Embedder) -> Similarity:
    """Return a function for the cosines of a text with several; each text is embedded once."""
    known: dict[str, object] = {}

    def cosines(text: str, others: Sequence[str]) -> Sequence[float]:
        unknown = [each for each in dict.fromkeys((text, *others)) if each not in known]
        known.update(zip(unknown, embedder.embed(unknown), strict=True))
        return [float(known[text] @ known[other]) for other in others]  # type: ignore[operator]

    return cosines
