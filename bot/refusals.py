"""Tells a refusal in a model's own words from an answer.

A refusal speaks of the articles or of the model itself. "The minister did not say why" is an answer, and so is
"the cause could not be determined".
"""

from __future__ import annotations

import re

from index.sentences import split_sentences

_MATERIAL = (
    r"(?:articles?(?!\s+\d)|passages?|texts?(?!\s+messages?)|excerpts?|snippets?|context|documents?(?=\s+(?:do|provided))"
    r"|(?:provided|given|available|above|this|the)\s+(?:information|evidence|sources?|material))"
)
_ADVERB = r"(?:\w+ly\s+)?"
_SAYING = (
    r"(?:say|state|mention|specify|provide|contain|include|indicate|give|name|identify|disclose|report|tell|explain"
    r"|answer|cover|discuss|address|offer|have|refer|describe|detail|list|clarify|reveal|show)"
)
# Between "the article" and "does not say" no other subject may begin: "the article says the minister did not say".
_SAME_SUBJECT = r"(?:(?!\b(?:sa(?:ys?|id)|states?|reports?|reported|mentions?|notes?|that|which|who)\b)[^.,;:]){0,48}"
_DECLINING = re.compile(
    rf"\b{_MATERIAL}\b{_SAME_SUBJECT}(?:,\s*(?:however|though|unfortunately),\s*)?"
    rf"\b(?:(?:do|does|did)\s+not|(?:do|does|did)n['’]t|fails?\s+to|never)\s+{_ADVERB}{_SAYING}\b"
    rf"|\b(?:is|are|was|were)(?:\s+not|n['’]t)\s+{_ADVERB}(?:stated|mentioned|specified|provided|given|named|disclosed"
    rf"|found|available|included|covered|reported|answered|clear)\s+(?:in|by|from)\s+(?:\w+\s+){{0,2}}{_MATERIAL}\b"
    rf"|\b(?:is|are)(?:\s+not|n['’]t)\s+{_ADVERB}(?:stated|mentioned|specified|provided)\s*(?:here)?[.!]?\s*$"
    rf"|^\W*(?:it|this|that)\s+(?:is|was)(?:\s+not|n['’]t)\s+{_ADVERB}(?:stated|mentioned|specified|provided)\b"
    rf"|\bno\s+(?:\w+\s+)?(?:information|mention|answer|reference|details?|indication|evidence)\b[^.]{{0,80}}\b"
    rf"(?:in|by|from|of)\s+(?:\w+\s+){{0,2}}{_MATERIAL}\b"
    r"|^\W*(?:unfortunately,?\s+|i['’]m\s+sorry,?\s+(?:but\s+)?)?there(?:\s+is|['’]s)\s+"
    r"(?:no|not\s+enough|insufficient)\s+(?:\w+\s+)?(?:information|mention|answer|reference)\b"
    rf"|\b(?:none|neither|nothing)\s+(?:of|in)\s+(?:the|these)\s+(?:\w+\s+)?(?:two\s+)?{_MATERIAL}\b"
    rf"|\bneither\s+{_MATERIAL}\b"
    r"|\bquestion\s+(?:can\s?not|can['’]t|could\s+not|is\s+not|isn['’]t)\s+(?:be\s+)?answer"
    r"|^\W*(?:\w+,\s+)?(?:but\s+)?I\s+(?:can\s?not|can['’]t|could\s+not|couldn['’]t|am\s+unable|was\s+unable|do\s+not|don['’]t)\s+"
    r"(?:to\s+)?(?:\w+ly\s+)?(?:answer|find|determine|tell|provide|know|have|see|say)\b"
    r"|\b(?:can\s?not|can['’]t|could\s+not|not\s+possible\s+to|unable\s+to)\s+(?:be\s+)?"
    rf"(?:answer|determin|find|found|identif|infer|tell|confirm)\w*\s+[^.]{{0,60}}\b{_MATERIAL}\b"
    rf"|\b(?:based\s+on|according\s+to|from|in)\s+(?:\w+\s+){{0,3}}{_MATERIAL}(?:\s+provided)?,?\s+(?:there\s+is\s+no\s+(?:\w+\s+)?"
    r"(?:information|mention|answer|reference)|it\s+(?:is\s+not\s+(?:possible|clear|stated|specified|mentioned)|can\s?not\s+be))\b"
    r"|^\W*(?:(?:I['’]m|I\s+am|we\s+are|we['’]re)\s+)?(?:very\s+)?sorry\b|^\W*I\s+apologi[sz]e\b|\bas\s+an\s+AI\b",
    re.I,
)
_WHOLE = re.compile(
    r"\W*(?:(?:the\s+)?answer(?:\s+is)?:?\s+)?(?:unknown|n/?a|unanswerable|not\s+(?:stated|specified|mentioned|given|"
    r"provided|available|known|sure|applicable|answerable|enough\s+information|found)|(?:no|insufficient)\s+"
    r"(?:answer|information|details?)(?:\s+(?:found|available|given|provided))?|i\s+(?:don['’]t|do\s+not)\s+know)\W*",
    re.I,
)


def is_refusal(text: str) -> bool:
    """Return whether `text` says, in its first sentence, that the articles do not hold the answer."""
    line = text.strip().split("\n", 1)[0]
    spans = split_sentences(line[:400])
    if not spans:
        return False
    first = line[spans[0].start : spans[0].end]
    return bool(_DECLINING.search(first) or _WHOLE.fullmatch(first))
