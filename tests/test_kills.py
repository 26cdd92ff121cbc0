"""Every kind of change to an archive is killed, at random moments and at each kind of step; nothing is lost.

BYLINE_KILLS=300 kills so often instead of the few times that fit into every run, BYLINE_SEED replays one.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fault_material import (
    SCENES,
    Ready,
    Texts,
    assert_finished,
    assert_kept,
    assert_sound,
    make_change,
    prepare,
    renewed,
)
from killed_child import CHANGES

from index.archive import Archive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

KILLS = int(os.environ.get("BYLINE_KILLS", "44"))
SEED = int(os.environ.get("BYLINE_SEED", str(random.randrange(10**6))))
KILLS_IN_A_ROW = 3  # before a run may end, as on a machine that keeps crashing
KILLED_AT: Counter[str] = Counter()


def finish(ready: Ready) -> None:
    """Let the next run end, and hold the result."""
    assert make_change(ready.scene, ready.place, after=60).ended
    assert_finished(ready)


def kill(ready: Ready, done: Texts, *, end_at: int = 0, after: float | None = None) -> Texts:
    """Kill a run and hold what it leaves; `done` is what the runs before left, which this one may not take back."""
    place, already = ready.place, 0
    if (place / "archive" / "archive.sqlite3").exists():
        with Archive.open(place / "archive", create=True) as archive:
            already = renewed(ready.scene, archive)
    outcome = make_change(ready.scene, place, end_at=end_at, after=after)
    if not outcome.ended:
        KILLED_AT[outcome.stage] += 1
    stored = assert_sound(ready.scene, place)
    finished = {id for id, text in done.items() if text == ready.scene.after.get(id)}
    assert all(stored.get(id) == done[id] for id in finished)
    assert not outcome.kept or ready.scene.is_change_of_texts or ready.scene.change == "rebuild"
    assert_kept(ready.scene, place, outcome, already)
    return stored


@pytest.fixture(scope="module", params=SCENES, ids=lambda scene: scene.name)
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    # In memory where that can be: what a killed process wrote is there all the same, and a sync takes no time.
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="byline-kills-") as folder:
        yield prepare(request.param, Path(folder), tmp_path_factory.getbasetemp())


def test_a_change_killed_at_any_moment_loses_nothing_and_is_finished_by_the_next(ready: Ready) -> None:
    print(f"BYLINE_SEED={SEED}")  # noqa: T201 - shown when the test fails
    chance = random.Random(f"{SEED} {ready.scene.name}")
    count = max(1, KILLS // len(SCENES) // 2)
    for number in range(count):
        if number % KILLS_IN_A_ROW == 0:
            stored = ready.set_up()
        stored = kill(ready, stored, after=chance.uniform(0, ready.whole.seconds))
        if number % KILLS_IN_A_ROW == KILLS_IN_A_ROW - 1 or number == count - 1:
            finish(ready)


def test_a_change_killed_at_a_step_loses_nothing_and_is_finished_by_the_next(ready: Ready) -> None:
    print(f"BYLINE_SEED={SEED}")  # noqa: T201 - shown when the test fails
    count, steps = max(1, KILLS // len(SCENES) // 2), ready.whole.steps
    chance = random.Random(f"{SEED} {ready.scene.name} steps")
    chosen = [1 + int((number + chance.random()) * steps / count) for number in range(min(count, steps))]
    for step in chosen:
        kill(ready, ready.set_up(), end_at=step)
        finish(ready)


def test_every_change_is_killed() -> None:
    assert set(CHANGES) == {scene.change for scene in SCENES}


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    yield
    print(json.dumps({"killed at": dict(KILLED_AT)}))  # noqa: T201 - shown with -s
