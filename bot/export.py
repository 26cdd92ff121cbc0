"""Conversations as files to keep and to give away: Markdown and JSON here, the HTML page in export_page.py.

Every citation is told in full: its number, its quote, where it comes from, and its place in the stored article. Words
of articles, readers and models are only ever text, whatever reads the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote as percent

from bot.as_json import SCHEMA_VERSION, Json, answer_json, filters_json
from bot.exchange import Exchange
from bot.kept import Conversation, KeptExchange
from bot.markup import as_sentence, in_words, span_in_words, web_address
from bot.records import Answer, Citation, Sentence
from bot.show import OTHERWISE, days_line, later_line, plain
from index.records import Filters, Source

NEAREST = "What the nearest articles do say:"
NOT_CHECKED = "Stopped before it was checked."

# --- in words, for every format ------------------------------------------------------------------------------


def source_words(source: Source) -> str:
    """Return where an article comes from on one line, as far as it is known."""
    day = in_words(source.published) if source.published else "undated"
    parts = (source.title or source.path or "Untitled article", source.outlet, source.author, day)
    return " · ".join(" ".join(part.split()) for part in parts if part)


def place_words(citation: Citation) -> str:
    """Return where a quote stands in the archive."""
    kind = f"{citation.kind} · " if citation.kind != "news" else ""
    return f"{kind}article {citation.article_id}, characters {citation.start}–{citation.end}"


def carriers_words(citation: Citation) -> str:
    """Return who else carries a quote's words; empty where nobody does."""
    names = [f"{source_words(one.source)}, article {one.article_id}" for one in citation.carried_by]
    return f"also carried by {'; '.join(names)}" if names else ""


def limits_words(applied: Filters) -> str:
    """Return which articles were searched; empty for all of them."""
    parts = [f"from {span}" for span in (span_in_words(applied.since, applied.until),) if span]
    parts += [f"in {' or '.join(applied.outlets)}"] if applied.outlets else []
    parts += [f"by {' or '.join(applied.authors)}"] if applied.authors else []
    return f"Only articles {', '.join(parts)}" if parts else ""


def remarks_on(answer: Answer, sentence: Sentence) -> str:
    """Return what is to be said of a sentence: that only opinion pieces say it, or what its quotes do not carry."""
    opinion = "(in an opinion piece)" if answer.is_opinion(sentence) else ""
    missing = ", ".join(sentence.missing)
    doubt = {
        "supported": "",
        "partly": f"(partly carried{f': the quoted words lack {missing}' if missing else ''})",
        "unsupported": f"(no article carries this{f': {missing}' if missing else ''})",
    }[sentence.support]
    return " ".join(part for part in (opinion, doubt) if part)


def marked(answer: Answer, sentence: Sentence) -> str:
    """Return a sentence with the numbers of its citations and what is to be said of it."""
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    return " ".join(part for part in (sentence.text, numbers, remarks_on(answer, sentence)) if part)


def before_answer(this: Exchange) -> list[str]:
    """Return how a question was understood and limited, one line each."""
    answer = this.answer
    if answer is None:
        return []
    understood = answer.standalone_question.strip()
    said = f"Understood as: {understood}" if understood != this.question.text.strip() else ""
    when = f"Because of “{answer.implied.phrase}” in the question" if answer.implied else ""
    everywhere = "Asked for articles of any date" if this.question.any_date else ""
    return [line for line in (said, limits_words(answer.applied), when, everywhere, *answer.notices) if line]


def answer_paragraphs(answer: Answer) -> list[str]:
    """Return the answer, or the refusal with its reason, with the numbers of its citations."""
    if answer.sentences:
        later = [later_line(version) for version in answer.versions if version.relation == "later"]
        whole = [marked(answer, sentence) for sentence in answer.sentences]
        return [*later, *(whole if answer.is_extracted else [" ".join(whole)])]
    if answer.stopped:
        return [part for part in (answer.text, NOT_CHECKED) if part.strip()]
    return [part for part in (answer.text, as_sentence(answer.reason) if answer.reason else "") if part]


def versions_lines(answer: Answer) -> list[str]:
    """Return what other articles give in place of a fact of the answer, one line each."""
    return [
        f"{OTHERWISE[one.relation]}: “{one.fact}”, not “{one.instead_of}” [{one.citation.number}]"
        for one in answer.versions
    ]


def after_answer(answer: Answer) -> str:
    """Return how sure the answer is, and who wrote it when."""
    broke = "the model broke off, so the articles’ own sentences answer · " if answer.fallback else ""
    return f"{broke}confidence {answer.confidence:.2f} · {answer.model} · asked on {in_words(answer.question.asked_on)}"


# --- one answer, for the clipboard ---------------------------------------------------------------------------


def answer_with_sources(answer: Answer) -> str:
    """Return an answer as plain text with its sources under it."""
    parts = [*answer_paragraphs(answer), *versions_lines(answer)]
    if answer.nearest and not answer.all_citations:
        parts.append(NEAREST)
    parts += [_source_text(citation) for citation in answer.quoted]
    return plain("\n\n".join(parts))


def _source_text(citation: Citation) -> str:
    url = web_address(citation.source.url)
    words = " ".join(citation.quote.split())
    lines = [f"[{citation.number}] “{words}”", source_words(citation.source), url, place_words(citation)]
    return "\n".join(line for line in lines if line)


# --- Markdown ------------------------------------------------------------------------------------------------

# What Markdown, GitHub's included, reads as more than text: anywhere, and at the beginning of a line. A bare address is
# a link there.
_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|~$#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGINNING = re.compile(r"^(?:[+=:-]|\d+(?=[.)]))")


def markdown_text(text: str) -> str:
    """Return `text` on one line, as Markdown that shows exactly it."""
    words = _ANYWHERE.sub(r"\\\g<0>", " ".join(plain(text).split()))
    begins = _BEGINNING.match(words)
    if not begins:
        return words
    return f"{begins[0]}\\{words[begins.end() :]}" if begins[0].isdigit() else f"\\{words}"


def to_markdown(conversation: Conversation) -> str:
    """Return a conversation as Markdown."""
    days = span_in_words(conversation.begun.date(), conversation.changed.date())
    head = [f"# {markdown_text(conversation.title)}", f"Asked of an archive of news articles with Byline, {days}."]
    blocks = [block for kept in conversation.kept for block in _markdown_blocks(kept)]
    return "\n\n".join([*head, *blocks]) + "\n"


def _markdown_blocks(kept: KeptExchange) -> Iterator[str]:
    this, answer = kept.exchange, kept.exchange.answer
    yield f"## {this.number}\\. {markdown_text(this.question.text)}"
    yield from (f"*{markdown_text(line)}*" for line in before_answer(this))
    if answer is None:
        yield from (markdown_text(line) for line in (this.wrong, this.mend) if line)
        return
    yield from map(markdown_text, answer_paragraphs(answer))
    yield from map(markdown_text, versions_lines(answer))
    if answer.quoted:
        yield f"### {'Sources' if answer.all_citations else NEAREST}"
    for citation in answer.quoted:
        yield from _markdown_citation(citation)
    yield f"*{markdown_text(after_answer(answer))}*"


def _markdown_citation(citation: Citation) -> Iterator[str]:
    url = web_address(citation.source.url)
    link = f" · <{percent(url, safe=IN_AN_ADDRESS)}>" if url else ""
    yield f"{markdown_text(f'[{citation.number}]')} {markdown_text(source_words(citation.source))}{link}"
    yield "\n".join(f"> {markdown_text(line)}" if line.strip() else ">" for line in _lines(citation.quote))
    yield markdown_text(
        " · ".join(part for part in (place_words(citation), days_line(citation), carriers_words(citation)) if part)
    )


IN_AN_ADDRESS = "%/:=&?~#+!$,;'@()*[]"


def _lines(text: str) -> Sequence[str]:
    return text.split("\n")


# --- JSON ----------------------------------------------------------------------------------------------------


def to_json(conversation: Conversation) -> str:
    """Return a conversation as JSON, each answer by the schema of `byline ask --json`."""
    return json.dumps(conversation_json(conversation), ensure_ascii=True, allow_nan=False, indent=2) + "\n"


def conversation_json(conversation: Conversation) -> Json:
    """Return a conversation by its documented keys."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": conversation.place.id,
        "title": conversation.title,
        "begun": conversation.begun.isoformat(),
        "changed": conversation.changed.isoformat(),
        "exchanges": [_exchange_json(kept) for kept in conversation.kept],
    }


def _exchange_json(kept: KeptExchange) -> Json:
    this, question = kept.exchange, kept.exchange.question
    return {
        "number": this.number,
        "kept": kept.at.isoformat(),
        "question": question.text,
        "asked_on": question.asked_on.isoformat(),
        "limits": filters_json(question.filters),
        "any_date": question.any_date,
        "strictness": question.strictness,
        "vote": {"thumb": kept.vote.thumb, "reason": kept.vote.reason} if kept.vote else None,
        "wrong": this.wrong,
        "answer": answer_json(this.answer) if this.answer else None,
    }
