"""Readers who ask the page, each only about their own invented articles: whatever else they are shown is another's.

They think for a moment, ask, read to the end, open a citation, ask on; now and then they stop an answer, close the tab
in the middle, ask something else before the answer is there, or ask in two tabs at once.
"""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from benchmarks.invented import Reader
from benchmarks.page_client import Layout, PageError, Tab

_AHEAD = re.compile(r"(\d+) questions? ahead of yours, ([^<]*)")
_SECONDS = re.compile(r"about (?:(\d+) minutes?)?(?: and )?(?:(\d+) seconds)?")
_CITED = re.compile(r'data-event="quote" data-exchange="(\d+)" data-number="(\d+)"')
_TAGS = re.compile(r"<[^>]+>")
LOST = ("Stopped before its turn came.", "Stopped, because another question was asked.")


@dataclass(slots=True)
class Seen:
    """What one reader lived through."""

    asked: int = 0
    answered: int = 0
    right: int = 0  # answers that hold what the article says
    refused: int = 0
    stopped: int = 0
    left: int = 0  # tabs closed in the middle
    opened: int = 0  # citations opened in their article
    errors: list[str] = field(default_factory=list)
    mixed_up: list[str] = field(default_factory=list)  # other readers' names, where they were shown
    waits: list[float] = field(default_factory=list)  # seconds in line
    told: list[tuple[int | None, float]] = field(default_factory=list)  # the first estimate, and what it came to

    @property
    def served(self) -> int:
        """How many questions were brought to an end."""
        return self.answered + self.refused


class Turns:
    """Who is being answered, as far as the readers are told; and how long the model rests after somebody stops it."""

    def __init__(self) -> None:
        self.waiting: set[object] = set()
        self._begun: set[object] = set()
        self.after_stop: list[float] = []
        self._stopped_at: float | None = None

    def waits(self, who: object) -> None:
        """Hear that a question stands in line."""
        self.waiting.add(who)

    def begins(self, who: object) -> None:
        """Hear that a question is no longer waiting."""
        self._begun.add(who)
        if who in self.waiting:
            self.waiting.discard(who)
            if self._stopped_at is not None:
                self.after_stop.append(time.monotonic() - self._stopped_at)
                self._stopped_at = None

    def ends(self, who: object) -> None:
        """Hear that a question is over, or its tab gone."""
        self.waiting.discard(who)
        self._begun.discard(who)

    def stopped(self, who: object) -> None:
        """Hear that somebody stops, or leaves; one who stands in line frees no slot."""
        if who in self._begun and self.waiting:
            self._stopped_at = time.monotonic()


class Person:
    """One reader at the page, until it is time to go."""

    def __init__(self, reader: Reader, foreign: re.Pattern[str], turns: Turns, *, think: float, seed: int) -> None:
        self.reader = reader
        self.seen = Seen()
        self._latest: dict[str, _Asked] = {}  # of each tab, the question that was asked last
        self._foreign = foreign
        self.turns = turns
        self._think = think
        self._is_over: Callable[[], bool] = lambda: False
        self._draw = random.Random(f"{seed}-{reader.number}")

    async def live(self, client: httpx.AsyncClient, layout: Layout, until: Callable[[], bool]) -> None:
        """Ask until it is time to go."""
        tab = await self._new_tab(client, layout)
        self._is_over = until
        while not until():
            await asyncio.sleep(self._draw.uniform(0.5, 1.5) * self._think)
            try:
                if await self._do_something(tab, client, layout):
                    tab = await self._new_tab(client, layout)
            except (PageError, httpx.HTTPError, KeyError, ValueError) as error:
                self.seen.errors.append(f"{type(error).__name__}: {error}"[:300])
                await tab.close()
                tab = await self._new_tab(client, layout)
        await tab.close()

    async def _new_tab(self, client: httpx.AsyncClient, layout: Layout) -> Tab:
        tab = Tab(client, layout, reader=f"person-{self.reader.number}")
        await tab.open()
        return tab

    async def _do_something(self, tab: Tab, client: httpx.AsyncClient, layout: Layout) -> bool:
        """Return whether the tab was closed."""
        chance = self._draw.random()
        if chance < 0.72:
            await self._ask(tab)
            if self._draw.random() < 0.4:
                await self._open_citation(tab)
            if self._draw.random() < 0.3 and not self._is_over():
                await self._ask(tab, "And how many days did it take?")
        elif chance < 0.84:
            await self._ask(tab, stop_after=self._draw.uniform(0.05, 3) * max(self._think, 0.2))
        elif chance < 0.91:
            await self._leave(tab)
            return True
        elif chance < 0.96:
            await asyncio.gather(self._ask(tab), self._ask_instead(tab))
        else:
            other = await self._new_tab(client, layout)
            await asyncio.gather(self._ask(tab), self._ask(other))
            await other.close()
        return False

    def _question(self) -> tuple[str, str]:
        story = self._draw.choice(self.reader.stories)
        if self._draw.random() < 0.2:
            return story.unanswered, ""
        fact = self._draw.choice(story.facts)
        return fact.question, fact.answer

    async def _ask_instead(self, tab: Tab) -> None:
        await asyncio.sleep(self._draw.uniform(0.1, 1) * max(self._think, 0.2))
        await self._ask(tab)

    async def _leave(self, tab: Tab) -> None:
        asking = asyncio.ensure_future(self._ask(tab))
        await asyncio.sleep(self._draw.uniform(0.05, 2) * max(self._think, 0.2))
        if not asking.done():
            self.seen.left += 1
            self.turns.stopped(self._latest.get(tab.session))
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await tab.close()

    async def _ask(self, tab: Tab, text: str = "", *, stop_after: float | None = None) -> None:
        question, answer = (text, "") if text else self._question()
        asked = _Asked(question, answer, time.monotonic())
        self.seen.asked += 1
        self._latest[tab.session] = asked
        try:
            async for view in tab.ask(question, outlets=[self.reader.outlet]):
                self._watch(asked, view)
                if stop_after is not None and time.monotonic() - asked.at > stop_after and not asked.is_stopping:
                    asked.is_stopping = True
                    self.turns.stopped(asked)
                    await tab.at_once("stop", "click")
        finally:
            self.turns.ends(asked)
        if self._latest[tab.session] is asked:
            self._conclude(asked, tab.view)
        else:
            self.seen.stopped += 1  # another question of the same tab took its place, and is drawn there now

    def _watch(self, asked: _Asked, view: dict[str, object]) -> None:
        """Hold what is shown now against what only this reader may be shown, and learn whose turn it is."""
        self.check(view)
        waiting = _AHEAD.search(str(view.get("now", "")))
        if waiting:
            self.turns.waits(asked)
            asked.estimate = asked.estimate or (_seconds(waiting[2]),)
        elif asked.begun is None:
            asked.begun = time.monotonic()
            self.turns.begins(asked)
            self.seen.waits.append(asked.begun - asked.at)
            if asked.estimate:
                self.seen.told.append((asked.estimate[0], asked.begun - asked.at))

    def check(self, view: dict[str, object]) -> None:
        """Note every other reader's name in what this one is shown."""
        for name in ("now", "earlier", "sources"):
            shown = html.unescape(_TAGS.sub(" ", str(view.get(name, ""))))
            if found := self._foreign.search(shown):
                around = shown[max(0, found.start() - 80) : found.end() + 80]
                self.seen.mixed_up.append(f"{self.reader.outlet}: {name} shows {found[0]}: …{around}…")

    def _conclude(self, asked: _Asked, view: dict[str, object]) -> None:
        now = str(view.get("now", ""))
        if asked.question not in html.unescape(now):
            self.seen.errors.append(f"another question is shown: {_TAGS.sub(' ', now)[:200]}")
        elif 'class="failure"' in now:
            told = html.unescape(_TAGS.sub(" ", now.partition('class="failure"')[2]))[:200]
            if any(lost in told for lost in LOST):
                self.seen.stopped += 1
            else:
                self.seen.errors.append(told)
        elif "Stopped by you" in now:
            self.seen.stopped += 1
        elif "No answer in the nearest" in now or "Nothing found" in now:
            self.seen.refused += 1
        elif "carried by the quoted words" in now:
            self.seen.answered += 1
            self.seen.right += bool(asked.answer) and asked.answer in html.unescape(_TAGS.sub(" ", now))
        else:
            self.seen.errors.append(f"no end was shown: {_TAGS.sub(' ', now)[-200:]}")

    async def _open_citation(self, tab: Tab) -> None:
        found = _CITED.search(str(tab.view.get("now", "")))
        if not found:
            return
        await tab.at_once("now", "quote", {"exchange": found[1], "number": found[2], "use": "0"})
        self.check(tab.view)
        shown = html.unescape(str(tab.view.get("sources", "")))
        if self.reader.outlet not in shown or "<mark" not in shown:
            self.seen.errors.append(f"citation {found[2]} opened no marked article: {shown[:200]}")
        self.seen.opened += 1


@dataclass(slots=True, eq=False)
class _Asked:
    question: str
    answer: str
    at: float
    begun: float | None = None
    is_stopping: bool = False
    estimate: tuple[int | None] | None = None  # the first that was told


def _seconds(words: str) -> int | None:
    """Return the seconds of a wait told in words; None where it is not known."""
    found = _SECONDS.search(words)
    return int(found[1] or 0) * 60 + int(found[2] or 0) if found else None
