"""A conversation as one HTML file that needs nothing else: no script, no font, no image, and a policy against them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bot.export import (
    NEAREST,
    after_answer,
    answer_paragraphs,
    before_answer,
    carriers_words,
    place_words,
    remarks_on,
    to_json,
    to_markdown,
    versions_lines,
)
from bot.export_references import Dated, to_bibtex, to_csl
from bot.export_table import to_table
from bot.kept import Conversation, KeptExchange
from bot.markup import apart, escape, origin, span_in_words, title_of, web_address
from bot.records import Answer, Citation, Sentence
from bot.show import days_line, later_line

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --ink: #1c1b18; --muted: #5f5b53; --rule: #dfdbd1; --paper: #fcfbf8; --accent: #1d4f7c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ebe7de; --muted: #aca69a; --rule: #38352f; --paper: #171614; --accent: #8fbde8; }
}
body { max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, blockquote { font-family: Charter, Georgia, "Noto Serif", serif; line-height: 1.3; }
h1 { font-size: 1.8rem; } h2 { font-size: 1.3rem; margin: 0; }
article { border-top: 1px solid var(--rule); padding-top: 1.5rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 0; } ol { list-style: none; padding: 0; } li { margin-top: 1.1rem; }
blockquote { margin: .3rem 0; padding-inline-start: .8rem; border-inline-start: 3px solid var(--rule); white-space: pre-line; }
.aside { color: var(--muted); font-size: .875rem; margin: .2rem 0; } a { color: var(--accent); } :target { outline: 2px solid var(--accent); outline-offset: 4px; }
"""  # noqa: E501


def to_page(conversation: Conversation) -> str:
    """Return a conversation as a whole HTML page."""
    title = escape(conversation.title)
    days = span_in_words(conversation.begun.date(), conversation.changed.date())
    body = "".join(part for kept in conversation.kept for part in _exchange(kept))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f'<h1 dir="auto">{title}</h1><p class="aside">Asked of an archive of news articles with Byline, {days}.</p>'
        f"{body}</main></body></html>\n"
    )


def _exchange(kept: KeptExchange) -> Iterator[str]:
    this, answer = kept.exchange, kept.exchange.answer
    yield f'<article><h2 dir="auto">{escape(this.question.text)}</h2>'
    yield "".join(f'<p class="aside">{apart(line)}</p>' for line in before_answer(this))
    if answer is None:
        yield "".join(f"<p>{escape(line)}</p>" for line in (this.wrong, this.mend) if line)
    else:
        yield from _answer(this.number, answer)
    yield "</article>"


def _answer(number: int, answer: Answer) -> Iterator[str]:
    if answer.sentences:
        later = [version for version in answer.versions if version.relation == "later"]
        yield "".join(f"<p>{apart(later_line(version))}</p>" for version in later)
        sentences = [_sentence(number, answer, sentence) for sentence in answer.sentences]
        yield "".join(f"<p>{one}</p>" for one in (sentences if answer.is_extracted else [" ".join(sentences)]))
    else:
        yield "".join(f'<p dir="auto">{escape(one)}</p>' for one in answer_paragraphs(answer))
    yield "".join(f'<p class="aside">{apart(line)}</p>' for line in versions_lines(answer))
    if answer.quoted:
        heading = "Sources" if answer.all_citations else NEAREST
        cited = "".join(_citation(number, citation) for citation in answer.quoted)
        yield f'<section><p class="aside">{heading}</p><ol>{cited}</ol></section>'
    yield f'<p class="aside">{apart(after_answer(answer))}</p>'


def _sentence(number: int, answer: Answer, sentence: Sentence) -> str:
    """A sentence with its citations' numbers as links to them."""
    links = "".join(f'<a href="#c{number}-{one}">[{one}]</a>' for one in sentence.citations)
    remarks = remarks_on(answer, sentence)
    noted = f' <span class="aside">{apart(remarks)}</span>' if remarks else ""
    return f"{apart(sentence.text)} {links}{noted}"


def _citation(number: int, citation: Citation) -> str:
    url = web_address(citation.source.url)
    link = f'<p class="aside"><a href="{escape(url)}" rel="noopener noreferrer">{apart(url)}</a></p>' if url else ""
    notes = " · ".join(part for part in (place_words(citation), days_line(citation), carriers_words(citation)) if part)
    return (
        f'<li id="c{number}-{citation.number}"><h3 dir="auto">[{citation.number}] {title_of(citation.source)}</h3>'
        f'<p class="aside">{origin(citation.source)}</p><blockquote dir="auto">{escape(citation.quote)}</blockquote>'
        f'{link}<p class="aside">{apart(notes)}</p></li>'
    )


def _answers(conversation: Conversation) -> Iterator[Dated]:
    for kept in conversation.kept:
        if kept.exchange.answer:
            yield Dated(kept.exchange.answer, kept.at.date())


# The ones that a single answer has too, and all that a conversation has.
OF_AN_ANSWER: dict[str, Callable[[Iterable[Dated]], str]] = {"bibtex": to_bibtex, "csl": to_csl, "csv": to_table}
FORMATS: dict[str, Callable[[Conversation], str]] = {
    "md": to_markdown,
    "html": to_page,
    "json": to_json,
    "bibtex": lambda conversation: to_bibtex(_answers(conversation)),
    "csl": lambda conversation: to_csl(_answers(conversation)),
    "csv": lambda conversation: to_table(_answers(conversation)),
}
ENDINGS = {"bibtex": "bib", "csl": "csl.json"}


def file_name(conversation: Conversation, name: str) -> str:
    """Return a file name for an export in the format `name`, made of its title, that is safe everywhere."""
    words = re.findall(r"[a-z0-9]+", conversation.title.lower())
    return f"byline-{'-'.join(words)[:60].strip('-') or conversation.place.id}.{ENDINGS.get(name, name)}"


def in_bytes(text: str, name: str) -> bytes:
    """Return an export as the bytes of a file; a table with the mark by which Excel knows UTF-8."""
    return text.encode("utf-8-sig" if name == "csv" else "utf-8", "replace")
