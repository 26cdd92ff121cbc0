"""Records to escaped HTML: articles being added, and the report of what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.adding import Addition, in_words
from bot.markup import apart, count, escape, origin, title_of
from index.records import Article, BuildReport, Skipped, Taken

SHOWN = 100  # lines of a report; the rest is counted

EMPTY = (
    '<div class="tally-empty"><h2>What happens here</h2>'
    "<p>What you add is copied into the archive’s folder on this machine and can be asked about as soon as it is "
    "indexed. Nothing is sent anywhere.</p><p>The same article twice is stored once. Whatever cannot be read is named "
    "here, with the reason.</p></div>"
)


BUSY_NO_MORE = ("The other adding is done. Yours had not been taken.", "add it again now")


def progress(now: Addition) -> str:
    """Return how far an adding has come: what is done, on which file, how many articles, how long it will take."""
    left = f" — {in_words(now.left)}" if now.left is not None else ""
    name = f': <span class="file">{apart(now.name)}</span>' if now.name else ""
    words = "Stopping" if now.stopping else now.doing
    known = f' max="1" value="{now.share:.3f}"' if now.share else ""
    # The counts change all the time; a screen reader is told of the stages only.
    return (
        f'<div class="adding" data-show="p{now.number}"><p class="doing"><span role="status">{escape(words)}</span>'
        f'<span aria-hidden="true">{name}</span></p>'
        f'<progress{known} aria-label="How much is done"></progress>'
        f'<p class="counts">{_counts(now)}{left}</p></div>'
    )


def _counts(now: Addition) -> str:
    parts = []
    if now.received:
        parts.append(f"{now.received / 1000:,.0f} kB")
    if now.files > 1:
        parts.append(f"file {now.file:,} of {now.files:,}" if now.file else count(now.files, "file"))
    if now.read:
        parts.append(f"{count(now.read, 'article')} read, {now.stored:,} of them stored")
    return " · ".join(parts) or "&nbsp;"


def busy(now: Addition) -> str:
    """Return that this reader's articles were not taken, because another adding is under way, and how far that is."""
    return (
        '<div class="report failure" role="alert"><p>Articles are being added already, one adding at a time. '
        f"Yours have not been taken.</p></div>{progress(now)}"
    )


def failure(number: int, wrong: str, mend: str) -> str:
    """Return what was wrong with what a reader wanted to add."""
    more = f'<p class="next">{escape(mend[:1].upper() + mend[1:])}.</p>' if mend else ""
    return f'<div class="report failure" role="alert" data-show="f{number}"><p>{escape(wrong)}</p>{more}</div>'


def report(number: int, built: BuildReport, title_of_id: Callable[[str], str]) -> str:
    """Return what became of all that was added; `title_of_id` tells the title of a stored article."""
    lines = _lines(built, title_of_id)
    shown = [next(lines, "") for _ in range(SHOWN)]
    total = len(built.skipped) + built.added + built.updated + built.duplicates + built.left_out
    more = total - sum(1 for line in shown if line)
    groups = "".join(shown) + "</ul>" if any(shown) else ""
    rest = f'<p class="aside">and {more:,} more</p>' if more > 0 else ""
    ended = '<p class="stopped">Stopped here. What is listed is kept; add the same again to go on.</p>'
    heading = f'<h2 tabindex="-1" data-focus="a{number}">{_headline(built)}</h2>'
    body = f"{ended if built.stopped else ''}{_tally(built)}{groups}{rest}"
    return f'<section class="added" aria-label="What was added">{heading}{body}</section>'


def _headline(built: BuildReport) -> str:
    if built.added:
        return f"{count(built.added, 'article')} added"
    if built.updated:
        return f"{count(built.updated, 'article')} updated"
    return "Nothing new was added"


def _tally(built: BuildReport) -> str:
    told = {
        "added": built.added,
        "updated": built.updated,
        "unchanged": built.unchanged,
        "duplicate": built.duplicates,
        "left out": built.left_out,
        "removed": built.removed,
        "skipped": len(built.skipped),
    }
    items = "".join(f"<li><b>{number:,}</b> {name}</li>" for name, number in told.items() if number)
    return f'<ul class="tally">{items}</ul>' if items else ""


def _lines(built: BuildReport, title_of_id: Callable[[str], str]) -> Iterator[str]:
    """Yield the items of the report with the headings of their groups, what went wrong first."""
    open_list = ""
    groups: tuple[tuple[str, Sequence[Skipped] | Sequence[Taken]], ...] = (
        ("Skipped", built.skipped),
        ("Added", [one for one in built.taken if one.what == "added"]),
        ("Updated", [one for one in built.taken if one.what == "updated"]),
        ("In the archive already", [one for one in built.taken if one.what == "duplicate"]),
        ("Removed before, so left out", [one for one in built.taken if one.what == "left out"]),
    )
    for name, members in groups:
        heading = f"{open_list}<h3>{name}</h3><ul>"
        for one in members:
            yield heading + (_skipped(one) if isinstance(one, Skipped) else _taken(one, title_of_id))
            heading, open_list = "", "</ul>"


def _file(path: str, where: str) -> str:
    name = apart(Path(path).name)
    return f"{name}, {apart(where)}" if where else name


def _skipped(one: Skipped) -> str:
    return f'<li class="left-out"><span class="file">{_file(one.path, one.where)}</span>: {escape(one.reason)}</li>'


def _taken(one: Taken, title_of_id: Callable[[str], str]) -> str:
    title = one.title or Path(one.path).name
    file = f'<span class="file">{_file(one.path, one.where)}</span>'
    if one.what == "duplicate":
        return f"<li>{apart(title)} is the same as {_open(one.id, title_of_id(one.id) or title)} {file}</li>"
    if one.what == "left out":
        return f"<li>{apart(title)} {file}; the archive’s list of what was removed lets it back</li>"
    return f"<li>{_open(one.id, title)} {file}</li>"


def _open(id: str, title: str) -> str:
    return f'<button type="button" data-event="openadded" data-article="{escape(id)}">{apart(title)}</button>'


def article(number: int, found: Article) -> str:
    """Return the text of an added article, with the way back to the report."""
    body = "".join(f'<p dir="auto">{escape(line)}</p>' for line in found.text.split("\n") if line.strip())
    titled = any(mark.role == "headline" for mark in found.marks)
    title = "" if titled else f'<h2 dir="auto">{title_of(found.source)}</h2>'
    return (
        '<section class="reading" aria-label="Article"><p class="actions">'
        f'<button type="button" data-event="backtoreport" data-focus="o{number}">Back to the report</button></p>'
        f'<article>{title}<p class="origin">{origin(found.source)}</p>{body}</article></section>'
    )
