"""Where the time of an indexing run goes: the thread that runs it is looked at two hundred times a second.

A stage is told by the module that is at work, so that it survives a function that is renamed, and looking costs the
run about a hundredth. What is done in other threads meanwhile is not seen; waiting for them is.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

EVERY = 0.005  # seconds
OTHER = "the rest"
INDEX = Path(__file__).resolve().parents[2] / "index"

_STAGES: Mapping[str, str] = {
    module: stage
    for stage, modules in {
        "reading": "walk unpack zipped decode read columns markdown html_facts opening byline dates kinds furniture"
        " draft",
        "cutting": "chunk sentences",
        "near-copies": "copies",
        "embedding": "embed",
        "SQLite": "store rows words scan sqlite_errors",
        "Chroma": "vectors current",
        "arrays beside it": "table generation postings",
    }.items()
    for module in modules.split()
}
STAGES = (*dict.fromkeys(_STAGES.values()), OTHER)


def stage_of(frames: Iterable[tuple[Path, str]]) -> str:
    """Return the stage of a stack of (file, function), the innermost first.

    Counting tokens is the embedder's, but what for is cutting.
    """
    for file, function in frames:
        if file.parent != INDEX:
            continue
        if function == "count_tokens":
            return "cutting"
        name = file.stem
        for known in (name, name.split("_")[0]):  # read_html reads, and embed_onnx embeds
            if known in _STAGES:
                return _STAGES[known]
    return OTHER


class Stages:
    """Watches the thread that enters it until it leaves; then `seconds` has the time of each stage."""

    def __init__(self, every: float = EVERY) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(threading.get_ident(),), daemon=True)

    def __enter__(self) -> Self:
        self._last = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self, watched: int) -> None:
        while not self._over.wait(self._every):
            frame = sys._current_frames().get(watched)
            now = time.perf_counter()
            self.seconds[stage_of(_stack(frame))] += now - self._last
            self._last = now

    def shares(self) -> dict[str, float]:
        """Return each stage's share of the time, in the order of the work."""
        whole = sum(self.seconds.values()) or 1.0
        return {stage: self.seconds.get(stage, 0.0) / whole for stage in STAGES}


def _stack(frame: FrameType | None) -> Iterable[tuple[Path, str]]:
    while frame is not None:
        yield Path(frame.f_code.co_filename), frame.f_code.co_name
        frame = frame.f_back
