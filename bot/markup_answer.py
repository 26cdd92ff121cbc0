"""Records to escaped HTML: an answer with its citations, or the refusal that stands in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.markup import apart, as_sentence, count, escape, in_words, marker_id, origin, title_of
from bot.records import Answer, Citation, Sentence, Version
from bot.show import OTHERWISE


def shown(number: int, answer: Answer, draft: str) -> str:
    """Return what came of exchange `number`: the answer, the refusal, or what was written until it was stopped."""
    if answer.stopped:
        return _stopped(number, answer, draft)
    verdict = answered(number, answer) if answer.answered else _refusal(number, answer)
    return _fallback(answer) + verdict + "".join(f'<p class="aside">{escape(line)}</p>' for line in answer.notices)


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
    body, used = "", Counter[int]()
    for sentence, new_paragraph in _in_paragraphs(answer):
        body += "</p><p>" if new_paragraph else ""
        marks = "".join(_marker(number, citations[n], used[n]) for n in sentence.citations if n in citations)
        body += _sentence(sentence, marks, is_opinion=answer.is_opinion(sentence))
        used.update(sentence.citations)
    later = "".join(_later(number, version) for version in answer.versions if version.relation == "later")
    others = "".join(_version(number, version) for version in answer.versions)
    versions = f'<ul class="versions" aria-label="Other versions">{others}</ul>' if others else ""
    return f'{later}<div class="answer" dir="auto"><p>{body}</p></div>{versions}{_colophon(answer)}'


def _later(number: int, version: Version) -> str:
    """Say before the answer that an article after it gives a newer figure."""
    day = version.citation.source.published
    when = f" ({in_words(day)})" if day else ""
    marker = f'<a href="#{marker_id(number, version.citation.number)}">[{version.citation.number}]</a>'
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


def _sentence(sentence: Sentence, marks: str, *, is_opinion: bool) -> str:
    opinion = '<span class="kind">in an opinion piece</span>' if is_opinion else ""
    words = f'<bdi class="sentence {sentence.support}">{escape(sentence.text)}</bdi>'
    cites = " ".join(map(str, sentence.citations))
    return f'<span class="said" data-cites="{cites}">{words}{marks}{opinion}{_doubt(sentence)}</span> '


def _marker(number: int, citation: Citation, use: int = 0) -> str:
    """A citation's number as a button, with the quote shown while it is pointed at or has the focus."""
    source = citation.source
    day = in_words(source.published) if source.published else "undated"
    name = ", ".join(part for part in (f"Citation {citation.number}: {source.title}", source.outlet, day) if part)
    place = marker_id(number, citation.number, use)
    return (
        f'<span class="cite"><button type="button" id="{place}" class="marker" data-event="quote"'
        f' data-exchange="{number}" data-number="{citation.number}" data-use="{use}" aria-label="{escape(name)}"'
        f' aria-describedby="q{place[1:]}">{citation.number}</button>'
        f'<span class="peek" role="tooltip" id="q{place[1:]}"><q dir="auto">{escape(citation.quote)}</q>'
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


def _nearest(number: int, citations: tuple[Citation, ...]) -> str:
    """A sentence of each of the nearest articles: what they do say."""
    items = "".join(
        f'<li><button type="button" class="title" id="{marker_id(number, citation.number)}" data-event="quote"'
        f' data-exchange="{number}" data-number="{citation.number}">{title_of(citation.source)}</button>'
        f'<p class="origin">{origin(citation.source)}</p>'
        f'<p class="words" dir="auto"><q>{escape(citation.quote)}</q></p></li>'
        for citation in citations
    )
    return f'<p class="aside">What the nearest articles do say:</p><ul class="nearest">{items}</ul>' if items else ""
