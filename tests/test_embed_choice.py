"""Which backend is chosen, what is kept of it on the disk, and what happens when that is damaged or read-only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bot.models import verified_weights
from index.embed import Matrix, WordHashEmbedder
from index.embed_choice import RUNNERS, Choice, Derived, Measured, derived_files, mark, read_choice, write_choice
from index.embed_local import LocalEmbedder
from index.embed_prepare import choose, prepare, sample_texts
from index.errors import ModelCorrupt, UsageError
from index.model_folder import ModelFolder

ROOT = Path(__file__).parents[1]
TEXTS = ["the harbour bridge closes", "a robot sorts letters", "ferries run at night"]
EXACT = WordHashEmbedder().embed(TEXTS)
MEASURED = Measured(50.0, 0.9999, 0.999)


class Slow(WordHashEmbedder):
    """The right vectors, or those with `error` added to them, after a while."""

    def __init__(self, seconds: float, error: float = 0.0) -> None:
        self._seconds = seconds
        self._error = error

    def embed(self, texts: list[str]) -> Matrix:
        time.sleep(self._seconds)
        rows = super().embed(texts) + np.float32(self._error)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def files(tmp_path: Path) -> Derived:
    (tmp_path / "graph.onnx").write_bytes(b"a graph")
    return Derived(tmp_path / "graph.onnx", tmp_path / "choice.json")


@pytest.fixture
def folder(minilm_folder: Path) -> ModelFolder:
    return ModelFolder(minilm_folder, name="minilm", weights_hash=verified_weights("all-MiniLM-L6-v2"))


def test_the_fastest_that_is_right_is_chosen() -> None:
    candidates = {"slow": Slow(0.05), "quick": Slow(0.01), "wrong": Slow(0.0, error=0.1), "broken": Slow(0.0, np.nan)}
    choice = choose(candidates, TEXTS, EXACT, (1, 2))
    assert (choice.backend, choice.graph, choice.why) == ("quick", (1, 2), "")
    assert choice.measured["quick"].passages_per_second > 2 * choice.measured["slow"].passages_per_second
    assert choice.measured["wrong"].cosine_mean < 0.999


@pytest.mark.parametrize("candidates", [{}, {"wrong": Slow(0.0, error=0.1)}], ids=["none", "none that is right"])
def test_without_a_right_one_torch_is_left(candidates: dict[str, Slow]) -> None:
    choice = choose(candidates, TEXTS, EXACT, (1, 2))
    assert choice.backend == "torch"
    assert choice.why


def test_sample_passages_are_as_long_as_those_of_articles(folder: ModelFolder) -> None:
    counts = folder.tokens.count(sample_texts())
    assert 180 < np.mean(counts[:16]) < 260
    assert max(counts[16:]) < 30


def test_a_noted_choice_is_read_again(files: Derived) -> None:
    choice = Choice("openvino", mark(files.graph), {"openvino": MEASURED})
    write_choice(files, choice)
    assert read_choice(files) == choice
    assert [path.name for path in files.choice.parent.iterdir() if path.name.endswith(".part")] == []


def test_a_choice_does_not_hold_for_another_graph(files: Derived) -> None:
    write_choice(files, Choice("openvino", mark(files.graph)))
    files.graph.write_bytes(b"another graph")
    assert read_choice(files) is None
    files.graph.unlink()
    assert read_choice(files) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"backend": "openvino"}', "\udcff"])
def test_a_damaged_note_is_no_choice(files: Derived, text: str) -> None:
    files.choice.write_bytes(text.encode(errors="surrogateescape"))
    assert read_choice(files) is None


def test_a_backend_of_a_later_version_is_no_choice(files: Derived) -> None:
    write_choice(files, Choice("abacus", mark(files.graph)))
    assert read_choice(files) is None


def test_the_files_are_named_by_the_weights(folder: ModelFolder, tmp_path: Path) -> None:
    other = ModelFolder(folder.path, weights_hash="0" * 64)
    assert derived_files(folder, tmp_path).graph != derived_files(other, tmp_path).graph
    assert derived_files(folder, tmp_path).graph.name.startswith("53aa51172d142c89-")


def test_the_known_hash_is_the_weights_own(folder: ModelFolder) -> None:
    assert ModelFolder(folder.path).weights_hash == folder.weights_hash


def test_an_unknown_backend_is_a_wrong_use(folder: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="abacus"):
        LocalEmbedder(folder, derived=tmp_path, backend="abacus")


@pytest.fixture
def derived(folder: ModelFolder, minilm_graph: Path, tmp_path: Path) -> Derived:
    """A folder of derived files in which OpenVINO was chosen."""
    files = derived_files(folder, tmp_path)
    files.graph.write_bytes(minilm_graph.read_bytes())
    write_choice(files, Choice("openvino", mark(files.graph), {"openvino": MEASURED}))
    return files


@pytest.mark.parametrize("asked", ["", *RUNNERS, "torch"])
def test_what_is_asked_for_or_chosen_computes(folder: ModelFolder, derived: Derived, asked: str) -> None:
    embedder = LocalEmbedder(folder, derived=derived.graph.parent, backend=asked)
    assert (embedder.fingerprint, embedder.dimension, embedder.max_tokens) == ("minilm@53aa51172d142c89", 384, 254)
    assert embedder.backend == (asked or "openvino")
    near, far, query = embedder.embed([*TEXTS[:2], "When does the bridge close?"])
    assert near @ query > far @ query + 0.2


def test_nothing_is_prepared_where_it_was(folder: ModelFolder, derived: Derived) -> None:
    told: list[str] = []
    embedder = LocalEmbedder(folder, derived=derived.graph.parent, tell=told.append)
    embedder.warm()
    assert embedder.prepare(again=True) == read_choice(derived)
    assert told == []


def test_a_folder_that_cannot_be_written_to_leaves_torch(folder: ModelFolder, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    embedder = LocalEmbedder(folder, derived=tmp_path / "a file" / "derived")
    assert embedder.embed(TEXTS).shape == (3, 384)
    assert embedder.backend == "torch"


def test_a_graph_of_a_folder_that_cannot_be_written_to_is_used(
    folder: ModelFolder, derived: Derived, tmp_path: Path
) -> None:
    derived.choice.unlink()
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("root may write everywhere")
        assert LocalEmbedder(folder, derived=tmp_path).backend in RUNNERS
    finally:
        tmp_path.chmod(0o700)


def test_a_backend_that_was_asked_for_and_does_not_load_is_told(folder: ModelFolder, tmp_path: Path) -> None:
    broken = ModelFolder(_without_weights(folder.path, tmp_path / "broken"), weights_hash="1" * 64)
    with pytest.raises(ModelCorrupt):
        LocalEmbedder(broken, derived=tmp_path, backend="openvino").embed(["x"])


WRITE = """
import sys
from functools import partial
from pathlib import Path
from index.bert_graph import write_graph
from index.embed_prepare import put_graph
put_graph(Path(sys.argv[2]), partial(write_graph, Path(sys.argv[1])))
"""


def test_several_processes_may_write_the_graph_at_once(folder: ModelFolder, minilm_graph: Path, tmp_path: Path) -> None:
    graph = tmp_path / "graph.onnx"
    graph.write_bytes(b"damaged")
    command = [sys.executable, "-c", WRITE, str(folder.path), str(graph)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert graph.read_bytes() == minilm_graph.read_bytes()
    assert list(tmp_path.iterdir()) == [graph]
    before = mark(graph)
    assert subprocess.run(command, cwd=ROOT, check=True).returncode == 0
    assert mark(graph) == before  # the same bytes are left alone


@pytest.mark.slow
def test_a_graph_that_does_not_load_is_made_anew_and_measured(
    folder: ModelFolder, derived: Derived, minilm_graph: Path
) -> None:
    derived.graph.write_bytes(b"damaged, and noted as it is")
    write_choice(derived, Choice("openvino", mark(derived.graph)))
    told: list[str] = []
    embedder = LocalEmbedder(folder, derived=derived.graph.parent, tell=told.append)
    assert embedder.embed(TEXTS).shape == (3, 384)
    assert embedder.backend in RUNNERS
    assert derived.graph.read_bytes() == minilm_graph.read_bytes()
    choice = read_choice(derived)
    assert choice is not None
    assert (choice.backend, choice.why) == (embedder.backend, "")
    assert min(one.cosine_mean for one in choice.measured.values()) > 0.999
    assert [text for text in told if "preparing minilm" in text]


def test_measuring_that_fails_leaves_torch_and_says_why(folder: ModelFolder, derived: Derived, tmp_path: Path) -> None:
    broken = ModelFolder(_without_weights(folder.path, tmp_path / "broken"), weights_hash="1" * 64)
    told: list[str] = []
    choice = LocalEmbedder(broken, derived=tmp_path, tell=told.append).prepare()
    assert choice.backend == "torch"
    assert "measuring failed" in choice.why
    assert choice.why in told[-1]
    assert read_choice(derived_files(broken, tmp_path)) == choice


def _without_weights(model: Path, copy: Path) -> Path:
    for name in ("config.json", "modules.json", "1_Pooling/config.json"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).symlink_to(model / name)
    (copy / "model.safetensors").write_bytes(b"not weights")
    return copy


def test_a_failure_does_not_undo_what_another_process_has_found(folder: ModelFolder, tmp_path: Path) -> None:
    broken = ModelFolder(_without_weights(folder.path, tmp_path / "broken"), weights_hash="1" * 64)
    files = derived_files(broken, tmp_path)
    files.graph.write_bytes(b"a graph")
    found = Choice("onnxruntime", mark(files.graph), {"onnxruntime": MEASURED})
    write_choice(files, found)
    assert prepare(broken, tmp_path, lambda text: None) == found
    assert read_choice(files) == found
