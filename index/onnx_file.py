"""A computation as the bytes of an ONNX file, written without the onnx package. Knows nothing of language models.

Of the format, a protobuf, only what a graph of tensors needs: operators, constants, inputs with open dimensions and
one output. The field numbers are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_IR_VERSION, _OPSET = 9, 20  # of 2023: the first opset in which Gelu is one operator
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_KINDS = {"float32": _FLOAT, "int64": _INT64}

Attribute = float | int | str | list[int]
Shape = Sequence[str | int]


class Graph:
    """Operators and constants, in the order they were added; a value is known by its name."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, value: NDArray[Any]) -> str:
        """Add a constant of float32 or int64 and return its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(_tensor(name, value))
        return name

    def integers(self, *values: int) -> str:
        """Add a constant row of whole numbers and return its name."""
        return self.constant(np.array(values, dtype=np.int64))

    def number(self, value: float) -> str:
        """Add a constant number and return its name."""
        return self.constant(np.array(value, dtype=np.float32))

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Attribute) -> str:
        """Add an operator of one output and return that output's name."""
        output = output or f"{operator}_{len(self._nodes)}"
        node = [_bytes(1, name) for name in inputs] + [_bytes(2, output), _bytes(3, output), _bytes(4, operator)]
        node += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(node))
        return output

    def write(self, path: Path, *, inputs: Mapping[str, Shape], output: str, shape: Shape) -> None:
        """Write the file: inputs of float32 with their shapes, one output of float32.

        A size that is not the same for all inputs has a name.
        """
        graph = [_bytes(1, node) for node in self._nodes] + [_bytes(2, "graph")]
        graph += [_bytes(5, constant) for constant in self._constants]
        graph += [_bytes(11, _value(name, sizes)) for name, sizes in inputs.items()]
        graph += [_bytes(12, _value(output, shape))]
        model = [_integer(1, _IR_VERSION), _bytes(2, "byline"), _head(7, sum(map(len, graph))), *graph]
        model += [_bytes(8, _integer(2, _OPSET))]
        with path.open("wb") as file:
            file.writelines(model)


def _tensor(name: str, value: NDArray[Any]) -> bytes:
    shape = b"".join(_integer(1, size) for size in value.shape)
    raw = np.ascontiguousarray(value).tobytes()
    return shape + _integer(2, _KINDS[str(value.dtype)]) + _bytes(8, name) + _bytes(9, raw)


def _attribute(name: str, value: Attribute) -> bytes:
    head = _bytes(1, name)
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _integer(20, 1)
    if isinstance(value, int):
        return head + _integer(3, value) + _integer(20, 2)
    if isinstance(value, str):
        return head + _bytes(4, value) + _integer(20, 3)
    return head + b"".join(_integer(8, number) for number in value) + _integer(20, 7)


def _value(name: str, shape: Shape) -> bytes:
    sizes = b"".join(_bytes(1, _bytes(2, size) if isinstance(size, str) else _integer(1, size)) for size in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _integer(1, _FLOAT) + _bytes(2, sizes)))


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & (1 << 64) - 1)  # a negative one is its two's complement


def _bytes(field: int, value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return _head(field, len(value)) + value


def _head(field: int, length: int) -> bytes:
    return _varint(field << 3 | 2) + _varint(length)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
