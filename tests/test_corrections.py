"""What a later article calls wrong is not told as it was, whatever the model or the first article says."""

from __future__ import annotations

from datetime import date

import pytest
from answer_material import ask, make_archive, parts_of, says

from bot.corrections import correction_of, find_corrections
from bot.generate import NoModel
from bot.support import SourceSentence
from index.records import Kind

FIRST = "Mayor Ann Lee said 112 people had left their homes in Lowmarsh when the flood came."
CORRECT = "The correct number is 97, not 112."
ASKED = "How many people left their homes in Lowmarsh?"
DAYS = {"first": date(2021, 3, 5), "second": date(2021, 3, 7)}


def sentence(text: str, *, article: str = "second", start: int = 0, kind: Kind = "news") -> SourceSentence:
    return SourceSentence(text, start, start + len(text), f"{article}-p", article, DAYS[article], kind)


QUOTE = sentence(FIRST, article="first")
ABOUT = sentence("A report gave a wrong number of people who left their homes in Lowmarsh.")
MENDING = sentence(CORRECT, start=100)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        (CORRECT, ("97", "112")),
        ("The toll was corrected to 1,240, not 1,420 as was reported.", ("1,240", "1,420")),
        ("It was wrongly reported that the bridge cost 3.5 million rather than 5.3 million crowns.",
         ("3.5 million", "5.3 million crowns")),
        ("The correct name of the mayor is Ann Lee, not Anna Leigh.", ("Lee", "Anna")),
    ],
)  # fmt: skip
def test_a_correction_names_the_right_and_the_wrong(text: str, pair: tuple[str, str]) -> None:
    (found,) = find_corrections([sentence(text)])
    assert (found.right.text, found.wrong.text) == pair


@pytest.mark.parametrize(
    "text",
    [
        "The council has 12 members, not counting the mayor.",
        "He won by 97 votes, not 112.",  # nothing says that anything was wrong; nor does its article
        "The correct answer is not known.",
        "The wrong number was given.",
        "The correct number is 97, not Lowmarsh.",
    ],
)
def test_what_corrects_nothing_is_none(text: str) -> None:
    assert find_corrections([sentence(text)]) == ()


def test_an_article_that_is_a_correction_needs_no_such_word() -> None:
    assert len(find_corrections([sentence("He won by 97 votes, not 112.", kind="correction")])) == 1


def test_the_wrong_value_is_corrected() -> None:
    assert correction_of(FIRST, [QUOTE], ASKED, [QUOTE, ABOUT, MENDING]) == MENDING


@pytest.mark.parametrize(
    ("text", "quotes", "asked", "sources"),
    [
        ("97 people had left their homes, not 112.", [QUOTE], ASKED, [QUOTE, ABOUT, MENDING]),
        ("31 people had left their homes.", [QUOTE], ASKED, [QUOTE, ABOUT, MENDING]),
        (FIRST, [MENDING], ASKED, [QUOTE, ABOUT, MENDING]),
        (FIRST, [QUOTE], "Which goalkeeper saved the penalty?", [QUOTE, ABOUT, MENDING]),
        (FIRST, [sentence(FIRST, article="second", start=300)], ASKED,
         [sentence(FIRST, article="first"), sentence(CORRECT, article="first", start=100)]),
    ],
    ids=["both are told", "another value", "it is the quote", "about something else", "the correction is the older"],
)  # fmt: skip
def test_nothing_else_is_corrected(
    text: str, quotes: list[SourceSentence], asked: str, sources: list[SourceSentence]
) -> None:
    assert correction_of(text, quotes, asked, sources) is None


def test_what_another_outlet_calls_wrong_stands_beside_it(tmp_path) -> None:
    other = {**RECORDS[1], "outlet": "The Rival"}
    with make_archive(tmp_path, [RECORDS[0], other]) as archive:
        _, answer = ask(parts_of(archive, says("112 people had left their homes in Lowmarsh."), strictness=0.0), ASKED)
    assert answer.answered
    first, last = answer.sentences[0], answer.sentences[-1]
    assert "112 people" in first.text
    assert CORRECT in last.text


RECORDS = (
    {"id": "first", "title": "Flood in Lowmarsh", "published": "2021-03-05", "outlet": "Courier",
     "text": f"{FIRST} The school is open to them, and the road to the mill is shut until the water goes down."},
    {"id": "second", "title": "Correction: people who left their homes in Lowmarsh", "published": "2021-03-07",
     "outlet": "Courier", "text": f"{ABOUT.text} {CORRECT} The fault was in a list of the emergency service."},
)  # fmt: skip


@pytest.mark.parametrize("with_model", [True, False])
def test_an_answer_gives_what_was_corrected_as_the_correction_says_it(tmp_path, with_model: bool) -> None:
    generator = says("112 people had left their homes in Lowmarsh when the flood came.") if with_model else NoModel()
    with make_archive(tmp_path, RECORDS) as archive:
        _, answer = ask(parts_of(archive, generator, strictness=0.0), ASKED)
    assert answer.answered
    assert CORRECT in answer.text
    assert answer.text.count(CORRECT) == 1
    assert not any("112" in each.text and "97" not in each.text for each in answer.sentences)
    assert any(citation.article_id == "second" for citation in answer.citations)
