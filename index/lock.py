"""One writer an archive, across processes and threads; readers need no lock. The only importer of filelock."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ArchiveError, ArchiveLocked


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the archive in `folder` for writing, or raise at once, naming who holds it.

    The operating system frees the lock of a process that dies, so a kill leaves nothing to clean up.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "writing.lock", timeout=0)
    holder = folder / "writing.json"
    try:
        lock.acquire()
    except Timeout:
        raise ArchiveLocked(
            f"The archive in {folder} is being written by {_read(holder)}.",
            "wait until it has finished, then try again",
        ) from None
    except OSError as error:
        raise ArchiveError(f"The archive in {folder} may not be written: {error}.", "make it writable") from error
    try:
        holder.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {said['pid']} on {said['host']}"
    except (OSError, ValueError, KeyError, TypeError):  # it may be just writing that very file
        return "another process"
