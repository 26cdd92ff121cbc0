"""Coverage-guided fuzzing of what reads other people's words: `python tests/fuzz.py TARGET --seconds N`.

A target takes any bytes and holds a property: nothing but what is promised comes out, offsets are true, and no input
takes longer than MOST_SECONDS. What breaks one is written to --out and belongs into the table of bad_input.py.
test_fuzz.py runs each for a few seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["index", "bot"]):
    import bot.asking
    import bot.cite
    import bot.models_file
    import bot.names
    import bot.questions
    import bot.support
    import bot.timeframe
    import bot.written
    import index.chunk
    import index.dates
    import index.decode
    import index.read
    import index.sentences
    import index.words
    import index.zipped
from index.archive import Archive
from index.embed import WordHashEmbedder
from index.errors import BylineError, ModelsFileError, UsageError
from index.records import Article, Draft, Filters, Skipped, Source

MOST_SECONDS = 10
LONGEST = 20_000  # bytes of an input
SAMPLES = Path(__file__).parents[1] / "index" / "samples" / "articles"
EMBEDDER = WordHashEmbedder()
DAY = date(2024, 6, 7)
QUESTIONS = (
    b"What happened in Lowmarsh in March 2017?", b"two weeks ago", b'"a b" NEAR(x) AND U.S. 1,200', b"since 8 Nov 2016",
    b"between 3 and 9 June", b"latest news on O'Brien's F-16", "Wer war’s? 新闻 😀".encode(),
)  # fmt: skip


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="byline-fuzz-"))


def _read(name: str) -> Callable[[bytes], None]:
    """Return the target that reads its bytes as a file of that name."""

    def run(raw: bytes) -> None:
        path = _folder() / name
        path.write_bytes(raw)
        for found in index.read.read(path):
            if isinstance(found, Draft):
                _check_draft(found)
            else:
                assert isinstance(found, Skipped)
                assert found.reason

    return run


def _read_each(*names: str) -> Callable[[bytes], None]:
    """Return the target that reads its bytes as a file of each name."""
    runs = [_read(name) for name in names]

    def run(raw: bytes) -> None:
        for each in runs:
            each(raw)

    return run


def _check_draft(draft: Draft) -> None:
    """Hold what the archive relies on: text that SQLite takes, marks in order, passages that are the text's own."""
    source = draft.source
    for text in (draft.text, draft.key, source.title, source.outlet, source.author, source.url):
        text.encode("utf-8")
    assert draft.text.strip()
    assert "\r" not in draft.text
    end = 0
    for mark in draft.marks:
        assert end <= mark.start < mark.end <= len(draft.text)
        end = mark.end
    article = Article("a", source, draft.text, draft.marks)
    for passage in index.chunk.split_passages(article, count_tokens=EMBEDDER.count_tokens, max_tokens=40):
        assert draft.text[passage.start : passage.end] == passage.text


def _check_dates(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    found = index.dates.parse_published(text) or index.dates.find_published(text)
    assert found is None or index.dates.FIRST_YEAR <= found.year <= index.dates.LAST_YEAR
    index.dates.find_published_in_url(text)


def _check_decode(raw: bytes) -> None:
    half = raw.partition(b"\0")
    text = index.decode.clean(index.decode.decode(raw, half[0].decode("ascii", "ignore")))
    text.encode("utf-8")
    assert index.decode.clean(text) == text
    words = index.decode.tidy_paragraphs(text).split()
    assert words == text.split()


def _check_query(raw: bytes) -> None:
    """Ask any text: FTS5 never refuses it, its terms are in the text, and its dates are days."""
    text = raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8")
    with _archive().store.reading() as connection:
        index.words.search_words(connection, text, limit=3)
    for span in index.words.find_terms(text, index.words.make_terms(text)):
        assert 0 <= span.start < span.end <= len(text)
    found = bot.timeframe.read_timeframe(text, asked_on=DAY)
    assert found is None or found.since <= found.until or found.newest
    list(bot.names.find_name_words(text))
    bot.names.word_keys(text)


def _check_written(raw: bytes) -> None:
    """Check any text as if a model had written it: every quote is the article's own words at its place."""
    written, _, told = raw.decode("utf-8", "replace").partition("\n\n")
    tidied = bot.written.tidy(written, cut=len(raw) % 2 == 1)
    for sentence in bot.written.answering_sentences(tidied, told[:200]):
        assert sentence in tidied
    bot.written.says_too_much(written, told[:200])
    sources = [
        bot.support.SourceSentence(
            text=told[span.start : span.end], article_id="a", passage_id="p", start=span.start, end=span.end
        )
        for span in index.sentences.split_sentences(told[:2000])
    ]
    for sentence in bot.written.answering_sentences(tidied, "")[:2]:
        verdict = bot.support.check_sentence(sentence, sources, similarity=_alike)
        _, citations = bot.cite.number_citations([(sentence, verdict)], {"a": Source()})
        for citation in citations:
            assert told[citation.start : citation.end] == citation.quote


def _check_models(raw: bytes) -> None:
    with suppress(ModelsFileError):
        bot.models_file.parse_models(raw.decode("utf-8", "replace"))


def _check_questions(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    with suppress(UsageError):
        bot.questions.parse_questions(text.splitlines(), name="a")
    for line in text.splitlines():
        with suppress(UsageError):
            bot.asking.parse_question(line, 1, Filters(), DAY).text.encode("utf-8")


def _alike(text: str, others: object) -> list[float]:
    return EMBEDDER.embed([text, *others])[1:].dot(EMBEDDER.embed([text])[0]).tolist()  # type: ignore[misc]


@cache
def _archive() -> Archive:
    return Archive.open(_folder() / "archive", create=True)


TARGETS: dict[str, tuple[Callable[[bytes], None], tuple[str, ...]]] = {
    # The bytes' reader, and which files of the samples and of the bad input it begins with.
    "text": (_read("a.txt"), (".txt",)),
    "markdown": (_read("a.md"), (".md",)),
    "html": (_read("a.html"), (".html", ".xhtml")),
    "json": (_read("a.json"), (".json",)),
    "lines": (_read("a.jsonl"), (".jsonl",)),
    "table": (_read("a.csv"), (".csv", ".tsv")),
    "zip": (_read("a.zip"), (".zip",)),
    "gzip": (_read("a.txt.gz"), (".gz",)),
    "news": (_read_each("a.xml", "a.eml", "a.mbox", "a.mht"), (".xml", ".rss", ".nitf", ".eml", ".mbox", ".mht")),
    "decode": (_check_decode, (".txt", ".html")),
    "dates": (_check_dates, ()),
    "query": (_check_query, ()),
    "written": (_check_written, (".txt", ".md")),
    "models": (_check_models, ("models.txt",)),
    "questions": (_check_questions, (".jsonl",)),
}


def seeds(target: str) -> Iterator[bytes]:
    """Yield what the fuzzing of a target begins with: our samples, and the bad input that is small enough."""
    import bad_input

    suffixes = TARGETS[target][1]
    if not suffixes:
        yield from QUESTIONS
    root = Path(__file__).parents[1]
    for path in sorted(
        [*SAMPLES.iterdir(), root / "models.txt", *(root / "tests" / "quality").glob("questions.jsonl")]
    ):
        if path.name.endswith(suffixes) and suffixes:
            yield path.read_bytes()[:LONGEST]
    for case in bad_input.CASES:
        for name, content in case.files.items():
            if not callable(content) and suffixes and str(name).endswith(suffixes) and len(content) <= LONGEST:
                yield content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")


def main() -> None:
    """Fuzz one target for so many seconds; status 0 where nothing was found."""
    parser = argparse.ArgumentParser(description="Fuzz one target.")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()), help="where what breaks it is written")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    options = parser.parse_args()
    corpus = Path(tempfile.mkdtemp(prefix="byline-corpus-"))
    for number, seed in enumerate(seeds(options.target)):
        (corpus / f"{number:04}").write_bytes(seed)
    options.out.mkdir(parents=True, exist_ok=True)
    target = TARGETS[options.target][0]

    def promised(raw: bytes) -> None:
        with suppress(BylineError):
            target(raw)

    # No limit to what is resident: a child begins with the greatest that its parent had, and pytest has gigabytes.
    arguments = [
        sys.argv[0], str(corpus), f"-max_total_time={options.seconds}", f"-timeout={MOST_SECONDS}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={options.out}/{options.target}-", "-rss_limit_mb=0", "-malloc_limit_mb=2000",
        f"-seed={options.seed}", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup(arguments, promised)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
