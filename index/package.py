"""The parts of a document that is a zip, as DOCX, ODT and EPUB are: unpacked one by one, in memory, within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib

from index.unpack import LARGEST_RECORD

MOST_PARTS = 20_000
MOST_RATIO = 200  # text packs about 4 to 20 to 1 and bombs about 1,000 to 1
SMALL = 2**20  # bytes that any part may unpack to, whatever its ratio
LARGEST_TOTAL = 256 * 2**20  # bytes unpacked, of one document; "War and Peace" is 3 MiB
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What zipfile raises over a damaged file.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip


class BadPackage(ValueError):
    """The document cannot be unpacked, or would be too large; the message says which."""


class Package:
    """The parts of a document by their names; each is unpacked when it is asked for."""

    def __init__(self, raw: bytes) -> None:
        if raw.count(_ENTRY) > MOST_PARTS:
            raise BadPackage(f"it has more than {MOST_PARTS:,} parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except _BROKEN as error:
            raise BadPackage("damaged, or not what its name says") from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        self._left = LARGEST_TOTAL

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all parts."""
        return tuple(self._parts)

    def read(self, name: str) -> bytes:
        """Return a part's bytes; raises BadPackage where there is none, or it is damaged, encrypted or too large."""
        info = self._parts.get(name)
        if info is None:
            raise BadPackage(f"it has no part {name[:200]!r}")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _PACKINGS:
            raise BadPackage("encrypted, or packed in a way that is not read")
        # zipfile gives no more of a part than is told of its size.
        if info.file_size > min(LARGEST_RECORD, self._left, max(SMALL, MOST_RATIO * info.compress_size)):
            raise BadPackage("it unpacks to far more than a text takes")
        self._left -= info.file_size
        try:
            return self._zip.read(info)
        except _BROKEN as error:
            raise BadPackage("damaged") from error
