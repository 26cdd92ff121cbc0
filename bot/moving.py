"""The commands `byline export` and `byline import`: an archive in one file, from one machine to another."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import open_embedder, passage_tokens
from bot.as_json import SCHEMA_VERSION
from bot.carried_feeds import FEEDS, feed_lines, put_feeds, read_feeds
from bot.conversations import Conversations
from bot.draw import Bar
from bot.feeds import Feeds
from bot.frozen_json import NotThatRecord, dump, load
from bot.kept import RawConversation
from bot.opened import open_archive_of
from bot.options import open_archive, settings_of
from bot.show import plain
from bot.terminal import byline_version, notice, out, out_json, tell
from index.archive import Archive, archive_exists
from index.batch import Progress
from index.carried import NotCarried, parse_object
from index.carry_in import Contents, Import, carry_in, check_room, is_under_way, look_into, takes_vectors
from index.carry_out import Export, carry_out
from index.embed import Embedder
from index.errors import ModelMissing, UsageError
from index.parcel import Member, OnBytes, Parcel, open_parcel

CONVERSATIONS = "conversations.jsonl"
_MOST = 2**62  # a number that SQLite takes


def export(options: argparse.Namespace) -> int:
    """Write the archive and its conversations to a file."""
    with open_archive(options) as archive:
        conversations = [] if options.no_conversations else Conversations(archive.folder).raw()
        extra = [Member(CONVERSATIONS, lambda: map(_line, conversations))] if conversations else []
        feeds = Feeds(archive.folder).listed()
        extra += [Member(FEEDS, lambda: feed_lines(feeds))] if feeds else []
        about = {"made_by": f"byline {byline_version()}", "made_on": datetime.now(UTC).date().isoformat()}
        with _bytes_bar("exporting") as show:
            written = carry_out(
                archive,
                options.file,
                about={**about, "conversations": len(conversations)},
                extra=extra,
                with_vectors=not options.no_vectors,
                on_bytes=show,
            )
    for name in written.left_out:
        tell(f"byline: left out, as its name means nothing elsewhere: {plain(name)}")
    if not (written.has_vectors or options.no_vectors):
        notice("without vectors, of which none are finished here; import makes them anew")
    if options.json:
        out_json(
            {
                "schema_version": SCHEMA_VERSION,
                "file": str(options.file),
                "conversations": len(conversations),
                **asdict(written),
            }
        )
    else:
        out(_export_text(options.file, written, len(conversations)))
    return 0


def _export_text(file: Path, written: Export, conversations: int) -> str:
    vectors = "with" if written.has_vectors else "without"
    return (
        f"{file}: {written.size / 1e6:,.1f} MB, {written.articles:,} articles {vectors} their vectors, "
        f"{conversations:,} conversations, {written.files:,} own files, {written.removed:,} removed articles"
    )


def import_(options: argparse.Namespace) -> int:
    """Add what an export holds to the archive, after all of it was found right."""
    settings = settings_of(options)
    folder = settings.archive
    with open_parcel(options.file) as parcel, _bytes_bar("checking") as show:
        contents = look_into(parcel, frozenset({CONVERSATIONS, FEEDS}), show)
        conversations, feeds = _conversations(parcel), read_feeds(parcel)
        if archive_exists(folder):
            _refuse_unless_merged(folder, parcel, merge=options.merge)
        check_room(folder, parcel)
        embedder = _embedder(options, contents)
        with open_archive_of(settings, create=True, tell=notice) as archive:
            if contents.articles and not takes_vectors(archive, contents, embedder, passage_tokens(embedder)):
                notice(f"{contents.articles:,} articles are to be embedded: the export has no vectors of this embedder")
            kept = Conversations(folder)
            talk: list[Talk] = []
            with _articles_bar() as on_progress:
                report = carry_in(
                    archive,
                    parcel,
                    contents,
                    embedder=embedder,
                    max_tokens=passage_tokens(embedder),
                    on_progress=on_progress,
                    beside=lambda: talk.append(_put_conversations(kept, conversations)),
                )
        added = put_feeds(Feeds(folder), feeds)
    if added:
        notice(f"{added:,} feeds added: byline feed list")
    _tell_import(options, folder, contents, report, *talk)
    return 0


def _refuse_unless_merged(folder: Path, parcel: Parcel, *, merge: bool) -> None:
    with Archive.open(folder, create=True) as archive:
        if not merge and not archive.is_empty and not is_under_way(archive.store, parcel):
            count = archive.status().articles
            mend = "byline import --merge FILE.zip adds what is missing; --archive FOLDER imports into another one"
            raise UsageError(f"The archive in {folder} holds {count:,} articles.", mend)


def _embedder(options: argparse.Namespace, contents: Contents) -> Embedder | None:
    """Return the embedder; None where it is not on this machine, and vectors that came may do without."""
    try:
        return open_embedder(settings_of(options), notice)
    except ModelMissing:
        if not contents.dimension:
            raise
        return None


# --- conversations -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talk:
    """What became of the conversations that came; `conflicts` are ids of others that were here, and stay."""

    added: int
    unchanged: int
    conflicts: tuple[str, ...]


def _line(conversation: RawConversation) -> bytes:
    return json.dumps(dump(conversation), ensure_ascii=False).encode() + b"\n"


def _conversations(parcel: Parcel) -> list[RawConversation]:
    if CONVERSATIONS not in parcel.seals:
        return []
    found = []
    for line in parcel.lines(CONVERSATIONS):
        try:
            found.append(load(RawConversation, parse_object(line)))
        except (NotThatRecord, NotCarried) as error:
            raise parcel.damaged(f"a line of {CONVERSATIONS} is none of Byline's: {error}") from error
    ids = {one.id for one in found}
    numbers = [
        (one.begun, one.changed, one.revision, *(n for e in one.exchanges for n in (e.number, e.kept))) for one in found
    ]
    places = [[each.number for each in one.exchanges] for one in found]
    if len(ids) < len(found) or "" in ids or any(len(set(place)) < len(place) for place in places):
        raise parcel.damaged(f"an id is twice in {CONVERSATIONS}")
    if any(abs(number) > _MOST for some in numbers for number in some):
        raise parcel.damaged(f"a number in {CONVERSATIONS} is none of Byline's")
    return found


def _put_conversations(kept: Conversations, conversations: list[RawConversation]) -> Talk:
    became = {one.id: kept.put_raw(one) for one in conversations}
    new, same = (list(became.values()).count(what) for what in (True, False))
    return Talk(new, same, tuple(id for id, what in became.items() if what is None))


# --- told ----------------------------------------------------------------------------------------------------


def _tell_import(options: argparse.Namespace, folder: Path, contents: Contents, report: Import, talk: Talk) -> None:
    for name in contents.unknown:
        tell(f"byline: left as it is, as this Byline does not know it: {plain(name)}")
    for what, ids in (("article", report.conflicts), ("conversation", talk.conflicts)):
        for id in ids:
            tell(f"byline: the {what} {plain(id)} differs from the one that is here, which stays")
    if options.json:
        out_json(_import_json(folder, contents, report, talk))
        return
    out(
        f"{folder}: {report.added:,} articles added, {report.unchanged:,} unchanged, "
        f"{len(report.conflicts):,} conflicts, {report.left_out:,} left out, as they were removed here; "
        f"{report.passages:,} passages"
    )
    out(f"{talk.added:,} conversations added, {talk.unchanged:,} unchanged, {len(talk.conflicts):,} conflicts")


def _import_json(folder: Path, contents: Contents, report: Import, talk: Talk) -> dict[str, Any]:
    told = {**asdict(report), "conversations": dump(talk), "unknown": list(contents.unknown)}
    return {"schema_version": SCHEMA_VERSION, "archive": str(folder), **told}


@contextmanager
def _bytes_bar(what: str) -> Iterator[OnBytes]:
    with Bar(what, bytes_=True) as bar:
        yield lambda done, total: bar.show(done, total)


@contextmanager
def _articles_bar() -> Iterator[Callable[[Progress], None]]:
    with Bar("importing", unit="articles") as bar:
        yield lambda now: bar.show(now.articles_done, now.articles_total, plain(f"{now.stage} {Path(now.path).name}"))
