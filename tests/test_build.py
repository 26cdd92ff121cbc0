import json
import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from archive_material import EMBEDDER, MAX_TOKENS, put, write_lines, write_text

from index.archive import Archive
from index.batch import Progress
from index.build import archive_fingerprint, build
from index.embed import Embedder, Matrix, WordHashEmbedder
from index.errors import ArchiveLocked, ArchiveMismatch, ModelCorrupt
from index.records import Article, BuildReport, Source
from index.repair import check, repair
from index.store import delete_articles, set_meta
from index.withdraw import let_back, remove, removed

TEXTS = {f"id{n}": f"Report number {n} tells of {n * 3} boats. The harbour was calm on day {n}." for n in range(8)}


class OtherEmbedder(WordHashEmbedder):
    fingerprint = "word-hash-other"

    def embed(self, texts: Sequence[str]) -> Matrix:
        return np.ascontiguousarray(super().embed(texts)[:, ::-1])


class InterruptedEmbedder(WordHashEmbedder):
    """Is interrupted by the user, as Ctrl-C comes in the middle of a computation, once it has embedded enough."""

    def __init__(self, enough: int) -> None:
        self.left = enough

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.left -= len(texts)
        if self.left < 0:
            raise KeyboardInterrupt
        return super().embed(texts)


class BrokenEmbedder(WordHashEmbedder):
    def embed(self, texts: Sequence[str]) -> Matrix:
        return super().embed(texts) * np.float32(np.nan)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    write_lines(folder / "a.jsonl", TEXTS)
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        yield archive


def index(archive: Archive, *paths: Path, embedder: Embedder = EMBEDDER, rebuild: bool = False) -> BuildReport:
    return build(archive, paths, embedder=embedder, max_tokens=MAX_TOKENS, rebuild=rebuild)


def counts(report: BuildReport) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed, report.duplicates


def assert_like_a_clean_build(archive: Archive, tmp_path: Path, *paths: Path) -> None:
    """Hold every search against an archive that is made of the same files from nothing."""
    with Archive.open(tmp_path / "clean", create=True) as clean:
        index(clean, *paths)
        assert {row.id for row in archive.articles()} == {row.id for row in clean.articles()}
        assert check(archive) == []
        for question in ("harbour calm", "report of 9 boats", "nothing of it"):
            assert archive.search_lexical(question, limit=50) == clean.search_lexical(question, limit=50)
            ours, theirs = (a.search_dense(EMBEDDER.embed([question])[0], limit=50) for a in (archive, clean))
            last = theirs[-1][1] + 1e-5 if theirs else 0.0  # which of several equal ones comes last is open
            assert {id for id, score in ours if score > last} == {id for id, score in theirs if score > last}
            np.testing.assert_allclose([score for _, score in ours], [score for _, score in theirs], atol=1e-5)


def test_new_changed_unchanged_and_removed_are_told_apart(archive: Archive, news: Path, tmp_path: Path) -> None:
    assert counts(index(archive, news)) == (8, 0, 0, 0, 0)
    changed = {id: text for id, text in TEXTS.items() if id not in ("id1", "id2")}
    changed |= {"id3": "All is different now.", "id9": "A new one came. It is short."}
    write_lines(news / "a.jsonl", changed)
    assert counts(index(archive, news)) == (1, 1, 5, 2, 0)
    assert_like_a_clean_build(archive, tmp_path, news)


def test_a_run_without_changes_writes_nothing(archive: Archive, news: Path) -> None:
    index(archive, news)
    before = archive.store.meta("revision"), archive.vectors.current()
    assert counts(index(archive, news, embedder=BrokenEmbedder())) == (0, 0, 8, 0, 0)
    assert (archive.store.meta("revision"), archive.vectors.current()) == before


def test_a_file_is_read_again_when_one_of_its_articles_is_gone(archive: Archive, news: Path) -> None:
    index(archive, news)
    with archive.store.writing() as connection:
        delete_articles(connection, ["id1"])
    assert counts(index(archive, news)) == (1, 0, 7, 0, 0)


def test_a_removed_article_stays_out_until_it_is_let_back(archive: Archive, news: Path) -> None:
    index(archive, news)
    assert remove(archive, ["id1"]) == 1
    for _ in range(2):
        again = index(archive, news)
        assert (counts(again), again.left_out) == ((0, 0, 7, 0, 0), 1)
    [one] = removed(archive)
    assert (one.id, one.source.title, one.file, one.day) == ("id1", "About id1", str(news / "a.jsonl"), date.today())
    assert let_back(archive, ["id1", "never was"]) == 1
    assert archive.status().vectors_current
    again = index(archive, news)
    assert (counts(again), again.left_out, removed(archive)) == ((1, 0, 7, 0, 0), 0, [])


def test_a_removed_article_does_not_come_back_changed_renamed_or_as_a_copy(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("a", "b", "c"):
        write_text(folder / f"{name}.txt", f"the {name} thing")
    write_text(folder / "copy.txt", "the a thing")
    assert counts(index(archive, folder)) == (3, 0, 0, 0, 1)
    remove(archive, [row.id for row in archive.articles() if Path(row.source.path).name in ("a.txt", "b.txt")])
    write_text(folder / "b.txt", "something else")
    (folder / "a.txt").rename(folder / "z.txt")
    again = index(archive, folder)
    assert (counts(again), again.left_out) == ((0, 0, 1, 0, 0), 3)
    write_text(folder / "new.txt", "what nobody has read")
    assert counts(index(archive, folder)) == (1, 0, 1, 0, 0)


def test_a_line_that_moves_onto_the_place_of_a_removed_one_is_not_taken_for_it(
    archive: Archive, tmp_path: Path
) -> None:
    file = tmp_path / "lines.jsonl"
    lines = [json.dumps({"title": f"About {n}", "text": f"This is what was said of {n}."}) for n in range(4)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    index(archive, file)
    remove(archive, [row.id for row in archive.articles() if row.source.title == "About 2"])
    file.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    again = index(archive, file)
    assert again.left_out == 1
    assert {row.source.title for row in archive.articles()} == {"About 1", "About 3"}


def test_an_archive_of_an_earlier_byline_is_given_room_for_what_is_removed(archive: Archive, news: Path) -> None:
    index(archive, news)
    with archive.store.writing() as connection:
        connection.execute("DROP TABLE removed")
        connection.execute("DROP INDEX articles_on_the_shelf")
        set_meta(connection, "version", "1")
    assert removed(archive) == []
    assert remove(archive, ["id1"]) == 1
    assert [one.id for one in removed(archive)] == ["id1"]


def test_a_file_with_a_fault_is_reported_on_every_run(archive: Archive, news: Path) -> None:
    with (news / "a.jsonl").open("a") as file:
        file.write("not json\n")
    assert [len(index(archive, news).skipped) for _ in range(3)] == [1, 1, 1]


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_of_the_same_size_is(
    archive: Archive, news: Path
) -> None:
    told: list[Progress] = []
    file = news / "a.jsonl"
    index(archive, news)
    build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=told.append)
    assert told == []
    before = file.stat()
    file.write_text(file.read_text().replace("day 3", "day 4"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(index(archive, news)) == (0, 1, 7, 0, 0)


def test_other_columns_read_a_file_again(archive: Archive, news: Path) -> None:
    (news / "a.jsonl").write_text('{"id": "x", "title": "T", "text": "Told here.", "other": "Told there instead."}\n')
    index(archive, news)
    again = build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS, columns={"text": "other"})
    assert counts(again) == (0, 1, 0, 0, 0)


def test_the_report_counts_the_passages_there_are(archive: Archive, news: Path) -> None:
    assert index(archive, news).passages == archive.status().passages == sum(row.passages for row in archive.articles())


def test_files_without_ids_keep_theirs_when_changed_and_when_renamed(archive: Archive, news: Path) -> None:
    (news / "a.jsonl").unlink()
    for name in ("one", "two"):
        write_text(news / f"{name}.txt", f"the {name} thing")
    assert counts(index(archive, news)) == (2, 0, 0, 0, 0)
    ids = {row.id for row in archive.articles()}
    write_text(news / "one.txt", "quite another thing")
    (news / "two.txt").rename(news / "zwei.txt")
    assert counts(index(archive, news)) == (0, 1, 1, 0, 0)
    assert {row.id for row in archive.articles()} == ids
    assert {row.source.path.rpartition("/")[2] for row in archive.articles()} == {"one.txt", "zwei.txt"}


def test_ids_are_the_same_on_another_machine(archive: Archive, tmp_path: Path) -> None:
    ids = []
    for machine in ("here", "there"):
        (tmp_path / machine / "sub").mkdir(parents=True)
        write_text(tmp_path / machine / "sub" / "one.txt", "thing")
        with Archive.open(tmp_path / f"archive {machine}", create=True) as made:
            index(made, tmp_path / machine)
            ids += [row.id for row in made.articles()]
    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_a_copy_is_counted_and_not_stored(archive: Archive, news: Path) -> None:
    write_text(news / "one.txt", "thing")
    write_text(news / "two.txt", "thing")
    assert counts(index(archive, news)) == (9, 0, 0, 0, 1)
    assert counts(index(archive, news)) == (0, 0, 9, 0, 1)


def test_articles_with_ids_and_the_same_words_are_all_kept(archive: Archive, news: Path) -> None:
    write_lines(news / "b.jsonl", {"x1": "The agency says so.", "x2": "The agency says so."})
    assert counts(index(archive, news)) == (10, 0, 0, 0, 0)


def test_one_id_with_two_texts_is_skipped_by_name(archive: Archive, news: Path) -> None:
    write_lines(news / "b.jsonl", {"id1": "Something else under the same id."})
    report = index(archive, news)
    assert counts(report) == (8, 0, 0, 0, 0)
    [skipped] = report.skipped
    assert "b.jsonl" in skipped.path
    assert "id1" in skipped.reason
    assert "a.jsonl" in skipped.reason


def test_what_lies_outside_the_paths_stays(archive: Archive, news: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_text(other / "one.txt", "thing")
    index(archive, news)
    assert counts(index(archive, other)) == (1, 0, 0, 0, 0)
    assert archive.status().articles == 9


def test_a_folder_that_has_become_empty_removes_nothing(archive: Archive, news: Path) -> None:
    index(archive, news)
    (news / "a.jsonl").unlink()
    assert counts(index(archive, news)) == (0, 0, 0, 0, 0)
    assert archive.status().articles == 8


@pytest.mark.parametrize("damage", ["not json at all", '{"id": "id7", "text": '], ids=["text", "half a record"])
def test_a_damaged_record_loses_nothing_that_is_stored(archive: Archive, news: Path, damage: str) -> None:
    index(archive, news)
    lines = (news / "a.jsonl").read_text().splitlines()
    (news / "a.jsonl").write_text("\n".join([*lines[:-1], damage]) + "\n")
    report = index(archive, news)
    assert counts(report) == (0, 0, 7, 0, 0)
    assert len(report.skipped) == 1
    assert archive.article("id7") is not None


def test_a_file_given_by_name_loses_what_is_no_longer_in_it(archive: Archive, news: Path) -> None:
    index(archive, news)
    write_lines(news / "a.jsonl", {"id1": TEXTS["id1"]})
    assert counts(index(archive, news / "a.jsonl")) == (0, 0, 1, 7, 0)


def test_characters_that_cannot_be_stored_are_skipped_by_name(archive: Archive, news: Path) -> None:
    (news / "b.jsonl").write_text('{"id": "bad", "title": "T", "text": "A lone \\ud800 surrogate in the text."}\n')
    report = index(archive, news)
    assert report.added + len(report.skipped) == 9


def test_another_embedder_or_chunking_is_refused_until_a_rebuild(archive: Archive, news: Path) -> None:
    index(archive, news)
    with pytest.raises(ArchiveMismatch, match="--rebuild"):
        index(archive, news, embedder=OtherEmbedder())
    with pytest.raises(ArchiveMismatch, match="--rebuild"):
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS + 1)
    assert check(archive) == []


def test_a_rebuild_needs_no_files_and_leaves_no_old_vector(archive: Archive, news: Path) -> None:
    index(archive, news)
    (news / "a.jsonl").unlink()
    assert counts(index(archive, news, embedder=OtherEmbedder(), rebuild=True)) == (0, 0, 0, 0, 0)
    archive.check_fingerprint(archive_fingerprint(OtherEmbedder(), MAX_TOKENS))
    query = OtherEmbedder().embed(["About id3. " + TEXTS["id3"]])[0]
    [(passage, cosine)] = archive.search_dense(query, limit=1)
    assert archive.passages([passage])[passage].article_id == "id3"
    assert cosine == pytest.approx(1.0, abs=1e-5)


def test_an_interrupted_rebuild_is_said_and_goes_on(archive: Archive, news: Path, tmp_path: Path) -> None:
    texts = {f"n{n}": f"Story {n}. " * 300 for n in range(40)}
    write_lines(news / "a.jsonl", texts)
    index(archive, news)
    with pytest.raises(KeyboardInterrupt):
        build(archive, [news], embedder=InterruptedEmbedder(400), max_tokens=MAX_TOKENS + 10, rebuild=True)
    with pytest.raises(ArchiveMismatch, match="middle of a rebuild"):
        archive.check_fingerprint(archive_fingerprint(EMBEDDER, MAX_TOKENS + 10))
    with pytest.raises(ArchiveMismatch, match="middle of a rebuild"):
        index(archive, news)
    build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS + 10)
    archive.check_fingerprint(archive_fingerprint(EMBEDDER, MAX_TOKENS + 10))
    assert check(archive) == []


def test_an_interrupted_run_keeps_what_it_had_done(archive: Archive, news: Path, tmp_path: Path) -> None:
    write_lines(
        news / "a.jsonl",
        {f"n{n}": " ".join(f"Story {n} of {n * k} boats in a harbour." for k in range(100)) for n in range(40)},
    )
    with pytest.raises(KeyboardInterrupt):
        index(archive, news, embedder=InterruptedEmbedder(600))
    kept = archive.status()
    assert 0 < kept.articles < 40
    assert not kept.vectors_current
    assert len(archive.search_dense(EMBEDDER.embed(["harbour"])[0], limit=10_000)) == kept.passages
    assert counts(index(archive, news)) == (40 - kept.articles, 0, kept.articles, 0, 0)
    assert_like_a_clean_build(archive, tmp_path, news)


def test_vectors_that_are_no_numbers_are_not_stored(archive: Archive, news: Path) -> None:
    with pytest.raises(ModelCorrupt, match="not numbers"):
        index(archive, news, embedder=BrokenEmbedder())
    assert archive.status().articles == 0


def test_a_second_writer_is_told_who_writes(archive: Archive, news: Path) -> None:
    with Archive.open(archive.folder) as other, other.writing(), pytest.raises(ArchiveLocked, match=str(os.getpid())):
        index(archive, news)


def test_removed_articles_are_in_no_search(archive: Archive, news: Path) -> None:
    index(archive, news)
    assert remove(archive, ["id1", "id2", "unknown"]) == 2
    hits = archive.search_dense(EMBEDDER.embed(["harbour"])[0], limit=100)
    hits += archive.search_lexical("harbour", limit=100)
    assert {passage.article_id for passage in archive.passages([id for id, _ in hits]).values()} == set(TEXTS) - {
        "id1",
        "id2",
    }
    assert archive.status().vectors_current


def test_a_repair_makes_the_indexes_anew(archive: Archive, news: Path, tmp_path: Path) -> None:
    index(archive, news)
    with archive.store.writing() as connection:
        connection.execute("DELETE FROM words")
    report = repair(archive)
    assert "words" in " ".join(report.problems)
    assert (report.articles, check(archive)) == (8, [])
    assert_like_a_clean_build(archive, tmp_path, news)


def test_progress_is_told_in_order_and_only_grows(archive: Archive, news: Path) -> None:
    told: list[Progress] = []
    build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS, on_progress=told.append)
    assert list(dict.fromkeys(progress.stage for progress in told)) == ["reading", "embedding", "saving"]
    passages = [progress.passages_done for progress in told]
    assert passages == sorted(passages)
    assert passages[-1] == archive.status().passages


def test_an_article_without_passages_is_stored(archive: Archive) -> None:
    put(archive, [Article("bare", Source("Only a headline"), "")])
    assert [(row.id, row.passages) for row in archive.articles()] == [("bare", 0)]
