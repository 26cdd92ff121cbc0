"""Conversations on the page: kept when an exchange ends, listed in a drawer, and brought back by the page's address.

Which one a browser tab holds stands in its address (?c=…): a reload, also after a restart, shows it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import gradio as gr

from bot import markup_kept
from bot.conversations import Conversations
from bot.kept import Place, Thumb, Vote
from bot.recent import Recent
from bot.ui_events import Events, Updates
from bot.ui_shared import AT_ONCE, HERE, QUIET, html
from index.errors import BylineError

if TYPE_CHECKING:
    from bot.app import Desk

GONE = "The conversation that this address names is not kept any more."
UNKEPT = "This conversation could not be kept"


@dataclass(slots=True)
class Kept:
    """What is kept of one browser tab's conversation, and its votes by the number of their exchange on the page."""

    place: Place | None = None
    votes: dict[int, Vote] = field(default_factory=dict)
    wrong: str = ""
    mend: str = ""


class KeptView:
    """The drawer of conversations, and the votes under answers."""

    def __init__(self, desk: Desk) -> None:
        self.conversations = Conversations(desk.archive.folder)
        self._tabs: Recent[Kept] = Recent()

    def place(self) -> None:
        """Place the components, in the masthead."""
        html("keeping", value=markup_kept.OPENER)
        self.drawer = html("kept", script=_script())
        self.here = html("here", script=_script())

    def wire(self, page: Any, events: Events, again: Any) -> None:
        """Connect them to what they do, and to the ask view; `again` begins a new conversation."""
        self.events = events
        drawn = [self.here, self.drawer]
        everything = [*events.shown, *drawn]
        events.ended.append(self.keep)
        page.load(self.arrive, outputs=everything, **QUIET)
        page.unload(self.leave)
        for question in events.questions:
            question.then(self.draw, outputs=drawn, **AT_ONCE)
        again.click(self.begin_again, outputs=drawn, **AT_ONCE)
        self.drawer.reopen(self.reopen, outputs=everything, cancels=events.questions, **AT_ONCE)
        self.drawer.discard(self.discard, outputs=everything, **AT_ONCE)
        self.drawer.discardall(self.discard_all, outputs=everything, **AT_ONCE)
        self.drawer.rename(self.rename, outputs=drawn, **AT_ONCE)
        self.drawer.refresh(self.draw, outputs=drawn, **AT_ONCE)
        self.here.vote(self.vote, outputs=self.here, **AT_ONCE)

    def _tab(self, request: gr.Request) -> Kept:
        return self._tabs.get_or_make(request.session_hash or "", Kept)

    def leave(self, request: gr.Request) -> None:
        """Forget a browser tab; what it asked is kept."""
        self._tabs.drop(request.session_hash or "")

    def arrive(self, request: gr.Request) -> Updates:
        """Return the conversation that the page's address names, as it was."""
        id = str(request.query_params.get("c", ""))
        return {**(self._open(id, request) if id else {}), **self.draw(request)}

    def reopen(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Show the conversation that was chosen in this browser tab."""
        return {**self._open(_carried(event, "c"), request), **self.draw(request)}

    def _open(self, id: str, request: gr.Request) -> Updates:
        tab = self._tabs.put(request.session_hash or "", Kept())
        try:
            found = self.conversations.open(id)
        except BylineError as error:
            found, tab.wrong, tab.mend = None, error.wrong, error.mend
        if found is None:
            tab.wrong = tab.wrong or GONE
            return self.events.restore((), request)
        tab.place = found.place
        tab.votes = {one.exchange.number: one.vote for one in found.kept if one.vote}
        return self.events.restore(found.exchanges, request)

    def keep(self, request: gr.Request) -> None:
        """Keep this browser tab's conversation as it stands, without what is under way."""
        tab, whole = self._tab(request), self._finished(request)
        if not whole:
            return
        before = tab.place
        try:
            tab.place = self.conversations.keep([exchange for _, exchange in whole], at=before)
            tab.wrong = tab.mend = ""
            if before and tab.place.id != before.id:  # a conversation of its own now, with the votes given here
                for at, (number, _) in enumerate(whole, start=1):
                    self.conversations.vote(tab.place.id, at, tab.votes.get(number))
        except BylineError as error:
            tab.wrong, tab.mend = f"{UNKEPT}: {error.wrong}", error.mend

    def _finished(self, request: gr.Request) -> list[tuple[int, Any]]:
        """Return the exchanges that are kept, each with its number on the page."""
        return [(one.number, one) for one in self.events.conversation(request) if one.is_over]

    def draw(self, request: gr.Request) -> Updates:
        """Return which conversation is open, and the list of all."""
        return self._draw(request, told="")

    def _draw(self, request: gr.Request, *, told: str) -> Updates:
        tab = self._tab(request)
        current = tab.place.id if tab.place else ""
        try:
            drawer = markup_kept.drawer(self.conversations.listed(), current, date.today(), told=told)
        except BylineError as error:
            drawer = markup_kept.unlisted(error.wrong, error.mend)
        return {self.here: self._here(tab), self.drawer: drawer}

    def _here(self, tab: Kept) -> str:
        return markup_kept.here(tab.place.id if tab.place else "", tab.votes, wrong=tab.wrong, mend=tab.mend)

    def begin_again(self, request: gr.Request) -> Updates:
        """Let go of the conversation, which stays in the list."""
        self.leave(request)
        return self.draw(request)

    def rename(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Give a conversation another title."""
        return self._change(
            request, lambda: self.conversations.rename(_carried(event, "c"), _carried(event, "text")), "Renamed."
        )

    def discard(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Delete a conversation; where it is the one shown here, begin a new one."""
        id, place = _carried(event, "c"), self._tab(request).place
        shown = self._let_go(request) if place and place.id == id else {}
        return {**shown, **self._change(request, lambda: self.conversations.delete(id), "Deleted.")}

    def discard_all(self, request: gr.Request) -> Updates:
        """Delete all conversations, and begin a new one."""
        shown = self._let_go(request)
        return {**shown, **self._change(request, self.conversations.delete_all, "All are deleted.")}

    def _change(self, request: gr.Request, change: Callable[[], object], done: str) -> Updates:
        """Make a change to what is kept, and return the list as it then is with what came of it."""
        try:
            told = done if change() else ""
        except BylineError as error:
            told = f"{error.wrong} {error.mend}".strip()
        return self._draw(request, told=told)

    def _let_go(self, request: gr.Request) -> Updates:
        self.leave(request)
        return self.events.restore((), request)

    def vote(self, event: gr.EventData, request: gr.Request) -> str:
        """Keep what the reader thinks of an answer, or that they no longer do."""
        tab, thumb = self._tab(request), _carried(event, "thumb")
        numbers = [str(number) for number, _ in self._finished(request)]
        chosen = _carried(event, "exchange")
        if tab.place is None or chosen not in numbers:
            return self._here(tab)
        vote = Vote(thumb, _carried(event, "reason")) if thumb in get_args(Thumb) else None  # type: ignore[arg-type]
        try:
            if self.conversations.vote(tab.place.id, numbers.index(chosen) + 1, vote):
                tab.votes.pop(int(chosen), None)
                tab.votes.update({int(chosen): vote} if vote else {})
        except BylineError as error:
            tab.wrong, tab.mend = error.wrong, error.mend
        return self._here(tab)


def _carried(event: gr.EventData, name: str) -> str:
    """Return what a button or field carries under a name; empty for nothing."""
    data = event._data if isinstance(event._data, dict) else {}
    value = data.get(name)
    return value if isinstance(value, str) else ""


@cache
def _script() -> str:
    return (HERE / "page_kept.js").read_text(encoding="utf-8")
