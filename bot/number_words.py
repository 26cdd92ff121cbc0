"""The English words and shapes of amounts: tables and patterns, which numbers.py reads by."""

from __future__ import annotations

import re

UNITS = {word: value for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)}  # fmt: skip
TENS = {word: 10 * value for value, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
)}  # fmt: skip
SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
    "trillion": 1e12, "tn": 1e12, "dozen": 12.0, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
ORDINALS = {word: value for value, word in enumerate(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth".split(), start=1
)}  # fmt: skip
DENOMINATORS = {
    "half": 2, "halves": 2, "quarter": 4, "quarters": 4,
    **{word: value for word, value in ORDINALS.items() if 3 <= value <= 10},
    **{f"{word}s": value for word, value in ORDINALS.items() if 3 <= value <= 10},
}  # fmt: skip
NUMBER_WORDS = frozenset((*UNITS, *TENS, *ORDINALS, *(word for word in SCALES if len(word) > 3), "half", "twice"))

CURRENCY_SIGNS = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen"}
CURRENCIES = frozenset(
    "dollar pound euro yen yuan rupee ruble rouble crown krone krona franc peso shekel lira cent penny".split()
)
MEASURES = {
    "usd": "dollar", "gbp": "pound", "eur": "euro", "pence": "penny", "p": "penny", "lb": "pound", "lbs": "pound",
    "quid": "pound", "feet": "foot", "ft": "foot", "inches": "inch", "km": "kilometre", "kilometer": "kilometre",
    "kg": "kilogram", "kilo": "kilogram", "metre": "metre", "meter": "metre", "centimeter": "centimetre",
    "cm": "centimetre", "mm": "millimetre", "millimeter": "millimetre", "mi": "mile",
    "hr": "hour", "hrs": "hour", "min": "minute",
    "mins": "minute",
    "secs": "second", "tonne": "tonne", "mph": "mph", "acre": "acre", "hectare": "hectare", "degree": "degree",
    "gallon": "gallon", "litre": "litre", "liter": "litre",
    **{word: word for word in
       "second minute hour day night week month year decade century mile yard foot inch kilometre kilogram ton "
       "ounce centimetre millimetre point".split()},
    **{word: word for word in CURRENCIES},
}  # fmt: skip
TIME_UNITS = frozenset("second minute hour day night week month year decade century".split())

ONES = "one|two|three|four|five|six|seven|eight|nine"
TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
TEN_WORDS = "|".join(TENS)
WORDS = rf"(?:(?:{TEN_WORDS})(?:[\s-](?:{ONES})\b)?|{TEENS}|{ONES}|zero)"
BIG = r"(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore)"
NUMERAL = r"(?>\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d\d)+,\d{3}|\d+(?:\.\d+)?)"
# Not inside a word or a longer number ("COVID-19", "19760"), but each side of a score ("2-0") and in "mid-2017".
BEGIN = (
    r"(?<![\w.,/:])(?:(?<![^\W\d]-)|(?<=\bmid-)|(?<=\bpre-)|(?<=\bpost-)|(?<=\bunder-)|(?<=\bover-)|(?<=\bof-)"
    r"|(?<=\bearly-)|(?<=\blate-)|(?<=\bto-)|(?<=\bin-))"
)
MAIN = re.compile(
    rf"(?P<currency>\b(?:US|AU|NZ|HK|A|C)?\$\s?|[£€¥]\s?)?(?P<sign>(?<![^\s(])[-−](?=[\d$£€])|\bminus\s)?"
    rf"(?P<inner>[$£€¥])?(?:(?:{BEGIN}|(?<=[$£€¥])|(?<=(?<![^\s(])[-−]))(?P<numeral>{NUMERAL})(?P<vulgar>[½¼¾⅓⅔])?"
    r"(?:(?P<short>k|mn|m|bn|b|tn)\b|(?P<ordinal>(?:st|nd|rd|th)\b)|(?P<people>s\b)"
    r"|(?P<attached>(?:km|kg|cm|mm|mph|ft|lbs?|p|hrs?|mins?|min)\b)|(?![\w/:]|[.,]\d))"
    rf"|{BEGIN}\b(?P<words>{WORDS})\b)(?P<half>\s+and\s+a\s+half\b)?"
    rf"(?P<scales>(?:[\s-](?:{BIG}|m|mn|bn|tn)\b)*(?:(?<=[dn])\s+(?:and\s+)?{WORDS}\b(?:[\s-]{BIG}\b)*)*)",
    re.I,
)
LONE_SCALE = re.compile(
    rf"(?<!and )(?<!and a )\b(?P<count>half[\s-]an?|half|an?|several|a\s+few|many|some|few)[\s-](?P<scale>{BIG})\b"
    rf"(?P<scales>(?:[\s-]{BIG}\b)*(?:\s+(?:and\s+)?{WORDS}\b)?)",
    re.I,
)
VAGUE = re.compile(r"\b(?P<scale>dozen|hundred|thousand|million|billion)s\b", re.I)
SPELLED_YEAR = re.compile(
    rf"\b(?P<century>thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)[\s-]"
    rf"(?P<rest>(?:{TEN_WORDS})(?:[\s-](?:{ONES}))?|{TEENS})\b(?!\s+(?:percent|per\s?cent))",
    re.I,
)
DECADE = re.compile(
    r"(?<![\w.,])(?P<long>1[5-9]\d0|20\d0)['’]?s\b|(?<!\w)['’](?P<short>\d0)s\b|(?<![\w.,$£€/-])(?P<lone>[2-9]0)s\b"
    rf"|\b(?P<word>{'|'.join(word[:-1] for word in TENS)})ies\b",
    re.I,
)
TIME = re.compile(
    r"(?<![\w.,:/])(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|(?P<hour24>[01]?\d|2[0-4]):(?P<minute24>[0-5]\d)(?![\d:])|(?P<clock>\d{1,2})\s+o['’]clock)"
    r"|\b(?P<word>noon|midday|midnight)\b",
    re.I,
)
SHARE = re.compile(
    rf"\b(?P<part>one|1)[\s-](?:in|out[\s-]of)[\s-](?:every[\s-])?(?P<whole>{WORDS}|\d{{1,3}}(?:,000)?)\b(?![.,]\d)"
    rf"|\b(?P<some>{WORDS}|\d{{1,2}})\s+(?:in\s+(?:every\s+)?(?P<tens>ten|10|100)|out\s+of\s+(?:every\s+)?"
    rf"(?P<of>{WORDS}|\d{{1,3}}))\b(?![.,]\d|\s+(?:days?|weeks?|months?|years?|hours?|minutes?))",
    re.I,
)
FRACTION = re.compile(
    rf"(?<!and )(?<!and a )\b(?:(?P<count>an?|{ONES}|[1-9])[\s-])?"
    rf"(?P<part>{'|'.join(sorted(DENOMINATORS, key=len, reverse=True))})\b",
    re.I,
)
ORDINAL = re.compile(
    rf"\b(?:(?P<ten>{TEN_WORDS})[\s-])?(?P<word>{'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b", re.I
)
TEN_ORDINAL = re.compile(rf"\b(?P<ten>{TEN_WORDS})[\s-](?P<word>{'|'.join(list(ORDINALS)[:9])})\b", re.I)
# "A second later" is a time; "at first" and "the first count" say "earlier", which no source need say so.
SOFT_ORDINAL = re.compile(
    r"\bseconds?\s+(?:later|after|ago|before)|\bat\s+first\b"
    r"|\bfirst\s+(?:of\s+all|counts?|figures?|estimates?|tolls?)\b",
    re.I,
)
GROUP_WORDS = {
    "both": 2, "couple": 2, "pair": 2, "twins": 2, "twin": 2, "duo": 2,
    "trio": 3, "single": 1, "sole": 1, "lone": 1,
}  # fmt: skip
GROUPS = re.compile(rf"\b(?:{'|'.join(GROUP_WORDS)})\b", re.I)
TIMES = {"twice": "x2", "double": "x2", "doubled": "x2", "thrice": "x3", "triple": "x3", "tripled": "x3"}
TWICE = re.compile(rf"\b(?P<word>{'|'.join(TIMES)})\b", re.I)
# "one of the", "no one", "one another": a pronoun, not a count.
PRONOUN_ONE = re.compile(
    r"\b(?:no|any|every|some|each|this|that|which|another|last)[\s-]one\b|\ban?\s+\w+\s+one\b"
    r"|\b(?:the\s+)?one(?=[\s-](?:another|day|who|that|which|thing|way)\b)",
    re.I,
)
BOUNDS = {
    ">": "more than|over|above|upwards? of|exceed(?:s|ed|ing)?|in excess of|just over|greater than|higher than",
    ">=": "at least|no (?:fewer|less) than|not less than|a minimum of",
    "<": "less than|fewer than|under|below|nearly|almost|just under|close to|lower than",
    "<=": "up to|at most|(?:no|not) more than|as many as|as much as|a maximum of",
}
BEFORE = re.compile(
    "|".join(rf"(?P<b{place}>\b(?:{words})\s+(?:an?\s+|another\s+|the\s+)?$)" for place, words in enumerate(
        (BOUNDS[">="], BOUNDS["<="], BOUNDS[">"], BOUNDS["<"])
    )),
    re.I,
)  # fmt: skip
BOUND_ORDER = (">=", "<=", ">", "<")
AFTER = re.compile(r"\s?%|[\s-]?per\s?cent(?:age\s+points?)?\b|[\s-]percentage\s+points?\b", re.I)
NEXT_WORD = re.compile(
    r"[\s-]+(?:(?:US|U\.S\.|American|Canadian|Australian)\s+)?(?:of\s+(?:the|his|her|its|their|our|these|those)\s+)?"
    r"(?P<word>[^\W\d_]+)"
)
YEAR_CUE = re.compile(
    r"\b(?:in|since|by|until|till|during|before|after|from|early|late|mid|year|spring|summer|autumn|fall|winter|through"
    r"|between|season|of)[\s-]+(?:the\s+)?$",
    re.I,
)
VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
