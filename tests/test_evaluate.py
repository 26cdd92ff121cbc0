from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from evaluation_material import TEXTS, make_answer, make_hit, make_outcome, make_question

from bot.compare import compare
from bot.evaluate import Progress, evaluate, open_results, read_results
from bot.figures import Evaluation, compute, show_interval
from bot.intervals import (
    area,
    area_interval,
    calibration_error,
    calibration_interval,
    percentile,
    ratio_interval,
    refusal_curve,
    reliability,
)
from bot.outcome import Outcome, from_record, observe, to_line
from bot.questions import EvalQuestion
from bot.records import Answer, Evidence, Question, Sentence, Signs
from bot.report import render_table, to_json, write_report
from bot.report_page import render_page
from index.errors import GenerationError, ModelMissing, UsageError
from index.records import Carrier, Source

QUESTIONS = (
    make_question(id="right", answers=["5"], gold_article_ids=["dam"], kind="figure"),
    make_question("When did the gate stick?", id="wrong", answers=["2:15"], gold_article_ids=["gate"], kind="when"),
    make_question("Who built the dam?", id="held", answerable=False, kind="not-told"),
    make_question("How old is the dam?", id="missed", answerable=False, kind="not-told"),
)
ANSWERS = {
    "right": make_answer("Five people.", found=("dam", "gate"), cited=("dam",), confidence=0.9),
    "wrong": make_answer("In 1976.", found=("cup", "gate"), cited=("cup", "dam"), confidence=0.6),
    "held": make_answer(found=("dam",), confidence=0.1),
    "missed": make_answer("In 1976.", found=("dam",), cited=("dam",), confidence=0.6),
}
RUN = {"model": "scripted", "archive": "our own"}


def answer(question: Question) -> Answer:
    return ANSWERS[question.id]


def test_a_near_copy_of_the_gold_article_counts_as_it_and_is_kept_in_the_file() -> None:
    carried = (Carrier("dam", Source("Dam")),)
    whole = make_answer("Five people.", found=("gate",), cited=("gate",))
    shown = replace(
        whole,
        retrieved=(replace(whole.retrieved[0], carried_by=carried),),
        citations=(replace(whole.citations[0], carried_by=carried),),
    )
    question = make_question(gold_article_ids=["dam"], answers=["5"])
    outcome = observe(question, shown, TEXTS.get)
    assert [outcome.relation(item) for item in (*outcome.retrieved, *outcome.citations)] == ["gold", "gold"]
    assert from_record(json.loads(to_line(outcome)), where="line 1") == outcome
    plain = observe(question, whole, TEXTS.get)
    assert plain.relation(plain.retrieved[0]) == "other"


def evaluate_all(ask: Callable[[Question], Answer] = answer, **named: Any) -> Evaluation:
    return evaluate(QUESTIONS, ask, article_text=TEXTS.get, run=RUN, **named)


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        pytest.param("article Hit@1, gold", 0.5, 2, id="hit at 1"),
        pytest.param("article Hit@5, gold or supporting", 1.0, 2, id="hit at 5"),
        pytest.param("article MRR, gold", 0.75, 2, id="mean of 1 and 1/2"),
        pytest.param("answer contains gold", 0.5, 2, id="one of two"),
        pytest.param("right, of the answered", 1 / 3, 3, id="one of three answers"),
        pytest.param("right or rightly refused, of all", 0.5, 4, id="two of four"),
        pytest.param("citation precision", 1 / 3, 3, id="one of three citations"),
        pytest.param("citation precision, by question", 0.5, 2, id="mean of 1 and 0"),
        pytest.param("sentences supported", 1.0, 3, id="as the program marked them"),
        pytest.param("unanswerable refused", 0.5, 2, id="refusal recall"),
        pytest.param("false refusal", 0.0, 2, id="none refused wrongly"),
        pytest.param("refusal precision", 1.0, 1, id="the one refusal was right"),
        pytest.param("quotes not the article's words", 0, 4, id="every quote exact"),
        pytest.param("refusal curve, area", 3.5 / 4, 4, id="a tie counts half"),
        # Too few for more than one bin. .9 right, .6 twice wrong: confident of .7, right in 1 of 3.
        pytest.param("calibration error", 0.7 - 1 / 3, 3, id="calibration of the answered"),
        pytest.param("calibration error, refusals too", 0.55 - 1 / 4, 4, id="calibration of all"),
        pytest.param("to end, median", 2000, 4, id="time to the end"),
        pytest.param("to first token, median", 900, 3, id="a refusal has no first token"),
    ],
)
def test_figures_by_hand(name: str, value: float, n: int) -> None:
    figure = evaluate_all().figure(name)
    assert (figure.value, figure.n) == (pytest.approx(value), n)
    assert figure.definition


def test_figures_are_split_by_kind() -> None:
    rows = {row.kind: row for row in evaluate_all().kinds}
    assert (rows["not-told"].n, rows["not-told"].right, rows["not-told"].wrong, rows["not-told"].refused) == (
        2,
        1,
        1,
        1,
    )
    assert (rows["when"].hit1, rows["when"].hit5, rows["when"].seeking) == (0, 1, 1)


def test_a_bootstrap_interval_holds_the_figure_and_never_moves() -> None:
    tops, bottoms = [1.0, 0.0, 1.0, 1.0, 0.0] * 8, [1.0] * 40
    interval = ratio_interval(tops, bottoms)
    assert interval is not None
    assert interval == ratio_interval(tops, bottoms)
    assert 0.4 < interval.low < 0.6 < interval.high < 0.8
    assert ratio_interval([1.0], [1.0]) is None


def test_an_interval_draws_questions_with_all_their_citations() -> None:
    # One question with 30 wrong citations: drawing citations singly would never see it absent.
    interval = ratio_interval([1.0] * 9 + [0.0], [1.0] * 9 + [30.0])
    assert interval is not None
    assert interval.high == 1.0


def test_the_area_is_one_for_order_half_for_chance_and_none_without_a_class() -> None:
    assert area([0.8, 0.9], [0.1, 0.2]) == 1
    assert area([0.5], [0.5, 0.5]) == 0.5
    assert area([0.1], [0.9]) == 0
    assert area([0.5], []) is area_interval([], [0.5]) is None


def test_the_refusal_curve_runs_from_nothing_to_everything() -> None:
    curve = refusal_curve([0.4, 0.9], [0.1, 0.4])
    points = [(point.refused_unanswerable, point.refused_answerable) for point in curve]
    assert points == [(0, 0), (0, 0), (0.5, 0), (1, 0.5), (1, 1)]
    assert refusal_curve([0.5], []) == ()


def test_calibration_error_by_hand() -> None:
    bins = reliability([0.9] * 5 + [0.3] * 5, [True] * 4 + [False] + [False] * 4 + [True])
    assert [(item.n, item.low, item.right) for item in bins] == [(5, 0.3, 0.2), (5, 0.9, 0.8)]
    assert calibration_error(bins) == pytest.approx((abs(0.3 - 0.2) + abs(0.9 - 0.8)) / 2)
    assert calibration_error(()) is None


def test_bins_hold_equally_many_and_ten_at_most() -> None:
    confidences = [at / 100 for at in range(100)]
    assert [item.n for item in reliability(confidences, [True] * 100)] == [10] * 10
    assert [item.n for item in reliability(confidences[:17], [True] * 17)] == [5, 6, 6]
    assert [item.n for item in reliability([0.5, 0.6], [True, False])] == [2]


def test_equal_confidences_are_not_sorted_by_whether_they_are_right() -> None:
    assert [item.right for item in reliability([0.5] * 20, [True, False] * 10)] == [0.6, 0.4, 0.6, 0.4]


def test_the_interval_of_the_calibration_error_is_of_resamples() -> None:
    confidences, right = [0.9, 0.5] * 50, [True, False, False, True] * 25  # right half the time, whatever is said
    interval = calibration_interval(confidences, right)
    assert interval is not None
    assert interval == calibration_interval(confidences, right)
    assert 0.1 < interval.low < 0.2 < interval.high < 0.4


def test_a_percentile_is_interpolated() -> None:
    assert percentile([10, 20], 0.5) == 15
    assert percentile([], 0.9) is None


def test_results_and_progress_are_told_as_they_come() -> None:
    results: list[Outcome] = []
    told: list[Progress] = []
    evaluate_all(on_result=results.append, on_progress=told.append)
    assert [outcome.question.id for outcome in results] == [question.id for question in QUESTIONS]
    assert [str(progress) for progress in told][:2] == ["1/4: 1 right answer", "2/4: 1 right answer, 1 wrong answer"]


def test_an_interrupted_run_resumes_where_it_was(tmp_path: Path) -> None:
    asked: list[str] = []

    def interrupted(question: Question) -> Answer:
        asked.append(question.id)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return answer(question)

    with pytest.raises(KeyboardInterrupt):
        evaluate_all(interrupted, on_result=open_results(tmp_path, run=RUN, resume=False).append)
    results = open_results(tmp_path, run=RUN, resume=True)
    resumed = evaluate_all(interrupted, on_result=results.append, done=results.done)
    assert asked == ["right", "wrong", "held", "held", "missed"]
    assert resumed == evaluate_all()
    assert read_results(tmp_path) == (RUN, resumed.outcomes)


def test_half_a_line_left_by_a_kill_is_asked_again(tmp_path: Path) -> None:
    results = open_results(tmp_path, run=RUN, resume=False)
    evaluate_all(on_result=results.append)
    whole = results.path.read_bytes()
    results.path.write_bytes(whole[:-20])
    resumed = open_results(tmp_path, run=RUN, resume=True)
    assert len(resumed.done) == 3
    evaluate_all(on_result=resumed.append, done=resumed.done)
    assert results.path.read_bytes() == whole


@pytest.mark.parametrize("kept", [pytest.param(0, id="nothing"), pytest.param(9, id="half a header")])
def test_a_results_file_without_its_header_is_begun_again(tmp_path: Path, kept: int) -> None:
    path = open_results(tmp_path, run=RUN, resume=False).path
    path.write_bytes(path.read_bytes()[:kept])
    assert open_results(tmp_path, run=RUN, resume=True).done == ()
    assert read_results(tmp_path) == (RUN, ())


def test_results_are_never_overwritten_nor_mixed_with_another_runs(tmp_path: Path) -> None:
    open_results(tmp_path, run=RUN, resume=False)
    with pytest.raises(UsageError, match="--resume"):
        open_results(tmp_path, run=RUN, resume=False)
    with pytest.raises(UsageError, match="model was 'scripted', now 'other'"):
        open_results(tmp_path, run={**RUN, "model": "other"}, resume=True)


def test_a_question_that_changed_is_asked_again_and_a_mended_answer_is_judged_anew() -> None:
    done = evaluate_all().outcomes
    asked: list[str] = []

    def ask(question: Question) -> Answer:
        asked.append(question.text)
        return answer(question)

    changed = make_question("Who was hurt?", id="right")
    mended = make_question("When did the gate stick?", id="wrong", answers=["1976"])
    evaluation = evaluate([changed, mended], ask, article_text=TEXTS.get, done=done)
    assert asked == ["Who was hurt?"]
    assert evaluation.figure("answer contains gold").value == 1


def test_a_model_that_breaks_costs_one_question_and_is_asked_again_on_resume() -> None:
    def breaks(question: Question) -> Answer:
        if question.id == "held":
            raise GenerationError("the context is full")
        return answer(question)

    evaluation = evaluate_all(breaks)
    assert evaluation.figure("broke off").value == 1
    assert evaluation.outcomes[2].error == "the context is full"
    assert evaluate_all(done=evaluation.outcomes) == evaluate_all()


def test_what_answers_after_the_model_failed_is_not_counted_for_the_model() -> None:
    evaluation = evaluate_all(lambda question: replace(answer(question), fallback="the context is full"))
    assert {outcome.error for outcome in evaluation.outcomes} == {"the context is full"}


def test_a_missing_model_ends_the_run() -> None:
    def ask(question: Question) -> Answer:
        raise ModelMissing("no model")

    with pytest.raises(ModelMissing):
        evaluate_all(ask)


def test_an_outcome_survives_its_line() -> None:
    question = make_question(history=[{"question": "a", "answer": "b"}], all_of=[["x", "y"]], since="2020-01-01")
    sentences = (Sentence("It cost 9.\u2028\udc80", "partly", (1,), missing=("9",)),)
    for outcome in (
        make_outcome("Five.", question=question, found=("dam",), cited=("gate",), sentences=sentences),
        make_outcome("5.", question=make_question(gold_sentences=[["a"]]), read=("dam",), signs=Signs(cosine=0.5)),
        make_outcome(question=make_question()),
        Outcome(question=question, error="broke"),
    ):
        assert from_record(json.loads(to_line(outcome)), where="test") == outcome


def test_results_of_an_older_and_of_a_newer_version_can_be_read() -> None:
    outcome = make_outcome("Five.", found=("dam",), cited=("gate",), read=("dam",))
    older = json.loads(to_line(outcome))
    del older["read"], older["signs"]
    assert from_record(older, where="test") == replace(outcome, read=(), signs=Signs())
    newer = json.loads(to_line(outcome))
    for record in (newer, newer["signs"], newer["timings"], newer["citations"][0], newer["citations"][0]["source"]):
        record["unheard_of"] = 1
    assert from_record(newer, where="test") == outcome


def test_a_line_of_another_shape_is_told_by_its_number(tmp_path: Path) -> None:
    path = open_results(tmp_path, run=RUN, resume=False).path
    with path.open("a") as file:
        file.write('{"question": {"question": "x"}, "answered": true}\n')
    with pytest.raises(UsageError, match="line 2"):
        read_results(path)


def test_the_table_is_aligned_and_leaves_out_what_nothing_counts_for() -> None:
    lines = render_table(evaluate_all()).split("\n")
    assert "model: scripted" in lines
    assert "outdated answer" not in "\n".join(lines)
    rows = [line for line in lines if line.startswith("  ") and line.strip()]
    assert len({len(line) for line in rows}) == 1
    assert any(line.split()[:3] == ["false", "refusal", "0.000"] for line in rows)


def test_the_table_and_the_json_tell_what_another_threshold_would_refuse() -> None:
    evaluation = evaluate_all()
    (row,) = [line.split() for line in render_table(evaluation).split("\n") if line.startswith("0.7 ")]
    assert row == ["0.7", "1.000", "0.500"]
    assert to_json(evaluation)["chosen"] == {"refused_unanswerable": 0.5, "refused_answerable": 0.0}


def test_unjudged_questions_still_give_times_and_support() -> None:
    evaluation = evaluate([make_question(id="right")], answer, article_text=TEXTS.get)
    table = render_table(evaluation)
    assert "sentences supported" in table
    assert "to end, median" in table
    assert "contains gold" not in table


def test_no_questions_give_an_empty_evaluation() -> None:
    evaluation = compute(())
    assert all(not figure.n and show_interval(figure) == "" for figure in evaluation.figures)
    assert "<h1>" in render_page(evaluation)
    assert render_table(evaluation)


def test_the_json_holds_figures_verdicts_and_results_that_can_be_read_back(tmp_path: Path) -> None:
    evaluation = evaluate_all()
    data, _ = write_report(evaluation, tmp_path)
    assert json.loads(data.read_text()) == to_json(evaluation)
    assert to_json(evaluation)["verdicts"]["wrong"]["verdict"] == "wrong answer"
    assert read_results(data) == (RUN, evaluation.outcomes)


def test_the_page_leads_to_every_group_of_errors() -> None:
    page = render_page(evaluate_all())
    for anchor in ("wrong-answer", "missed-refusal", "right-answer", "right-refusal"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page
    assert "false-refusal" not in page
    assert page.count("<svg") == 2


class Balance(HTMLParser):
    """Notes the tags that are open, and any that closes another's."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_tag_of_the_page_is_closed_in_its_order() -> None:
    balance = Balance()
    balance.feed(render_page(evaluate_all()))
    assert balance.open == []


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">\'&'


def test_hostile_text_stays_text_on_the_page() -> None:
    hit = make_hit("dam")
    hostile_hit = replace(hit, passage=replace(hit.passage, text=HOSTILE))
    hostile_answer = make_answer(
        HOSTILE,
        found=("dam",),
        cited=("dam",),
        standalone_question=HOSTILE,
        sentences=(Sentence(HOSTILE, "partly", (1,), missing=(HOSTILE,)),),
        evidence=(Evidence(1, hostile_hit),),
    )
    question = make_question(HOSTILE, id=HOSTILE, answers=[HOSTILE], kind=HOSTILE, why=HOSTILE)
    evaluation = evaluate(
        [question, make_question(kind="other")],
        lambda _: hostile_answer,
        article_text=TEXTS.get,
        run={HOSTILE: HOSTILE},
    )
    page = render_page(evaluation)
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") >= 9


@pytest.mark.parametrize("url", ["javascript:alert(1)", 'https://a.example/"onclick="alert(1)'])
def test_an_articles_address_can_only_be_a_link_to_the_web(url: str) -> None:
    found = make_answer("Five.", cited=("dam",))
    citation = replace(found.citations[0], source=replace(found.citations[0].source, url=url))
    page = render_page(compute([make_outcome("Five.", citations=(citation,))]))
    assert "javascript:" not in page
    assert '"onclick="' not in page


def test_half_a_surrogate_pair_does_not_lose_the_page(tmp_path: Path) -> None:
    _, page = write_report(compute([make_outcome("a\udc80b")]), tmp_path)
    assert "a?b" in page.read_text(encoding="utf-8")


def test_a_comparison_names_what_became_worse_and_better(tmp_path: Path) -> None:
    changed = {**ANSWERS, "right": make_answer(found=("gate",)), "missed": make_answer()}
    for name, answers in (("a", ANSWERS), ("b", changed)):
        results = open_results(tmp_path / name, run=RUN, resume=False)
        evaluate_all(lambda question, answers=answers: answers[question.id], on_result=results.append)  # type: ignore[misc]
    text = compare(tmp_path / "a", tmp_path / "b")
    worse, better = text[text.index("WORSE (1)") : text.index("BETTER (1)")], text[text.index("BETTER (1)") :]
    assert "A right answer, confidence 0.90, right article at rank 1: Five people." in worse
    assert "B false refusal" in worse
    assert "B right refusal" in better
    assert "OTHERWISE CHANGED (0)" in better


def test_a_comparison_is_over_the_questions_that_both_hold(tmp_path: Path) -> None:
    one = compute([make_outcome("Five.")])
    two = compute([make_outcome("Five.", question=make_question(id="other")), *one.outcomes])
    for name, evaluation in (("a", one), ("b", two)):
        write_report(evaluation, tmp_path / name)
    text = compare(tmp_path / "a" / "evaluation.json", tmp_path / "b" / "evaluation.json")
    assert "1 questions in both" in text
    assert "1 results left out" in text


def test_a_comparison_of_nothing_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        compare(tmp_path, tmp_path)


def test_every_question_reaches_the_pipeline_as_it_stands() -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return answer(question)

    evaluate_all(ask)
    assert asked == [_asked(question) for question in QUESTIONS]


def _asked(question: EvalQuestion) -> Question:
    return question.to_question()
