from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pytest
from fake_desk import answer_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.exchange import Exchange
from bot.frozen_json import NotThatRecord, dump, load
from bot.records import Answer, Found, Question, Signs
from index.records import Article, Filters

# Only what SQLite and JSON could stumble over is drawn: any text, lone surrogates too, and numbers at their ends.
TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "\x00", "“–”", "\u202e", '"\\'])
KINDS = {str: TEXT, float: st.floats(allow_nan=False), int: st.integers()}
for kind, strategy in KINDS.items():
    st.register_type_strategy(kind, strategy)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(dump(value), allow_nan=False))


@pytest.mark.parametrize("kind", [Question, Found, Answer, Exchange, Article, Signs, Filters])
def test_every_record_comes_back_equal(kind: type) -> None:
    @settings(max_examples=15)  # each is a large record
    @given(st.from_type(kind))
    def holds(record: Any) -> None:
        assert load(kind, through_json(record)) == record

    holds()


def test_an_answer_comes_back_with_everything_it_rests_on() -> None:
    answer = answer_of(Question("What does it cost?", date(2020, 1, 2), strictness=0.3))
    back = load(Answer, through_json(answer))
    assert back == answer
    assert back.citations[0].days == answer.citations[0].days
    assert isinstance(back.retrieved[0].ranks, tuple)


@dataclass(frozen=True, slots=True)
class Small:
    name: str
    size: int = 3
    kind: Literal["a", "b"] = "a"
    pair: tuple[str, float] = ("x", 1.0)
    day: date | None = None


def test_what_a_later_version_added_is_passed_over_and_what_an_earlier_lacked_has_its_default() -> None:
    assert load(Small, {"name": "n", "colour": {"not": "known"}}) == Small("n")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param([], "Small is not an object", id="a list"),
        pytest.param({"size": 1}, "Small.name is missing", id="a field gone"),
        pytest.param({"name": 1}, "Small.name", id="a number for a text"),
        pytest.param({"name": "n", "size": True}, "Small.size", id="a truth for a number"),
        pytest.param({"name": "n", "kind": "c"}, "Small.kind", id="a word that is not one of them"),
        pytest.param({"name": "n", "kind": ["a"]}, "Small.kind", id="a list for a word"),
        pytest.param({"name": "n", "pair": ["x"]}, "Small.pair has 1 items, not 2", id="half a pair"),
        pytest.param({"name": "n", "pair": ["x", "y"]}, r"Small.pair\[1\]", id="a text in a pair"),
        pytest.param({"name": "n", "day": "soon"}, "Small.day", id="no date"),
    ],
)
def test_what_cannot_be_the_record_is_told_with_its_place(data: Any, told: str) -> None:
    with pytest.raises(NotThatRecord, match=told):
        load(Small, data)


def test_numbers_of_numpy_are_kept_as_numbers() -> None:
    assert dump(Small("n", size=np.int64(4), pair=("x", np.float32(0.5)))) == {  # type: ignore[arg-type]
        "name": "n", "size": 4, "kind": "a", "pair": ["x", 0.5], "day": None,
    }  # fmt: skip


def test_what_no_record_should_hold_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="set"):
        dump(frozenset((1,)))
