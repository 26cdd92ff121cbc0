"""What other articles give in place of a fact of the answer: the toll that has risen, the place that differs.

Another article's sentence is a version when it tells the same thing as the answer and its fact stands where the
answer's fact stands. It is shown beside the answer and never instead of it. A false alarm costs the reader as much
as a contradiction unseen, so whatever is not plainly the same thing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.cite import cite
from bot.number_words import TIME_UNITS
from bot.records import Citation, Sentence, Version, VersionRelation
from bot.rivals import Told, copied_words, in_place, same_name, value_of
from bot.slots import Slot
from bot.sought import (
    ASKED_WORDS,
    LEAST_SHARED,
    Asked,
    gives,
    is_name,
    read_question,
    same_day,
    scopes_of,
    slots_of,
)
from bot.stems import coverage
from bot.support import Similarity, SourceSentence
from index.records import Source

MOST_VERSIONS = 3  # other versions shown; more are the archive's whole history of a figure
MOST_COMPARED = 12  # candidates whose meaning is compared, the costly part
HARDLY_LOWER = 0.8  # a toll is revised, but a later one far below is that of a part


def find_versions(
    answered: tuple[Sequence[Sentence], Sequence[Citation]],
    sources: Sequence[SourceSentence],
    origins: Mapping[str, Source],
    question: str,
    similarity: Similarity,
) -> tuple[Version, ...]:
    """Return what `sources` of other articles give in place of the answer's facts, one version an outlet and fact.

    Their citations are numbered after those of the answer, the latest article first.
    """
    sentences, citations = answered
    asked = read_question(question, scopes_of(sources, origins))
    cited = {citation.article_id for citation in citations}
    own = [each for each in sources if any(_is_of(each, citation) for citation in citations)]
    ours = max((each.published for each in own if each.published), default=None)
    found: list[tuple[SourceSentence, Slot, Slot]] = []
    for sentence in sentences:
        for key in _key_slots(sentence.text, asked, own):
            said = SourceSentence(sentence.text, 0, 0, "", "", own[0].published if own else None)
            facts = [Told(key, said), *_occurrences(key, asked, own, sources)]
            others = _not_holding(key, [each for each in sources if each.article_id not in cited])
            for source, slot in _differing(facts, others, asked, similarity):
                if not gives(sentence.text, slot, None) and _may_follow(key, slot, ours, source.published):
                    found.append((source, slot, key))
    return tuple(_number(_once(found, ours), citations, origins, ours))


def _is_of(source: SourceSentence, citation: Citation) -> bool:
    return (source.article_id, source.start) == (citation.article_id, citation.start)


# --- the question and the answer's facts -------------------------------------------------------------------------


def _key_slots(text: str, asked: Asked, own: Sequence[SourceSentence]) -> Iterator[Slot]:
    """Yield the facts of the answer that the question does not hold, of a kind that it asks for."""
    published = own[0].published if own else None
    for slot in slots_of(text, published, asked):
        if slot.kind == "name" and not is_name(slot, asked.ordinary):
            continue
        if slot.kind in asked.kinds and not gives(asked.text, slot, None):
            yield slot


def _occurrences(
    key: Slot, asked: Asked, own: Sequence[SourceSentence], sources: Sequence[SourceSentence]
) -> Iterator[Told]:
    """Yield where the articles give the answer's fact: in its own quotes, and where they tell of the same thing."""
    for source in sources:
        if source in own or coverage(asked.words, source.text) >= ASKED_WORDS / 2:
            for slot in slots_of(source.text, source.published, asked):
                if slot.kind == key.kind and _is_same(key, slot, source):
                    yield Told(slot, source)


def _is_same(key: Slot, slot: Slot, source: SourceSentence) -> bool:
    if key.kind == "name":
        return same_name(key.keys, slot.keys)
    if key.kind == "date":
        return same_day(key, slot)
    return bool(key.keys & slot.keys)


def _not_holding(key: Slot, sources: Sequence[SourceSentence]) -> list[SourceSentence]:
    """Return the sentences of articles that give the answer's fact nowhere: those that do do not contradict it."""
    holding = {each.article_id for each in sources if gives(each.text, key, each.published)}
    return [each for each in sources if each.article_id not in holding]


# --- other facts in its place ------------------------------------------------------------------------------------


def _differing(
    facts: Sequence[Told], others: Sequence[SourceSentence], asked: Asked, similarity: Similarity
) -> Iterator[tuple[SourceSentence, Slot]]:
    """Yield the sentences that give another fact in the place of one of `facts`, with that fact."""
    likely = [(max(coverage(asked.words, each.text), _likeness(facts, each)), each) for each in others]
    nearest = [each for share, each in sorted(likely, key=lambda pair: -pair[0]) if share >= LEAST_SHARED]
    nearest = nearest[:MOST_COMPARED]
    said = facts[0].witness.text  # the answer's own sentence
    for source, cosine in zip(nearest, similarity(said, [each.text for each in nearest]), strict=True):
        slot = in_place(facts, source, asked, cosine)
        if slot:
            yield source, slot


def _likeness(facts: Sequence[Told], source: SourceSentence) -> float:
    return max((copied_words(fact, source) for fact in facts), default=0.0)


# --- what is shown -----------------------------------------------------------------------------------------------


def _once(
    found: Sequence[tuple[SourceSentence, Slot, Slot]], ours: date | None
) -> list[tuple[SourceSentence, Slot, Slot]]:
    """Return one sentence for each other fact, of the latest article that gives it; one later and one earlier figure.

    The figures between would be the whole history.
    """
    latest = sorted(found, key=lambda item: item[0].published or date.min, reverse=True)
    kept: list[tuple[SourceSentence, Slot, Slot]] = []
    told: set[VersionRelation] = set()
    for item in latest:
        source, slot, key = item
        same = any(slot.keys & other.keys and slot.kind == other.kind for _, other, _ in kept)
        relation = _relation(key, slot, ours, source.published)
        if not same and (relation == "differs" or relation not in told):
            kept.append(item)
            told.add(relation)
    return kept[:MOST_VERSIONS]


def _number(
    found: Sequence[tuple[SourceSentence, Slot, Slot]],
    citations: Sequence[Citation],
    origins: Mapping[str, Source],
    ours: date | None,
) -> Iterator[Version]:
    first = len(citations) + 1
    for number, (source, slot, key) in enumerate(found, start=first):
        citation = cite(number, source, origins[source.article_id])
        yield Version(slot.text, key.text, _relation(key, slot, ours, source.published), citation)


def _relation(key: Slot, other: Slot, ours: date | None, theirs: date | None) -> VersionRelation:
    if ours is None or theirs is None or ours == theirs or not (_develops(key) and _develops(other)):
        return "differs"
    return "later" if theirs > ours else "earlier"


def _may_follow(key: Slot, other: Slot, ours: date | None, theirs: date | None) -> bool:
    """Return whether two counts may be of one thing: a later one is hardly lower, those of one day are near.

    What is much lower is the count of a part: of one county, of one hospital.
    """
    if not _is_count(key) or not _is_count(other):
        return True
    size, other_size = (max(filter(None, map(value_of, slot.keys)), default=0.0) for slot in (key, other))
    if ours is None or theirs is None or ours == theirs:
        return min(size, other_size) * 2 >= max(size, other_size)
    first, last = (size, other_size) if theirs > ours else (other_size, size)
    return last >= HARDLY_LOWER * first


def _is_count(slot: Slot) -> bool:
    return slot.amount is not None and not slot.amount.unit and not any("%" in value for value in slot.amount.values)


def _develops(slot: Slot) -> bool:
    """Return whether a fact is a figure that changes from day to day: a count, a price; no age, time or rank."""
    if slot.amount is None or slot.amount.unit in TIME_UNITS:
        return False
    return not any(value[0] in "#tf~x" or value.endswith("s") for value in slot.amount.values)
