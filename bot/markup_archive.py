"""Records to escaped HTML: the archive as a list, the form that narrows it, an article to read or to remove.

What the reader sets stands in the form alone; bot/page_archive.js carries a brush over the plot into its dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.markup import KINDS, apart, count, escape, in_words, origin, original, span_in_words, title_of
from bot.markup_article import in_full
from bot.used import Highlight
from index.browse import Browse, Listing
from index.records import SORTS, Article, Kind, Sort, Span
from index.removed import Removed
from index.rows import ArticleRow

PAGE = 50  # articles listed at once
NAMED = 5  # of those to be removed
BEFORE, AFTER = 60, 180  # characters shown around the first of the words that were looked for
CHARACTERS_A_WORD = 6  # of English news, with the space

SORT_NAMES: dict[Sort, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "title": "By title",
    "outlet": "By outlet",
    "longest": "Longest first",
}
KIND_NAMES: dict[Kind, str] = {
    "news": "News",
    "opinion": "Opinion",
    "interview": "Interviews",
    "correction": "Corrections",
}
ALL_OUTLETS = "All outlets"
NOTHING_OPEN = '<p class="nothing">Open an article to read it here.</p>'


# --- the form ------------------------------------------------------------------------------------------------


def form(asked: Browse, outlets: Sequence[tuple[str, int]]) -> str:
    """Return the form with what is asked for set in it."""
    filters = asked.filters
    chosen = {name.casefold() for name in filters.outlets}
    return (
        '<form class="narrow" role="search" aria-label="Narrow the list" autocomplete="off">'
        f'<label class="sought">Words<input type="search" name="words" maxlength="200" value="{escape(asked.words)}"'
        ' placeholder="in titles, texts, outlets, authors" dir="auto"></label>'
        f"{_day_field('since', 'From', filters.since)}{_day_field('until', 'To', filters.until)}"
        f"{_outlet_choice(outlets, chosen)}"
        f"{_choice('kind', 'Kind', [('', 'All kinds'), *KIND_NAMES.items()], asked.kinds[0] if asked.kinds else '')}"
        f"{_choice('sort', 'Sorted', SORT_NAMES.items(), asked.sort)}"
        f'<input type="hidden" name="undated" value="{"1" if asked.undated else ""}"></form>'
    )


def _day_field(name: str, label: str, day: date | None) -> str:
    value = day.isoformat() if day else ""
    return f'<label>{label}<input type="date" name="{name}" value="{value}"></label>'


def _choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    items = "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{words}</option>' for value, words in options
    )
    return f'<label>{label}<select name="{name}">{items}</select></label>'


def _outlet_choice(outlets: Sequence[tuple[str, int]], chosen: set[str]) -> str:
    items = "".join(
        f'<label><input type="checkbox" name="outlet" value="{escape(name)}"'
        f"{' checked' if name.casefold() in chosen else ''}> {apart(name)} <span>{number:,}</span></label>"
        for name, number in outlets
    )
    if not items:
        return ""
    tally = f"{len(chosen)} chosen" if chosen else ALL_OUTLETS
    return (
        '<div class="outlets"><span aria-hidden="true">Outlets</span><details><summary><span class="hidden">Outlets: '
        f'</span><span class="tally" data-none="{ALL_OUTLETS}">{tally}</span></summary>'
        f'<fieldset><legend class="hidden">Outlets</legend>{items}</fieldset></details></div>'
    )


# --- the list ------------------------------------------------------------------------------------------------


def shelf(listing: Listing, asked: Browse, excerpts: Mapping[str, str], *, focus: int = 0) -> str:
    """Return one page of the list; `excerpts` are lines of articles already in HTML. With `focus` its head takes it."""
    if not listing.archive:
        return '<p class="empty">The archive is empty. Add articles to see them here.</p>'
    items = "".join(
        _item(row, place, excerpts.get(row.id, "")) for place, row in enumerate(listing.rows, start=listing.offset + 1)
    )
    body = f'{_PICKED}<ol class="items">{items}</ol>{_pages(listing)}' if items else ""
    takes = f' tabindex="-1" data-focus="{focus}"' if focus else ""
    return (
        f'<section class="shelf" aria-label="Articles"><h2{takes}><span role="status">{_counted(listing)}</span></h2>'
        f"{_narrowed(asked)}{body}</section>"
    )


_PICKED = (
    '<p class="picked"><label><input type="checkbox" class="all"> All on this page</label>'
    '<span class="tally" role="status"></span>'
    '<button type="button" data-take="ticked" hidden>Remove…</button></p>'
)


def _counted(listing: Listing) -> str:
    words = count(listing.total, "article")
    if listing.total < listing.archive:
        words = f"{listing.total:,} of {count(listing.archive, 'article')}"
    if len(listing.rows) < listing.total and listing.rows:
        first = listing.offset + 1
        words += f", {first:,}–{listing.offset + len(listing.rows):,} shown"
    return words


def _narrowed(asked: Browse) -> str:
    if asked.is_everything:
        return ""
    when = "without a date" if asked.undated else span_in_words(asked.filters.since, asked.filters.until)
    dates = (
        f'<button type="button" class="chip" data-set="anydate">{when} <span aria-hidden="true">×</span>'
        '<span class="hidden"> (list any date)</span></button>'
        if when
        else ""
    )
    return f'<p class="narrowed">{dates}<button type="button" class="chip" data-set="all">Clear all limits</button></p>'


def _item(row: ArticleRow, place: int, excerpt: str) -> str:
    title = escape(row.source.title or row.id)
    kind = KINDS.get(row.kind, "")
    badge = f'<span class="kind">{kind}</span>' if kind else ""
    words = f'<p class="words" dir="auto">{excerpt}</p>' if excerpt else ""
    return (
        f'<li class="item"><input type="checkbox" class="tick" aria-label="Tick {title}" value="{escape(row.id)}">'
        f'<div><h3 dir="auto">{badge}<button type="button" id="a{place}" data-event="readarticle"'
        f' data-article="{escape(row.id)}" data-place="{place}">{title_of(row.source)}</button></h3>'
        f'<p class="origin">{origin(row.source)} <span aria-hidden="true">·</span>'
        f" {length_in_words(row.characters)}</p>{words}</div></li>"
    )


def length_in_words(characters: int) -> str:
    """Return about how many words so many characters are, to two figures."""
    words = round(characters / CHARACTERS_A_WORD)
    unit = 10 ** max(len(str(words)) - 2, 0)
    return f"about {count(round(words / unit) * unit, 'word')}"


def _pages(listing: Listing) -> str:
    if listing.total <= PAGE and not listing.offset:
        return ""
    before, after = listing.offset - PAGE, listing.offset + PAGE
    return (
        '<nav class="pages" aria-label="Pages of the list">'
        f"{_turn('Previous', max(before, 0), listing.offset > 0)}"
        f"<span>Page {listing.offset // PAGE + 1:,} of {-(-listing.total // PAGE):,}</span>"
        f"{_turn('Next', after, after < listing.total)}</nav>"
    )


def _turn(words: str, offset: int, is_possible: bool) -> str:
    off = "" if is_possible else " disabled"
    return f'<button type="button" data-event="turn" data-offset="{offset}"{off}>{words}</button>'


def excerpt(article: Article, spans: Sequence[Span]) -> str:
    """Return the words around the first span in the body, spans marked, as HTML; empty without one."""
    text = article.text
    body = [span for span in spans if all(not mark.start <= span.start < mark.end for mark in article.marks)]
    if not body:
        return ""
    first = body[0]
    paragraph = text.rfind("\n", 0, first.start) + 1
    start, end = max(paragraph, first.start - BEFORE), (text + "\n").find("\n", first.end)
    if start > paragraph:
        start = text.find(" ", start, first.start) + 1 or first.start
    cut = text.rfind(" ", first.end, first.end + AFTER) if end > first.end + AFTER else end
    cut = cut if cut > 0 else first.end
    shown, done = "… " if start > paragraph else "", start
    for span in body:
        if done <= span.start and span.end <= cut:
            shown += f"{escape(text[done : span.start])}<mark>{escape(text[span.start : span.end])}</mark>"
            done = span.end
    return shown + escape(text[done:cut]) + (" …" if cut < end else "")


# --- reading and removing ------------------------------------------------------------------------------------


def reading(article: Article, spans: Sequence[Span], place: int, *, focus: int) -> str:
    """Return an article to read, with the words that were looked for marked; `place` is where it stands in the list."""
    lights = [Highlight(span.start, span.end) for span in spans]
    first = lights[0] if lights else Highlight(-1, -1)
    home = "" if lights else f' data-focus="{focus}"'
    return (
        '<section class="reading" aria-label="Article"><p class="actions">'
        f'<a href="#a{place}"{home}>Back to the list</a>{original(article.source)}'
        f'<button type="button" data-take="this" data-article="{escape(article.id)}">Remove…</button></p>'
        f"{in_full(article, lights, first, focus=focus)}</section>"
    )


def confirmation(articles: Sequence[Article], *, focus: int) -> str:
    """Return the question whether these are to be removed, with what follows from it."""
    named = "".join(
        f'<li dir="auto">{title_of(one.source)} <small>{origin(one.source)}</small></li>' for one in articles[:NAMED]
    )
    more = f"<li>and {len(articles) - NAMED:,} more</li>" if len(articles) > NAMED else ""
    what = count(len(articles), "article")
    return (
        '<div class="asking" role="alertdialog" aria-labelledby="asking-what" aria-describedby="asking-how"'
        f' tabindex="-1" data-focus="{focus}"><h2 id="asking-what">Remove {what}?</h2><ul>{named}{more}</ul>'
        f'<p id="asking-how">{_MANY if len(articles) > 1 else _ONE}</p><p class="actions">'
        f'<button type="button" data-event="confirmtakeout" class="wrong">Remove {what}</button>'
        '<button type="button" data-event="keeparticles">Cancel</button></p></div>'
    )


_ONE = (
    "It leaves the archive and every search, and is left out when its file is indexed again, until you let it back."
    " The file itself stays."
)
_MANY = (
    "They leave the archive and every search, and are left out when their files are indexed again, until you let them"
    " back. The files themselves stay."
)


def told(words: str) -> str:
    """Return a line that says what was done."""
    return f'<p class="told" role="status">{words}</p>'


def gone(removed: Sequence[Removed], *, is_open: bool = False) -> str:
    """Return what was removed, folded unless open, each with a button that lets it back; empty where nothing was."""
    if not removed:
        return ""
    items = "".join(
        f'<li><span dir="auto">{title_of(one.source)}</span> <small>{origin(one.source)}'
        f"{f' · removed {in_words(one.day)}' if one.day else ''}</small>"
        f' <button type="button" data-event="letback" data-article="{escape(one.id)}"'
        f' aria-label="Let back {escape(one.source.title or one.id)}">Let back</button></li>'
        for one in removed
    )
    fold = f'<details class="gone"{" open" if is_open else ""}><summary>Removed <span>{len(removed):,}</span></summary>'
    return f"{fold}<ul>{items}</ul></details>"


def sort_of(name: object) -> Sort:
    """Return the order of this name, the usual one for any other."""
    return next((sort for sort in SORTS if sort == name), "newest")
