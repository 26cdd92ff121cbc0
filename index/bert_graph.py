"""A BERT that turns word vectors into unit vectors, or finds answers, as an ONNX file from its safetensors weights.

The vectors of the words are its input and not in it: index/word_vectors.py looks them up.

Written operator by operator and not by torch.onnx.export: that one needs the onnx package or a patch of its
insides (torch 2.13), loads torch for ten seconds and takes as long again; this takes about one, and gives the same
bytes whatever versions are installed. What it does not know, another architecture or another pooling than the mean,
`can_write_graph` says; such a model is computed by sentence-transformers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embed_graph import MASK_IN, WORDS_IN
from index.errors import ModelCorrupt
from index.onnx_file import Graph, Shape

Weights = Mapping[str, NDArray[np.float32]]

OUTPUT = "vectors"
_MASKED = 10_000.0  # taken from a score, it makes its weight e⁻¹⁰⁰⁰⁰: nothing, in float32 as in bfloat16
_EXPECTED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute", "pad_token_id": 0}


def can_write_graph(folder: Path) -> bool:
    """Return whether the model in `folder` is a BERT whose tokens' mean is the text's vector."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        steps = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        pooling = json.loads((folder / steps[1]["path"] / "config.json").read_text(encoding="utf-8"))
        kinds = [step["type"].rsplit(".", 1)[-1] for step in steps]
        modes = {key for key, value in pooling.items() if key.startswith("pooling_mode") and value not in (False, None)}
        is_other = any(config.get(key, value) != value for key, value in _EXPECTED.items())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
    if is_other:
        return False
    says_mean = modes == {"pooling_mode_mean_tokens"} or pooling.get("pooling_mode") == "mean"
    return says_mean and kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


def write_graph(folder: Path, path: Path) -> None:
    """Write the model in `folder` to `path`; raises ModelCorrupt where the weights are not those of its config."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    try:
        _Bert(_read_weights(folder / "model.safetensors"), config).write(path)
    except KeyError as error:
        raise ModelCorrupt(f"The embedding model in {folder} has no {error}.", "byline models verify") from error


def write_reader_graph(folder: Path, reader: Path, path: Path) -> None:
    """Write the reader whose weights are the file `reader`, built as the model in `folder` is, to `path`.

    Its output, shape (batch, 2 × length), is for each token how well an answer would begin there, then how well one
    would end there. Raises ModelCorrupt where the weights are not those of the model.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    try:
        _Bert(_whole(_read_weights(reader)), config).write_reader(path)
    except KeyError as error:
        raise ModelCorrupt(f"The reader in {reader} has no {error}.", "pip install --force-reinstall byline") from error


def _whole(weights: Weights) -> Weights:
    """Return the weights that are kept as whole numbers multiplied by the scale of their row."""
    return {
        name: value * weights[f"{name}.scale"][:, None] if f"{name}.scale" in weights else value
        for name, value in weights.items()
    }


def _read_weights(path: Path) -> Weights:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        found = load_file(path)
    except (SafetensorError, OSError, TypeError) as error:
        raise ModelCorrupt(f"The weights in {path} do not load: {error}", "byline models verify") from error
    # Some publishers keep the head's name before every weight.
    return {name.removeprefix("bert."): value.astype(np.float32, copy=False) for name, value in found.items()}


class _Bert:
    def __init__(self, weights: Weights, config: Mapping[str, Any]) -> None:
        self._weights = weights
        self._width = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._graph = Graph()

    def write(self, path: Path) -> None:
        self._pool(self._body())
        self._graph.write(path, inputs=self._inputs, output=OUTPUT, shape=("batch", self._width))

    def write_reader(self, path: Path) -> None:
        add = self._graph.add
        ends = add("Transpose", self._dense(self._body(), "ends"), perm=[0, 2, 1])  # (batch, 2, length)
        add("Reshape", ends, self._graph.integers(0, -1), output=OUTPUT)
        self._graph.write(path, inputs=self._inputs, output=OUTPUT, shape=("batch", "ends"))

    @property
    def _inputs(self) -> dict[str, Shape]:
        return {WORDS_IN: ("batch", "length", self._width), MASK_IN: ("batch", "length")}  # the mask of 1.0 and 0.0

    def _body(self) -> str:
        x, bias = self._embeddings(), self._bias()
        for layer in range(self._layers):
            x = self._layer(x, bias, f"encoder.layer.{layer}.")
        return x

    def _embeddings(self) -> str:
        add, graph = self._graph.add, self._graph
        # All is one segment, so that its vector is part of the position's.
        positions = self._weights["embeddings.position_embeddings.weight"]
        positions = positions + self._weights["embeddings.token_type_embeddings.weight"][0]
        length = add("Slice", add("Shape", WORDS_IN), graph.integers(1), graph.integers(2), graph.integers(0))
        placed = add("Slice", graph.constant(positions), graph.integers(0), length, graph.integers(0))
        return self._normed(add("Add", WORDS_IN, placed), "embeddings.LayerNorm")

    def _bias(self) -> str:
        """Return what is added to every score: nothing, or so little that padding has no weight."""
        graph = self._graph
        seen = graph.add("Unsqueeze", MASK_IN, graph.integers(1, 2))  # (batch, 1, 1, length)
        return graph.add("Mul", graph.add("Sub", seen, graph.number(1.0)), graph.number(_MASKED))

    def _layer(self, x: str, bias: str, name: str) -> str:
        add = self._graph.add
        read = self._dense(self._attention(x, bias, name + "attention.self."), name + "attention.output.dense")
        x = self._normed(add("Add", read, x), name + "attention.output.LayerNorm")
        thought = add("Gelu", self._dense(x, name + "intermediate.dense"))
        return self._normed(add("Add", self._dense(thought, name + "output.dense"), x), name + "output.LayerNorm")

    def _attention(self, x: str, bias: str, name: str) -> str:
        add, graph = self._graph.add, self._graph
        apart = graph.integers(0, 0, self._heads, self._width // self._heads)
        query, key, value = (
            add("Transpose", add("Reshape", self._dense(x, name + part), apart), perm=order)
            for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
        )
        scale = graph.number(1 / math.sqrt(self._width // self._heads))
        scores = add("Add", add("Mul", add("MatMul", query, key), scale), bias)
        mixed = add("MatMul", add("Softmax", scores, axis=-1), value)
        return add("Reshape", add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.integers(0, 0, self._width))

    def _pool(self, x: str) -> None:
        add, graph = self._graph.add, self._graph
        seen = add("Mul", x, add("Unsqueeze", MASK_IN, graph.integers(-1)))
        total = add("ReduceSum", seen, graph.integers(1), keepdims=0)
        mean = add("Div", total, add("ReduceSum", MASK_IN, graph.integers(1), keepdims=1))
        add("LpNormalization", mean, output=OUTPUT, axis=-1, p=2)

    def _dense(self, x: str, name: str) -> str:
        product = self._graph.add("MatMul", x, self._graph.constant(self._weights[name + ".weight"].T))
        return self._graph.add("Add", product, self._constant(name + ".bias"))

    def _normed(self, x: str, name: str) -> str:
        scale, shift = self._constant(name + ".weight"), self._constant(name + ".bias")
        return self._graph.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=self._epsilon)

    def _constant(self, name: str) -> str:
        return self._graph.constant(self._weights[name])
