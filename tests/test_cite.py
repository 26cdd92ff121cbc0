from hypothesis import given
from hypothesis import strategies as st

from bot.cite import number_citations
from bot.support import SourceSentence, Verdict
from index.records import Source

SOURCES = {"a": Source("A", "Echo"), "b": Source("B", "Ledger")}
FIRST = SourceSentence("One.", 0, 4, "a:0", "a")
SECOND = SourceSentence("Two.", 5, 9, "a:0", "a")
ELSEWHERE = SourceSentence("One.", 0, 4, "b:0", "b")
QUOTES = (FIRST, SECOND, ELSEWHERE)


def carried(*quotes: SourceSentence) -> Verdict:
    return Verdict("supported", quotes, (), 1.0)


def test_citations_are_numbered_in_the_order_of_use() -> None:
    sentences, citations = number_citations([("x", carried(SECOND)), ("y", carried(FIRST, SECOND))], SOURCES)
    assert [sentence.citations for sentence in sentences] == [(1,), (2, 1)]
    assert [(citation.number, citation.quote) for citation in citations] == [(1, "Two."), (2, "One.")]


def test_equal_words_of_two_articles_are_two_citations() -> None:
    _, citations = number_citations([("x", carried(FIRST)), ("y", carried(ELSEWHERE))], SOURCES)
    assert [(citation.article_id, citation.source.outlet) for citation in citations] == [("a", "Echo"), ("b", "Ledger")]


def test_a_citation_has_the_place_of_its_quote() -> None:
    _, [citation] = number_citations([("x", carried(SECOND))], SOURCES)
    assert (citation.start, citation.end, citation.passage_id, citation.source) == (5, 9, "a:0", SOURCES["a"])


def test_verdict_and_what_is_missing_stay_with_the_sentence() -> None:
    [sentence], _ = number_citations([("x", Verdict("partly", (FIRST,), ("14",), 0.7))], SOURCES)
    assert (sentence.text, sentence.support, sentence.missing) == ("x", "partly", ("14",))


def test_nothing_checked_is_nothing_cited() -> None:
    assert number_citations([], SOURCES) == ((), ())


@given(st.lists(st.lists(st.sampled_from(QUOTES), max_size=3, unique=True), max_size=6))
def test_numbers_run_from_one_and_each_is_used(uses: list[list[SourceSentence]]) -> None:
    checked = [(f"s{n}", carried(*quotes)) for n, quotes in enumerate(uses)]
    sentences, citations = number_citations(checked, SOURCES)
    used = [number for sentence in sentences for number in sentence.citations]
    assert [citation.number for citation in citations] == list(dict.fromkeys(used))
    assert sorted(set(used)) == list(range(1, len(citations) + 1))
    quotes = {citation.number: (citation.article_id, citation.quote) for citation in citations}
    assert [quotes[number] for number in used] == [(quote.article_id, quote.text) for use in uses for quote in use]
