"""Measures the search as an archive grows, on archives of made-up news: no model is loaded and none is needed.

    python tests/quality/scale.py make    --passages 300000 --archive FOLDER    the archive, and its generation
    python tests/quality/scale.py measure --archive FOLDER [--questions 60] [--json FILE]

`make` writes articles straight into the store: words by Zipf's law with a stock of its own for each topic, passages
as unit vectors around their topic's and their article's (a mixture, so that neighbours are real), dates over ten
years and outlets of every size, in no order. `measure` gives the milliseconds of the dense, the lexical and the fused
search, the question's vector given (embedding it is measured elsewhere), without a filter and with several; how many
of the hits are those of an exact comparison with every selected vector; memory, disk, and the time to open.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.terminal import out
from index.archive import Archive
from index.copies import make_bands
from index.ledger import hash_content
from index.records import Article, Filters, Source, Span
from index.retrieve import POOL, search
from index.rows import article_values, decode_vectors, encode_spans, encode_vector
from index.selection import select
from index.store import set_meta

DIMENSION = 384
PASSAGES = 7  # an article, as in the news
WORDS = 105  # a passage
VOCABULARY = 150_000
TOPIC_WORDS = 300
OUTLETS = 3000
FIRST, DAYS = date(2015, 1, 1), 3653
AT_ONCE = 2000  # articles a transaction
COMMON = "the of and to in a that for on with as at by was said from it his he is has be an had are who".split()
NEAR = 0.75  # how far a question's vector is from a passage's: their cosine is then .8
EXACT = 50  # the hits compared with those of an exact search


@dataclass(frozen=True, slots=True)
class World:
    """What all made-up articles share."""

    words: list[str]
    chances: np.ndarray[Any, np.dtype[np.float64]]
    topics: np.ndarray[Any, np.dtype[np.float32]]
    stocks: np.ndarray[Any, np.dtype[np.int64]]
    spectrum: np.ndarray[Any, np.dtype[np.float32]]


def make_world(passages: int, random: np.random.Generator) -> World:
    """Return a world with a topic for every three hundred passages."""
    syllables = [a + b for a in "b d f g h k l m n p r s t v w".split() for b in "a e i o u ar en il or un".split()]
    made: dict[str, None] = dict.fromkeys(COMMON)
    while len(made) < VOCABULARY:
        made["".join(syllables[place] for place in random.integers(len(syllables), size=random.integers(2, 5)))] = None
    chances = 1 / (np.arange(VOCABULARY) + 2.7) ** 1.07
    topics = max(20, passages // 300)
    # Meaning has few directions: the weight of each falls as in the vectors of real news.
    spectrum = ((np.arange(DIMENSION) + 8.0) ** -0.5).astype(np.float32)
    regions = _units(random, max(5, topics // 15), spectrum)
    own = regions[random.integers(len(regions), size=topics)] + 1.1 * _units(random, topics, spectrum)
    stocks = random.integers(200, VOCABULARY, size=(topics, TOPIC_WORDS))
    return World(list(made), chances / chances.sum(), _to_units(own), stocks, spectrum)


def _units(random: np.random.Generator, count: int, spectrum: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return _to_units(random.standard_normal((count, DIMENSION), dtype=np.float32) * spectrum)


def _to_units(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def make(folder: Path, passages: int) -> None:
    """Make an archive of so many passages in `folder`, with its generation; say how long each took."""
    random = np.random.default_rng(passages)
    world = make_world(passages, random)
    with Archive.open(folder, create=True) as archive:
        before = time.perf_counter()
        for start in range(0, passages // PASSAGES, AT_ONCE):
            numbers = range(start + 1, min(start + AT_ONCE, passages // PASSAGES) + 1)
            _write(archive, numbers, world, random)
        out(f"{archive.status().passages} passages written in {time.perf_counter() - before:.1f} s")
        with archive.store.writing() as connection:
            set_meta(connection, "fingerprint", "made-up")
        publish(archive)


def publish(archive: Archive) -> None:
    """Make the archive's generation and say what that took."""
    before, used = time.perf_counter(), time.process_time()
    archive.publish_vectors()
    wall, cpu = time.perf_counter() - before, time.process_time() - used
    out(f"generation made in {wall:.1f} s ({cpu:.1f} s of processor time)")


def _write(archive: Archive, numbers: Sequence[int], world: World, random: np.random.Generator) -> None:
    topics = random.integers(len(world.topics), size=len(numbers))
    near = world.topics[topics] + 0.9 * _units(random, len(numbers), world.spectrum)
    vectors = _to_units(np.repeat(near, PASSAGES, axis=0))
    vectors = _to_units(vectors + 0.8 * _units(random, len(vectors), world.spectrum))
    texts = [list(_texts(world, topic, random)) for topic in topics]
    articles = [_article(number, pieces, random) for number, pieces in zip(numbers, texts, strict=True)]
    with archive.store.writing() as connection:
        values = [
            article_values(article) | dict.fromkeys(("file", "root", "place", "path"), "") for article in articles
        ]
        hashes = map(hash_content, articles)
        values = [
            one | {"content_hash": each, "fingerprint": "made-up"} for one, each in zip(values, hashes, strict=True)
        ]
        names = ", ".join(values[0])
        marks = ", ".join("?" * len(values[0]))
        connection.executemany(
            f"INSERT INTO articles ({names}) VALUES ({marks})", [list(one.values()) for one in values]
        )
        rows = list(_passage_rows(numbers, articles, texts))
        connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [row for row, _, _ in rows])
        connection.executemany(
            "INSERT INTO words (rowid, text, title) VALUES (?, ?, ?)",
            [(row[0], text, title) for row, text, title in rows],
        )
        blobs = [(row[0], encode_vector(vector)) for (row, _, _), vector in zip(rows, vectors, strict=True)]
        connection.executemany("INSERT INTO embeddings VALUES (?, ?)", blobs)
        bands = map(make_bands, articles)
        own = [(number, hash) for number, hashes in zip(numbers, bands, strict=True) for hash in hashes]
        connection.executemany("INSERT INTO bands VALUES (?, ?)", own)


def _texts(world: World, topic: int, random: np.random.Generator) -> Iterator[str]:
    general = random.choice(VOCABULARY, size=(PASSAGES, WORDS), p=world.chances)
    special = world.stocks[topic][random.zipf(1.3, size=(PASSAGES, WORDS)) % TOPIC_WORDS]
    chosen = np.where(random.random((PASSAGES, WORDS)) < 0.2, special, general)
    for row in chosen.tolist():
        words = [world.words[place] for place in row]
        yield ". ".join(" ".join(words[start : start + 21]).capitalize() for start in range(0, WORDS, 21)) + "."


def _article(number: int, pieces: Sequence[str], random: np.random.Generator) -> Article:
    outlet = int(OUTLETS * random.random() ** 3)  # few large ones, many small
    published = FIRST + timedelta(days=int(random.integers(DAYS)))
    title = " ".join(word for word in pieces[0].split()[:16] if word.casefold() not in COMMON)
    source = Source(title, f"Outlet {outlet}", f"Writer {int(random.integers(9000))}", published)
    return Article(f"{number:016x}", source, "\n\n".join(pieces))


def _passage_rows(
    numbers: Sequence[int], articles: Sequence[Article], texts: Sequence[Sequence[str]]
) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    for number, article, pieces in zip(numbers, articles, texts, strict=True):
        start = 0
        for place, text in enumerate(pieces):
            span = Span(start, start + len(text))
            row = (number - 1) * PASSAGES + place + 1
            id = f"{article.id}-{place}"
            yield (
                (row, id, number, span.start, span.end, "body", "news", encode_spans([span])),
                text,
                article.source.title,
            )
            start = span.end + 2


# --- measuring -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its words and its vector."""

    text: str
    vector: np.ndarray[Any, np.dtype[np.float32]]


class GivenVectors:
    """An embedder that knows the vectors of the questions; what embedding takes is not measured here."""

    fingerprint, dimension, max_tokens = "made-up", DIMENSION, 254

    def __init__(self, questions: Sequence[Asked]) -> None:
        self._known = {question.text: question.vector for question in questions}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return a number for each text."""
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Return the questions' vectors."""
        return np.stack([self._known[text] for text in texts])


FILTERS = {
    "no filter": Filters(),
    "37 days": Filters(since=date(2019, 3, 1), until=date(2019, 4, 6)),
    "a year": Filters(since=date(2019, 1, 1), until=date(2019, 12, 31)),
    "five years": Filters(since=date(2016, 1, 1), until=date(2020, 12, 31)),
    "an outlet": Filters(outlets=("Outlet 0",)),
    "300 outlets": Filters(outlets=tuple(f"Outlet {number}" for number in range(300))),
    "a year, 300 outlets": Filters(
        since=date(2019, 1, 1), until=date(2019, 12, 31), outlets=tuple(f"Outlet {number}" for number in range(300))
    ),
}


def make_questions(archive: Archive, count: int) -> list[Asked]:
    """Return questions near random passages, each with six to nine words of its passage."""
    random = np.random.default_rng(7)
    with archive.store.reading() as connection:
        (last,) = connection.execute("SELECT max(number) FROM passages").fetchone()
        numbers = sorted(random.integers(1, last + 1, size=count).tolist())
        asked = "SELECT vector, text FROM embeddings JOIN words ON words.rowid = number WHERE number = ?"
        rows = [connection.execute(asked, [number]).fetchone() for number in numbers]
    spectrum = ((np.arange(DIMENSION) + 8.0) ** -0.5).astype(np.float32)
    noise = _units(random, count, spectrum)
    vectors = _to_units(decode_vectors([blob for blob, _ in rows]) + NEAR * noise)
    questions = []
    for (_, text), vector in zip(rows, vectors, strict=True):
        words = text.replace(".", "").split()
        places = random.choice(len(words), size=random.integers(8, 14), replace=False)
        questions.append(Asked(" ".join(words[place] for place in places), vector))
    return questions


def exact(archive: Archive, questions: Sequence[Asked], filters: Filters) -> list[set[str]]:
    """Return the ids of the nearest passages of each question by comparison with every selected vector."""
    condition, values = select(filters, ()).as_sql()
    found: list[list[tuple[float, str]]] = [[] for _ in questions]
    with archive.store.reading() as connection:
        rows = connection.execute(
            f"""SELECT passages.id, vector FROM embeddings JOIN passages USING (number)
                JOIN articles ON articles.number = passages.article WHERE {condition}""",
            values,
        )
        vectors = np.stack([question.vector for question in questions])
        while batch := rows.fetchmany(20_000):
            scores = vectors @ decode_vectors([blob for _, blob in batch]).T
            for place, row in enumerate(scores):
                best = np.argpartition(-row, min(EXACT, len(row) - 1))[:EXACT]
                found[place] += [(float(row[each]), batch[each][0]) for each in best]
                found[place] = sorted(found[place], reverse=True)[:EXACT]
    return [{id for _, id in each} for each in found]


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Return the figures of an archive, told as they come."""
    began = time.perf_counter()
    with Archive.open(folder) as archive:
        questions = make_questions(archive, count + 1)
        archive.search_dense(questions[-1].vector, limit=POOL)
        archive.search_lexical(questions[-1].text, limit=POOL)
        opened = time.perf_counter() - began
        status = archive.status()
        told: dict[str, Any] = {"passages": status.passages, "bytes": status.bytes_on_disk, "opened s": opened}
        out(f"{status.passages} passages, {status.bytes_on_disk / 2**20:.0f} MiB, first search after {opened:.2f} s")
        out(f"{'':<20}{'dense':>22}{'lexical':>22}{'fused':>22}   ms p50 / p95 (of the processor); hits as exact")
        embedder = GivenVectors(questions)
        for name, filters in FILTERS.items():
            told[name] = _measure_one(archive, embedder, questions[:-1], filters)
            out(f"{name:<20}{_row(told[name])}")
        told["memory"] = resident()
        out(f"memory of the process: {told['memory']}")
    return told


def _row(figures: dict[str, Any]) -> str:
    pairs = [figures[way] for way in ("dense", "lexical", "fused")]
    told = (f"{middle:.1f} / {slow:.1f} ({processor:.1f})" for middle, slow, processor in pairs)
    return "".join(f"{each:>22}" for each in told) + f"   {figures['as exact']:.4f}"


def _measure_one(
    archive: Archive, embedder: GivenVectors, questions: Sequence[Asked], filters: Filters
) -> dict[str, Any]:
    def dense(asked: Asked) -> list[tuple[str, float]]:
        return archive.search_dense(asked.vector, limit=POOL, filters=filters)

    ways: dict[str, Callable[[Asked], Any]] = {
        "dense": dense,
        "lexical": lambda asked: archive.search_lexical(asked.text, limit=POOL, filters=filters),
        "fused": lambda asked: search(archive, embedder, asked.text, limit=50, filters=filters),
    }
    figures: dict[str, Any] = {}
    for name, way in ways.items():
        way(questions[0])
        wall, processor = zip(*(_milliseconds(way, each) for each in questions), strict=True)
        figures[name] = [*np.percentile(wall, [50, 95]).tolist(), float(np.median(processor))]
    truth = exact(archive, questions, filters)
    found = [{id for id, _ in dense(asked)[:EXACT]} for asked in questions]
    same = sum(len(right & ours) for right, ours in zip(truth, found, strict=True))
    there = sum(len(right) for right in truth)
    figures["as exact"] = same / there if there else 1.0
    return figures


def _milliseconds(way: Callable[[Asked], Any], asked: Asked) -> tuple[float, float]:
    """Return what a search takes on the clock and of the processor; on a busy machine only the second says much."""
    before, used = time.perf_counter(), time.process_time()
    way(asked)
    return 1000 * (time.perf_counter() - before), 1000 * (time.process_time() - used)


def resident() -> dict[str, str]:
    """Return the memory that this process holds: what is its own, and what is mapped of files."""
    with suppress(OSError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if line.startswith(("VmHWM", "RssAnon", "RssFile")))
    return {}


def main() -> None:
    """Make an archive, or measure one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(dest="way", required=True)
    for way in ("make", "publish", "measure"):
        options = ways.add_parser(way)
        options.add_argument("--archive", type=Path, required=True)
        if way == "make":
            options.add_argument("--passages", type=int, required=True)
        elif way == "measure":
            options.add_argument("--questions", type=int, default=60)
            options.add_argument("--json", type=Path, help="a file for the figures")
    chosen = parser.parse_args()
    if chosen.way == "make":
        make(chosen.archive, chosen.passages)
    elif chosen.way == "publish":
        with Archive.open(chosen.archive) as archive:
            archive.vectors.forget()
            publish(archive)
    else:
        figures = measure(chosen.archive, chosen.questions)
        if chosen.json:
            chosen.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
