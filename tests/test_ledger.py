from collections.abc import Iterable
from datetime import date

import pytest

from index.ledger import Decision, Found, Ledger, hash_content
from index.records import Draft, Mark, Source
from index.store import Entry

ROOT = "/news"


def entry(name: str, content: str, id: str = "", place: str = "", root: str = ROOT) -> Entry:
    return Entry(id, content, f"{root}/{name}", root, place, name)


def found(name: str, content: str, key: str = "", place: str = "", root: str = ROOT) -> Found:
    return Found(entry(name, content, place=place, root=root), key, name)


def ledger(stored: Iterable[Entry] = (), existing: Iterable[str] = ()) -> Ledger:
    files = set(existing)
    return Ledger(stored, [ROOT], files.__contains__)


def run(book: Ledger, records: Iterable[Found]) -> list[tuple[str, str]]:
    """Decide as the indexing run does, and return what became of each record, with its id."""
    first = [(record, book.decide(record)) for record in records]
    settled = [
        book.decide(record, everything_seen=True) if decision.what == "later" else decision
        for record, decision in first
    ]
    return [(decision.what, decision.entry.id) for decision in settled]


def test_new_unchanged_and_changed_are_told_apart() -> None:
    book = ledger([entry("a", "1", "A"), entry("b", "2", "B")])
    decided = run(book, [found("a", "1"), found("b", "changed"), found("c", "3")])
    assert decided[:2] == [("unchanged", "A"), ("updated", "B")]
    assert decided[2][0] == "added"


def test_an_id_is_twelve_figures_of_the_path_below_the_root() -> None:
    [(_, here)] = run(ledger(), [found("x/a.txt", "1")])
    [(_, there)] = run(ledger(), [found("x/a.txt", "2", root="/elsewhere")])
    [(_, other)] = run(ledger(), [found("x/a.txt", "1", place="line 2")])
    assert here == there != other
    assert len(here) == 12


def test_the_same_path_below_another_root_gets_another_id() -> None:
    book = ledger(existing=["/news/a", "/more/a"])
    decided = run(book, [found("a", "1"), found("a", "2", root="/more")])
    assert decided[0][1] != decided[1][1]


def test_what_is_gone_is_unseen_and_what_was_skipped_is_not() -> None:
    book = ledger(
        [entry("a", "1", "A"), entry("b", "2", "B"), entry("sub/c", "3", "C"), entry("d", "4", "D", root="/x")]
    )
    book.note_skipped("/news/b")
    book.note_skipped("/news/sub")
    assert book.unseen([ROOT]) == ["A"]
    assert book.unseen([]) == []


def test_a_folder_whose_name_begins_like_the_root_is_not_in_it() -> None:
    assert ledger([entry("a", "1", "A", root="/newspaper")]).unseen([ROOT]) == []


def test_the_same_words_in_two_files_are_a_duplicate() -> None:
    decided = run(ledger(), [found("a", "1"), found("b", "1")])
    assert [what for what, _ in decided] == ["added", "duplicate"]


def test_a_copy_before_the_original_is_the_duplicate_of_it() -> None:
    book = ledger([entry("b", "1", "B")])
    assert [what for what, _ in run(book, [found("a", "1"), found("b", "1")])] == ["duplicate", "unchanged"]
    assert book.unseen([ROOT]) == []


def test_a_renamed_file_keeps_its_id() -> None:
    book = ledger([entry("old", "1", "A")])
    assert run(book, [found("new", "1")]) == [("unchanged", "A")]
    assert book.unseen([ROOT]) == []


def test_a_copy_of_a_file_that_could_not_be_read_is_a_duplicate() -> None:
    book = ledger([entry("old", "1", "A")])
    book.note_skipped("/news/old")
    assert [what for what, _ in run(book, [found("new", "1")])] == ["duplicate"]


def test_two_files_that_change_places_lose_nothing() -> None:
    book = ledger([entry("a", "1", "A"), entry("b", "2", "B")])
    assert run(book, [found("a", "2"), found("b", "1")]) == [("unchanged", "B"), ("unchanged", "A")]
    assert book.unseen([ROOT]) == []


def test_a_file_that_takes_the_words_of_a_changed_one_loses_nothing() -> None:
    book = ledger([entry("a", "1", "A"), entry("b", "2", "B")])
    assert {what for what, _ in run(book, [found("a", "2"), found("b", "3")])} == {"updated"}
    assert {book._by_id[id].content_hash for id in book._seen} == {"2", "3"}


@pytest.mark.parametrize("gone", [1, 2, 4], ids=["first line", "middle line", "last line"])
def test_a_line_taken_out_of_a_file_is_the_one_removed(gone: int) -> None:
    stored = [entry("a", str(n), f"id{n}", place=f"line {n}") for n in range(1, 5)]
    book = ledger(stored)
    left = [str(n) for n in range(1, 5) if n != gone]
    decided = run(book, [found("a", text, place=f"line {n}") for n, text in enumerate(left, 1)])
    assert decided == [("unchanged", f"id{text}") for text in left]
    assert book.unseen([ROOT]) == [f"id{gone}"]


def test_a_line_put_into_a_file_loses_nothing() -> None:
    book = ledger([entry("a", str(n), f"id{n}", place=f"line {n}") for n in range(1, 4)])
    decided = run(book, [found("a", text, place=f"line {n}") for n, text in enumerate(["new", "1", "2", "3"], 1)])
    assert {what for what, _ in decided} <= {"added", "updated", "unchanged"}
    assert {book._by_id[id].content_hash for id in book._seen} == {"new", "1", "2", "3"}


def test_records_with_keys_of_their_own_are_always_kept() -> None:
    assert run(ledger(), [found("a", "1", key="x"), found("a", "1", key="y")]) == [("added", "x"), ("added", "y")]


def test_one_key_twice_is_a_duplicate_or_a_clash() -> None:
    records = [found("a", "1", key="x"), found("b", "1", key="x"), found("c", "2", key="x")]
    assert [what for what, _ in run(ledger(), records)] == ["added", "duplicate", "clash"]


def test_a_moved_folder_keeps_the_ids_of_changed_articles_too() -> None:
    [(_, id)] = run(ledger(), [found("a", "1")])
    book = Ledger([entry("a", "1", id)], ["/moved"], lambda file: False)
    assert run(book, [found("a", "changed", root="/moved")]) == [("updated", id)]


def test_a_move_is_told_from_staying() -> None:
    stays = ledger([entry("a", "1", "A")]).decide(found("a", "1"))
    moves = ledger([entry("a", "1", "A", place="line 1")]).decide(found("a", "1", place="line 2"), everything_seen=True)
    assert (stays.moved, moves.moved) == (False, True)
    assert isinstance(moves, Decision)


@pytest.mark.parametrize(
    ("draft", "same"),
    [
        (Draft(Source("T", path="elsewhere"), "text", key="k", where="line 9"), True),
        (Draft(Source("T2"), "text"), False),
        (Draft(Source("T", published=date(2020, 1, 1)), "text"), False),
        (Draft(Source("T"), "text "), False),
        (Draft(Source("T"), "text", (Mark(0, 1, "caption"),)), False),
        (Draft(Source("T"), "text", kind="opinion"), False),
    ],
    ids=["another place", "title", "date", "text", "marks", "kind"],
)
def test_the_hash_is_of_what_an_article_says(draft: Draft, same: bool) -> None:
    assert (hash_content(draft) == hash_content(Draft(Source("T"), "text"))) == same
