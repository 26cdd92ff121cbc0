"""The reader that ships with Byline, computed over the word vectors of the default embedder.

Its weights (reader.safetensors, 11 MB) are those that differ from the embedder's, as whole numbers of eight bits with a
scale a row: the scores of 300 passages differ by .02 on average from those in half precision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from bot.models import default_model, derived_folder, find_model, verified_weights
from bot.reader import Ends
from index.bert_graph import write_reader_graph
from index.embed_choice import RUNNERS, load_runner
from index.embed_graph import Runner, pad
from index.embed_prepare import put_graph
from index.errors import ModelCorrupt, ModelError
from index.model_folder import ModelFolder
from index.tokens import Pair

MOST = 320  # tokens of a question with title and passage, as it was taught
AT_ONCE = 3  # passages of a batch: each batch is one core's
FORMAT = "v2"  # of the graph: whoever changes it counts it up


class ReaderModel:
    """A Reader whose graph a runner computes."""

    def __init__(self, folder: ModelFolder, runner: Runner) -> None:
        self._tokens = folder.tokens
        self._words = folder.word_vectors
        self._runner = runner

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Ends]:
        """Return what it says of each passage, given as title and text."""
        texts = [f"{title}\n{text}" for title, text in passages]
        pairs = self._tokens.encode_pairs(question, texts, MOST)
        order = sorted(range(len(pairs)), key=lambda n: -len(pairs[n].ids))
        groups = [order[at : at + AT_ONCE] for at in range(0, len(order), AT_ONCE)]
        found: dict[int, Ends] = {}
        batches = (pad([pairs[n].ids for n in group], self._words) for group in groups)
        for group, rows in zip(groups, self._runner.run(batches), strict=True):
            for n, row in zip(group, rows, strict=True):
                found[n] = _ends(pairs[n], row, skipped=len(passages[n][0]) + 1)
        return [found[n] for n in range(len(passages))]


def _ends(pair: Pair, row: np.ndarray, *, skipped: int) -> Ends:
    """Return the numbers of the passage's tokens; those of its title tell nothing that could be quoted."""
    begins, ends = np.split(row, 2)
    places = [(start - skipped, end - skipped) for start, end in pair.places]
    titled = sum(end <= 0 for _, end in places)
    inside = slice(pair.opens + titled, pair.opens + len(places))
    return Ends(float(begins[0] + ends[0]), begins[inside], ends[inside], places[titled:])


def open_reader(backend: str) -> ReaderModel | None:
    """Return the reader, computed by the backend that was found sound for the embedder; None where it cannot be.

    It needs the default embedder's word vectors and a graph: without them answers are judged without a reader.
    """
    if backend not in RUNNERS:
        return None
    try:
        name = default_model("embedder").name
        folder = ModelFolder(find_model(name, "embedder"), name=name, weights_hash=verified_weights(name))
        return ReaderModel(folder, _load(backend, folder))
    except (ModelError, OSError):
        return None


def _load(backend: str, folder: ModelFolder) -> Runner:
    """Return what runs the graph; one that does not load is written once more."""
    graph = _graph_of(folder)
    try:
        return load_runner(backend, graph)
    except ModelCorrupt:
        graph.unlink(missing_ok=True)
        return load_runner(backend, _graph_of(folder))


def _graph_of(folder: ModelFolder) -> Path:
    """Return the reader's graph, written where it is not there yet."""
    with as_file(files("bot").joinpath("reader.safetensors")) as weights:
        with weights.open("rb") as file:
            taught = hashlib.file_digest(file, "sha256").hexdigest()
        graph = derived_folder() / f"reader-{taught[:16]}-{folder.weights_hash[:16]}-{FORMAT}.onnx"
        if not graph.is_file():
            graph.parent.mkdir(parents=True, exist_ok=True)
            put_graph(graph, partial(write_reader_graph, folder.path, weights))
    return graph
