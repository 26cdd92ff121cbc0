"""The command line as users have it: a process of its own, with what it wrote and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "bot"]


def environment(**more: str) -> dict[str, str]:
    """Return the environment without the settings of whoever runs the tests, but with their models' folder."""
    theirs = (
        "BYLINE_ARCHIVE",
        "BYLINE_MODEL",
        "BYLINE_EMBEDDER",
        "BYLINE_NO_LLM",
        "BYLINE_NO_SERVER",
        "BYLINE_MODEL_URL",
        "BYLINE_MODEL_KEY",
    )
    return {**{name: value for name, value in os.environ.items() if name not in theirs}, **more}


def byline(
    *arguments: object, stdin: str | bytes = b"", cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `byline` with its output piped; nothing that it writes may steer a terminal."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    command = [*COMMAND, *map(str, arguments)]
    environ = environment(**{"PYTHONPATH": str(ROOT), **variables})
    ended = subprocess.run(command, input=given, capture_output=True, cwd=cwd, env=environ, timeout=300)
    out, err = ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8")
    assert "\x1b" not in out + err
    return subprocess.CompletedProcess(command, ended.returncode, out, err)


def byline_json(*arguments: object, stdin: str | bytes = b"", status: int = 0) -> Any:
    """Run `byline … --json` and return what it printed, which must be all that it printed."""
    ended = byline(*arguments, "--json", stdin=stdin)
    assert (ended.returncode, ended.stderr) == (status, "")
    return json.loads(ended.stdout)
