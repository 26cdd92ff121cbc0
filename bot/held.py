"""What a model's cache holds of the prompts it read, in the chunks in which they were read. Knows no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

Chunk = tuple[int, ...]
_uses = count(1)


@dataclass(slots=True)
class Held:
    """One stream of the cache: the chunks in it, and after how many of them a prompt ended with which logits."""

    chunks: list[Chunk] = field(default_factory=list)
    end: tuple[int, NDArray[numpy.float32]] | None = None
    used: int = 0  # larger is later

    def length(self, count: int | None = None) -> int:
        """Return how many tokens the first `count` chunks have, or all."""
        return sum(map(len, self.chunks[:count]))

    def count_common(self, wanted: Sequence[Chunk]) -> int:
        """Return how many chunks at the beginning are those wanted."""
        for number, (left, right) in enumerate(zip(self.chunks, wanted, strict=False)):
            if left != right:
                return number
        return min(len(self.chunks), len(wanted))

    def cut(self, count: int) -> None:
        """Forget all but the first `count` chunks."""
        del self.chunks[count:]
        if self.end is not None and self.end[0] > count:
            self.end = None


def choose_stream(streams: Sequence[Held], wanted: Sequence[Chunk]) -> int:
    """Return the number of the stream to read `wanted` into: the one that holds most of it, or else the longest unused.

    It counts as used from now on.
    """
    best = max(range(len(streams)), key=lambda number: (streams[number].count_common(wanted), -streams[number].used))
    streams[best].used = next(_uses)
    return best
