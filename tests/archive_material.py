"""Articles of our own and a short way to put them into an archive, for the tests of the store and of search."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from index.archive import Archive
from index.batch import Batch
from index.build import ignore
from index.embed import WordHashEmbedder
from index.ledger import hash_content
from index.records import Article, Source
from index.store import Entry

MAX_TOKENS = 40
EMBEDDER = WordHashEmbedder()

HARBOUR = Article(
    "harbour",
    Source(
        "Harbour bridge to close", "The Port Ledger", "Ann Lee", date(2021, 3, 4), "https://ledger.example/1", "h.txt"
    ),
    "The harbour bridge will close for 14 months. Engineers found cracks in two of its piers.\n\n"
    "“Nobody should be surprised,” said Mayor Théa O’Brien. The U.S. firm Calder & Sons will repair it.",
)
FERRY = Article(
    "ferry",
    Source("Ferries to run at night", "Daily Echo", "Ann Lee and Bo Ray", date(2021, 4, 10), "", "f.txt"),
    "Two ferries will run through the night while the bridge is shut. A ticket costs $1,250 a year.",
)
SCHOOL = Article(
    "school",
    Source("School wins robot prize", "daily  ECHO", "Joann Leeds", None, "", "s.txt"),
    "Pupils of Northgate School won a prize for a robot that sorts letters. The robot was built in six weeks.",
)
DESK = (HARBOUR, FERRY, SCHOOL)


def entry_of(article: Article) -> Entry:
    return Entry(article.id, hash_content(article), f"/news/{article.source.path}", "/news", "", article.source.path)


def put(archive: Archive, articles: Iterable[Article]) -> None:
    """Store articles as the indexing run does, without publishing vectors."""
    batch = Batch(archive, EMBEDDER, max_tokens=MAX_TOKENS, on_progress=ignore)
    for article in articles:
        batch.add(article, entry_of(article))
    batch.flush()


def write_lines(file: Path, texts: dict[str, str], **fields: str) -> None:
    """Write a JSONL file of articles with ids."""
    records = [{"id": id, "title": f"About {id}", "text": text, **fields} for id, text in texts.items()]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def write_text(file: Path, words: str) -> None:
    """Write a plain-text article whose body says `words`."""
    file.write_text(f"A headline over {words}\n\nThe body says {words} at some length, and ends.\n", encoding="utf-8")
