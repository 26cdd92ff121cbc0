"""Changes to an archive that end in the middle: what is before, what may be meanwhile, and what must be in the end."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

import numpy as np
from archive_material import EMBEDDER, MAX_TOKENS, put, write_lines
from killed_child import ENDED, KEPT, NAMES, SLOTS, STAGE, STEPS, run

from bot.uploads import UPLOADS
from index.archive import Archive
from index.build import archive_fingerprint, build
from index.records import Article, Source
from index.repair import check
from index.store import find_problems, set_meta
from index.withdraw import remove

CONTEXT = multiprocessing.get_context("forkserver") if sys.platform != "win32" else None
QUERIES = ("story of boats", "version 1 of the harbour", "story 17")

Texts = dict[str, str]


def make_text(number: int, version: int = 0) -> str:
    # Each tenth tells its neighbour's story again, so that there are near-copies.
    story, ending = (number - 1, "once more") if number % 10 == 9 else (number, "")
    lines = (f"Story {story} tells of {story * line} boats in version {version}." for line in range(12))
    return " ".join([*lines, f"It was told in the harbour {ending}."])


BASE = {f"n{n}": make_text(n) for n in range(128)}
FIRST, SECOND = (dict(list(BASE.items())[part]) for part in (slice(0, 108), slice(108, None)))
MORE = {f"n{n}": make_text(n) for n in range(128, 144)}
CHANGED = {f"n{n}": make_text(n, 1) for n in range(0, 100, 8)}
REMOVED = [f"n{n}" for n in range(0, 128, 12)]


def is_here(folder: Path) -> bool:
    return (folder / "archive.sqlite3").exists()


@dataclass(frozen=True)
class Scene:
    """A change with what is stored before it and after it."""

    name: str
    change: str
    prepare: Callable[[Path, Path], None]  # the archive's folder and the folder of its files
    before: Texts
    after: Texts
    max_tokens: int = MAX_TOKENS

    def may_be(self, id: str) -> set[str]:
        """Return the texts that may be stored under an id while the change is under way."""
        return {texts[id] for texts in (self.before, self.after) if id in texts}

    @property
    def stays(self) -> set[str]:
        """Return the ids that are there throughout."""
        return self.before.keys() & self.after.keys()

    @property
    def is_change_of_texts(self) -> bool:
        return any(self.before.get(id) != text for id, text in self.after.items())


def write_news(news: Path, *parts: Texts) -> None:
    news.mkdir(exist_ok=True)
    for name, texts in zip("abcdef", parts, strict=False):
        write_lines(news / f"{name}.jsonl", texts)


def index_base(folder: Path, news: Path) -> None:
    write_news(news, FIRST, SECOND)
    with Archive.open(folder, create=True) as archive:
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)


def nothing_yet(folder: Path, news: Path) -> None:
    write_news(news, FIRST, SECOND)


def some_more(folder: Path, news: Path) -> None:
    index_base(folder, news)
    write_news(news, FIRST, SECOND, MORE)


def some_changed(folder: Path, news: Path) -> None:
    index_base(folder, news)
    write_news(news, FIRST | CHANGED, SECOND)


def a_file_gone(folder: Path, news: Path) -> None:
    index_base(folder, news)
    (news / "b.jsonl").unlink()


def some_to_remove(folder: Path, news: Path) -> None:
    index_base(folder, news)
    (news / ".remove.ids").write_text(" ".join(REMOVED))


def some_removed(folder: Path, news: Path) -> None:
    some_to_remove(folder, news)
    with Archive.open(folder) as archive:
        remove(archive, REMOVED)


def no_near_copies(folder: Path, news: Path) -> None:
    index_base(folder, news)
    with Archive.open(folder) as archive, archive.store.writing() as connection:
        connection.execute("DROP TABLE bands")
        set_meta(connection, "sketch", "")
        set_meta(connection, "version", "1")


def not_published(folder: Path, news: Path) -> None:
    index_base(folder, news)
    with Archive.open(folder) as archive:
        put(archive, [Article(id, Source(f"About {id}"), text) for id, text in MORE.items()])
        [generation] = [path for path in archive.vectors.folder.iterdir() if path.is_dir()]
        for number in range(2):
            shutil.copytree(generation, generation.with_name(f"0000000{number}-left"))


def words_damaged(folder: Path, news: Path) -> None:
    index_base(folder, news)
    with Archive.open(folder) as archive, archive.store.writing() as connection:
        connection.execute("DELETE FROM words WHERE rowid % 3 = 0")


def some_brought(folder: Path, news: Path) -> None:
    index_base(folder, news)
    write_news(news.with_name("brought"), *({id: text} for id, text in list(MORE.items())[:5]))


BROUGHT = dict(list(MORE.items())[:5])
WITHOUT_REMOVED = {id: text for id, text in BASE.items() if id not in REMOVED}
SCENES = (
    Scene("first indexing", "index_news", nothing_yet, {}, BASE),
    Scene("adding", "index_news", some_more, BASE, BASE | MORE),
    Scene("updating", "index_news", some_changed, BASE, BASE | CHANGED),
    Scene("files gone", "index_news", a_file_gone, BASE, FIRST),
    Scene("removing", "take_out", some_to_remove, BASE, WITHOUT_REMOVED),
    Scene("removing undone", "bring_back", some_removed, WITHOUT_REMOVED, BASE),
    Scene("near-copies", "index_news", no_near_copies, BASE, BASE),
    Scene("rebuild", "rebuild", index_base, BASE, BASE, MAX_TOKENS + 8),
    Scene("publishing", "publish", not_published, BASE | MORE, BASE | MORE),
    Scene("repair", "mend", words_damaged, BASE, BASE),
    Scene("adding on the page", "add_on_the_page", some_brought, BASE, BASE | BROUGHT),
)


@cache
def start_server() -> None:
    """Start the process that all children are forked from, which has imported what they need."""
    assert CONTEXT is not None
    here, before = Path(__file__).parent, os.environ.get("PYTHONPATH", "")
    # Python 3.11 does not tell it where modules are.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(here), str(here.parent), before])
    try:
        CONTEXT.set_forkserver_preload(["killed_child"])
        forkserver.ensure_running()
    finally:
        os.environ["PYTHONPATH"] = before


@dataclass(frozen=True)
class Outcome:
    """What became of a run: whether it ended by itself, and what it had told by then."""

    ended: bool
    stage: str
    steps: int
    kept: int
    seconds: float


def make_change(scene: Scene, place: Path, *, end_at: int = 0, after: float | None = None) -> Outcome:
    """Run a change in a process of its own, which ends itself at a step or is killed so long after it began."""
    assert CONTEXT is not None
    slots = CONTEXT.RawArray("q", SLOTS)
    given = (scene.change, str(place / "archive"), str(place / "news"))
    child = CONTEXT.Process(target=run, args=given, kwargs={"slots": slots, "end_at": end_at}, daemon=True)
    child.start()
    while after is not None and not slots[STAGE] and child.is_alive():
        time.sleep(0.001)
    begun = time.monotonic()
    child.join(after)
    child.kill()
    child.join()
    assert child.exitcode == (0 if slots[ENDED] else -9), "it failed by itself"
    return Outcome(bool(slots[ENDED]), NAMES[slots[STAGE]], slots[STEPS], slots[KEPT], time.monotonic() - begun)


@dataclass(frozen=True)
class Ready:
    """A scene with its archive as it is before the change, one as it must be after it, and what a whole run took."""

    scene: Scene
    folder: Path
    clean: Path
    whole: Outcome

    @property
    def place(self) -> Path:
        """Return where all happens: an archive knows its files by their paths, so they stay the same."""
        return self.folder / "place"

    def set_up(self) -> Texts:
        """Bring the archive and its files to what they are before the change; return what is stored."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.folder / "template", self.place)
        return dict(self.scene.before)


def prepare(scene: Scene, folder: Path, shared: Path) -> Ready:
    """Make the archive and the files of a scene; the clean archives are shared by those that end alike."""
    clean = shared / f"clean-{abs(hash(frozenset(scene.after.items())))}-{scene.max_tokens}"
    place = folder / "place"
    place.mkdir(parents=True)
    start_server()
    scene.prepare(place / "archive", place / "news")
    shutil.copytree(place, folder / "template")
    if not clean.exists():
        write_lines(folder / "all.jsonl", scene.after)
        with Archive.open(clean, create=True) as archive:
            build(archive, [folder / "all.jsonl"], embedder=EMBEDDER, max_tokens=scene.max_tokens)
    whole = make_change(scene, place, after=60)
    assert whole.ended
    ready = Ready(scene, folder, clean, whole)
    assert_finished(ready)
    return ready


# What must hold at any time, and what must hold in the end


def assert_sound(scene: Scene, place: Path) -> Texts:
    """Hold everything that is stored to be whole, allowed and found, and what stays to be there; return the texts."""
    if not is_here(place / "archive"):
        assert not scene.before
        return {}
    with Archive.open(place / "archive", create=not scene.before) as archive:
        with archive.store.reading() as connection:
            problems = find_problems(connection)
        assert problems == [] or scene.change == "mend"
        stored = {}
        for row in archive.articles():
            article = archive.article(row.id)
            assert article is not None
            assert article.text in scene.may_be(row.id)
            passages = archive.article_passages(row.id)
            assert passages
            assert all(article.text[passage.start : passage.end] == passage.text for passage in passages)
            stored[row.id] = article.text
        assert scene.stays <= stored.keys()
        count = archive.status().passages
        assert len(archive.search_dense(EMBEDDER.embed([QUERIES[0]])[0], limit=100_000)) == count
        if not problems:
            assert len(archive.search_lexical("told tells", limit=100_000)) == count
    return stored


def assert_kept(scene: Scene, place: Path, outcome: Outcome, already: int) -> None:
    """Hold every article that a run had committed to be there: as many as it told of, beside those of runs before."""
    if scene.change == "rebuild" and already == len(scene.before):
        already = 0  # that rebuild was done, and this one began anew
    with Archive.open(place / "archive", create=True) as archive:
        assert renewed(scene, archive) >= already + outcome.kept


def renewed(scene: Scene, archive: Archive) -> int:
    """Return how many articles are as they will be in the end and were not so before."""
    with archive.store.reading() as connection:
        if scene.change == "rebuild":
            made = archive_fingerprint(EMBEDDER, scene.max_tokens)
            return int(connection.execute("SELECT count(*) FROM articles WHERE fingerprint = ?", [made]).fetchone()[0])
        texts = dict(connection.execute("SELECT id, text FROM articles"))
    return sum(text == scene.after.get(id) != scene.before.get(id) for id, text in texts.items())


def assert_finished(ready: Ready) -> None:
    """Hold an archive to be in nothing different from one that was made of the same articles without any kill."""
    folder = ready.place / "archive"
    with Archive.open(folder) as archive, Archive.open(ready.clean) as clean:
        assert check(archive) == []
        assert archive.is_published()
        assert state_of(archive) == state_of(clean)
        for query in QUERIES:
            vector = EMBEDDER.embed([query])[0]
            assert_same(archive.search_dense(vector, limit=10_000), clean.search_dense(vector, limit=10_000))
            assert_same(archive.search_lexical(query, limit=10_000), clean.search_lexical(query, limit=10_000))
        left = {path.name for path in archive.vectors.folder.iterdir()} - {"CURRENT"}
        assert len(left) <= 2
    known = {"archive.sqlite3", "archive.sqlite3-wal", "archive.sqlite3-shm", "vectors", "writing.lock", UPLOADS}
    assert {path.name for path in folder.iterdir()} <= known


def state_of(archive: Archive) -> object:
    ids = [row.id for row in archive.articles()]
    copies = {id: sorted(copy.id for copy in found) for id, found in archive.near_copies(ids).items()}
    passages = {
        id: [(passage.id, passage.start, passage.end) for passage in archive.article_passages(id)] for id in ids
    }
    return {id: archive.article(id).text for id in ids}, copies, passages  # type: ignore[union-attr]


def assert_same(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    assert dict(found).keys() == dict(expected).keys() != set()
    both = np.array([(score, dict(expected)[id]) for id, score in found])
    np.testing.assert_allclose(both[:, 0], both[:, 1], rtol=1e-5, atol=1e-6)
