"""How often both versions of a fact are given, on RGB's counterfactual passages; no model writes here.

The answer's sentence is taken from a passage that holds the known answer, or made of the question and the answer.
`python tests/quality/versions_on_rgb.py rgb_en_fact.jsonl` prints the share of questions in which a version gives
the contradicting fact, with all passages mixed and with each passage in one version only, and the false alarms with
the supporting passages alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.cite import cite
from bot.records import Sentence, Version
from bot.stems import content_stems, coverage
from bot.support import Similarity, SourceSentence
from bot.versions import find_versions
from index.records import Source
from index.sentences import split_sentences

Record = dict[str, Any]


def sources_of(passages: Sequence[str]) -> list[SourceSentence]:
    """Return the sentences of passages, each passage an article of its own."""
    return [
        SourceSentence(text[span.start : span.end], span.start, span.end, f"p{n}", f"a{n}")
        for n, text in enumerate(passages)
        for span in split_sentences(text)
    ]


_SHAPES = (
    (r"(?:who|whom|(?:which|what) (?:country|city|movie|actor|team|company)) (.*)", "{answer} {0}."),
    (r"when (?:was|is|did|does) (.*?)(?: (released|founded|release|take place))", "{0} {1} on {answer}."),
    (r"(?:what|who) (is|was|are) (.*)", "{1} {0} {answer}."),
    (r"how much did (.*?)( for)?", "{0} for {answer}."),
)


def as_statement(question: str, answer: str) -> str:
    """Return the question turned into the short sentence that a model is asked to answer with."""
    asked = question.strip().rstrip("?").strip()
    for pattern, shape in _SHAPES:
        match = re.fullmatch(pattern, asked, re.I)
        if match:
            return shape.format(*match.groups(), answer=answer)
    return f"{asked}: {answer}."


def accepted(answer: Any) -> list[str]:
    """Return every spelling of a known answer."""
    return [answer] if isinstance(answer, str) else [each for part in answer for each in accepted(part)]


def versions_of(record: Record, passages: Sequence[str], similarity: Similarity, *, short: bool) -> tuple[Version, ...]:
    """Return the versions found beside the known answer; none where no passage holds it."""
    gold = [each.casefold() for each in accepted(record["answer"])]
    sources = sources_of(passages)
    asked = content_stems(record["query"])
    holding = [each for each in sources if any(spelling in each.text.casefold() for spelling in gold)]
    if not holding:
        return ()
    quote = max(holding, key=lambda each: coverage(asked, each.text))
    text = as_statement(record["query"], accepted(record["answer"])[0]) if short else quote.text
    origins = {each.article_id: Source() for each in sources}
    citation = cite(1, quote, Source())
    answered = ([Sentence(text, "supported", (1,))], [citation])
    return find_versions(answered, sources, origins, record["query"], similarity)


def mixtures(record: Record) -> dict[str, list[str]]:
    """Return the passages of each condition."""
    right, wrong = record["positive"], record["positive_wrong"]
    return {
        "mixed": [*right, *wrong],
        "each passage once": [*right[::2], *wrong[1::2]] if len(right) > 1 else [],
        "supporting only": [*right, *record["negative"]],
    }


def gives_the_other(record: Record, versions: Sequence[Version]) -> bool:
    """Return whether a version is the contradicting fact."""
    fake = [each.casefold().strip() for each in accepted(record["fakeanswer"])]
    return any(
        any(each in version.citation.quote.casefold() for each in fake)
        and any(version.fact.casefold() in each or each in version.fact.casefold() for each in fake)
        for version in versions
    )


def measure(records: Sequence[Record], similarity: Similarity, say: Callable[[str], object]) -> None:
    """Say the share of each condition."""
    for short in (False, True):
        for name in ("mixed", "each passage once", "supporting only"):
            able = [record for record in records if mixtures(record)[name]]
            found = [versions_of(record, mixtures(record)[name], similarity, short=short) for record in able]
            if name == "supporting only":
                hits = sum(bool(versions) for versions in found)
            else:
                hits = sum(gives_the_other(*pair) for pair in zip(able, found, strict=True))
            kind = "short answer" if short else "article's sentence"
            say(f"{kind:20} {name:20} {hits:3} of {len(able)} = {hits / max(1, len(able)):.2f}")


def main(path: str) -> None:
    """Measure on the file at `path`, with the embedding model of models.txt."""
    from bot.app import open_embedder
    from bot.settings import read_settings
    from bot.similarity import remembering_similarity

    records = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    measure(
        records, remembering_similarity(open_embedder(read_settings(None))), lambda line: sys.stdout.write(line + "\n")
    )


if __name__ == "__main__":
    main(sys.argv[1])
