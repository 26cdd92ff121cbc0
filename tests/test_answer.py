import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from answer_material import ASKED_ON, BRIDGE, CARRIED, EMBEDDER, YES, article_of, ask, make_archive, parts_of, says
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answer import stream
from bot.generate import Message, Piece, ScriptedGenerator
from bot.prompt import read_prompt, refusal
from bot.records import Answer, Found, Implied, Question, Stage, Token, Turn
from bot.similarity import remembering_similarity
from bot.written import on_the_question
from index.archive import Archive
from index.embed import Matrix, WordHashEmbedder
from index.errors import UsageError
from index.records import Filters


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make_archive(tmp_path_factory.mktemp("answer")) as archive:
        yield archive


def on(day: date, text: str = BRIDGE, **limits: date) -> Question:
    return Question(text, day, Filters(**limits))


# --- the order of events --------------------------------------------------------------------------------------


def test_events_come_in_the_promised_order(archive: Archive) -> None:
    events, answer = ask(parts_of(archive, says(CARRIED)), BRIDGE)
    stages = [event.name for event in events if isinstance(event, Stage)]
    kinds = [type(event) for event in events if not isinstance(event, Stage)]
    assert stages == ["searching", "reading", "writing", "checking"]
    assert kinds == [Found, *[Token] * len(CARRIED.split()), Answer]
    assert answer.answered


def test_the_evidence_is_shown_before_the_model_reads(archive: Archive) -> None:
    generator = says(CARRIED)
    for event in stream(on(ASKED_ON), parts_of(archive, generator)):
        if isinstance(event, Found):
            assert generator.prompts == []
            assert event.retrieved
            return
    pytest.fail("nothing was found")


def test_what_was_found_is_shown_before_its_sentences_are_compared(archive: Archive) -> None:
    embedder = CountingEmbedder()
    parts = replace(parts_of(archive, says(CARRIED)), embedder=embedder)
    shown = {type(event): list(embedder.read) for event in stream(on(ASKED_ON), parts)}
    assert shown[Found] == [BRIDGE]
    assert CARRIED in shown[Answer]


class CountingEmbedder(WordHashEmbedder):
    """Keeps the texts that it was given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.read += texts
        return super().embed(texts)


def test_the_tokens_are_what_the_model_wrote(archive: Archive) -> None:
    events, answer = ask(parts_of(archive, says(CARRIED)), BRIDGE)
    assert "".join(event.text for event in events if isinstance(event, Token)) == CARRIED
    assert answer.timings.answer_tokens == len(CARRIED.split())
    assert answer.timings.prompt_tokens > 0


class SlowGenerator(ScriptedGenerator):
    """Thinks for 20 ms before its first word and as long before its last."""

    def generate(self, *arguments: Any, **options: Any) -> Iterator[Piece]:
        time.sleep(0.02)
        yield from super().generate(*arguments, **options)
        time.sleep(0.02)


class Forgetful(ScriptedGenerator):
    """Has no room for the prompt that checks an answer."""

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        is_check = messages[0].text == read_prompt("checker")
        return self.context if is_check else super().count_prompt(messages)


def test_the_timings_count_from_the_question(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, SlowGenerator([CARRIED], probabilities={"Yes": 1.0})), BRIDGE)
    assert answer.timings.retrieve_ms + 20 <= answer.timings.first_token_ms + 1
    assert answer.timings.first_token_ms + 20 <= answer.timings.total_ms + 1


def test_the_two_prompts_over_the_evidence_differ_only_in_their_last_line(archive: Archive) -> None:
    generator = says(CARRIED)
    ask(parts_of(archive, generator), BRIDGE)
    probe, answer = (messages[-1].text.splitlines() for messages in generator.prompts[:2])
    assert probe[:-1] == answer[:-1]
    assert probe[-1] != answer[-1]


def test_the_answer_is_confirmed_from_its_quotes_alone(archive: Archive) -> None:
    generator = says(CARRIED)
    _, answer = ask(parts_of(archive, generator), BRIDGE)
    (check,) = generator.prompts[2:]
    assert CARRIED in check[-1].text
    assert "Engineers found cracks" not in check[-1].text
    assert answer.signs.holds == pytest.approx(0.95)


def test_an_answer_that_its_quotes_do_not_confirm_is_less_sure(archive: Archive) -> None:
    odds = {"Yes": 0.05, "No": 0.95, "None": 0.05}
    doubted = ScriptedGenerator([CARRIED], probabilities=odds)
    _, unsure = ask(parts_of(archive, doubted, strictness=0), BRIDGE)
    _, sure = ask(parts_of(archive, says(CARRIED), strictness=0), BRIDGE)
    assert unsure.confidence < sure.confidence - 0.1


def test_quotes_too_long_for_the_context_are_not_confirmed(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, Forgetful([CARRIED], probabilities=YES), strictness=0), BRIDGE)
    assert answer.answered
    assert answer.signs.holds == 0.0


# --- refusals -------------------------------------------------------------------------------------------------


def assert_refused(answer: Answer) -> None:
    assert (answer.answered, answer.text, answer.sentences, answer.citations) == (False, refusal(), (), ())
    assert answer.reason


def test_without_evidence_the_model_is_not_asked(archive: Archive) -> None:
    generator = says(CARRIED)
    events, answer = ask(parts_of(archive, generator), on(ASKED_ON, since=date(1999, 1, 1), until=date(1999, 2, 1)))
    assert_refused(answer)
    assert generator.prompts == []
    assert [event.name for event in events if isinstance(event, Stage)] == ["searching"]
    assert "within the limits" in answer.reason


def test_a_model_that_finds_no_answer_is_not_made_to_write(archive: Archive) -> None:
    generator = says(CARRIED, yes=0.0)
    events, answer = ask(parts_of(archive, generator), "Who won the chess tournament in Oslo?")
    assert_refused(answer)
    assert len(generator.prompts) == 1
    assert not any(isinstance(event, Token) for event in events)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("The articles do not state how long the bridge will close.", id="declines"),
        pytest.param("", id="writes nothing"),
        pytest.param("Whales sing beneath frozen Antarctic glaciers.", id="speaks of something else"),
        pytest.param("[1]", id="writes a marker only"),
    ],
)
def test_an_answer_that_nothing_carries_becomes_the_refusal(archive: Archive, written: str) -> None:
    _, answer = ask(parts_of(archive, says(written), strictness=0), BRIDGE)
    assert_refused(answer)


@pytest.mark.parametrize(
    ("written", "strictness", "reason"),
    [
        ("The articles do not say.", 0, "the model found no answer"),
        ("Whales sing beneath frozen Antarctic glaciers.", 0, "carried by the words of the articles"),
        (CARRIED, 1, "surely enough"),
    ],
    ids=["declined", "not carried", "not sure"],
)
def test_a_refusal_tells_why(archive: Archive, written: str, strictness: float, reason: str) -> None:
    _, answer = ask(parts_of(archive, says(written, yes=1.0), strictness=strictness), BRIDGE)
    assert reason in answer.reason


def test_a_refusal_lists_the_nearest_passages(archive: Archive) -> None:
    events, answer = ask(parts_of(archive, says("The articles do not say that.")), BRIDGE)
    [found] = [event for event in events if isinstance(event, Found)]
    assert_refused(answer)
    assert answer.retrieved == found.retrieved
    assert answer.retrieved[0].passage.article_id == "bridge"


def test_a_question_said_back_is_no_answer(archive: Archive) -> None:
    _, answer = ask(
        parts_of(archive, says("The harbour bridge will close."), strictness=0), "Will the harbour bridge close?"
    )
    assert_refused(answer)


def test_a_question_may_set_how_many_passages_are_read(archive: Archive) -> None:
    parts = parts_of(archive, says(CARRIED, CARRIED, CARRIED), passages=3)
    read = [ask(parts, Question(BRIDGE, ASKED_ON, passages=number))[1].evidence for number in (None, 1, 2)]
    assert [len(evidence) for evidence in read] == [3, 1, 2]


def test_nothing_is_surer_than_strictness_one(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, says(CARRIED, yes=1.0), strictness=1), BRIDGE)
    assert_refused(answer)


def test_at_strictness_zero_support_is_enough(archive: Archive) -> None:
    _, unsure = ask(parts_of(archive, says(CARRIED, yes=0.0), strictness=0), BRIDGE)
    _, sure = ask(parts_of(archive, says(CARRIED, yes=1.0), strictness=0), BRIDGE)
    assert unsure.answered
    assert unsure.confidence < sure.confidence


def test_a_question_may_bring_its_own_strictness(archive: Archive) -> None:
    strict = Question(BRIDGE, ASKED_ON, strictness=1.0)
    _, answer = ask(parts_of(archive, says(CARRIED, yes=1.0), strictness=0), strict)
    assert_refused(answer)
    _, lenient = ask(parts_of(archive, says(CARRIED, yes=1.0), strictness=1), replace(strict, strictness=0.0))
    assert lenient.answered


# --- what is carried ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "invented"),
    [
        ("The harbour bridge will close for 41 months.", "41"),
        ("The harbour bridge will close for 14 months and reopen on 3 May 2029.", "2029"),
        ("Prime Minister Zebulon Hartwick said the harbour bridge will close for 14 months.", "Hartwick"),
        ("The harbour bridge will not close for 14 months.", "not"),
    ],
    ids=["number", "date", "name", "negation"],
)
def test_what_was_invented_is_never_shown_as_supported(archive: Archive, written: str, invented: str) -> None:
    _, answer = ask(parts_of(archive, says(written), strictness=0), BRIDGE)
    assert all(invented not in sentence.text for sentence in answer.sentences if sentence.support == "supported")


def test_a_sentence_carried_in_part_is_shown_in_the_articles_own_words(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, says("The harbour bridge will close for 41 months."), strictness=0), BRIDGE)
    assert [(sentence.text, sentence.support) for sentence in answer.sentences] == [(CARRIED, "supported")]
    assert [citation.quote for citation in answer.citations] == [CARRIED]


def test_a_model_that_misread_the_articles_is_not_heard_further(archive: Archive) -> None:
    written = "The harbour bridge will close for 41 months. Calder & Sons will repair the bridge."
    _, answer = ask(parts_of(archive, says(written), strictness=0), BRIDGE)
    assert answer.text == CARRIED


def test_where_the_quotes_do_not_answer_the_sentence_that_does_is_given(archive: Archive) -> None:
    written = "Zebulon Hartwick said that Calder will repair the bridge."
    _, answer = ask(parts_of(archive, says(written), strictness=0), BRIDGE)
    assert answer.text == CARRIED
    assert [citation.quote for citation in answer.citations] == [CARRIED]


def test_a_sentence_without_support_is_left_out(archive: Archive) -> None:
    written = f"{CARRIED} Bridge whales dance merrily beneath frozen Antarctic glaciers."
    _, answer = ask(parts_of(archive, says(written)), BRIDGE)
    assert answer.text == CARRIED
    assert [sentence.text for sentence in answer.sentences] == [CARRIED]


def test_copied_passage_numbers_are_neither_shown_nor_checked(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, says("The harbour bridge will close for 14 months [1][2, 3].")), BRIDGE)
    assert answer.text == CARRIED
    assert [sentence.support for sentence in answer.sentences] == ["supported"]


def test_a_last_sentence_that_was_cut_off_is_dropped(archive: Archive) -> None:
    endless = "Calder & Sons will repair the bridge and" + " nobody else will and" * 60
    _, answer = ask(parts_of(archive, says(f"{CARRIED} {endless}")), BRIDGE)
    assert answer.timings.answer_tokens == 120
    assert answer.text == CARRIED


def test_the_model_is_stopped_once_it_begins_a_sentence_too_many(archive: Archive) -> None:
    _, answer = ask(parts_of(archive, says(" ".join([CARRIED] * 14))), BRIDGE)
    assert answer.timings.answer_tokens == 4 * len(CARRIED.split())
    assert answer.text == CARRIED  # said four times, shown once


def test_a_question_that_is_only_repeated_is_no_answer() -> None:
    told = ["When does the bridge close?", "The bridge does close.", "It closes on Monday."]
    assert on_the_question(told, told[0]) == told[2:]
    assert on_the_question(told[:1], told[0]) == told[:1]


def test_a_cut_off_sentence_that_is_all_there_is_shows_that_it_is_cut(archive: Archive) -> None:
    stop = Flag()
    answer = stop_after(
        archive, stop, tokens=8, written=f"{CARRIED[:-1]} and cracks were found in two piers.", strictness=0
    )
    assert answer.text == f"{CARRIED[:-1]} …"


WORDS = "The harbour bridge council ferries ticket costs 14 two 99 $1,250 months not will close Calder crowns .".split()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=12), min_size=1, max_size=5))
def test_every_quote_is_the_articles_own_words_whatever_the_model_writes(
    archive: Archive, told: list[list[str]]
) -> None:
    written = " ".join(f"The {' '.join(words)}." for words in told)
    _, answer = ask(parts_of(archive, says(written), strictness=0), BRIDGE)
    for citation in answer.citations:
        assert article_of(archive, citation.article_id).text[citation.start : citation.end] == citation.quote
    used = [number for sentence in answer.sentences for number in sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.number for citation in answer.citations]
    assert list(dict.fromkeys(used)) == list(range(1, len(answer.citations) + 1))
    assert all(sentence.support != "unsupported" and sentence.citations for sentence in answer.sentences)
    assert answer.answered == bool(answer.sentences) == bool(answer.citations)
    assert 0 <= answer.confidence <= 1
    assert answer.answered or answer.text == refusal()


TEXT = st.text(st.sampled_from("ab Cd. é“”\n—1,5€\u0301?!𝒳 \t"), min_size=30, max_size=200)


@settings(deadline=None, max_examples=12)
@given(texts=st.lists(TEXT, min_size=1, max_size=3), data=st.data())
def test_quotes_are_verbatim_in_articles_of_any_shape(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    records = [{"id": f"article{n}", "title": "Bridge", "text": f"The bridge. {text}"} for n, text in enumerate(texts)]
    with make_archive(tmp_path_factory.mktemp("any"), records) as archive:
        written = data.draw(st.sampled_from(texts))
        _, answer = ask(parts_of(archive, says(written), strictness=0), "What of the bridge?")
        for citation in answer.citations:
            assert article_of(archive, citation.article_id).text[citation.start : citation.end] == citation.quote
        json.dumps(answer.text)


def test_what_the_article_attributes_stays_attributed(archive: Archive) -> None:
    _, answer = ask(
        parts_of(archive, says("The town would pay 4.2 million crowns."), strictness=0), "What is the cost?"
    )
    assert answer.text == "The town would pay 4.2 million crowns, according to Mayor Théa O’Brien."
    assert [(each.support, each.said_by) for each in answer.sentences] == [("supported", "Mayor Théa O’Brien")]


# --- when -----------------------------------------------------------------------------------------------------


def test_this_week_asked_in_another_year_is_refused_and_names_the_days(archive: Archive) -> None:
    generator = says(CARRIED)
    _, answer = ask(parts_of(archive, generator), on(date(2024, 5, 15), "Which bridge will close this week?"))
    assert_refused(answer)
    assert generator.prompts == []
    assert "Wednesday, 15 May 2024" in answer.reason
    assert "“this week”" in answer.reason
    assert answer.applied.until == date(2024, 5, 15)


def test_the_readers_own_dates_win_over_those_the_question_implies(archive: Archive) -> None:
    asked = on(
        date(2024, 5, 15), "For how long will the harbour bridge close, this week's news?", since=date(2021, 1, 1)
    )
    _, answer = ask(parts_of(archive, says(CARRIED)), asked)
    assert answer.answered
    assert answer.applied == Filters(since=date(2021, 1, 1))


def test_any_date_takes_the_implied_days_away_and_they_are_not_searched_for_either(archive: Archive) -> None:
    asked = Question("How long will the harbour bridge close this week?", date(2024, 5, 15), any_date=True)
    generator = says(CARRIED)
    _, answer = ask(parts_of(archive, generator), asked)
    assert answer.answered
    assert (answer.applied, answer.implied) == (Filters(), None)
    assert "this week" not in generator.prompts[0][-1].text


def test_the_answer_and_what_was_found_say_which_days_were_implied(archive: Archive) -> None:
    events, _ = ask(parts_of(archive, says(CARRIED)), on(date(2024, 5, 15), "Which bridge will close this week?"))
    week = Implied("this week", date(2024, 5, 5), date(2024, 5, 15), is_limit=True)
    assert [event.implied for event in events if isinstance(event, Found | Answer)] == [week, week]


@pytest.mark.parametrize(
    ("question", "implied"),
    [
        ("What of the bridge before March 2021?", Implied("before March 2021", None, date(2021, 3, 1), False)),
        ("What is the latest on the bridge?", Implied("the latest", None, None, False)),
    ],
)
def test_a_preference_is_told_as_one(archive: Archive, question: str, implied: Implied) -> None:
    _, answer = ask(parts_of(archive, says(CARRIED), strictness=0), on(ASKED_ON, question))
    assert (answer.implied, answer.applied) == (implied, Filters())


def test_the_newest_article_is_read_first_when_now_is_asked_for(tmp_path: Path) -> None:
    texts = {"2021-03-01": "The storm has killed 12 people.", "2021-03-09": "The storm has killed 57 people by now."}
    records = [{"id": day, "title": "Storm", "published": day, "text": text} for day, text in texts.items()]
    with make_archive(tmp_path, records) as archive:
        generator = says("The storm has killed 57 people.")
        ask(parts_of(archive, generator, strictness=0), on(ASKED_ON, "How many has the storm killed so far?"))
    prompt = generator.prompts[0][-1].text
    assert prompt.index("Tuesday, 9 March 2021") < prompt.index("Monday, 1 March 2021")


def test_the_readers_outlet_stays_when_dates_are_implied(archive: Archive) -> None:
    asked = Question("What runs through the night this week?", ASKED_ON, Filters(outlets=("daily echo",)))
    _, answer = ask(parts_of(archive, says("Two ferries will run through the night."), strictness=0), asked)
    assert answer.applied.outlets == ("daily echo",)
    assert answer.applied.since is not None
    assert {hit.passage.article_id for hit in answer.retrieved} == {"ferry"}


# --- stopping -------------------------------------------------------------------------------------------------


def stop_after(archive: Archive, stop: Flag, *, tokens: int, written: str = CARRIED, strictness: float = 0.5) -> Answer:
    """Ask, and set `stop` once so many tokens have come."""
    seen = 0
    for event in stream(on(ASKED_ON), parts_of(archive, says(written), strictness=strictness), stop=stop):
        if isinstance(event, Token):
            seen += 1
            if seen == tokens:
                stop.set()
        if isinstance(event, Answer):
            return event
    raise AssertionError("no answer came")


@pytest.mark.parametrize("stage", ["searching", "reading", "writing", "checking"])
def test_stopping_at_any_stage_ends_with_a_stopped_answer(archive: Archive, stage: str) -> None:
    stop, answer = Flag(), None
    for event in stream(on(ASKED_ON), parts_of(archive, says(CARRIED)), stop=stop):
        if isinstance(event, Stage) and event.name == stage:
            stop.set()
        answer = event
    assert isinstance(answer, Answer)
    assert answer.stopped
    assert answer.answered == (stage == "checking")


def test_a_question_stopped_before_it_began_is_a_stopped_refusal(archive: Archive) -> None:
    stop = Flag()
    stop.set()
    asked = Question("And how long?", ASKED_ON, history=(Turn(BRIDGE, CARRIED),))
    _, answer = ask(parts_of(archive, says("How long?", CARRIED)), asked, stop)
    assert_refused(answer)
    assert answer.stopped
    assert "stopped" in answer.reason


def test_stopping_where_nothing_is_found_is_told_too(archive: Archive) -> None:
    stop = Flag()
    stop.set()
    _, answer = ask(parts_of(archive, says()), on(ASKED_ON, until=date(1999, 1, 1)), stop)
    assert answer.stopped


def test_what_was_written_until_the_stop_is_checked(archive: Archive) -> None:
    written = f"{CARRIED} Whales close the bridge in the dark."
    answer = stop_after(archive, Flag(), tokens=len(CARRIED.split()) + 2, written=written)
    assert answer.stopped
    assert answer.text == CARRIED


# --- failures and limits --------------------------------------------------------------------------------------


def test_when_the_model_fails_the_articles_own_sentences_answer(archive: Archive) -> None:
    events, answer = ask(parts_of(archive, says(CARRIED, fail_after=2)), BRIDGE)
    assert [event.name for event in events if isinstance(event, Stage)][-2:] == ["writing", "checking"]
    assert (answer.answered, answer.model, answer.fallback) == (True, "extraction", "the scripted generator fails here")
    assert answer.sentences[0].text == CARRIED


def test_a_model_that_fails_at_a_follow_up_loses_no_question(archive: Archive) -> None:
    question = Question("And for how long?", ASKED_ON, history=(Turn(BRIDGE, CARRIED),))
    _, answer = ask(parts_of(archive, says()), question)
    assert "harbour bridge" in answer.standalone_question
    assert answer.fallback


@pytest.mark.parametrize("text", ["bridge " * 14_300, "x " * 50_000], ids=["words", "letters"])
def test_an_enormous_question_is_wrong_usage(archive: Archive, text: str) -> None:
    generator = says(CARRIED)
    with pytest.raises(UsageError, match="reads questions of up to 1,024") as error:
        ask(parts_of(archive, generator), text)
    assert "shorter question" in error.value.mend
    assert generator.prompts == []


def test_an_enormous_conversation_does_not_overflow_the_context(archive: Archive) -> None:
    generator = says("How long will it take?", CARRIED)
    history = (Turn("bridge " * 20_000, "harbour " * 20_000),)
    ask(
        parts_of(archive, generator),
        Question("And how long will the harbour bridge close then?", ASKED_ON, history=history),
    )
    assert all(generator.count_prompt(prompt) < generator.context for prompt in generator.prompts)


@pytest.mark.parametrize("context", [400, 700, 4096])
def test_an_enormous_article_does_not_overflow_the_context(
    tmp_path_factory: pytest.TempPathFactory, context: int
) -> None:
    text = "The bridge " + "and the harbour " * 5_000 + "close. " + "The bridge will close for 14 months. " * 500
    record = {"id": "huge", "title": "bridge " * 3_000, "outlet": "Echo " * 3_000, "text": text}
    generator = says(CARRIED, context=context)
    with make_archive(tmp_path_factory.mktemp("huge"), [record]) as archive:
        ask(parts_of(archive, generator, strictness=0, passages=20), BRIDGE)
    assert len(generator.prompts) == 3
    assert all(generator.count_prompt(prompt) + 120 <= context for prompt in generator.prompts)


def test_a_context_without_room_for_one_passage_is_said(archive: Archive) -> None:
    with pytest.raises(UsageError, match="Not one passage fits"):
        ask(parts_of(archive, says(CARRIED, context=170)), BRIDGE)


# --- follow-ups and small parts -------------------------------------------------------------------------------


def test_a_follow_up_is_searched_for_as_it_was_understood(archive: Archive) -> None:
    rewritten = "How long will the harbour bridge be closed?"
    asked = Question("And how long?", ASKED_ON, history=(Turn("Will the harbour bridge be closed?", "Yes."),))
    events, answer = ask(parts_of(archive, says(CARRIED)), asked)
    [found] = [event for event in events if isinstance(event, Found)]
    assert found.standalone_question == answer.standalone_question == rewritten
    assert answer.question.text == "And how long?"


def test_what_the_rules_leave_open_the_model_rewrites_and_the_search_uses(archive: Archive) -> None:
    rewritten = "How much will Calder & Sons cost?"
    history = (Turn("Who will repair the bridge?", "Calder & Sons."),)
    generator = says(rewritten, CARRIED)
    _, answer = ask(parts_of(archive, generator), Question("And how much?", ASKED_ON, history=history))
    assert answer.standalone_question == rewritten
    assert "And how much?" not in generator.prompts[-1][-1].text


@pytest.mark.parametrize(
    "follow_up", ["How much does a ferry ticket cost?", "What does a ticket for the two ferries cost?"]
)
def test_an_earlier_answers_source_is_not_cited_for_a_new_one(archive: Archive, follow_up: str) -> None:
    """The model says its earlier answer again, word for word, but the article before it is another one now."""
    _, before = ask(parts_of(archive, says(CARRIED), passages=1), BRIDGE)
    assert {citation.article_id for citation in before.citations} == {"bridge"}
    asked = Question(follow_up, ASKED_ON, history=(Turn(BRIDGE, before.text),))
    _, answer = ask(parts_of(archive, says(CARRIED, CARRIED), passages=1), asked)
    assert answer.retrieved[0].passage.article_id == "ferry"
    assert not answer.citations


def test_further_sentences_must_be_on_the_question() -> None:
    told = ["The bridge closes on Monday.", "A ticket costs $1,250.", "The bridge is old."]
    assert on_the_question(told, "When does the bridge close?") == [told[0], told[2]]
    assert on_the_question([], "When?") == []


def test_a_sentence_said_again_is_said_once(archive: Archive) -> None:
    told = f"{CARRIED} Calder & Sons will repair the bridge. {CARRIED}"
    _, answer = ask(parts_of(archive, says(told)), BRIDGE)
    assert answer.text == f"{CARRIED} Calder & Sons will repair the bridge."


def test_similarity_is_that_of_the_embedder() -> None:
    cosines = remembering_similarity(EMBEDDER)("the bridge", ["the bridge", "a robot", "the bridge"])
    assert cosines[0] == cosines[2] == pytest.approx(1)
    assert cosines[1] < 0.5
