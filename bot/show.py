"""Records to plain text for a terminal. The JSON is made in as_json.py."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from itertools import groupby

from bot.lookalike import with_note
from bot.prompt import long_date
from bot.records import Answer, Citation, Implied, Sentence, Timeline, TimelineEvent, Version
from bot.resolved import in_words, range_in_words
from index.records import Article, BuildReport, Carrier, Hit, Kind, Source

# Control characters of a terminal: an article must not move the cursor or colour what follows it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return `text` without characters that would steer a terminal."""
    return _CONTROL.sub(" ", text)


def answer_text(answer: Answer, *, width: int = 100) -> str:
    """Return an answer with numbered citations and the quotes under it; a refusal with what comes nearest."""
    return plain((_answered_text if answer.answered else _refusal_text)(answer, width))


def _answered_text(answer: Answer, width: int) -> str:
    marked = [_marked(sentence, is_opinion=answer.is_opinion(sentence)) for sentence in answer.sentences]
    paragraphs = marked if answer.is_extracted else [" ".join(marked)]
    later = [later_line(version) for version in answer.versions if version.relation == "later"]
    lines = [*(_wrap(each, width) for each in (*later, *paragraphs)), ""]
    lines += [line for citation in answer.citations for line in _citation_lines(citation, width)]
    lines += [line for version in answer.versions for line in _version_lines(version, width)]
    notes = [sentence for sentence in answer.sentences if sentence.support != "supported"]
    if notes:
        lines += ["", *(_wrap(f"(?) not in the quotes: {_missing(sentence)}", width) for sentence in notes)]
    if answer.stopped:
        lines += ["", "(stopped before the end)"]
    if answer.fallback:
        lines += ["", _wrap(f"(the model broke off: {answer.fallback}; these are the articles’ own sentences)", width)]
    lines += ["", f"confidence {answer.confidence:.2f} · {answer.model} · {answer.timings.total_ms / 1000:.1f} s"]
    return "\n".join(lines)


def _marked(sentence: Sentence, *, is_opinion: bool) -> str:
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    doubt = "" if sentence.support == "supported" else " (?)"
    opinion = " (in an opinion piece)" if is_opinion else ""
    return f"{plain(sentence.text)} {numbers}{opinion}{doubt}".strip()


def later_line(version: Version) -> str:
    """Return the sentence that says an article after the answer's own gives a newer figure."""
    day = version.citation.source.published
    when = f" ({long_date(day)})" if day else ""
    return plain(f"A later article gives {version.fact}{when}, not {version.instead_of} [{version.citation.number}].")


OTHERWISE = {
    "differs": "Another source says otherwise",
    "earlier": "An earlier article says otherwise",
    "later": "A later article says otherwise",
}


def _version_lines(version: Version, width: int) -> list[str]:
    head = f"{OTHERWISE[version.relation]}: “{plain(version.fact)}”, not “{plain(version.instead_of)}”"
    return ["", _wrap(head, width), *_citation_lines(version.citation, width)]


def _missing(sentence: Sentence) -> str:
    return ", ".join(f"“{plain(item)}”" for item in sentence.missing) or "part of what the sentence says"


def _citation_lines(citation: Citation, width: int, mark: str = "") -> list[str]:
    head = f"{mark or f'[{citation.number}]'} {source_line(citation.source, kind=citation.kind)}"
    place = f"article {citation.article_id}, characters {citation.start}–{citation.end}"
    quote = plain(" ".join(citation.quote.split()))
    meant = [_wrap(line, width, indent="    ") for line in (days_line(citation),) if line]
    lines = [_wrap(head, width), _wrap(f"“{quote}”", width, indent="    "), *meant, f"    {place}"]
    return lines + _carrier_lines(citation.carried_by, width)


def days_line(citation: Citation) -> str:
    """Return what a quote's words about when mean, empty where they say it themselves: “Tuesday”: 6 June 2017."""
    return plain("; ".join(f"“{' '.join(day.text.split())}”: {in_words(day)}" for day in citation.days))


def _carrier_lines(carriers: Sequence[Carrier], width: int, how: str = "also carried by") -> list[str]:
    """Return a line that names who else carries the words, and under which id; none where nobody does."""
    told = [f"{_name(carrier.source)} ({_day(carrier.source)}, article {carrier.article_id})" for carrier in carriers]
    return [_wrap(plain(f"{how} {', '.join(told)}"), width, indent="    ")] if told else []


def _name(source: Source) -> str:
    return " ".join((with_note(source.outlet) or source.title or "an outlet not named").split())


def _day(source: Source) -> str:
    return long_date(source.published) if source.published else "date unknown"


def source_line(source: Source, *, kind: Kind = "news") -> str:
    """Return a source on one line: title, outlet, whether it is opinion, author and date, as far as they are known."""
    opinion = "opinion" if kind == "opinion" else ""
    parts = [source.title or "Untitled", with_note(source.outlet), opinion, with_note(source.author), _day(source)]
    return plain(" ".join(" · ".join(part for part in parts if part).split()))


def implied_line(implied: Implied) -> str:
    """Return what the question's words about when were read as, and the option that takes it away."""
    because = f"because the question says “{' '.join(plain(implied.phrase).split())}”"
    if implied.since and implied.until:
        days = f"published {range_in_words(implied.since, implied.until)}"
    elif implied.until:
        days = f"published until {range_in_words(implied.until, implied.until)}"
    else:
        return f"the newest articles preferred, {because}; --any-date prefers none"
    if implied.is_limit:
        return f"only articles {days}, {because}; --any-date looks everywhere"
    return f"articles {days} preferred, {because}; --any-date prefers none"


def _refusal_text(answer: Answer, width: int) -> str:
    lines = [answer.text, *([_wrap(f"({answer.reason})", width)] if answer.reason else [])]
    if answer.nearest:
        lines += ["", "What the nearest articles do say:"]
    for citation in answer.nearest:
        lines += _citation_lines(citation, width, mark="-")
    return "\n".join(lines)


def hits_text(hits: Sequence[Hit], *, width: int = 100) -> str:
    """Return hits one under the other, each with why it was found."""
    blocks = []
    for rank, hit in enumerate(hits, start=1):
        why = ", ".join(f"{method} {place}" for method, place in hit.ranks)
        head = f"{rank}. {source_line(hit.passage.source)}"
        body = textwrap.shorten(plain(hit.passage.text), 320, placeholder=" …")
        note = plain(f"score {hit.score:.2f} ({why}) · article {hit.passage.article_id}")
        lines = [_wrap(head, width), _wrap(body, width, indent="    "), f"    {note}"]
        blocks.append("\n".join(lines + _carrier_lines(hit.carried_by, width)))
    return "\n\n".join(blocks)


def timeline_text(timeline: Timeline, *, width: int = 100) -> str:
    """Return a topic's events under their days, each with its quote and source; or that the articles say nothing."""
    if not timeline.told:
        return _wrap(nothing_said(timeline.topic), width)
    blocks = []
    for day, events in groupby(timeline.events, key=event_day):
        blocks.append("\n\n".join([day, *("\n".join(_event_lines(event, width)) for event in events)]))
    return plain("\n\n".join(blocks))


def _event_lines(event: TimelineEvent, width: int) -> list[str]:
    citation = event.citation
    quote = plain(" ".join(citation.quote.split()))
    place = f"    article {citation.article_id}, characters {citation.start}–{citation.end}"
    lines = [_wrap(f"“{quote}”", width, indent="    "), _wrap(_told_by(event), width, indent="    "), place]
    again = [Carrier(one.article_id, one.source) for one in event.retold_by]
    return lines + _carrier_lines(citation.carried_by, width) + _carrier_lines(again, width, "also told by")


def nothing_said(topic: str) -> str:
    """Return what is told of a topic that the archive does not cover."""
    return plain(f"The articles do not say anything on “{' '.join(topic.split())}”.")


def event_day(event: TimelineEvent) -> str:
    """Return the day of an event as a newspaper writes it, the month where only that is known."""
    if event.said:
        return in_words(event.said)
    day = event.citation.source.published
    return range_in_words(day, day) if day else "Undated"


def _told_by(event: TimelineEvent) -> str:
    """Return the source of an event: an article of that day, or of another, which is then named."""
    source = event.citation.source
    parts = [source.title or "Untitled", source.outlet, reported(event)]
    return plain(" ".join(" · ".join(part for part in parts if part).split()))


def reported(event: TimelineEvent) -> str:
    """Return when an event was reported: alone where that is all that is known of its day, not if it is that day."""
    day = event.citation.source.published
    if day is None:
        return "in an article without a date"
    if event.said is None:
        return "reported that day"
    return "" if event.said.since == event.said.until == day else f"reported {range_in_words(day, day)}"


def article_text(article: Article, *, width: int = 100) -> str:
    """Return a stored article for reading: its source, then its text as it is stored."""
    head = [source_line(article.source), *(plain(line) for line in (article.source.url, article.source.path) if line)]
    return "\n".join([*head, "", plain(article.text)])


def report_text(report: BuildReport) -> str:
    """Return the counts of an indexing run in words, and what was skipped with its reason."""
    counts = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {report.removed} removed"
    lines = [f"{counts}, {report.duplicates} duplicates, {len(report.skipped)} skipped; {report.passages} passages"]
    if report.left_out:
        lines.append(f"  {report.left_out} left out, removed earlier: byline list --removed")
    for item in report.skipped:
        place = " ".join(f"{item.path} {item.where}".split())  # a file's name may hold a line break
        lines.append(f"  skipped {place}: {item.reason}")
    return plain("\n".join(lines))


def _wrap(text: str, width: int, *, indent: str = "") -> str:
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
