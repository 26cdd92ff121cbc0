"""Two threads that embed for the first time at once, as a search and a warming up do, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.embed_choice import RUNNERS

TWO_AT_ONCE = """
import os, sys, threading
from pathlib import Path
import numpy as np
import bot
from index.embed_choice import load_runner
runner = load_runner(sys.argv[1], Path(sys.argv[2]))
both = threading.Barrier(2)
def work():
    ids = np.full((1, 8), 1000, dtype=np.int64)
    both.wait()
    runner.run([(ids, np.ones_like(ids))])
threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join(20)
os._exit(any(thread.is_alive() for thread in threads))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", RUNNERS)
def test_two_threads_that_embed_for_the_first_time_at_once_do_not_wait_for_each_other_for_ever(
    backend: str, minilm_graph: Path
) -> None:
    # Without its lock OpenVINO hung in 2 of 20 such processes.
    for _ in range(8):
        ran = subprocess.run([sys.executable, "-c", TWO_AT_ONCE, backend, str(minilm_graph)], timeout=120)
        assert ran.returncode == 0
