"""The disk: what it refuses, said as our errors; room made sure of before it is mapped; what must survive a power cut.

Knows nothing of what the files hold.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import ArchiveError

FREE_SOME = "free some space and run the command again"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
# As SQLite and Rust's standard library say it, inside messages of Chroma's.
_SAID_FULL = re.compile(r"disk is full|No space left|\(os error (?:27|28|122)\)")


def is_full(error: BaseException) -> bool:
    """True when an error says that there is no room on the disk, or no more than the process may use."""
    if isinstance(error, OSError):
        return error.errno in _FULL or bool(_SAID_FULL.search(str(error)))  # shutil.Error holds others' words
    no_room = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
    return getattr(error, "sqlite_errorcode", 0) in no_room or bool(_SAID_FULL.search(str(error)))


def refusal(error: BaseException, what: Path, *, so: str = "") -> ArchiveError:
    """Return what a failure at `what` means to the reader, `so` saying what of it."""
    if is_full(error):
        return ArchiveError(f"The disk is full: {what} cannot be written.{so}", FREE_SOME)
    reason = getattr(error, "strerror", None) or error
    if isinstance(error, OSError) and error.errno in _FORBIDDEN:
        return ArchiveError(f"{what} may not be read or written ({reason}).{so}", "make it readable and writable")
    return ArchiveError(f"{what} cannot be read or written ({reason}).{so}", "check the disk, then byline doctor")


@contextmanager
def told(what: Path) -> Iterator[None]:
    """Turn what the system says of files at or below `what` into our errors."""
    try:
        yield
    except OSError as error:
        raise refusal(error, what) from error


def make_folder(folder: Path) -> None:
    """Make a folder with those above it; their names are on the disk when this returns."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync(path.parent)


def reserve(file: Path, size: int) -> None:
    """Make `file` of so many bytes, all of which there is room for, or raise OSError.

    Where a file is mapped and its disk is full, the process is ended by a signal that nobody can catch.
    """
    with file.open("wb") as stream:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(stream.fileno(), 0, max(size, 1))
        else:  # macOS and Windows: written through
            zeros = bytes(1 << 20)
            for start in range(0, size, len(zeros)):
                stream.write(zeros[: size - start])


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk as far as the platform lets us."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, and syncs a name with its file
        return
    with suppress(OSError):  # Windows syncs only what is open for writing
        os.fsync(handle)
    os.close(handle)


def checksum(file: Path) -> int:
    """Return the CRC of a file."""
    value = 0
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            value = zlib.crc32(piece, value)
    return value
