from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fake_desk import BY_ID, CITATIONS, answer_of
from test_markup import HOSTILE_TEXTS, OURS, QUESTION, Tags

from bot import markup_changed, markup_kept, markup_sources
from bot.exchange import Exchange
from bot.export import answer_with_sources
from bot.kept import Listed, Vote
from bot.used import is_changed, lost_quotes, place_of, quotes_of
from index.records import Source

NOON = datetime(2026, 3, 2, 12).astimezone()
TODAY = date(2026, 3, 2)


def listed(title: str, *, days: int = 0, id: str = "a1b2") -> Listed:
    return Listed(id, title, NOON, NOON - timedelta(days=days), 2)


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:24])
def test_hostile_text_makes_no_element_or_link(text: str) -> None:
    source = Source(text, text, text, None, text, text)
    answer = answer_of(replace(QUESTION, text=text), text=text, model=text)
    pages = [
        markup_kept.below(Exchange(1, answer.question, answer=answer)),
        markup_kept.here(text, {1: Vote("down", text)}, wrong=text, mend=text),
        markup_kept.drawer([listed(text)], "a1b2", TODAY, told=text),
        markup_kept.unlisted(text, text),
        markup_changed.changed([text]),
        markup_changed.removed(source, text, exchange=1, number=1, focus=3),
    ]
    for page in pages:
        page.encode("utf-8")
        for tag, attributes in Tags(page).found:
            assert tag in OURS
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
            assert (attributes.get("href") or "#").startswith(("#", "?c=a1b2", "conversations/a1b2."))


def test_conversations_are_listed_by_day_and_the_open_one_is_marked() -> None:
    page = markup_kept.drawer([listed("a"), listed("b", days=1, id="c3d4"), listed("c", days=9)], "c3d4", TODAY)
    assert [page.count(f"<h3>{day}</h3>") for day in ("Today", "Yesterday", "21 February 2026")] == [1, 1, 1]
    assert page.count('aria-current="true"') == 1
    assert '<li aria-current="true"><a class="title" href="?c=c3d4"' in page


def test_a_long_list_is_cut_and_says_so() -> None:
    page = markup_kept.drawer([listed(str(n)) for n in range(markup_kept.SHOWN + 2)], "", TODAY)
    assert page.count('data-event="reopen"') == markup_kept.SHOWN
    assert "and 2 older ones" in page


def test_an_empty_drawer_says_what_it_is_for() -> None:
    assert "on this machine" in markup_kept.drawer([], "", TODAY)
    assert "Delete all" not in markup_kept.drawer([], "", TODAY)


def test_a_finished_answer_can_be_copied_and_voted_on_and_a_stopped_one_only_copied() -> None:
    answer = answer_of(QUESTION)
    page = markup_kept.below(Exchange(1, QUESTION, answer=answer))
    [copy] = [attributes["data-copy"] for _, attributes in Tags(page).found if "data-copy" in attributes]
    assert copy == answer_with_sources(answer)
    assert page.count("data-thumb") == 2
    stopped = markup_kept.below(Exchange(1, QUESTION, answer=replace(answer, stopped=True)))
    assert ("data-copy" in stopped, "data-thumb" in stopped) == (True, False)
    assert markup_kept.below(Exchange(1, QUESTION, wrong="it broke")) == ""
    assert markup_kept.below(Exchange(1, QUESTION, answer=replace(answer, stopped=True, text=" "))) == ""


def test_the_thumbs_of_a_refusal_say_what_they_mean() -> None:
    refusal = answer_of(QUESTION, answered=False, text="The articles do not say.")
    page = markup_kept.below(Exchange(1, QUESTION, answer=refusal))
    assert 'aria-label="Rightly refused"' in page
    assert 'aria-label="The archive does say"' in page


def test_which_conversation_is_open_is_told_with_its_votes() -> None:
    page = markup_kept.here("a1b2", {3: Vote("down", 'the "other" bridge')})
    [told] = [attributes for _, attributes in Tags(page).found if "data-c" in attributes]
    assert told["data-c"] == "a1b2"
    assert json.loads(told["data-votes"]) == {"3": {"thumb": "down", "reason": 'the "other" bridge'}}


# --- an article that changed since ---------------------------------------------------------------------------

THIS = Exchange(1, QUESTION, answer=answer_of(QUESTION))
BRIDGE, QUOTE = BY_ID["bridge"], CITATIONS[0].quote


def test_words_that_moved_are_marked_where_they_now_stand() -> None:
    moved = replace(BRIDGE, text="A note of the editor.\n\n" + BRIDGE.text)
    lights = quotes_of(THIS, moved)
    assert [moved.text[one.start : one.end] for one in lights] == [QUOTE, CITATIONS[3].quote]
    assert (is_changed(THIS, moved), lost_quotes(THIS, moved)) == (True, ())
    assert (is_changed(THIS, BRIDGE), lost_quotes(THIS, BRIDGE)) == (False, ())


def test_words_that_are_gone_are_marked_nowhere_and_told() -> None:
    corrected = replace(BRIDGE, text=BRIDGE.text.replace("4.2 million crowns, the", "9.9 million crowns, the"))
    assert [one.number for one in quotes_of(THIS, corrected)] == [4]
    assert lost_quotes(THIS, corrected) == (QUOTE,)
    assert QUOTE in markup_changed.changed([QUOTE])


@pytest.mark.parametrize(("text", "place"), [("ab cd", (0, 2)), ("xx ab", (3, 5)), ("ax", None), ("", None)], ids=repr)
def test_the_place_of_words_is_never_that_of_others(text: str, place: tuple[int, int] | None) -> None:
    assert place_of("ab", 0, 2, text) == place


def test_a_card_says_that_its_article_changed_or_went() -> None:
    corrected = replace(BRIDGE, text="Something else entirely.")
    told = {
        "as it was": markup_sources.panel(THIS, BY_ID.get),
        "changed": markup_sources.panel(THIS, lambda id: corrected if id == "bridge" else BY_ID[id]),
        "gone": markup_sources.panel(THIS, lambda id: None if id == "bridge" else BY_ID[id]),
    }
    assert markup_changed.CHANGED not in told["as it was"]
    assert told["changed"].count(markup_changed.CHANGED) == 2
    assert "Something else" not in told["changed"]
    assert told["gone"].count(markup_changed.REMOVED) == 2
    assert all(QUOTE in page for page in told.values())
