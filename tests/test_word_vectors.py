"""The vectors of words are those of the file, whatever its publisher calls them, and a file without them says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.errors import ModelCorrupt
from index.model_folder import ModelFolder
from index.word_vectors import WordVectors, open_word_vectors

NAME = "embeddings.word_embeddings.weight"
ROWS = np.arange(12, dtype=np.float32).reshape(4, 3) / 7


def test_a_token_has_the_vector_of_the_models_file(minilm_folder: Path) -> None:
    rows = load_file(minilm_folder / "model.safetensors")[NAME]
    ids = np.array([[0, 101, len(rows) - 1], [7, 7, 2051]])
    assert np.array_equal(ModelFolder(minilm_folder).word_vectors.look_up(ids), rows[ids])


@pytest.mark.parametrize("name", [NAME, f"bert.{NAME}"])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_either_name_and_either_precision_are_read(name: str, kind: type, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"before": np.zeros(5, np.float32), name: ROWS.astype(kind)}, path)
    found = WordVectors(path).look_up(np.array([[3, 0]]))
    assert found.dtype == np.float32
    assert np.array_equal(found, ROWS.astype(kind)[[[3, 0]]].astype(np.float32))


def test_a_file_without_them_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"other": ROWS}, path)
    with pytest.raises(ModelCorrupt, match="word vectors"):
        WordVectors(path)


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 64, (2).to_bytes(8, "little") + b"{}", (4).to_bytes(8, "little") + b"[12]"]
)
def test_a_broken_file_is_corrupt(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="word vectors"):
        WordVectors(path)


def test_a_file_that_was_cut_short_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({NAME: ROWS}, path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ModelCorrupt, match="word vectors"):
        WordVectors(path)


def test_a_token_that_the_file_does_not_know_is_an_error_and_no_other_words_vector(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({NAME: ROWS, "after": ROWS}, path)
    with pytest.raises(IndexError):
        WordVectors(path).look_up(np.array([[4]]))


def test_the_file_is_mapped_once_for_all_models_over_it(minilm_folder: Path) -> None:
    path = minilm_folder / "model.safetensors"
    assert open_word_vectors(path) is ModelFolder(minilm_folder).word_vectors
