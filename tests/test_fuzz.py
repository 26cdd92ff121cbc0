"""Each target of fuzz.py, for a few seconds, from another beginning each time; BYLINE_FUZZ_SECONDS asks for more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_material import ROOT, environment

pytest.importorskip("atheris", reason="atheris has no wheel for this platform")

from fuzz import TARGETS

SECONDS = int(os.environ.get("BYLINE_FUZZ_SECONDS", "1"))


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_nothing_that_is_made_up_breaks_what_a_reader_promises(target: str, tmp_path: Path) -> None:
    # In a process of its own: libFuzzer ends the one that it is in.
    command = [
        sys.executable,
        ROOT / "tests" / "fuzz.py",
        target,
        "--seconds",
        str(SECONDS),
        "--out",
        tmp_path / "found",
    ]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment(PYTHONPATH=str(ROOT), TMPDIR=str(tmp_path)),
        timeout=SECONDS + 100,
    )
    found = [path.read_bytes() for path in (tmp_path / "found").glob(f"{target}-[clto]*")]  # crash, leak, timeout, oom
    assert (ended.returncode, found) == (0, []), ended.stderr[-3000:]
