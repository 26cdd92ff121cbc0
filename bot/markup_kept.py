"""Records to escaped HTML: the drawer of conversations, and what can be done with a finished answer.

Which answer has which vote is told once, in `here`; bot/page_kept.js shows it where the answers stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from bot.exchange import Exchange
from bot.export import answer_with_sources
from bot.kept import LONGEST_REASON, LONGEST_TITLE, Listed, Vote
from bot.markup import count, escape, in_words

SHOWN = 300  # conversations listed; a longer list is for the command line
OPENER = '<button type="button" popovertarget="kept" aria-haspopup="dialog">Conversations</button>'
NOTHING_KEPT = '<p class="aside">What you ask is kept here, on this machine.</p>'
_DOWNLOADS = (
    *(("md", "Markdown"), ("html", "HTML"), ("json", "JSON")),
    *(("bibtex", "BibTeX"), ("csl", "Zotero (CSL)"), ("csv", "CSV")),
)
# Its picture is in the style sheet.
_THUMB = (
    '<button type="button" class="thumb {thumb}" data-thumb="{thumb}" aria-pressed="false" aria-label="{name}"'
    ' title="{name}"></button>'
)


def below(this: Exchange) -> str:
    """Return what can be done with a finished answer: copy it with its sources, and say whether it is right."""
    answer = this.answer
    if answer is None or not answer.text.strip():
        return ""
    copied = escape(answer_with_sources(answer))
    up, down = ("Right", "Wrong") if answer.answered else ("Rightly refused", "The archive does say")
    thumbs = "" if answer.stopped else _thumbs(this.number, up, down)
    return (
        f'<div class="keep" data-exchange="{this.number}">'
        f'<button type="button" class="copy" data-copy="{copied}">Copy with sources</button>'
        f'{thumbs}<span class="told" aria-live="polite"></span></div>'
    )


def _thumbs(number: int, up: str, down: str) -> str:
    name = f"w{number}"
    buttons = _THUMB.format(thumb="up", name=up) + _THUMB.format(thumb="down", name=down)
    return (
        f'<span class="thumbs" role="group" aria-label="Is this answer right?">{buttons}</span>'
        f'<span class="why" hidden><label for="{name}">Why?</label><input id="{name}" type="text" dir="auto"'
        f' maxlength="{LONGEST_REASON}" autocomplete="off" placeholder="if you like"></span>'
    )


def here(id: str, votes: Mapping[int, Vote], *, wrong: str = "", mend: str = "") -> str:
    """Return which conversation this browser tab holds and what its answers were voted; and what went wrong with it."""
    told = json.dumps({str(number): {"thumb": vote.thumb, "reason": vote.reason} for number, vote in votes.items()})
    more = f' <span class="mend">{escape(mend)}</span>' if mend else ""
    notice = f'<p class="unkept" role="alert">{escape(wrong)}{more}</p>' if wrong else ""
    return f'<span hidden data-c="{escape(id)}" data-votes="{escape(told)}"></span>{notice}'


def drawer(listed: Sequence[Listed], current: str, today: date, *, told: str = "") -> str:
    """Return the conversations by the day on which they were last gone on with, the `current` one marked."""
    shown = listed[:SHOWN]
    days = groupby(shown, key=lambda one: one.changed.astimezone().date())
    body = "".join(_day(day, list(ones), current, today) for day, ones in days) or NOTHING_KEPT
    more = (
        f'<p class="aside">and {len(listed) - SHOWN:,} older ones: byline conversations</p>' if listed[SHOWN:] else ""
    )
    every = _sure("Delete all conversations", "discardall", "", "Delete all of them for good") if listed else ""
    return (
        '<div class="top"><h2 tabindex="-1">Conversations</h2>'
        '<button type="button" class="close" popovertarget="kept" popovertargetaction="hide">Close</button></div>'
        f'<p class="told" role="status">{escape(told)}</p>{body}{more}{every}'
    )


def unlisted(wrong: str, mend: str) -> str:
    """Return the drawer where the conversations cannot be read."""
    return drawer((), "", date.min).replace(
        NOTHING_KEPT, f'<p role="alert">{escape(wrong)}</p><p class="mend">{escape(mend)}</p>'
    )


def _day(day: date, listed: Sequence[Listed], current: str, today: date) -> str:
    name = {today: "Today", today - timedelta(days=1): "Yesterday"}.get(day, in_words(day)) if day > date.min else ""
    return f"<section><h3>{name}</h3><ul>{''.join(_one(one, current) for one in listed)}</ul></section>"


def _one(one: Listed, current: str) -> str:
    title, id, field = escape(one.title), escape(one.id), f"t{escape(one.id)}"
    is_here = ' aria-current="true"' if one.id == current else ""
    files = " ".join(f'<a href="conversations/{id}.{ending}" download>{name}</a>' for ending, name in _DOWNLOADS)
    return (
        f'<li{is_here}><a class="title" href="?c={id}" data-event="reopen" data-c="{id}" dir="auto">{title}</a>'
        f'<details class="more"><summary aria-label="Rename, export or delete: {title}">'
        f'<span class="aside">{one.changed.astimezone():%H:%M} · {count(one.exchanges, "question")}</span></summary>'
        f'<p class="field"><label for="{field}">Title</label><input id="{field}" type="text" dir="auto" value="{title}"'
        f' maxlength="{LONGEST_TITLE}" autocomplete="off"><button type="button" data-event="rename" data-c="{id}"'
        f' data-from="{field}">Rename</button></p><p class="files">Download {files}</p>'
        f"{_sure('Delete', 'discard', id, 'Delete for good')}</details></li>"
    )


def _sure(ask: str, event: str, id: str, do: str) -> str:
    """A deletion, which takes two steps."""
    button = f'<button type="button" data-event="{event}" data-c="{id}">{do}</button>'
    return f'<details class="sure"><summary>{ask}</summary>{button}</details>'
