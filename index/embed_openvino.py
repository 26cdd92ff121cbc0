"""A graph run by OpenVINO, in bfloat16 where the processor computes in it. The only importer of openvino.

OpenVINO sends usage data when its conversion tools are imported, and `import openvino` imports them: they are kept
out, and so is the package that would send.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from index.cores import usable_cores
from index.embed import Matrix
from index.embed_graph import MASK_IN, WORDS_IN, Batch
from index.errors import ModelCorrupt

# Shapes of batches, so many texts of such a length, whose preparation is kept. Each takes 0.8 MB, and by itself
# OpenVINO keeps 5,000: memory then grows with every question (400 shapes: 277 to 613 MB; with 16 it ends at 414, and a
# batch takes 5 % longer).
PREPARED = 16
# Below it, oneDNN keeps 1,024 operations made for their sizes: 11 % of the memory of 1,000 questions in one run, for
# 3 % of the processor's time (150 questions: 124 MB in use, and 102 with 32 kept).
_OPERATIONS = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")
# One call of OpenVINO at a time in a process, whichever graph it runs. Two threads that give their inputs at the same
# time, each to a request of its own, wait for each other for ever: the one holds a lock of OpenVINO's and wants the
# interpreter's, the other has that and wants the first (2026.4.1).
_TURN = Lock()
# The conversion tools, which we have no use for, and the sender. `import openvino` passes over what it may not import.
_KEPT_OUT = ("openvino.tools", "openvino_telemetry")


def openvino_runner(graph: Path, *, threads: int | None = None, exact: bool = False) -> OpenVinoRunner:
    """Return a runner of the graph, in float32 whatever the processor can with `exact`.

    Raises ModelCorrupt when the graph does not load, ImportError without OpenVINO.
    """
    for name in _KEPT_OUT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # the documented way to make an import fail
    os.environ.setdefault(*_OPERATIONS)  # read once, by the first computation
    import openvino

    streams = threads or usable_cores()
    settings: dict[str, int | str] = {
        # A core for each batch: two streams of one thread embed more than one stream of two.
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": streams,
        "ENABLE_CPU_PINNING": False,  # the language model's threads want the same cores
        "CPU_RUNTIME_CACHE_CAPACITY": PREPARED,
    }
    if exact:
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    try:
        with _TURN:
            core = openvino.Core()
            compiled = core.compile_model(core.read_model(graph), "CPU", settings)
    except RuntimeError as error:
        raise ModelCorrupt(f"{graph} does not load in OpenVINO: {error}", "byline models pull") from error
    return OpenVinoRunner(compiled, streams)


class OpenVinoRunner:
    """A compiled graph; one call at a time, the others wait."""

    def __init__(self, compiled: Any, streams: int) -> None:
        self._compiled = compiled
        self._streams = streams

    def run(self, batches: Iterable[Batch]) -> list[Matrix]:
        """Return what the graph gives for every batch, in order."""
        with _TURN:
            return self._run(batches)

    def _run(self, batches: Iterable[Batch]) -> list[Matrix]:
        found: list[Matrix] = []
        under_way: deque[Any] = deque()
        for words, mask in batches:
            if len(under_way) < self._streams:
                request = self._compiled.create_infer_request()
            else:
                request = under_way.popleft()
                found.append(_finish(request))
            # The request keeps the arrays, uncopied, until the next ones are given to it.
            request.start_async({WORDS_IN: words, MASK_IN: mask}, share_inputs=True)
            under_way.append(request)
        return found + [_finish(request) for request in under_way]


def _finish(request: Any) -> Matrix:
    request.wait()
    return np.array(request.get_output_tensor(0).data, dtype=np.float32)  # a copy: the next batch writes there
