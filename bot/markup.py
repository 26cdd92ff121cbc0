"""Records to escaped HTML: the conversation. The words of articles, readers and models are only ever text here.

Nothing is read as Markdown, and the only links are those that this module makes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from bot.exchange import Exchange
from bot.records import Answer, Citation, Implied, Sentence, Version
from bot.show import OTHERWISE
from index.records import Filters, Hit, Source

MONTHS = "January February March April May June July August September October November December".split()
STAGES = {
    "searching": "Searching the archive",
    "reading": "Reading what was found",
    "writing": "Writing",
    "checking": "Checking every sentence against the articles",
}
SLOW_SECONDS = 3  # from here on the wait is counted
# A lone surrogate cannot be sent as UTF-8 and a NUL ends a string in some browsers. One character for one, so
# that offsets stay what they are.
_UNSENDABLE = re.compile("[\ud800-\udfff\x00]")


def escape(text: str) -> str:
    """Return `text` as HTML that shows exactly it, in an element or in a quoted attribute."""
    return html.escape(_UNSENDABLE.sub("\ufffd", text), quote=True)


def apart(text: str) -> str:
    """Return `text` escaped and kept from turning the writing direction of what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def in_words(day: date) -> str:
    """Return a date as a newspaper writes it: 7 June 2017."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_in_words(since: date | None, until: date | None) -> str:
    """Return a range of dates in words, as short as it stays clear; empty for no range."""
    if since and until:
        if since == until:
            return in_words(since)
        if (since.year, since.month) == (until.year, until.month):
            return f"{since.day}–{in_words(until)}"
        if since.year == until.year:
            return f"{since.day} {MONTHS[since.month - 1]} – {in_words(until)}"
        return f"{in_words(since)} – {in_words(until)}"
    if since:
        return f"{in_words(since)} onwards"
    return f"{in_words(until)} or earlier" if until else ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: 1 article, 1,200 articles."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def web_address(url: str) -> str:
    """Return `url` when it is one a browser may be sent to, else the empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def origin(source: Source) -> str:
    """Return outlet, author and date of an article as one line."""
    known = [apart(name) for name in (source.outlet, source.author) if name]
    day = source.published
    known.append(f'<time datetime="{day.isoformat()}">{in_words(day)}</time>' if day else "undated")
    return ' <span aria-hidden="true">·</span> '.join(known)


def title_of(source: Source) -> str:
    """Return the headline, or what else names the article, escaped."""
    return apart(source.title or source.path or source.url or "Untitled article")


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


def exchange(this: Exchange) -> str:
    """Return one question with its answer as far as it has come."""
    busy = "false" if this.is_over else "true"
    return (
        f'<article class="exchange" id="x{this.number}" aria-busy="{busy}">'
        f'<h2 class="question" dir="auto">{escape(this.question.text)}</h2>'
        f"{_search(this)}{_status(this)}{_body(this)}</article>"
    )


def _search(this: Exchange) -> str:
    if this.found is None:
        return ""
    understood = this.found.standalone_question.strip()
    line = ""
    if understood and understood != this.question.text.strip():
        line = _understood(this, understood)
    said = this.found.implied
    when = implied(this.number, said, is_over=this.is_over) if said else ""
    return line + limits(this.found.applied, this.question.filters) + when + _any_date(this)


def _any_date(this: Exchange) -> str:
    return '<p class="limits">Asked again, for articles of any date</p>' if this.question.any_date else ""


def _understood(this: Exchange, words: str) -> str:
    """Return how a follow-up was understood; once it is over, in a field to put it right and ask again."""
    if not this.is_over:
        return f'<p class="understood">Understood as: <q dir="auto">{escape(words)}</q></p>'
    name = f"u{this.number}"
    return (
        f'<p class="understood"><label for="{name}">Understood as:</label>'
        f'<input id="{name}" type="text" dir="auto" maxlength="4000" autocomplete="off" value="{escape(words)}">'
        f'<button type="button" data-event="revise" data-from="{name}">Ask again</button></p>'
    )


def _status(this: Exchange) -> str:
    """The one live line of an exchange: what is being done, and at the end what came of it."""
    if this.wrong:
        return ""
    if this.answer:
        seen = "stage done" if this.answer.answered or this.answer.stopped else "hidden"  # a refusal is seen anyway
        return f'<p class="{seen}" role="status">{_verdict(this.answer)}</p>'
    if this.ahead:
        words = f"Waiting for the model: {count(this.ahead, 'question')} ahead of yours"
    else:
        words = STAGES[this.stage]
        if this.found and this.stage == "reading":
            words = f"Reading {found_in_words(this.found.retrieved)}"
    # The seconds change all the time; a screen reader is told of the stages only.
    so_far = f'<span class="seconds" aria-hidden="true">{this.seconds} s</span>' if this.seconds >= SLOW_SECONDS else ""
    return f'<p class="stage" role="status"><span class="pulse" aria-hidden="true"></span>{words}{so_far}</p>'


def found_in_words(hits: tuple[Hit, ...]) -> str:
    """Return how much was found: 8 passages of 5 articles."""
    articles = len({hit.passage.article_id for hit in hits})
    return f"{count(len(hits), 'passage')} of {count(articles, 'article')}"


def _verdict(answer: Answer) -> str:
    if answer.stopped:
        return "Stopped by you"
    if not answer.answered:
        return "No answer in the archive"
    whole = len(answer.sentences)
    carried = sum(sentence.support == "supported" for sentence in answer.sentences)
    if carried == whole:
        words = "Every sentence is" if whole > 1 else "The answer is"
        return f"{words} carried by the quoted words"
    return f"{carried} of {count(whole, 'sentence')} fully carried by the quoted words"


def _body(this: Exchange) -> str:
    if this.wrong:
        mend = f'<p class="mend">{escape(this.mend)}</p>' if this.mend else ""
        return f'<div class="failure" role="alert"><p>{escape(this.wrong)}</p>{mend}</div>'
    answer = this.answer
    if answer is None:
        return f'<p class="draft" dir="auto">{escape(this.draft)}</p>' if this.draft else ""
    if answer.stopped:
        return _stopped(this.number, answer, this.draft)
    return _fallback(answer) + (answered(this.number, answer) if answer.answered else _refusal(this.number, answer))


def _fallback(answer: Answer) -> str:
    if not answer.fallback:
        return ""
    words = f"The model broke off, so the articles’ own sentences answer. {as_sentence(answer.fallback)}"
    return f'<p class="aside fallback">{escape(words)}</p>'


def _stopped(number: int, answer: Answer, draft: str) -> str:
    if answer.sentences:
        return answered(number, answer)
    words = answer.text or draft
    if not words.strip():
        return ""
    return f'<div class="partial"><p dir="auto">{escape(words)}</p><p class="aside">Not checked.</p></div>'


def answered(number: int, answer: Answer) -> str:
    """Return the checked sentences with their citations, in the paragraphs the text has."""
    citations = {citation.number: citation for citation in answer.citations}
    body = ""
    for sentence, new_paragraph in _in_paragraphs(answer):
        body += "</p><p>" if new_paragraph else ""
        body += _sentence(number, sentence, citations, is_opinion=answer.is_opinion(sentence))
    later = "".join(_later(number, version) for version in answer.versions if version.relation == "later")
    others = "".join(_version(number, version) for version in answer.versions)
    versions = f'<ul class="versions" aria-label="Other versions">{others}</ul>' if others else ""
    return f'{later}<div class="answer" dir="auto"><p>{body}</p></div>{versions}{_colophon(answer)}'


def _later(number: int, version: Version) -> str:
    """Say before the answer that an article after it gives a newer figure."""
    day = version.citation.source.published
    when = f" ({in_words(day)})" if day else ""
    marker = f'<a href="#c{number}-{version.citation.number}">[{version.citation.number}]</a>'
    words = f"A later article gives {apart(version.fact)}{when}, not {apart(version.instead_of)}"
    return f'<p class="later">{words} {marker}</p>'


def _version(number: int, version: Version) -> str:
    quote = f'<q dir="auto">{escape(version.citation.quote)}</q>'
    source = origin(version.citation.source)
    return f"<li>{OTHERWISE[version.relation]}: {source}: {quote}{_marker(number, version.citation)}</li>"


def _in_paragraphs(answer: Answer) -> Iterator[tuple[Sentence, bool]]:
    """Yield each sentence, with whether the answer's text begins a new line before it."""
    done = 0
    for sentence in answer.sentences:
        start = answer.text.find(sentence.text, done)
        yield sentence, start > done > 0 and "\n" in answer.text[done:start]
        done = max(done, start + len(sentence.text)) if start >= 0 else done


def _sentence(number: int, sentence: Sentence, citations: dict[int, Citation], *, is_opinion: bool) -> str:
    marks = "".join(_marker(number, citations[n]) for n in sentence.citations if n in citations)
    opinion = '<span class="kind">in an opinion piece</span>' if is_opinion else ""
    words = f'<bdi class="sentence {sentence.support}">{escape(sentence.text)}</bdi>'
    return f"{words}{marks}{opinion}{_doubt(sentence)} "


def _marker(number: int, citation: Citation) -> str:
    """A citation's number as a button, with the quote shown while it is pointed at or has the focus."""
    source = citation.source
    day = in_words(source.published) if source.published else "undated"
    name = ", ".join(part for part in (f"Citation {citation.number}: {source.title}", source.outlet, day) if part)
    place = f"{number}-{citation.number}"
    return (
        f'<span class="cite"><button type="button" id="c{place}" class="marker" data-event="cite"'
        f' data-exchange="{number}" data-number="{citation.number}" aria-label="{escape(name)}"'
        f' aria-describedby="q{place}">{citation.number}</button>'
        f'<span class="peek" role="tooltip" id="q{place}"><q dir="auto">{escape(citation.quote)}</q>'
        f"<small>{origin(source)}</small></span></span>"
    )


def _doubt(sentence: Sentence) -> str:
    missing = ", ".join(apart(word) for word in sentence.missing)
    if sentence.support == "partly":
        return f'<span class="doubt">partly carried{f": the quoted words lack {missing}" if missing else ""}</span>'
    if sentence.support == "unsupported":
        return f'<span class="doubt">no article carries this{f": {missing}" if missing else ""}</span>'
    return ""


def _colophon(answer: Answer) -> str:
    seconds = answer.timings.total_ms / 1000
    parts = [count(len(answer.all_citations), "citation"), f"{seconds:.1f} s" if seconds else "", apart(answer.model)]
    return f'<p class="colophon">{" · ".join(part for part in parts if part)}</p>'


def _refusal(number: int, answer: Answer) -> str:
    reason = f'<p dir="auto">{escape(as_sentence(answer.reason))}</p>' if answer.reason else ""
    return (
        f'<section class="refusal"><h3>{escape(answer.text) or "The articles do not say."}</h3>{reason}'
        f"{_nearest(number, answer.nearest)}</section>"
    )


def as_sentence(words: str) -> str:
    """Return words with a capital and a full stop, so that a reason reads as a sentence of its own."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", "…")) else ".")


def _nearest(number: int, citations: tuple[Citation, ...]) -> str:
    """A sentence of each of the nearest articles: what they do say."""
    items = "".join(
        f'<li><button type="button" class="title" id="c{number}-{citation.number}" data-event="quote"'
        f' data-exchange="{number}" data-number="{citation.number}">{title_of(citation.source)}</button>'
        f'<p class="origin">{origin(citation.source)}</p>'
        f'<p class="words" dir="auto"><q>{escape(citation.quote)}</q></p></li>'
        for citation in citations
    )
    return f'<p class="aside">What the nearest articles do say:</p><ul class="nearest">{items}</ul>' if items else ""
