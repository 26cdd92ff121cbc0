"""One writer an archive, across processes and threads; readers need no lock. The only importer of filelock."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from index.disk import refusal
from index.errors import ArchiveLocked


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the archive in `folder` for writing, or raise at once, naming who holds it.

    The operating system frees the lock of a process that dies, so a kill leaves nothing to clean up.
    """
    with _held(folder, "writing", "The archive in {} is being written by {}."):
        yield


@contextmanager
def pull_lock(folder: Path) -> Iterator[None]:
    """Be the one who pulls the feeds of the archive in `folder`, or raise at once: one request at a time."""
    with _held(folder, "pulling", "The feeds of the archive in {} are being pulled by {}."):
        yield


@contextmanager
def _held(folder: Path, what: str, wrong: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / f"{what}.lock", timeout=0)
    holder = folder / f"{what}.json"
    try:
        lock.acquire()
    except Timeout:
        mend = "wait until it has finished, then try again"
        raise ArchiveLocked(wrong.format(folder, _read(holder)), mend) from None
    except OSError as error:
        raise refusal(error, folder) from error
    try:
        with suppress(OSError):  # on a full disk nobody is told who writes
            holder.write_text(json.dumps(_about_us()), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _about_us() -> dict[str, str | int]:
    command = " ".join([Path(sys.argv[0] or "python").name, *sys.argv[1:2]])  # byline index; no names of files
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "since": since}


def _read(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {said['pid']} on {said['host']} ({said['command']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):  # it may be just writing that very file
        return "another process"
