from collections.abc import Sequence
from datetime import date

import pytest
from archive_material import EMBEDDER
from carried_material import FIRST_DAY, OTHER_MONEY, PRINTS, REPORT, reprint
from hypothesis import given
from hypothesis import strategies as st

from bot.carriers import _fold, _sentences, collapse, name_carriers, says
from bot.records import Citation
from index.chunk import split_passages
from index.records import Article, Hit

MONEY = "The railway will pay 14 million crowns more a year."


def hits_of(articles: Sequence[Article], *, most: int = 60) -> list[Hit]:
    """Return all passages of the articles as hits: the first of each, then the second of each, and so on."""
    cut = [split_passages(article, count_tokens=EMBEDDER.count_tokens, max_tokens=most) for article in articles]
    passages = [found[place] for place in range(max(map(len, cut))) for found in cut if place < len(found)]
    return [Hit(passage, 1 - rank / 100, (("dense", rank + 1),), ()) for rank, passage in enumerate(passages)]


def copies_of(articles: Sequence[Article]) -> dict[str, tuple[Article, ...]]:
    return {one.id: tuple(other for other in articles if other.id != one.id) for one in articles}


def collapsed(*articles: Article, most: int = 60) -> tuple[Hit, ...]:
    return collapse(hits_of(articles, most=most), copies_of(articles))


def carriers(hit: Hit) -> list[str]:
    return [carrier.article_id for carrier in hit.carried_by]


def test_five_prints_are_one_with_the_others_named() -> None:
    left = collapsed(*PRINTS)
    assert {hit.passage.article_id for hit in left} == {"print0"}
    assert [hit.passage for hit in left] == [hit.passage for hit in hits_of(PRINTS[:1])]
    assert all(carriers(hit) == ["print1", "print2", "print3", "print4"] for hit in left)
    assert left[0].carried_by[0].source == PRINTS[1].source


def test_without_copies_the_hits_stay_as_they_are() -> None:
    hits = hits_of(PRINTS)
    assert collapse(hits, {}) == tuple(hits)


def test_the_earliest_stands_with_the_best_score() -> None:
    late, early = reprint(1, days=5), reprint(2, days=0)
    left = collapsed(late, early)
    assert [hit.passage.article_id for hit in left] == ["print2"] * len(left)
    assert left[0].score == 1.0
    assert carriers(left[0]) == ["print1"]


def test_an_undated_print_does_not_stand_for_a_dated_one() -> None:
    undated = Article("undated", PRINTS[0].source.__class__("T", "Outlet"), REPORT)
    assert {hit.passage.article_id for hit in collapsed(undated, reprint(3))} == {"print3"}


def test_a_copy_with_another_figure_stays_beside_the_one_it_differs_from() -> None:
    left = collapsed(reprint(0), reprint(1, OTHER_MONEY), reprint(2))
    about_money = [hit for hit in left if "million crowns" in hit.passage.text]
    assert [("14" in hit.passage.text, carriers(hit)) for hit in about_money] == [(True, ["print2"]), (False, [])]
    others = [hit for hit in left if hit not in about_money]
    assert others
    assert all(carriers(hit) == ["print1", "print2"] for hit in others)


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("14 million", "14 billion"),
        ("5.2 percent", "2.5 percent"),
        ("Ines Halloran", "Ina Halloran"),
        ("on Tuesday", "on Thursday"),
        ("had voted for", "had not voted for"),
        ("voted for", "voted against"),
        ("in November", "in October"),
        ("will pay 14", "may pay 14"),
        ("14 million crowns", "$14 million"),
        ("nine", "nineteen"),
    ],
    ids=lambda text: text,
)
def test_a_passage_that_says_something_else_is_not_hidden(said: str, changed: str) -> None:
    assert said in REPORT
    left = collapsed(reprint(0), reprint(1, REPORT.replace(said, changed)))
    assert any(changed in hit.passage.text and hit.passage.article_id == "print1" for hit in left)
    assert any(said in hit.passage.text and hit.passage.article_id == "print0" for hit in left)
    assert not any(carriers(hit) for hit in left if said in hit.passage.text)


def test_a_print_that_adds_a_sentence_stands_for_the_shorter_one() -> None:
    fuller = reprint(1, f"{REPORT} Talks on pensions go on.")
    [left] = collapsed(reprint(0), fuller, most=500)
    assert (left.passage.article_id, carriers(left)) == ("print1", ["print0"])


def test_passages_cut_at_other_places_collapse_too() -> None:
    shifted = reprint(1, "The deal came at midnight, after nineteen hours in a hall.\n\n" + REPORT)
    left = collapsed(reprint(0), shifted, most=45)
    assert sum(hit.passage.article_id == "print1" for hit in left) == 1  # the one with the new sentence
    assert all("print1" in carriers(hit) for hit in left if hit.passage.article_id == "print0")


def test_a_sentence_inside_another_one_is_not_said_by_it() -> None:
    assert not says("He denied he resigned.", "He resigned.", None, None)
    assert says("It was late. He resigned. Nobody spoke.", "He resigned.", None, None)


def test_the_place_before_a_first_sentence_may_be_left_out() -> None:
    assert says("LONDON, June 7 (Wire) - The bridge is shut.", "LONDON — The bridge is shut.", None, None)
    assert says("The bridge is shut.", "LONDON (Wire) — The bridge is shut.", None, None)
    assert not says("Gov. Smith — the first — spoke.", "Mayor Jones — the first — spoke.", None, None)


@pytest.mark.parametrize(
    ("words", "other", "is_same"),
    [
        ("It opens today.", date(2021, 3, 5), True),
        ("It opens today.", date(2022, 3, 4), False),
        ("It opens this year.", date(2021, 9, 1), True),
        ("It opens this year.", date(2022, 3, 4), False),
        ("It opened on 4 March 2021.", date(2022, 3, 4), True),
    ],
    ids=["the next day", "a year later", "the same year", "another year", "a full date"],
)
def test_the_same_words_on_another_day_may_mean_another_day(words: str, other: date, is_same: bool) -> None:
    assert says(words, words, other, date(2021, 3, 4)) is is_same


def test_a_season_later_a_passage_with_relative_days_is_not_the_same() -> None:
    text = f"{REPORT}\n\nThis year the fair opens on Friday. It will have a band, a market, a lantern walk and games."
    left = collapsed(reprint(0, text), reprint(1, text, days=365))
    kept = [hit for hit in left if hit.passage.article_id == "print1"]
    assert any("This year" in hit.passage.text for hit in kept)
    assert not any(MONEY in hit.passage.text for hit in kept)


def test_a_copy_that_the_search_did_not_find_is_named_too() -> None:
    left = collapse(hits_of(PRINTS[:1])[:1], copies_of(PRINTS))
    assert carriers(left[0]) == ["print1", "print2", "print3", "print4"]


def test_a_citation_names_those_who_say_its_words() -> None:
    articles = (reprint(0), reprint(1, OTHER_MONEY), reprint(2))
    hits = collapse(hits_of(articles, most=500), copies_of(articles))
    start = REPORT.index(MONEY)
    cited = Citation(1, MONEY, start, start + len(MONEY), "p", "print0", articles[0].source)
    by_id = {article.id: article for article in articles}
    [citation] = name_carriers([cited], hits, by_id.get)
    assert [carrier.article_id for carrier in citation.carried_by] == ["print2"]


def test_a_citation_does_not_name_an_article_that_is_gone() -> None:
    hits = collapsed(*PRINTS)
    cited = Citation(1, MONEY, 0, 1, "p", "print0", PRINTS[0].source)
    [citation] = name_carriers([cited], hits, {"print3": PRINTS[3]}.get)
    assert [carrier.article_id for carrier in citation.carried_by] == ["print3"]


SENTENCES = [
    f"The {thing} of {place} cost {price} crowns."
    for thing in ("bridge", "school")
    for place in ("Ode", "Ulm")
    for price in ("5", "50")
]


@given(st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12), min_size=1, max_size=5), st.data())
def test_no_sentence_is_lost_and_no_carrier_made_up(texts: list[list[str]], data: st.DataObject) -> None:
    articles = [reprint(number, " ".join(text), days=data.draw(st.integers(0, 3))) for number, text in enumerate(texts)]
    hits = hits_of(articles, most=20)
    left = collapse(hits, copies_of(articles))
    told = {sentence for hit in left for sentence in _sentences(hit.passage)}
    assert told == {sentence for hit in hits for sentence in _sentences(hit.passage)}
    by_id = {article.id: article for article in articles}
    for hit in left:
        for carrier in hit.carried_by:
            text = _fold(by_id[carrier.article_id].text)
            assert any(sentence in text for sentence in _sentences(hit.passage))
    assert [hit.score for hit in left] == sorted((hit.score for hit in left), reverse=True)
    assert not left or max(hit.score for hit in hits) == left[0].score
    assert all(hit.passage.source.published >= FIRST_DAY for hit in left)
