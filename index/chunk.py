"""An article to its passages: runs of whole sentences with exact offsets that the embedder reads in full.

Pure functions; knows nothing of embedders or stores: how long a text is, the caller's `count_tokens` says.
Body text and captions become passages. Furniture, headline and byline are in none: the title travels in the
passage's source, and no passage reaches across any of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from index.records import Article, Mark, Passage, Role, Span
from index.sentences import split_sentences

CHUNKING = "sentences-1 balanced-1 title-25"  # raise a number when its rules change: archives then know they differ

CountTokens = Callable[[Sequence[str]], list[int]]

_TITLE_WORDS = 25
_TITLE_JOIN = ". "
_PRECEDENCE: dict[Role, int] = {"body": 0, "caption": 1, "byline": 2, "headline": 3, "furniture": 4}
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n|\r\n[^\S\n]*\r\n|\u2029")
# Where a sentence too long for a passage is cut: the first kind found in its middle half.
_CLAUSE_ENDS = (re.compile(r"[;:—–](?=\s)|\s--(?=\s)"), re.compile(r"[,)\]”](?=\s)"), re.compile(r"(?=\s)"))
_FINISHED = frozenset(".!?…\"'”’)]")

# Costs of one passage. The numbers only have to order what a reader would call better: a cut inside a paragraph
# costs as much as a passage not a quarter full, a passage of a few words costs more than any cut.
_COST_EACH = 0.1
_COST_INSIDE_PARAGRAPH = 0.6
_COST_AFTER_HEADING = 0.2
_COST_TINY = 1.0
_TINY = 0.25
_MOST_SENTENCES = 200  # bounds the search where sentences count almost no tokens
_MOST_CHARACTERS_A_TOKEN = 32  # WordPiece counts a word of any length beyond 100 characters as one unknown token


@dataclass(frozen=True, slots=True)
class _Region:
    """A range of one role that passages may not leave."""

    start: int
    end: int
    role: Role


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive sentences of one region, on their way to be a passage."""

    sentences: tuple[Span, ...]
    role: Role


def split_passages(
    article: Article, *, count_tokens: CountTokens, max_tokens: int, overlap_sentences: int = 0, language: str = ""
) -> list[Passage]:
    """Return the article's passages in order; what the embedder reads of each fits in `max_tokens`.

    The title that is read with a passage counts too, up to half of `max_tokens`. Passages end at paragraphs where
    that leaves none nearly empty; a sentence too long for a passage is cut at clauses, else at whitespace.
    `overlap_sentences` are repeated from the passage before where they fit.
    """
    if max_tokens < 1 or overlap_sentences < 0:
        raise ValueError("max_tokens must be positive and overlap_sentences not negative")
    regions = _find_regions(article)
    found = [split_sentences(article.text, region.start, region.end, language=language) for region in regions]
    counted = _count(article, [sentence for spans in found for sentence in spans], count_tokens)
    budget = max(max_tokens - _count_title(article, count_tokens), (max_tokens + 1) // 2)
    runs: list[_Run] = []
    for region, spans in zip(regions, found, strict=True):
        fitting = _cut_to_fit(article.text, [(span, counted[span]) for span in spans], count_tokens, budget=budget)
        runs.extend(
            _Run(run, region.role) for run in _fill(article.text, fitting, budget=budget, overlap=overlap_sentences)
        )
    checked = _recut(article.text, runs, count_tokens, budget=budget)
    return [_make_passage(article, run) for run in checked]


def leaves_out(article: Article, spans: Sequence[Span]) -> bool:
    """True when there are words in the article's body or captions that none of the passages' spans holds."""
    for region in _find_regions(article):
        at = region.start
        for span in sorted(spans, key=lambda span: span.start):
            if region.start <= span.start and span.end <= region.end:
                if article.text[at : span.start].strip():
                    return True
                at = max(at, span.end)
        if article.text[at : region.end].strip():
            return True
    return False


def passage_text_for_embedding(passage: Passage) -> str:
    """Return what the embedder reads: the title, cut to 25 words, then the passage's text."""
    return _title_prefix(passage.source.title) + passage.text


def chunking_fingerprint(max_tokens: int, overlap_sentences: int = 0) -> str:
    """Name how passages were cut; archives with the same one have the same passages of the same articles."""
    return f"{CHUNKING} max_tokens={max_tokens} overlap_sentences={overlap_sentences}"


def _title_prefix(title: str) -> str:
    words = title.split()
    if not words:
        return ""
    cut = " ".join(words[:_TITLE_WORDS])
    return cut + (" " if cut[-1] in ".!?…" else _TITLE_JOIN)


def _count_title(article: Article, count_tokens: CountTokens) -> int:
    prefix = _title_prefix(article.source.title)
    return count_tokens([prefix])[0] if prefix else 0


# --- where passages may be ---


def _find_regions(article: Article) -> list[_Region]:
    """Return the body and caption ranges, in order. Where marks overlap, the one kept out of passages wins."""
    length = len(article.text)
    marks = [mark for mark in article.marks if mark.role != "body" and mark.start < mark.end]
    edges = sorted({0, length} | {min(max(edge, 0), length) for mark in marks for edge in (mark.start, mark.end)})
    regions: list[_Region] = []
    previous: Mark | None = None
    for start, end in pairwise(edges):
        covering = [mark for mark in marks if mark.start <= start and mark.end >= end]
        top = max(covering, key=lambda mark: (_PRECEDENCE[mark.role], -mark.start), default=None)
        role = top.role if top else "body"
        if regions and regions[-1].end == start and top == previous:
            regions[-1] = _Region(regions[-1].start, end, role)
        else:
            regions.append(_Region(start, end, role))
        previous = top
    return [region for region in regions if region.role in ("body", "caption")]


# --- sentences that fit ---


def _count(article: Article, spans: list[Span], count_tokens: CountTokens) -> dict[Span, int]:
    """Return the tokens of each span, all counted in one call."""
    if not spans:
        return {}
    counts = count_tokens([article.text[span.start : span.end] for span in spans])
    return {span: _at_least(span, count) for span, count in zip(spans, counts, strict=True)}


def _at_least(span: Span, count: int) -> int:
    """Return the count, raised where a tokenizer sees next to nothing, so that no passage grows without bound."""
    return max(1, count, (span.end - span.start) // _MOST_CHARACTERS_A_TOKEN)


def _cut_to_fit(
    text: str, counted: list[tuple[Span, int]], count_tokens: CountTokens, *, budget: int
) -> list[tuple[Span, int]]:
    """Halve the sentences over the budget, all of them in one count a round, until each fits."""
    while any(count > budget and _can_halve(span) for span, count in counted):
        pieces: list[tuple[Span, int | None]] = []
        for span, count in counted:
            halves = _halve(text, span) if count > budget else ()
            pieces.extend((half, None) for half in halves)
            if not halves:
                pieces.append((span, count))
        unknown = [span for span, count in pieces if count is None]
        fresh = iter(count_tokens([text[span.start : span.end] for span in unknown]))
        counted = [(span, _at_least(span, next(fresh)) if count is None else count) for span, count in pieces]
    return counted


def _can_halve(span: Span) -> bool:
    return span.end - span.start > 1


def _halve(text: str, span: Span) -> tuple[Span, ...]:
    """Cut a sentence near its middle: after a clause, else at whitespace, else anywhere; nothing when one character."""
    if not _can_halve(span):
        return ()
    middle, quarter = (span.start + span.end) // 2, (span.end - span.start) // 4
    cut = middle
    for pattern in _CLAUSE_ENDS:
        ends = [match.end() for match in pattern.finditer(text, middle - quarter, middle + quarter)]
        if ends:
            cut = min(ends, key=lambda end: abs(end - middle))
            break
    left, right = text[span.start : cut].rstrip(), text[cut : span.end].lstrip()
    return Span(span.start, span.start + len(left)), Span(span.end - len(right), span.end)


# --- passages of fitting sentences ---


def _fill(text: str, counted: list[tuple[Span, int]], *, budget: int, overlap: int) -> Iterator[tuple[Span, ...]]:
    """Group sentences into runs within the budget, by the cheapest of all ways to cut (a shortest path)."""
    spans = [span for span, _ in counted]
    totals = [0, *accumulate(count for _, count in counted)]
    penalties = [_price_end(text, left, right) for left, right in pairwise(spans)] + [0.0]
    best = [0.0] + [float("inf")] * len(spans)
    came_from = [0] * (len(spans) + 1)
    for first in range(len(spans)):
        room = budget - _count_overlap(totals, first, overlap=overlap, budget=budget)
        for after in range(first + 1, min(first + _MOST_SENTENCES, len(spans)) + 1):
            tokens = totals[after] - totals[first]
            if tokens > room and after > first + 1:
                break
            price = best[first] + _price_fill(tokens / room) + penalties[after - 1]
            if price < best[after]:
                best[after], came_from[after] = price, first
    for first, after in _walk_back(came_from):
        begin = first
        while begin > max(0, first - overlap) and totals[after] - totals[begin - 1] <= budget:
            begin -= 1
        yield tuple(spans[begin:after])


def _count_overlap(totals: list[int], first: int, *, overlap: int, budget: int) -> int:
    """Return the tokens kept free for the sentences repeated from before; never more than half the budget."""
    return min(totals[first] - totals[max(0, first - overlap)], budget // 2)


def _price_fill(fill: float) -> float:
    return _COST_EACH + max(0.0, 1.0 - fill) ** 2 + (_COST_TINY if fill < _TINY else 0.0)


def _price_end(text: str, left: Span, right: Span) -> float:
    """Price a cut between two sentences: dear inside a paragraph, dear after a heading, else free."""
    if not _PARAGRAPH_END.search(text, left.end, right.start):
        return _COST_INSIDE_PARAGRAPH
    return 0.0 if text[left.end - 1] in _FINISHED else _COST_AFTER_HEADING


def _walk_back(came_from: list[int]) -> list[tuple[int, int]]:
    cuts: list[tuple[int, int]] = []
    after = len(came_from) - 1
    while after > 0:
        cuts.append((came_from[after], after))
        after = came_from[after]
    return cuts[::-1]


def _recut(text: str, runs: list[_Run], count_tokens: CountTokens, *, budget: int) -> list[_Run]:
    """Halve the runs that the tokenizer finds too long as a whole; sums of sentences are only nearly exact."""
    done: list[_Run] = []
    pending = runs
    while pending:
        counts = count_tokens([text[run.sentences[0].start : run.sentences[-1].end] for run in pending])
        halves: list[_Run] = []
        for run, count in zip(pending, counts, strict=True):
            parts = _halve_run(text, run) if count > budget else ()
            halves.extend(parts)
            if not parts:
                done.append(run)
        pending = halves
    return sorted(done, key=lambda run: (run.sentences[0].start, run.sentences[-1].end))


def _halve_run(text: str, run: _Run) -> tuple[_Run, ...]:
    middle = len(run.sentences) // 2
    if middle:
        return _Run(run.sentences[:middle], run.role), _Run(run.sentences[middle:], run.role)
    return tuple(_Run((half,), run.role) for half in _halve(text, run.sentences[0]))


def _make_passage(article: Article, run: _Run) -> Passage:
    start, end = run.sentences[0].start, run.sentences[-1].end
    text = article.text[start:end]
    return Passage(
        id=identify_passage(article.id, text, start=start, end=end),
        article_id=article.id,
        source=article.source,
        start=start,
        end=end,
        text=text,
        sentences=run.sentences,
        role=run.role,
        kind=article.kind,
    )


def identify_passage(article_id: str, text: str, *, start: int, end: int) -> str:
    """Return the id of an article's passage: the same on every machine."""
    # surrogatepass: a lone surrogate in a damaged file must not stop the whole archive
    content = f"{article_id}\0{start}\0{end}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:16]
