"""What kind of fact a question asks for, and which facts of a sentence could be it: "how many" wants a number.

Knows English question words only, and nothing of which sentence is best (see extract.py). A question that wants a
reason, a way or a yes expects no kind of fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.facts import Fact, FactKind, find_facts, holds, name_key
from bot.numbers import Amount
from bot.plain_words import OPENERS
from bot.stems import stem_of
from index.sentences import split_sentences

_NUMBERED = (
    "magnitude|percentages?|per\\s?cent|proportion|share|number|amount|price|cost|age|score|rate|salary|total|sum"
    "|population|length|height|width|depth|speed|temperature|size|weight|distance|odds|margin|value|budget|fine|toll"
    "|duration|record"
)
_TIMED = "year|month|day|date|time|week|weekday|decade|century|season"
_NAMED = (
    "actor|actress|airline|airport|album|animal|artist|athlete|author|band|bank|bill|book|brand|building|business"
    "|capital|car\\s?maker|automaker|celebrity|chain|channel|character|city|club|coach|college|comedian|company"
    "|continent|corporation|council|country|county|court|currency|director|disease|drug|film|firm|game|god|group"
    "|hospital|island|judge|king|lake|language|law|league|magazine|man|media|minister|ministry|monarch|mountain|movie"
    "|musician|name|nation|nationality|network|newspaper|office|officer|official|organi[sz]ation|outlet|parent|park"
    "|party|people|person|place|planet|platform|player|politician|pope|port|president|prime\\s+minister|prize|product"
    "|program|province|queen|rapper|region|religion|restaurant|retailer|river|role|ruler|school|scientist|series"
    "|service|show|singer|song|star|state|station|store|street|studio|team|title|town|tournament|treaty|tribe|union"
    "|university|village|virus|war|woman|world\\s+leader|writer"
)
# What may stand between "what" and its noun: "which major US retailer", not "which country this week".
_BETWEEN = r"(?:(?!this\b|that\b|last\b|next\b|the\b|one\b)[\w’'.-]+\s+)"
# "When", "who" and "where" ask at the beginning, after a comma or preposition, or at the end; elsewhere they relate.
_PLACE = (
    r"(?:^\W*(?:(?:and|but|so)\s+)?|[,;:–—]\s*(?:but\s+|and\s+|or\s+)?|\b(?:by|to|for|with|from|of|in|at|on|since)\s+)"
)
_ASKING = re.compile(
    r"(?P<amount>\bhow\s+(?:many|much|old|far|tall|big|high|large|fast|heavy|deep|wide|often|close|hot|cold|few"
    r"|expensive|likely)\b)"
    r"|(?P<span>\bhow\s+(?:long|soon|late|early|recently)\b)"
    rf"|(?P<when>{_PLACE}when\b(?!\s+what)|\bwhen\W*$)"
    rf"|(?P<name>{_PLACE}(?:who|whom|whose|where)\b|\b(?:who|whom|where)\W*$)"
    rf"|(?P<number>\b(?:what|which)\s+(?:(?:is|was|are|were|will\s+be)\s+(?:the|their|his|her|its)\s+{_BETWEEN}{{0,3}}?"
    rf"|{_BETWEEN}{{0,1}}?)(?:{_NUMBERED})\b"
    r"|\bwhat\s+(?:would|will|did|does|do|might|could|may)\b[^?,;]{1,80}?(?<!the)(?<!its)\s(?:cost|weigh)\b)"
    rf"|(?P<date>\b(?:what|which)\s+(?:(?:is|was)\s+the\s+)?{_BETWEEN}{{0,1}}?(?:{_TIMED})\b)"
    rf"|(?P<named>\bwhat\s+{_BETWEEN}{{0,4}}?(?:{_NAMED})s?\b|\b(?:nick|sur|code)?name\s+of\b|(?<!, )\bwhich\b"
    r"|\bwhich\b(?!\s+(?:is|are|was|were|has|have|had|will|would|could)\b))"
    r"|(?P<open>\b(?:why|how|what)\b)",
    re.I,
)
_KINDS: dict[str, frozenset[FactKind]] = {
    "amount": frozenset({"number"}),
    "span": frozenset({"number", "date"}),
    "when": frozenset({"date"}),
    "name": frozenset({"name"}),
    "number": frozenset({"number"}),
    "date": frozenset({"date", "number"}),
    "named": frozenset({"name"}),
    "open": frozenset(),
}
_COUNTED = re.compile(r"\bhow\s+many\s+(?P<words>(?:[\w’'-]+\s*){1,3})", re.I)
_BEGINS_OPEN = re.compile(r"\W*(?:\w+\s+)?(?:why|how|what)\b", re.I)
_PLURAL = re.compile(r"(?:\w+s|people|men|women|children|police)", re.I)
_WHY = re.compile(r"\bwhy\b|\bfor\s+what\s+reason\b|\bhow\s+come\b", re.I)
_VERBS = frozenset("is are was were did does do has have had can could will would should may might must".split())
_YES_OR_NO = re.compile(r"\W*(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b", re.I)
_MONEY = re.compile(
    r"\b(?:pay|paid|cost|costs|price|fine|fined|worth|spen[dt]|rais(?:e|ed)|earn|money|budget|debt|salary|sell|sold"
    r"|donat\w+|charge|invest\w*|funding|forgiveness|settle\w*|owe\w*)\b",
    re.I,
)
_PERCENT = re.compile(r"\b(?:percent(?:age)?|per\s?cent|proportion|share|increased?|rise|risen|rate|inflation)\b", re.I)
_CURRENCIES = frozenset(
    "dollar pound euro yen yuan rupee ruble rouble crown krone krona franc peso shekel lira".split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The kinds of fact that would answer, none where no kind is expected, and what a number would count."""

    kinds: frozenset[FactKind]
    counted: frozenset[str] = frozenset()  # stems of the words after "how many"
    is_money: bool = False
    is_share: bool = False


@lru_cache(maxsize=256)
def read_asked(question: str) -> Asked:
    """Return what `question` asks for, read from its last sentence that asks."""
    text = asking_sentence(question)
    asking = [] if _YES_OR_NO.match(text) else [match.lastgroup or "open" for match in _ASKING.finditer(text)]
    if not asking:
        return Asked(frozenset())
    kinds = _KINDS[_choose(asking, begins_open=bool(_BEGINS_OPEN.match(text)))]
    if "number" not in kinds:
        return Asked(kinds)
    counted = frozenset(_counted(text))
    much = bool(re.search(r"\bhow\s+much\b|\bcost\b|\bprice\b|\bfine\b|\bbudget\b|\bsalary\b", text, re.I))
    return Asked(kinds, counted, much and bool(_MONEY.search(text)), bool(_PERCENT.search(text)))


def expected_kinds(question: str) -> frozenset[FactKind]:
    """Return the kinds of fact one of which an answer must hold; none for a question of why, how or whether."""
    return read_asked(question).kinds


def wants_reason(question: str) -> bool:
    """Return whether the question asks why."""
    return bool(_WHY.search(asking_sentence(question)))


def answer_facts(
    question: str, sentence: str, *, published: date | None = None, ordinary: frozenset[str] = frozenset()
) -> tuple[Fact, ...]:
    """Return the facts of `sentence` that could answer: of an expected kind, and not in the question already.

    `ordinary` are stems that the evidence writes in lower case: a first word among them is no name.
    """
    kinds = expected_kinds(question)
    if not kinds:
        return ()
    opener = _opener(sentence)
    told = []
    for fact in find_facts(sentence, published=published):
        if not _is_of_kind(fact, kinds) or holds(fact, question, published=None):
            continue
        if fact.kind == "name" and fact.text == opener and _is_ordinary(opener, sentence, ordinary):
            continue
        told.append(fact)
    return tuple(told)


def fitness(
    question: str, sentence: str, *, published: date | None = None, ordinary: frozenset[str] = frozenset()
) -> float:
    """Return how well the facts of `sentence` fit what is asked: 1 with the thing counted, 0 without any such fact.

    A question that expects no kind of fact is fitted half by every sentence.
    """
    asked = read_asked(question)
    if not asked.kinds:
        return 0.5
    return max((_fit(fact, asked) for fact in answer_facts(question, sentence, published=published, ordinary=ordinary)),
               default=0.0)  # fmt: skip


def _fit(fact: Fact, asked: Asked) -> float:
    """Return 1 for a number of what is counted, or any fact where nothing is; less for a number of something else."""
    amount = fact.amount
    if amount is None:
        return 1.0
    if asked.is_money:
        return 1.0 if amount.unit in _CURRENCIES else 0.4
    if asked.is_share:
        return 1.0 if any("%" in value for value in amount.values) else 0.5
    if asked.counted:
        return 1.0 if stem_of(amount.noun) in asked.counted or stem_of(amount.unit) in asked.counted else 0.6
    return 1.0


def asking_sentence(question: str) -> str:
    """Return the last sentence that ends with a question mark or holds a question word, else the whole.

    Of a follow-up joined with the question before it (see standalone.py) the new one, which stands first.
    """
    question = re.split(r"(?<=\?) — ", question)[0]
    sentences = [question[span.start : span.end] for span in split_sentences(question)]
    asking = [text for text in sentences if text.rstrip('"”’ ').endswith("?")]
    asking = asking or [text for text in sentences if _ASKING.search(text)]
    return asking[-1] if asking else question


def _choose(asking: Sequence[str], *, begins_open: bool) -> str:
    """Return which question word asks: "began what could be her last by playing in which tournament" wants a name.

    "What did he say when …" stays open, as does every "why".
    """
    telling = [group for group in asking if group != "open" and not (begins_open and group in ("when", "name"))]
    return telling[0] if telling else "open"


def _counted(text: str) -> Iterator[str]:
    """Yield the stems of the words after "how many", until a verb: what is counted."""
    match = _COUNTED.search(text)
    for word in match["words"].split() if match else ():
        if word.lower() in _VERBS:
            return
        yield stem_of(name_key(word))
        if _PLURAL.fullmatch(word):
            return


def _is_of_kind(fact: Fact, kinds: frozenset[FactKind]) -> bool:
    if fact.kind in kinds:
        if fact.kind == "number" and kinds == {"number", "date"}:
            return True
        return not (fact.kind == "number" and _is_year(fact.amount))
    return "date" in kinds and fact.kind == "number" and _is_year(fact.amount)


def _is_year(amount: Amount | None) -> bool:
    return amount is not None and amount.is_bare_year


def _opener(sentence: str) -> str:
    match = re.match(r"\W*([\w’'.-]+)", sentence)
    return match[1].rstrip(".") if match else ""


def _is_ordinary(opener: str, sentence: str, ordinary: frozenset[str]) -> bool:
    """Return whether the first word is capitalised for standing first: others write it small, and no name follows."""
    if name_key(opener) in OPENERS:
        return True
    after = sentence[sentence.find(opener) + len(opener) :]
    return stem_of(name_key(opener)) in ordinary and not re.match(r"\s+[A-Z]", after)
