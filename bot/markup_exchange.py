"""Records to escaped HTML: one question of the conversation with its answer, from the moment it is asked.

Its five parts keep their places from the first drawing to the last, so that the page fills and never jumps, and
a screen reader hears of the stage and the verdict from one line that stays.
"""

from __future__ import annotations

from bot.exchange import Exchange
from bot.line import about
from bot.markup import apart, count, escape, found_in_words, span_in_words
from bot.markup_answer import shown
from bot.markup_kept import below
from bot.records import Answer, Implied
from index.records import Filters

STAGES = {
    "searching": "Searching the archive",
    "reading": "Reading what was found",
    "writing": "Writing",
    "checking": "Checking every sentence against the articles",
}
SLOW_SECONDS = 3  # from here on the wait is counted


def conversation(exchanges: tuple[Exchange, ...], *, after: int = 0) -> str:
    """Return earlier exchanges; `after` questions come after them."""
    last = len(exchanges) + after
    return "".join(exchange(one, after=last - place) for place, one in enumerate(exchanges, start=1))


def exchange(this: Exchange, *, after: int | None = None) -> str:
    """Return one question with its answer as far as it has come.

    `after` is how many questions come after it. Without it this is the latest, whose stage is announced, and which
    can be asked again and followed up.
    """
    is_latest = after is None
    return (
        f'<article class="exchange" id="x{this.number}">'
        f'<h2 class="question" dir="auto" tabindex="-1">{escape(this.question.text)}</h2>'
        f'<div class="search">{_search(this)}</div>{_status(this, is_live=is_latest)}'
        f'<div class="body" aria-busy="{"false" if this.is_over else "true"}">{_body(this)}</div>'
        f'<div class="after">{_after(this, after or 0, is_latest=is_latest) if this.is_over else ""}</div></article>'
    )


# --- how it was understood -----------------------------------------------------------------------------------


def _search(this: Exchange) -> str:
    own = this.question.filters
    if this.found is None:
        return _understood(this, "") + limits(own, own) + _any_date(this)
    said = this.found.implied
    when = implied(this.number, said, is_over=this.is_over) if said else ""
    understood = this.found.standalone_question.strip()
    return _understood(this, understood) + limits(this.found.applied, own) + when + _any_date(this)


def _any_date(this: Exchange) -> str:
    return '<p class="limits">Asked again, for articles of any date</p>' if this.question.any_date else ""


def _understood(this: Exchange, words: str) -> str:
    """Return how a follow-up was understood; once it is over, in a field to put it right and ask again.

    The field is there from the start, because nothing may move when it can be written in.
    """
    asked = this.question.text.strip()
    if (words or asked) == asked and not this.question.history:
        return ""
    name = f"u{this.number}"
    field, button = ("", "") if this.is_over else (" readonly", " disabled")
    return (
        f'<p class="understood"><label for="{name}">Understood as:</label>'
        f'<input id="{name}" type="text" dir="auto" maxlength="4000" autocomplete="off"{field} value="{escape(words)}">'
        f'<button type="button" data-event="revise" data-from="{name}"{button}>Ask this</button></p>'
    )


def limits(applied: Filters, own: Filters) -> str:
    """Return the line that says which articles were searched, and who asked for it; empty for all of them."""
    if applied.is_empty:
        return ""
    parts = [f"from {span}" for span in (span_in_words(applied.since, applied.until),) if span]
    parts += [f"in {' or '.join(apart(name) for name in applied.outlets)}"] if applied.outlets else []
    parts += [f"by {' or '.join(apart(name) for name in applied.authors)}"] if applied.authors else []
    asker = "your limits" if applied == own else "asked by your question"
    if applied != own and not own.is_empty:
        asker = "your limits and your question together"
    return f'<p class="limits">Only articles {", ".join(parts)} — {asker}</p>'


def implied(number: int, found: Implied, *, is_over: bool) -> str:
    """Return the line that says how the question's words about when were read, with a button that takes it away."""
    words = f"<q>{apart(found.phrase)}</q>"
    if found.is_limit:
        line = f"Because of {words} in your question."
    elif found.since or found.until:
        line = (
            f"Articles from {span_in_words(found.since, found.until)} come first, because of {words} in your question."
        )
    else:
        line = f"The newest articles come first, because of {words} in your question."
    button = (
        f' <button type="button" class="chip" data-event="anydate" data-exchange="{number}"'
        ' aria-label="Ask again, for articles of any date">any date <span aria-hidden="true">×</span></button>'
    )
    return f'<p class="limits implied">{line}{button if is_over else ""}</p>'


# --- stage and verdict ---------------------------------------------------------------------------------------


def _status(this: Exchange, *, is_live: bool) -> str:
    """The one live line of an exchange: what is being done, and at the end what came of it."""
    role = ' role="status"' if is_live else ""
    if this.wrong:
        return f'<p class="stage done"{role}></p>'
    if this.answer:
        return f'<p class="stage done"{role}>{_verdict(this.answer)}</p>'
    # The seconds change all the time; a screen reader is told of the stages only.
    so_far = f'<span class="seconds" aria-hidden="true">{this.seconds} s</span>' if this.seconds >= SLOW_SECONDS else ""
    return f'<p class="stage"{role}><span class="pulse" aria-hidden="true"></span>{_stage(this)}{so_far}</p>'


def _stage(this: Exchange) -> str:
    if this.is_stopping:
        return "Stopping"
    if this.ahead:
        return f"Waiting for the model: {count(this.ahead, 'question')} ahead of yours, {about(this.wait_seconds)}"
    if this.found and this.stage == "reading":
        return f"Reading {found_in_words(this.found.retrieved)}"
    return STAGES[this.stage]


def _verdict(answer: Answer) -> str:
    if answer.stopped:
        return "Stopped by you"
    if not answer.answered:
        return f"No answer in the nearest {found_in_words(answer.retrieved)}" if answer.retrieved else "Nothing found"
    whole = len(answer.sentences)
    carried = sum(sentence.support == "supported" for sentence in answer.sentences)
    if carried == whole:
        words = "Every sentence is" if whole > 1 else "The answer is"
        return f"{words} carried by the quoted words"
    return f"{carried} of {count(whole, 'sentence')} fully carried by the quoted words"


# --- the answer, and what can be done with it ----------------------------------------------------------------


def _body(this: Exchange) -> str:
    if this.wrong:
        mend = f'<p class="mend">{escape(this.mend)}</p>' if this.mend else ""
        return f'<div class="failure" role="alert"><p>{escape(this.wrong)}</p>{mend}</div>'
    if this.answer:
        return shown(this.number, this.answer, this.draft)
    checking = " checking" if this.stage == "checking" else ""
    return f'<p class="draft{checking}" dir="auto">{escape(this.draft)}</p>' if this.draft else ""


def _after(this: Exchange, after: int, *, is_latest: bool) -> str:
    number = this.number
    found = this.answer.retrieved or this.answer.quoted if this.answer else ()
    sources = _button("sources", number, "All sources") if found else ""
    again = _button("again", number, "Ask again") if is_latest else ""
    offered = _follow_ups(this.follow_ups) if is_latest else ""
    return f'<div class="actions">{sources}{again}{_edit(this, after)}</div>{below(this)}{offered}'


def _button(event: str, number: int, words: str) -> str:
    return f'<button type="button" data-event="{event}" data-exchange="{number}">{words}</button>'


def _edit(this: Exchange, after: int) -> str:
    """Return the question in a field, to be asked in its place; it says what goes when it is."""
    name = f"e{this.number}"
    goes = {0: "", 1: "The question after it goes too, with its answer."}
    told = goes.get(after, f"The {after} questions after it go too, with their answers.")
    return (
        f'<details class="edit"><summary>Edit question</summary><div><label for="{name}">In other words:</label>'
        f'<textarea id="{name}" rows="2" dir="auto" maxlength="4000">{escape(this.question.text)}</textarea>'
        f'<p class="aside">{told}</p><button type="button" data-event="edit" data-exchange="{this.number}"'
        f' data-from="{name}">Ask instead</button></div></details>'
    )


def _follow_ups(questions: tuple[str, ...]) -> str:
    offers = "".join(
        f'<li><button type="button" data-event="example" data-text="{escape(text)}">{escape(text)}</button></li>'
        for text in questions
    )
    return f'<section class="follow-ups"><h3>Ask further</h3><ul>{offers}</ul></section>' if offers else ""
