"""Every backend gives the reference's vectors, and none reaches for the network or loads what it must not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.bert_graph import can_write_graph, write_graph
from index.embed import Matrix, SentenceTransformerEmbedder
from index.embed_choice import RUNNERS, load_runner
from index.embed_graph import AT_ONCE, GraphEmbedder
from index.embed_prepare import sample_texts
from index.errors import ModelCorrupt
from index.model_folder import ModelFolder

ROOT = Path(__file__).parents[1]
TEXTS = [*sample_texts(), "x", "", "[PAD] [MASK] [SEP] [CLS]", "Théa O’Brien paid €5 — “all” of it 𝒳.", "中文" * 300]


@pytest.fixture(scope="module")
def exact(minilm_folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(minilm_folder, exact=True)


@pytest.fixture(scope="module")
def exact_rows(exact: SentenceTransformerEmbedder) -> Matrix:
    return exact.embed(TEXTS)


@pytest.fixture(scope="module", params=RUNNERS)
def backend(request: pytest.FixtureRequest, minilm_folder: Path, minilm_graph: Path) -> GraphEmbedder:
    return GraphEmbedder(ModelFolder(minilm_folder), load_runner(request.param, minilm_graph))


def test_a_backend_gives_the_references_vectors(backend: GraphEmbedder, exact_rows: Matrix) -> None:
    cosines = np.sum(backend.embed(TEXTS) * exact_rows, axis=1)
    assert cosines.mean() > 0.9999
    assert cosines.min() > 0.999


def test_the_reference_in_bfloat16_is_near_itself_in_float32(minilm_folder: Path, exact_rows: Matrix) -> None:
    cosines = np.sum(SentenceTransformerEmbedder(minilm_folder).embed(TEXTS) * exact_rows, axis=1)
    assert cosines.mean() > 0.999


def test_a_backend_ranks_passages_as_the_reference_does(backend: GraphEmbedder, exact_rows: Matrix) -> None:
    rows = backend.embed(TEXTS)
    for query, exact_query in zip(rows[16:20], exact_rows[16:20], strict=True):  # the short ones
        scores, exact_scores = rows[:16] @ query, exact_rows[:16] @ exact_query
        assert abs(scores - exact_scores).max() < 0.01
        assert scores.argmax() == exact_scores.argmax()


def test_a_text_has_the_same_vector_alone_and_in_a_batch(backend: GraphEmbedder) -> None:
    crowd = backend.embed(TEXTS)
    alone = np.concatenate([backend.embed([text]) for text in TEXTS])
    assert np.sum(crowd * alone, axis=1).min() > 0.9999


def test_the_same_batch_has_the_same_vectors(backend: GraphEmbedder) -> None:
    assert np.array_equal(backend.embed(TEXTS), backend.embed(TEXTS))


def test_more_texts_than_fit_a_batch_keep_their_order(backend: GraphEmbedder) -> None:
    texts = [f"{'bridge ' * (number % 7)}number {number}" for number in range(3 * AT_ONCE + 1)]
    rows, turned = backend.embed(texts), backend.embed(texts[::-1])[::-1]
    assert np.sum(rows * turned, axis=1).min() > 0.9999
    assert not np.allclose(rows[0], rows[1], atol=0.01)


def test_several_threads_may_embed_at_once(backend: GraphEmbedder) -> None:
    from concurrent.futures import ThreadPoolExecutor

    alone = backend.embed(TEXTS[:20])
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: backend.embed(TEXTS[:20]), range(8)))
    assert min(np.sum(rows * alone, axis=1).min() for rows in together) > 0.9999


@pytest.mark.parametrize("length", [1, 253, 254, 255, 300])
def test_tokens_are_those_the_reference_reads(exact: SentenceTransformerEmbedder, length: int) -> None:
    folder = exact._folder
    texts = ["the " * length, "Théa’s £5 café — unbelievable 中文 " * length, "  leading, trailing  ", "[SEP] a"]
    read = exact._model.tokenize(texts)
    kept = [row[mask.bool()].tolist() for row, mask in zip(read["input_ids"], read["attention_mask"], strict=True)]
    assert folder.tokens.encode(texts, folder.max_tokens) == kept


def test_the_folder_says_what_the_loaded_reference_says(exact: SentenceTransformerEmbedder) -> None:
    folder = exact._folder
    assert (folder.max_tokens, folder.dimension) == (exact.max_tokens, exact.dimension)


def test_a_graph_has_the_same_bytes_every_time(minilm_folder: Path, minilm_graph: Path, tmp_path: Path) -> None:
    write_graph(minilm_folder, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == minilm_graph.read_bytes()


@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("damage", ["cut", "not a graph", "empty", "absent"])
def test_a_damaged_graph_is_told_as_corrupt(minilm_graph: Path, tmp_path: Path, name: str, damage: str) -> None:
    graph = tmp_path / "damaged.onnx"
    kept = {"cut": minilm_graph.read_bytes()[:1_000_000], "not a graph": b"not a graph" * 99, "empty": b""}
    if damage != "absent":
        graph.write_bytes(kept[damage])
    with pytest.raises(ModelCorrupt):
        load_runner(name, graph)


def _described(folder: Path, tmp_path: Path, name: str, **changes: object) -> Path:
    """A copy of the files that describe a model, one of them changed."""
    for file in ("config.json", "modules.json", "1_Pooling/config.json"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(folder / file, tmp_path / file)
    told = json.loads((tmp_path / name).read_text())
    (tmp_path / name).write_text(json.dumps({**told, **changes} if isinstance(told, dict) else told[:1]))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param("config.json", {"model_type": "roberta"}, id="another architecture"),
        pytest.param("config.json", {"hidden_act": "relu"}, id="another activation"),
        pytest.param("config.json", {"position_embedding_type": "relative_key"}, id="other positions"),
        pytest.param("1_Pooling/config.json", {"pooling_mode_cls_token": True}, id="two poolings"),
        pytest.param("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}, id="no pooling"),
        pytest.param("modules.json", {}, id="no second step"),
    ],
)
def test_a_model_of_another_make_is_left_to_the_reference(
    minilm_folder: Path, tmp_path: Path, name: str, changes: dict[str, object]
) -> None:
    assert can_write_graph(minilm_folder)
    assert not can_write_graph(_described(minilm_folder, tmp_path, name, **changes))


def test_weights_that_are_not_the_configs_are_told_as_corrupt(minilm_folder: Path, tmp_path: Path) -> None:
    _described(minilm_folder, tmp_path, "config.json", num_hidden_layers=7)
    (tmp_path / "model.safetensors").symlink_to(minilm_folder / "model.safetensors")
    with pytest.raises(ModelCorrupt, match=r"encoder\.layer\.6\."):
        write_graph(tmp_path, tmp_path / "graph.onnx")


WATCH = """
import json, sys
asked = []
REACHING = ("socket.", "subprocess.", "os.exec")
sys.addaudithook(lambda event, _: asked.append(event) if event.startswith(REACHING) else None)
from pathlib import Path
from index.embed_choice import load_runner
from index.embed_graph import GraphEmbedder
from index.model_folder import ModelFolder
rows = GraphEmbedder(ModelFolder(Path(sys.argv[1])), load_runner(sys.argv[2], Path(sys.argv[3]))).embed(["a bridge"])
print(json.dumps([asked, sorted(name for name, module in sys.modules.items() if module), rows.shape]))
"""


@pytest.mark.parametrize("name", RUNNERS)
def test_a_backend_asks_nobody_and_loads_nothing_that_would(minilm_folder: Path, minilm_graph: Path, name: str) -> None:
    command = [sys.executable, "-c", WATCH, str(minilm_folder), name, str(minilm_graph)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    asked, loaded, shape = json.loads(ran.stdout)
    assert shape == [1, 384]
    assert asked == []
    assert name in loaded
    assert [one for one in loaded if "telemetry" in one or one.startswith("openvino.tools")] == []
    assert {"torch", "transformers", "sentence_transformers"} & set(loaded) == set()
    assert ran.stderr == ""
