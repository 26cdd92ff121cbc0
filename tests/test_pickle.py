"""Pickle runs what a file says. It is never loaded: not by us, and not by a library on the way to an answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_material import ROOT, environment

from index.embed import SentenceTransformerEmbedder
from index.errors import ModelCorrupt

# Chroma's own Python keeps the metadata of an index as a pickle in its folder; it is not asked for that here, because
# few passages are compared one by one, and an archive from elsewhere has its index made anew.
PROGRAM = """
import os, pickle, sys
from bot.cli import run

class Loaded(BaseException):
    pass

def refuse(*given, **more):
    raise Loaded("something was unpickled")

pickle.load = pickle.loads = pickle._load = pickle._loads = refuse
pickle.Unpickler = pickle._Unpickler = type("Unpickler", (), {"__init__": refuse})
sys.addaudithook(lambda event, given: refuse() if event == "pickle.find_class" else None)
archive = sys.argv[1]
for command in (["index", "--samples"], ["search", "ferry"], ["ask", "Who won the cup?", "--no-llm"]):
    status = run([*command, "--archive", archive])
    assert status in (0, 1), (command, status)
"""
PROBE = PROGRAM.split("archive =")[0] + "import io; pickle.loads(b'cos\\nsystem\\n.')"


def ended(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=300)


@pytest.mark.slow
def test_nothing_is_unpickled_from_the_articles_to_the_answer(tmp_path: Path) -> None:
    whole = ended(PROGRAM, str(tmp_path / "archive"))
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout


def test_the_watch_would_see_it() -> None:
    assert "something was unpickled" in ended(PROBE).stderr
    c_code = PROGRAM.split("archive =")[0] + "import _pickle; _pickle.loads(b'cos\\nsystem\\n.')"
    assert "something was unpickled" in ended(c_code).stderr


@pytest.mark.slow
def test_weights_that_are_a_pickle_are_not_loaded(tmp_path: Path, minilm_folder: Path) -> None:
    shutil.copytree(minilm_folder, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    trap = tmp_path / "sprung"
    (tmp_path / "model" / "pytorch_model.bin").write_bytes(f"cpathlib\nPath.touch\n(S'{trap}'\ntR.".encode())
    with pytest.raises(ModelCorrupt, match="safetensors"):
        SentenceTransformerEmbedder(tmp_path / "model").embed(["a text"])
    assert not trap.exists()


@pytest.mark.parametrize("folder", ["bot", "index"])
def test_no_module_of_ours_knows_it(folder: str) -> None:
    known = [path.name for path in (ROOT / folder).glob("*.py") if "import pickle" in path.read_text(encoding="utf-8")]
    assert known == []
    loading = [path.name for path in (ROOT / folder).glob("*.py") if "torch.load(" in path.read_text(encoding="utf-8")]
    assert loading == []
