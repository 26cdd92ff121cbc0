"""What the benchmarks compute from what they measured, and that what they measure is what they say."""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from answer_material import BRIDGE, CARRIED, EMBEDDER, make_archive, parts_of, says
from benchmarks import (
    answering,
    backends,
    indexing,
    made_up,
    memory,
    pictures,
    plain_chroma,
    plots,
    run,
    searching,
    starting,
)
from benchmarks.measured import Figure, Measured, median_ratio, percentile, repeated, show, table, to_json
from benchmarks.peers import compare, job
from benchmarks.stages import INDEX, Stages, stage_of

from bot.answer import stream
from bot.questions import EvalQuestion
from bot.records import Answer, Event, Filters, Found, Question, Stage, Timings
from index.archive import Archive
from index.embed import WordHashEmbedder
from index.errors import UsageError


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with make_archive(tmp_path) as archive:
        yield archive


# --- figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "judged", "met"),
    [
        (Figure("r", "rate", 90, "/s", 3, bound=100, goal=0.9, sense="at least"), 0.9, True),
        (Figure("r", "rate", 89, "/s", 3, bound=100, goal=0.9, sense="at least"), 0.89, False),
        (Figure("r", "time", 3.1, "s", 3, goal=3.0), 3.1, False),
        (Figure("r", "time", 3.0, "s", 3, goal=3.0), 3.0, True),
        (Figure("r", "paired", 9, "s", 3, bound=10, ratio=1.2, goal=1.1), 1.2, False),
        (Figure("r", "told", 3.1, "s", 3), 3.1, None),
    ],
    ids=["reached", "under", "over", "just", "the pairs' ratio counts", "without a goal"],
)
def test_a_goal_is_for_the_ratio_where_there_is_a_bound(figure: Figure, judged: float, met: bool | None) -> None:
    assert figure.judged == pytest.approx(judged)
    assert figure.met is met
    assert (to_json(figure)["judged"], to_json(figure)["met"]) == (figure.judged, met)


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    lines = table(
        [
            Figure("search", "median", 20, "ms", 9, goal=25),
            Figure("search", "late", 30, "ms", 9, goal=25),
            Figure("index", "rate", 45, "/s", 3, 50, "bare", goal=0.95, sense="at least", note="embedding 90%"),
        ]
    ).splitlines()
    assert [line.split()[0] for line in lines[1:6]] == ["SEARCH", "median", "late", "INDEX", "rate,"]
    assert lines[2].split() == ["median", "20.0", "ms", "≤", "25.0", "ms", "met", "9"]
    assert "MISSED" in lines[3]
    assert lines[5].split()[-6:] == ["/s", "0.900", "≥", "0.950", "MISSED", "3"]
    assert lines[-1] == "index: embedding 90%"


def test_pairs_are_compared_before_their_middle_is_taken() -> None:
    assert median_ratio([1, 20, 300], [2, 10, 100]) == 2
    with pytest.raises(ValueError, match="shorter"):
        median_ratio([1, 2], [1])


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.9, 9), (0.95, 10), (1.0, 10)])
def test_of_few_values_a_percentile_is_one_of_them(share: float, value: int) -> None:
    assert percentile(range(10, 0, -1), share) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234.5, "1,234 s"), (0.0123, "0.0123 s"), (2, "2.00 s"), (math.inf, "- s")],
)
def test_numbers_are_shown_in_three_figures(value: float, shown: str) -> None:
    assert show(value, "s") == shown


def test_warming_does_not_count() -> None:
    calls: list[int] = []
    assert len(repeated(lambda: calls.append(1), times=3, warm=2)) == 3
    assert len(calls) == 5


# --- indexing -------------------------------------------------------------------------------------------------


def test_a_turn_of_indexing_knows_how_much_it_did(tmp_path: Path) -> None:
    source = tmp_path / "made-up.jsonl"
    made_up.write(source, articles=6, words=80)
    with Stages(every=0.001) as stages:
        indexing.index(tmp_path / "archive", source, WordHashEmbedder())
    texts = indexing.passage_texts(tmp_path / "archive")
    titles = [json.loads(line)["title"] for line in source.read_text().splitlines()]
    assert len(texts) >= 6
    assert all(any(text.startswith(title) for text in texts) for title in titles)
    assert sum(stages.shares().values()) == pytest.approx(1)


def test_figures_of_indexing_are_of_pairs() -> None:
    turns = [
        indexing.Turn(10, 9, 1, 40, 2000),
        indexing.Turn(100, 80, 3, 300, 2000),
        indexing.Turn(12, 11, 1, 36, 2000),
    ]
    found = indexing.figures(turns, indexing.Work(100, 600, 1000), {"embedding": 0.8, "SQLite": 0.1})
    rate, _, again, articles, tokens = found
    assert (rate.value, rate.bound) == (50, pytest.approx(600 / 11))
    assert (rate.judged, rate.met) == (0.9, True)
    assert (again.judged, again.met) == (1, True)
    assert (articles.judged, articles.met) == (3, True)
    assert tokens.judged == pytest.approx(1.5)
    assert rate.note == "of the run: embedding 80%, SQLite 10%"


def test_without_the_plain_script_nothing_is_said_of_it() -> None:
    found = indexing.figures([indexing.Turn(10, 9, 1, None)], indexing.Work(1, 6, 9), {})
    assert [figure.bound_is for figure in found] == ["bare embedding", "", ""]


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        ([(INDEX / "embed.py", "embed"), (INDEX / "batch.py", "flush")], "embedding"),
        ([(Path("torch/nn.py"), "forward"), (INDEX / "embed_fast.py", "embed")], "embedding"),
        ([(INDEX / "embed.py", "count_tokens"), (INDEX / "chunk.py", "split_passages")], "cutting"),
        ([(INDEX / "copies.py", "put_bands"), (INDEX / "store.py", "put_article")], "near-copies"),
        ([(INDEX / "read_html.py", "read"), (INDEX / "run.py", "read")], "reading"),
        ([(INDEX / "tokens.py", "count"), (INDEX / "embed_fast.py", "count_tokens")], "cutting"),
        ([(INDEX / "table.py", "write"), (INDEX / "vectors.py", "publish")], "arrays beside it"),
        ([(INDEX / "run.py", "read")], "the rest"),
        ([(Path("elsewhere/chunk.py"), "x")], "the rest"),
        ([], "the rest"),
    ],
)
def test_a_stage_is_told_by_the_module_at_work(stack: list[tuple[Path, str]], stage: str) -> None:
    assert stage_of(stack) == stage


def test_time_is_given_to_the_stage_that_took_it(tmp_path: Path) -> None:
    class Slow(WordHashEmbedder):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            time.sleep(0.5)
            return super().embed(texts)

    source = tmp_path / "made-up.jsonl"
    made_up.write(source, articles=2, words=60)
    indexing.index(tmp_path / "first", source, EMBEDDER)  # imports are no part of what is looked at
    with Stages() as stages:
        indexing.index(tmp_path / "archive", source, Slow())
    # The sleep is in this file: a fake's own module is not the index's, and its caller's is not embedding.
    assert stages.seconds["the rest"] > 0.4


@pytest.mark.parametrize("text", ["", "word", "a b " * 900, "x" * 2500, "First.\n\nSecond. " * 200])
def test_the_plain_splitter_loses_no_word(text: str) -> None:
    pieces = plain_chroma.split(text)
    assert all(0 < len(piece) <= plain_chroma.LONGEST for piece in pieces)
    assert "".join("".join(pieces).split()).replace(".", "") == "".join(text.split()).replace(".", "")


def test_other_programs_are_given_an_environment_without_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    set_by_us = re.findall(r'setdefault\("(\w+)"', (compare.ROOT / "bot" / "quiet.py").read_text(encoding="utf-8"))
    assert set(indexing.OURS) == set(set_by_us)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("KEPT", "1")
    found = indexing.plain_environment()
    assert "OMP_WAIT_POLICY" not in found
    assert found["KEPT"] == "1"


# --- made-up articles -----------------------------------------------------------------------------------------


def test_made_up_articles_are_the_same_every_time_and_all_different() -> None:
    few, many = list(made_up.make(3, 50)), list(made_up.make(9, 50))
    assert many[:3] == few
    assert len({record["text"] for record in many}) == 9
    assert all(45 < len(record["text"].split()) <= 50 for record in many)
    assert date.fromisoformat(many[0]["published"]) >= date(2012, 1, 1)


# --- backends -------------------------------------------------------------------------------------------------


def test_backends_are_held_against_the_first_on_as_many_threads() -> None:
    def row(name: str, threads: int, rate: float, cosine: float = 1.0) -> dict[str, Any]:
        return {"backend": name, "threads": threads, "passages_per_second": rate, "cosine_mean": cosine}

    rows = [row("torch", 1, 10), row("torch", 2, 16), row("onnx", 1, 30, 0.9985), row("onnx", 2, 48)]
    found = {figure.what: figure for figure in backends.figures(rows)}
    assert found["onnx, 1 thread"].judged == found["onnx, 2 threads"].judged == 3
    assert (found["onnx, 1 thread, cosine"].met, found["onnx, 2 threads, cosine"].met) == (False, True)
    assert pictures.backend_rates({"data": rows}).count('<rect class="c0"') == 4


# --- search ---------------------------------------------------------------------------------------------------


def test_search_is_measured_with_limits_that_some_articles_pass(archive: Archive) -> None:
    limits = searching.usual_limits(archive)
    assert limits == Filters(since=date(2021, 3, 22), outlets=("Daily Echo",))
    assert [row.id for row in archive.articles(filters=limits)] == ["ferry"]
    assert len(searching.headlines(archive, 2)) == 2
    assert len(searching.headlines(archive, 50)) == 4


def test_a_search_that_misses_passages_is_not_exact(archive: Archive) -> None:
    assert searching.share_exact(archive, EMBEDDER, ["harbour bridge", "robot"]) == 1
    found = archive.search_dense
    archive.search_dense = lambda vector, **limits: found(vector, **limits)[1:]  # type: ignore[method-assign]
    assert 0 < searching.share_exact(archive, EMBEDDER, ["harbour bridge", "robot"]) < 1


@pytest.mark.parametrize(("passages", "goal"), [(7131, 25), (10_000, 25), (10_001, 60), (300_000, 60), (300_001, None)])
def test_an_archive_has_the_goal_of_its_size(passages: int, goal: float | None) -> None:
    assert searching.goal_of(passages) == goal


def test_figures_of_search_miss_their_goal_when_slow_or_inexact() -> None:
    found = searching.figures(searching.Speed(7000, (10, 20, 30), (40, 50, 60), (5, 5, 5), 0.98))
    assert [figure.met for figure in found] == [True, None, False, None, None, False]
    assert [figure.value for figure in found] == [20, 30, 50, 60, 5, 0.98]


# --- answering ------------------------------------------------------------------------------------------------


def asked(first: float, *, read: float = 2.0, rate: float = 20.0, end: float = 10.0) -> answering.Asked:
    steps = {"evidence": 0.1, "reading": 0.2, "writing": first - 0.1, "first token": first, "last token": first + 1}
    return answering.Asked({**steps, "checking": first + 1, "answer": end}, 400, 21, answering.Bare(read, rate))


def test_steps_of_a_question_come_in_order(archive: Archive) -> None:
    parts = parts_of(archive, says(CARRIED))
    found = answering.follow(stream(Question(BRIDGE, date(2021, 4, 12)), parts))
    assert found is not None
    times = [found.seconds[step] for step in answering.STEPS]
    assert times == sorted(times)
    assert found.answer_tokens == len(CARRIED.split())


def test_a_question_that_is_not_written_is_no_time_of_writing() -> None:
    events: list[Event] = [Stage("searching"), Found("q", Filters(), (), 1)]
    assert answering.follow(iter([*events, answer_of(events)])) is None


def answer_of(events: list[Event]) -> Answer:
    return Answer(Question("q", date(2021, 1, 1)), "q", False, "no", (), (), (), 0.0, "m", Timings())


def test_figures_of_answering_are_held_against_the_bare_model() -> None:
    idle = [asked(2.0), asked(2.4), asked(4.0)]
    found = {figure.what: figure for figure in answering.figures(idle, [asked(3.0)])}
    first, writing = found["first token"], found["writing"]
    assert (first.judged, first.met) == (pytest.approx(1.2), False)
    assert (writing.judged, writing.met) == (pytest.approx(1.0), True)
    assert found["first token, median"].met is True
    checking = found["checking, share of the answer's time"]
    assert (checking.judged, checking.met) == (pytest.approx(0.66), False)
    busy = found["writing beside a busy process"]
    assert (busy.judged, busy.bound, busy.met) == (pytest.approx(1.0), 20.0, True)


def test_too_few_words_say_nothing_of_the_speed() -> None:
    few = answering.Asked(asked(2.0).seconds, 400, 3, answering.Bare(2, 20))
    assert few.rate is None
    assert "writing" not in {figure.what for figure in answering.figures([few], [few])}


def test_the_parts_of_the_time_line_add_up_to_the_answer() -> None:
    parts = answering.time_line([asked(2.0), asked(2.0)])
    assert list(parts) == list(answering.PARTS)
    assert sum(parts.values()) == pytest.approx(10.0)
    assert parts["checked"] == pytest.approx(7.0)


def test_the_bare_model_reads_as_many_tokens_as_it_is_told() -> None:
    class Engine:
        context = 200
        read_tokens, steps = 0, 0

        def read(self, chunks, stop):  # type: ignore[no-untyped-def]
            self.read_tokens = sum(map(len, chunks))

        def best_token(self) -> int:
            return 7

        def step(self, token: int) -> None:
            self.steps += 1

    engine = Engine()
    answering.bare(engine, 150, 20, seed=1)  # type: ignore[arg-type]
    assert (engine.read_tokens, engine.steps) == (150, 19)
    answering.bare(engine, 500, 20, seed=1)  # type: ignore[arg-type]
    assert engine.read_tokens == 179


def test_the_busy_neighbour_goes_with_its_block() -> None:
    before = os.times().children_user
    with answering.busy_neighbour():
        time.sleep(0.3)
    assert os.times().children_user > before


# --- starts ---------------------------------------------------------------------------------------------------


def steps_of(*pieces: str) -> dict[str, float]:
    """Return the steps with the number of the piece that told of each, from 1, as their time."""
    read: list[str] = []

    def read_one() -> bytes:
        read.append("")
        return pieces[len(read) - 1].encode() if len(read) <= len(pieces) else b""

    return starting.read_steps(read_one, lambda: float(len(read)))


LINE = "\r\x1b[K"


def test_a_start_is_timed_by_what_it_tells() -> None:
    told = [f"{LINE}found 20 pass", "ages; reading …", f"{LINE}writing …", "\r\x1b", f"[K{CARRIED[:3]}", "more"]
    assert steps_of(*told) == {"ask, to the evidence": 2, "ask, to the first token": 5}


def test_an_answer_that_is_not_written_has_no_first_token() -> None:
    told = [f"{LINE}found 20 passages; reading …", f"{LINE}writing …{LINE}checking every sentence …", LINE]
    assert steps_of(*told) == {"ask, to the evidence": 1}


def test_the_first_run_is_told_apart() -> None:
    warm, cold = starting.figures({"search": [9.0, 1.0, 2.0, 1.4], "--help": [1.0]})
    assert (warm.value, warm.met, warm.n) == (1.4, True, 3)
    assert (cold.value, cold.met) == (9.0, None)


# --- memory ---------------------------------------------------------------------------------------------------


def test_memory_that_grows_is_seen() -> None:
    flat = [(float(at), 0.2 if at < 10 else 1.0) for at in range(41)]
    growing = [(float(at), 1 + at / 40) for at in range(41)]
    assert [figure.met for figure in memory.indexing_figures(flat, 100)] == [True, True]
    peak, growth = memory.indexing_figures(growing, 100)
    assert (peak.value, growth.met) == (2.0, False)
    assert memory.quarter([(0.0, 1.0), (8.0, 2.0)], 2) == [1.0]


def test_a_process_is_watched_until_it_ends() -> None:
    held = "import time; kept = bytearray(200 << 20); kept[::4096] = b'x' * len(kept[::4096]); time.sleep(1.2)"
    samples = memory.watch([sys.executable, "-c", held])
    assert 0.15 < max(size for _, size in samples) < 0.6
    with pytest.raises(memory.subprocess.CalledProcessError):
        memory.watch([sys.executable, "-c", "raise SystemExit(5)"])


# --- plots and results ----------------------------------------------------------------------------------------


DRAWN = {
    "bars": plots.bars("A & B", {"Byline": 10, "<other>": 5}, unit="/s"),
    "spans": plots.spans("Parts", {"one": 1, "three": 3}, unit="s"),
    "lines": plots.lines("L", [plots.Line("x", ((10, 1), (1000, 3)))], across="a", up="b", is_log=True, goal=2),
    "nothing": plots.lines("L", [], across="a", up="b"),
    "one point": plots.lines("L", [plots.Line("x", ((10, 1),))], across="a", up="b", is_log=True),
}


@pytest.mark.parametrize("svg", DRAWN.values(), ids=DRAWN)
def test_a_plot_is_whole_and_has_colours_for_both_schemes(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert "prefers-color-scheme: dark" in svg
    assert 'class="paper"' in svg


def widths(svg: str, colours: str) -> list[float]:
    rects = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")
    return [float(rect.get("width", "")) for rect in rects if rect.get("class") in colours.split()]


def test_lengths_are_in_proportion() -> None:
    long, short = widths(DRAWN["bars"], "c0")
    assert long == pytest.approx(2 * short, abs=0.1)
    one, _, three, _ = widths(DRAWN["spans"], "c0 c1")
    assert three == pytest.approx(3 * one, abs=0.2)


def test_results_keep_the_rows_of_before_and_can_be_drawn_again(tmp_path: Path) -> None:
    speed = searching.Speed(7000, (10, 20, 30), (40, 50, 60), (5, 5, 5), 0.98)
    run.keep(tmp_path, "search", Measured(tuple(searching.figures(speed)), [speed]))
    run.keep(tmp_path, "start", Measured((), {"--help": [0.4, 0.1, 0.2]}))
    run.keep(tmp_path, "answer", Measured((), {"idle": [asked(2.0)], "busy": [], "of": 1}))
    held = json.loads((tmp_path / run.RESULTS).read_text(encoding="utf-8"))
    assert set(held["rows"]) == {"search", "start", "answer"}
    assert held["rows"]["search"]["figures"][0]["met"] is True
    assert held["machine"]["cores"]
    drawn = {path.name for path in pictures.draw(tmp_path / run.RESULTS, tmp_path / "plots")}
    assert drawn == {"search.svg", "start.svg", "time-line.svg"}


def test_a_row_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--rows", "speed", "--out", str(tmp_path)]) == UsageError.exit_status
    assert "speed" in capsys.readouterr().err
    assert run.main(["--rows", "search", "--out", str(tmp_path)]) == UsageError.exit_status
    assert "--archive" in capsys.readouterr().err


# --- other pipelines ------------------------------------------------------------------------------------------


ASKED = (
    EvalQuestion(id="a", text="How long?", answerable=True, answers=("14 months",), gold_article_ids=("bridge",)),
    EvalQuestion(id="b", text="Which prize?", answerable=True, answers=("robot",), gold_article_ids=("school",),
                 also_supported_by=("fair",)),
    EvalQuestion(id="c", text="Who won the cup?", answerable=False),
    EvalQuestion(id="d", text="Who lost the cup?", answerable=False),
)  # fmt: skip


def reply(
    id: str, text: str, *retrieved: str, refused: bool | None = None, cited: bool | None = None
) -> dict[str, Any]:
    times = {"first_token": 2.0, "seconds": 4.0}
    return {"id": id, "text": text, "retrieved": list(retrieved), "refused": refused, "cites": cited, **times}


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I’m sorry, but the context does not mention who won.",
        "The provided context doesn't contain relevant information.",
        "There is no information about the cup.",
        "It cannot be determined from the given text who won; I am unable to answer.",
        "The answer is not given? I could not find it.",
        "",
    ],
)
def test_a_refusal_is_known_in_many_words(text: str) -> None:
    assert compare.declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge will close for 14 months.",
        "Northgate School did not win; the prize went to Eastgate.",
        "He said that he knows the answer.",
        "The mayor won. " + "The town will pay for it. " * 12 + "Who repairs it, I do not know.",
    ],
)
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not compare.declines(text)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Yes [1].", True),
        ("Source: The Echo", True),
        ("According to article 2", True),
        ("Yes (2021).", False),
    ],
)
def test_a_source_is_named_by_number_or_as_one(text: str, cited: bool) -> None:
    assert compare.cites(text) is cited


def test_all_pipelines_are_judged_in_one_way() -> None:
    replies = [
        reply("a", "It will close for 14 months [1].", "ferry", "bridge"),
        reply("b", "I do not know anything of a robot.", "fair"),
        reply("c", "The context does not mention it."),
        reply("d", "Millcross lost."),
    ]
    judged = compare.judge({"articles": 20, "index_seconds": 4, "replies": replies}, ASKED)
    assert judged == {
        "index, s": 4, "articles/s": 5, "first token, s": 2, "finished, s": 4,
        "found": 1, "right": 0.5, "refused": 0.5, "lost": 0.5, "cites": 0.5,
    }  # fmt: skip
    assert (
        compare.table({"it": judged}).splitlines()[1].split() == "it 4.0 5.0 2.0 4.0 1.00 0.50 0.50 0.50 0.50".split()
    )


def test_a_pipeline_that_knows_whether_it_refused_is_believed() -> None:
    replies = [reply("a", "14 months", "ferry", refused=True, cited=False), reply("c", "", refused=False, cited=True)]
    judged = compare.judge({"articles": 1, "index_seconds": 1, "replies": replies}, ASKED)
    assert (judged["found"], judged["right"], judged["lost"], judged["refused"], judged["cites"]) == (0, 0, 1, 0, 1)


def test_nothing_counted_is_no_figure() -> None:
    judged = compare.judge({"articles": 1, "index_seconds": 1, "replies": []}, ASKED)
    assert judged["found"] is judged["cites"] is judged["first token, s"] is None
    assert "-" in compare.table({"it": judged})


def test_half_of_the_questions_have_no_answer_and_their_articles_come_first() -> None:
    chosen = compare.choose_questions(ASKED, 3)
    assert sorted(question.answerable is True for question in chosen) == [False, True, True]
    assert chosen == compare.choose_questions(ASKED, 3)
    articles = [{"id": id} for id in ("x", "y", "school", "z", "bridge")]
    assert [each["id"] for each in compare.choose_articles(articles, ASKED, 3)] == ["school", "bridge", "x"]
    assert [each["id"] for each in compare.choose_articles(articles, ASKED, 1)] == ["school", "bridge"]
    assert compare.choose_articles(articles, ASKED, None) == articles


class Quick:
    """A pipeline that answers at once; its first piece is blank."""

    def index(self, articles: list[dict[str, Any]]) -> int:
        return 2 * len(articles)

    def retrieve(self, question: str) -> list[str]:
        return ["one", "two", "one"]

    def write(self, question: str) -> Iterator[str]:
        yield " "
        time.sleep(0.05)
        yield from ("It ", "did. ")
        time.sleep(0.05)


def test_a_pipeline_is_timed_from_the_question_to_its_first_word(tmp_path: Path) -> None:
    for name, rows in (("articles", [{"id": "one"}]), ("questions", [{"id": "q", "question": "Did it?"}])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = job.Job(str(tmp_path / "articles.jsonl"), str(tmp_path / "questions.jsonl"), "", "", "")
    (result,) = job.work(Quick(), given)
    assert (result["articles"], result["passages"]) == (1, 2)
    (only,) = result["replies"]
    assert (only["id"], only["text"], only["retrieved"]) == ("q", "It did.", ["one", "two"])
    assert 0.05 <= only["first_token"] < only["seconds"]
    assert only["seconds"] >= 0.1


@pytest.mark.parametrize("name", compare.PEERS[1:])
def test_every_pipeline_has_its_script_and_exact_versions_without_byline_knowing_them(name: str) -> None:
    assert (compare.HERE / f"{name}_peer.py").exists()
    lines = (compare.HERE / f"requirements-{name}.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 20
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    assert name not in (compare.ROOT / "pyproject.toml").read_text(encoding="utf-8").lower()
