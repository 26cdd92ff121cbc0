from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from evaluation_material import make_question

from bot.questions import parse_questions, read_questions, sample_questions
from bot.records import Turn
from index.errors import UsageError
from index.records import Filters


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "questions.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_only_the_question_is_required(tmp_path: Path) -> None:
    (question,) = read_questions(write(tmp_path, '{"question": " Who won? ", "colour": ["any"]}\n'))
    assert (question.text, question.id, question.asked_on, question.answerable) == ("Who won?", "line-1", None, None)


def test_an_answer_or_a_gold_article_makes_a_question_answerable() -> None:
    lines = [
        '{"question": "a", "answers": "5"}',
        '{"question": "b", "gold_paths": ["x.txt"]}',
        '{"question": "c", "answers": ["x"], "answerable": false}',
        '{"question": "d", "answers": [], "outdated": ["7"]}',
    ]
    questions = parse_questions(lines, name="test")
    assert [question.answerable for question in questions] == [True, True, False, None]
    assert questions[0].answers == ("5",)


def test_the_question_is_asked_as_a_reader_would() -> None:
    question = make_question("And in Iraq?", since="2017-01-01", history=[{"question": "Syria?", "answer": "9."}])
    asked = question.to_question()
    assert (asked.text, asked.asked_on, asked.id) == ("And in Iraq?", date(2025, 6, 10), "q1")
    assert asked.filters.since == date(2017, 1, 1)
    assert asked.history == (Turn("Syria?", "9."),)


def test_the_limits_of_a_question_are_asked_with_it_and_say_nothing_of_its_answer() -> None:
    line = '{"question": "a", "outlets": ["Post"], "authors": "Ida Holm", "any_date": true, "until": "2017-06-30"}'
    (question,) = parse_questions([line], name="test")
    asked = question.to_question()
    assert asked.filters == Filters(None, date(2017, 6, 30), ("Post",), ("Ida Holm",))
    assert (asked.any_date, question.answerable) == (True, None)
    assert question.key != parse_questions(['{"question": "a", "until": "2017-06-30"}'], name="test")[0].key


def test_a_question_without_a_day_is_asked_today() -> None:
    question = make_question(asked_on=None)
    assert question.to_question(today=date(2020, 1, 2)).asked_on == date(2020, 1, 2)
    assert question.to_question().asked_on == date.today()


def test_empty_lines_a_byte_order_mark_and_odd_line_ends_are_read(tmp_path: Path) -> None:
    text = '\ufeff{"id": 7, "question": "a\u2028b"}\r\n\r\n{"question": "c"}'
    questions = read_questions(write(tmp_path, text))
    assert [(question.id, question.text) for question in questions] == [("7", "a\u2028b"), ("line-3", "c")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("{", "not JSON", id="half a line"),
        pytest.param("[" * 100_000, "not JSON", id="nested without end"),
        pytest.param("[1]", "not a JSON object", id="a list"),
        pytest.param('{"id": "x"}', '"question" is missing', id="no question"),
        pytest.param('{"question": "  "}', '"question" is missing', id="an empty question"),
        pytest.param('{"question": ["x"]}', '"question" should be text', id="a list of questions"),
        pytest.param('{"question": "x", "asked_on": "June"}', '"asked_on" should be a date', id="no date"),
        pytest.param('{"question": "x", "asked_on": 2017}', '"asked_on" should be a date', id="a year"),
        pytest.param('{"question": "x", "answerable": "no"}', '"answerable" should be true or false', id="a word"),
        pytest.param('{"question": "x", "answers": [null]}', '"answers" should be a list', id="nothing as an answer"),
        pytest.param('{"question": "x", "all_of": [[]]}', '"all_of" should be', id="an empty group"),
        pytest.param('{"question": "x", "history": ["y"]}', '"history" should be', id="a turn that is text"),
        pytest.param('{"id": "one", "question": "x"}', 'the id "one" is taken', id="an id twice"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: str, told: str) -> None:
    lines = ['{"id": "one", "question": "first"}', "", line]
    with pytest.raises(UsageError) as caught:
        parse_questions(lines, name="mine.jsonl")
    assert caught.value.wrong.startswith("mine.jsonl, line 3")
    assert told in caught.value.wrong


@pytest.mark.parametrize(
    "content", [pytest.param(b"", id="empty"), pytest.param(b'{"question": "\xff"}', id="Latin-1")]
)
def test_a_file_without_readable_questions_is_an_error_with_a_mend(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read_questions(write(tmp_path, content))
    assert caught.value.mend


def test_a_missing_file_and_a_folder_are_usage_errors(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UsageError, match="cannot read"):
            read_questions(path)


def test_a_sample_is_the_same_every_time_and_keeps_the_order() -> None:
    questions = [make_question(id=str(number)) for number in range(50)]
    sample = sample_questions(questions, 7)
    assert sample == sample_questions(questions, 7)
    assert [int(question.id) for question in sample] == sorted(int(question.id) for question in sample)
    assert len(set(sample)) == 7
    assert sample_questions(questions, 99) == tuple(questions)


def test_the_questions_of_the_repository_can_be_read() -> None:
    questions = read_questions(Path(__file__).parent / "quality" / "questions.jsonl")
    assert all(question.has_answers and question.has_gold for question in questions if question.answerable)
    assert any(question.answerable is False for question in questions)
