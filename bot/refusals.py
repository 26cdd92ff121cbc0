"""Tells a refusal in a model's own words from an answer."""

from __future__ import annotations

import re

# The ways in which small instruct models decline, read off their answers to the development questions.
_DECLINING = re.compile(
    r"\b(?:articles?|texts?|passages?|information|sources?)\b[^.]{0,60}\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not)"
    r"\s+(?:\w+\s+){0,2}?(?:say|state|mention|specify|provide|contain|include|indicate|give|name|identify|disclose|report)"
    r"|\b(?:is|are|was|were) not (?:explicitly |directly |specifically )?"
    r"(?:stated|mentioned|specified|provided|given|named) in (?:the|any|these) (?:articles?|texts?|passages?)"
    r"|\bno (?:information|mention|answer)\b[^.]{0,40}\barticles?\b"
    r"|\b(?:cannot|can['’]t|could not) (?:be )?(?:answer|determin|find|found)",
    re.I,
)


def is_refusal(text: str) -> bool:
    """Return whether `text` says, first of all, that the articles do not hold the answer."""
    return bool(_DECLINING.search(text.split("\n", 1)[0][:240]))
