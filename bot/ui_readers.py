"""Whose conversation it is: every browser tab has one of its own, which ends with the tab."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from threading import Event as Flag

import gradio as gr

from bot.exchange import Exchange
from bot.recent import Recent
from bot.used import Highlight

SUPERSEDED = "Stopped, because another question was asked."


@dataclass(frozen=True, slots=True)
class Opened:
    """The article that is open beside an exchange: what of it was asked for, and by which use of the citation."""

    exchange: int
    article_id: str
    chosen: Highlight
    use: int = 0


@dataclass(slots=True)
class Tab:
    """One browser tab's conversation, the exchange under way last, and what is open beside it."""

    exchanges: tuple[Exchange, ...] = ()
    stop: Flag = field(default_factory=Flag)
    opened: Opened | None = None
    asked: int = 0  # an exchange's number is never given twice, also when others took its place

    def begin(self, before: tuple[Exchange, ...]) -> tuple[int, Flag]:
        """Stop what is under way, keep `before`, and return the next exchange's number and what stops it."""
        self.stop.set()
        self.exchanges, self.stop, self.opened, self.asked = before, Flag(), None, self.asked + 1
        return self.asked, self.stop

    @property
    def finished(self) -> tuple[Exchange, ...]:
        """The conversation if nothing further came: what is under way ends here."""
        return tuple(one if one.is_over else replace(one, wrong=SUPERSEDED) for one in self.exchanges)

    def is_answering(self, text: str) -> bool:
        """Return whether the question under way has these words."""
        return any(not one.is_over and one.question.text == text for one in self.exchanges[-1:])


class Readers:
    """The open tabs, by the key that Gradio gives each."""

    def __init__(self) -> None:
        self._tabs: Recent[Tab] = Recent()

    def tab(self, request: gr.Request) -> Tab:
        """Return the tab that a request comes from."""
        return self._tabs.get_or_make(request.session_hash or "", Tab)

    def leave(self, request: gr.Request) -> None:
        """Forget a tab, and stop the model if it still writes for it."""
        tab = self._tabs.drop(request.session_hash or "")
        if tab:
            tab.stop.set()
            tab.stop = Flag()  # what stopped is no longer this tab's, and draws nothing further

    def fill(self, request: gr.Request, exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
        """Make `exchanges` the tab's conversation, numbered anew, without those that are not over; return them."""
        self.leave(request)
        tab, whole = self.tab(request), [one for one in exchanges if one.is_over]
        tab.exchanges = tuple(replace(one, number=number) for number, one in enumerate(whole, start=1))
        tab.asked = len(whole)
        return tab.exchanges

    def clicked(self, event: gr.EventData, request: gr.Request) -> tuple[Exchange | None, int]:
        """Return the exchange a click belongs to, None where it is gone, and the number on the button."""
        exchange, number = carried(event, "exchange"), carried(event, "number")
        return next((one for one in self.tab(request).exchanges if one.number == exchange), None), number


def carried(event: gr.EventData, name: str) -> int:
    """Return a number that a clicked button carries; 0 for anything else."""
    data = event._data if isinstance(event._data, dict) else {}
    value = data.get(name)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else 0
