"""Many at once: whoever leaves frees their place, whoever asks is answered, and nothing is kept for ever.

The tabs speak the page's own requests (tests/benchmarks/page_client.py). With BYLINE_LOAD_MINUTES and BYLINE_BATCH the
last tests run for as long, and over as many questions, as one likes.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from benchmarks import batch, invented, load, people
from benchmarks.page_client import Layout, PageError, Tab, read_layout
from fake_desk import FakeDesk
from page_material import served

from bot.records import Question

COST = "What does the repair cost?"


class HeldDesk(FakeDesk):
    """Answers the question "hold" when it is let go, or stopped, and no other before that."""

    def __init__(self) -> None:
        super().__init__(delay=0.001)
        self.let_go = Event()

    def ask(self, question: Question, stop: Event | None = None) -> Iterator[Any]:
        events = super().ask(question, stop)
        yield next(events)
        while "hold" in question.text and not self.let_go.is_set():
            if stop and stop.wait(0.01):
                self.stopped += 1
                return
        yield from events


Tabs = Callable[[str], Awaitable[Tab]]


def with_tabs(desk: FakeDesk, what: Callable[[Tabs], Awaitable[None]]) -> None:
    """Serve `desk` and do `what` with tabs of the page, each opened for the reader of that name."""
    address = served(desk)

    async def run() -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
            layout = await read_layout(client)
            opened: list[Tab] = []

            async def tab(reader: str) -> Tab:
                opened.append(Tab(client, layout, reader=reader))
                return opened[-1]

            try:
                await asyncio.wait_for(what(tab), 120)
            finally:
                for one in opened:
                    await one.close()

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, or fail after forty seconds."""
    ends = time.monotonic() + 40
    while not is_so():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def ask(tab: Tab, text: str = COST) -> str:
    """Ask, and return what is shown at the end."""
    async for _ in tab.ask(text):
        pass
    return str(tab.view["now"])


async def begin(tab: Tab, text: str, shown: str) -> asyncio.Task[str]:
    """Begin to ask, until that is shown."""
    asking = asyncio.create_task(ask(tab, text))
    await until(lambda: shown in str(tab.view.get("now", "")))
    return asking


# --- whoever leaves frees their place -----------------------------------------------------------------------------


def test_a_tab_closed_while_it_is_answered_or_waits_frees_its_place() -> None:
    desk = HeldDesk()

    async def what(tab: Tabs) -> None:
        first, second, third = await tab("a"), await tab("b"), await tab("c")
        await first.open()
        await second.open()
        answered = await begin(first, "hold this", "Searching")
        waiting = await begin(second, "hold that", "1 question ahead")
        last = await begin(third, COST, "2 questions ahead of yours, how long is not known yet")
        await second.close()
        await until(lambda: "1 question ahead" in third.view["now"])
        left = time.monotonic()
        await first.close()
        assert "4.2 million" in await last
        assert time.monotonic() - left < 10
        await asyncio.gather(answered, waiting, return_exceptions=True)

    with_tabs(desk, what)
    assert ([question.text for question in desk.asked], desk.stopped) == (["hold this", COST], 1)


def test_a_stop_lets_the_next_one_begin_and_the_page_told_how_long_that_takes() -> None:
    desk = HeldDesk()

    async def what(tab: Tabs) -> None:
        first, second = await tab("a"), await tab("b")
        await ask(first)  # what this took is what the next ones are taken to take
        answered = await begin(first, "hold this", "Searching")
        last = await begin(second, COST, "1 question ahead of yours")
        await first.at_once("stop", "click")
        assert "4.2 million" in await last
        await asyncio.gather(answered, return_exceptions=True)

    with_tabs(desk, what)
    assert desk.stopped == 1


def test_who_never_reads_what_comes_holds_nobody_up() -> None:
    async def what(tab: Tabs) -> None:
        deaf, other = await tab("a"), await tab("b")
        deaf._listen = lambda: asyncio.sleep(60)  # type: ignore[assignment,method-assign]
        asking = asyncio.create_task(ask(deaf))
        assert "4.2 million" in await ask(other)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    with_tabs(FakeDesk(delay=0.001), what)


def test_two_tabs_of_one_reader_take_turns_with_another_reader() -> None:
    desk = HeldDesk()

    async def what(tab: Tabs) -> None:
        held, one, two, other = await tab("a"), await tab("b"), await tab("b"), await tab("c")
        asking = [await begin(held, "hold", "Searching")]
        asking.append(await begin(one, "first", "1 question ahead"))
        asking.append(await begin(two, "second", "2 questions ahead"))
        asking.append(await begin(other, "third", "2 questions ahead"))  # before the second of the same reader
        desk.let_go.set()
        await asyncio.gather(*asking)

    with_tabs(desk, what)
    assert [question.text for question in desk.asked] == ["hold", "first", "third", "second"]


@pytest.mark.slow
def test_the_page_opens_also_while_sixty_wait_in_line() -> None:
    desk = HeldDesk()

    async def what(tab: Tabs) -> None:
        tabs = [await tab(f"{number}") for number in range(60)]
        asking = [await begin(tabs[0], "hold", "Searching")]
        asking += [asyncio.create_task(ask(one)) for one in tabs[1:]]
        await until(lambda: sum("ahead of yours" in one.view.get("now", "") for one in tabs) == 59)
        await asyncio.wait_for((await tab("newcomer")).open(), 30)
        desk.let_go.set()
        assert all("4.2 million" in shown for shown in await asyncio.gather(*asking))

    with_tabs(desk, what)
    assert len(desk.asked) == 60


# --- nothing is kept for ever -------------------------------------------------------------------------------------


def test_gradio_remembers_so_many_tabs_and_events_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    import gc

    from gradio.state_holder import StateHolder

    from bot import ui

    monkeypatch.setattr(ui, "SESSIONS", 2)
    desk = FakeDesk(delay=0)

    async def what(tab: Tabs) -> None:
        for number in range(4):
            await ask(await tab(f"{number}"))

    with_tabs(desk, what)
    holders = [one for one in gc.get_objects() if isinstance(one, StateHolder) and one.capacity == 2]
    assert max(len(holder.session_data) for holder in holders) == 2
    queue = holders[0].blocks._queue
    assert queue.ANALYTICS_MAX_EVENTS == 100
    assert queue.cached_event_analytics_summary == {"functions": {}}  # none was ever made


# --- what the load script is told by ------------------------------------------------------------------------------


def person(number: int = 0) -> people.Person:
    return load.make_people(3, think=0, seed=1, each=2)[number]


def test_invented_articles_share_no_name() -> None:
    readers = invented.make_readers(20)
    names = [name for reader in readers for name in reader.own]
    assert len(names) == len(set(names)) == 20 * (3 * invented.EACH + 1)
    for reader in readers:
        told = " ".join(f"{story.record} {story.facts}" for story in reader.stories)
        assert all(name.lower() in told.lower() for name in reader.own)
        assert not any(name in told for other in readers if other is not reader for name in other.own)


@pytest.mark.parametrize("where", ["now", "earlier", "sources"])
def test_another_readers_name_is_a_mix_up_wherever_it_is_shown(where: str) -> None:
    mine, other = person(0), person(1)
    mine.check({where: f"<p>{mine.reader.stories[0].record['text']}</p>", "kept": other.reader.outlet})
    assert mine.seen.mixed_up == []
    mine.check({where: f"<p>{other.reader.stories[1].record['title']}</p>"})
    assert len(mine.seen.mixed_up) == 1


def test_a_rest_after_a_stop_is_measured_only_where_somebody_waits() -> None:
    turns = people.Turns()
    turns.stopped("a")
    turns.begins("a")
    assert turns.after_stop == []
    turns.waits("b")
    turns.stopped("b")  # from the line itself
    turns.waits("c")
    turns.ends("b")
    turns.stopped("a")
    turns.begins("c")
    assert len(turns.after_stop) == 1


def test_what_is_wrong_is_complained_of() -> None:
    someone = person()
    someone.seen = people.Seen(asked=3, answered=2, refused=1, waits=[1.0, 2.0], told=[(5, 4.0), (None, 3.0)])
    samples = [load.Sample(float(at), 400.0 if at < 50 else 430.0, 30, 10, 0) for at in range(60)]
    fine = load.summed([someone], samples[:50], seconds=50, wrong=[])
    assert list(fine.complaints()) == []
    assert (fine.estimates, fine.estimate_off, fine.wait_p95) == (1, 0.25, 2.0)
    grown = load.summed([someone], samples, seconds=60, wrong=["Traceback"])
    assert [one.split(":")[0] for one in grown.complaints()] == ["log", "memory"]
    broken = replace(
        grown, mixed_up=["another's"], log=[], drift=1, fairness=0.2, after_stop=[3.0], after_stop_p50=3.0, shm_left=2
    )
    assert len(list(broken.complaints())) == 4


def test_growth_is_told_from_the_hundredth_answer_to_the_last() -> None:
    flat = batch.summed(["answered"] * 200, [300.0] * 50 + [400.0] * 150, 60)
    assert (flat.growth, flat.is_flat) == (1.0, True)
    grown = batch.summed(["answered"] * 200, [300.0 + number for number in range(200)], 60)
    assert not grown.is_flat
    with pytest.raises(ValueError, match="nothing of growth"):
        batch.summed(["answered"] * 90, [1.0] * 90, 60)


def test_a_tab_tells_of_an_event_that_failed() -> None:
    desk = FakeDesk(delay=0)

    async def what(tab: Tabs) -> None:
        with pytest.raises(PageError):
            await ask(await tab("a"), "crash")

    with_tabs(desk, what)


def test_a_layout_is_read_from_the_pages_own_configuration() -> None:
    config = {
        "components": [{"id": 1, "props": {"elem_id": "ask"}}, {"id": 2, "props": {}}],
        "dependencies": [
            {"id": 7, "targets": [[1, "click"]], "inputs": [1], "outputs": [2], "cancels": [], "backend_fn": True},
            {"id": 8, "targets": [[2, "load"]], "inputs": [], "outputs": [1], "cancels": [7], "backend_fn": True},
        ],
    }
    layout = Layout.of(config)
    assert layout.functions["ask", "click"].number == 7
    assert [one.number for one in layout.loads] == [8]


# --- the whole, small ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_six_people_at_once_are_served_and_shown_only_their_own(tmp_path: Path, minilm_folder: Path) -> None:
    minutes = os.environ.get("BYLINE_LOAD_MINUTES", "0.35")
    arguments = ["--people", "6", "--minutes", minutes, "--think", "0.3", "--no-llm"]
    figures = load.measure(tmp_path, load.parser().parse_args(arguments))
    # Of memory and of the share of each a short run on a busy machine tells little; a long one is held to both.
    wrong = [one for one in figures.complaints() if float(minutes) >= 2 or not one.startswith(("memory", "unfair"))]
    assert wrong == []
    assert figures.drift < 1.25
    assert min(figures.served) > 0
    assert figures.estimates > 0


@pytest.mark.slow
def test_a_long_batch_takes_no_more_memory_at_its_end(tmp_path: Path, minilm_folder: Path) -> None:
    count = int(os.environ.get("BYLINE_BATCH", "150"))
    done = batch.run_batch(batch.make_archive(tmp_path), count, ["--no-llm"])
    assert (done.errors, done.wrong_lines, done.answered + done.refused) == (0, 0, count)
    assert done.is_flat, f"{done.early_mib} MiB after 100 questions, {done.last_mib} after {count}"
