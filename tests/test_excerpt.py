from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from relevance_material import no_meaning, passage

from bot.excerpt import choose_sentences, leans_back
from bot.prompt import read_text, show_passage
from bot.records import Evidence
from bot.relevance import rank_sentences


def count_words(text: str) -> int:
    return len(text.split())


def excerpts(question: str, evidence: Sequence[Evidence], budget: int = 1000) -> tuple[Evidence, ...]:
    ranked = rank_sentences(question, evidence, no_meaning)
    return choose_sentences(evidence, ranked, budget=budget, count_tokens=count_words)


STORY = ("The harbour was calm.", "Ann Lee won the vote.", "She thanked the town.", "It rained at night.")


def test_with_room_for_all_the_whole_passage_is_read() -> None:
    [item] = excerpts("Who won the vote?", [passage(*STORY)])
    assert read_text(item) == item.hit.passage.text


def test_the_nearest_sentence_is_read_first_and_gaps_are_marked() -> None:
    rainy = passage(*STORY[:2], "Boats lay still.", "Rain fell on the vote.")
    [item] = excerpts("Who won the vote in the rain?", [rainy], budget=21)
    assert read_text(item) == "Ann Lee won the vote. … Rain fell on the vote."


def test_a_sentence_that_leans_on_the_one_before_it_brings_it_along() -> None:
    [item] = excerpts("Who thanked the town?", [passage(*STORY)], budget=19)
    assert read_text(item) == "Ann Lee won the vote. She thanked the town."


def test_passages_of_which_nothing_is_read_are_left_out_and_the_rest_numbered_anew() -> None:
    other = passage("Gardens bloom.", id="other")
    items = excerpts("Who won the vote?", [other, passage(*STORY)], budget=18)
    assert [(item.number, item.hit.passage.id) for item in items] == [(1, "p")]


def test_the_best_sentence_is_read_whatever_it_costs() -> None:
    [item] = excerpts("Who won the vote?", [passage(*STORY)], budget=1)
    assert read_text(item) == "Ann Lee won the vote."


def test_without_evidence_nothing_is_chosen() -> None:
    assert excerpts("Who?", []) == ()


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(0, 120))
def test_what_is_read_stays_within_the_budget_or_is_one_sentence(lengths: list[int], budget: int) -> None:
    item = passage(*(f"Vote {number}{' word' * length}." for number, length in enumerate(lengths)))
    [chosen] = excerpts("Who won the vote?", [item], budget=budget)
    assert count_words(show_passage(chosen)) <= budget or len(chosen.sentences) == 1


@pytest.mark.parametrize(
    ("sentence", "leans"),
    [
        ("He left.", True),
        ("“But no,” he said.", True),
        ("Hector left.", False),
        ("It is the first strike since 2011.", False),
        ("It costs 40 crowns.", True),
    ],
)
def test_pronouns_and_connectives_lean_back(sentence: str, leans: bool) -> None:
    assert leans_back(sentence) is leans


def test_what_is_announced_is_read_with_what_announces_it() -> None:
    story = passage("The first count of the vote gave a wrong number.", "It is 97.", "Birds flew.")
    [item] = excerpts("What was the first count of the vote?", [story], budget=30)
    assert "It is 97." in read_text(item)


def test_what_follows_a_near_sentence_is_read_before_what_follows_a_far_one() -> None:
    first = passage("The vote was late.", "Ann Lee had 40 friends.", id="near")
    second = passage("Birds flew over it.", "Ann Lee had 40 friends.", id="far")
    items = excerpts("Why was the vote late?", [second, first], budget=16)
    assert [item.hit.passage.id for item in items] == ["near"]
