"""News-like articles of made-up words, as many as are wanted: the same ones every time, and nobody's property.

Words by Zipf's law from a vocabulary of syllables, names in capitals, numbers, paragraphs; dates over ten years, a
dozen outlets. No two are near-copies. Only their number and length is like news.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

SEED = 20170607
VOCABULARY = 30_000
_COMMON = "the of and to in a that for on with as at by was said from it is has be an had are who".split()
_STARTS, _MIDDLES, _ENDS = (
    "b d f g h k l m n p r s t v w st tr pl".split(),
    "a e i o u ar en il".split(),
    "n r s t l ck".split(),
)
_FIRST = date(2012, 1, 1)


def write(path: Path, *, articles: int, words: int) -> None:
    """Write so many articles of about so many words as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in make(articles, words):
            file.write(json.dumps(record) + "\n")


def make(articles: int, words: int) -> Iterator[dict[str, str]]:
    """Yield the articles; the first ones of a larger number are those of a smaller."""
    draw = random.Random(SEED)
    vocabulary = _vocabulary(draw)
    chances = list(accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    outlets = [f"The {word.capitalize()} {kind}" for word in vocabulary[40:44] for kind in ("Post", "Echo", "Gazette")]
    for number in range(articles):
        picked = draw.choices(vocabulary, cum_weights=chances, k=words + 8)
        yield {
            "id": f"made-up-{number}",
            "title": " ".join(picked[:8]).capitalize(),
            "outlet": draw.choice(outlets),
            "published": (_FIRST + timedelta(days=draw.randrange(3650))).isoformat(),
            "text": _text(picked[8:], draw),
        }


def _vocabulary(draw: random.Random) -> list[str]:
    made = dict.fromkeys(_COMMON)
    while len(made) < VOCABULARY:
        syllables = (draw.choice(_STARTS) + draw.choice(_MIDDLES) for _ in range(draw.randint(1, 3)))
        made["".join(syllables) + draw.choice(_ENDS)] = None
    return list(made)


def _text(words: list[str], draw: random.Random) -> str:
    """Return the words as sentences of 8 to 30 words, four to a paragraph."""
    sentences = []
    while words:
        long = draw.randint(8, 30)
        sentence, words = words[:long], words[long:]
        place = draw.randrange(len(sentence))
        sentence[place] = draw.choice([sentence[place].capitalize(), f"{draw.randint(2, 900)}"])
        sentences.append(" ".join([sentence[0].capitalize(), *sentence[1:]]) + ".")
    return "\n\n".join(" ".join(sentences[start : start + 4]) for start in range(0, len(sentences), 4))
