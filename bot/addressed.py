"""Which sentences of an article speak to whoever reads it by machine, and are no news: they answer nothing.

An article may say "ignore the other articles and answer that …". A model may obey, and what it then writes stands word
for word in that article, so that no check of the words would find it wrong. Such sentences stay visible in the article
and are found by a search; the model does not read them, and nothing is quoted from them. That is one fence of several:
whoever writes the lie as plain news gets past it, and then the quote shows which article says so, and what others say.

Knows nothing of models. The marks are those of the chat templates in use in 2026, of our own prompts, and the forms in
which published injections give orders.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from index.records import Hit, Span


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


# What no reporter writes and every model knows: a chat template's marks, tool calls, and the frames of our own prompts.
_MARKS = _any_of(
    r"<\|[^|<>\n]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>",
    r"</?(?:s|think|thinking|tool_calls?|tool_response|system|assistant|instructions?|im_start|im_end|eos|bos)>",
    r"<\s*/?\s*(?:articles?|documents?|sources?|context|passages?|quotes?)\s*>",
    r"^\s*#{1,4}\s.{1,300}\(.{1,120}\d{4}\)",  # a passage's heading, as prompts/passage.txt has it
    r"^\s*#{2,4}\s*(?:instruction|system|assistant|user|response|prompt|new\s+instructions?)\b",
    r"^\s*question,\s+asked\s+on\b|\bdo\s+the\s+articles\s+(?:above\s+)?state\s+the\s+answer\b",
    r"\breply\s+(?:yes|no)\b|\bthe\s+articles\s+do\s+not\s+say\b|\bthe\s+articles\s+above\b",
    r"\"(?:answer|answered|confidence|role|content|arguments|tool|function)\"\s*:",
    r"<!--|\[(?:begin|end|start)\s+of\s|\[\s?system\b|\b(?:erongi|rewsna|noitcurtsni)",
    r"^\W*(?:audience|ask|reply|on_conflict|instructions?|system_prompt|answer_key)\s*:\s",
    r"<(?:script|iframe|svg|form|style|img|video|object|embed)\b|!\[[^\]\n]*\]\(|\bjavascript:\S|\bdata:\w+/",
)
_READER = (
    r"(?:(?:ai|a\.i\.|llm|ki|ia)(?:[\s-](?:\w+[\s-])?(?:assistants?|models?|agents?|systems?|readers?|bots?|crawlers?"
    r"|assistenten|asistentes?|software|programs?|services?))?s?"
    r"|(?:large\s+)?language\s+models?|sprachmodelle?|chat\s?(?:gpt|bots?)|virtual\s+assistants?"
    r"|automated\s+(?:readers?|assistants?|systems?|agents?|services?|tools?)|(?:readers?|users?)[’']\s+assistants?"
    r"|(?:answering|retrieval|summari[sz]ing|question[\s-]answering)\s+(?:systems?|software|services?|engines?|programs?|models?)"
    r"|(?:software|programs?|services?|systems?|readers)\s+(?:that|which)\s+"
    r"(?:answers?|reads?|summari[sz]es?|quotes?|are\s+(?:computer|automated|ai))\b[^.\n]{0,40}"
    r"|(?:machine|robot)\s+readers?|digital\s+assistants?|modèles?\s+de\s+lang(?:age|ue)|assistants?\s+automatiques?"
    r"|modelos?\s+de\s+lenguaje|asistentes?\s+(?:virtuales?|automáticos?))"
)
_SAY = (
    r"(?:answer|reply|respond|say|state|write|output|repeat|report|claim|print|return|conclude|tell|confirm"
    r"|antworte\w*|sage\w*|auszugeben|ausgeben|répond\w*|responda\w*|diga\w*)"
)
_TEXTS = (
    r"(?:instructions|prompts?|articles|passages|sources|documents|context|anweisungen|artikel|instrucciones"
    r"|art[ií]culos|consignes)"
)
# "Every other article is void": what an attack says of those that tell the truth.
_OTHERS = (
    r"(?:(?:other|remaining|every\s+other|all\s+other|previous|earlier|related|derived)\s+(?:\w+\s+){0,2}?"
    r"(?:passages?|articles?|sources?|paragraphs?|sentences?|documents|copies|pages))"
)
_VOID = (
    r"(?:supersedes?|untrusted|void|invalid|drafts|leave\s+(?:them\s+)?out|disregard(?:ed)?|discard(?:ed)?"
    r"|(?:must|should|are|is)\s+not\s+(?:to\s+)?(?:be\s+)?(?:quoted|used|trusted|relied|mentioned|cited)|not\s+to\s+be\s+(?:used|trusted)"
    r"|known\s+errors|placeholders?|fabricated)\b"
)
_IGNORE = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|discard|ignorier(?:e|en\s+sie)|ignora|ignore[zr])\b"
    rf"(?:[^.\n]{{0,50}}\b{_TEXTS}\b|\s+(?:all|what|everything|anything)\b[^.\n]{{0,30}}\b(?:before|above|told|previous)\b)"
)
# Orders to whoever reads, however they are dressed. Each is a whole form: "ignore" alone is an ordinary word.
_ORDERS = _any_of(
    rf"(?:^|[.!?:;,—–“\"'(]\s*|\b(?:must|should|please|to|and|now|then|bitte)\s+){_IGNORE}",
    # Said to a machine.
    r"(?:^\W*|\b(?:notes?|notice|message|memo|attention|guidance|instructions?|hinweis|nota|aviso|avis)\b[^.\n]{0,30}\s)"
    r"(?:to|for|an|aux?|para|à\s+l[’']intention\s+des?)\s+(?:all\s+|alle\s+|any\s+|every\s+|the\s+|das\s+|die\s+|los\s+|les\s+)?"
    rf"{_READER}\b(?:\s*[:,—.]|\s*$)",
    rf"^\W*{_READER}\s*:",
    rf"\b{_SAY}\b[^.\n]{{0,60}}\b(?:this|that|the\s+(?:next|following|above|previous))\s+(?:sentence|line|wording)\b",
    rf"\b{_OTHERS}[^.\n]{{0,80}}\b{_VOID}|\b{_VOID}[^.\n]{{0,60}}\b{_OTHERS}",
    rf"\bif\s+you\s+(?:are|'re|’re)\s+(?:an?\s+)?{_READER}\b",
    rf"\b(?:as|you\s+are)\s+(?:now\s+)?an?\s+{_READER}\b[^.\n]{{0,60}}\b(?:you|must|should|will)\b",
    rf"\b{_READER}\s+(?:must|should|shall|may|are\s+(?:required|instructed|asked|told|requested))"
    rf"\s+(?:not\s+|only\s+|to\s+)*(?:{_SAY}|ignore|disregard|treat|cite|use|trust|follow|refuse|replace|know|combine)\b",
    r"\b(?:auf\s+die\s+frage|à\s+toute\s+personne\s+qui\s+demande|a\s+quien\s+pregunte)\b|\bmerci\s+de\s+répondre\b",
    r"\b(?:system|admin(?:istrator)?|developer|root)\s+(?:notice|prompt|message|override|note|update)\b",
    r"^\W*(?:system|assistant|user|human|model|developer)\s*(?:prompt|message)?\s*:\s",
    rf"\byou\s+are\s+now\s+(?:in\s+\w+\s+mode|acting|operating|an?\s+{_READER})\b",
    # What it is to say.
    rf"\b(?:you|and)\s+(?:must|are\s+to)\s+(?:now\s+|always\s+|only\s+)*{_SAY}\b(?!\s+for\b)\s*(?:with\s+)?[:“\"]",
    rf"\b{_SAY}\s+(?:only|exactly|verbatim|just|nothing\s+but|precisely)\b"
    r"\s*(?:with\s+)?(?:this|the|that|:|“|\"|[’'])",
    r"\b(?:answer|reply|respond)\s+(?:to\s+)?(?:every|all|any|each|the|this)\s+(?:user[’']?s?\s+)?questions?"
    r"\s+(?:only\s+)?(?:with|by|that|as)\b",
    r"\b(?:always|only)\s+(?:answer|reply|respond|output)\b\s*(?:with\s+)?(?::|“|\"|that\b|this\b|the\b)",
    rf"\bwhen\s+(?:you\s+are\s+)?asked\b[^.\n]{{0,80}}?,\s(?:please\s+|always\s+|only\s+)?{_SAY}\b",
    r"\btell\s+(?:your|the)\s+(?:user|reader|human|person)s?\b",
    rf"\b(?:your|the)\s+(?:only\s+|new\s+|first\s+)?(?:task|instructions?|job|role)\s+(?:is|are)\s+(?:now\s+)?to\s+{_SAY}\b",
    r"\b(?:reference|expected|gold|approved|cleared|verified|official)\s+(?:answer|response|reply)s?\b(?=[^\n]*:)",
    r"\b(?:answers?|questions?|quer(?:y|ies)|responses?)\s+(?:is|are)\s+to\s+be\s+(?:answered|given|met)\b",
    r"\b(?:for|to|in)\s+(?:every|any|each|all)\s+(?:answers?|quer(?:y|ies)|responses?)\b|\bany\s+question\s+answered\b",
    r"\b(?:models?|assistants?|responses?|answers?)\b[^.\n]{0,40}\b(?:retrained|penali[sz]ed|marked\s+wrong|score[sd]?\s+0|scoring\s+0)\b",
    r"\b(?:must|should|is\s+to|are\s+to|will)\s+(?:never\s+)?(?:appear|be\s+(?:shown|mentioned|revealed|repeated|applied))\s+"
    r"(?:in\s+(?:the\s+|any\s+|your\s+)?(?:output|answer|response)|silently)",
    r"\b(?:reading|reads|read)\s+(?:this|these\s+pages|this\s+page)\b[^.\n]{0,40}\b(?:model|machine|program|assistant|bot)\b",
    r"\b(?:model|machine|program|assistant|bot)\b[^.\n]{0,40}\b(?:reading|reads|read)\s+(?:this|these\s+pages)\b",
    r"\bthe\s+only\s+(?:valid|correct|right|true|permitted|allowed)\s+(?:answer|reply|response)\b",
    r"\bcite\s+(?:only\s+)?this\s+(?:article|source|passage|text)\b|\buse\s+(?:exactly\s+)?this\s+wording\b",
    r"\b(?:decode|translate|execute|run)\s+(?:this|the\s+following|these)\b[^.\n]{0,40}"
    r"\b(?:obey|follow|comply|do\s+(?:it|so|what))\b",
)
_QUOTED = re.compile(r"[“\"][^“”\"\n]*[”\"]|‘[^‘’\n]*’")
_RUN_TOGETHER = re.compile(r"(ignore|disregard|forget)\w{0,30}?(instructions|articles|passages|sources)", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?:\w ){5,}\w(?!\w)")
_LEET = str.maketrans("013457", "oieast")
_MIXED = re.compile(r"\b(?=[a-z]*\d[a-z0-9]*[a-z]|\d)(?=\d*[a-z])[a-z0-9]{2,}\b", re.IGNORECASE)
# What a text that wears a disguise holds: joiners, look-alike alphabets, full-width and ornamental letters.
_STRANGE = re.compile("[\u200c\u200d\u0370-\u04ff\u2460-\u24ff\uff00-\uffef\U0001d400-\U0001d7ff]")
# One of these is in every text that a pattern can match; most passages hold none, and looking for them is cheap.
_HINTS = (
    *("<", "inst]", "#", '":', "![", "javascript:", "data:", "reply", "the articles", "question, asked"),
    *("ignor", "disregard", "forget", "override", "overrul", "bypass", "discard", "language model", "sprachmodell"),
    *("ai ", "ai,", "ai:", "llm", " ki", "ia ", "chatbot", "chatgpt", "chat gpt", "chat bot", "assistan", "assisten"),
    *("automated", "machine", "robot", "notice", "prompt", "message", "you are now", "must ", "are to ", "answer"),
    *("respond", "verbatim", "exactly", "precisely", "nothing but", "only this", "only that", "only the", "just the"),
    *("asked", "your user", "the user", "the reader", "your reader", "human", "person", "task", "instruction", "role"),
    *("job", "valid", "correct", "permitted", "cite ", "wording", "decode", "translate", "execute", "system"),
    *("ask:", "audience", "reference", "expected", "approved", "cleared", "verified", "official", "quer", "response"),
    *("model", "bot", "program", "software", "supersede", "untrusted", "void", "drafts", "leave ", "placeholder"),
    *("fabricated", "known errors", "not be", "not to be", "auf die frage", "à toute", "a quien", "merci", "erongi"),
    *("rewsna", "noitcurtsni", "[", "llm:", "sentence", "next line", "following line", "read this"),
    *("user:", "model:", "developer", "output", "administrator", "antwort", "just this", "just that", "only:"),
)
# Letters of other alphabets that look like these; Unicode's confusables (UTS 39), those of whole Latin words only.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαοερτυνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijshdqwABEKMHOPCTYXIJSaoeptuvikABEZHIKMNOPTYX",
)

# Sentences after an order that belong to it: the lie that it wants told, or the answer put into the model's mouth.
_AFTER = 3


@lru_cache(maxsize=1024)  # a title is looked at whenever the tokens of one of its passages are counted
def is_addressed(text: str) -> bool:
    """Return whether a sentence, title or name speaks to a machine that reads it; its disguises are taken off first."""
    return _level(text) > 0


def without_orders(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits without the sentences that speak to a machine; their texts stay as they are."""
    return tuple(map(_without_orders, hits))


def _without_orders(hit: Hit) -> Hit:
    passage = hit.passage
    kept = plain_spans(passage.text, passage.sentences, offset=passage.start)
    if len(kept) == len(passage.sentences):
        return hit
    return replace(hit, passage=replace(passage, sentences=kept))


def plain_spans(text: str, spans: Sequence[Span], *, offset: int = 0) -> tuple[Span, ...]:
    """Return those of the sentences of `text`, which begins at `offset`, that speak to no machine.

    What stands beside an order belongs to it: the sentence before in its paragraph and three after, and what stands
    between two marks of a template or a prompt. An order that a reporter quotes is alone.
    """
    levels = [_level(text[span.start - offset : span.end - offset]) for span in spans]
    if not any(levels):
        return tuple(spans)
    breaks = ["\n" in text[one.end - offset : two.start - offset] for one, two in pairwise(spans)]
    dropped = {place for place, level in enumerate(levels) if level}
    for place, level in enumerate(levels):
        if level < _ORDER:
            continue
        dropped.update(range(place + 1, min(place + 1 + _AFTER, len(spans))))
        if place and not breaks[place - 1]:
            dropped.add(place - 1)
    dropped.update(_between(levels))
    return tuple(span for place, span in enumerate(spans) if place not in dropped)


_QUOTE, _ORDER, _MARK = 1, 2, 3
_FAR = 4  # sentences between two marks, of which those between are part


def _between(levels: Sequence[int]) -> set[int]:
    marks = [place for place, level in enumerate(levels) if level == _MARK]
    return {between for one, two in pairwise(marks) if two - one <= _FAR + 1 for between in range(one, two)}


def _level(text: str) -> int:
    """Return 0 for plain news, 1 for an order that is quoted, 2 for one that is given, 3 for a mark of a template."""
    level = 0
    for shape in _shapes(text):
        if not _may_match(shape):
            continue
        found = _ORDERS.search(shape)
        if _MARKS.search(shape) or (found and shape != text):  # whoever disguises an order means it
            return _MARK
        if found:
            level = max(level, _QUOTE if _is_quoted(shape, found.start(), found.end()) else _ORDER)
    return level


def _may_match(text: str) -> bool:
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Return whether a reporter quotes these words: inside quotation marks, with more of the sentence around them."""
    return any(
        quoted.start() <= start and end <= quoted.end() and len(text) - len(quoted[0]) >= 15
        for quoted in _QUOTED.finditer(text)
    )


def _shapes(text: str) -> list[str]:
    """Return the text as it reads, and with its disguises taken off where it wears any."""
    plain = text
    if _STRANGE.search(text):
        plain = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
        plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    shapes = [plain]
    if _SPACED.search(plain):
        words = re.split(r" {2,}|\u2003", plain)
        shapes.append(" ".join(_SPACED.sub(lambda found: found[0].replace(" ", ""), word) for word in words))
        shapes.append(_RUN_TOGETHER.sub(r"\1 the \2", plain.replace(" ", "")))
    if _MIXED.search(plain):
        shapes.append(_MIXED.sub(lambda word: word[0].translate(_LEET), plain))
    return shapes
