import pytest

from bot.roles import turned_roles, wrong_winners

FINAL = "Norwich Rovers won the Silver Cup on Saturday, beating Leeds Town after extra time."
COURT = "Desmond Hale was sentenced to four years by Judge Miriam Sole, who spoke of the farmers."
MISSING = "The missing are Edwin Pell, a sheep farmer, and Nadia Corrie, a postal worker."
GATE = "Ivo Brandt, the director of the dam, said a raft of driftwood had wedged under the gate."
HOIST = "Karl Osei, who speaks for the union, said his members had warned about the hoist."
TOWN = "Fenwick criticized the town for taking nine days; Finch said the money came late."


@pytest.mark.parametrize(
    ("sentence", "quotes", "name"),
    [
        ("Leeds Town won the Silver Cup, beating Norwich Rovers.", (FINAL,), "Leeds Town"),
        ("Judge Miriam Sole was sentenced to four years by Desmond Hale.", (COURT,), "Judge Miriam Sole"),
        ("Edwin Pell is a postal worker and Nadia Corrie is a sheep farmer.", (MISSING,), "Edwin Pell"),
        ("Finch criticized the town for taking nine days; Fenwick said the money came late.", (TOWN,), "Finch"),
        ("Fenwick said the money came late.", (TOWN,), "Fenwick"),
        ("Karl Osei said a raft of driftwood had wedged under the gate.", (GATE, HOIST), "Karl Osei"),
        ("Portia Lang had asked for six years.", ("Elias Thorne had asked for six years.", "Portia Lang left."),
         "Portia Lang"),
        ("Ann Stone scored the penalty.", ("Ann Stone led early, and after the break, Eva Birch scored the penalty.",),
         "Ann Stone"),
        ("Larkfield said the plant made a profit.", ("He said the plant made a profit and that Larkfield knew.",),
         "Larkfield"),
        ("Governor Paul Denholm voted no.", ("Sen. Paul Denholm voted no.",), "Governor"),
    ],
    ids=["who won", "who sentenced", "who is what", "who criticized", "the other said", "another quote's speaker",
         "another quote's deed", "a clause of its own", "he is not named", "another title"],
)  # fmt: skip
def test_one_who_is_given_what_is_said_of_another_is_named(sentence: str, quotes: tuple[str, ...], name: str) -> None:
    assert name in turned_roles(sentence, quotes)


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        ("Norwich Rovers beat Leeds Town after extra time.", (FINAL,)),
        ("Leeds Town lost the Silver Cup to Norwich Rovers.", (FINAL,)),
        ("Judge Miriam Sole sentenced Desmond Hale to four years.", (COURT,)),
        ("Nadia Corrie is a postal worker and Edwin Pell is a sheep farmer.", (MISSING,)),
        ("Finch said the money came late after Fenwick criticized the town.", (TOWN,)),
        ("The director of the dam said driftwood had wedged under the gate.", (GATE,)),
        ("Brandt said a raft of driftwood had wedged under the gate.", (GATE,)),
        ("Ann Lee married Eva Birch in May.", ("Eva Birch married Ann Lee in May.",)),
        ("Mayor Ann Lee left.", ("Ann Lee left.",)),
        ("Senator Paul Denholm voted no.", ("Sen. Paul Denholm, who voted no, left.",)),
        ("Karl Osei said the hoist was old.", ("Karl Osei spoke for the union.", "“The hoist was old,” he said.")),
        ("Hale gambled away the money.", ("Hale’s lawyer, Portia Lang, said he had gambled away the money.",)),
    ],
    ids=["as it is", "the other side", "in the active", "each its own", "the clauses turned", "a description",
         "a shorter name", "done by both", "no title", "a title written short", "named before",
         "of whom he said"],
)  # fmt: skip
def test_one_who_is_given_their_own_is_not_named(sentence: str, quotes: tuple[str, ...]) -> None:
    assert turned_roles(sentence, quotes) == []


RESIGNED = "Ivo Brandt resigned as director on Friday."


def test_what_the_article_states_is_not_said_by_one_whom_it_names_for_something_else() -> None:
    jammed = "The gate of the dam jammed in March."
    assert turned_roles("Ivo Brandt said the gate of the dam jammed.", (jammed, RESIGNED)) == ["Ivo Brandt"]
    assert turned_roles("Ivo Brandt said the gate jammed.", (jammed, "Ivo Brandt said the gate was old.")) == []
    assert (
        turned_roles("Ivo Brandt said the gate of the dam jammed.", ("“The gate of the dam jammed.”", RESIGNED)) == []
    )


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("By what score did Leeds Town win the Silver Cup?", ["Leeds Town"]),
        ("How did Leeds Town beat Norwich Rovers?", ["Leeds Town"]),
        ("By what score did Norwich Rovers win the Silver Cup?", []),
        ("When did Norwich Rovers beat Leeds Town?", []),
        ("Where did Leeds Town play on Saturday?", []),
    ],
)
def test_a_question_that_takes_the_loser_for_the_winner_is_seen(question: str, names: list[str]) -> None:
    assert wrong_winners(question, [FINAL]) == names
