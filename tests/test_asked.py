"""What kind of fact a question wants, and which facts of a sentence could be it."""

from datetime import date

import pytest

from bot.asked import answer_facts, expected_kinds, fitness
from bot.facts import find_facts

NAME, NUMBER, DATE = frozenset({"name"}), frozenset({"number"}), frozenset({"date"})
SPAN, NONE = frozenset({"date", "number"}), frozenset()


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Who opened the bridge?", NAME),
        ("To whom did the council write?", NAME),
        ("The bridge was opened by whom?", NAME),
        ("Where will the buses run?", NAME),
        ("Which town pays?", NAME),
        ("What country sent the engineers?", NAME),
        ("What is the name of the engineer?", NAME),
        ("The prize, which is given each year, went to which school?", NAME),
        ("What could be her last act, in which tournament does she play?", NAME),
        ("When does the bridge close?", DATE),
        ("In what year was the bridge built?", SPAN),
        ("How long will the bridge close?", SPAN),
        ("How many people live in Saltmarsh?", NUMBER),
        ("How much does the repair cost?", NUMBER),
        ("What does the treasury now expect the flood to cost?", NUMBER),
        ("What did the mayor say about the cost?", NONE),
        ("What was the magnitude of the quake?", NUMBER),
        ("The flood came at night. How many people fled?", NUMBER),
        ("And who repairs it? — How long will the bridge close?", NAME),
        ("Why does the bridge close?", NONE),
        ("Why did the mayor, who lives there, object?", NONE),
        ("What did the mayor say when the bridge closed?", NONE),
        ("What happened?", NONE),
        ("Did the mayor who resigned come back?", NONE),
        ("the bridge", NONE),
        ("", NONE),
    ],
)
def test_a_question_wants_a_kind_of_fact(question: str, kinds: frozenset[str]) -> None:
    assert expected_kinds(question) == kinds


def told(question: str, sentence: str, **more: frozenset[str]) -> list[str]:
    return [fact.text for fact in answer_facts(question, sentence, published=date(2021, 3, 4), **more)]


def test_facts_of_the_kind_asked_for_answer_and_no_others() -> None:
    sentence = "Mayor Lind said on Tuesday that 97 people had fled."
    assert told("Who counted the people?", sentence) == ["Lind"]
    assert told("How many people fled?", sentence) == ["97"]
    assert told("When did she say so?", sentence) == [
        fact.text for fact in find_facts(sentence, published=date(2021, 3, 4)) if fact.kind == "date"
    ]
    assert told("Why did they flee?", sentence) == []


def test_what_the_question_says_itself_is_no_answer() -> None:
    assert told("Who met Mayor Lind?", "Mayor Lind met Ada Weir.") == ["Ada", "Weir"]
    assert told("How many of the 97 people came back?", "Of 97 people 12 came back.") == ["12"]


def test_a_first_word_that_others_write_small_is_no_name() -> None:
    assert told("Who found the cracks?", "Divers found the cracks.", ordinary=frozenset({"diver"})) == []
    assert told("Who found the cracks?", "Calder found the cracks.") == ["Calder"]


def test_a_year_is_a_date_and_not_a_count() -> None:
    assert told("How many bridges are there?", "It was built in 1976.") == []
    assert told("When was it built?", "It was built in 1976.") == [fact.text for fact in find_facts("in 1976")]


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        ("How many people fled?", "It took in 97 people.", "It took 14 hours."),
        ("How much did the town pay?", "It cost $4.2 million.", "It took 14 months."),
        ("What percentage of voters agreed?", "Some 60% agreed.", "Some 600 agreed."),
        ("Who won?", "Ada Weir won.", "She won."),
    ],
)
def test_the_thing_asked_for_fits_better(question: str, better: str, worse: str) -> None:
    assert 0 <= fitness(question, worse) < fitness(question, better) == 1


def test_every_sentence_fits_a_question_of_why_alike() -> None:
    assert fitness("Why?", "Ada won 9 prizes.") == fitness("Why?", "It rained.") == 0.5
