"""The bytes of a file, unpacked where it is a gzip, within bounds: a file cannot fill the memory or the day."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LARGEST_RECORD = 64 * 2**20  # bytes; the whole of "War and Peace" is 3 MiB
LARGEST_FILE = 512 * 2**20  # bytes of a format that can only be read whole
_MOST_RATIO = 200  # text packs about 4 to 20 to 1 and bombs about 1,000 to 1
_GZIP_MAGIC = b"\x1f\x8b"

OnShare = Callable[[float], None]  # is told how much of a file has been read, from 0 to 1


class TooLarge(OSError):
    """What a file holds is over a limit; the message says which."""


class _Guarded(io.RawIOBase):
    """A gzip's content, given up once it is far larger than its file explains."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._content = gzip.GzipFile(fileobj=packed)
        self._total = 0

    def readable(self) -> bool:
        """Return True: that is all it is for."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill `buffer` and return how much came, or raise TooLarge."""
        data = self._content.read1(len(buffer))  # read() would lose what comes before a cut
        self._total += len(data)
        if self._total > LARGEST_RECORD and self._total > _MOST_RATIO * self._packed.tell():
            raise TooLarge(f"unpacks to more than {_MOST_RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)


class _Told(io.FileIO):
    """A file that tells how much of it has been read."""

    def __init__(self, file: Path, on_share: OnShare) -> None:
        super().__init__(file)
        self._size = os.fstat(self.fileno()).st_size
        self._on_share = on_share

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill `buffer` and return how much came."""
        count = super().readinto(buffer) or 0
        if self._size:
            self._on_share(min(self.tell() / self._size, 1.0))
        return count


@contextmanager
def open_bytes(file: Path, on_share: OnShare) -> Iterator[BinaryIO]:
    """Open `file` for reading, unpacked where its first bytes are gzip's."""
    with io.BufferedReader(_Told(file, on_share)) as raw, unpacked(raw) as stream:  # type: ignore[type-var]
        yield stream


@contextmanager
def unpacked(raw: BinaryIO) -> Iterator[BinaryIO]:
    """Give the content of `raw`, which can be peeked into, unpacked where its first bytes are gzip's."""
    packed = raw.peek(2)[:2] == _GZIP_MAGIC  # type: ignore[attr-defined]
    yield io.BufferedReader(_Guarded(raw)) if packed else raw  # type: ignore[type-var]


def read_all(stream: BinaryIO, limit: int = LARGEST_RECORD) -> bytes:
    """Return all bytes of `stream`, or raise TooLarge where there are more than `limit`."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"larger than {limit // 2**20} MiB")
    return data
