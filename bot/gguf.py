"""Is this file a whole GGUF? Reads the header only, so that a cut or wrong file is named before it is loaded."""

from __future__ import annotations

import stat
import struct
from pathlib import Path
from typing import BinaryIO

from index.errors import ModelCorrupt, ModelMissing

_MEND = "download the file again, or name a model of `byline models list`"

_DEEPEST = 4  # arrays within arrays; llama.cpp reads none
# What llama.cpp takes for granted: with other counts it ends the process (GGML_ASSERT) instead of refusing the file.
_SENSIBLE = {b"block_count": range(1, 513), b"context_length": range(32, 2**32)}
# Bytes of a scalar of each GGUF value type; 8 is a string, 9 an array.
_SCALARS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
# Elements and bytes of a block of each tensor type that is in use. A type that is not here counts as no bytes: then
# only a cut before the tensor's first byte is seen, and llama.cpp sees the rest when it loads.
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    30: (1, 2),
}


def check_gguf(path: Path) -> None:
    """Raise ModelCorrupt, saying what the file is instead, unless it is a GGUF as long as its header says."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to open a FIFO waits for whoever writes to it
            raise ModelMissing(f"{path} is not a file", "name the GGUF file itself")
        size = status.st_size
        with path.open("rb") as stream:
            _check_magic(path, stream.read(64))
            needed = _needed_bytes(stream, path)
    except FileNotFoundError as error:
        raise ModelMissing(f"there is no model at {path}", _MEND) from error
    except (EOFError, struct.error) as error:
        raise ModelCorrupt(f"{path} is cut off inside its header", _MEND) from error
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be read: {error.strerror}", "check that it is a file you may read"
        ) from error
    if size < needed:
        raise ModelCorrupt(f"{path} is cut off: {size:,} of at least {needed:,} bytes", _MEND)


def _check_magic(path: Path, start: bytes) -> None:
    if start.startswith(b"GGUF"):
        return
    if not start:
        what = "is empty"
    elif start.lstrip().startswith(b"<"):
        what = "is a web page, not a model: the download gave a page instead of the file"
    elif start.startswith(b"version https://git-lfs"):
        what = "is a Git LFS pointer, not the model itself: it was cloned without Git LFS"
    elif start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        what = "is a compressed file, not a GGUF model: unpack it first"
    else:
        what = "is not a GGUF model"
    raise ModelCorrupt(f"{path} {what}", _MEND)


def _needed_bytes(stream: BinaryIO, path: Path) -> int:
    """Return the least number of bytes a file with this header has."""
    stream.seek(8)
    tensors, pairs = _unpack(stream, "<QQ")
    alignment = 32
    for _ in range(pairs):
        key = _read_string(stream)
        (kind,) = _unpack(stream, "<I")
        if key == b"general.alignment" and kind == 4:
            (alignment,) = _unpack(stream, "<I")
        elif kind == 4 and key.rsplit(b".", 1)[-1] in _SENSIBLE:
            _check_count(path, key.rsplit(b".", 1)[-1], *_unpack(stream, "<I"))
        else:
            _skip_value(stream, kind)
    ends = [_tensor_end(stream) for _ in range(tensors)]
    data_start = -(-stream.tell() // max(alignment, 1)) * alignment
    return data_start + max(ends, default=0)


def _check_count(path: Path, name: bytes, count: int) -> None:
    if count not in _SENSIBLE[name]:
        raise ModelCorrupt(f"{path} is damaged: its {name.decode()} is {count:,}", _MEND)


def _tensor_end(stream: BinaryIO) -> int:
    """Return where the tensor ends, counted from the start of the data."""
    _read_string(stream)
    (dimensions,) = _unpack(stream, "<I")
    elements = 1
    for length in _unpack(stream, f"<{_bounded(dimensions, 8)}Q"):
        elements *= length
    kind, offset = _unpack(stream, "<IQ")
    block, block_bytes = _BLOCKS.get(kind, (1, 0))
    return int(offset) + elements // block * block_bytes


def _skip_value(stream: BinaryIO, kind: int, depth: int = 0) -> None:
    if kind in _SCALARS:
        _skip(stream, _SCALARS[kind])
    elif kind == 8:
        _read_string(stream)
    elif kind == 9:
        inner, count = _unpack(stream, "<IQ")
        _bounded(depth, _DEEPEST)
        if inner in _SCALARS:
            _skip(stream, _SCALARS[inner] * count)
        else:
            for _ in range(count):
                _skip_value(stream, inner, depth + 1)
    else:
        raise EOFError(f"value type {kind}")


def _read_string(stream: BinaryIO) -> bytes:
    (length,) = _unpack(stream, "<Q")
    text = stream.read(_bounded(length, 1 << 26))
    if len(text) < length:
        raise EOFError
    return text


def _skip(stream: BinaryIO, count: int) -> None:
    # Seeking past the end succeeds silently; the next read then fails, which is soon enough.
    stream.seek(_bounded(count, 1 << 34), 1)


def _bounded(count: int, most: int) -> int:
    """Return `count`; a damaged header's absurd one ends the reading instead of filling the memory."""
    if count > most:
        raise EOFError(f"a count of {count}")
    return count


def _unpack(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, stream.read(struct.calcsize(layout)))
