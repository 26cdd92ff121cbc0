from collections.abc import Sequence

import pytest
from answer_material import EMBEDDER

from bot.mend import Means, mend
from bot.similarity import remembering_similarity
from bot.stems import content_stems, coverage
from bot.support import SourceSentence, Verdict, check_sentence

STORY = (
    "Edda Holm was named skater of the year by Ice Weekly.",
    "She won two races in March.",
    "The rink at Northgate is 40 metres long.",
    "It will not open unless the council pays.",
)


def sources(*texts: str) -> tuple[SourceSentence, ...]:
    found, place = [], 0
    for text in texts:
        found.append(SourceSentence(text, place, place + len(text), "p", "a"))
        place += len(text) + 1
    return tuple(found)


def mended(
    sentence: str, question: str, texts: Sequence[str] = STORY, others: Sequence[int] = ()
) -> tuple[str, Verdict] | None:
    evidence = sources(*texts)
    similarity = remembering_similarity(EMBEDDER)

    def check(text: str) -> Verdict:
        return check_sentence(text, evidence, similarity)

    def own_words(quote: SourceSentence) -> SourceSentence:
        return quote

    def near(quote: SourceSentence) -> float:
        return coverage(content_stems(question), quote.text)

    best = [evidence[place] for place in others]
    return mend(sentence, check(sentence), question, Means(check, own_words, near, near, best))


def text_of(found: tuple[str, Verdict] | None) -> str:
    assert found is not None
    assert found[1].support == "supported"
    assert found[1].missing == ()
    return found[0]


def test_a_supported_sentence_stays_as_it_is() -> None:
    assert text_of(mended(STORY[0], "Who was skater of the year?")) == STORY[0]


def test_an_end_that_nothing_carries_is_left_out() -> None:
    said = "Ice Weekly named Edda Holm skater of the year, following Anton Berg."
    assert text_of(mended(said, "Whom did Ice Weekly name?")) == "Ice Weekly named Edda Holm skater of the year."


def test_a_beginning_that_nothing_carries_is_left_out() -> None:
    said = "In 1987, the rink at Northgate is 40 metres long."
    assert text_of(mended(said, "How long is the rink?")) == "The rink at Northgate is 40 metres long."


def test_what_cannot_be_cut_is_said_in_the_articles_own_words() -> None:
    said = "The rink at Southgate is 40 metres long."
    assert text_of(mended(said, "How long is the rink at Southgate?")) == STORY[2]


@pytest.mark.parametrize(
    "said",
    [
        "The skater won two races, which is more than Anton Berg.",
        "Anton Berg of Southgate, and the skater, won two races.",
        "After Anton Berg and the mayor, which won two races.",
    ],
)
def test_no_part_of_a_sentence_is_left_over(said: str) -> None:
    found = mended(said, "What did the skater win?")
    assert found is None or found[0].startswith(("The skater won two races", "She won two races"))


def test_own_words_correct_a_fact_that_the_model_took_from_elsewhere() -> None:
    said = "Anton Berg was named skater of the year by Ice Weekly."
    assert text_of(mended(said, "Who was named skater of the year by Ice Weekly?")) == STORY[0]


def test_own_words_that_answer_another_question_are_not_given() -> None:
    said = "The mayor hates gulls because the rink at Southgate is 40 metres long."
    assert mended(said, "Why does the mayor hate gulls?") is None


def test_a_condition_is_never_cut_off() -> None:
    said = "The rink will open, unless Anton Berg pays."
    assert text_of(mended(said, "Will the rink open?")).endswith("unless the council pays.")


@pytest.mark.parametrize("said", ["The rink of Anton Berg.", "Whales sing beneath glaciers."])
def test_where_the_quotes_tell_nothing_there_is_no_sentence(said: str) -> None:
    assert mended(said, "Whose is the rink of Anton Berg?") is None


def test_a_beginning_alone_is_not_left_over() -> None:
    texts = ("Of the 97 people who had to leave their homes, 61 went back on Friday.",)
    said = "Of the 97 people who had to leave, 61 went to Berlin."
    assert text_of(mended(said, "How many went back?", texts)) == texts[0]


def test_a_day_is_not_parted_from_its_weekday() -> None:
    texts = ("The gate at Northgate jammed, a judge said on Tuesday.",)
    said = "The gate at Northgate jammed on Tuesday, March 4."
    assert text_of(mended(said, "When did the gate at Northgate jam?", texts)) == texts[0]


COSTS = (
    "The flood will cost 31 million crowns, the treasury said in April.",
    "The treasury now expects the flood to cost 29 million crowns, not the 31 million it announced in April.",
)


def test_a_sentence_that_answers_better_and_holds_as_much_of_what_was_meant_is_given_instead() -> None:
    question, wrong = (
        "What does the treasury now expect the flood to cost?",
        "Anders said it costs 31 million in April.",
    )
    assert text_of(mended(wrong, question, COSTS)) == COSTS[0]
    assert text_of(mended(wrong, question, COSTS, others=[1])) == COSTS[1]
