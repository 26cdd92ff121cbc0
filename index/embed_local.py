"""The embedder of a model's folder, computed by what is fastest on this machine; chosen when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from index.bert_graph import can_write_graph
from index.embed import Embedder, Matrix, SentenceTransformerEmbedder
from index.embed_choice import BACKENDS, TORCH, Choice, derived_files, load_runner, read_choice
from index.embed_graph import GraphEmbedder
from index.embed_prepare import prepare
from index.errors import ModelError, UsageError
from index.model_folder import ModelFolder


class LocalEmbedder:
    """An Embedder that counts tokens and knows its limits at once, and loads its weights for the first vector.

    `derived` is the folder for files made from the model; without files for this processor they are made, and `tell`
    hears of it. A `backend` of BACKENDS is used as asked or raises; "" is the choice for this processor.
    """

    def __init__(
        self, folder: ModelFolder, *, derived: Path, backend: str = "", tell: Callable[[str], None] = lambda text: None
    ) -> None:
        if backend and backend not in BACKENDS:
            raise UsageError(f"There is no embedding backend {backend!r}.", f"one of {', '.join(BACKENDS)}")
        self._folder = folder
        self._derived = derived
        self._asked = backend
        self._tell = tell
        self._loading = Lock()
        self._loaded: tuple[str, Embedder] | None = None

    @property
    def fingerprint(self) -> str:
        """Return the model's name and the first half of its weights' SHA-256, whatever computes them."""
        return self._folder.fingerprint

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return self._folder.dimension

    @property
    def max_tokens(self) -> int:
        """Return how many tokens of a text are read, the two special tokens not counted."""
        return self._folder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""
        return self._folder.tokens.count(texts)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, shape (len(texts), dimension), in order."""
        return self._load()[1].embed(texts)

    def warm(self) -> None:
        """Load the weights now and compute once, so that the first question does not wait for them."""
        self.embed(["warm"])

    @property
    def backend(self) -> str:
        """Return the name of what computes the vectors, loading it."""
        return self._load()[0]

    @property
    def choice(self) -> Choice | None:
        """Return what was chosen for this processor; None before it was."""
        if not can_write_graph(self._folder.path):
            return Choice(TORCH, why="it is not a BERT with mean pooling")
        return read_choice(derived_files(self._folder, self._derived))

    def prepare(self, *, again: bool = False) -> Choice:
        """Make the derived files for this processor unless they are there, and return the choice.

        With `again` a choice that only something amiss has led to is made anew.
        """
        choice = self.choice
        if choice and again and choice.why and can_write_graph(self._folder.path):
            choice = None
        return choice or self._prepare()

    def _prepare(self) -> Choice:
        return prepare(self._folder, self._derived, self._tell)

    def _load(self) -> tuple[str, Embedder]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load_graph() or (TORCH, SentenceTransformerEmbedder(self._folder))
            return self._loaded

    def _load_graph(self) -> tuple[str, Embedder] | None:
        """Return what runs the graph; None where torch is asked for, chosen or all that is left."""
        if self._asked == TORCH:
            return None
        graph = derived_files(self._folder, self._derived).graph
        for find_choice in (self.prepare, self._prepare):  # a graph that does not load is written once more
            backend = self._asked or find_choice().backend
            if backend == TORCH:
                return None
            try:
                if self._asked and not graph.is_file():
                    find_choice()
                return backend, GraphEmbedder(self._folder, load_runner(backend, graph))
            except ModelError as error:
                failed = error
        if self._asked:
            raise failed
        self._tell(f"{failed.wrong}; torch computes instead")
        return None
