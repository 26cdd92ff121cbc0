"""What many write first: articles cut at about 1,000 characters, SentenceTransformer.encode, a Chroma collection.

    python tests/benchmarks/plain_chroma.py ARTICLES.jsonl --model FOLDER --into FOLDER

Defaults everywhere, and nothing of Byline: no dates, no search by words, no near-copies, nothing kept for a second
run. Prints one JSON object. Its seconds are from opening the file to the last passage stored, the model loaded before.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}  # nothing else: defaults are the point

LONGEST = 1000  # characters
AT_ONCE = 5000  # Chroma refuses more than 5,461 rows
SEPARATORS = ("\n\n", "\n", ". ", " ")


def split(text: str, longest: int = LONGEST, separators: Sequence[str] = SEPARATORS) -> list[str]:
    """Return pieces of at most `longest` characters, cut at the first separator that does, as large as they may be."""
    if len(text) <= longest:
        return [text] if text.strip() else []
    if not separators:
        return [text[start : start + longest] for start in range(0, len(text), longest)]
    first, *others = separators
    pieces, held = [], ""
    for part in text.split(first):
        joined = f"{held}{first}{part}" if held else part
        if len(joined) <= longest:
            held = joined
            continue
        pieces += split(held, longest, others)
        held = part
    return [*pieces, *split(held, longest, others)]


def store(articles: Path, model: object, into: Path) -> dict[str, float]:
    """Cut, embed and store the articles; return how many there were of each and the seconds."""
    import chromadb

    started = time.perf_counter()
    with articles.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    rows = [
        (f"{number}-{place}", piece, {"title": str(record.get("title", ""))})
        for number, record in enumerate(records)
        for place, piece in enumerate(split(str(record["text"])))
    ]
    collection = chromadb.PersistentClient(path=str(into)).get_or_create_collection("news")
    vectors = model.encode([piece for _, piece, _ in rows])  # type: ignore[attr-defined]
    for start in range(0, len(rows), AT_ONCE):
        ids, pieces, facts = map(list, zip(*rows[start : start + AT_ONCE], strict=True))
        collection.add(ids=ids, documents=pieces, embeddings=vectors[start : start + AT_ONCE], metadatas=facts)
    seconds = time.perf_counter() - started
    return {"articles": len(records), "passages": len(rows), "seconds": seconds, "tokens": count(model, rows)}


def count(model: object, rows: Sequence[tuple[str, str, object]]) -> int:
    """Return how many tokens the model read: of each piece no more than it takes."""
    read = model.tokenizer([piece for _, piece, _ in rows], truncation=True, max_length=model.max_seq_length)  # type: ignore[attr-defined]
    return sum(map(len, read["input_ids"]))


def main() -> int:
    """Store the articles and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="a sentence-transformers folder")
    parser.add_argument("--into", type=Path, required=True, help="an empty folder")
    options = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(options.model), device="cpu")
    model.encode(["warm"])
    sys.stdout.write(json.dumps(store(options.articles, model, options.into)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
