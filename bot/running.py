"""A Byline that serves an archive, as another process finds it: a file in the archive's folder, for its owner's eyes.

The secret in the file never travels. Each side proves that it knows it by a keyed hash of a word that the terminal has
just made up: so no other program that has come to listen on that port is told a question, nor asks one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from bot.models import default_model, models_folder
from bot.settings import Settings

FILE_NAME = "running.json"
Side = Literal["terminal", "server"]


@dataclass(frozen=True, slots=True)
class Running:
    """Where a Byline answers for an archive. `program` tells one installation, and one state of its files, apart."""

    host: str
    port: int
    pid: int
    secret: str
    archive: str
    program: str


@contextmanager
def announced(archive: Path, host: str, port: int) -> Iterator[Running]:
    """Say in the archive's folder that a Byline answers at this address, until the block ends.

    A folder that cannot be written to is served all the same, and the terminal works by itself.
    """
    this = Running(host, port, os.getpid(), secrets.token_urlsafe(32), str(archive.resolve()), program())
    file = archive / FILE_NAME
    draft = archive / f"{FILE_NAME}.{this.pid}"
    with suppress(OSError):
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(this), stream)
        draft.replace(file)
    try:
        yield this
    finally:
        if _read(file) == this:  # and not that of a later one
            with suppress(OSError):
                file.unlink()


def find_running(archive: Path) -> Running | None:
    """Return the Byline that its file says runs over `archive`, None without one of this very program.

    It may have been killed: whoever asks it finds that out.
    """
    file = archive / FILE_NAME
    if not _is_ours(file):
        return None
    this = _read(file)
    if this is None or this.archive != str(archive.resolve()) or this.program != program():
        return None
    return this


def _read(file: Path) -> Running | None:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        this = Running(**said)
    except (OSError, ValueError, TypeError):
        return None
    is_whole = all(isinstance(value, int if name in ("port", "pid") else str) for name, value in said.items())
    return this if is_whole else None


def _is_ours(file: Path) -> bool:
    """Return whether nobody else can have written the file, where the platform tells."""
    try:
        found = file.stat(follow_symlinks=False)
    except OSError:
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)


@cache
def program() -> str:
    """Return what tells this installation from another, and from itself before it was changed."""
    here = Path(__file__).parent
    folders = (here, here.parent / "index", here.parent / "prompts")
    newest = max(entry.stat().st_mtime_ns for folder in folders for entry in os.scandir(folder) if entry.is_file())
    return f"{here} {newest}"


def prove(secret: str, side: Side, nonce: str) -> str:
    """Return what only who knows the secret can say to `nonce`."""
    return hmac.new(secret.encode(), f"{side} {nonce}".encode(), hashlib.sha256).hexdigest()


def is_proof(given: str, secret: str, side: Side, nonce: str) -> bool:
    """Return whether `given` is the proof, in a time that does not tell how nearly it is."""
    return hmac.compare_digest(given.encode(), prove(secret, side, nonce).encode())


def searched_by(settings: Settings) -> dict[str, str]:
    """Return what of the settings decides what is found."""
    return {"models": str(models_folder().resolve()), "embedder": _named(settings.embedder, "embedder")}


def answered_by(settings: Settings) -> dict[str, str]:
    """Return what of the settings decides an answer and goes with no question."""
    if settings.no_llm:
        writer = ""
    elif settings.model_url:
        writer = f"{settings.model} at {settings.model_url.rstrip('/')}"
    else:
        writer = _named(settings.model, "generator")
    numbers = f"{settings.answer_tokens} tokens, {settings.threads} threads"
    return {**searched_by(settings), "model": writer, "numbers": numbers}


def _named(model: str, role: Literal["generator", "embedder"]) -> str:
    """Return a model by its name in models.txt, or by its whole path: two processes may stand in two folders."""
    path = Path(model).expanduser()
    if model and path.exists():
        return str(path.resolve())
    return (model or default_model(role).name).lower()
