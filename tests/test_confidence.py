import math
from dataclasses import asdict, fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.confidence import (
    AFTER,
    BEFORE,
    Logistic,
    Quoted,
    fluency,
    read_calibration,
    signs_after,
    signs_before,
    signs_shown,
)
from bot.evidence import source_sentences
from bot.generate import Piece
from bot.records import Evidence, Signs
from bot.support import SourceSentence, Verdict
from index.records import Hit, Passage, Source, Span

QUESTION = "How long will the harbour bridge of Saltmarsh close?"


def evidence(article: str, text: str, *, score: float = 0.5, cosine: float | None = 0.4, title: str = "") -> Evidence:
    passage = Passage(
        article, article, Source(title, published=date(2021, 3, 4)), 0, len(text), text, (Span(0, len(text)),)
    )
    return Evidence(1, Hit(passage, score, (), (("dense", cosine),) if cosine is not None else (("lexical", 3.0),)))


def before(*items: Evidence, question: str = QUESTION, yes: float = 0.5) -> Signs:
    return signs_before(question, items, source_sentences(items), yes)


def test_a_logistic_regression_is_what_it_says() -> None:
    logistic = Logistic(-1.0, (("yes", 2.0), ("cosine", -1.0)))
    assert logistic.probability(Signs(yes=1.0, cosine=0.5)) == pytest.approx(1 / (1 + math.exp(-0.5)))


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_a_probability_is_one_whatever_the_signs(yes: float, weight: float) -> None:
    assert 0 <= Logistic(0.0, (("yes", weight),)).probability(Signs(yes=yes)) <= 1


def test_a_sign_that_is_not_a_number_makes_nothing_certain() -> None:
    assert Logistic(0.0, (("yes", 1.0),)).probability(Signs(yes=math.nan)) == 0


def test_the_calibration_that_ships_names_only_signs_there_are() -> None:
    calibration = read_calibration()
    assert {name for name, _ in calibration.before.weights} <= set(BEFORE)
    assert {name for name, _ in calibration.after.weights} <= set(AFTER) <= {field.name for field in fields(Signs)}


@pytest.mark.parametrize("sign", ["cosine", "yes", "covered"])
def test_better_evidence_never_makes_an_answer_less_likely(sign: str) -> None:
    for logistic in (read_calibration().before, read_calibration().after):
        low, high = (logistic.probability(replace(Signs(), **{sign: value})) for value in (0.1, 0.9))
        assert low <= high


def test_no_evidence_has_no_signs() -> None:
    assert signs_before(QUESTION, (), (), 0.9) == Signs()


def test_the_cosine_is_the_best_dense_one() -> None:
    assert before(evidence("a", "x", cosine=0.2), evidence("b", "y", cosine=0.6)).cosine == 0.6
    assert before(evidence("a", "x", cosine=None)).cosine == 0.0


def test_coverage_counts_the_questions_words_in_passage_and_title() -> None:
    signs = before(evidence("a", "The harbour bridge closes.", title="Saltmarsh for long"))
    assert signs.covered == 1.0
    assert 0 < signs.sentence_covered < 1


def test_facts_of_the_question_must_stand_in_one_article() -> None:
    question = "Did Calder pay 14 crowns?"
    together = before(evidence("a", "Calder paid 14 crowns."), question=question)
    apart = before(evidence("a", "Calder paid."), evidence("b", "It was 14 crowns."), question=question)
    assert (together.facts_held, apart.facts_held) == (1.0, 0.5)


def test_a_question_without_facts_lacks_none() -> None:
    assert before(evidence("a", "Nothing."), question="Why is it so?").facts_held == 1.0


@pytest.mark.parametrize(
    ("scores", "margin"),
    [([("a", 0.9), ("a", 0.8), ("b", 0.6)], 0.3), ([("a", 0.9), ("a", 0.4)], 0.0)],
    ids=["two articles", "one article"],
)
def test_the_margin_is_between_articles(scores: list[tuple[str, float]], margin: float) -> None:
    assert before(*(evidence(id, f"word{id}", score=score) for id, score in scores)).margin == pytest.approx(margin)


def checked(text: str, quote: str, support: str = "supported", strength: float = 1.0) -> tuple[str, Verdict]:
    return text, Verdict(support, (SourceSentence(quote, 0, len(quote), "p", "a"),), (), strength)  # type: ignore[arg-type]


def test_signs_after_add_to_those_before() -> None:
    first = Signs(cosine=0.3, yes=0.7)
    told = [
        checked("The bridge closes for 14 months.", "The harbour bridge will close for 14 months."),
        checked("Gulls sing.", "x", "unsupported", 0.0),
    ]
    after = signs_after(first, "How long will the harbour bridge close?", told, declined=False)
    assert (after.cosine, after.yes, after.supported, after.strength, after.new) == (0.3, 0.7, 0.5, 0.5, 1.0)
    assert after.question_in_quotes == pytest.approx(3 / 4)
    assert after.declined == 0.0


def test_an_answer_of_the_questions_own_words_says_nothing_new() -> None:
    told = [checked("The bridge closes.", "The bridge closes.")]
    assert signs_after(Signs(), "Will the bridge close?", told, declined=False).new == 0.0


@pytest.mark.parametrize("declined", [True, False])
def test_a_text_with_nothing_checked_keeps_the_signs_before(declined: bool) -> None:
    after = signs_after(Signs(yes=0.4), QUESTION, (), declined=declined)
    assert asdict(after) == {**asdict(Signs(yes=0.4)), "declined": float(declined)}


SHIP = Quoted("The ninth ship sank in 1912 off Cape Orrow.", "Divers find a wreck", date(2021, 5, 1))


def test_an_answer_on_the_questions_premises_gives_what_is_asked() -> None:
    signs = signs_shown("When did the ship sink off Cape Orrow?", "It sank in 1912.", [SHIP])
    assert signs == {"gives": 1.0, "premises": 1.0, "against": 0.0}


@pytest.mark.parametrize(
    ("question", "sign", "value"),
    [
        ("When did the ship sink off Cape Lund?", "premises", 0.5),
        ("Why did no ship sink off Cape Orrow?", "against", 1.0),
        ("How many ships sank?", "gives", 0.0),
        ("Who sank the ship?", "gives", 0.0),
    ],
    ids=["another cape", "what is denied", "a year for a count", "a year for a name"],
)
def test_an_answer_to_another_question_is_told(question: str, sign: str, value: float) -> None:
    assert signs_shown(question, "It sank in 1912.", [SHIP])[sign] == pytest.approx(value)


def test_what_quotes_say_the_opposite_of_speaks_against_an_answer() -> None:
    lost = Quoted("Lee lost the vote.", "", None)
    assert signs_shown("Why did Lee win the vote?", "Lee lost.", [lost])["against"] == 1.0


def test_without_quotes_nothing_is_shown() -> None:
    assert signs_shown("Who?", "Lee.", []) == {}


def test_how_sure_the_model_was_is_the_mean_and_the_least_of_its_tokens() -> None:
    told = [Piece("Lee ", 1, logprob=math.log(0.9)), Piece("won", 1, logprob=math.log(0.4)), Piece("", 0, "length")]
    assert fluency(told) == {"fluent": pytest.approx(0.6), "least_sure": pytest.approx(0.4)}
    assert fluency([]) == {}


def test_how_long_it_did_last_is_not_turned_round_by_a_first() -> None:
    first = Quoted("It is the first strike since that of 2011, of eight days.", "", None)
    assert signs_shown("How long did the strike last?", "Eight days.", [first])["against"] == 0.0


@pytest.mark.parametrize(
    ("question", "quote", "against"),
    [
        ("How many people died when the ferry hit the pier?", "Twenty-three people were injured on Tuesday.", 1.0),
        ("How many passengers drowned on the ferry?", "The ferry had 164 passengers aboard.", 1.0),
        ("How many people died when the ferry hit the pier?", "Three passengers were killed.", 0.0),
        ("The ferry sank and many died. How many passengers were aboard?", "It had 164 passengers aboard.", 0.0),
    ],
)
def test_a_grave_word_of_the_question_must_stand_in_the_quotes(question: str, quote: str, against: float) -> None:
    assert signs_shown(question, quote, [Quoted(quote, "", None)])["against"] == against


def test_a_copy_with_another_fact_is_no_rival_of_the_best_article() -> None:
    told = "The club of Saltmarsh was founded in {} by Ann Lee and Ida Holm, who met at the harbour."
    copies = [evidence("a", told.format("May 2015"), score=0.9), evidence("b", told.format("May 2005"), score=0.88)]
    other = evidence("c", "A harbour festival was held at Saltmarsh.", score=0.4)
    assert before(*copies, other).margin == pytest.approx(0.5)
    assert before(*copies).margin == 0.0
