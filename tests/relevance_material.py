"""Passages made of sentences, and a similarity that knows no meaning."""

from __future__ import annotations

from collections.abc import Sequence

from bot.records import Evidence
from index.records import Hit, Passage, Source, Span


def no_meaning(text: str, others: Sequence[str]) -> list[float]:
    return [0.0] * len(others)


def passage(*sentences: str, id: str = "p", title: str = "") -> Evidence:
    spans, place = [], 0
    for sentence in sentences:
        spans.append(Span(place, place + len(sentence)))
        place += len(sentence) + 1
    text = " ".join(sentences)
    return Evidence(1, Hit(Passage(id, id, Source(title), 0, len(text), text, tuple(spans)), 0.5, (), ()))
