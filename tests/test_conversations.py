from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fake_desk import HITS, answer_of

from bot.conversations import FILE_NAME, UNREADABLE, Conversations
from bot.exchange import Exchange
from bot.kept import LONGEST_TITLE, Place, Vote, title_of
from bot.records import Found, Question, Turn
from index.errors import ArchiveDamaged, ArchiveError, ArchiveMismatch
from index.records import Filters

ROOT = Path(__file__).parent.parent
FIRST_DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Clock:
    """A clock that goes on by an hour each time it is read."""

    def __init__(self) -> None:
        self.time = FIRST_DAY

    def __call__(self) -> datetime:
        self.time += timedelta(hours=1)
        return self.time


def exchange(number: int, text: str = "What does it cost?", **changes: object) -> Exchange:
    history = tuple(Turn(f"q{n}", f"a{n}") for n in range(1, number))
    limits = Filters(since=date(2017, 1, 1), outlets=("Northern Post",))
    question = Question(text, date(2026, 3, 1), limits, history, any_date=True, strictness=0.3)
    found = Found(text, limits, HITS, 90)
    whole = Exchange(number, question, seconds=4, stage="checking", found=found, answer=answer_of(question))
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path, now=Clock())


def break_row(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / FILE_NAME)
    with connection:
        connection.execute(statement)
    connection.close()


def test_nothing_is_written_before_the_first_is_kept(kept: Conversations) -> None:
    assert kept.listed() == []
    assert kept.open("abcd") is None
    assert not kept.delete("abcd")
    assert not kept.file.exists()


def test_a_conversation_comes_back_whole_also_to_another_process(kept: Conversations, tmp_path: Path) -> None:
    exchanges = (exchange(1), exchange(2, "And in June?"))
    place = kept.keep(exchanges)
    again = Conversations(tmp_path).open(place.id)
    assert again
    assert again.exchanges == exchanges
    assert (again.title, again.place) == ("What does it cost?", place)
    assert all(one.is_readable and one.vote is None for one in again.kept)


def test_a_stopped_and_a_failed_exchange_are_kept_too(kept: Conversations) -> None:
    question = Question("slow \ud800\x00", date(2026, 3, 1))
    stopped = Exchange(1, question, draft="The", answer=replace(answer_of(question), stopped=True, text="The"))
    failed = Exchange(2, question, wrong="the model broke", mend="byline doctor")
    again = kept.open(kept.keep((stopped, failed)).id)
    assert again
    assert again.exchanges == (stopped, failed)


def test_what_is_asked_further_is_added_and_what_is_there_keeps_its_time_and_vote(kept: Conversations) -> None:
    first = kept.keep((exchange(1),))
    assert kept.vote(first.id, 1, Vote("up"))
    second = kept.keep((exchange(1), exchange(2)), at=first)
    again = kept.open(first.id)
    assert again
    assert (again.place, len(again.kept)) == (second, 2)
    assert again.kept[0].vote == Vote("up")
    assert again.kept[0].at < again.kept[1].at
    assert kept.keep((exchange(1), exchange(2)), at=second) == second


def test_an_earlier_question_asked_anew_takes_the_place_of_what_came_after_it(kept: Conversations) -> None:
    place = kept.keep((exchange(1), exchange(2), exchange(3)))
    kept.vote(place.id, 2, Vote("down", "wrong"))
    kept.keep((exchange(1), exchange(2, "And who paid?")), at=place)
    again = kept.open(place.id)
    assert again
    assert [one.exchange.question.text for one in again.kept] == ["What does it cost?", "And who paid?"]
    assert again.kept[1].vote is None


def test_numbers_with_gaps_are_closed_and_a_vote_stays_with_its_answer(kept: Conversations) -> None:
    place = kept.keep((exchange(1), exchange(4, "And who paid?")))
    kept.vote(place.id, 2, Vote("up"))
    kept.keep((exchange(1), replace(exchange(4, "And who paid?"), number=2), exchange(9)), at=place)
    again = kept.open(place.id)
    assert again
    assert [one.exchange.number for one in again.kept] == [1, 2, 3]
    assert [one.vote for one in again.kept] == [None, Vote("up"), None]


def test_two_tabs_that_go_on_with_one_conversation_lose_nothing(kept: Conversations) -> None:
    both = kept.keep((exchange(1),))
    one = kept.keep((exchange(1), exchange(2, "mine")), at=both)
    other = kept.keep((exchange(1), exchange(2, "yours")), at=both)
    assert (one.id, other.id != one.id) == (both.id, True)
    told = {place.id: kept.open(place.id) for place in (one, other)}
    assert [found.exchanges[1].question.text for found in told.values() if found] == ["mine", "yours"]


def test_one_that_was_deleted_elsewhere_and_is_gone_on_with_begins_anew(kept: Conversations) -> None:
    place = kept.keep((exchange(1),))
    kept.delete(place.id)
    assert kept.keep((exchange(1), exchange(2)), at=place).id != place.id
    assert kept.keep((exchange(1),), at=Place("", 0)).id


def test_the_list_begins_with_the_one_last_gone_on_with(kept: Conversations) -> None:
    old, new = kept.keep((exchange(1, "old"),)), kept.keep((exchange(1, "new"),))
    assert [one.title for one in kept.listed()] == ["new", "old"]
    kept.keep((exchange(1, "old"), exchange(2)), at=old)
    assert [(one.id, one.exchanges) for one in kept.listed()] == [(old.id, 2), (new.id, 1)]


def test_an_id_may_be_cut_as_long_as_it_is_clear(kept: Conversations) -> None:
    place = kept.keep((exchange(1),))
    assert kept.open(place.id[:5])
    assert kept.open(place.id[:3]) is None
    assert kept.open("%_\ud800") is None


def test_renaming_and_deleting(kept: Conversations) -> None:
    place, other = kept.keep((exchange(1),)), kept.keep((exchange(1),))
    assert kept.rename(place.id, "  The bridge\n and \ud800 ")
    assert not kept.rename(place.id, " ")
    assert not kept.rename("gone", "x")
    assert {one.title for one in kept.listed()} == {"The bridge and ?", "What does it cost?"}
    assert kept.delete(place.id)
    assert [one.id for one in kept.listed()] == [other.id]
    assert kept.delete_all() == 1
    assert kept.listed() == []


def test_what_is_deleted_is_not_left_in_the_file(kept: Conversations) -> None:
    place = kept.keep((exchange(1, "a most secret matter"),))
    assert b"most secret" in kept.file.read_bytes()
    kept.delete(place.id)
    assert b"most secret" not in kept.file.read_bytes()


def test_a_title_is_one_line_of_bounded_length() -> None:
    assert title_of(" What\n is  it?") == "What is it?"
    assert title_of("x" * 300) == "x" * (LONGEST_TITLE - 2) + " …"
    assert title_of("word " * 100).endswith("word …")
    assert len(title_of("word " * 100)) <= LONGEST_TITLE


def test_a_vote_can_be_changed_and_taken_back(kept: Conversations) -> None:
    place = kept.keep((exchange(1),))
    for given, stored in (
        (Vote("down", " it is the other bridge \ud800"), Vote("down", "it is the other bridge ?")),
        (Vote("up"), Vote("up")),
        (None, None),
    ):
        assert kept.vote(place.id, 1, given)
        found = kept.open(place.id)
        assert found
        assert found.kept[0].vote == stored
    assert not kept.vote(place.id, 2, Vote("up"))
    assert not kept.vote("gone", 1, Vote("up"))


@pytest.mark.parametrize(
    "record",
    [
        pytest.param("'{'", id="half a record"),
        pytest.param("x'ff'", id="no text"),
        pytest.param("""replace(record, '"version": 1', '"version": 2')""", id="a newer one"),
        pytest.param("'[1]'", id="no object"),
        pytest.param("replace(record, 'answered', 'x')", id="a field gone"),
        pytest.param("(SELECT record FROM exchanges WHERE number = 2)", id="another's"),
    ],
)
def test_a_bad_row_says_so_in_its_place_and_is_left_as_it_is(kept: Conversations, tmp_path: Path, record: str) -> None:
    place = kept.keep((exchange(1), exchange(2)))
    break_row(tmp_path, f"UPDATE exchanges SET record = {record} WHERE number = 1")

    def rows() -> list[object]:
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        found = connection.execute("SELECT record FROM exchanges WHERE number = 1").fetchall()
        connection.close()
        return found

    before = rows()
    found = kept.open(place.id)
    assert found
    assert [one.is_readable for one in found.kept] == [False, True]
    assert (found.exchanges[0].question.text, found.exchanges[0].wrong) == ("What does it cost?", UNREADABLE)
    kept.keep((*found.exchanges, exchange(3)), at=place)
    assert rows() == before
    again = kept.open(place.id)
    assert again
    assert len(again.kept) == 3


def test_a_newer_file_is_refused_and_left_untouched(kept: Conversations, tmp_path: Path) -> None:
    kept.keep((exchange(1),))
    break_row(tmp_path, "PRAGMA user_version = 7")
    before = kept.file.read_bytes()
    for act in (kept.listed, kept.delete_all, lambda: kept.keep((exchange(1),)), lambda: kept.open("abcd")):
        with pytest.raises(ArchiveMismatch, match="newer Byline"):
            act()
    assert kept.file.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, " * 99, b""], ids=["text", "empty"])
def test_a_file_that_is_none_is_told_and_an_empty_one_is_taken(kept: Conversations, content: bytes) -> None:
    kept.file.write_bytes(content)
    if content:
        with pytest.raises(ArchiveDamaged):
            kept.listed()
        assert kept.file.read_bytes() == content
    else:
        assert kept.listed() == []
        assert kept.keep((exchange(1),)).id


def test_the_file_of_something_else_is_left_alone(kept: Conversations, tmp_path: Path) -> None:
    break_row(tmp_path, "CREATE TABLE mine (x)")
    with pytest.raises(ArchiveDamaged, match="not a file of conversations"):
        kept.keep((exchange(1),))


def test_a_folder_that_is_not_there_is_an_error_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be opened"):
        Conversations(tmp_path / "gone").keep((exchange(1),))


def test_two_processes_keep_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    writer = (
        "import sys; from datetime import date; from pathlib import Path; from bot.conversations import Conversations; "
        "from bot.exchange import Exchange; from bot.records import Question; "
        "kept = Conversations(Path(sys.argv[1])); "
        "[kept.keep((Exchange(1, Question(f'{sys.argv[2]} {n}', date(2026, 1, 1)), wrong='x'),)) for n in range(25)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", writer, tmp_path, name], cwd=ROOT) for name in ("a", "b")]
    assert [process.wait(60) for process in running] == [0, 0]
    titles = {one.title for one in Conversations(tmp_path).listed()}
    assert titles == {f"{name} {n}" for name in ("a", "b") for n in range(25)}


def test_sixteen_who_keep_vote_and_list_at_once_lose_nothing(tmp_path: Path) -> None:
    def read(reader: int) -> list[str]:
        kept, mine = Conversations(tmp_path), []
        for turn in range(1, 6):
            place = kept.keep([exchange(1, f"Question {turn} of reader {reader}?")])
            place = kept.keep([exchange(1, f"Question {turn} of reader {reader}?"), exchange(2, "And then?")], at=place)
            assert kept.vote(place.id, 2, Vote("up"))
            assert place.id in {one.id for one in kept.listed()}
            mine.append(place.id)
        return mine

    with ThreadPoolExecutor(16) as readers:
        ids = [id for mine in readers.map(read, range(16)) for id in mine]
    kept = Conversations(tmp_path)
    assert sorted(one.id for one in kept.listed()) == sorted(ids)
    for number, id in enumerate(ids):
        found = kept.open(id)
        assert found is not None
        assert found.exchanges[0].question.text.endswith(f"of reader {number // 5}?")
        assert [one.vote for one in found.kept] == [None, Vote("up")]
