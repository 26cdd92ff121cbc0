"""The files in a zip, one by one, and why the others are left out. Nothing is ever written to the disk.

A zip says of itself how large it is, and a hostile one lies: every limit is held again while its bytes are unpacked.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from index.records import Draft, Skipped
from index.unpack import LARGEST_FILE, OnShare, TooLarge, unpacked
from index.walk import is_passed_over, what_is_wrong_with

MOST_ENTRIES = 100_000
LARGEST_TOTAL = 4 * 2**30  # bytes unpacked, of one zip
MOST_RATIO = 200  # text packs about 4 to 20 to 1 and bombs about 1,000 to 1
SMALL = 2**20  # bytes that any entry may unpack to, whatever its ratio
LARGEST_DIRECTORY = 32 * 2**20  # bytes of the list of entries, which is held in memory: 100,000 names of 250 letters

_AT_ONCE = 2**18  # bytes unpacked in one go
_NAMED_AS_UTF8 = 0x800
_ENCRYPTED = 0x1 | 0x40
_HEADER = 30  # bytes before an entry's name and content
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # LZMA may ask for gigabytes before it gives a byte
# What zipfile raises over a damaged file.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError)

ReadStream = Callable[[BinaryIO, str], Iterator[Draft | Skipped]]


class _Damaged(OSError):
    """What an entry holds is not what the zip says of it."""


class _Careful(io.FileIO):
    """A file that gives no more than the largest list of entries in one piece: zipfile reads that list whole."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, or all that are left; raise TooLarge where these are too many."""
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > LARGEST_DIRECTORY:
            raise TooLarge(f"its list of files is larger than {LARGEST_DIRECTORY // 2**20} MiB")
        return super().read(size)


class _Budget:
    """How many bytes of a zip may still be unpacked."""

    def __init__(self) -> None:
        self.left = LARGEST_TOTAL

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooLarge(_over_total())


class _Guarded(io.RawIOBase):
    """An entry's content, given up once it is over its own limit or the zip's; tells how many bytes have come."""

    def __init__(self, content: BinaryIO, budget: _Budget, limit: int, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell
        self._content = content
        self._budget = budget
        self._limit = limit
        self._total = 0

    def readable(self) -> bool:
        """Return True: that is all it is for."""
        return True

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._total

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill `buffer` and return how much came, or raise TooLarge or another OSError."""
        try:
            data = self._content.read(min(len(buffer), _AT_ONCE))
        except _BROKEN as error:
            raise _Damaged(f"damaged: {_reason(error)}") from error
        self._total += len(data)
        if self._total > self._limit:
            raise TooLarge(_over_ratio())
        self._budget.spend(len(data))
        self._tell(self._total)
        buffer[: len(data)] = data
        return len(data)


def read_zip(path: Path, read_stream: ReadStream, on_share: OnShare) -> Iterator[Draft | Skipped]:
    """Yield what `read_stream` makes of every file of the zip at `path`, in the order of their names.

    The `where` of a record begins with the file's path in the zip. A zip that cannot be opened is one Skipped.
    """
    try:
        with _Careful(path) as file, _opened(file) as packed:
            yield from _read_entries(packed, str(path), read_stream, on_share)
    except _Damaged as error:
        yield Skipped(str(path), str(error))


def _opened(file: io.FileIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError as error:
        raise _Damaged("a name in it is not valid text; pack it again") from error
    except _BROKEN as error:
        raise _Damaged("not a zip, or a damaged one") from error


def _read_entries(
    packed: zipfile.ZipFile, path: str, read_stream: ReadStream, on_share: OnShare
) -> Iterator[Draft | Skipped]:
    entries = [
        info for info in packed.infolist() if not info.filename.endswith("/")
    ]  # is_dir() fails on a name of none
    named = sorted((name_of(info), place) for place, info in enumerate(entries[:MOST_ENTRIES]))
    latest, overlapping = dict(named), _overlapping(packed.infolist())
    budget, whole, before = _Budget(), sum(info.compress_size for info in entries) or 1, 0

    def tell(info: zipfile.ZipInfo, came: int) -> None:
        on_share(min((before + info.compress_size * came / max(info.file_size, 1)) / whole, 1.0))

    for name, place in named:
        info = entries[place]
        if is_passed_over(name):
            continue
        if info.header_offset in overlapping:
            reason = "it shares its bytes with another file of the zip, as in a zip bomb"
        elif latest[name] != place:
            reason = "the zip holds a later file of the same name"
        else:
            reason = _what_is_wrong(info, name, budget)
        found = (
            iter([Skipped(path, reason)])
            if reason
            else _read_entry(packed, info, name, budget=budget, read_stream=read_stream, tell=partial(tell, info))
        )
        for item in found:
            yield _placed(item, path, name)
        before += info.compress_size
    if len(entries) > MOST_ENTRIES:
        yield Skipped(path, f"it holds {len(entries):,} files; only the first {MOST_ENTRIES:,} are read")


def _read_entry(
    packed: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: str,
    *,
    budget: _Budget,
    read_stream: ReadStream,
    tell: Callable[[int], None],
) -> Iterator[Draft | Skipped]:
    limit = max(SMALL, MOST_RATIO * info.compress_size)
    try:
        with _opened_entry(packed, info) as content:
            plain = io.BufferedReader(_Guarded(content, budget, limit, tell))  # type: ignore[type-var]
            with unpacked(plain) as stream:
                # What an entry that is itself a gzip unpacks to counts as well.
                is_gzip = stream is not plain
                inner = io.BufferedReader(_Guarded(stream, budget, limit, _ignore)) if is_gzip else stream  # type: ignore[type-var]
                yield from read_stream(inner, name)
    except (TooLarge, _Damaged) as error:
        yield Skipped(name, str(error))
    except (OSError, EOFError, zlib.error) as error:
        yield Skipped(name, f"cannot be unpacked: {_reason(error)}")


def _ignore(count: int) -> None:
    """Take no notice."""


def _opened_entry(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        return packed.open(info)  # type: ignore[return-value]
    except _BROKEN as error:
        raise _Damaged(f"damaged: {_reason(error)}") from error


def _placed(item: Draft | Skipped, path: str, name: str) -> Draft | Skipped:
    where = f"{name}, {item.where}" if item.where else name
    if isinstance(item, Skipped):
        return replace(item, path=path, where=where)
    return replace(item, source=replace(item.source, path=path), where=where)


def name_of(info: zipfile.ZipInfo) -> str:
    """Return the path of a file in its zip as it was meant: forward slashes, no drive or root before it, right letters.

    Without the flag for UTF-8 zipfile reads names as DOS did, though most programs that leave it out write UTF-8.
    """
    name = info.filename
    if not info.flag_bits & _NAMED_AS_UTF8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    name = name.replace("\\", "/")
    drive, colon, rest = name.partition(":")
    if colon and len(drive) == 1 and drive.isascii() and drive.isalpha():
        name = rest
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _what_is_wrong(info: zipfile.ZipInfo, name: str, budget: _Budget) -> str:
    """Return why a file of the zip is not unpacked, or the empty string."""
    mode = info.external_attr >> 16
    checks = (
        (not name or ".." in name.split("/"), "its path leads out of the zip"),
        (stat.S_ISLNK(mode), "a link; pack its target itself"),
        (stat.S_IFMT(mode) not in (0, stat.S_IFREG), "not a regular file"),
        (name.lower().endswith(".zip"), "a zip within the zip; unpack it first"),
        (what_is_wrong_with(name), what_is_wrong_with(name)),
        (info.flag_bits & _ENCRYPTED, "encrypted; unpack the zip with its password"),
        (info.compress_type not in _PACKINGS, f"packed in a way that is not read ({info.compress_type})"),
        (info.file_size == 0, "empty file"),
        (info.file_size > LARGEST_FILE, f"unpacks to more than {LARGEST_FILE // 2**20} MiB"),
        (info.file_size > max(SMALL, MOST_RATIO * info.compress_size), _over_ratio()),
        (info.file_size > budget.left, _over_total()),
    )
    return next((reason for is_so, reason in checks if is_so), "")


def _over_ratio() -> str:
    return f"unpacks to more than {MOST_RATIO} times its size"


def _over_total() -> str:
    return f"the zip unpacks to more than {LARGEST_TOTAL // 2**30} GiB"


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Return where the entries begin that share bytes with another: one packed piece told as many is a bomb."""
    starts = Counter(info.header_offset for info in infos)
    found = {start for start, count in starts.items() if count > 1}
    end, last = 0, -1
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found |= {info.header_offset, last}
        # What stands before the content besides the name makes a real entry longer, never shorter.
        stop = info.header_offset + _HEADER + len(info.orig_filename) + info.compress_size
        if stop > end:
            end, last = stop, info.header_offset
    return found


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).split("\n")[0]
