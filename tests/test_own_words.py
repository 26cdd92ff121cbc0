import pytest
from test_evidence import hit

from bot.own_words import quote
from bot.support import SourceSentence
from index.records import Hit, Passage, Source, Span


def passage_of(*sentences: str) -> tuple[Hit, list[SourceSentence]]:
    text, spans = " ".join(sentences), []
    place = 0
    for each in sentences:
        spans.append(Span(100 + place, 100 + place + len(each)))
        place += len(each) + 1
    found = Passage("p", "a", Source(), 100, 100 + len(text), text, tuple(spans))
    sources = [
        SourceSentence(each, span.start, span.end, "p", "a") for each, span in zip(sentences, spans, strict=True)
    ]
    return Hit(found, 1.0, (), ()), sources


@pytest.mark.parametrize(
    "dateline",
    ["LOWMARSH — ", "HAVENBROOK (Coastal News Agency) — ", "PORT ORROW, March 3 (CNA) – "],
)
def test_a_dateline_is_left_out_and_the_place_moves_along(dateline: str) -> None:
    found, [source] = passage_of(f"{dateline}The flood killed one man.")
    shown = quote(source, [found])
    assert (shown.text, shown.start) == ("The flood killed one man.", 100 + len(dateline))
    assert shown.end == source.end


@pytest.mark.parametrize(
    "text",
    ["The mayor — Ann Lee — left.", "St. Brannoc — a small town.", "Ann Lee left – at last.", "LOWMARSH —"],
)
def test_what_is_no_dateline_stays(text: str) -> None:
    found, [source] = passage_of(text)
    assert quote(source, [found]) == source


def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it() -> None:
    found, [before, source] = passage_of("LOWMARSH — Ann Lee won.", "She thanked the town.")
    shown = quote(source, [found])
    assert shown.text == "Ann Lee won. She thanked the town."
    assert (shown.start, shown.end) == (before.start + len("LOWMARSH — "), source.end)


def test_a_sentence_of_a_passage_that_is_not_at_hand_is_quoted_alone() -> None:
    _, [_, source] = passage_of("Ann Lee won.", "She thanked the town.")
    assert quote(source, [hit("b", "Other.")]) == source


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("An article of Monday gave a wrong number of people evacuated.", "The correct number is 97."),
        ("Dr. Holm gave two reasons for the fall.", "Shots were missed, and clinics closed."),
        ("The board asks for this:", "A yearly inspection."),
    ],
)
def test_what_only_announces_is_quoted_with_what_it_announces(first: str, second: str) -> None:
    found, [announcing, source] = passage_of(first, second)
    assert quote(announcing, [found]).text == quote(source, [found]).text == f"{first} {second}"
    found, [alone] = passage_of(first)
    assert quote(alone, [found]).text == first
