"""Text to the exact spans of its sentences, by rules for English news and, for some languages, further ones.

Three steps: lines become blocks (a paragraph, or a line that stands alone), a block is cut after its terminal
marks, and what is still too long to cite is cut where it breathes. Every regular expression here is possessive or
bounded, so that a megabyte of dots costs no more than a megabyte of prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from index.records import Span
from index.sentence_rules import LOOKED_AT, RULES, Rules

MAX_CHARACTERS = 1_200  # five times the longest honest sentence of news; past it a "sentence" is a table or a dump

_WRAP_WIDTHS = range(50, 101)  # where mail, wire copy and old text files wrap their lines
_SHORTEST_WRAPPED_LINE = 40

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]++")
_BULLET = re.compile(r"(?:[•●▪■►▶‣◦·*–—-]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_UNFINISHED_LINE = re.compile(
    r"(?:,|\b(?:a|an|and|as|at|by|for|from|has|her|his|in|is|its|of|on|or|our|than|that|the|their|to|was|were|with)"
    r"|\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Prof|Rev|St|No)\.)\Z"
)

_STOP = re.compile(
    r"(?P<mark>[.!?…]++(?:[ \xa0][.…]++(?!\w))*+)"
    r"(?P<close>(?:[\"'”’»›)}\]*_¹²³\u200b-\u200f\u2060\ufeff]|\[(?:\d{1,3}|[a-z])\]|[ \xa0]”)*+)"
)
_FOLLOWING = re.compile(r"(?P<space>\s*+)(?P<open>[\"'“‘«‹(\[{*_¿¡]*+)(?P<word>[^\W_][\w’'-]{0,40}+)?")
_SPACE = re.compile(r"\s*+")
_LAST_TOKEN = re.compile(r"[\w.’'&]+\Z")
_SINGLE_TERMINAL = frozenset(".!?")
_DASHES = frozenset("-–—―")
_QUOTES = frozenset("\"'”’»›")

_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # U.S, N.Y, J.K, L.L.C
_ENUMERATOR = re.compile(r"\d{1,3}|[a-zA-Z]|[ivx]{1,4}|[IVX]{1,4}")
_ATTRIBUTION = re.compile(
    r"(?:[A-Z][\w.’'-]{0,30}+,?\s){1,4}(?:\d\d,\s)?(?:\w{2,12}ly\s)?"
    r"(?:said|says|asked|asks|wrote|tweeted|told|replied|added|wondered|shouted|joked|recalled|stated|continued)\b"
)
_SHORT_QUOTED_NAME = re.compile(r"[\"“‘'][^\"”’'\n]{1,30}[^\s.,!?…\"”’'][\"”’']")
_CLOCK_CONTINUATION = re.compile(
    r"(?:[A-Z]{1,2}[SD]?T|GMT|UTC|Eastern|Central|Mountain|Pacific|Atlantic|Alaska|Hawaii|Zulu"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]\w{2,15}\stime)\b"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d"
    r"|(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.|\d"
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Abbreviations as they are written, without their last dot. Case counts: "Mass." is a state, "mass." ends a sentence.
_NEVER_LAST = _words(
    "Mr Mrs Ms Mx Messrs Mme Mlle Dr Drs Prof Profs Rev Fr Hon Sen Sens Rep Reps Gov Govs Pres Sec Amb Gen Gens Lt"
    " Col Cols Sgt Sgts Capt Cpl Cmdr Cdr Adm Maj Brig Pvt Pfc Spc Supt Insp Det Dets Atty Mt Ste vs v e.g i.e eg ie"
    " cf ca approx viz Lt.Gen Lt.Col Maj.Gen Brig.Gen Lt.Gov"
)
_LAST_UNLESS_NUMBER_FOLLOWS = _words(
    "No Nos no nos Rs Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun Fig"
    " Figs Vol Vols Art Arts Ch Sect Pt pp p ch fig vol Op Ed c"
)
_LAST_BEFORE_OPENERS = _words(
    "Inc Corp Co Cos Ltd LLC LLP PLC Plc Bros Mfg Intl Natl Govt Dept Univ Assn Assoc Jr Sr Esq St Ave Blvd Rd Hwy"
    " Pkwy Ft ft lb lbs oz sq al Ph.D PhD Ed.D M.Sc B.Sc M.Phil D.Phil Psy.D Pharm.D Ala Ariz Ark Calif Colo Conn Del"
    " Fla Ga Ill Ind Kan Kans Ky La Mass Md Mich Minn Miss Mo Mont Neb Nebr Nev Okla Ore Pa Penn Tenn Tex Va Vt Wash"
    " Wis Wisc Wyo Ont Que Sask Alta Asst Dist"
)
_CLOCK = _words("a.m p.m A.M P.M")
_NAMES_WITH_MARK = _words("Yahoo Jeopardy Yum Wham Ahoy Joomla")
_LABELS_OF_LETTERS = _words(  # "World War I.", "vitamin C.": a letter that is not an initial
    "War war Plan plan Part Phase Title Section Vitamin vitamin Vitamins Hepatitis hepatitis Type type Group Grade"
    " Class Category Exhibit Schedule Generation Gen influenza Influenza Appendix Tier"
)
# Capitalised words that open sentences and do not continue a name, so that "the U.S. The" is two sentences and
# "the U.S. Senate" is not. Verbs and "to" are left out: headlines have them ("U.S. Is Ready To Act").
_OPENERS = _words(
    "A About According Additionally After Again Against All Almost Along Already Also Although Always Amid Among An"
    " And Another Any Anyone Around As Asked At Authorities Because Before Behind Below Beyond Both But By Critics"
    " Despite During Each Earlier Either Elsewhere Even Eventually Every Everyone Everything Experts Few Finally For"
    " Former From Further Furthermore Given Half He Her Here His How However Hundreds I If In Indeed Inside Instead"
    " Investigators It Its Just Last Later Less Like Local Many Maybe Meanwhile More Moreover Most Much My Nearly"
    " Neither Never Nevertheless No Nobody None Nor Not Nothing Now Of Officials Often On Once One Only Or Other"
    " Others Otherwise Our Over Overall People Perhaps Police Prosecutors Rather Recently Researchers Scientists"
    " Several She Similarly Since Six So Some Someone Sometimes Soon Still Such That The Their Then There Therefore"
    " These They This Those Though Thousands Three Through Throughout Thus Today Together Two Four Five Under Unless"
    " Unlike Until Upon Voters We What Whatever When Where Whether Which While Who Whose Why With Within Without"
    " Witnesses Yes Yesterday Yet You Your"
)


def split_sentences(text: str, start: int = 0, end: int | None = None, *, language: str = "") -> list[Span]:
    """Return the spans of the sentences of `text[start:end]`, in order, apart, covering all that is not whitespace.

    Offsets count in `text`. No span begins or ends with whitespace. Blank lines and lines that stand alone end a
    sentence; the line ends of a hard-wrapped paragraph do not. A sentence of more than `MAX_CHARACTERS` is cut after
    semicolons, else at whitespace, else anywhere, so that no span is longer.
    """
    stop = len(text) if end is None else min(end, len(text))
    return [
        piece
        for block in _find_blocks(text, start, stop)
        for sentence in _split_block(text, block, RULES.get(language))
        for piece in _cut_long(text, sentence)
    ]


# --- lines to blocks ---


def _find_blocks(text: str, start: int, end: int) -> Iterator[Span]:
    paragraphs = _find_paragraphs(text, start, end)
    # Short paragraphs show no width of their own, so the whole text's width decides for them.
    width = max((_measure_wrap(text, lines) for lines in paragraphs), default=0)
    for lines in paragraphs:
        begin = lines[0].start
        for line, following in pairwise(lines):
            if not _runs_on(text, line, following, width=width):
                yield Span(begin, line.end)
                begin = following.start
        yield Span(begin, lines[-1].end)


def _find_paragraphs(text: str, start: int, end: int) -> list[list[Span]]:
    """Return the lines of each paragraph, trimmed, none empty."""
    paragraphs: list[list[Span]] = []
    previous_end = -2
    for match in _LINE.finditer(text, start, end):
        line = _trim(text, match.start(), match.end())
        if line.start == line.end:
            previous_end = -2  # a line of blanks parts paragraphs like an empty one
            continue
        gap = match.start() - previous_end
        touches = gap == 1 or (gap == 2 and text[previous_end : match.start()] == "\r\n")
        if not touches:
            paragraphs.append([])
        paragraphs[-1].append(line)
        previous_end = match.end()
    return paragraphs


def _measure_wrap(text: str, lines: list[Span]) -> int:
    """Return the width at which a paragraph was wrapped, 0 when its lines do not look wrapped.

    Wrapped means: each next line's first word would not have fitted, and a third of the lines begin in lower case,
    which lists of headlines do not.
    """
    width = max(line.end - line.start for line in lines)
    joins = list(pairwise(lines))
    if len(joins) < 2 or width not in _WRAP_WIDTHS:
        return 0
    lowercase = sum(text[following.start].islower() for _, following in joins)
    full = all(_is_full(text, line, following, width=width) for line, following in joins)
    return width if full and 3 * lowercase >= len(joins) else 0


def _is_full(text: str, line: Span, following: Span, *, width: int) -> bool:
    space = text.find(" ", following.start, following.end)
    first_word = (space if space >= 0 else following.end) - following.start
    return width - first_word - 3 < line.end - line.start <= width


def _runs_on(text: str, line: Span, following: Span, *, width: int) -> bool:
    """True when the sentence may go on past the end of `line`."""
    if _BULLET.match(text, following.start, following.end) or line.end - line.start < _SHORTEST_WRAPPED_LINE:
        return False
    if text[following.start].islower() or _UNFINISHED_LINE.search(text[max(line.start, line.end - 8) : line.end]):
        return True
    return _is_full(text, line, following, width=width)


# --- a block to sentences ---


def _split_block(text: str, block: Span, rules: Rules | None) -> Iterator[Span]:
    begin = block.start
    for stop in _STOP.finditer(text, block.start, block.end):
        if stop.end() >= block.end:
            break
        following = _FOLLOWING.match(text, stop.end(), block.end)
        if following is None or not _ends_sentence(text, stop, following, begin=begin):
            continue
        if (
            rules
            and stop[0] == "."
            and rules.goes_on(text[max(begin, stop.start() - LOOKED_AT) : stop.start()], following["word"] or "")
        ):
            continue
        yield _trim(text, begin, stop.end())
        begin = following.end("space")
    yield _trim(text, begin, block.end)


def _ends_sentence(text: str, stop: re.Match[str], following: re.Match[str], *, begin: int) -> bool:
    if not _can_begin(text, following):
        return False
    if not following["space"]:
        return _is_glued(text, stop, following, begin=begin)
    mark = stop["mark"]
    if "!" in mark or "?" in mark:
        return _question_ends(text, stop, following, begin=begin)
    if mark != ".":
        return _ellipsis_ends(text, stop, following)
    return _dot_ends(text, stop, following, begin=begin)


def _can_begin(text: str, following: re.Match[str]) -> bool:
    """True when what follows may begin a sentence: not lower case, not a dash (an attribution, a dateline)."""
    word = following["word"]
    if word is None:
        return following.end() < len(text) and text[following.end()] not in _DASHES
    return not word[0].islower() or word[1:2].isupper()  # iPhone, eBay


def _is_glued(text: str, stop: re.Match[str], following: re.Match[str], *, begin: int) -> bool:
    """True for a sentence that lost the space after it ("on Friday.The"), which web pages often do."""
    word = following["word"] or ""
    if stop["mark"] not in _SINGLE_TERMINAL or len(word) < 2 or not word[0].isupper():
        return False
    if _QUOTES & set(stop["close"]) or following["open"][:1] == "“":
        return text[stop.start() - 1 : stop.start()].islower() and word[1].islower()
    token = _last_token(text, begin, stop.start())
    before = text[stop.start() - len(token) - 1 : stop.start() - len(token)]
    return len(token) > 1 and token.isalpha() and token[-1].islower() and before.isspace() and word in _OPENERS


def _question_ends(text: str, stop: re.Match[str], following: re.Match[str], *, begin: int) -> bool:
    if text[stop.start() - 1 : stop.start()] in {"(", "["}:  # "(?)" and "[!]" are remarks
        return False
    if _QUOTES & set(stop["close"]):
        if following["open"][:1] == "(":  # “Jimmy Kimmel Live!” (ABC)
            return _opens(text, following)
        return bool(following["open"]) or not _ATTRIBUTION.match(text, following.start("word"))
    if stop["mark"] == "!" and _last_token(text, begin, stop.start()) in _NAMES_WITH_MARK:
        return _opens(text, following)
    return True


def _ellipsis_ends(text: str, stop: re.Match[str], following: re.Match[str]) -> bool:
    mark = stop["mark"]
    if mark.count(".") > 3 or ("." in mark and "…" in mark):  # an ellipsis and the sentence's own dot
        return True
    if _QUOTES & set(stop["close"]):
        return _ATTRIBUTION.match(text, following.start("word")) is None
    return _opens(text, following)


def _dot_ends(text: str, stop: re.Match[str], following: re.Match[str], *, begin: int) -> bool:
    token = _last_token(text, begin, stop.start())
    if stop.start() - len(token) == begin and _ENUMERATOR.fullmatch(token):  # "1. The winner"
        return False
    if token in _NEVER_LAST:
        return False
    if token in _LAST_UNLESS_NUMBER_FOLLOWS:
        return not (following["word"] or "")[:1].isdigit()
    if token in _CLOCK:
        return bool(stop["close"]) or _CLOCK_CONTINUATION.match(text, following.end("space")) is None
    if token in _LAST_BEFORE_OPENERS or _ACRONYM.fullmatch(token):
        return _abbreviation_ends(text, stop, following)
    if len(token) == 1 and token.isupper():
        return _initial_ends(text, stop, following, begin=begin)
    return True


def _abbreviation_ends(text: str, stop: re.Match[str], following: re.Match[str]) -> bool:
    if stop["close"]:
        return ")" not in stop["close"]  # "(D-Calif.) Padilla" goes on, "in the U.S.” Padilla" does not
    return _opens(text, following)


def _initial_ends(text: str, stop: re.Match[str], following: re.Match[str], *, begin: int) -> bool:
    before = text[max(begin, stop.start() - 20) : stop.start() - 1].split()
    if stop["close"] or (before and before[-1] in _LABELS_OF_LETTERS):
        return True
    return not following["open"] and _opens(text, following)


def _opens(text: str, following: re.Match[str]) -> bool:
    """True when what follows reads as a sentence's first words and not as the rest of a name."""
    word = following["word"] or ""
    base = re.split("[’'-]", word, maxsplit=1)[0]
    if len(word) == 1 and text[following.end() : following.end() + 1] == ".":  # "J. A. Smith"
        return False
    if base in _OPENERS:
        return True
    quoted = bool(set("\"'“‘«") & set(following["open"])) and word[:1].isupper()
    return quoted and _SHORT_QUOTED_NAME.match(text, following.start("open")) is None


def _last_token(text: str, begin: int, end: int) -> str:
    """Return the word before `end`, without what is hyphenated before it; at most 30 characters are looked at."""
    match = _LAST_TOKEN.search(text[max(begin, end - 30) : end])
    return match.group().lstrip(".’'") if match else ""


# --- bounds ---


def _cut_long(text: str, sentence: Span) -> Iterator[Span]:
    begin = sentence.start
    while sentence.end - begin > MAX_CHARACTERS:
        low, high = begin + MAX_CHARACTERS // 2, begin + MAX_CHARACTERS
        cut = max(text.rfind("; ", low, high), text.rfind(";\n", low, high)) + 1
        if not cut:
            cut = max(text.rfind(" ", low, high), text.rfind("\n", low, high), text.rfind("\t", low, high))
        cut = cut if cut > low else high
        yield _trim(text, begin, cut)
        space = _SPACE.match(text, cut)
        begin = space.end() if space else cut
    yield Span(begin, sentence.end)


def _trim(text: str, start: int, end: int) -> Span:
    """Return the range without its surrounding whitespace; empty at `start` when there is nothing else."""
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return Span(start, start)
    left = len(piece) - len(piece.lstrip())
    return Span(start + left, start + left + len(kept))
