"""An export's file: a plain zip whose first member, manifest.json, names all others with their sizes and SHA-256.

Written beside its place and moved there whole, or not at all. Read as far as the manifest vouches for it: a file that
is cut, changed, foreign or a bomb is refused, and nothing of it is ever unpacked to the disk here. Knows nothing of
what the members hold.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from index.disk import sync
from index.errors import ArchiveDamaged, ArchiveMismatch, BylineError, UsageError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 * 2**20  # bytes: 300,000 members
LONGEST_LINE = 512 * 2**20  # bytes: the largest record that is indexed, every letter of it escaped
MOST_RATIO = 200  # text packs about 4 to 20 to 1 and bombs about 1,000 to 1; what would pack more is stored
_SMALL = 2**20  # bytes that any member may unpack to
_AT_ONCE = 2**18
_ENCRYPTED = 0x1 | 0x40
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# What zipfile raises over a damaged file: a wrong offset makes it seek before the beginning, or read half a header.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError)
_BROKEN = (*_DAMAGED, ValueError, OverflowError, NotImplementedError, RuntimeError)

OnBytes = Callable[[int, int], None]  # is told how many bytes of how many are done


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an export; `pieces` gives the same bytes whenever it is called."""

    name: str
    pieces: Callable[[], Iterator[bytes]]
    is_packed: bool = True


@dataclass(frozen=True, slots=True)
class Seal:
    """What the manifest says of a member."""

    name: str
    size: int
    sha256: str


def ignore_bytes(done: int, total: int) -> None:
    """Take no notice."""


# --- written -------------------------------------------------------------------------------------------------


def write_parcel(path: Path, about: Mapping[str, Any], members: Sequence[Member], on_bytes: OnBytes) -> int:
    """Write an export to `path`, which is not there yet, read it again, and return its size."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"There is a file {path} already.", "name another one, or delete it first")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "make it first, or name another one")
    try:
        return _write(path, about, members, on_bytes)
    except OSError as error:
        reason = error.strerror or error
        raise BylineError(f"{path} cannot be written: {reason}.", "free some space, or name another place") from error


def _write(path: Path, about: Mapping[str, Any], members: Sequence[Member], on_bytes: OnBytes) -> int:
    seals = [_seal(member) for member in members]
    total = sum(seal.size for seal in seals)
    told = [{"name": seal.name, "bytes": seal.size, "sha256": seal.sha256} for seal in seals]
    manifest = json.dumps({"byline_export": FORMAT, **about, "members": told}, ensure_ascii=False, indent=1).encode()
    everything = [Member(MANIFEST, lambda: iter([manifest])), *members]
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            tight = _fill(file, everything, frozenset(), total, on_bytes)
            if tight:  # or the file would be taken for a bomb
                _fill(file, everything, tight, total, on_bytes)
            file.flush()
            os.fsync(file.fileno())
        with open_parcel(draft) as parcel:
            if list(parcel.seals.values()) != seals:
                raise BylineError("What was to be exported changed meanwhile.", "run byline export again")
            for seal in seals:
                for _ in parcel.read(seal.name):
                    pass
        draft.replace(path)
        sync(path.parent)
    except ArchiveDamaged as error:
        wrong = f"{path} was not written: what was to be exported changed meanwhile, or the disk is not sound."
        raise BylineError(wrong, "run byline export again") from error
    finally:
        draft.unlink(missing_ok=True)
    return path.stat().st_size


def _seal(member: Member) -> Seal:
    digest, size = hashlib.sha256(), 0
    for piece in member.pieces():
        digest.update(piece)
        size += len(piece)
    return Seal(member.name, size, digest.hexdigest())


def _fill(
    file: BinaryIO, members: Sequence[Member], stored: frozenset[str], total: int, on_bytes: OnBytes
) -> frozenset[str]:
    """Write all members into `file`; return those that pack tighter than is read again."""
    file.seek(0)
    file.truncate()
    done, tight = 0, set()
    with zipfile.ZipFile(file, "w") as packed:
        for member in members:
            info = zipfile.ZipInfo(member.name, _now())
            is_packed = member.is_packed and member.name not in stored
            info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            info.external_attr = 0o600 << 16
            with packed.open(info, "w", force_zip64=True) as content:
                for piece in member.pieces():
                    content.write(piece)
                    done += len(piece)
                    on_bytes(min(done, total), total)
            if _is_tight(info):
                tight.add(member.name)
    return frozenset(tight)


def _now() -> tuple[int, int, int, int, int, int]:
    now = time.localtime()
    return max(now.tm_year, 1980), now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec  # a zip begins in 1980


def _is_tight(info: zipfile.ZipInfo) -> bool:
    return info.file_size > max(_SMALL, MOST_RATIO * info.compress_size)


# --- read ----------------------------------------------------------------------------------------------------


class Parcel:
    """An open export. `unknown` are members that its manifest does not name; `number` tells it from others."""

    def __init__(self, path: Path, packed: zipfile.ZipFile, manifest: bytes) -> None:
        self.path = path
        self._packed = packed
        self.number = hashlib.sha256(manifest).hexdigest()
        self.about = self._parse(manifest)
        self.seals = {seal.name: seal for seal in self._parse_seals()}
        self.unknown = tuple(sorted(set(packed.namelist()) - {MANIFEST, *self.seals}))
        self._check_members()

    def damaged(self, what: str) -> ArchiveDamaged:
        """Return the error of a file that is not as it was written."""
        return ArchiveDamaged(f"{self.path} was cut or changed: {what}.", "copy the file again, or export anew")

    def size(self) -> int:
        """Return how many bytes the members unpack to."""
        return sum(seal.size for seal in self.seals.values())

    def read(self, name: str) -> Iterator[bytes]:
        """Yield a member in pieces; raises ArchiveDamaged, at the end at the latest, where it is not as sealed."""
        seal, size, digest = self.seals[name], 0, hashlib.sha256()
        try:
            with self._packed.open(name) as content:
                while piece := content.read(_AT_ONCE):
                    size += len(piece)
                    digest.update(piece)
                    if size > seal.size:
                        raise self.damaged(f"{name} is longer than it says")
                    yield piece
        except _BROKEN as error:
            raise self.damaged(f"{name} cannot be unpacked") from error
        if (size, digest.hexdigest()) != (seal.size, seal.sha256):
            raise self.damaged(f"{name} has not its SHA-256")

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member without their ends, each of which must be there."""
        parts: list[bytes] = []
        size = 0
        for piece in self.read(name):
            *whole, last = piece.split(b"\n")
            for line in whole:
                yield b"".join([*parts, line])
                parts, size = [], 0
            parts.append(last)
            size += len(last)
            if size > LONGEST_LINE:
                raise self.damaged(f"a line of {name} is longer than {LONGEST_LINE // 2**20} MiB")
        if any(parts):
            raise self.damaged(f"the last line of {name} has no end")

    def _parse(self, manifest: bytes) -> Mapping[str, Any]:
        try:
            about = json.loads(manifest)
        except (ValueError, RecursionError) as error:
            raise self.damaged(f"its {MANIFEST} is not JSON") from error
        said = about.get("byline_export") if isinstance(about, dict) else None
        if not isinstance(said, int) or isinstance(said, bool) or said < 1:
            raise _foreign(self.path)
        if said > FORMAT:
            raise ArchiveMismatch(
                f"{self.path} was exported by a newer Byline (format {said}; this one reads {FORMAT}).",
                "pip install --upgrade byline",
            )
        return about  # type: ignore[no-any-return]

    def _parse_seals(self) -> Iterator[Seal]:
        told, seen = self.about.get("members"), {MANIFEST}
        for one in told if isinstance(told, list) else [None]:
            match one:
                case {"name": str(name), "bytes": int(size), "sha256": str(sha256)} if (
                    name not in seen and size >= 0 and not isinstance(size, bool) and _SHA256.fullmatch(sha256)
                ):
                    seen.add(name)
                    yield Seal(name, size, sha256)
                case _:
                    raise self.damaged(f"its {MANIFEST} does not name its members")

    def _check_members(self) -> None:
        infos = self._packed.infolist()
        by_name = {info.filename: info for info in infos}
        if len(by_name) != len(infos):
            raise self.damaged("a name is twice in it")
        # Told as many, one packed piece is a bomb; what shares no bytes cannot be more than the file.
        if sum(info.compress_size for info in infos) > self.path.stat().st_size:
            raise self.damaged("its members share their bytes")
        for seal in self.seals.values():
            info = by_name.get(seal.name)
            if info is None or info.file_size != seal.size:
                raise self.damaged(f"{seal.name} is gone, or not of its size")
            if info.compress_type not in _PACKINGS or info.flag_bits & _ENCRYPTED or _is_tight(info):
                raise self.damaged(f"{seal.name} is not packed as Byline packs")


@contextmanager
def open_parcel(path: Path) -> Iterator[Parcel]:
    """Open an export and check all that can be checked without unpacking it."""
    try:
        with path.open("rb") as file, _opened(file, path) as packed:
            yield Parcel(path, packed, _manifest_of(packed, path))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename is None or Path(os.fsdecode(error.filename)) != path:
            raise
        raise UsageError(f"{path} cannot be opened: {error.strerror}.", "byline import FILE.zip") from error


def _opened(file: BinaryIO, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (*_BROKEN, MemoryError) as error:
        raise _foreign(path) from error


def _manifest_of(packed: zipfile.ZipFile, path: Path) -> bytes:
    try:
        info = packed.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST or info.compress_type not in _PACKINGS or info.flag_bits & _ENCRYPTED:
            raise _foreign(path)
        with packed.open(info) as content:
            return content.read(LARGEST_MANIFEST)
    except (*_BROKEN, KeyError) as error:
        raise _foreign(path) from error


def _foreign(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{path} is not an export of Byline, or was cut short.", "name a file that byline export made"
    )
