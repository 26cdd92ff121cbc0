"""The wheel that `pip install .` makes holds all that Byline needs at run time, and nothing that it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
# Data that code reads beside the modules: a wheel without it imports well and fails at the first question.
DATA = ["bot/*.css", "bot/*.js", "bot/*.svg", "bot/*.json", "prompts/*.txt", "index/samples/articles/*"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout. pip brings hatchling for it; only where it cannot, and not in CI, this is skipped."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if built.returncode and "hatchling" in built.stderr and not os.environ.get("CI"):
        pytest.skip("hatchling is not here and pip cannot bring it")
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("byline-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_module_and_all_data(wheel):
    code = [path for package in ("bot", "index") for path in (ROOT / package).rglob("*.py")]
    data = [path for pattern in DATA for path in ROOT.glob(pattern)]
    assert all(any(path.match(pattern) for path in data) for pattern in DATA)
    missing = {path.relative_to(ROOT).as_posix() for path in (*code, *data)} - set(wheel.namelist())
    assert missing == set()
    assert len([name for name in wheel.namelist() if name.startswith("index/samples/articles/")]) == 22


def test_the_wheel_holds_models_txt_where_the_code_looks_for_it_first(wheel):
    assert wheel.read("bot/models.txt") == (ROOT / "models.txt").read_bytes()


def test_the_wheel_holds_no_tests_and_nothing_of_an_environment(wheel):
    tops = {name.split("/")[0].split("-")[0] for name in wheel.namelist()}
    assert tops == {"bot", "index", "prompts", "byline"}
    assert [name for name in wheel.namelist() if "__pycache__" in name or "/test" in name] == []


def test_the_wheel_installs_the_command_and_names_its_licence(wheel):
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "byline = bot.cli:main" in wheel.read(entry_points).decode()
    (metadata,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    facts = message_from_string(wheel.read(metadata).decode())
    assert facts["License-Expression"] == "MIT"
    assert facts["Requires-Python"] == ">=3.11"
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_byline_runs_from_the_wheel_alone(wheel, tmp_path):
    wheel.extractall(tmp_path)
    command = [sys.executable, "-m", "bot", "models", "list"]
    # -P and another folder: the checkout must not help out.
    listed = subprocess.run(
        [command[0], "-P", *command[1:]],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "qwen2.5-coder-1.5b" in listed.stdout
