"""Invented articles that only one reader asks about: whatever else a reader is shown is another's.

Each reader has an outlet, and names, places and figures that stand in no other outlet's articles. The same ones every
time, and nobody's property.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SEED = 20251128
EACH = 4  # articles of a reader
_THINGS = (
    "lanterns beehives anchors millstones clocks kites bridges barrels chimneys orchards weathervanes ovens looms "
    "rafts wells bells gates plaques ladders wagons"
).split()
_STARTS = "Bra Cor Del Fen Gri Hal Jor Kel Lun Mor Nar Osk Pel Quin Ros Sel Tor Ulv Ves Wim Yar Zel".split()
_MIDDLES = "ba da ga la ma na ra sa ta va".split()
_ENDS = "ck dd ff ll mm nn rr ss tt x".split()
_FIRST_NAMES = "Ada Bo Cleo Dag Eli Fay Gus Ida Jon Kim Leo Mia Ned Ola Pia Rex".split()


@dataclass(frozen=True, slots=True)
class Fact:
    """What one question asks, with what the answer must hold and the words that no other reader's articles have."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Story:
    """One invented article with its questions; the last has no answer in it."""

    record: dict[str, str]
    facts: tuple[Fact, ...]
    unanswered: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, only about these articles; `own` are the names that stand nowhere else."""

    number: int
    outlet: str
    stories: tuple[Story, ...]
    own: frozenset[str]


def make_readers(count: int, *, each: int = EACH) -> tuple[Reader, ...]:
    """Return so many readers with so many articles each; the first ones of a larger number are those of a smaller."""
    draw = random.Random(SEED)
    names = _names(draw)
    return tuple(_reader(number, names, draw, each) for number in range(count))


def write(path: Path, readers: Sequence[Reader]) -> None:
    """Write the articles of all readers as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for reader in readers:
            for story in reader.stories:
                file.write(json.dumps(story.record) + "\n")


def _names(draw: random.Random) -> Iterator[str]:
    """Yield names that are never the same, nor one a part of another."""
    every = [a + b + c for a in _STARTS for b in _MIDDLES for c in _ENDS]
    draw.shuffle(every)
    yield from every


def _reader(number: int, names: Iterator[str], draw: random.Random, each: int) -> Reader:
    place = next(names)
    outlet = f"The {place} Echo"
    stories, own = [], {place}
    for at in range(each):
        person, village, sponsor = next(names), next(names), next(names)
        own |= {person, village, sponsor}
        who = f"{draw.choice(_FIRST_NAMES)} {person}"
        stories.append(_story(f"{number}-{at}", outlet, (who, village, sponsor), draw))
    return Reader(number, outlet, tuple(stories), frozenset(own))


def _story(key: str, outlet: str, names: tuple[str, str, str], draw: random.Random) -> Story:
    who, village, sponsor = names
    thing = draw.choice(_THINGS)
    counted, days, cost = draw.randint(1100, 9900), draw.randint(21, 98), draw.randint(11, 99)
    text = (
        f"{village.upper()} — {who} has counted {counted:,} {thing} in and around {village}, more than anyone "
        f"expected.\n\nThe count of the {thing} took {days} days and was paid for by the {sponsor} foundation. It had "
        f"been asked for by the town council, which wants to know how many of them need repair.\n\n"
        f"“I would do it again tomorrow,” {who} told this newspaper. Repairs of the {thing} will cost {cost} million "
        f"crowns, according to a first estimate, and are to begin before the winter.\n\n"
        f"Children of the school in {village} helped on two afternoons and painted what they had seen."
    )
    return Story(
        {
            "id": f"invented-{key}",
            "title": f"{who} counts {counted:,} {thing} in {village}",
            "outlet": outlet,
            "published": (date(2024, 1, 1) + timedelta(days=draw.randrange(600))).isoformat(),
            "text": text,
        },
        (
            Fact(f"How many {thing} did {who} count in {village}?", f"{counted:,}"),
            Fact(f"How many days did the count of the {thing} in {village} take?", str(days)),
            Fact(f"Who paid for the count of the {thing} in {village}?", sponsor),
            Fact(f"What will repairs of the {thing} in {village} cost?", f"{cost} million"),
        ),
        f"Which architect designed the new hospital in {village}?",
    )
