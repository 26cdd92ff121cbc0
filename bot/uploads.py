"""Uploaded files into the archive's own folder, under names that are safe on every system."""

from __future__ import annotations

import errno
import filecmp
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path, PurePosixPath, PureWindowsPath

from index.disk import sync

UPLOADS = "uploads"  # in the archive's folder
LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^\w .()+-]")
# Windows takes these for devices, with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def keep(uploaded: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    """Move uploaded files into `folder` and return where they are; none replaces another of the same name.

    A file that is there already, byte for byte, is not kept twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(dict.fromkeys(_keep(path, folder) for path in uploaded))


def _keep(path: Path, folder: Path) -> Path:
    for place in _places(folder / safe_name(path.name)):
        if not place.exists():
            _move(path, place)
            return place
        if place.is_file() and filecmp.cmp(path, place, shallow=False):
            path.unlink()
            return place
    raise AssertionError("there is always a next name")


def _move(path: Path, place: Path) -> None:
    """Move a file, whole or not at all: half of one would be read as an article that ends there."""
    try:
        path.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = place.with_name(f".{place.name}.part")  # hidden, so no run reads it
        try:
            shutil.copy2(path, part)
            sync(part)
            part.replace(place)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        path.unlink()
    sync(place.parent)


def safe_name(name: str) -> str:
    """Return a file name that means the same file everywhere: no folder, no device, nothing hidden."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", last)).strip(" .")
    stem, dots, ending = plain.partition(".")
    plain = stem[:LONGEST_NAME] + dots + ending[-LONGEST_NAME:]
    return f"_{plain}" if not plain or _DEVICES.fullmatch(plain) else plain


def _places(first: Path) -> Iterator[Path]:
    yield first
    stem, dot, ending = first.name.partition(".")
    for number in count(2):
        yield first.with_name(f"{stem}-{number}{dot}{ending}")
