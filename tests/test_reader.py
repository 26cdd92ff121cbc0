"""What is made of the reader's numbers: the words of each sentence that answer, their places, and the order by them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from answer_material import BRIDGE, CARRIED, ask, make_archive, parts_of, says

from bot.confidence import read_calibration
from bot.prompt import show_passage
from bot.reader import LONGEST, Ends, LaterReader, Reading, best_in, best_score, find_readings, rank_as_read
from bot.records import Evidence
from bot.relevance import ScoredSentence
from bot.support import SourceSentence
from index.records import Hit, Passage, Source, Span

TEXT = "The bridge will close on Monday. It will be repaired for 14 months by Calder."
SENTENCES = (Span(100, 132), Span(133, 177))


def passage(text: str = TEXT, *, sentences: tuple[Span, ...] = SENTENCES) -> Evidence:
    source = Source("Bridge to close")
    return Evidence(1, Hit(Passage("p", "a", source, 100, 100 + len(text), text, sentences), 0.5, (), ()))


class MarkingReader:
    """A reader for which the words of `marked` begin an answer, worth what is said there; those of `ends` end one."""

    def __init__(self, marked: dict[str, float], ends: dict[str, float] | None = None, *, none: float = 0.0) -> None:
        self.marked, self.ends, self.none = marked, marked if ends is None else ends, none
        self.asked: list[tuple[str, Sequence[tuple[str, str]]]] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Ends]:
        self.asked.append((question, passages))
        return [self._ends(text) for _, text in passages]

    def _ends(self, text: str) -> Ends:
        words, at = text.split(), 0
        places = []
        for word in words:
            at = text.index(word, at)
            places.append((at, at + len(word)))
            at += len(word)
        begins, ends = (
            np.array([worth.get(word.strip(".,"), -9.0) for word in words], dtype=np.float32)
            for worth in (self.marked, self.ends)
        )
        return Ends(self.none, begins, ends, places)


def texts(readings: Sequence[Reading], text: str = TEXT) -> list[str]:
    return [text[each.start - 100 : each.end - 100] for each in readings]


def test_each_sentence_has_its_best_words_and_the_surest_come_first() -> None:
    readings = find_readings(
        "When?", [passage()], MarkingReader({"Monday": 1.0, "14": 3.0}, {"Monday": 1.0, "months": 3.0})
    )
    assert texts(readings) == ["14 months", "Monday."]
    assert [each.score for each in readings] == sorted((each.score for each in readings), reverse=True)
    assert {each.article_id for each in readings} == {"a"}


def test_a_reading_says_how_much_better_it_is_than_no_answer() -> None:
    def score(none: float) -> float:
        return best_score(find_readings("When?", [passage()], MarkingReader({"Monday": 1.0}, none=none)))

    assert score(2.0) == pytest.approx(0.5)
    assert score(-2.0) > 0.5 > score(6.0) > 0


def test_words_of_two_sentences_are_no_answer() -> None:
    readings = find_readings("What?", [passage()], MarkingReader({"Monday": 5.0, "It": 5.0}))
    assert sorted(texts(readings)) == ["It", "Monday."]


def test_what_stands_in_no_sentence_of_the_passage_is_not_read() -> None:
    fenced = passage(sentences=SENTENCES[1:])
    assert texts(find_readings("When?", [fenced], MarkingReader({"Monday": 9.0, "Calder": 1.0}))) == ["Calder."]


def test_an_answer_is_of_a_length_that_the_reader_was_taught() -> None:
    text = " ".join(["long"] * 60)
    item = passage(text, sentences=(Span(100, 100 + len(text)),))
    (reading,) = find_readings("What?", [item], MarkingReader({"long": 1.0}))
    assert len(texts([reading], text)[0].split()) <= LONGEST


def test_a_passage_cut_off_before_its_words_has_no_readings() -> None:
    class Nothing:
        def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Ends]:
            none = np.zeros(0, dtype=np.float32)
            return [Ends(0.0, none, none, []) for _ in passages]

    assert find_readings("When?", [passage()], Nothing()) == ()


@pytest.mark.parametrize("reader", [None, LaterReader(lambda: None)])
def test_without_a_reader_nothing_is_read_and_nothing_moves(reader: LaterReader | None) -> None:
    readings = find_readings("When?", [passage()], reader)
    ranked = (scored("It will be repaired for 14 months by Calder.", 133, 0.4),)
    assert (readings, best_score(readings), rank_as_read(ranked, readings)) == ((), 0.0, ranked)


def test_a_reader_is_opened_once_by_whoever_reads_first() -> None:
    opened = []

    def open_it() -> MarkingReader:
        opened.append(1)
        return MarkingReader({"Monday": 1.0})

    reader = LaterReader(open_it)
    assert opened == []
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: find_readings("When?", [passage()], reader), range(8)))
    assert (len(opened), len(set(found))) == (1, 1)


def scored(text: str, start: int, score: float) -> ScoredSentence:
    return ScoredSentence(SourceSentence(text, start, start + len(text), "p", "a"), score, 0.3, 0.3)


def test_the_sentence_in_which_an_answer_is_read_moves_up() -> None:
    one, other = scored(TEXT[:32], 100, 0.45), scored(TEXT[33:], 133, 0.40)
    readings = [Reading("a", 157, 166, 0.9), Reading("b", 100, 106, 1.0)]
    moved = rank_as_read([one, other], readings)
    assert [each.source.start for each in moved] == [133, 100]
    assert moved[1].score == one.score, "another article's reading is none of this one's"


def test_a_reading_counts_for_quotes_that_hold_all_of_it() -> None:
    quote = SourceSentence(TEXT[:32], 100, 132, "p", "a")
    assert best_in([Reading("a", 125, 131, 0.8), Reading("a", 120, 140, 0.9)], [quote]) == 0.8
    assert best_in([Reading("b", 125, 131, 0.8)], [quote]) == 0.0
    assert best_in([], [quote]) == 0.0


# --- in an answer --------------------------------------------------------------------------------------------


def test_an_answer_has_the_readers_signs(tmp_path) -> None:
    with make_archive(tmp_path) as archive:
        reader = MarkingReader({"14": 4.0})
        _, answer = ask(replace(parts_of(archive, says(CARRIED), strictness=0.0), reader=reader), BRIDGE)
    assert answer.answered
    assert answer.signs.reads == answer.signs.told > 0.5
    ((question, passages),) = reader.asked
    assert question == BRIDGE
    assert any(title == "Harbour bridge to close for repairs" for title, _ in passages)


def test_a_quote_in_which_the_reader_sees_no_answer_makes_it_less_sure(tmp_path) -> None:
    with make_archive(tmp_path) as archive:

        def confidence(marked: dict[str, float]) -> float:
            parts = replace(parts_of(archive, says(CARRIED), strictness=0.0), reader=MarkingReader(marked))
            return ask(parts, BRIDGE)[1].confidence

        sure, unsure = confidence({"14": 4.0}), confidence({"piers": 0.0})
    assert sure > unsure


def test_the_surer_the_reader_the_fewer_tokens_the_model_reads(tmp_path) -> None:
    words = [
        f"{start}{middle}{end}" for start in "bdfgklmn" for middle in ("ar", "el", "om") for end in ("da", "ti", "su")
    ]
    pages = [[words[(7 * page + 5 * k) % len(words)] for k in range(24)] for page in range(9)]
    texts = [f"The harbour bridge {' '.join(p[:12])}. The bridge {' '.join(p[12:])}." for p in pages]
    records = [
        {
            "id": str(n),
            "title": f"Page {n}",
            "published": "2021-03-05",
            "text": f"{CARRIED}\n\n{text}" if n == 0 else text,
        }
        for n, text in enumerate(texts)
    ]
    with make_archive(tmp_path, records) as archive:

        def words_read(reader: MarkingReader | None) -> int:
            parts = replace(parts_of(archive, says(CARRIED), strictness=0.0, passages=6), reader=reader)
            _, answer = ask(parts, BRIDGE)
            return sum(len(show_passage(item).split()) for item in answer.evidence)

        sure, unsure, unread = words_read(MarkingReader({"14": 4.0})), words_read(MarkingReader({})), words_read(None)
    assert sure < unsure < unread


@pytest.mark.parametrize(("worth", "asked"), [(4.0, 0), (-1.0, 1)])
def test_only_where_the_reader_finds_no_answer_in_the_quotes_is_the_model_asked_once_more(
    tmp_path, worth: float, asked: int
) -> None:
    generator = says(CARRIED)
    with make_archive(tmp_path) as archive:
        parts = replace(parts_of(archive, generator, strictness=0.0), reader=MarkingReader({"14": worth}))
        _, answer = ask(parts, BRIDGE)
    assert answer.answered
    assert len(generator.prompts) == 2 + asked
    assert answer.signs.holds == pytest.approx(0.95 if asked else answer.signs.told)


def test_where_other_languages_are_read_the_reader_is_not_asked(tmp_path) -> None:
    german = {
        "id": "bruecke",
        "title": "Hafenbrücke wird gesperrt",
        "text": "Die Hafenbrücke wird für 14 Monate gesperrt, sagte die Bürgermeisterin am Montag in der Sitzung. "
        "Die Stadt wird die Arbeiten an den Pfeilern selbst bezahlen, und die Busse fahren über den Ring.",
        "published": "2021-03-05",
    }
    reader = MarkingReader({"Monate": 4.0})
    with make_archive(tmp_path, [german]) as archive:
        _, answer = ask(
            replace(
                parts_of(archive, says("Die Hafenbrücke wird für 14 Monate gesperrt."), strictness=0.0), reader=reader
            ),
            BRIDGE,
        )
    assert reader.asked == []
    assert answer.signs.reads == answer.signs.told == 0


@pytest.mark.parametrize("question", ["Why will the harbour bridge close?", "For what reason does the bridge close?"])
def test_of_reasons_the_reader_was_taught_too_few_and_is_not_asked(tmp_path, question: str) -> None:
    reader = MarkingReader({"cracks": 4.0})
    with make_archive(tmp_path) as archive:
        _, answer = ask(replace(parts_of(archive, says(CARRIED), strictness=0.0), reader=reader), question)
    assert reader.asked == []
    assert answer.signs.reads == answer.signs.told == 0


def test_without_a_reader_the_calibration_is_the_one_made_without() -> None:
    calibration = read_calibration()
    assert calibration.without_reader is not None
    assert calibration.fitting(has_reader=True) is calibration
    assert calibration.fitting(has_reader=False) is calibration.without_reader
    for logistic in (calibration.without_reader.before, calibration.without_reader.after):
        assert not {"reads", "told"} & {name for name, _ in logistic.weights}


def test_a_word_that_only_the_question_has_is_not_put_into_an_articles_mouth(tmp_path) -> None:
    """The bridge closes for 14 months, and nobody is fined."""
    question = "How long will the harbour bridge be painted?"
    wrong = "The harbour bridge will be painted for 14 months."
    with make_archive(tmp_path) as archive:

        def shown(marked: dict[str, float]) -> str:
            parts = replace(parts_of(archive, says(wrong), strictness=0.0), reader=MarkingReader(marked))
            return ask(parts, question)[1].text

        assert "painted" not in shown({"piers": 0.0})
        assert "painted" in shown({"14": 9.0}), "where the reader finds it, it may be said in the question's words"
