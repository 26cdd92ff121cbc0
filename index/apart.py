"""One of our modules run as a program, in a process of its own that may end badly without harm to this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_apart(script: Path, *arguments: str, patience: float) -> subprocess.CompletedProcess[bytes]:
    """Return how `script`, a file of one of our packages, ended.

    Raises subprocess.TimeoutExpired after `patience` seconds, and OSError where it cannot be started.
    """
    # -P: a folder named index or bot where the user stands is not ours.
    command = [sys.executable, "-P", str(script), *arguments]
    paths = [str(script.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience)
