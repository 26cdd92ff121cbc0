"""A graph run by onnxruntime, in float32. The only importer of onnxruntime."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from index.cores import usable_cores
from index.embed import Matrix
from index.embed_graph import MASK_IN, WORDS_IN, Batch
from index.errors import ModelCorrupt


def onnx_runner(graph: Path, *, threads: int | None = None) -> OnnxRunner:
    """Return a runner of the graph; raises ModelCorrupt when it does not load, ImportError without onnxruntime."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    onnxruntime.set_default_logger_severity(3)  # it warns of a missing GPU
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    # Waiting threads do not spin: with a busy neighbour that costs many times what it gains on an idle machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (
        errors.Fail,
        errors.InvalidArgument,
        errors.InvalidGraph,
        errors.InvalidProtobuf,
        errors.NoSuchFile,
        errors.NotImplemented,
        errors.RuntimeException,
    ) as error:
        raise ModelCorrupt(f"{graph} does not load in onnxruntime: {error}", "byline models pull") from error
    return OnnxRunner(session)


class OnnxRunner:
    """A session of onnxruntime, which several threads may run at once."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, batches: Iterable[Batch]) -> list[Matrix]:
        """Return what the graph gives for every batch, in order."""
        return [self._session.run(None, {WORDS_IN: words, MASK_IN: mask})[0] for words, mask in batches]
