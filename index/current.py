"""The file CURRENT: which generation of vectors readers use. Replaced as a whole, never half written."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from index.disk import sync

_NAME = re.compile(r"\d+-[0-9a-f]+", re.ASCII)  # no path: an archive may come from a stranger


@dataclass(frozen=True, slots=True)
class Current:
    """The generation that readers use, and the state of the archive that it was made of."""

    generation: str  # empty when there is no passage
    archive: str
    revision: int
    count: int
    fingerprint: str
    replaced: int = 0  # passages deleted from it since it was made from nothing


def read_current(folder: Path) -> Current | None:
    """Return what CURRENT says, None when it is missing, cannot be read, or names no generation that is here."""
    try:
        said = Current(**json.loads((folder / "CURRENT").read_text(encoding="utf-8")))
        if not isinstance(said.count, int) or not isinstance(said.replaced, int):
            return None
        whole = bool(_NAME.fullmatch(said.generation)) and any(
            (folder / said.generation / name).is_file() for name in ("chroma.sqlite3", "server.json")
        )
    except (OSError, ValueError, TypeError):
        return None
    return said if whole or not said.count else None


def write_current(folder: Path, state: Current) -> None:
    """Replace CURRENT; it is on the disk when this returns."""
    draft = folder / "CURRENT.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "CURRENT")
    sync(folder)
