from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder, SentenceTransformerEmbedder, WordHashEmbedder
from index.embed_choice import RUNNERS, load_runner
from index.embed_graph import GraphEmbedder
from index.errors import ModelCorrupt, ModelMissing
from index.model_folder import ModelFolder

TEXTS = [
    "The harbour bridge will close for 14 months.",
    "A robot that sorts letters won a prize.",
    "Ferries run at night.",
    "Théa O’Brien paid €5 — “all” of it 𝒳.",
    "x",
    "",
]
LONG = "The council voted to repair the old harbour bridge. " * 60


@pytest.fixture(scope="session")
def minilm(minilm_folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(minilm_folder, name="minilm")


@pytest.fixture(params=["minilm", *RUNNERS, "words"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "words":
        return WordHashEmbedder()
    if request.param == "minilm":
        return request.getfixturevalue("minilm")
    folder, graph = request.getfixturevalue("minilm_folder"), request.getfixturevalue("minilm_graph")
    return GraphEmbedder(ModelFolder(folder, name="minilm"), load_runner(request.param, graph))


def test_rows_are_unit_vectors_of_float32(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)


def test_rows_keep_the_order_of_the_texts(embedder: Embedder) -> None:
    rows, reversed_rows = embedder.embed(TEXTS), embedder.embed(TEXTS[::-1])
    assert np.sum(rows * reversed_rows[::-1], axis=1).min() > 0.999


def test_a_vector_does_not_depend_on_the_batch(embedder: Embedder) -> None:
    crowd = embedder.embed([*TEXTS, LONG] * 6)[: len(TEXTS)]
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.sum(crowd * alone, axis=1).min() > 0.999


def test_no_texts_are_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)
    assert embedder.count_tokens([]) == []


def test_what_is_not_text_of_the_language_is_finite(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed(["\x00", "\ud7ff", "🏴‍☠️" * 500, " \n", "中文" * 2_000])).all()


def test_texts_that_share_words_are_nearer(embedder: Embedder) -> None:
    near, far, question = embedder.embed([TEXTS[0], TEXTS[1], "How long will the harbour bridge be closed?"])
    assert question @ near > question @ far + 0.2


def test_counts_leave_out_the_special_tokens(minilm: SentenceTransformerEmbedder) -> None:
    assert minilm.count_tokens(["bridge", "the harbour bridge.", ""]) == [1, 4, 0]


def test_a_count_does_not_stop_where_reading_does(minilm: SentenceTransformerEmbedder) -> None:
    [count] = minilm.count_tokens([LONG])
    assert count == 60 * 10


def test_a_text_is_read_up_to_the_limit_and_no_further(minilm: SentenceTransformerEmbedder) -> None:
    words = ["bridge"] * minilm.max_tokens
    full, longer, shorter = minilm.embed(
        [" ".join(words), " ".join([*words, *["robot"] * 80]), " ".join([*words[:-1], "robot"])]
    )
    assert full @ longer > 0.9999
    assert full @ shorter < full @ longer


def test_the_reading_limit_is_the_models(minilm: SentenceTransformerEmbedder) -> None:
    assert (minilm.max_tokens, minilm.dimension) == (254, 384)


def test_the_fingerprint_names_the_model_and_its_weights(minilm: SentenceTransformerEmbedder) -> None:
    assert minilm.fingerprint == "minilm@53aa51172d142c89"


def test_a_folder_without_a_model_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="No embedding model") as error:
        SentenceTransformerEmbedder(tmp_path / "absent")
    assert error.value.mend == "byline models pull"


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors"])
def test_a_damaged_model_is_told_as_corrupt(minilm_folder: Path, tmp_path: Path, damage: str) -> None:
    for file in minilm_folder.rglob("*"):
        if file.is_file():
            copy = tmp_path / file.relative_to(minilm_folder)
            copy.parent.mkdir(exist_ok=True)
            copy.symlink_to(file)
    (tmp_path / damage).unlink()
    (tmp_path / damage).write_bytes(b"not a model")
    with pytest.raises(ModelCorrupt) as error:
        SentenceTransformerEmbedder(tmp_path).embed(["x"])
    assert error.value.mend == "byline models verify"


def test_word_hashes_are_the_same_on_every_machine() -> None:
    [row] = WordHashEmbedder().embed(["bridge bridge ferry"])
    assert np.flatnonzero(row).tolist() == [18, 44]
    assert row[18] == pytest.approx(2 * row[44])
