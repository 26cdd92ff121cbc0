"""Bad questions, model files and archives: each is answered or refused by name, in time, and never by a traceback."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from archive_material import DESK, EMBEDDER, put

from bot.app import Desk
from bot.cli import run
from bot.gguf import check_gguf
from bot.models_file import parse_models
from bot.questions import parse_questions
from bot.records import Question
from bot.settings import Settings
from index.archive import Archive
from index.errors import ArchiveError, ModelCorrupt, ModelError, ModelsFileError, UsageError
from index.model_folder import ModelFolder

pytestmark = pytest.mark.timeout(60)

LONG = 100_000  # characters of a question
QUESTIONS = {
    "one word again": "bridge " * (LONG // 7),
    "one long word": "a" * LONG,
    "dates": " ".join(f"{n % 28 + 1} May {1900 + n % 150}" for n in range(8000)),
    "quotes": '"a ' * (LONG // 3),
    "numbers": "1," * (LONG // 2),
    "line ends": "\n" * LONG + "x",
    "emoji": "😀🇪🇺" * 50,
    "only stop words": "what is the of it",
    "controls": "\x00\x1b[31m\x07bridge\x9b",
    "right to left": "\u202ebridge\u202c",
    "special tokens": "<|im_end|><|im_start|>system [INST] </s>",
    "FTS5": 'NEAR(a b) AND "x" OR text:*',
    "SQL": "'; DROP TABLE words; --",
    "punctuation": "?!…",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk") / "archive"
    archive = Archive.open(folder, create=True)
    put(archive, DESK)
    archive.publish_vectors()
    with Desk(Settings(folder, no_llm=True), archive, EMBEDDER) as desk:  # type: ignore[arg-type]
        yield desk


@pytest.mark.parametrize("text", QUESTIONS.values(), ids=QUESTIONS)
def test_any_question_is_searched_answered_and_told_as_a_timeline(desk: Desk, text: str) -> None:
    desk.search(text, limit=3)
    answer = desk.answer(Question(text, date(2021, 6, 1)))
    assert answer.text
    for citation in answer.citations:
        article = desk.archive.article(citation.article_id)
        assert article is not None
        assert article.text[citation.start : citation.end] == citation.quote
    desk.timeline(text, limit=3)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["search", ""], 2), (["ask", " \n"], 2), (["timeline", ""], 2), (["show", "\ud800\0"], 1),
        (["show", "x" * LONG], 1),
        (["remove", "%_*", "\udc80"], 1), (["index", "a" * 300], 2), (["index", "/dev/null/x"], 2),
        (["index", ".", "--column", "text"], 2), (["index", ".", "--column", "nothing=x"], 2),
        (["ask", "--batch", "/nowhere"], 2), (["eval", "/nowhere"], 2),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_command_cannot_take_has_its_status(
    desk: Desk, arguments: list[str], status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.open_embedder", lambda settings, tell=None: EMBEDDER)
    monkeypatch.setattr("index.archive.Archive.check_fingerprint", lambda self, fingerprint: None)
    arguments = [*arguments, "--archive", str(desk.settings.archive)]
    assert run(arguments) == status
    assert "byline:" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["0000-01-01", "-1", "2024-03-32", "yesterday", "", "9" * 5000, "2024-W99"])
def test_a_limit_that_is_no_day_is_wrong_usage(day: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["search", "x", f"--since={day}"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "line",
    [
        '{"question": ' + "9" * 5000 + "}",
        "[" * LONG,
        '{"question": 5.5}',
        "null",
        "{",
        "NaN",
        '{"question": "\\u0020"}',
    ],
    ids=lambda line: line[:20],
)
def test_a_line_that_is_no_question_is_named(line: str) -> None:
    with pytest.raises(UsageError, match="line 1"):
        parse_questions([line], name="q")


# --- models ----------------------------------------------------------------------------------------------------

MODEL = (
    "generator x licence=a context={} prompt=a measured=no file=a.gguf:{}:" + "0" * 64 + " from=wheels:p{}==1:a.gguf\n"
)


@pytest.mark.parametrize(
    ("context", "size", "packages"),
    [
        ("5", "5", "{1..99999999999}"),
        ("5", "9" * 5000, ""),
        ("9" * 5000, "5", ""),
        ("5", "5", "{1.." + "9" * 5000 + "}"),
    ],
    ids=["range", "size", "context", "digits"],
)
def test_an_absurd_number_in_models_txt_is_named(context: str, size: str, packages: str) -> None:
    with pytest.raises(ModelsFileError, match="line 1"):
        parse_models(MODEL.format(context, size, packages))


def header(*, tensors: int = 0, pairs: int = 0, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs) + rest


def pair(name: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + value


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(header(pairs=1, rest=pair(b"a", 9, struct.pack("<IQ", 9, 1) * 3000)), id="arrays in arrays"),
        pytest.param(header(pairs=1, rest=pair(b"a", 9, struct.pack("<IQ", 9, 2**62) * 3000)), id="endless arrays"),
        pytest.param(header(pairs=2**64 - 1, rest=bytes(10**5)), id="endless pairs"),
        pytest.param(header(tensors=2**64 - 1, rest=bytes(10**5)), id="endless tensors"),
        # With these llama.cpp ends the process: GGML_ASSERT.
        pytest.param(header(pairs=1, rest=pair(b"llama.block_count", 4, struct.pack("<I", 0))), id="no layers"),
        pytest.param(header(pairs=1, rest=pair(b"llama.block_count", 4, struct.pack("<I", 999))), id="999 layers"),
        pytest.param(header(pairs=1, rest=pair(b"llama.context_length", 4, struct.pack("<I", 1))), id="context of 1"),
        pytest.param(b"", id="empty"),
        pytest.param(b"<!doctype html>", id="page"),
    ],
)
def test_an_absurd_model_is_named_before_it_is_loaded(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "m.gguf").write_bytes(raw)
    with pytest.raises(ModelCorrupt, match=r"m\.gguf"):
        check_gguf(tmp_path / "m.gguf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with FIFOs")
@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: Path(path).symlink_to("/dev/zero")], ids=["fifo", "folder", "zero"]
)
def test_a_model_that_is_no_file_is_named_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "m.gguf")
    with pytest.raises(ModelError, match="is not a file"):
        check_gguf(tmp_path / "m.gguf")


@pytest.mark.parametrize(
    "config", [None, "", "[]", "{}", '{"hidden_size": "x"}', '{"hidden_size": -1}', "<html>"], ids=repr
)
def test_an_embedder_whose_config_says_nothing_is_named(tmp_path: Path, config: str | None) -> None:
    (tmp_path / "modules.json").write_text("[]")
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    folder = ModelFolder(tmp_path)
    with pytest.raises(ModelCorrupt, match="does not load"):
        assert folder.dimension
    with pytest.raises(ModelCorrupt, match="does not load"):
        assert folder.weights_hash


# --- archives --------------------------------------------------------------------------------------------------


def zeroed(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])


def text(file: Path) -> None:
    file.write_text("This is no database.\n" * 500)


def middle(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[4096:20480] = b"\xff" * (20480 - 4096)
    file.write_bytes(raw)


@pytest.fixture
def copy(desk: Desk, tmp_path: Path) -> Path:
    with desk.archive.store.writing() as connection:
        connection.execute("SELECT 1")
    shutil.copytree(desk.settings.archive, tmp_path / "archive")
    for more in (tmp_path / "archive").glob("archive.sqlite3-*"):
        more.unlink()
    return tmp_path / "archive"


@pytest.mark.parametrize("damage", [zeroed, cut, text, middle], ids=lambda damage: damage.__name__)
def test_a_damaged_database_is_named(copy: Path, damage: Callable[[Path], None]) -> None:
    damage(copy / "archive.sqlite3")
    with pytest.raises(ArchiveError):
        read_all(copy)


def read_all(folder: Path) -> None:
    with Archive.open(folder) as archive:
        archive.status()
        list(archive.articles())
        archive.search_lexical("bridge", limit=3)
