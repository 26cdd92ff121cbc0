"""What a search from the command line loads: the weights without torch, so that it takes a second and not ten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from answer_material import RECORDS
from archive_material import write_lines

from bot.app import Desk
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "sentence_transformers", "sklearn", "scipy", "openvino_telemetry"}

SEARCH = """
import io, json, sys
from bot.cli import main
stdout, sys.stdout = sys.stdout, io.StringIO()
try:
    status = main(sys.argv[1:])
except SystemExit as ended:
    status = ended.code
try:  # not resource.getrusage: what that calls the most is the parent's, if that was more
    told = open("/proc/self/status").read()
    megabytes = int(told.split("VmHWM:")[1].split()[0]) / 1024
except OSError:
    megabytes = 0
loaded = sorted(name for name, module in sys.modules.items() if module)
print(json.dumps([status, sys.stdout.getvalue(), loaded, megabytes]), file=stdout)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the real embedder, which has been prepared by making it."""
    folder = tmp_path_factory.mktemp("query")
    write_lines(folder / "news.jsonl", {record["id"]: record["text"] for record in RECORDS}, outlet="Echo")
    with Desk.open(Settings(folder / "archive"), create=True, may_be_empty=True) as desk:
        desk.index([folder / "news.jsonl"], on_progress=lambda progress: None)
        if desk.embedder.backend == "torch":
            pytest.skip("nothing but torch computes the embedder on this machine")
    return folder / "archive"


@pytest.mark.parametrize("command", [["search"], ["ask", "--no-llm"]], ids=["search", "ask"])
def test_a_question_loads_no_torch(archive: Path, command: list[str]) -> None:
    given = [*command, "--json", "--archive", str(archive), "How long will the harbour bridge be closed?"]
    ran = subprocess.run([sys.executable, "-c", SEARCH, *given], cwd=ROOT, capture_output=True, text=True, check=True)
    status, found, loaded, megabytes = json.loads(ran.stdout)
    assert status in (0, 1)
    assert "bridge" in found
    assert HEAVY & set(loaded) == set()
    assert [name for name in loaded if "telemetry" in name and not name.startswith(("opentelemetry", "chromadb"))] == []
    assert megabytes < 600  # 340 MB with OpenVINO; torch alone is 700
