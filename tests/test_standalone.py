from threading import Event as Flag

import pytest

from bot.generate import ScriptedGenerator
from bot.records import Turn
from bot.standalone import join_with, make_standalone, needs_context

EARLIER = Turn("Who will repair the harbour bridge?", "Calder & Sons will repair it for 4.2 million crowns.")


@pytest.mark.parametrize(
    "question",
    [
        "And how long?",
        "What about the ferry?",
        "Why?",
        "Who repairs it?",
        "What did he say?",
        "How much will they be paid for that?",
        "but who pays?",
    ],
)
def test_a_question_that_leans_on_what_was_said_needs_context(question: str) -> None:
    assert needs_context(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who will repair the harbour bridge?",
        "How long will the harbour bridge in Saltmarsh be closed this week?",
        "Which council said that the ferries would run at night?",
        "What did Mayor O’Brien tell Calder about his bill?",
    ],
)
def test_a_question_that_stands_alone_does_not(question: str) -> None:
    assert not needs_context(question)


@pytest.mark.parametrize(
    ("question", "history"),
    [("Who will repair the school roof?", (EARLIER,)), ("And how long?", ())],
    ids=["stands alone", "nothing was said"],
)
def test_a_question_is_left_as_it_is_without_asking_the_model(question: str, history: tuple[Turn, ...]) -> None:
    generator = ScriptedGenerator(["What now?"])
    assert make_standalone(question, history, generator) == question
    assert generator.prompts == []


def test_a_rewriting_made_of_what_was_said_is_taken() -> None:
    generator = ScriptedGenerator(['"How much will Calder & Sons cost?"\nThat is the question.'])
    assert make_standalone("And how much?", (EARLIER,), generator) == "How much will Calder & Sons cost?"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("How much will Calder & Sons and Zebulon Hartwick cost?", id="a name"),
        pytest.param("How much of the 77 million will Calder & Sons cost?", id="a number"),
        pytest.param("How much will Calder & Sons cost on 3 May 2019?", id="a date"),
        pytest.param("How much corruption surrounds Calder’s crooked accountants?", id="other words"),
        pytest.param("Calder & Sons will cost 4.2 million crowns.", id="an answer"),
        pytest.param("And how much?", id="the same again"),
        pytest.param("How " + "much bridge " * 30 + "?", id="a flood"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_rewriting_that_brings_something_in_is_refused(written: str) -> None:
    asked = make_standalone("And how much?", (EARLIER,), ScriptedGenerator([written]))
    assert asked == join_with(EARLIER.question, "And how much?")


def test_only_the_last_exchange_is_leaned_on() -> None:
    generator = ScriptedGenerator([""])
    make_standalone("And how much?", (Turn("Which robot won?", "Northgate’s."), EARLIER), generator)
    [[message]] = generator.prompts
    assert EARLIER.answer in message.text
    assert "robot" not in message.text


def test_dollar_signs_of_a_conversation_stay_text() -> None:
    generator = ScriptedGenerator([""])
    make_standalone("And $question?", (Turn("What of $answer?", "It costs $1,250 or ${follow_up}."),), generator)
    [[message]] = generator.prompts
    assert all(text in message.text for text in ("$question?", "What of $answer?", "$1,250 or ${follow_up}."))


def test_an_endless_conversation_is_cut() -> None:
    generator = ScriptedGenerator([""])
    asked = make_standalone("And how much?", (Turn("bridge " * 9_000, "crowns " * 9_000),), generator)
    assert len(asked) < 1_100
    assert generator.count_prompt(generator.prompts[0]) < 500


def test_a_rewriting_that_would_overflow_the_context_is_not_asked_for() -> None:
    generator = ScriptedGenerator(["How much?"], context=80)
    asked = make_standalone("And how much?", (EARLIER,), generator)
    assert asked == join_with(EARLIER.question, "And how much?")
    assert generator.prompts == []


def test_a_stopped_rewriting_still_gives_a_question() -> None:
    stop = Flag()
    stop.set()
    asked = make_standalone("And how much?", (EARLIER,), ScriptedGenerator(["What?"]), stop=stop)
    assert asked == join_with(EARLIER.question, "And how much?")


def test_joined_questions_are_both_there_and_the_new_one_is_first() -> None:
    joined = join_with("Who repairs the bridge?", "What about the ferry?")
    assert joined.startswith("What about the ferry?")
    assert "Who repairs the bridge?" in joined
