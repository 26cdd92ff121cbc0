"""What the terminal makes of a line of a batch, and of a question that implies when."""

import json
from datetime import date

import pytest

from bot.asking import parse_question
from bot.cli import build_parser
from index.records import Filters

DAY = date(2022, 6, 16)


@pytest.mark.parametrize(("fields", "any_date"), [({}, False), ({"any_date": True}, True), ({"any_date": "no"}, False)])
def test_a_line_of_a_batch_can_ask_for_any_date(fields: dict[str, object], any_date: bool) -> None:
    line = json.dumps({"question": "Who won this week?", **fields})
    assert parse_question(line, 1, Filters(), DAY).any_date is any_date


@pytest.mark.parametrize("command", [["ask", "Who won this week?"], ["chat"]], ids=["ask", "chat"])
def test_any_date_is_an_option_and_not_the_default(command: list[str]) -> None:
    assert build_parser().parse_args([*command, "--any-date"]).any_date
    assert not build_parser().parse_args(command).any_date
