"""The reader that ships, as it is computed here: its answers, their places, and what is left without its parts."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.reader import find_readings
from bot.reader_model import MOST, ReaderModel, open_reader
from bot.records import Evidence
from index.bert_graph import write_graph, write_reader_graph
from index.embed_choice import RUNNERS, load_runner
from index.errors import ModelCorrupt
from index.model_folder import ModelFolder
from index.records import Hit, Passage, Source
from index.sentences import split_sentences

TITLE = "Cannery in Skerry Point closes"
TEXT = (
    "The cannery in Skerry Point closed its gates on Friday after 61 years. The owner, Hollis Foods, said that "
    "landings of herring had fallen by two thirds. About 140 people lose their work. The mayor, Ada Quill, called it "
    "a black day for the town. 🐟 The building will be sold in spring."
)
READER = Path(__file__).parents[1] / "bot" / "reader.safetensors"


@pytest.fixture(scope="module", params=RUNNERS)
def reader(
    request: pytest.FixtureRequest, minilm_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> ReaderModel:
    graph = tmp_path_factory.mktemp("reader") / "reader.onnx"
    write_reader_graph(minilm_folder, READER, graph)
    return ReaderModel(ModelFolder(minilm_folder), load_runner(request.param, graph))


def item(text: str = TEXT, title: str = TITLE) -> Evidence:
    found = Passage("p", "a", Source(title), 0, len(text), text, tuple(split_sentences(text)))
    return Evidence(1, Hit(found, 0.5, (), ()))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many people lose their work at the cannery?", "140"),
        ("Who is the mayor of Skerry Point?", "Ada Quill"),
        ("How much did herring landings fall?", "two thirds"),
        ("Who owns the cannery?", "Hollis Foods"),
        ("When will the building be sold?", "spring"),
    ],
)
def test_it_finds_the_words_that_answer(reader: ReaderModel, question: str, answer: str) -> None:
    best = find_readings(question, [item()], reader)[0]
    assert answer in TEXT[best.start : best.end]
    assert best.score > 0.5


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Vellmark Cup?",
        "What did the film festival show on Sunday?",
        "How many people lost their work at the brewery?",
        "Who is the mayor of Lowmarsh?",
        "Why did the mayor resign?",
        "When did the cannery reopen?",
    ],
)
def test_it_says_where_there_is_no_answer(reader: ReaderModel, question: str) -> None:
    assert find_readings(question, [item()], reader)[0].score < 0.3


def test_nothing_of_the_title_is_an_answer(reader: ReaderModel) -> None:
    for ends in reader.read("Which cannery closes?", [(TITLE, TEXT), ("", TEXT)]):
        assert ends.places[0] == (0, 3)
        assert len(ends.begins) == len(ends.ends) == len(ends.places)
        assert [TEXT[start:end] for start, end in ends.places[:4]] == ["The", "can", "nery", "in"]


def test_a_passage_is_read_alike_alone_and_among_others(reader: ReaderModel) -> None:
    others = [("", "Rain."), (TITLE, TEXT), ("Cup", "Rovers won the cup. " * 30), (TITLE, TEXT * 3), ("", "x")]
    crowd = reader.read("Who owns the cannery?", others)
    for one, other in zip(crowd, [reader.read("Who owns the cannery?", [each])[0] for each in others], strict=True):
        assert one.places == other.places
        assert np.abs(one.begins - other.begins).max() < 0.3  # bfloat16


def test_what_is_too_long_is_cut_and_never_fails(reader: ReaderModel) -> None:
    long = reader.read("Who owns it?", [(TITLE, TEXT * 40)])[0]
    assert 0 < len(long.places) < MOST
    (question_only,) = reader.read("why " * 2000, [(TITLE, TEXT)])
    assert len(question_only.places) == len(question_only.begins) == 0
    assert find_readings("why " * 2000, [item()], reader) == ()
    (title_only,) = reader.read("Who?", [("Cannery " * 400, TEXT)])
    assert len(title_only.places) == 0


@pytest.mark.parametrize("text", ["", " ", "[SEP] [CLS] [PAD]", "\u202e𝒳 中文 \x00", "é" * 500])
def test_odd_texts_are_read_too(reader: ReaderModel, text: str) -> None:
    (ends,) = reader.read(text, [(text, text)])
    assert np.isfinite(ends.none)
    assert all(0 <= start <= end <= len(text) for start, end in ends.places)


def test_several_threads_read_at_once(reader: ReaderModel) -> None:
    alone = reader.read("Who owns the cannery?", [(TITLE, TEXT)])[0]
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(lambda _: reader.read("Who owns the cannery?", [(TITLE, TEXT)])[0], range(12)):
            assert np.allclose(found.begins, alone.begins, atol=0.3)


def test_the_backends_agree(minilm_folder: Path, tmp_path: Path) -> None:
    graph = tmp_path / "reader.onnx"
    write_reader_graph(minilm_folder, READER, graph)
    folder = ModelFolder(minilm_folder)
    one, other = (
        ReaderModel(folder, load_runner(name, graph)).read("Who owns the cannery?", [(TITLE, TEXT)])[0]
        for name in RUNNERS
    )
    assert np.abs(one.begins - other.begins).max() < 0.3
    assert one.places == other.places


def test_what_ships_is_small_and_has_no_word_vectors() -> None:
    weights = READER.read_bytes()
    assert len(weights) < 12_000_000
    assert b"word_embeddings" not in weights


def test_without_the_embedder_there_is_no_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    assert open_reader("openvino") is None


def test_where_nothing_runs_a_graph_there_is_no_reader() -> None:
    assert open_reader("torch") is None


@pytest.fixture
def graph(minilm_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The graph of a reader that was opened once, in a folder of models of its own."""
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    (tmp_path / minilm_folder.name).symlink_to(minilm_folder)
    assert open_reader("onnxruntime") is not None
    (made,) = (tmp_path / "derived").glob("reader-*.onnx")
    return made


def test_a_reader_is_made_once_and_found_again(graph: Path) -> None:
    made = graph.stat().st_mtime_ns
    assert open_reader("onnxruntime") is not None
    assert graph.stat().st_mtime_ns == made


def test_a_graph_that_does_not_load_is_no_reader(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph.write_bytes(b"no graph")
    assert open_reader("onnxruntime") is not None, "it is written once more"
    monkeypatch.setattr("bot.reader_model.load_runner", _broken)
    assert open_reader("onnxruntime") is None


def _broken(backend: str, graph: Path) -> None:
    raise ModelCorrupt("it does not load", "byline models verify")


def test_weights_that_lack_something_are_told(minilm_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(READER)
    del weights["ends.bias"]
    save_file(weights, tmp_path / "reader.safetensors")
    with pytest.raises(ModelCorrupt, match=r"ends\.bias"):
        write_reader_graph(minilm_folder, tmp_path / "reader.safetensors", tmp_path / "reader.onnx")


@pytest.mark.slow
def test_reading_and_embedding_at_once_never_wait_for_each_other_for_ever(minilm_folder: Path, tmp_path: Path) -> None:
    """In a process of its own, because what went wrong once was the first use by two threads."""
    graphs = tmp_path / "embed.onnx", tmp_path / "read.onnx"
    write_graph(minilm_folder, graphs[0])
    write_reader_graph(minilm_folder, READER, graphs[1])
    code = f"""
import sys
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from bot.reader_model import ReaderModel
from index.embed_choice import load_runner
from index.embed_graph import GraphEmbedder
from index.model_folder import ModelFolder
folder = ModelFolder(Path({str(minilm_folder)!r}))
embed = lambda: GraphEmbedder(folder, load_runner("openvino", Path({str(graphs[0])!r}))).embed(["text"] * 3)
read = lambda: ReaderModel(folder, load_runner("openvino", Path({str(graphs[1])!r}))).read("who?", [("", "text")] * 3)
with ThreadPoolExecutor(4) as threads:
    for found in [threads.submit(make) for make in (embed, read, embed, read)]:
        found.result()
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[1])
