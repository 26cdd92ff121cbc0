from collections.abc import Sequence

from relevance_material import no_meaning, passage

from bot.records import Evidence
from bot.relevance import rank_sentences


def ranked(question: str, *evidence: Evidence) -> list[str]:
    return [each.source.text for each in rank_sentences(question, evidence, no_meaning)]


def test_the_sentence_with_the_questions_words_comes_first() -> None:
    item = passage("The harbour was calm.", "Voters chose Ann Lee as mayor.", "It rained.")
    assert ranked("Whom did voters choose as mayor?", item)[0] == "Voters chose Ann Lee as mayor."


def test_a_rare_word_counts_more_than_one_that_every_sentence_has() -> None:
    item = passage("The bridge is old.", "The bridge cracked.", "The bridge is long.", "The tender sank.")
    assert ranked("Did the bridge crack?", item)[0] == "The bridge cracked."
    assert ranked("Which bridge tender sank?", item)[0] == "The tender sank."


def test_words_of_the_title_and_of_the_sentence_before_count_half() -> None:
    titled = passage("It cost 4 crowns.", id="a", title="Ferry tickets")
    untitled = passage("It cost 9 crowns.", id="b")
    assert ranked("What does a ferry ticket cost?", untitled, titled)[0] == "It cost 4 crowns."
    followed = passage("The ferry sails at night.", "It cost 4 crowns.", "It cost 9 crowns.", id="c")
    assert ranked("What did the ferry cost?", followed).index("It cost 4 crowns.") < 2


def test_meaning_decides_among_sentences_that_share_no_word() -> None:
    item = passage("Dogs bark.", "Cats purr.")

    def likes_cats(text: str, others: Sequence[str]) -> list[float]:
        return [0.9 if "Cats" in other else 0.1 for other in others]

    [first, second] = rank_sentences("Which animal is quiet?", [item], likes_cats)
    assert (first.source.text, first.cosine, first.covered) == ("Cats purr.", 0.9, 0.0)
    assert second.score < first.score


def test_without_evidence_nothing_is_ranked() -> None:
    assert rank_sentences("Who?", [], no_meaning) == ()
