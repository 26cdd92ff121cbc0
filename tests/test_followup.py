import pytest

from bot.followup import complete
from bot.leaning import is_fragment, names_nothing
from bot.prompt import refusal
from bot.records import Turn

STRIKES = Turn("How many strikes did the coalition make in Syria?", "The coalition made 12 strikes in Syria.")
BRIDGE = Turn("Who will repair the harbour bridge?", "Calder & Sons will repair it for 4.2 million crowns.")
ORDER = Turn("Did Trump sign the order?", "Trump signed the order on Friday.")
NATO = Turn("What did Trump say about NATO?", "Trump said that NATO was obsolete.")
MAYOR = Turn("Who is the mayor of Saltmarsh?", "Mara Lind is the mayor of Saltmarsh.")
CUP = Turn("Who won the World Cup in 2014?", "Germany won the World Cup.")
TWO_MEN = Turn("What did Donald Trump tell James Comey?", "Trump told Comey to drop the case.")
COUPLE = Turn("When did Barack Obama meet Angela Merkel?", "They met on Tuesday.")
PLAN = Turn("What is estate planning?", "It is preparing for what happens to what one owns.")
OPEN = Turn("Where did Macron speak on Monday?", refusal())
ATTACK = Turn("What happened in the Manchester attack?", "A bomb killed 22 people.")
THANKS = Turn("Thank you!", "You are welcome.")


@pytest.mark.parametrize(
    ("earlier", "follow_up", "whole"),
    [
        pytest.param(STRIKES, "And in Iraq?", "How many strikes did the coalition make in Iraq?", id="in a place"),
        pytest.param(
            STRIKES, "What about Iraq?", "How many strikes did the coalition make in Iraq?", id="about a place"
        ),
        pytest.param(
            STRIKES, "how about Iraq", "How many strikes did the coalition make in Iraq?", id="no question mark"
        ),
        pytest.param(STRIKES, "Iraq?", "How many strikes did the coalition make in Iraq?", id="only a place"),
        pytest.param(
            STRIKES, "And in 2018?", "How many strikes did the coalition make in Syria in 2018?", id="a year is added"
        ),
        pytest.param(STRIKES, "And how many raids?", "How many raids did the coalition make in Syria?", id="counted"),
        pytest.param(CUP, "And in 2018?", "Who won the World Cup in 2018?", id="year for year"),
        pytest.param(CUP, "What about 2018?", "Who won the World Cup in 2018?", id="year for year without in"),
        pytest.param(
            Turn("Who won the 2014 World Cup?", ""), "And in 2018?", "Who won the 2018 World Cup?", id="a year before"
        ),
        pytest.param(OPEN, "And on Tuesday?", "Where did Macron speak on Tuesday?", id="day for day"),
        pytest.param(OPEN, "And last week?", "Where did Macron speak last week?", id="week for day"),
        pytest.param(OPEN, "What about Merkel?", "Where did Merkel speak on Monday?", id="person for person"),
        pytest.param(NATO, "What about Merkel?", "What did Merkel say about NATO?", id="person beside a group"),
        pytest.param(NATO, "And about Syria?", "What did Trump say about Syria?", id="behind the same word"),
        pytest.param(NATO, "And the EU?", "What did Trump say about the EU?", id="group for group"),
        pytest.param(MAYOR, "And of Northport?", "Who is the mayor of Northport?", id="of a town"),
        pytest.param(BRIDGE, "What about the ferry?", "Who will repair the ferry?", id="thing for thing"),
    ],
)
def test_the_part_of_the_same_kind_is_replaced(earlier: Turn, follow_up: str, whole: str) -> None:
    assert complete(follow_up, (earlier,)) == whole


@pytest.mark.parametrize(
    ("earlier", "follow_up", "whole"),
    [
        pytest.param(ORDER, "When?", "When did Trump sign the order?", id="when, of a yes or no"),
        pytest.param(ORDER, "And why?", "Why did Trump sign the order?", id="and why"),
        pytest.param(ORDER, "Why did he do that?", "Why did Trump sign the order?", id="do that"),
        pytest.param(ORDER, "When did that happen?", "When did Trump sign the order?", id="that happen"),
        pytest.param(OPEN, "When exactly?", "When did Macron speak on Monday?", id="another adverb"),
        pytest.param(BRIDGE, "When?", "When will Calder & Sons repair the harbour bridge?", id="who is known"),
        pytest.param(CUP, "Why?", "Why is it that Germany won the World Cup in 2014?", id="who is known, past"),
        pytest.param(
            STRIKES, "When was that?", "When was it that the coalition made 12 strikes in Syria?", id="the answer"
        ),
    ],
)
def test_a_lone_question_word_asks_the_earlier_question_again(earlier: Turn, follow_up: str, whole: str) -> None:
    assert complete(follow_up, (earlier,)) == whole


@pytest.mark.parametrize(
    ("earlier", "follow_up", "whole"),
    [
        pytest.param(ORDER, "Who is he?", "Who is Trump?", id="who is he"),
        pytest.param(ORDER, "When did he sign it?", "When did Trump sign the order?", id="he and it"),
        pytest.param(ORDER, "What does it say?", "What does the order say?", id="it"),
        pytest.param(MAYOR, "When was she elected?", "When was Mara Lind elected?", id="she, of the answer"),
        pytest.param(MAYOR, "What did her husband say?", "What did Mara Lind’s husband say?", id="her, possessive"),
        pytest.param(MAYOR, "Who voted for her in May?", "Who voted for Mara Lind in May?", id="her, object"),
        pytest.param(
            MAYOR, "How old was she when she resigned?", "How old was Mara Lind when she resigned?", id="named once"
        ),
        pytest.param(COUPLE, "What did she say?", "What did Angela Merkel say?", id="the only woman"),
        pytest.param(COUPLE, "What did he say?", "What did Barack Obama say?", id="the only man"),
        pytest.param(
            BRIDGE, "How long will it be closed?", "How long will the harbour bridge be closed?", id="a thing"
        ),
        pytest.param(BRIDGE, "When will they start?", "When will Calder & Sons start?", id="they, a firm"),
        pytest.param(CUP, "Who was their coach?", "Who was Germany’s coach?", id="their, a team"),
        pytest.param(
            STRIKES, "How many of them hit oil wells?", "How many of the strikes in Syria hit oil wells?", id="of them"
        ),
        pytest.param(STRIKES, "How many people live there?", "How many people live in Syria?", id="there"),
        pytest.param(STRIKES, "When did Macron go there?", "When did Macron go to Syria?", id="to there"),
        pytest.param(
            PLAN, "When should one start doing it?", "When should one start doing estate planning?", id="what is"
        ),
        pytest.param(NATO, "When did he say that?", "When did Trump say that NATO was obsolete?", id="said that"),
        pytest.param(
            Turn("What did Trump say about NATO?", refusal()),
            "When did he say that?",
            "When did Trump say that about NATO?",
            id="said that, nobody knows what",
        ),
        pytest.param(ATTACK, "Who claimed that attack?", "Who claimed the Manchester attack?", id="that attack"),
        pytest.param(MAYOR, "What is the population?", "What is the population of Saltmarsh?", id="of a place"),
        pytest.param(
            ATTACK, "What was the death toll?", "What was the death toll of the Manchester attack?", id="of it"
        ),
    ],
)
def test_a_word_that_points_back_becomes_what_it_stands_for(earlier: Turn, follow_up: str, whole: str) -> None:
    assert complete(follow_up, (earlier,)) == whole


@pytest.mark.parametrize(
    ("earlier", "follow_up"),
    [
        pytest.param(TWO_MEN, "What did he say?", id="two men"),
        pytest.param(TWO_MEN, "What did she answer?", id="no woman"),
        pytest.param(MAYOR, "How old is he?", id="a woman is no he"),
        pytest.param(STRIKES, "Who is she?", id="nobody was named"),
        pytest.param(Turn("Did the council approve the repair?", "Yes."), "How much will it cost?", id="two things"),
        pytest.param(Turn("What did Syria offer Iraq?", "Water."), "And Iran?", id="two places"),
        pytest.param(Turn("What changed from 2014 to 2016?", "Much."), "And in 2018?", id="two years"),
        pytest.param(STRIKES, "What about Yemen and Iraq?", id="two for one"),
        pytest.param(STRIKES, "And in Syria?", id="the same place"),
        pytest.param(BRIDGE, "And how much?", id="nothing of the kind"),
        pytest.param(BRIDGE, "What about Nordkai?", id="a name for a thing"),
        pytest.param(NATO, "Is that true?", id="that, a whole sentence"),
        pytest.param(NATO, "What about the former?", id="the former"),
        pytest.param(Turn("Who repairs the bridge?", refusal()), "When?", id="nobody knows who"),
        pytest.param(THANKS, "Who is he?", id="nothing was said"),
    ],
)
def test_what_is_not_certain_is_left_to_others(earlier: Turn, follow_up: str) -> None:
    assert complete(follow_up, (earlier,)) == ""


@pytest.mark.parametrize(
    ("history", "follow_up", "whole"),
    [
        pytest.param((MAYOR, THANKS), "When was she elected?", "When was Mara Lind elected?", id="over thanks"),
        pytest.param(
            (STRIKES, THANKS), "And in Iraq?", "How many strikes did the coalition make in Iraq?", id="a place"
        ),
        pytest.param((MAYOR, BRIDGE), "How old is she?", "How old is Mara Lind?", id="the last names no woman"),
        pytest.param((MAYOR, THANKS, THANKS, THANKS), "How old is she?", "", id="too long ago"),
        pytest.param((), "And in Iraq?", "", id="nothing before"),
    ],
)
def test_earlier_turns_are_looked_at_when_the_last_has_nothing(
    history: tuple[Turn, ...], follow_up: str, whole: str
) -> None:
    assert complete(follow_up, history) == whole


def test_follow_ups_can_follow_each_other() -> None:
    first = complete("And in Iraq?", (STRIKES,))
    second = complete("And in 2016?", (STRIKES, Turn(first, refusal())))
    assert second == "How many strikes did the coalition make in Iraq in 2016?"


def test_a_refused_answer_names_nobody() -> None:
    refused = Turn("Who is the mayor of Saltmarsh?", "The articles do not say. Donald Trump is mentioned.")
    assert complete("How old is he?", (refused,)) == ""


@pytest.mark.parametrize("question", ["How many people were killed?", "What happened next?"])
def test_few_words_without_a_name_name_nothing(question: str) -> None:
    assert names_nothing(question)


@pytest.mark.parametrize("question", ["How many people died in Manchester?", "What happened in 2016?"])
def test_a_name_or_a_year_says_what_it_is_about(question: str) -> None:
    assert not names_nothing(question)


@pytest.mark.parametrize(
    ("question", "is_one"),
    [("New Zealand climate.", True), ("And New Zealand?", False), ("Where is New Zealand?", False), ("climate", False)],
)
def test_a_fragment_names_what_it_is_about_and_asks_nothing(question: str, *, is_one: bool) -> None:
    assert is_fragment(question) is is_one
