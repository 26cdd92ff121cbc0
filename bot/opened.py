"""An archive opened as the settings say: its graph in its folder, or on a Chroma server."""

from __future__ import annotations

import os
from collections.abc import Callable

from bot.settings import Settings
from index.archive import Archive


def open_archive_of(
    settings: Settings, *, create: bool = False, tell: Callable[[str], None] = lambda text: None
) -> Archive:
    """Return the archive; `tell` hears what leaves the machine by a server elsewhere, and that one does not answer."""
    if not settings.chroma_url:
        return Archive.open(settings.archive, create=create)
    from index.chroma_server import TOKEN, chroma_server
    from index.vectors import VectorsUnreadable

    server = chroma_server(settings.chroma_url, os.environ.get(TOKEN, ""))
    archive = Archive.open(settings.archive, create=create, chroma=server)
    if not server.address.is_here:
        plain = ", where others on the way can read them" if server.address.is_open else ""
        tell(f"the vectors of passages and questions are sent to {server.address.shown}{plain} (--chroma-url)")
    try:
        server.check()
    except VectorsUnreadable as error:
        tell(f"{error.wrong} Passages are found all the same, slower.")
    return archive
