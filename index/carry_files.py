"""An export's own files into an archive's folder: what readers added on the page. None replaces another file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from index.carried import Home
from index.disk import sync
from index.errors import BylineError
from index.parcel import Parcel


def put_files(archive_folder: Path, parcel: Parcel, names: Sequence[str]) -> Home:
    """Put the export's files into the archive's folder; return where each is now."""
    folder = os.path.abspath(archive_folder)  # noqa: PTH100 - as the indexing run names files
    renamed = {}
    try:
        for name in names:
            kept = _put_file(Path(folder), parcel, name)
            renamed.update({name: kept} if kept != name else {})
    except OSError as error:
        wrong = f"The archive's own files cannot be written: {error.strerror or error}."
        raise BylineError(wrong, "free some space, and run the same command again") from error
    return Home(folder, renamed)


def _put_file(folder: Path, parcel: Parcel, name: str) -> str:
    """Write a member under its name, or the next one that is free; return the name. None replaces another file."""
    first = Path(name)
    stem, dot, ending = first.name.partition(".")
    for number in range(1, 10_000):
        kept = name if number == 1 else first.with_name(f"{stem}-{number}{dot}{ending}").as_posix()
        path = folder / kept
        if not path.exists() and not path.is_symlink():
            _write(path, parcel, name)
            return kept
        if path.is_file() and _is_same(path, parcel, name):
            return kept
    raise parcel.damaged(f"{name} is there under too many names")


def _is_same(path: Path, parcel: Parcel, name: str) -> bool:
    seal = parcel.seals[name]
    if path.stat().st_size != seal.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == seal.sha256


def _write(path: Path, parcel: Parcel, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in parcel.read(name):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
        sync(path.parent)
    finally:
        Path(draft).unlink(missing_ok=True)
