"""Multiplying in AMX tiles: where llama.cpp does not it is never tried, where it does it is tried once for a build."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.models import find_model
from bot.tiles import may_repack, try_tiles, uses_amx

WITH_AMX = b"CPU : AVX512_BF16 = 1 | AMX_INT8 = 1 | REPACK = 1 | "
WITHOUT = b"CPU : AVX2 = 1 | REPACK = 1 | "


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return what stands for llama_cpp with AMX: its files, and what it says of itself."""
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path / "models"))
    file = tmp_path / "llama_cpp" / "lib" / "libggml-cpu.so"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one build")
    return SimpleNamespace(
        __file__=str(tmp_path / "llama_cpp" / "__init__.py"), llama_print_system_info=lambda: WITH_AMX
    )


class Trials:
    """Stands for the trial: finds what it is told to, and counts."""

    def __init__(self, found: bool | None) -> None:
        self.found = found
        self.tried: list[Path] = []

    def __call__(self, model: Path) -> bool | None:
        self.tried.append(model)
        return self.found


@pytest.mark.parametrize(("described", "used"), [(WITH_AMX, True), (WITHOUT, False)])
def test_a_build_that_multiplies_in_tiles_is_known(described: bytes, used: bool) -> None:
    assert uses_amx(described) is used


def test_without_amx_nothing_is_tried(library: SimpleNamespace) -> None:
    trials = Trials(False)
    library.llama_print_system_info = lambda: WITHOUT
    assert may_repack(library, Path("model.gguf"), trial=trials)
    assert not trials.tried


@pytest.mark.parametrize("found", [True, False])
def test_a_build_is_tried_once(library: SimpleNamespace, found: bool, tmp_path: Path) -> None:
    trials = Trials(found)
    assert [may_repack(library, Path("model.gguf"), trial=trials) for _ in range(3)] == [found] * 3
    assert len(trials.tried) == 1
    assert len(list((tmp_path / "models" / "derived").iterdir())) == 1


def test_another_build_and_another_model_are_tried_again(library: SimpleNamespace, tmp_path: Path) -> None:
    assert not may_repack(library, Path("model.gguf"), trial=Trials(False))
    trials = Trials(True)
    (Path(library.__file__).parent / "lib" / "libggml-cpu.so").write_bytes(b"another build")
    assert may_repack(library, Path("model.gguf"), trial=trials)
    other = tmp_path / "other.gguf"
    other.write_bytes(b"weights without tiles")
    assert may_repack(library, other, trial=trials)
    assert len(trials.tried) == 2


def test_what_tells_nothing_of_the_build_is_not_noted(library: SimpleNamespace, tmp_path: Path) -> None:
    trials = Trials(None)
    assert [may_repack(library, Path("model.gguf"), trial=trials) for _ in range(2)] == [False, False]
    assert len(trials.tried) == 2
    assert not list((tmp_path / "models" / "derived").iterdir())


def test_what_cannot_be_noted_is_not_tried_at_every_start(library: SimpleNamespace, tmp_path: Path) -> None:
    trials = Trials(True)
    (tmp_path / "models").write_bytes(b"a file where the folder should be")
    assert not may_repack(library, Path("model.gguf"), trial=trials)
    assert not trials.tried


def test_a_file_that_is_no_model_tells_nothing_of_the_build(tmp_path: Path) -> None:
    assert try_tiles(tmp_path / "no model.gguf") is None


def test_the_installed_build_is_sound_in_a_process_of_its_own() -> None:
    """Fails where llama.cpp was built without the Makefile's flags on a processor with AMX: it runs, but slower."""
    assert try_tiles(find_model("smollm2-135m", "generator")) is True
