from threading import Event as Flag

import pytest

from bot.generate import ScriptedGenerator
from bot.prompt import refusal
from bot.pronouns import find_pointing
from bot.records import Turn
from bot.standalone import Standalone, join_with, make_standalone, needs_context

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
        "Where was that?",
        "Iraq?",
        "And in 2018?",
        "How many of them were hurt?",
        "What is the death toll?",
        "Who lives there?",
        "Is that true?",
        "What is the process for applying for it?",
        "Oops, I meant the ferry to Northport",
        "Which attack was this?",
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
        "Who won the World Cup?",
        "Who is Emmanuel Macron?",
        "What is inflation?",
        "Did the mayor say that she would resign?",
        "Is there a ferry between Saltmarsh and Northport?",
        "How long does it take to repair a bridge?",
        "Is it true that the bridge is closed?",
        "Was it raining when the bridge fell?",
        "What happened in Saltmarsh on Friday?",
        "Did the council sell its land in Northport?",
        "Do vaccinated mothers protect their babies?",
        "What happens to the bridge when it freezes?",
        "That is fine. When are elections held in Saltmarsh?",
        "So far, how many strikes did the coalition make in Iraq?",
        "And who won the World Cup in Brazil?",
        "My friend works at the studio, so what is he paid?",
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
    asked = make_standalone(question, history, generator)
    assert (asked.question, asked.how) == (question, "as asked")
    assert generator.prompts == []


def test_a_rewriting_made_of_what_was_said_is_taken() -> None:
    generator = ScriptedGenerator(['"How much will Calder & Sons cost?"\nThat is the question.'])
    asked = make_standalone("And how much?", (EARLIER,), generator)
    assert (asked.question, asked.how) == ("How much will Calder & Sons cost?", "model")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("How much will Calder & Sons and Zebulon Hartwick cost?", id="a name"),
        pytest.param("How much of the 77 million will Calder & Sons cost?", id="a number"),
        pytest.param("How much will Calder & Sons cost on 3 May 2019?", id="a date"),
        pytest.param("How much corruption surrounds Calder’s crooked accountants?", id="other words"),
        pytest.param("Calder & Sons will cost 4.2 million crowns.", id="an answer"),
        pytest.param("And how much?", id="the same again"),
        pytest.param("How much will it cost?", id="a word that points back"),
        pytest.param("How " + "much bridge " * 30 + "?", id="a flood"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_rewriting_that_brings_something_in_is_refused(written: str) -> None:
    asked = make_standalone("And how much?", (EARLIER,), ScriptedGenerator([written]))
    assert asked.question == join_with(EARLIER.question, "And how much?")
    assert asked.how == "joined"


def test_only_the_last_exchange_is_leaned_on() -> None:
    generator = ScriptedGenerator([""])
    make_standalone("And how much?", (Turn("Which robot won?", "Northgate’s."), EARLIER), generator)
    [[message]] = generator.prompts
    assert EARLIER.answer in message.text
    assert "robot" not in message.text


def test_dollar_signs_of_a_conversation_stay_text() -> None:
    generator = ScriptedGenerator([""])
    make_standalone("And $question else?", (Turn("What of $answer?", "It costs $1,250 or ${follow_up}."),), generator)
    [[message]] = generator.prompts
    assert all(text in message.text for text in ("$question else?", "What of $answer?", "$1,250 or ${follow_up}."))


def test_an_endless_conversation_is_cut() -> None:
    generator = ScriptedGenerator([""])
    asked = make_standalone("And how much?", (Turn("bridge " * 9_000, "crowns " * 9_000),), generator)
    assert len(asked.question) < 1_100
    assert generator.count_prompt(generator.prompts[0]) < 500


def test_a_rewriting_that_would_overflow_the_context_is_not_asked_for() -> None:
    generator = ScriptedGenerator(["How much?"], context=80)
    asked = make_standalone("And how much?", (EARLIER,), generator)
    assert asked.question == join_with(EARLIER.question, "And how much?")
    assert asked.how == "joined"
    assert generator.prompts == []


def test_a_stopped_rewriting_still_gives_a_question() -> None:
    stop = Flag()
    stop.set()
    asked = make_standalone("And how much?", (EARLIER,), ScriptedGenerator(["What?"]), stop=stop)
    assert asked.question == join_with(EARLIER.question, "And how much?")
    assert asked.how == "joined"


def test_joined_questions_are_both_there_and_the_new_one_is_first() -> None:
    joined = join_with("Who repairs the bridge?", "What about the ferry?")
    assert joined.startswith("What about the ferry?")
    assert "Who repairs the bridge?" in joined


def test_rules_come_before_the_model() -> None:
    generator = ScriptedGenerator([])
    asked = make_standalone("When will they start?", (EARLIER,), generator)
    assert (asked.question, asked.how) == ("When will Calder & Sons start?", "rule")
    assert generator.prompts == []


def test_without_a_model_what_the_rules_leave_open_is_joined() -> None:
    asked = make_standalone("And how much?", (EARLIER,), None)
    assert (asked.question, asked.how) == (join_with(EARLIER.question, "And how much?"), "joined")


@pytest.mark.parametrize(
    "question",
    ["Who won the World Cup?", "What causes floods in Bangladesh?", "How many people voted in Northport in 2016?"],
)
def test_a_new_topic_is_neither_changed_nor_searched_with_what_was_said(question: str) -> None:
    assert make_standalone(question, (EARLIER,), None) == Standalone(question)


def test_a_question_that_names_nothing_is_searched_for_with_what_was_said() -> None:
    asked = make_standalone("How many people were killed?", (EARLIER,), None)
    assert (asked.question, asked.how) == ("How many people were killed?", "as asked")
    assert "harbour bridge" in asked.context


def test_a_refused_turn_is_still_what_a_follow_up_leans_on() -> None:
    refused = Turn("How many strikes did the coalition make in Syria?", refusal())
    asked = make_standalone("And in Iraq?", (refused,), None)
    assert asked.question == "How many strikes did the coalition make in Iraq?"
    assert refusal() not in asked.context


def test_thanks_between_two_questions_are_passed_over() -> None:
    thanked = Turn("Thank you!", "You are welcome.")
    asked = make_standalone("When will they start?", (EARLIER, thanked), None)
    assert asked.question == "When will Calder & Sons start?"


def test_a_follow_up_to_a_joined_question_leans_on_the_whole_one() -> None:
    joined = Turn(join_with("Who will repair the harbour bridge?", "And how much?"), refusal())
    asked = make_standalone("What about the ferry?", (joined,), None)
    assert asked.question == "Who will repair the ferry?"


def test_a_dash_in_a_question_of_its_own_is_no_joint() -> None:
    dashed = Turn("What does the Northport treaty — signed in 2016 — say?", refusal())
    asked = make_standalone("How so?", (dashed,), None)
    assert dashed.question in asked.question


def test_a_question_where_one_thing_took_anothers_place_is_searched_for_without_the_earlier_answer() -> None:
    strikes = Turn("How many strikes did the coalition make in Syria?", "It made 12 strikes in Syria.")
    assert make_standalone("And in Iraq?", (strikes,), None).context == ""
    assert "12 strikes" in make_standalone("Who made them?", (strikes,), None).context


def test_a_correction_is_joined_to_what_it_corrects() -> None:
    asked = make_standalone("Oops, I meant the ferry", (EARLIER,), None)
    assert asked.question == join_with(EARLIER.question, "Oops, I meant the ferry")


def test_the_pronouns_of_an_endless_question_are_not_looked_for() -> None:
    assert find_pointing("it " * 1_000) == []
