import pytest

from bot.mentions import distinct, find_named, find_things, is_demonym, may_be


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(
            "What did Donald Trump say about NATO?", [("Donald Trump", "person"), ("NATO", "group")], id="both"
        ),
        pytest.param("How many people died in Aleppo?", [("Aleppo", "place")], id="a city"),
        pytest.param("What happened in Saltmarsh?", [("Saltmarsh", "place")], id="an unknown town"),
        pytest.param("Who is the mayor of Saltmarsh?", [("Saltmarsh", "place")], id="the mayor of"),
        pytest.param("Did Mayor Lind resign?", [("Mayor Lind", "person")], id="a title"),
        pytest.param("Did Calder & Sons win?", [("Calder & Sons", "group")], id="a firm"),
        pytest.param("Who won the World Cup?", [("World Cup", "thing")], id="a cup"),
        pytest.param("Does the Prince of Wales have an income?", [("Prince of Wales", "person")], id="prince of"),
        pytest.param("What did Macron’s wife say?", [("Macron", "name")], id="a possessive"),
        pytest.param("Did U.S. troops leave?", [("U.S.", "place")], id="initials"),
        pytest.param("What happened on Tuesday, May 3?", [], id="days are none"),
        pytest.param("Which Syrian towns fell?", [], id="adjectives are none"),
        pytest.param("Engineers found cracks.", [], id="the first word of a sentence"),
        pytest.param("what did trump say?", [], id="lower case"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_names_have_a_kind(text: str, named: list[tuple[str, str]]) -> None:
    assert [(name.text, name.kind) for name in find_named(text)] == named


@pytest.mark.parametrize(
    ("question", "things"),
    [
        pytest.param("Who will repair the harbour bridge?", ["the harbour bridge"], id="an object"),
        pytest.param("When will the harbour bridge close?", ["the harbour bridge"], id="a subject before its verb"),
        pytest.param("Why was the bridge closed?", ["the bridge"], id="a subject before a participle"),
        pytest.param("Is the bridge safe?", ["the bridge"], id="a subject before an adjective"),
        pytest.param("Did the council approve the repair?", ["the council", "the repair"], id="two"),
        pytest.param("When did the end of the war come?", ["the end of the war"], id="of"),
        pytest.param("What is estate planning?", ["estate planning"], id="what is"),
        pytest.param("How many strikes were there?", ["strikes"], id="counted"),
        pytest.param("Who voted?", [], id="none"),
        pytest.param("What is he doing there?", [], id="what is he"),
    ],
)
def test_things_end_before_the_verb(question: str, things: list[str]) -> None:
    assert [thing.text for thing in find_things(question)] == things


@pytest.mark.parametrize("text", ["", "the", "?", "the the the", "Is", "A", "“", "the of the of", "É. É. É.", "I I I"])
def test_any_text_is_read(text: str) -> None:
    assert all(text[one.start : one.end] == one.text for one in (*find_named(text), *find_things(text)))


def test_the_longest_of_a_persons_names_is_kept() -> None:
    names = find_named("Did Trump say that Donald Trump would meet Angela Merkel?")
    assert [name.text for name in distinct(names)] == ["Donald Trump", "Angela Merkel"]


@pytest.mark.parametrize(
    ("text", "pronoun", "fits"),
    [("Mara Lind", "she", True), ("Mara Lind", "he", False), ("Macron", "he", True), ("Iraq", "he", False)],
)
def test_a_pronoun_fits_persons_of_its_sex_and_names_of_no_known_one(text: str, pronoun: str, *, fits: bool) -> None:
    [name] = find_named(f"about {text}")
    assert may_be(name, pronoun) is fits


def test_syrian_is_of_a_country_and_syria_is_one() -> None:
    assert is_demonym("Syrian")
    assert not is_demonym("Syria")
