"""Makes what tests/quality/train_reader.py learns from: questions with passages that answer them, and that do not.

    python tests/quality/reader_data.py new_wiki_v1.0.json reddit_v1.0.json … --to examples.jsonl.xz

The files are those of SQuADShifts (Miller and others, "The Effect of Natural Distribution Shift on Question Answering
Models", arXiv 2004.14444; CC BY 4.0), from where its authors publish them; any file in SQuAD's format will do. They
hold only questions that their passages answer, so what does not answer is made, in ways in which news goes wrong too:

removed    the passage without the sentences that hold an answer: it is about the very thing, and does not tell it
beside     another passage near to the question in meaning
changed    the question asks of somebody or something else: another name, number or year, or the opposite word
why        the question asks why, where the passage tells when or where
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from bot.app import open_embedder
from bot.opposites import TURNS
from bot.settings import read_settings
from index.sentences import split_sentences

SEED = 20261128
NEAREST = 3  # other passages a question
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'’.-]+(?: (?:of |the |de |van )?[A-Z][\w'’.-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_CAUSE = re.compile(
    r"\b(?:because|due|since|as|so|for|to|after|reason|caus\w+|result\w*|led|why|therefore|thanks)\b", re.I
)
_WHEN = re.compile(r"^(?:When|Where) (?=(?:did|was|were|is|are|do|does|has|have|had)\b)", re.I)
# "What did he win?" has no second sense for "what did he lose?", unlike "first" or "early", so all of them serve.
_OPPOSITE = {word: other for pair in TURNS for word, other in (pair.split("/"), pair.split("/")[::-1])}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passage that answers it; `spans` are the answers' places in its text."""

    id: str
    question: str
    title: str
    text: str
    spans: tuple[tuple[int, int], ...]


def read_asked(path: Path, *, titled: bool) -> Iterator[Asked]:
    """Yield the questions of a file in SQuAD's format that have an answer."""
    for topic in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = topic.get("title", "").replace("_", " ") if titled else ""
        for paragraph in topic["paragraphs"]:
            text = paragraph["context"]
            for row in paragraph["qas"]:
                places = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in row["answers"] if a["text"]}
                spans = tuple(sorted(place for place in places if text[slice(*place)].strip()))
                if spans and row["question"].strip():
                    yield Asked(row["id"], row["question"].strip(), title, text, spans)


def without_answer(asked: Asked) -> str:
    """Return the passage without the sentences that hold an answer; empty where too little is left."""
    answers = {asked.text[slice(*span)].lower().strip() for span in asked.spans}
    kept = []
    for sentence in split_sentences(asked.text):
        words = asked.text[sentence.start : sentence.end]
        touched = any(sentence.start < end and start < sentence.end for start, end in asked.spans)
        if not touched and not any(answer in words.lower() for answer in answers):
            kept.append(words)
    return " ".join(kept) if len(" ".join(kept)) > 150 else ""


def change(asked: Asked, names: Sequence[str], chance: random.Random) -> str:
    """Return the question asked of something else, which the passage does not tell; empty where there is nothing."""
    ways = [way(asked, names, chance) for way in (_other_name, _other_number, _opposite)]
    ways = [way for way in ways if way and way != asked.question]
    return chance.choice(ways) if ways else ""


def _other_name(asked: Asked, names: Sequence[str], chance: random.Random) -> str:
    found = [m for m in _NAME.finditer(asked.question) if m.group() in asked.text]
    if not found:
        return ""
    place = chance.choice(found)
    answering = _answering_sentence(asked)
    here = [m.group() for m in _NAME.finditer(asked.text) if m.group() not in asked.question]
    near = [
        name for name in here if name not in answering and not any(name in asked.text[slice(*s)] for s in asked.spans)
    ]
    others = near if near and chance.random() < 0.4 else names
    other = chance.choice(others)
    if other in asked.text and others is names:
        return ""
    return asked.question[: place.start()] + other + asked.question[place.end() :]


def _other_number(asked: Asked, names: Sequence[str], chance: random.Random) -> str:
    found = list(_NUMBER.finditer(asked.question))
    if not found:
        return ""
    place = chance.choice(found)
    digits = place.group().replace(",", "").replace(".", "")
    value = int(digits) if len(digits) < 9 else 0
    step = chance.choice([1, 2, 3, 5, 7, 10]) * chance.choice([1, -1])
    other = str(max(1, value + step))
    if re.search(rf"\b{other}\b", asked.text):
        return ""
    return asked.question[: place.start()] + other + asked.question[place.end() :]


def _opposite(asked: Asked, names: Sequence[str], chance: random.Random) -> str:
    words = [m for m in re.finditer(r"[a-z]+", asked.question) if m.group() in _OPPOSITE]
    words = [m for m in words if _OPPOSITE[m.group()] not in asked.text.lower()]
    if not words:
        return ""
    place = chance.choice(words)
    return asked.question[: place.start()] + _OPPOSITE[place.group()] + asked.question[place.end() :]


def ask_why(asked: Asked) -> str:
    """Return the question of when or where as one of why; empty where the passage gives a reason, or may."""
    if not _WHEN.match(asked.question) or _CAUSE.search(_answering_sentence(asked)):
        return ""
    return _WHEN.sub("Why ", asked.question)


def _answering_sentence(asked: Asked) -> str:
    return " ".join(
        asked.text[each.start : each.end]
        for each in split_sentences(asked.text)
        if any(each.start < end and start < each.end for start, end in asked.spans)
    )


def beside(every: Sequence[Asked], embed: Any) -> list[list[str]]:
    """Return for each question the passages nearest to it that hold none of its answers."""
    texts = list(dict.fromkeys(each.text for each in every))
    passages, questions = embed(texts), embed([each.question for each in every])
    found = []
    for start in range(0, len(every), 512):
        order = np.argsort(-(questions[start : start + 512] @ passages.T), axis=1)[:, : NEAREST + 12]
        for each, row in zip(every[start : start + 512], order, strict=True):
            answers = [each.text[slice(*span)].lower() for span in each.spans]
            near = [texts[n] for n in row if texts[n] != each.text]
            found.append([text for text in near if not any(a in text.lower() for a in answers)][:NEAREST])
    return found


def examples(every: Sequence[Asked], near: Sequence[Sequence[str]], seed: int = SEED) -> Iterator[Mapping[str, Any]]:
    """Yield an example a line: question, title, text, spans (none where it does not answer) and its kind."""
    chance = random.Random(seed)
    names = sorted({m.group() for each in every for m in _NAME.finditer(each.question)})
    for each, others in zip(every, near, strict=True):
        base = {"question": each.question, "title": each.title, "text": each.text, "spans": []}
        yield {**base, "spans": each.spans, "kind": "answers"}
        if left := without_answer(each):
            yield {**base, "text": left, "kind": "removed"}
        for other in others:
            yield {**base, "text": other, "kind": "beside"}
        for kind, question in (("changed", change(each, names, chance)), ("why", ask_why(each))):
            if question:
                yield {**base, "question": question, "kind": kind}


def main() -> None:
    """Write the examples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    # A review or a post has no title that says what it is about.
    every = [
        asked for path in options.files for asked in read_asked(path, titled=not re.match("reddit|amazon", path.name))
    ]
    near = beside(every, open_embedder(read_settings(Path())).embed)
    with lzma.open(options.to, "wt", encoding="utf-8") as file:
        for row in examples(every, near):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
