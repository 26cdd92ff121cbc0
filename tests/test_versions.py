from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from bot.cite import number_citations
from bot.records import Version
from bot.slots import find_slots, shared_context
from bot.support import SourceSentence, check_sentence
from bot.versions import find_versions
from index.records import Source
from index.sentences import split_sentences

MONDAY, TUESDAY = date(2017, 6, 5), date(2017, 6, 6)
TOLL = "How many people died in the Saltmarsh fire?"


def alike(text: str, others: Sequence[str]) -> list[float]:
    return [0.6] * len(others)


def unlike(text: str, others: Sequence[str]) -> list[float]:
    return [0.1] * len(others)


def versions(
    question: str, answer: str, *articles: tuple[str, date | None], similarity: object = alike
) -> tuple[Version, ...]:
    """Return the versions beside `answer`, which rests on the first of the articles."""
    sources = [
        SourceSentence(text[span.start : span.end], span.start, span.end, f"p{n}", f"a{n}", day)
        for n, (text, day) in enumerate(articles)
        for span in split_sentences(text)
    ]
    origins = {f"a{n}": Source(outlet=f"Outlet {n}", published=day) for n, (_, day) in enumerate(articles)}
    verdict = check_sentence(answer, [each for each in sources if each.article_id == "a0"], similarity)  # type: ignore[arg-type]
    cited = number_citations([(answer, verdict)], origins)
    assert cited[1], "the answer must rest on the first article"
    found = find_versions(cited, sources, origins, question, similarity)  # type: ignore[arg-type]
    for version in found:
        place = version.citation
        assert dict(enumerate(articles))[int(place.article_id[1:])][0][place.start : place.end] == place.quote
        assert version.fact in place.quote
    numbers = [version.citation.number for version in found]
    assert numbers == list(range(len(cited[1]) + 1, len(cited[1]) + 1 + len(found)))
    return found


@pytest.mark.parametrize(
    ("ours", "theirs", "relation"),
    [(MONDAY, TUESDAY, "later"), (MONDAY, MONDAY, "differs"), (None, MONDAY, "differs")],
    ids=["later", "same day", "undated"],
)
def test_a_toll_that_rises_is_later_and_one_of_the_same_day_differs(
    ours: date | None, theirs: date | None, relation: str
) -> None:
    found = versions(
        TOLL,
        "17 people died in the Saltmarsh fire.",
        ("17 people died in the Saltmarsh fire, officials said.", ours),
        ("23 people died in the Saltmarsh fire, officials said.", theirs),
    )
    [version] = found
    assert (version.fact, version.instead_of, version.relation) == ("23", "17", relation)


def test_an_earlier_lower_toll_is_earlier() -> None:
    [version] = versions(
        TOLL,
        "23 people died in the Saltmarsh fire.",
        ("At least 23 people died in the Saltmarsh fire.", TUESDAY),
        ("The Saltmarsh fire killed at least 17 people.", MONDAY),
    )
    assert (version.fact, version.relation) == ("17", "earlier")


@pytest.mark.parametrize(
    "other",
    [
        "17 people died in the Saltmarsh fire.",
        "Seventeen people died in the Saltmarsh fire.",
        "23 people died in the Northgate fire.",
        "23 houses were lost in the Saltmarsh fire.",
        "2 people died in the Saltmarsh fire at a hotel.",
        "17 people died in the Saltmarsh fire. Of the people who died in the Saltmarsh fire, 9 people lived nearby.",
        "23 people died in the Saltmarsh fire of 1987.",
    ],
    ids=["the same", "the same in words", "another event", "another count", "a part", "holds ours too", "another year"],
)
def test_what_does_not_contradict_is_no_version(other: str) -> None:
    article = ("17 people died in the Saltmarsh fire, officials said on Monday evening.", MONDAY)
    assert versions(TOLL, "17 people died in the Saltmarsh fire.", article, (other, TUESDAY)) == ()


def test_what_means_something_else_is_no_version() -> None:
    articles = (
        ("17 people died in the Saltmarsh fire.", MONDAY),
        ("In Saltmarsh a fire brigade fed 23 people.", TUESDAY),
    )
    assert versions(TOLL, "17 people died in the Saltmarsh fire.", *articles, similarity=unlike) == ()


def test_a_place_in_a_copy_differs_and_is_never_later() -> None:
    [version, *_] = versions(
        "Where was the Super Bowl played in 2021?",
        "The Super Bowl was played in Tampa in 2021.",
        ("The Super Bowl was played on 7 February 2021 at the stadium in Tampa, home of the Buccaneers.", MONDAY),
        ("The Super Bowl was played on 7 February 2021 at the stadium in Glendale, home of the Buccaneers.", TUESDAY),
    )
    assert (version.fact, version.instead_of, version.relation) == ("Glendale", "Tampa", "differs")


def test_the_winner_that_another_article_names_in_other_words_differs() -> None:
    [version] = versions(
        "Who won the Saltmarsh Regatta?",
        "Ann Lee won the Saltmarsh Regatta.",
        ("Ann Lee won the Saltmarsh Regatta on Sunday.", MONDAY),
        ("The Saltmarsh Regatta was won by Ida Holm, who had trained for years.", TUESDAY),
    )
    assert (version.fact, version.instead_of) == ("Ida Holm", "Ann Lee")


def test_a_date_that_another_article_gives_differs() -> None:
    [version] = versions(
        "When did the harbour bridge open?",
        "The harbour bridge opened on 4 May 1987.",
        ("The harbour bridge opened on 4 May 1987.", MONDAY),
        ("After long delays the harbour bridge opened on 9 June 1988.", TUESDAY),
    )
    assert (version.fact, version.relation) == ("9 June 1988", "differs")


def test_who_tells_it_is_no_other_version_of_what_is_told() -> None:
    articles = (
        ("Ann Lee won the Saltmarsh Regatta on Sunday.", MONDAY),
        ("Ida Holm said that the crew won the Saltmarsh Regatta with ease.", TUESDAY),
    )
    assert versions("Who won the Saltmarsh Regatta?", "Ann Lee won the Saltmarsh Regatta.", *articles) == ()


def test_of_many_later_figures_only_the_latest_is_given() -> None:
    days = [date(2017, 6, 6 + n) for n in range(4)]
    later = [(f"{20 + 4 * n} people died in the Saltmarsh fire, officials said.", day) for n, day in enumerate(days)]
    first = ("17 people died in the Saltmarsh fire, officials said.", MONDAY)
    [version] = versions(TOLL, "17 people died in the Saltmarsh fire.", first, *later)
    assert (version.fact, version.citation.source.published) == ("32", days[-1])


def test_facts_have_their_places_and_names_are_whole() -> None:
    text = "On 4 May 2017 the Bank of England paid 5 million pounds to Ann Lee."
    slots = find_slots(text, MONDAY)
    assert [(slot.kind, slot.text) for slot in slots] == [
        ("date", "4 May 2017"), ("name", "Bank of England"), ("number", "5 million pounds"), ("name", "Ann Lee"),
    ]  # fmt: skip
    assert all(text[slot.start : slot.end] in slot.text for slot in slots)


def test_copies_share_what_surrounds_their_facts() -> None:
    one, other, third = (
        "The game was played in Tampa on Sunday.",
        "The game was played in Glendale on Sunday.",
        "Tampa has a new mayor.",
    )
    slots = [next(slot for slot in find_slots(text, None) if slot.kind == "name") for text in (one, other, third)]
    copied = shared_context((one, slots[0]), (other, slots[1]), (None, None))
    assert copied > 3 > shared_context((one, slots[0]), (third, slots[2]), (None, None))


@pytest.mark.parametrize(
    ("question", "answer", "ours", "theirs", "fact"),
    [
        pytest.param(
            "When was the Saltmarsh Club founded?",
            "The Saltmarsh Club was founded in December 2015.",
            "The Saltmarsh Club was founded in December 2015 by Ann Lee and Ida Holm. The club of 2015 had nine.",
            "The Saltmarsh Club was founded in December 2005 by Ann Lee and Ida Holm.",
            "December 2005",
            id="a year elsewhere does not make two months one",
        ),
        pytest.param(
            "What is the date of the 2020 Saltmarsh Regatta?",
            "The 2020 Saltmarsh Regatta was held on May 8, 2020.",
            "The 2020 Saltmarsh Regatta was held on May 8, 2020.",
            "The 2020 Saltmarsh Regatta was held on November 18, 2020.",
            "November 18, 2020",
            id="nor does the year in the event's name",
        ),
        pytest.param(
            "Who won the Saltmarsh Open?",
            "The champion of the Saltmarsh Open is Ann Lee of Ireland.",
            "The Saltmarsh Open was called off, so that its champion remains Ann Lee of Ireland.",
            "The Saltmarsh Open was called off, so that its champion remains Ida Holm of Ireland.",
            "Ida Holm of Ireland",
            id="two people of one country are two",
        ),
        pytest.param(
            "Who is the head of Saltmarsh Mills?",
            "The head of Saltmarsh Mills is Ann Lee.",
            "Saltmarsh Mills head Ann Lee said during a call in May that the new loom is on hold.",
            "Saltmarsh Mills head Ida Holm said during a call in May that the new loom is on hold.",
            "Ida Holm",
            id="who says it is asked for, and another says it in a copy",
        ),
        pytest.param(
            "Which country won most medals at the Saltmarsh Games?",
            "The U.S. won most medals at the Saltmarsh Games.",
            "U.S. collected 39 medals at the Saltmarsh Games, the largest haul by any country in a single year.",
            "Norway collected 39 medals at the Saltmarsh Games, the largest haul by any country in a single year.",
            "Norway",
            id="the last dot of an abbreviation, and a name known from its place in a copy alone",
        ),
    ],
)
def test_a_copy_with_another_fact_differs(question: str, answer: str, ours: str, theirs: str, fact: str) -> None:
    assert [each.fact for each in versions(question, answer, (ours, MONDAY), (theirs, MONDAY))] == [fact]


def test_a_month_or_a_weekday_is_no_other_version_of_a_day() -> None:
    articles = (
        ("Saltmarsh Radio was released on July 21, 2017.", MONDAY),
        ("A new Saltmarsh Radio will be released in late April.", TUESDAY),
    )
    told = "Saltmarsh Radio was released on July 21, 2017."
    assert versions("When was Saltmarsh Radio released?", told, *articles) == ()


@pytest.mark.parametrize(
    ("question", "answer", "ours", "theirs"),
    [
        (
            "Who won the Saltmarsh Open?",
            "Ann Lee won the Saltmarsh Open.",
            "Ann Lee won the Saltmarsh Open. Ann Lee said the Saltmarsh Open was the hardest she has won.",
            "Ida Holm said the winner of the Saltmarsh Open had won by luck.",
        ),
        (
            "Who is the head of Saltmarsh Mills?",
            "The head of Saltmarsh Mills is Ann Lee.",
            "Saltmarsh Mills head Ann Lee said during a call in May that the new loom is on hold.",
            "Saltmarsh Mills spokesman Ida Holm said during a call in May that the new loom is on hold.",
        ),
        (
            "Which country won most medals at the Saltmarsh Games?",
            "Norway won most medals at the Saltmarsh Games.",
            "Norway collected 39 medals at the Saltmarsh Games, the largest haul by any country in a single year.",
            "Athletes collected 39 medals at the Saltmarsh Games, the largest haul by any country in a single year.",
        ),
    ],
    ids=["one who speaks of it", "one of another office", "no name"],
)
def test_another_who_speaks_is_no_other_version(question: str, answer: str, ours: str, theirs: str) -> None:
    assert versions(question, answer, (ours, MONDAY), (theirs, MONDAY)) == ()
