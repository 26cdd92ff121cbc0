"""The command that takes articles out of the archive, or lets them in again."""

from __future__ import annotations

import argparse

from bot.opened import open_archive_of
from bot.options import settings_of
from bot.show import plain
from bot.terminal import notice, out, out_json, tell
from index.archive import Archive


def take_out(options: argparse.Namespace) -> int:
    """Remove articles, or undo it; status 1 when one of the ids is none."""
    from index.withdraw import let_back, remove

    with open_archive_of(settings_of(options), tell=notice) as archive:
        known, unknown = _known(archive, options)
        if unknown:
            mend = "byline list --removed" if options.undo else "byline list"
            tell(f"byline: no single article has the id {', '.join(map(repr, unknown))}\n  mend: {mend}")
            return 1
        count = (let_back if options.undo else remove)(archive, list(known))
    if options.json:
        out_json({"let_back" if options.undo else "removed": list(known)})
    elif options.undo:
        folders = " ".join(sorted({plain(root) for root in known.values()}))
        out(f"{count} let back; they return with: byline index {folders}")
    else:
        out(f"{count} removed; indexing their files leaves them out (byline remove --undo ID lets them back)")
    return 0


def _known(archive: Archive, options: argparse.Namespace) -> tuple[dict[str, str], list[str]]:
    """Return the articles that are meant, each with the folder it came from where it was removed; and what is none."""
    if options.undo:
        from index.withdraw import removed

        gone = {one.id: one.root for one in removed(archive)}
        return {id: gone[id] for id in options.ids if id in gone}, [id for id in options.ids if id not in gone]
    found = {id: archive.article(id) for id in options.ids}
    return {one.id: "" for one in found.values() if one}, [id for id, one in found.items() if one is None]
