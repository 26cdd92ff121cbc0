"""An archive in one file: out, in, merged, damaged, interrupted; what comes out is what went in."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_material import DESK, EMBEDDER, FERRY, HARBOUR, MAX_TOKENS, SCHOOL, put, write_lines, write_text
from fake_desk import answer_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli import run
from bot.conversations import Conversations
from bot.exchange import Exchange
from bot.kept import Vote
from bot.records import Question
from index.archive import Archive
from index.build import build, ignore
from index.carry_in import Import, carry_in, is_under_way, look_into
from index.carry_out import carry_out
from index.embed import WordHashEmbedder
from index.errors import ArchiveDamaged, ArchiveMismatch, BylineError, UsageError
from index.layout import VERSION
from index.parcel import FORMAT, MANIFEST, Member, ignore_bytes, open_parcel, write_parcel
from index.records import KINDS, Article, Mark, Source
from index.repair import check, repair
from index.store import FILE_NAME, entries, find_problems
from index.withdraw import remove, removed

NO_EXTRA: frozenset[str] = frozenset()


class OtherEmbedder(WordHashEmbedder):
    """Another embedder, as far as anyone can tell."""

    fingerprint = "word-hash-64-other"


def fill(folder: Path, news: Path) -> None:
    """Make an archive of files, of which one is its own and one article was removed."""
    news.mkdir()
    write_lines(news / "a.jsonl", {f"n{n}": f"Boat {n} left the harbour with {n * 7} crates." for n in range(9)})
    write_text(news / "plain.txt", "a harbour master\nwho counts")
    own = folder / "uploads"
    own.mkdir(parents=True)
    write_text(own / "a text-1.txt", "what a reader pasted")
    with Archive.open(folder, create=True) as archive:
        build(archive, [news, own / "a text-1.txt"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        remove(archive, ["n3"])


def send(archive: Archive, target: Path, **options: Any) -> Path:
    carry_out(archive, target, about={}, on_bytes=ignore_bytes, **options)
    return target


def receive(archive: Archive, file: Path, embedder: WordHashEmbedder | None = EMBEDDER) -> Import:
    with open_parcel(file) as parcel:
        contents = look_into(parcel, NO_EXTRA, ignore_bytes)
        return carry_in(archive, parcel, contents, embedder=embedder, max_tokens=MAX_TOKENS, on_progress=ignore)


def articles_of(archive: Archive) -> dict[str, Article | None]:
    return {row.id: archive.article(row.id) for row in archive.articles()}


def ask(archive: Archive) -> list[list[tuple[str, float]]]:
    vector = EMBEDDER.embed(["boats in the harbour"])[0]
    return [archive.search_dense(vector, limit=9), archive.search_lexical("harbour boat crates", limit=9)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive, the folder it was made of, and its export."""
    folder = tmp_path_factory.mktemp("made")
    fill(folder / "archive", folder / "news")
    with Archive.open(folder / "archive") as archive:
        send(archive, folder / "export.zip")
    return folder


@pytest.fixture
def export(made: Path) -> Path:
    return made / "export.zip"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "target", create=True) as archive:
        yield archive


# --- there and back ------------------------------------------------------------------------------------------


def test_searches_give_the_same_hits_and_scores_after_an_import(made: Path, export: Path, target: Archive) -> None:
    report = receive(target, export)
    assert (report.added, report.unchanged, report.is_embedded) == (10, 0, False)
    with Archive.open(made / "archive") as source:
        assert ask(target) == ask(source)
        for id, article in articles_of(source).items():
            assert target.article_passages(id) == source.article_passages(id) or article.source.path.startswith(
                str(source.folder)
            )
            names = [passage.id for passage in source.article_passages(id)]
            vectors = target.passage_vectors(names)
            assert all(np.array_equal(vectors[name], vector) for name, vector in source.passage_vectors(names).items())
    assert check(target) == []
    assert target.is_published()


def test_indexing_the_same_folder_after_an_import_changes_nothing(made: Path, export: Path, target: Archive) -> None:
    receive(target, export)
    before = articles_of(target)
    report = build(target, [made / "news"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert (report.added, report.updated, report.removed, report.left_out) == (0, 0, 0, 1)
    assert report.unchanged == 9
    assert articles_of(target) == before


def test_indexing_the_folder_elsewhere_changes_nothing_but_where_it_lies(
    made: Path, export: Path, target: Archive, tmp_path: Path
) -> None:
    shutil.copytree(made, tmp_path / "elsewhere")
    (made / "news").rename(made / "away")
    receive(target, export)
    try:
        report = build(target, [tmp_path / "elsewhere" / "news"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    finally:
        (made / "away").rename(made / "news")
    assert (report.added, report.updated, report.unchanged, report.removed) == (0, 0, 9, 0)


def test_own_files_come_along_and_belong_to_the_new_archive(export: Path, target: Archive) -> None:
    assert receive(target, export).files == 1
    own = target.folder / "uploads" / "a text-1.txt"
    assert own.is_file()
    with target.store.reading() as connection:
        (entry,) = [entry for entry in entries(connection) if "uploads" in entry.file]
    assert (entry.file, entry.root) == (str(own), str(own.parent))
    report = build(target, [target.folder / "uploads"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    assert (report.added, report.unchanged, report.removed) == (0, 1, 0)


def test_what_was_removed_stays_out(made: Path, export: Path, target: Archive) -> None:
    assert receive(target, export).removed == 1
    with Archive.open(made / "archive") as source:
        assert removed(target) == removed(source) != []


def test_another_embedder_embeds_the_texts_anew(made: Path, export: Path, target: Archive) -> None:
    report = receive(target, export, OtherEmbedder())
    assert report.is_embedded
    with Archive.open(made / "archive") as source:
        assert {id: article.text for id, article in articles_of(source).items()} == {
            id: article.text for id, article in articles_of(target).items()
        }
    assert target.store.meta("fingerprint").startswith("word-hash-64-other")
    assert check(target) == []


def test_without_vectors_texts_are_embedded_and_found_as_before(made: Path, target: Archive, tmp_path: Path) -> None:
    with Archive.open(made / "archive") as source:
        send(source, tmp_path / "small.zip", with_vectors=False)
        assert receive(target, tmp_path / "small.zip").is_embedded
        assert ask(target) == ask(source)


def test_an_export_with_vectors_needs_no_embedder(export: Path, target: Archive) -> None:
    assert receive(target, export, None).added == 10
    assert check(target) == []


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["a\nb.txt", "\u202etxt.exe", "\0", "C:\\news\\a.txt", "../../etc/passwd", "line\u2028sep", "\ufeff"]
)


@st.composite
def odd_articles(draw: st.DrawFn) -> list[Article]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        text = draw(TEXT)
        ends = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
        marks = (Mark(ends[0], ends[1], "caption"),) if draw(st.booleans()) else ()
        day = draw(st.none() | st.dates())
        source = Source(draw(NAME), draw(NAME), draw(NAME), day, draw(NAME), draw(NAME))
        found.append(Article(f"{number}{draw(NAME)}", source, text, marks, draw(st.sampled_from(KINDS))))
    return found


@pytest.mark.parametrize("with_vectors", [True, False], ids=["vectors", "no vectors"])
def test_odd_articles_come_back_to_the_letter(tmp_path_factory: pytest.TempPathFactory, with_vectors: bool) -> None:
    examples = int(os.environ.get("BYLINE_TEST_EXAMPLES", "4"))

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
    @given(odd_articles())
    def there_and_back(articles: list[Article]) -> None:
        folder = tmp_path_factory.mktemp("odd")
        with (
            Archive.open(folder / "a", create=True) as source,
            Archive.open(folder / "b", create=True) as target,
        ):
            put(source, articles)
            send(source, folder / "odd.zip", with_vectors=with_vectors)
            assert receive(target, folder / "odd.zip").added == len(articles)
            assert articles_of(target) == articles_of(source) == {article.id: article for article in articles}
            with source.store.reading() as one, target.store.reading() as other:
                assert entries(one) == entries(other)
                assert find_problems(other) == []
        shutil.rmtree(folder)

    there_and_back()


def test_an_export_is_read_without_byline(made: Path, export: Path) -> None:
    with zipfile.ZipFile(export) as packed:
        assert packed.namelist()[:2] == [MANIFEST, "README.txt"]
        manifest = json.loads(packed.read(MANIFEST))
        lines = [json.loads(line) for line in packed.read("articles.jsonl").decode().splitlines()]
        rows = np.frombuffer(packed.read("vectors.f32"), dtype="<f4").reshape(-1, manifest["dimension"])
        told = packed.read("README.txt").decode()
    assert manifest["counts"]["articles"] == len(lines) == 10
    assert sum(len(line["passages"]) for line in lines) == len(rows)
    named = {member["name"].split("/")[0] for member in manifest["members"]} - {"README.txt"}
    assert {name for name in named if name not in told} == set()


# --- merging -------------------------------------------------------------------------------------------------


def changed(article: Article, text: str) -> Article:
    return Article(article.id, article.source, text)


def test_a_merge_adds_what_is_missing_and_keeps_what_is_there(target: Archive, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "source", create=True) as source:
        put(source, [HARBOUR, FERRY])
        send(source, tmp_path / "export.zip")
    put(target, [HARBOUR, SCHOOL])
    report = receive(target, tmp_path / "export.zip")
    assert (report.added, report.unchanged, report.conflicts) == (1, 1, [])
    assert articles_of(target) == {article.id: article for article in DESK}
    assert check(target) == []
    report = receive(target, tmp_path / "export.zip")
    assert (report.added, report.unchanged) == (0, 2)


def test_a_conflict_is_told_by_id_and_what_is_there_stays(target: Archive, tmp_path: Path) -> None:
    write_lines(tmp_path / "here.jsonl", {"one": "The text that is here and stays."})
    write_lines(tmp_path / "there.jsonl", {"one": "Another text of the same id.", "two": "One more of them."})
    build(target, [tmp_path / "here.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    with Archive.open(tmp_path / "source", create=True) as source:
        build(source, [tmp_path / "there.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        send(source, tmp_path / "export.zip")
    report = receive(target, tmp_path / "export.zip")
    assert (report.added, report.conflicts) == (1, ["one"])
    assert articles_of(target)["one"].text == "The text that is here and stays."  # type: ignore[union-attr]


def test_what_the_reader_removed_here_is_not_brought_back_by_a_merge(target: Archive, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "source", create=True) as source:
        put(source, DESK)
        send(source, tmp_path / "export.zip")
    receive(target, tmp_path / "export.zip")
    remove(target, ["ferry"])
    report = receive(target, tmp_path / "export.zip")
    assert (report.added, report.unchanged, report.left_out) == (0, 2, 1)
    assert target.article("ferry") is None


def test_an_own_file_never_takes_the_place_of_another(export: Path, target: Archive) -> None:
    own = target.folder / "uploads"
    own.mkdir()
    (own / "a text-1.txt").write_text("something else")
    receive(target, export)
    assert (own / "a text-1.txt").read_text() == "something else"
    with target.store.reading() as connection:
        (entry,) = [entry for entry in entries(connection) if "uploads" in entry.file]
    assert entry.file == str(own / "a text-1-2.txt")
    assert (own / "a text-1-2.txt").is_file()


def test_an_archive_of_another_embedder_takes_nothing(export: Path, target: Archive) -> None:
    put(target, [HARBOUR])
    with target.store.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', 'another')")
    with pytest.raises(ArchiveMismatch, match="byline index --rebuild"):
        receive(target, export)
    assert set(articles_of(target)) == {"harbour"}


# --- cut, changed, foreign -----------------------------------------------------------------------------------


def rewrite(export: Path, target: Path, change: Callable[[dict[str, bytes]], dict[str, bytes] | None]) -> Path:
    """Write the export with changed members, its manifest made true again for those that it names."""
    with zipfile.ZipFile(export) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    members = change(members) or members
    manifest = json.loads(members.pop(MANIFEST))
    about = {name: value for name, value in manifest.items() if name not in ("byline_export", "members")}
    made = [Member(name, lambda content=content: iter([content])) for name, content in members.items()]
    write_parcel(target, about, made, ignore_bytes)
    return target


def line(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    """Return a change of the first article."""

    def apply(members: dict[str, bytes]) -> None:
        first, rest = members["articles.jsonl"].split(b"\n", 1)
        told = json.loads(first)
        change(told)
        members["articles.jsonl"] = json.dumps(told).encode() + b"\n" + rest

    return apply


def set_vectors(value: float) -> Callable[[dict[str, bytes]], None]:
    def apply(members: dict[str, bytes]) -> None:
        rows = np.frombuffer(members["vectors.f32"], dtype="<f4").copy()
        rows[5] = value
        members["vectors.f32"] = rows.tobytes()

    return apply


def manifest(**changes: object) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({MANIFEST: json.dumps(json.loads(members[MANIFEST]) | changes).encode()})


LIES: dict[str, Callable[[dict[str, bytes]], Any]] = {
    "no articles": lambda members: members.pop("articles.jsonl") and None,
    "no removed": lambda members: members.pop("removed.jsonl") and None,
    "not JSON": lambda members: members.update({"articles.jsonl": b"{\n"}),
    "an array": lambda members: members.update({"articles.jsonl": b"[]\n"}),
    "deep": lambda members: members.update({"articles.jsonl": b"[" * 100_000 + b"\n"}),
    "no last end": lambda members: members.update({"articles.jsonl": members["articles.jsonl"][:-1]}),
    "one article less": lambda members: members.update(
        {"articles.jsonl": members["articles.jsonl"].split(b"\n", 1)[1]}
    ),
    "an article twice": lambda members: members.update(
        {"articles.jsonl": members["articles.jsonl"] + members["articles.jsonl"]}
    ),
    "half a character": line(lambda told: told.update(text="\ud800")),
    "a text that is none": line(lambda told: told.update(text=7)),
    "no id": line(lambda told: told.update(id="")),
    "a kind of its own": line(lambda told: told.update(kind="gossip")),
    "a day that is none": line(lambda told: told.update(published="yesterday")),
    "a mark outside": line(lambda told: told.update(marks=[[0, 10**9, "caption"]])),
    "a mark that is none": line(lambda told: told.update(marks=[0])),
    "a passage outside": line(lambda told: told["passages"][0].update(end=10**30)),
    "a passage backwards": line(lambda told: told["passages"][0].update(start=9, end=3)),
    "a sentence outside": line(lambda told: told["passages"][0].update(sentences=[[0, 10**6]])),
    "a truth for a number": line(lambda told: told["passages"][0].update(start=False)),
    "a place outside": line(lambda told: told.update(file="uploads/../../x", own=["file"])),
    "an absolute place": line(lambda told: told.update(file="/etc/passwd", own=["file"])),
    "a vector less": lambda members: members.update({"vectors.f32": members["vectors.f32"][:-256]}),
    "a vector of no number": set_vectors(float("nan")),
    "a vector of no end": set_vectors(float("inf")),
    "a vector too long": set_vectors(3.0),
    "no dimension": manifest(dimension=None),
    "a dimension of no end": manifest(dimension=10**12),
    "other counts": manifest(counts={"articles": 3}),
    "no counts": manifest(counts=[]),
}


def assert_refused(file: Path, folder: Path, error: type[BylineError] = ArchiveDamaged) -> None:
    """Hold that a file is refused before anything is made of it."""
    with pytest.raises(error), open_parcel(file) as parcel:
        look_into(parcel, NO_EXTRA, ignore_bytes)
    assert not folder.exists()


@pytest.mark.parametrize("change", LIES.values(), ids=LIES)
def test_an_export_that_lies_is_refused(export: Path, tmp_path: Path, change) -> None:
    assert_refused(rewrite(export, tmp_path / "lie.zip", change), tmp_path / "target")


def test_the_same_export_written_anew_is_taken(export: Path, tmp_path: Path, target: Archive) -> None:
    """What the lies are told with is itself right."""
    assert receive(target, rewrite(export, tmp_path / "true.zip", lambda members: None)).added == 10


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9, 0.999])
def test_an_export_that_was_cut_is_refused(export: Path, tmp_path: Path, share: float) -> None:
    content = export.read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: int(len(content) * share)])
    assert_refused(tmp_path / "cut.zip", tmp_path / "target")


def test_a_changed_byte_is_refused_or_changes_nothing(export: Path, tmp_path: Path) -> None:
    content = export.read_bytes()
    places = range(0, len(content), max(1, len(content) // int(os.environ.get("BYLINE_TEST_EXAMPLES", "120"))))
    with open_parcel(export) as parcel:
        whole = look_into(parcel, NO_EXTRA, ignore_bytes)
    refused = 0
    for place in places:
        file = tmp_path / "changed.zip"
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        try:
            with open_parcel(file) as parcel:
                # A zip has room beside what it holds: a date, a comment, who may read it.
                assert look_into(parcel, NO_EXTRA, ignore_bytes) == whole
        except BylineError:
            refused += 1
    assert refused > len(places) / 2


FOREIGN = {
    "text": b"Boats and harbours.\n" * 99,
    "empty": b"",
    "another zip": "zip",
    "a newer export": json.dumps({"byline_export": FORMAT + 1}).encode(),
    "no number": json.dumps({"byline_export": "1"}).encode(),
    "no members": json.dumps({"byline_export": FORMAT, "members": {"a": 1}}).encode(),
    "odd members": json.dumps(
        {"byline_export": FORMAT, "members": [{"name": "a", "bytes": -1, "sha256": "0"}]}
    ).encode(),
    "a list": b"[1]",
    "binary": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "foreign.zip"
    if content in (b"", FOREIGN["text"]):
        file.write_bytes(content)  # type: ignore[arg-type]
    else:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("a.txt" if content == "zip" else MANIFEST, content)
    is_newer = content == FOREIGN["a newer export"]
    assert_refused(file, tmp_path / "target", ArchiveMismatch if is_newer else ArchiveDamaged)


def test_a_newer_export_names_both_formats(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as packed:
        packed.writestr(MANIFEST, json.dumps({"byline_export": FORMAT + 1}))
    with (
        pytest.raises(ArchiveMismatch, match=rf"format {FORMAT + 1}; this one reads {FORMAT}"),
        open_parcel(tmp_path / "new.zip"),
    ):
        pass


def repack(export: Path, target: Path, name: str, content: bytes, packing: int) -> Path:
    """Write the export with one member packed as it should not be."""
    with zipfile.ZipFile(export) as packed, zipfile.ZipFile(target, "w") as written:
        for info in packed.infolist():
            is_it = info.filename == name
            kind = packing if is_it else zipfile.ZIP_DEFLATED
            written.writestr(info.filename, content if is_it else packed.read(info), kind)
    return target


def test_a_bomb_is_refused_before_it_is_unpacked(export: Path, tmp_path: Path) -> None:
    content = b" " * 5_000_000

    def change(members: dict[str, bytes]) -> None:
        members["articles.jsonl"] = content

    true = rewrite(export, tmp_path / "stored.zip", change)  # Byline stores what packs so tightly
    assert true.stat().st_size > len(content)
    repack(true, tmp_path / "bomb.zip", "articles.jsonl", content, zipfile.ZIP_DEFLATED)
    with pytest.raises(ArchiveDamaged, match="not packed as Byline packs"), open_parcel(tmp_path / "bomb.zip"):
        pass


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_another_packing_is_refused(export: Path, tmp_path: Path, packing: int) -> None:
    with zipfile.ZipFile(export) as packed:
        content = packed.read("articles.jsonl")
    repack(export, tmp_path / "odd.zip", "articles.jsonl", content, packing)
    assert_refused(tmp_path / "odd.zip", tmp_path / "target")


def test_a_name_that_is_twice_in_it_is_refused(export: Path, tmp_path: Path) -> None:
    shutil.copy(export, tmp_path / "twice.zip")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "twice.zip", "a") as packed:
        packed.writestr("articles.jsonl", b"")
    assert_refused(tmp_path / "twice.zip", tmp_path / "target")


STRANGERS = [
    "../outside.txt",
    "/absolute.txt",
    "uploads/../../out.txt",
    "vectors/CURRENT",
    "archive.sqlite3",
    "x.pickle",
]


def test_members_that_are_not_known_are_named_and_left(export: Path, tmp_path: Path, target: Archive) -> None:
    def change(members: dict[str, bytes]) -> None:
        members.update({name: b"from a stranger" for name in STRANGERS})

    file = rewrite(export, tmp_path / "odd.zip", change)
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("not in the manifest", b"")
    before = {path for path in tmp_path.rglob("*") if "target" not in path.parts}
    with open_parcel(file) as parcel:
        contents = look_into(parcel, NO_EXTRA, ignore_bytes)
        carry_in(target, parcel, contents, embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=ignore)
    assert set(contents.unknown) == {*STRANGERS, "not in the manifest"}
    assert {path for path in tmp_path.rglob("*") if "target" not in path.parts} == before
    assert not any(b"stranger" in path.read_bytes() for path in target.folder.rglob("*") if path.is_file())


# --- interrupted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "archive"])
def test_an_export_that_fails_leaves_no_file(made: Path, tmp_path: Path, place: str) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        if place == "archive":
            raise KeyboardInterrupt
        raise OSError(28, "No space left on device")

    with (
        Archive.open(made / "archive") as archive,
        pytest.raises(KeyboardInterrupt if place == "archive" else BylineError),
    ):
        send(archive, tmp_path / "out.zip", extra=[Member("x", broken)])
    assert list(tmp_path.iterdir()) == []


def test_what_changes_while_it_is_exported_is_told_and_leaves_no_file(made: Path, tmp_path: Path) -> None:
    times = iter(range(9))
    with Archive.open(made / "archive") as archive, pytest.raises(BylineError, match="changed meanwhile"):
        send(archive, tmp_path / "out.zip", extra=[Member("x", lambda: iter([b"%d" % next(times)]))])
    assert list(tmp_path.iterdir()) == []


def test_an_export_never_takes_the_place_of_a_file(made: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(b"mine")
    with Archive.open(made / "archive") as archive:
        with pytest.raises(UsageError, match="already"):
            send(archive, tmp_path / "mine.zip")
        with pytest.raises(UsageError, match="no folder"):
            send(archive, tmp_path / "nowhere" / "mine.zip")
    assert (tmp_path / "mine.zip").read_bytes() == b"mine"


IMPORTING = """
import os, sys
from pathlib import Path
from index import carry_in as module
from index.archive import Archive
from index.build import ignore
from index.carry_in import carry_in, look_into
from index.embed import WordHashEmbedder
from index.parcel import ignore_bytes, open_parcel

file, folder, way, kill_at = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
module._AT_ONCE = 1
steps = 0

def count(frame, event, argument):
    # Each transaction that ends and each file that is moved into place is a step.
    global steps
    name = frame.f_code.co_name
    if event == "call" and name in ("put_article", "set_meta", "replace", "restore_removed", "write_current", "sync"):
        steps += 1
        if steps == kill_at:
            os.kill(os.getpid(), 9)

class Other(WordHashEmbedder):
    fingerprint = "another"

embedder = WordHashEmbedder() if way == "vectors" else Other()
sys.setprofile(count)
with open_parcel(file) as parcel, Archive.open(folder, create=True) as archive:
    contents = look_into(parcel, frozenset(), ignore_bytes)
    carry_in(archive, parcel, contents, embedder=embedder, max_tokens=40, on_progress=ignore)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("way", ["vectors", "embedding"])
def test_an_import_that_is_killed_is_finished_by_the_next(made: Path, export: Path, tmp_path: Path, way: str) -> None:
    embedder = EMBEDDER if way == "vectors" else OtherEmbedder()
    embedder.fingerprint = EMBEDDER.fingerprint if way == "vectors" else "another"  # type: ignore[misc]
    with Archive.open(made / "archive") as source:
        wanted = {id: article.text for id, article in articles_of(source).items()}  # type: ignore[union-attr]
    killed = 0
    for kill_at in range(2, 60, int(os.environ.get("BYLINE_TEST_EVERY", "19"))):
        folder = tmp_path / f"{way}{kill_at}"
        command = [sys.executable, "-c", IMPORTING, str(export), str(folder), way, str(kill_at)]
        ended = subprocess.run(command, cwd=Path(__file__).parent.parent, check=False)
        killed += ended.returncode == -signal.SIGKILL
        with Archive.open(folder, create=True) as archive:
            if articles_of(archive) and len(articles_of(archive)) < len(wanted):
                assert any("import was not finished" in problem for problem in check(archive))
                with open_parcel(export) as parcel:
                    assert is_under_way(archive.store, parcel)
            receive(archive, export, embedder)
            assert {id: article.text for id, article in articles_of(archive).items()} == wanted  # type: ignore[union-attr]
            assert check(archive) == []
            assert len(removed(archive)) == 1
    assert killed >= 2


def test_repair_ends_an_import_that_nobody_goes_on_with(export: Path, target: Archive) -> None:
    receive(target, export)
    with target.store.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('importing', 'some')")
    assert any("import was not finished" in problem for problem in check(target))
    repair(target)
    assert check(target) == []


# --- the commands --------------------------------------------------------------------------------------------


def question(number: int, text: str) -> Exchange:
    asked = Question(text, date(2026, 3, 1))
    return Exchange(number, asked, answer=answer_of(asked))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, minilm_folder: Path) -> Path:
    """An archive of the real embedder with two conversations."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "news").mkdir()
    write_text(folder / "news" / "one.txt", "boats and a harbour")
    write_text(folder / "news" / "two.txt", "robots at a school")
    assert run(["index", str(folder / "news"), "--archive", str(folder / "archive")]) == 0
    kept = Conversations(folder / "archive")
    place = kept.keep([question(1, "What does it cost?"), question(2, "And \u202e in\nIraq?")])
    kept.vote(place.id, 1, Vote("down", "the other bridge"))
    kept.keep([question(1, "Another one?")])
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> Any:
    capsys.readouterr()
    assert run([*map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_an_archive_is_moved_by_two_commands(samples: Path, tmp_path: Path, capsys) -> None:
    file, new = tmp_path / "all.zip", tmp_path / "new"
    told = said(capsys, "export", file, "--archive", samples / "archive")
    assert (told["articles"], told["conversations"], told["has_vectors"]) == (2, 2, True)
    told = said(capsys, "import", file, "--archive", new)
    assert (told["added"], told["is_embedded"], told["conflicts"]) == (2, False, [])
    assert told["conversations"] == {"added": 2, "unchanged": 0, "conflicts": []}
    assert Conversations(new).raw() == Conversations(samples / "archive").raw()
    search = ["search", "a school with robots", "--no-server", "--archive"]
    assert said(capsys, *search, new) == said(capsys, *search, samples / "archive")
    told = said(capsys, "export", tmp_path / "again.zip", "--archive", new)
    with zipfile.ZipFile(file) as one, zipfile.ZipFile(tmp_path / "again.zip") as other:
        assert one.read("articles.jsonl") == other.read("articles.jsonl")
        assert one.read("vectors.f32") == other.read("vectors.f32")
        assert one.read("conversations.jsonl") == other.read("conversations.jsonl")


def test_an_archive_with_articles_is_refused_unless_merged(samples: Path, tmp_path: Path, capsys) -> None:
    file, new = tmp_path / "all.zip", tmp_path / "new"
    said(capsys, "export", file, "--archive", samples / "archive")
    said(capsys, "import", file, "--archive", new)
    (one, other) = Conversations(new).listed()
    Conversations(new).rename(one.id, "Another title")
    before = (new / FILE_NAME).read_bytes()
    assert run(["import", str(file), "--archive", str(new)]) == 2
    assert "--merge" in capsys.readouterr().err
    assert (new / FILE_NAME).read_bytes() == before
    told = said(capsys, "import", file, "--archive", new, "--merge")
    assert (told["added"], told["unchanged"]) == (0, 2)
    assert told["conversations"] == {"added": 0, "unchanged": 1, "conflicts": [one.id]}
    assert {kept.title for kept in Conversations(new).listed()} == {"Another title", other.title}


def test_articles_go_without_conversations_or_vectors_where_asked(samples: Path, tmp_path: Path, capsys) -> None:
    file, new = tmp_path / "small.zip", tmp_path / "new"
    options = ["--no-conversations", "--no-vectors"]
    told = said(capsys, "export", file, *options, "--archive", samples / "archive")
    assert (told["conversations"], told["has_vectors"]) == (0, False)
    assert run(["import", str(file), "--archive", str(new)]) == 0
    assert "2 articles are to be embedded" in capsys.readouterr().err
    assert Conversations(new).listed() == []


def test_a_damaged_file_leaves_no_archive(samples: Path, tmp_path: Path, capsys) -> None:
    file, new = tmp_path / "all.zip", tmp_path / "new"
    said(capsys, "export", file, "--archive", samples / "archive")
    file.write_bytes(file.read_bytes()[:-200])
    assert run(["import", str(file), "--archive", str(new)]) == 3
    assert "was cut short" in capsys.readouterr().err
    assert run(["import", str(tmp_path / "nowhere.zip"), "--archive", str(new)]) == 2
    assert run(["import", str(tmp_path), "--archive", str(new)]) == 2
    assert not new.exists()


def test_conversations_that_lie_are_refused(samples: Path, tmp_path: Path, capsys) -> None:
    file, new = tmp_path / "all.zip", tmp_path / "new"
    said(capsys, "export", file, "--archive", samples / "archive")

    def lie(**changes: object) -> Callable[[dict[str, bytes]], None]:
        def apply(members: dict[str, bytes]) -> None:
            first, rest = members["conversations.jsonl"].split(b"\n", 1)
            members["conversations.jsonl"] = json.dumps(json.loads(first) | changes).encode() + b"\n" + rest

        return apply

    lies = [
        lie(id=""),
        lie(begun=10**30),
        lie(begun="now"),
        lie(title="\ud800"),
        lie(exchanges=[1]),
        lie(exchanges=None),
    ]
    for number, change in enumerate(lies):
        odd = rewrite(file, tmp_path / f"{number}.zip", change)
        assert run(["import", str(odd), "--archive", str(new)]) == 3
        assert "conversations.jsonl" in capsys.readouterr().err
    assert not new.exists()


def test_a_newer_archive_is_neither_exported_nor_imported_into(
    export: Path, target: Archive, tmp_path: Path, capsys
) -> None:
    receive(target, export)
    with target.store.writing() as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", [str(VERSION + 1)])
    target.close()
    before = (target.folder / FILE_NAME).read_bytes()
    assert run(["export", str(tmp_path / "x.zip"), "--archive", str(target.folder)]) == 3
    assert run(["import", str(export), "--merge", "--archive", str(target.folder)]) == 3
    assert (target.folder / FILE_NAME).read_bytes() == before
    assert not (tmp_path / "x.zip").exists()
    assert io.StringIO(capsys.readouterr().err).read().count("pip install --upgrade byline") == 2


def test_an_archive_that_another_holds_gets_neither_articles_nor_conversations(
    samples: Path, tmp_path: Path, capsys
) -> None:
    file, new = tmp_path / "all.zip", tmp_path / "new"
    said(capsys, "export", file, "--archive", samples / "archive")
    with Archive.open(new, create=True) as archive, archive.writing():
        assert run(["import", str(file), "--archive", str(new)]) == 3
    assert "is being written by process" in capsys.readouterr().err
    with Archive.open(new) as archive:
        assert archive.is_empty
    assert Conversations(new).listed() == []


@pytest.mark.parametrize(
    "name", ["articles.jsonl", "removed.jsonl", "vectors.f32", "README.txt", "uploads/a text-1.txt"]
)
def test_a_member_that_was_changed_with_care_has_not_its_hash(export: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(export) as packed:
        content = packed.read(name)
    odd = repack(export, tmp_path / "odd.zip", name, content.swapcase(), zipfile.ZIP_DEFLATED)
    assert content.swapcase() != content
    with pytest.raises(ArchiveDamaged), open_parcel(odd) as parcel:
        for _ in parcel.read(name):
            pass
    assert_refused(odd, tmp_path / "target")


@pytest.mark.parametrize("offset", [2**31, 2**32 - 2, 7, -5], ids=["far", "before the file", "inside", "cut short"])
def test_an_offset_that_leads_elsewhere_is_damage(export: Path, tmp_path: Path, offset: int) -> None:
    content = bytearray(export.read_bytes())
    entry = content.index(b"PK\x01\x02")  # the first of the list: the manifest
    content[entry + 42 : entry + 46] = (offset if offset >= 0 else len(content) + offset).to_bytes(4, "little")
    (tmp_path / "odd.zip").write_bytes(content)
    assert_refused(tmp_path / "odd.zip", tmp_path / "target")
