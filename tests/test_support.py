"""Which quotes carry a sentence, and that nothing is called supported which they lack."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.facts import Fact, find_facts, holds
from bot.plain_words import OPENERS
from bot.stems import content_stems, stems
from bot.support import SourceSentence, Verdict, check_sentence
from index.sentences import split_sentences

DAY = date(2025, 3, 7)
SAMPLES = Path(__file__).parent.parent / "index" / "samples" / "articles"


def overlap(text: str, others: Sequence[str]) -> list[float]:
    """Stands in for the embedder: the share of the words that two texts have in common."""
    words = content_stems(text)
    return [len(words & stems(other)) / max(1, len(words | stems(other))) for other in others]


def sources(text: str, article: str = "a") -> tuple[SourceSentence, ...]:
    spans = split_sentences(text)
    return tuple(SourceSentence(text[s.start : s.end], s.start, s.end, "p", article, DAY) for s in spans)


def check(sentence: str, text: str) -> Verdict:
    return check_sentence(sentence, sources(text), overlap)


CORRECTION = (
    "The correct number is 97, not 112. The Vellmark emergency service said on Thursday evening that 15 "
    "people had been counted twice: they were registered at St. Brannoc’s School on Monday and again at "
    "the Corn Hall on Wednesday, when the school ran out of beds and they were moved.\n\n"
    "“The fault is in our list, not in the newspaper,” said Capt. Joan Tillery, who gave the first figure "
    "to reporters. Was anyone hurt in the flood? The gate did not close on Monday. The mayor denied "
    "taking bribes. He failed to open the second gate. None of the crew survived. The ship did not."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The correct number is 97.",
        "The number is 97, as stated in the articles.",
        "According to the provided articles, 15 people had been counted twice [1].",
        "Yes, fifteen people had been counted twice.",
        "Ninety-seven.",
        "97",
        "Joan Tillery",
        "The Corn Hall.",
        "They were moved to the Corn Hall on March 5 when the school ran out of beds.",
        "The gate didn't close on Monday.",
        "The mayor denied that he took bribes.",
        "He did not open the second gate.",
    ],
)
def test_a_true_sentence_is_supported(sentence: str) -> None:
    verdict = check(sentence, CORRECTION)
    assert (verdict.support, verdict.missing) == ("supported", ())


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("The correct number is 98.", "98"),
        ("Capt. Joe Biden said that the fault is in our list.", "Joe Biden"),
        ("The gate did not close on Tuesday.", "Tuesday"),
        ("The gate closed on Monday.", "not"),
        ("The correct number is not 97.", "not"),
        ("The mayor took bribes.", "not"),
        ("The mayor did not deny taking bribes.", "not"),
        ("The crew survived.", "not"),
    ],
)
def test_what_is_missing_is_named(sentence: str, missing: str) -> None:
    verdict = check(sentence, CORRECTION)
    assert (verdict.support, verdict.missing) == ("partly", (missing,))


def test_a_negation_at_the_end_counts() -> None:
    assert check("The lever moved and the ship did.", "The lever moved and the ship did not.").missing == ("not",)


def test_a_quote_that_carries_nothing_is_left_out() -> None:
    verdict = check(
        "The first count was too high because it included 15 people who were counted twice: they were registered at "
        "St. Brannoc’s School on Monday and again at the Corn Hall on Wednesday, when the school ran out of beds and "
        "they were moved.",
        CORRECTION,
    )
    assert verdict.support == "supported"
    assert [quote.text[:20] for quote in verdict.quotes] == ["The Vellmark emergen"]


def test_a_second_quote_brings_the_missing_fact() -> None:
    verdict = check(
        "The postal worker Nadia Corrie is 43.",
        "Nadia Corrie, the postal worker, was found alive. The gate was mended. Corrie is 43.",
    )
    assert verdict.support == "supported"
    assert [quote.text[-5:] for quote in verdict.quotes] == ["live.", "s 43."]


def test_a_fact_of_another_matter_is_not_borrowed() -> None:
    verdict = check("The dam is 31 metres high.", "The dam is high. The festival sold 31 lanterns to visitors.")
    assert (verdict.support, verdict.missing) == ("partly", ("31 metres",))


def test_a_question_states_nothing() -> None:
    assert check("Anyone was hurt in the flood.", "Was anyone hurt in the flood?").support == "unsupported"


def test_quotes_are_of_one_article() -> None:
    both = sources("The ferry sank on Monday.", "a") + sources("The ferry carried 31 people.", "b")
    verdict = check_sentence("The ferry that sank on Monday carried 31 people.", both, overlap)
    assert len({quote.article_id for quote in verdict.quotes}) == 1
    assert verdict.support == "partly"


@pytest.mark.parametrize("sentence", ["", "…", "---", "Bananas grow in Ecuador."])
def test_what_has_nothing_to_do_with_the_sources_has_no_quote(sentence: str) -> None:
    verdict = check(sentence, CORRECTION)
    assert (verdict.support, verdict.quotes) == ("unsupported", ())


def test_without_sources_nothing_is_supported() -> None:
    assert check_sentence("The gate jammed.", (), overlap) == Verdict("unsupported", (), (), 0.0)


# --- the sample articles -------------------------------------------------------------------------------------

ARTICLES = [
    sources(path.read_text(encoding="utf-8"), path.name)
    for path in sorted(SAMPLES.iterdir())
    if path.suffix in (".txt", ".md")
]
TELLING = [(one, article) for article in ARTICLES for one in article if len(content_stems(one.text)) > 1]
FACTS = sorted(  # facts of one text but different values stay in the articles' order: a set has another one each run
    dict.fromkeys(fact for one, _ in TELLING for fact in find_facts(one.text, published=DAY)),
    key=lambda fact: (fact.kind, fact.text),
)


def test_every_sentence_of_the_samples_is_supported_by_itself() -> None:
    failing = []
    for one, article in TELLING:
        verdict = check_sentence(one.text, article, overlap)
        if verdict.support != "supported" or one.text not in [quote.text for quote in verdict.quotes]:
            failing.append(one.text)
    assert not failing
    assert len(TELLING) > 400


def may_replace(old: Fact, new: Fact, one: SourceSentence, article: Sequence[SourceSentence]) -> bool:
    """Whether `new` is a different fact of the same kind that the article lacks, and `old` stands once."""
    lacks = not any(_holds_anyhow(new, each) for each in article)
    return old.kind == new.kind and lacks and one.text.count(old.text) == 1


def _holds_anyhow(fact: Fact, source: SourceSentence) -> bool:
    """Whether the source holds the fact's value under any unit, or the word in any form."""
    keys = {other.key for other in find_facts(source.text, published=DAY)}
    own = stems(fact.text)
    is_word = not own or bool(own & stems(source.text)) or fact.text.casefold() in OPENERS
    alone = {fact.key, *(other.key for other in find_facts(fact.text, published=DAY))}  # "1" of "1 to 3 percent"
    return bool(alone & keys) or (fact.kind == "name" and is_word) or holds(fact, source.text, published=DAY)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_another_fact_in_its_place_is_never_supported(data: st.DataObject) -> None:
    one, article = data.draw(st.sampled_from(TELLING))
    facts = find_facts(one.text, published=DAY)
    assume(facts)
    old = data.draw(st.sampled_from(facts))
    new = data.draw(st.sampled_from([fact for fact in FACTS if fact.kind == old.kind]))
    assume(may_replace(old, new, one, article))
    verdict = check_sentence(one.text.replace(old.text, new.text), article, overlap)
    assert verdict.support != "supported"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TELLING), st.integers(20_000, 10**9))
def test_another_number_is_never_supported(
    drawn: tuple[SourceSentence, tuple[SourceSentence, ...]], other: int
) -> None:
    one, article = drawn
    digits = re.search(r"(?<![\w.,:/-])\d+(?![\w.,:/-]*\d)", one.text)
    assume(digits)
    assert digits
    text = f"{one.text[: digits.start()]}{other}{one.text[digits.end() :]}"
    assert check_sentence(text, article, overlap).support != "supported"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TELLING))
def test_not_added_is_never_supported(drawn: tuple[SourceSentence, tuple[SourceSentence, ...]]) -> None:
    one, article = drawn
    verb = re.search(r"\b(?:is|was|were|are|will|had|has|could|would)\b(?! not)", one.text)
    assume(verb)
    assert verb
    text = f"{one.text[: verb.end()]} not{one.text[verb.end() :]}"
    assert check_sentence(text, article, overlap).support != "supported"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([pair for pair in TELLING if re.search(r" (?:not|never)\b(?! only)|n[’']t\b", pair[0].text)]))
def test_not_left_out_is_never_supported(drawn: tuple[SourceSentence, tuple[SourceSentence, ...]]) -> None:
    one, article = drawn
    text = re.sub(r" (?:not|never)\b(?! only)|n[’']t\b", "", one.text, count=1)
    assume(not text.rstrip("”*’ ").endswith("?"))
    assert check_sentence(text, article, overlap).support != "supported"


def test_a_sentence_is_checked_in_well_under_a_blink() -> None:
    pool = [one for article in ARTICLES for one in article][:60]
    check_sentence("Ninety-seven people were moved from Lowmarsh on Monday.", pool, overlap)
    started = time.perf_counter()
    for number in range(10):
        check_sentence(f"Some {number} people of Lowmarsh and Millcross were moved on Monday.", pool, overlap)
    assert (time.perf_counter() - started) / 10 < 0.1  # 30 ms on an idle machine; CI is not one


@pytest.mark.parametrize(
    ("sentence", "source", "missing"),
    [
        ("The two walkers were found alive on the ridge.", "The two walkers were found dead on the ridge.", "alive"),
        ("The court acquitted the director of fraud.", "The court convicted the director of fraud.", "acquitted"),
        ("Prices rose by 4 percent in May.", "Prices fell by 4 percent in May.", "rose"),
        ("The north gate will stay shut until Friday.", "The north gate will stay open until Friday.", "shut"),
    ],
)
def test_the_opposite_word_is_named_as_missing(sentence: str, source: str, missing: str) -> None:
    verdict = check(sentence, source)
    assert (verdict.support, verdict.missing) == ("partly", (missing,))


def test_a_word_is_no_opposite_where_the_source_says_both() -> None:
    assert check("The gate was open on Monday.", "The gate was open on Monday and shut on Friday.").missing == ()


def test_what_one_quote_says_of_one_person_is_not_said_of_another() -> None:
    text = "The flood killed Edwin Pell on Wednesday. The postal worker Nadia Corrie was found alive on Thursday."
    verdict = check("The flood killed Edwin Pell and the postal worker Nadia Corrie.", text)
    assert (verdict.support, verdict.missing) == ("partly", ("killed",))


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("The Stennet Star hit the pier, killing 23 people.", "killing"),
        ("The Stennet Star hit the pier and 23 people died.", "died"),
        ("The Stennet Star hit the pier and 23 people were arrested.", "arrested"),
    ],
)
def test_a_grave_word_must_stand_in_the_quotes(sentence: str, missing: str) -> None:
    verdict = check(sentence, "The ferry Stennet Star hit the south pier, and 23 people were injured.")
    assert (verdict.support, verdict.missing) == ("partly", (missing,))


def test_a_grave_word_may_be_said_otherwise() -> None:
    assert check("23 people were hurt.", "The ferry hit the pier, and 23 people were injured.").support == "supported"


def test_both_of_one_thing_are_not_two_of_another() -> None:
    verdict = check("Two people were missing from both shelters.", "People were missing from both shelters.")
    assert (verdict.support, verdict.missing) == ("partly", ("Two",))


def test_an_article_that_holds_more_and_says_it_of_another_outweighs_one_that_holds_the_words_apart() -> None:
    told = sources("The missing are Edwin Pell, a sheep farmer, and Nadia Corrie, a postal worker.", "a")
    apart = sources("The body of Edwin Pell was found. The postal worker Nadia Corrie is safe at the farm.", "b")
    verdict = check_sentence("Edwin Pell is a postal worker and Nadia Corrie is a sheep farmer.", told + apart, overlap)
    assert verdict.support == "partly"
    assert "Edwin Pell" in verdict.missing


ROVERS = (
    "Rovers captain Femi Okafor lifts the Vellmark Cup. “Ask her,” said the Rovers coach, Sigrid Palmer. "
    "Havenbrook Rovers won the Vellmark Cup on Saturday, beating Millcross Town."
)


@pytest.mark.parametrize(
    "claim",
    [
        "Havenbrook Rovers is owned by Sigrid Palmer and Femi Okafor.",
        "Femi Okafor founded Havenbrook Rovers.",
        "Sigrid Palmer owns Havenbrook Rovers.",
    ],
)
def test_names_alone_carry_nothing_that_ties_them(claim: str) -> None:
    verdict = check(claim, ROVERS)
    assert (verdict.support, verdict.quotes) == ("unsupported", ())


@pytest.mark.parametrize(
    "claim",
    [
        "Femi Okafor is the captain of Rovers.",
        "Havenbrook Rovers won the Vellmark Cup.",
        "Sigrid Palmer.",
        "The coach of Rovers is Sigrid Palmer.",
    ],
)
def test_names_with_a_word_that_ties_them_are_carried(claim: str) -> None:
    assert check(claim, ROVERS).support == "supported"


@pytest.mark.parametrize(
    ("said", "support"),
    [
        ("There are 900 non-members in Lowmarsh.", "partly"),
        ("There are 900 members in Lowmarsh.", "supported"),
    ],
)
def test_what_is_denied_by_a_prefix_is_not_supported_without_it(said: str, support: str) -> None:
    assert check(said, "There are 900 members in Lowmarsh, the club said.").support == support


def test_a_prefix_that_the_article_has_is_its_own() -> None:
    said = "There are 900 non-members in Lowmarsh."
    assert check(said, "There are 900 non-members in Lowmarsh, the club said.").support == "supported"
