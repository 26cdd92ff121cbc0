"""The models on this machine: found, and never handed out before their SHA-256 is the one in models.txt."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path

from bot.gguf import check_gguf
from bot.models_file import File, Model, Role, default_model, load_models, models_file, named_model, parse_models
from index.errors import ModelCorrupt, ModelMissing

__all__ = [
    "File",
    "Model",
    "OnProgress",
    "Progress",
    "Role",
    "State",
    "check_files",
    "default_model",
    "derived_folder",
    "find_model",
    "ignore_progress",
    "load_models",
    "mark_verified",
    "models_file",
    "models_folder",
    "named_model",
    "parse_models",
    "place_of",
    "state",
    "unchanged",
    "verified_weights",
    "verify",
]

State = Literal["ready", "missing", "damaged", "unverified"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a model is. `note` says in a few words what is being done."""

    model: str
    done_bytes: int
    total_bytes: int
    note: str


OnProgress = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Take an event and do nothing."""


def models_folder() -> Path:
    """Return the folder that models lie in: BYLINE_MODELS, else a folder in the user's cache."""
    named = os.environ.get("BYLINE_MODELS", "")
    return Path(named).expanduser() if named else user_cache_path("byline", appauthor=False) / "models"


def derived_folder() -> Path:
    """Return the folder for what is made from the models on this machine: beside them, in none that is verified."""
    return models_folder() / "derived"


def place_of(model: Model) -> Path:
    """Return the path at which the model lies, or would: a file, or a folder for one of several files."""
    return models_folder() / model.place


def state(model: Model) -> State:
    """Return how the model is here, without reading it through.

    "ready": its hash was right once and no file has changed since. "unverified": sizes are right, the hash was
    never taken. "damaged": a file lacks or has another size. "missing": nothing is there.
    """
    place = place_of(model)
    if not place.exists():
        return "missing"
    marks = {file.path: _mark(model.path_of(file, place)) for file in model.files}
    if any(mark is None or mark[0] != file.size for file, mark in zip(model.files, marks.values(), strict=True)):
        return "damaged"
    return "ready" if _read_stamp(model) == _stamp(model) else "unverified"


def verify(model: Model, on_progress: OnProgress = ignore_progress) -> Path:
    """Read the whole model, compare every SHA-256, and return its path. Raises ModelMissing or ModelCorrupt."""
    place = place_of(model)
    if not place.exists():
        raise ModelMissing(f"the {model.role} {model.name} is not on this machine", _pull(model))
    stamp = _stamp(model)  # before reading: a file that changes meanwhile then has no valid stamp
    try:
        check_files(model, place, on_progress)
    except ModelCorrupt:
        with contextlib.suppress(OSError):
            _stamp_path(model).unlink(missing_ok=True)
        raise
    if _stamp(model) != stamp:
        raise ModelCorrupt(f"{model.name} changed while it was verified", "byline models verify")
    _write_stamp(model, stamp)
    return place


@contextlib.contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise ModelCorrupt at the end of the block where the file became another one meanwhile."""
    before = _mark(path)
    yield
    if _mark(path) != before:
        raise ModelCorrupt(f"{path} changed while it was loaded", "byline models verify")


def mark_verified(model: Model) -> Path:
    """Note that the model's files, as they lie there now, have been verified, and return its path."""
    _write_stamp(model, _stamp(model))
    return place_of(model)


def check_files(model: Model, place: Path, on_progress: OnProgress) -> None:
    """Raise ModelCorrupt unless every file under `place` has the size and SHA-256 that models.txt gives."""
    done = 0
    for file in model.files:
        path = model.path_of(file, place)
        mark = _mark(path)
        if mark is None:
            raise ModelCorrupt(f"{model.name}: {path} is not there", _pull(model))
        if mark[0] != file.size:
            raise ModelCorrupt(f"{model.name}: {path} has {mark[0]:,} of {file.size:,} bytes", _pull(model))
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
                on_progress(Progress(model.name, done, model.size, "verifying"))
        if digest.hexdigest() != file.sha256:
            wrong = f"{model.name}: the SHA-256 of {path} is {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…"
            raise ModelCorrupt(wrong, _pull(model))


def find_model(name_or_path: str | Path | None, role: Role, on_progress: OnProgress = ignore_progress) -> Path:
    """Return the path of a model that may be loaded: `None` is the default one.

    A model of models.txt is verified, in full the first time and by its stamp after that. Any other path is the
    reader's own model: a GGUF's header is checked, not its hash. Raises ModelMissing or ModelCorrupt.
    """
    if name_or_path is None:
        return _find_listed(default_model(role), on_progress)
    name = str(name_or_path)
    listed = next((model for model in load_models() if model.name.lower() == name.lower()), None)
    if listed is not None and listed.role == role:
        return _find_listed(listed, on_progress)
    path = Path(name).expanduser()
    if role == "generator" and (path.is_file() or _looks_like_path(name)):
        check_gguf(path)
        return path
    if role == "embedder" and (path.is_dir() or _looks_like_path(name)):
        return _find_embedder(path)
    named_model(name, role)  # raises, with the names there are
    raise ModelMissing(f"no {role} is named {name!r}", "byline models list")


def _find_listed(model: Model, on_progress: OnProgress) -> Path:
    place = place_of(model) if state(model) == "ready" else verify(model, on_progress)
    # A GGUF may be split into several files; llama.cpp is given the first and finds the others beside it.
    return model.path_of(model.files[0], place) if model.role == "generator" else place


def _find_embedder(folder: Path) -> Path:
    if not folder.is_dir():
        raise ModelMissing(f"there is no model folder at {folder}", "byline models list")
    if not (folder / "modules.json").is_file():
        wrong = f"{folder} is not a sentence-transformers model: it has no modules.json"
        raise ModelCorrupt(wrong, "name the folder that has modules.json in it")
    return folder


def verified_weights(name: str) -> str:
    """Return the SHA-256 of a listed embedder's weights, which find_model has verified; "" for any other model."""
    listed = next((model for model in load_models() if model.name.lower() == name.lower()), None)
    files = listed.files if listed and listed.role == "embedder" else ()
    return next((file.sha256 for file in files if file.path == "model.safetensors"), "")


def languages_read(name: str) -> str:
    """Return what models.txt says of the languages that an embedder reads; "" where it does not."""
    return next((model.languages for model in load_models() if model.name.lower() == name.lower()), "")


def _looks_like_path(name: str) -> bool:
    return name.lower().endswith(".gguf") or any(sign in name for sign in ("/", "\\")) or name.startswith("~")


def _pull(model: Model) -> str:
    return f"byline models pull {model.name}"


# A stamp beside the model says which bytes had the right hash, so that 1.1 GB are not read again at every start. Size
# and times of change tell a replaced or cut file; `byline models verify` reads in full whatever the stamp says.


def _stamp_path(model: Model) -> Path:
    return models_folder() / f"{model.place}.verified"


def _mark(path: Path) -> tuple[int, int, int] | None:
    """Return the file's size and times of change, None without it. The last one nobody can set back."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _stamp(model: Model) -> dict[str, list[int | str]]:
    place = place_of(model)
    marks = {file: _mark(model.path_of(file, place)) or (0, 0, 0) for file in model.files}
    return {file.path: [*mark, file.sha256] for file, mark in marks.items()}


def _read_stamp(model: Model) -> object:
    try:
        return json.loads(_stamp_path(model).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_stamp(model: Model, stamp: dict[str, list[int | str]]) -> None:
    # A models folder that cannot be written to (shared, read-only) is hashed at every start instead.
    with contextlib.suppress(OSError):
        _stamp_path(model).write_text(json.dumps(stamp), encoding="utf-8")
