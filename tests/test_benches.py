"""The published question sets, in texts of our own of the same shape, and the scripts that ask and judge them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import benches
import calibrate
import pytest
import sets
from answer_material import EMBEDDER, make_archive, parts_of, says
from replay import load_calibration, replay

from bot.confidence import Calibration, Logistic, read_calibration
from bot.evaluate import RESULTS, open_results, read_results
from bot.figures import Evaluation
from bot.outcome import Outcome
from bot.questions import EvalQuestion, read_questions
from bot.records import Signs, Timings
from index.errors import UsageError

SQUAD = [
    {
        "title": "Tidal_Mills",
        "paragraphs": [
            {
                "context": "The tidal mill of Orrow was built in 1641. Its wheel was lost in the storm of 1802.",
                "qas": [
                    {
                        "id": "built",
                        "question": " When was the tidal mill of Orrow built?",
                        "is_impossible": False,
                        "answers": [{"text": "1641", "answer_start": 37}, {"text": "1641", "answer_start": 37}],
                    },
                    {
                        "id": "owner",
                        "question": "Who owned the tidal mill of Orrow?",
                        "is_impossible": True,
                        "answers": [],
                        "plausible_answers": [{"text": "the storm", "answer_start": 66}],
                    },
                ],
            },
            {
                "context": "Bakers of Orrow paid the miller one loaf in twelve.",
                "qas": [
                    {
                        "id": "paid",
                        "question": "What did bakers pay?",
                        "is_impossible": False,
                        "answers": [{"text": "one loaf in twelve", "answer_start": 32}],
                    }
                ],
            },
        ],
    }
]
WHEEL = "The wheel of the mill turned twice a day ."
CLAPNQ = [
    {
        "id": id,
        "input": "how often does the wheel turn",
        "passages": [{"title": "Mill", "text": f"{WHEEL} It ground rye . ", "sentences": [WHEEL, "It ground rye ."]}],
        "output": [{"answer": "Twice.", "selected_sentences": picked} for picked in ([WHEEL], [])],
    }
    for id in ("one", "two")
]
CLAPNQ_WITHOUT = [
    {
        "id": "none",
        "input": "who mended the wheel",
        "passages": [{"title": "Rye", "text": "Rye is sown in autumn .", "sentences": ["Rye is sown in autumn ."]}],
        "output": [{"answer": "", "selected_sentences": []}],
    }
]
RGB = {
    "id": 7,
    "query": "When did the Orrow bridge open?",
    "answer": [["4 May 1931", "May 4, 1931"]],
    "fakeanswer": "9 June 1933",
    "positive": [f"The Orrow bridge opened on May 4, 1931, {how}." for how in ("in rain", "at noon", "with a band")],
    "positive_wrong": [f"The Orrow bridge opened on 9 June 1933, {how}." for how in ("in rain", "at noon")],
    "negative": ["The bridge of Orrow opened on 4 May 1931."] + [f"Orrow has {n} bridges." for n in range(2, 9)],
}


def by_id(bench: sets.Bench) -> dict[str, Mapping[str, Any]]:
    return {question["id"]: question for question in bench.questions}


# --- the sets --------------------------------------------------------------------------------------------------


def test_every_paragraph_of_squad_is_an_article_and_its_span_the_answer() -> None:
    bench = sets.squad(SQUAD, each=5)
    first, second = bench.articles[sets.SHARED]
    assert first == {"id": "Tidal_Mills-0", "title": "Tidal Mills", "text": SQUAD[0]["paragraphs"][0]["context"]}  # type: ignore[index]
    built, owner = (by_id(bench)[id] for id in ("built", "owner"))
    assert (built["question"], built["answers"]) == ("When was the tidal mill of Orrow built?", ["1641"])
    assert (built["gold_article_ids"], by_id(bench)["paid"]["gold_article_ids"]) == ([first["id"]], [second["id"]])
    assert (owner["answerable"], owner["answers"], owner["gold_article_ids"]) == (False, [], [])


def test_a_sample_of_squad_takes_as_many_with_an_answer_as_without_and_always_the_same() -> None:
    bench = sets.squad(SQUAD, each=1)
    assert sorted(question["answerable"] for question in bench.questions) == [False, True]
    assert bench == sets.squad(SQUAD, each=1)
    drawn = {question["id"] for seed in range(9) for question in sets.squad(SQUAD, each=1, seed=seed).questions}
    assert drawn == {"built", "paid", "owner"}


def test_a_clapnq_passage_that_answers_twice_is_one_article_and_empty_picks_are_no_annotators() -> None:
    bench = sets.clapnq(CLAPNQ, CLAPNQ_WITHOUT)
    assert [article["id"] for article in bench.articles[sets.SHARED]] == ["clapnq-000", "clapnq-001"]
    questions = by_id(bench)
    assert questions["one"]["gold_article_ids"] == questions["two"]["gold_article_ids"] == ["clapnq-000"]
    assert questions["one"]["gold_sentences"] == [[WHEEL]]
    assert (questions["none"]["answerable"], questions["none"]["gold_sentences"]) == (False, [])


def test_rgb_asks_thrice_over_passages_of_its_own() -> None:
    bench = sets.rgb([RGB])
    questions = by_id(bench)
    assert set(questions) == set(bench.articles) == {"noise80-7", "noise_only-7", "wrong_mixed-7"}
    assert {name: len(articles) for name, articles in bench.articles.items()} == dict.fromkeys(questions, 5)
    assert questions["noise80-7"]["answers"] == ["4 May 1931", "May 4, 1931"]
    (gold,) = questions["noise80-7"]["gold_article_ids"]
    assert [article["id"] for article in bench.articles["noise80-7"] if article["text"] in RGB["positive"]] == [gold]  # type: ignore[operator]
    assert {article["outlet"] for article in bench.articles["noise80-7"]} == {f"Source {n}" for n in range(1, 6)}


def test_rgb_noise_that_holds_the_answer_is_not_given_as_noise_alone() -> None:
    bench = sets.rgb([RGB])
    assert not any("1931" in article["text"] for article in bench.articles["noise_only-7"])
    assert by_id(bench)["noise_only-7"]["answerable"] is False
    assert "noise_only-7" not in by_id(sets.rgb([{**RGB, "negative": RGB["negative"][:1]}]))  # type: ignore[index]


def test_rgb_wants_both_versions_where_they_are_mixed() -> None:
    bench = sets.rgb([RGB])
    question = by_id(bench)["wrong_mixed-7"]
    assert question["all_of"] == [["4 May 1931", "May 4, 1931"], ["9 June 1933"]]
    texts = {article["id"]: article["text"] for article in bench.articles["wrong_mixed-7"]}
    gold = [texts[id] for id in question["gold_article_ids"]]
    assert sorted("1931" in text for text in gold) == [False, False, True, True]


def test_a_missing_folder_of_sets_is_told_with_the_variable_that_names_it(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("BYLINE_SHARED", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="nowhere") as raised:
        benches.shared_folder()
    assert "BYLINE_SHARED" in raised.value.mend
    with pytest.raises(UsageError, match="clapnq_answerable"):
        benches.read_bench("clapnq", tmp_path, each=1, seed=1)


# --- asking ----------------------------------------------------------------------------------------------------


def prepared(folder: Path, bench: sets.Bench) -> tuple[EvalQuestion, ...]:
    benches.prepare(bench, folder, EMBEDDER)
    return read_questions(folder / benches.QUESTIONS)


def ask(folder: Path, questions: tuple[EvalQuestion, ...], *replies: str, strictness: float = 0) -> Evaluation:
    other = folder / "other"  # an archive that no question is asked of
    other.mkdir(exist_ok=True)
    with make_archive(other) as archive:
        parts = parts_of(archive, says(*replies), strictness=strictness)
        return benches.ask(folder, questions, parts, {"strictness": str(float(strictness))})


def test_each_rgb_question_is_asked_of_its_own_archive(tmp_path: Path) -> None:
    questions = prepared(tmp_path, sets.rgb([RGB]))
    evaluation = ask(tmp_path, questions, *["The Orrow bridge opened on May 4, 1931."] * 3)
    found = {outcome.question.id: outcome for outcome in evaluation.outcomes}
    assert len(found) == 3
    for id, outcome in found.items():
        assert outcome.retrieved
        assert outcome.read
        assert all(item.article_id.startswith(f"{id}-") for item in outcome.retrieved)
    assert evaluation.figure("quotes not the article's words").value == 0
    assert found["noise80-7"].citations


def test_a_run_that_ended_goes_on_with_what_it_had(tmp_path: Path) -> None:
    questions = prepared(tmp_path, sets.squad(SQUAD, each=5))
    first = ask(tmp_path, benches.choose(questions, 1), "The tidal mill of Orrow was built in 1641.")
    whole = ask(tmp_path, questions, *["Bakers of Orrow paid one loaf in twelve."] * 2)  # a third reply is not there
    assert whole.outcomes[0] == first.outcomes[0]
    assert len(read_results(tmp_path)[1]) == 3


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    bench = sets.clapnq(CLAPNQ, CLAPNQ_WITHOUT)
    assert benches.prepare(bench, tmp_path, EMBEDDER) == benches.prepare(bench, tmp_path, EMBEDDER) == 2


# --- deciding anew ---------------------------------------------------------------------------------------------

BY_COSINE = Calibration(
    Logistic(-5, (("cosine", 10.0),)), Logistic(-5, (("supported", 10.0),)), Logistic(-5, (("best", 10.0),))
)
MILL = EvalQuestion("mill", "When was it built?", answerable=True, answers=("1641",))


def outcome(
    *, cosine: float = 1.0, supported: float = 1.0, reads: float = 0.0, answered: bool = True, **fields: Any
) -> Outcome:
    made = Outcome(MILL, answered, "In 1641.", timings=Timings(prompt_tokens=90, answer_tokens=5))
    return replace(made, signs=Signs(cosine=cosine, supported=supported, reads=reads), **fields)


def test_a_strictness_refuses_what_is_less_confident() -> None:
    sure, unsure = outcome(), outcome(supported=0.4)
    assert replay(sure, BY_COSINE, 0.9).answered
    assert replay(sure, BY_COSINE, 0.9).confidence == pytest.approx(0.9933, abs=1e-4)
    assert replay(unsure, BY_COSINE, 0.2).answered
    refused = replay(unsure, BY_COSINE, 0.4)
    assert (refused.answered, refused.citations, refused.confidence) == (False, (), pytest.approx(0.2689, abs=1e-4))
    assert refused.text != unsure.text


def test_what_looks_hopeless_is_refused_before_anything_was_written() -> None:
    assert not replay(outcome(cosine=0.3), BY_COSINE, 0.4).answered
    assert replay(outcome(cosine=0.3), BY_COSINE, 0.1).answered


def test_what_was_refused_stays_refused_and_what_broke_stays_broken() -> None:
    assert not replay(outcome(answered=False), BY_COSINE, 0).answered
    nothing_found = Outcome(MILL, reason="nothing like it was found")
    assert replay(nothing_found, BY_COSINE, 0) == nothing_found
    broken = Outcome(MILL, error="broke")
    assert replay(broken, BY_COSINE, 0.9) == broken


def test_the_replay_decides_as_the_answer_does(tmp_path: Path) -> None:
    questions = prepared(tmp_path, sets.squad(SQUAD, each=5))
    replies = ["The tidal mill of Orrow was built in 1641."] * 3
    asked = ask(tmp_path, questions, *replies).outcomes
    for strictness in (0.0, 0.3, 0.5, 0.7, 0.99):
        folder = tmp_path / str(strictness)
        shutil.copytree(tmp_path / "archive", folder / "archive")
        really = ask(folder, questions, *replies, strictness=strictness).outcomes
        replayed = [replay(each, read_calibration(), strictness) for each in asked]
        assert [each.answered for each in replayed] == [each.answered for each in really]
        assert any(each.answered for each in really) == (strictness < 0.99)
        assert [each.confidence for each in replayed] == pytest.approx([each.confidence for each in really])


# --- calibrating -----------------------------------------------------------------------------------------------


def kept(folder: Path, outcomes: list[Outcome], *, strictness: str = "0.0") -> Path:
    results = open_results(folder, run={"strictness": strictness}, resume=False)
    for number, each in enumerate(outcomes):
        results.append(replace(each, question=replace(each.question, id=str(number))))
    return folder


@pytest.mark.parametrize("has_reader", [True, False])
def test_the_calibration_learns_from_kept_results(tmp_path: Path, capsys, has_reader: bool) -> None:
    without = replace(MILL, answerable=False, answers=())
    reads = 0.5 if has_reader else 0.0
    right = [outcome(cosine=0.8, supported=1.0, reads=reads) for _ in range(10)]
    wrong = [outcome(cosine=0.2, supported=0.2, reads=reads, question=without) for _ in range(10)]
    folder, file = kept(tmp_path / "mills", right + wrong), tmp_path / "made.json"
    calibrate.fit([folder], file, with_reader=has_reader)
    made = load_calibration(file).fitting(has_reader=has_reader)
    other = load_calibration(file).fitting(has_reader=not has_reader)
    assert other.after == read_calibration().fitting(has_reader=not has_reader).after, "it had no rows to learn from"
    assert made.before.probability(right[0].signs) > 0.5 > made.before.probability(wrong[0].signs)
    assert made.after.probability(right[0].signs) > 0.5 > made.after.probability(wrong[0].signs)
    assert "right, mills: AUC 1.000 on 20 rows" in capsys.readouterr().out
    noted = json.loads(file.read_text())
    assert (noted if has_reader else noted["without_reader"])["made"]["written"] == {"mills": 20}


def test_results_that_were_refused_for_being_unsure_teach_nothing(tmp_path: Path) -> None:
    folder = kept(tmp_path / "strict", [outcome()], strictness="0.4")
    with pytest.raises(UsageError, match="at strictness"):
        calibrate.read_rows([folder / RESULTS])


def test_a_small_set_weighs_as_much_as_a_large_one() -> None:
    rows = [calibrate.Row(name, True, True, True, False, True, {}) for name in ("a", "b", "b", "b")]
    assert list(calibrate._weights(rows)) == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])


def test_what_cannot_be_judged_is_no_row_for_being_right(tmp_path: Path) -> None:
    free = replace(MILL, answers=(), gold_sentences=(("It was built in 1641.",),))
    (row,) = calibrate.read_rows([kept(tmp_path / "free", [outcome(question=free)])])
    assert (row.answerable, row.right) == (True, None)
