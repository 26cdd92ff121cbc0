"""Whether llama.cpp multiplies in the processor's AMX tiles: tried once for each build, in a process of its own.

GCC 11 and 12 leave out most of the tiles' configuration, because their `_tile_loadconfig` claims to read 8 of its 64
bytes and what nothing reads is not written: the first evaluation ends the process (llama.cpp #20824, #26954; seen with
Debian's GCC 12 on a Sapphire Rapids). With -fno-tree-dse -fno-dse it is written, and the Makefile builds so. In tiles
the default model reads 1.55 times as many tokens a second there, writes as many, and its probabilities are as near to
those of the plain kernels as those of the AVX-512 ones are (Kullback-Leibler .003 both, over 16 prompts).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.models import derived_folder
from index.apart import run_apart
from index.embed_choice import processor, temporary

_PATIENCE_SECONDS = 60.0  # loading a model of a few gigabytes from a slow disk
WRONG = 3  # the status of a trial whose numbers are none
_FAULTS = {-number for name in ("SIGILL", "SIGSEGV", "SIGBUS", "SIGFPE") if (number := getattr(signal, name, None))}
_WINDOWS_FAULT = 0xC0000000  # and above, as a status that is read without its sign
_SOUND, _BROKEN = "sound", "broken"


def uses_amx(system_info: bytes) -> bool:
    """Return whether a llama.cpp of this description multiplies in AMX tiles, for which it repacks the weights."""
    return b"AMX" in system_info


def try_tiles(model: Path) -> bool | None:
    """Evaluate a few tokens in tiles in a process of its own, which that may end.

    Return whether it went well; None where that tells nothing of the build, as for a file that is no model.
    """
    try:
        ran = run_apart(Path(__file__).with_name("tiles_trial.py"), str(model), patience=_PATIENCE_SECONDS)
    except (subprocess.TimeoutExpired, OSError):
        return None
    ended = ran.returncode
    if ended == WRONG or ended in _FAULTS or (os.name == "nt" and ended % 2**32 >= _WINDOWS_FAULT):
        return False
    return True if ended == 0 else None


def may_repack(c: Any, model: Path, *, trial: Callable[[Path], bool | None] = try_tiles) -> bool:
    """Return whether the weights of `model` may be repacked: without AMX always, with it where that was seen to work.

    What is found is noted beside the models, for this file, this build and this processor: not every kind of weights
    has tiles. Where it cannot be noted or found out the answer is no, which is slower and never wrong.
    """
    if not uses_amx(c.llama_print_system_info()):
        return True
    note = derived_folder() / f"tiles-{_key(Path(c.__file__).parent, model)}"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return note.read_text(encoding="ascii") == _SOUND
    part = temporary(note)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part.touch()  # before the trial, which takes seconds: where nothing can be noted it is not made at every start
        found = trial(model)
        if found is not None:
            part.write_text(_SOUND if found else _BROKEN, encoding="ascii")
            part.replace(note)
        return bool(found)
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _key(package: Path, model: Path) -> str:
    """Name this llama.cpp, this processor and this model: another build has other files."""
    files = sorted(path for path in package.rglob("*ggml*") if path.is_file())
    told = [
        f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in (*files, model) if path.is_file()
    ]
    return hashlib.sha256("\n".join([processor(), *told]).encode()).hexdigest()[:16]
