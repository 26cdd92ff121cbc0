"""What the reader set on the page, read from the browser and put into a question, and how it is drawn."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bot.limits import LONGEST_QUESTION, Limits, question_within, read_limits
from bot.markup_limits import SHOWN, Choices, draw
from bot.records import Turn
from bot.strictness import STEPS, cost_of, name_of
from index.records import Filters

BALANCED, SURE = STEPS[1].strictness, STEPS[2].strictness
NOBODY = Choices((), (), BALANCED)
MANY = Choices((), [(f"Author {number:03}", 200 - number) for number in range(SHOWN + 12)], BALANCED)


def test_everything_that_was_set_reaches_the_question() -> None:
    sent = {
        "since": "2017-03-01",
        "until": "2017-06-30",
        "outlets": ["Northern Post"],
        "authors": ["Ida Holm", "Rut Sander"],
        "strictness": "0.35",
        "settings": {"strictness": "0.4", "passages": "4"},
    }
    history = (Turn("What?", "That."),)
    question = question_within(json.dumps(sent), "  Why? ", history)
    assert (question.text, question.asked_on, question.history) == ("Why?", date.today(), history)
    span = date(2017, 3, 1), date(2017, 6, 30)
    assert question.filters == Filters(*span, ("Northern Post",), ("Ida Holm", "Rut Sander"))
    assert (question.strictness, question.passages) == (0.35, 4)


def test_without_a_strictness_of_its_own_a_question_has_that_of_the_settings() -> None:
    sent = json.dumps({"strictness": "", "settings": {"strictness": "0.4"}})
    assert question_within(sent, "Why?").strictness == 0.4
    assert question_within("{}", "Why?").strictness is None


def test_dates_given_the_wrong_way_round_are_turned() -> None:
    limits = read_limits('{"since": "2017-06-30", "until": "2017-03-01"}')
    assert limits.filters == Filters(date(2017, 3, 1), date(2017, 6, 30))


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "null",
        "{",
        '{"since": "yesterday", "until": 7, "outlets": "all", "authors": [1, null, ""]}',
        '{"strictness": "1.1", "settings": {"strictness": "NaN", "passages": "0"}}',
        '{"strictness": [], "settings": {"passages": "21"}}',
        '{"settings": {"passages": "-3", "strictness": true}}'.replace("true", '"x"'),
    ],
)
def test_what_is_no_value_is_not_set(sent: str) -> None:
    assert read_limits(sent) == Limits()


def test_a_name_is_one_that_can_be_looked_up() -> None:
    assert read_limits('{"authors": ["a\\ud800b", "x", "x"]}').filters.authors == ("a?b", "x")


def test_the_fold_tells_how_many_limits_are_set() -> None:
    limits = Limits(Filters(date(2017, 3, 1), date(2017, 6, 30), ("a", "b")), strictness=0.4)
    assert "(3 set)" in draw(limits, NOBODY)
    assert "set)" not in draw(Limits(usual_strictness=0.4, passages=3), NOBODY)


def test_the_names_of_most_articles_come_first_and_the_others_are_found_by_typing() -> None:
    assert draw(Limits(), MANY).count('name="authors"') == SHOWN
    assert "and 12 more: type to find them" in draw(Limits(), MANY)
    assert "Author 045" not in draw(Limits(), MANY)
    assert draw(Limits(typed_author="AUTHOR  045"), MANY).count('name="authors"') == 1
    assert "none by that name" in draw(Limits(typed_author="zz"), MANY)


def test_a_chosen_name_stays_in_the_list_also_with_nothing_left_within_the_other_limits() -> None:
    drawn = draw(Limits(Filters(authors=("Author 045", "Nobody"))), MANY)
    assert 'value="Author 045" checked' in drawn
    assert 'value="Nobody" checked> <bdi>Nobody</bdi> <span class="number">0</span>' in drawn


def test_names_are_only_ever_text() -> None:
    hostile = '"><script>window.hacked=1</script>'
    drawn = draw(Limits(Filters(outlets=(hostile,)), typed_outlet=hostile), Choices([(hostile, 1)], [], BALANCED))
    assert "<script" not in drawn
    assert drawn.count("&quot;&gt;&lt;script&gt;") == 5  # ticked, shown, and three times on its chip


def test_the_usual_strictness_is_that_of_this_browser_where_it_has_one() -> None:
    assert "As in the settings: balanced" in draw(Limits(), NOBODY)
    assert "As in the settings: only when sure" in draw(Limits(usual_strictness=SURE), NOBODY)
    assert '<option value="0.33">0.33</option>' in draw(Limits(strictness=0.33), NOBODY)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_says_what_it_costs(step) -> None:
    assert name_of(step.strictness) == step.name
    assert f"{round(step.story[0] * 100)} %" in cost_of(step.strictness)


def test_what_is_between_the_steps_says_which_way_it_goes() -> None:
    assert name_of(0.33) == "0.33"
    assert "Less: more is answered" in cost_of(0.33)


def test_a_question_is_no_longer_than_its_field_whoever_sends_it() -> None:
    assert len(question_within("{}", "x" * 100_000).text) == LONGEST_QUESTION
