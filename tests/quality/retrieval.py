"""Measures the search alone, no model writing: the same reading, cutting, embedding, storing and fusing as in use.

    python tests/quality/retrieval.py news     --cache FOLDER [--more]
    python tests/quality/retrieval.py scifact  --cache FOLDER
    python tests/quality/retrieval.py chunking --cache FOLDER

`news`: the answerable questions of qa/news_questions.jsonl over 1,000 articles (5,000 with `--more`), with the limits
of time that a question implies: how often a gold article, and a gold or also supporting one, is among the first 1, 5
and 10 distinct articles. `scifact`: BEIR's test claims, nDCG@10 of the abstracts. `chunking`: Chroma's benchmark, all
corpora in one archive: of the characters of a question's excerpts, the share that the first 5 passages hold, averaged
over questions. Every figure comes with n and a bootstrap 95 % interval. The data lies in ../shared or BYLINE_SHARED.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import open_embedder
from bot.case import RETRIEVED
from bot.evidence import prefer_dates
from bot.intervals import ratio_interval
from bot.questions import EvalQuestion, read_questions
from bot.settings import PASSAGE_TOKENS, read_settings
from bot.stories import MOST_CARRIERS
from bot.timeframe import read_timeframe
from index.archive import Archive
from index.batch import Batch
from index.build import build, ignore
from index.embed import Embedder, Matrix
from index.records import Article, Filters, Hit, Source
from index.retrieve import search
from index.store import Entry

SHARED = Path(os.environ.get("BYLINE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
CHUNKS = 5  # passages that the chunking benchmark counts
DEPTH = 100  # passages asked for, to have ten distinct abstracts among them

Figures = list[tuple[str, list[float]]]
Span = tuple[int, int]


class RememberingEmbedder:
    """An embedder that keeps every vector in a file, so that only new texts cost anything."""

    def __init__(self, inner: Embedder, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._inner = inner
        self._known = sqlite3.connect(file, check_same_thread=False)  # an indexing run embeds in a thread of its own
        self._known.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        self.fingerprint = inner.fingerprint
        self.dimension = inner.dimension
        self.max_tokens = inner.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        return self._inner.count_tokens(texts)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, in order."""
        keys = [hashlib.blake2b(f"{self.fingerprint}\0{text}".encode(), digest_size=16).digest() for text in texts]
        rows = {
            key: row for key in keys for row in self._known.execute("SELECT vector FROM vectors WHERE key=?", [key])
        }
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
        if new:
            for key, vector in zip(new, self._inner.embed(list(new.values())), strict=True):
                rows[key] = (vector.tobytes(),)
            self._known.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", [(k, *rows[k]) for k in new])
            self._known.commit()
        found = [np.frombuffer(rows[key][0], dtype=np.float32) for key in keys]
        return np.stack(found) if found else np.zeros((0, self.dimension), dtype=np.float32)


# --- news ---


def measure_news(embedder: Embedder, *, more: bool) -> Figures:
    """Return how often a right article is among the first distinct ones."""
    files = [SHARED / "news" / "articles.jsonl"]
    files += [SHARED / "news" / "articles_4000.jsonl.gz"] if more else []
    questions = [each for each in read_questions(SHARED / "qa" / "news_questions.jsonl") if each.answerable]
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder), create=True) as archive:
        build(archive, files, embedder=embedder, max_tokens=PASSAGE_TOKENS)
        ranked = [_articles(find_news(archive, embedder, question)) for question in questions]
    figures: Figures = []
    for reading in ("gold", "gold or supporting"):
        ranks = [
            _first_rank(articles, _right_articles(question, reading))
            for articles, question in zip(ranked, questions, strict=True)
        ]
        figures += [(f"Hit@{k}, {reading}", [float(rank <= k) for rank in ranks]) for k in (1, 5, 10)]
        figures.append((f"MRR, {reading}", [1 / rank for rank in ranks]))
    return figures


def find_news(archive: Archive, embedder: Embedder, question: EvalQuestion) -> tuple[Hit, ...]:
    """Return the hits that an answer to `question` would be made from."""
    asked = question.to_question()
    timeframe = read_timeframe(asked.text, asked_on=asked.asked_on)
    filters = Filters(timeframe.since, timeframe.until) if timeframe and timeframe.is_limit else Filters()
    text = timeframe.rest if timeframe else asked.text
    found = search(archive, embedder, text, limit=MOST_CARRIERS * RETRIEVED, filters=filters)
    return prefer_dates(found, timeframe, asked_on=asked.asked_on)[:RETRIEVED]


def _right_articles(question: EvalQuestion, reading: str) -> set[str]:
    return {*question.gold_article_ids, *(question.also_supported_by if reading != "gold" else ())}


def _articles(hits: Sequence[Hit]) -> list[str]:
    """Return the distinct articles of the hits, each at its best passage's place."""
    return list(dict.fromkeys(hit.passage.article_id for hit in hits))


def _first_rank(articles: Sequence[str], right: set[str]) -> float:
    return next((rank for rank, id in enumerate(articles, start=1) if id in right), math.inf)


# --- SciFact ---


def measure_scifact(embedder: Embedder) -> Figures:
    """Return nDCG@10 and recall@10 of the abstracts for each test claim."""
    folder = SHARED / "retrieval" / "scifact"
    articles = [
        Article(record["_id"], Source(title=record["title"]), record["text"])
        for record in _read_lines(folder / "corpus.jsonl")
    ]
    claims = {record["_id"]: str(record["text"]) for record in _read_lines(folder / "queries.test.jsonl")}
    judged: dict[str, dict[str, int]] = {}
    with (folder / "qrels.test.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    with _archive_of(articles, embedder) as archive:
        ranked = {id: _articles(search(archive, embedder, claims[id], limit=DEPTH))[:10] for id in judged}
    recall = [len(set(ranked[id]) & set(judged[id])) / len(judged[id]) for id in judged]
    return [("nDCG@10", [_ndcg(ranked[id], judged[id]) for id in judged]), ("recall@10", recall)]


def _ndcg(ranked: Sequence[str], gains: Mapping[str, int]) -> float:
    """Return nDCG as trec_eval has it: linear gains, cut where the ranking ends."""
    found = sum(gains.get(id, 0) / math.log2(place + 1) for place, id in enumerate(ranked, start=1))
    best = sorted(gains.values(), reverse=True)[:10]
    return found / sum(gain / math.log2(place + 1) for place, gain in enumerate(best, start=1))


# --- Chroma's chunking benchmark ---


def measure_chunking(embedder: Embedder) -> Figures:
    """Return the share of each question's excerpts that the first passages hold, for all and by corpus."""
    folder = SHARED / "retrieval" / "chunking"
    corpora = sorted((folder / "corpora").glob("*.md"))
    texts = {file.stem: file.read_bytes().decode("utf-8") for file in corpora}  # bytes: offsets count every newline
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    recalls: dict[str, list[float]] = {"all": []} | {name: [] for name in texts}
    with _archive_of([Article(name, Source(), text) for name, text in texts.items()], embedder) as archive:
        for row in rows:
            excerpts = [(each["start_index"], each["end_index"]) for each in json.loads(row["references"])]
            hits = search(archive, embedder, row["question"], limit=CHUNKS)
            found = [(h.passage.start, h.passage.end) for h in hits if h.passage.article_id == row["corpus_id"]]
            recall = _covered(excerpts, found)
            recalls["all"].append(recall)
            recalls[row["corpus_id"]].append(recall)
    return [(f"recall@{CHUNKS}, {name}", values) for name, values in recalls.items()]


def _covered(wanted: Sequence[Span], found: Sequence[Span]) -> float:
    """Return the share of the wanted characters that lie in a found range, each counted once."""
    characters = {place for start, end in wanted for place in range(start, end)}
    return len({place for start, end in found for place in range(start, end)} & characters) / len(characters)


# --- shared ---


@contextmanager
def _archive_of(articles: Sequence[Article], embedder: Embedder) -> Iterator[Archive]:
    """Yield an archive of exactly these articles, read from nowhere: their texts must keep their offsets."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder), create=True) as archive:
        batch = Batch(archive, embedder, max_tokens=PASSAGE_TOKENS, on_progress=ignore)
        for article in articles:
            batch.add(article, Entry(article.id, article.id, article.id, "", "", article.id))
        batch.flush()
        yield archive


def _read_lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def show(figures: Figures) -> str:
    """Return one line a figure: its mean, its interval, its n."""
    lines = []
    for name, values in figures:
        interval = ratio_interval(values, [1.0] * len(values))
        bounds = f"[{interval.low:.3f}, {interval.high:.3f}]" if interval else ""
        lines.append(f"{name:<28} {np.mean(values):.3f}  {bounds}  n={len(values)}\n")
    return "".join(lines)


def main() -> None:
    """Measure one set and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sets = parser.add_subparsers(dest="set", required=True)
    for name in ("news", "scifact", "chunking"):
        options = sets.add_parser(name)
        options.add_argument("--cache", type=Path, required=True, help="a folder that keeps vectors between runs")
        if name == "news":
            options.add_argument("--more", action="store_true", help="among 5,000 articles instead of 1,000")
    chosen = parser.parse_args()
    embedder = RememberingEmbedder(open_embedder(read_settings(None)), chosen.cache / "vectors.sqlite3")
    if chosen.set == "news":
        figures = measure_news(embedder, more=chosen.more)
    else:
        figures = {"scifact": measure_scifact, "chunking": measure_chunking}[chosen.set](embedder)
    sys.stdout.write(show(figures))


if __name__ == "__main__":
    main()
