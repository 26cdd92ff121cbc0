"""The indexing run: files to a searchable archive, incrementally. The only writer.

One transaction an article: a run that is killed or interrupted keeps what it had done, and the next one goes on.
Chroma follows once, at the end. Bad input never loses what is stored: what cannot be read now stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from index.archive import UNFINISHED, Archive
from index.batch import Batch, OnProgress, Progress, Stop, archive_fingerprint
from index.copies import SKETCH, begin_bands, put_bands, without_bands
from index.embed import Embedder
from index.language_table import DETECTOR, learn_languages
from index.records import BuildReport
from index.run import Run
from index.store import entries, set_meta

__all__ = ["Progress", "archive_fingerprint", "build", "ignore", "renew_articles", "sketch"]

UNDER_WAY = "importing"  # in meta: the number of the export whose import is not finished
_LEARNED_AT_ONCE = 500  # articles a transaction: half a second
_SKETCHED_AT_ONCE = 200  # articles a transaction: a quarter of a second


def ignore(progress: Progress) -> None:
    """Take no notice."""


def build(
    archive: Archive,
    paths: Sequence[Path],
    *,
    embedder: Embedder,
    max_tokens: int,
    on_progress: OnProgress = ignore,
    columns: Mapping[str, str] | None = None,
    rebuild: bool = False,
) -> BuildReport:
    """Bring the archive in line with `paths` and return what that took.

    An `on_progress` that raises Stop ends it early, with the report of what is stored by then.
    With `rebuild` the stored articles are first cut and embedded anew, for which their files are not needed.
    """
    with archive.writing(), ExitStack() as held:
        batch = Batch(archive, embedder, max_tokens=max_tokens, on_progress=on_progress)
        held.callback(batch.close)
        make_ready(archive)
        _renew(archive, batch, rebuild=rebuild)
        _learn_languages(archive, batch)
        run = Run(archive, batch, paths)
        try:
            run.read(paths, columns)
            report = run.finish()
        except Stop:
            report = run.break_off()
        if not archive.is_published():
            with suppress(Stop):  # it is too late for that: what is stored is to be found
                batch.report("saving", "")
            archive.publish_vectors()
    return report


def make_ready(archive: Archive) -> None:
    """Sketch the articles that an earlier Byline did not, or not as this one does; the caller is the one writer."""
    if archive.store.meta("sketch") != SKETCH:
        _begin_sketches(archive)
    sketch(archive)


def _begin_sketches(archive: Archive) -> None:
    """Forget what articles were compared by; an archive of a Byline that compared none gets room for it."""
    with archive.store.writing() as connection:
        begin_bands(connection)
        set_meta(connection, "sketch", SKETCH)


def sketch(archive: Archive) -> None:
    """Sketch the articles that are not yet; after a kill the next run goes on where this one was."""
    while True:
        with archive.store.reading() as connection:
            waiting = without_bands(connection, limit=_SKETCHED_AT_ONCE)
        if not waiting:
            return
        with archive.store.writing() as connection:
            for number, article in waiting:
                put_bands(connection, number, article)


def _renew(archive: Archive, batch: Batch, *, rebuild: bool) -> None:
    """Make the archive one of the batch's fingerprint: every article anew where asked, else ArchiveMismatch.

    While it lasts the archive names itself unfinished, so that nobody compares vectors of two kinds; after a kill
    the next run goes on where this one was.
    """
    had = archive.store.meta("fingerprint")
    unfinished = UNFINISHED + batch.fingerprint
    if had == batch.fingerprint and not rebuild:
        return
    if had != unfinished:
        if not rebuild:
            archive.check_fingerprint(batch.fingerprint)
        with archive.store.writing() as connection:
            set_meta(connection, "fingerprint", unfinished)
            if had == batch.fingerprint:
                connection.execute("UPDATE articles SET fingerprint = ''")
    renew_articles(archive, batch)
    with archive.store.writing() as connection:
        set_meta(connection, "fingerprint", batch.fingerprint)


def _learn_languages(archive: Archive, batch: Batch) -> None:
    """Find the languages of an earlier Byline's articles, and cut anew those that are not in English; once."""
    if archive.store.meta("languages") == DETECTOR:
        return
    found = _LEARNED_AT_ONCE
    while found == _LEARNED_AT_ONCE:
        with archive.store.writing() as connection:
            found = learn_languages(connection, limit=_LEARNED_AT_ONCE)
    renew_articles(archive, batch)
    with archive.store.writing() as connection:
        set_meta(connection, "languages", DETECTOR)


def renew_articles(archive: Archive, batch: Batch) -> None:
    """Cut and embed anew every stored article that was not made with the batch's fingerprint."""
    with archive.store.reading() as connection:
        stored = {entry.id: entry for entry in entries(connection)}
        asked = "SELECT id FROM articles WHERE fingerprint != ? ORDER BY number"
        ids = [str(id) for (id,) in connection.execute(asked, [batch.fingerprint])]
    batch.articles_total = len(ids)
    for id in ids:
        article = archive.article(id)
        if article is not None:
            batch.add(article, stored[id])
    batch.flush()
    batch.articles_total = None
