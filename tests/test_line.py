"""How long the wait is, reckoned from what the last answers took; the order in line is in test_web.py."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from threading import Event, Thread

import pytest
from fake_desk import FakeDesk
from test_markup import QUESTION

from bot.exchange import Exchange, follow
from bot.line import RECENT, Line, Waiting, about
from bot.markup_exchange import exchange
from bot.wire import from_line, to_line


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def line_after(*took: float) -> tuple[Line, Clock]:
    """A line in which answers took so long."""
    clock = Clock()
    line = Line(clock)
    for seconds in took:
        with line.place("earlier") as place:
            clock.now += seconds
            place.answered()
    return line, clock


def test_nothing_is_reckoned_before_the_first_answer() -> None:
    line, _ = line_after()
    with line.place("a") as first, line.place("b") as second:
        assert (first.waiting, second.waiting) == (Waiting(0), Waiting(1))
    assert about(None) == "how long is not known yet"


def test_a_wait_is_what_is_left_of_the_first_and_the_whole_of_the_others() -> None:
    line, clock = line_after(10, 20, 30)
    with line.place("a"), line.place("b"), line.place("c") as third:
        assert third.waiting == Waiting(2, 40)
        clock.now += 15  # of the answers that took longer than this, 5 and 15 seconds were left
        assert third.waiting == Waiting(2, 30)


def test_an_answer_that_takes_longer_than_all_before_it_makes_the_next_ones_wait_unknown() -> None:
    line, clock = line_after(10, 12)
    with line.place("a"), line.place("b") as second, line.place("c") as third:
        clock.now += 13
        assert second.waiting == Waiting(1)
        assert third.waiting == Waiting(2, 10)  # b's answer, at least


def test_a_cancelled_answer_shortens_the_wait_and_is_not_taken_for_what_an_answer_takes() -> None:
    line, clock = line_after(20, 20)
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        first.enter_context(line.place("a"))
        stack.enter_context(line.place("b"))
        third = stack.enter_context(line.place("c"))
        clock.now += 5
        assert third.waiting == Waiting(2, 35)
        first.close()
        assert third.waiting == Waiting(1, 20)  # b begins now


def test_one_who_gives_up_in_line_shortens_the_wait_of_those_behind() -> None:
    line, _ = line_after(20)
    with line.place("a"), ExitStack() as second, line.place("c") as third:
        second.enter_context(line.place("b"))
        with line.place("d") as fourth:
            assert fourth.waiting == Waiting(3, 60)
            second.close()
            assert fourth.waiting == Waiting(2, 40)
        assert third.waiting == Waiting(1, 20)


def test_only_the_last_answers_count_and_none_after_a_change_of_the_model() -> None:
    line, _ = line_after(*[500] * 5, *[10] * RECENT)
    with line.place("a"), line.place("b") as second:
        assert second.waiting == Waiting(1, 10)
        line.forget()
        assert second.waiting == Waiting(1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 5 seconds"),
        (22, "about 20 seconds"),
        (58, "about 1 minute"),
        (87, "about 1 minute and 30 seconds"),
        (170, "about 2 minutes and 45 seconds"),
        (500, "about 8 minutes"),
    ],
)
def test_a_wait_is_told_in_steps(seconds: float, words: str) -> None:
    line, _ = line_after(seconds)
    with line.place("a"), line.place("b") as second:
        assert about(second.waiting.seconds) == words


def test_the_page_tells_the_wait() -> None:
    assert "2 questions ahead of yours, about 20 seconds" in exchange(Exchange(1, QUESTION, ahead=2, wait_seconds=20))
    assert "1 question ahead of yours, how long is not known yet" in exchange(Exchange(1, QUESTION, ahead=1))


def test_the_wait_is_told_to_the_terminal() -> None:
    for waiting in (Waiting(2, 20), Waiting(1)):
        assert from_line(to_line(waiting)) == waiting


# --- through an exchange ------------------------------------------------------------------------------------------


def asked(desk: FakeDesk, line: Line, text: str, stop: Event | None = None):  # type: ignore[no-untyped-def]
    return follow(desk, Exchange(1, replace(QUESTION, text=text)), line=line, stop=stop or Event(), reader=text)


def test_who_asks_second_hears_how_long_the_first_takes_by_the_answers_before() -> None:
    line, _ = line_after(8, 8)
    desk = FakeDesk(delay=0.01)
    first, second = asked(desk, line, "slow"), asked(desk, line, "second")
    next(first)
    waiting = next(second)
    assert (waiting.ahead, waiting.wait_seconds) == (1, 10)
    first.close()
    *_, last = second
    assert (last.ahead, last.wait_seconds, bool(last.answer)) == (0, None, True)


@pytest.mark.parametrize(("text", "counts"), [("short", 1), ("refuse", 1), ("fail", 0)])
def test_what_was_answered_or_refused_counts_and_what_failed_does_not(text: str, counts: int) -> None:
    line = Line()
    for _ in asked(FakeDesk(delay=0.001), line, text):
        pass
    assert (len(line._took), line.length) == (counts, 0)


def test_what_was_stopped_does_not_count() -> None:
    line, stop = Line(), Event()
    for one in asked(FakeDesk(delay=0.005), line, "slow", stop):
        if one.draft:
            stop.set()
    assert (len(line._took), line.length) == (0, 0)


class Stubborn(FakeDesk):
    """Answers on for a second, whatever it is told, as while an archive is searched."""

    def ask(self, question, stop=None):  # type: ignore[no-untyped-def]
        yield from super().ask(question, stop)
        time.sleep(1.0)


def test_closing_a_tab_waits_for_nobody_and_the_next_ones_turn_comes_when_the_model_is_free() -> None:
    desk, line = Stubborn(delay=0.001), Line()
    first, second = asked(desk, line, "first"), asked(desk, line, "second")
    next(one for one in first if one.found)
    next(second)
    started = time.monotonic()
    first.close()  # by Gradio in the thread that serves everybody
    assert time.monotonic() - started < 0.5
    assert next(second).ahead == 1
    assert next(one for one in second if not one.ahead)
    assert time.monotonic() - started > 0.5
    assert [question.text for question in desk.asked] == ["first", "second"]


def test_sixteen_who_wait_are_served_in_their_order_one_at_a_time() -> None:
    desk, line, served = FakeDesk(delay=0.001), Line(), []

    def one(number: int) -> None:
        *_, last = asked(desk, line, f"{number}")
        served.append((number, last.answer.question.text))

    with line.place("first of all"):
        threads = []
        for number in range(16):
            threads.append(Thread(target=one, args=(number,)))
            threads[-1].start()
            while line.length < number + 2:
                time.sleep(0.001)
    for thread in threads:
        thread.join(30)
    assert [question.text for question in desk.asked] == [f"{number}" for number in range(16)]
    assert sorted(served) == [(number, f"{number}") for number in range(16)]
    assert line.length == 0
