"""How many threads write, against a machine that is quiet, busy, or changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.threads import ThreadChoice
from index.cores import usable_cores

QUIET = {2: 37.0, 1: 51.0}
BUSY = {2: 74.0, 1: 51.0}


def run(choice: ThreadChoice, machine: Callable[[int], dict[int, float]], steps: int) -> list[int]:
    chosen = []
    for step in range(steps):
        chosen.append(choice.now)
        choice.took(machine(step)[choice.now])
    return chosen


def test_on_a_quiet_machine_all_cores_write_but_for_one_try() -> None:
    chosen = run(ThreadChoice(2, 1), lambda _: QUIET, 100)
    assert chosen.count(1) == 2


def test_beside_a_busy_neighbour_one_thread_fewer_writes() -> None:
    chosen = run(ThreadChoice(2, 1), lambda _: BUSY, 200)
    assert chosen.count(2) <= 2 + 200 // 12
    took = sum(BUSY[threads] for threads in chosen)
    assert took < 1.06 * 200 * BUSY[1]


def test_a_neighbour_that_comes_is_noticed_within_a_few_tokens_and_one_that_goes_within_a_sentence() -> None:
    choice = ThreadChoice(2, 1)
    run(choice, lambda _: QUIET, 30)
    assert run(choice, lambda _: BUSY, 8)[-1] == 1
    assert run(choice, lambda _: QUIET, 40)[-8:] == [2] * 8


def test_a_single_slow_token_changes_nothing() -> None:
    choice = ThreadChoice(2, 1)
    run(choice, lambda _: QUIET, 30)
    assert run(choice, lambda step: {2: 400.0, 1: 51.0} if step == 3 else QUIET, 20) == [2] * 20


@pytest.mark.parametrize("threads", [1, 3])
def test_a_number_that_was_asked_for_is_kept(threads: int) -> None:
    assert set(run(ThreadChoice(threads, threads), lambda step: {threads: float(step % 7)}, 50)) == {threads}


def test_there_is_a_core_to_count() -> None:
    assert usable_cores() >= 1
