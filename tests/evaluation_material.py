"""Questions and answers of our own to judge: a dam, its gate, and what is known of both."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.outcome import Outcome, observe
from bot.questions import EvalQuestion, parse_question
from bot.records import Answer, Citation, Evidence, Question, Sentence, Support, Timings
from index.records import Hit, Passage, Source

TEXTS = {
    "dam": "The Quarrow Dam was built in 1976. Five people were hurt when its gate stuck.",
    "gate": "The gate of the dam stuck at 2:15 a.m. on Monday.",
    "cup": "Millcross Town lost the cup final by 17 points.",
}


def make_question(text: str = "How many people were hurt?", **fields: Any) -> EvalQuestion:
    return parse_question({"id": "q1", "question": text, "asked_on": "2025-06-10", **fields}, where="test")


def make_hit(article_id: str, *, score: float = 0.5) -> Hit:
    text = TEXTS.get(article_id, "Nothing of note.")
    passage = Passage(f"{article_id}#0", article_id, source(article_id), 0, len(text), text, ())
    return Hit(passage, score, ranks=(("dense", 1),), scores=(("dense", score),))


def make_answer(text: str = "", *, found: tuple[str, ...] = (), cited: tuple[str, ...] = (), **fields: Any) -> Answer:
    """An answer of one sentence that cites each of `cited` with its whole text; without a text it is a refusal."""
    citations = tuple(
        Citation(number, TEXTS[name], 0, len(TEXTS[name]), f"{name}#0", name, source(name))
        for number, name in enumerate(cited, start=1)
    )
    support: Support = "supported" if cited else "unsupported"
    sentence = Sentence(text, support, tuple(item.number for item in citations))
    whole: dict[str, Any] = {
        "question": Question("asked", date(2025, 6, 10)),
        "standalone_question": "asked",
        "answered": bool(text),
        "text": text or "The articles do not say.",
        "sentences": (sentence,) if text else (),
        "citations": citations,
        "retrieved": tuple(make_hit(name) for name in found),
        "confidence": 0.8 if text else 0.1,
        "model": "scripted",
        "timings": Timings(retrieve_ms=20, first_token_ms=900 if text else 0, total_ms=2000),
    }
    return Answer(**{**whole, **fields})


def make_outcome(
    text: str = "", *, question: EvalQuestion | None = None, read: tuple[str, ...] = (), **fields: Any
) -> Outcome:
    if read:
        fields["evidence"] = tuple(Evidence(number, make_hit(name)) for number, name in enumerate(read, start=1))
    return observe(question or make_question(answers=["5"]), make_answer(text, **fields), TEXTS.get)


def source(name: str) -> Source:
    return Source(title=f"About the {name}", outlet="Gazette", published=date(2025, 3, 3), path=f"news/{name}.txt")
