import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

import pytest
from answer_material import ASKED_ON, BRIDGE, CARRIED, RECORDS, make_archive, says
from archive_material import write_lines

from bot.app import Desk, model_name
from bot.generate import Generator
from bot.models import find_model
from bot.records import Answer, Found, Question, Stage
from bot.settings import Settings
from index.errors import ArchiveMismatch, ArchiveMissing, ModelCorrupt, ModelError, ModelMissing
from index.records import Filters


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with the real embedder over an archive of our own, its generator not loaded."""
    write_lines(tmp_path / "news.jsonl", {record["id"]: record["text"] for record in RECORDS}, outlet="Echo")
    with Desk.open(Settings(tmp_path / "archive"), create=True, may_be_empty=True) as desk:
        desk.index([tmp_path / "news.jsonl"], on_progress=lambda progress: None)
        yield desk


def test_a_folder_without_an_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        Desk.open(Settings(tmp_path / "absent"))
    assert not (tmp_path / "absent").exists()


def test_an_empty_archive_is_opened_only_where_it_may_be(tmp_path: Path) -> None:
    with Desk.open(Settings(tmp_path), create=True, may_be_empty=True) as desk:
        assert desk.archive.status().articles == 0
    with pytest.raises(ArchiveMissing, match="holds no articles"):
        Desk.open(Settings(tmp_path))


def test_an_archive_of_another_embedder_is_refused_unless_it_is_to_be_rebuilt(tmp_path: Path) -> None:
    make_archive(tmp_path).close()
    settings = Settings(tmp_path / "archive")
    with pytest.raises(ArchiveMismatch, match="word-hash-64"):
        Desk.open(settings)
    with Desk.open(settings, any_fingerprint=True) as desk:
        assert desk.archive.status().articles == len(RECORDS)


def test_an_embedder_that_is_not_there_is_told(tmp_path: Path) -> None:
    make_archive(tmp_path).close()
    with pytest.raises(ModelError):
        Desk.open(Settings(tmp_path / "archive", embedder="no-such-embedder"))


def test_searching_needs_no_generator(desk: Desk) -> None:
    hits = desk.search("damage found by engineers in the piers", limit=2, filters=Filters(outlets=("echo",)))
    assert hits[0].passage.article_id == "bridge"
    assert desk._generator is None


def test_a_question_is_answered_with_the_real_embedder(desk: Desk) -> None:
    desk._generator = says(CARRIED)
    answer = desk.answer(Question(BRIDGE, ASKED_ON))
    assert (answer.text, answer.citations[0].quote) == (CARRIED, CARRIED)


def test_indexing_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    report = desk.index([tmp_path / "news.jsonl"], on_progress=lambda progress: None)
    assert (report.unchanged, report.added, report.updated, report.removed) == (len(RECORDS), 0, 0, 0)


@pytest.mark.parametrize(
    ("model", "name"),
    [("models/my-model.Q4_K_M.gguf", "my-model.Q4_K_M"), ("smollm2-135m", "smollm2-135m")],
    ids=["a path", "a name"],
)
def test_an_answer_names_its_model(tmp_path: Path, model: str, name: str) -> None:
    assert model_name(Settings(tmp_path, model=model)) == name


def test_the_default_model_has_its_name(tmp_path: Path) -> None:
    assert model_name(Settings(tmp_path)).startswith("qwen2.5")


def test_without_a_model_none_is_looked_for_and_the_real_embedder_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    desk.close()
    monkeypatch.setattr("bot.app.find_model", _only_the_embedder)
    with Desk.open(Settings(tmp_path / "archive", no_llm=True)) as without:
        without.warm()
        answer = without.answer(Question(BRIDGE, ASKED_ON))
    assert (without.model_name, answer.model) == ("extraction", "extraction")
    assert answer.text.startswith(CARRIED)


def _only_the_embedder(name: str, role: str) -> Path:
    assert role == "embedder"
    return find_model(name, "embedder")


@pytest.mark.slow
def test_after_a_rehearsal_no_question_imports_anything(tmp_path: Path, desk: Desk) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path; import bot; from bot.app import Desk;"
        "from bot.records import Question; from bot.settings import Settings;"
        "desk = Desk.open(Settings(Path(sys.argv[1]), no_llm=True)); desk.rehearse(); before = set(sys.modules);"
        "[list(desk.ask(Question(text, date(2021, 3, 20)))) for text in sys.argv[2:]]; print(set(sys.modules) - before)"
    )
    asked = [BRIDGE, f"{BRIDGE[:-1]} on 4 March 2021?", f"{BRIDGE[:-1]} last week?", "Zebras?"]
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "archive"), *asked], capture_output=True, text=True
    )
    assert (ended.stdout, ended.returncode) == ("set()\n", 0), ended.stderr


def test_an_empty_archive_is_rehearsed_too(tmp_path: Path) -> None:
    with Desk.open(Settings(tmp_path, no_llm=True), create=True, may_be_empty=True) as desk:
        desk.rehearse()


def test_a_missing_generator_names_the_way_to_go_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing, match=r"byline models pull .*--no-llm"):
        desk.answer(Question(BRIDGE, ASKED_ON))


def test_the_evidence_comes_before_a_generator_that_is_still_loading(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    may_load = Flag()

    def open_slowly(settings: Settings) -> Generator:
        assert may_load.wait(60)
        return says(CARRIED)

    monkeypatch.setattr("bot.app._find_generator", lambda *asked: None)
    monkeypatch.setattr("bot.app.open_generator", open_slowly)
    events = desk.ask(Question(BRIDGE, ASKED_ON))
    assert next(events) == Stage("searching")
    found = next(events)
    assert isinstance(found, Found)
    assert found.retrieved[0].passage.article_id == "bridge"
    may_load.set()
    *_, answer = events
    assert isinstance(answer, Answer)
    assert (answer.text, answer.retrieved) == (CARRIED, found.retrieved)


def test_a_generator_that_does_not_load_is_told_after_the_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    monkeypatch.setattr("bot.app._find_generator", lambda *asked: tmp_path / "broken.gguf")
    events = desk.ask(Question(BRIDGE, ASKED_ON))
    assert [type(next(events)) for _ in range(2)] == [Stage, Found]
    with pytest.raises(ModelCorrupt):
        list(events)


def test_a_wrong_name_is_told_before_anything_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing):
        desk.ask(Question(BRIDGE, ASKED_ON))  # not one event is asked for


def test_another_model_answers_from_now_on(desk: Desk, smollm_path: Path) -> None:
    told = []
    desk.use_model(str(smollm_path), told.append)
    assert (desk.model_name, desk.generator.name) == (smollm_path.stem, smollm_path.stem)
    desk.use_model(None)
    assert desk.model_name == "extraction"
    assert desk.answer(Question(BRIDGE, ASKED_ON)).model == "extraction"


def test_a_model_that_cannot_be_loaded_leaves_the_one_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    kept = desk._generator = says(CARRIED)
    settings = desk.settings
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing, match="byline models pull"):
        desk.use_model("smollm2-135m")
    (tmp_path / "broken.gguf").write_bytes(b"no model")
    with pytest.raises(ModelError):
        desk.use_model(str(tmp_path / "broken.gguf"))
    assert (desk._generator, desk.settings) == (kept, settings)
    assert desk.answer(Question(BRIDGE, ASKED_ON)).text == CARRIED


def test_an_answer_under_way_is_finished_by_the_model_it_began_with(desk: Desk) -> None:
    desk._generator = says(CARRIED)
    events = desk.ask(Question(BRIDGE, ASKED_ON))
    next(events)
    desk.use_model(None)
    *_, answer = events
    assert isinstance(answer, Answer)
    assert answer.model != desk.model_name == "extraction"
