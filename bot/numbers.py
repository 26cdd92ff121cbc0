"""The amounts in a text, by value: "five" is "5", "two million" is "2m", "4.40pm" is "16:40", "1976" is not in "19760".

Knows English only, and neither dates (see days.py) nor names; a date's digits are blanked before a text comes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.number_words import (
    AFTER,
    BEFORE,
    BOUND_ORDER,
    CURRENCY_SIGNS,
    DECADE,
    DENOMINATORS,
    FRACTION,
    LONE_SCALE,
    MAIN,
    MEASURES,
    NEXT_WORD,
    ORDINAL,
    ORDINALS,
    PRONOUN_ONE,
    SCALES,
    SHARE,
    SOFT_ORDINAL,
    SPELLED_YEAR,
    TEN_ORDINAL,
    TENS,
    TIME,
    TIME_UNITS,
    TIMES,
    TWICE,
    UNITS,
    VAGUE,
    VULGAR,
    YEAR_CUE,
)

POINTS = "percentage point"  # a raise of 5 points is none of 5 percent


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as written at `text[start:end]`, with what is needed to compare it.

    `values` are its readings, any of which may be meant: "31", "50%", "#3" (third), "f0.5" (half), "t16:40",
    "1990s", "~100" (hundreds). `bound` is one of "", ">", ">=", "<", "<=". `noun` is the word right after it.
    """

    text: str
    start: int
    end: int
    values: frozenset[str]
    unit: str = ""
    bound: str = ""
    noun: str = ""
    is_bare_year: bool = False  # four digits that may be a year
    is_said_year: bool = False  # and its words say that it is one: "in 2017"


@lru_cache(maxsize=8192)
def read_amounts(text: str) -> tuple[Amount, ...]:
    """Return the amounts of `text` in order, none overlapping another; what is written in letters counts too."""
    found: list[Amount] = []
    left = text
    for pattern, read in _READERS:
        for match in pattern.finditer(left):
            values = read(match)
            if values and not _is_idle(match, left):
                found.append(_describe(match, values, left))
        for amount in found:
            left = left[: amount.start] + " " * (amount.end - amount.start) + left[amount.end :]
    return _share_units(sorted(found, key=lambda amount: amount.start), text)


def _is_idle(match: re.Match[str], text: str) -> bool:
    """Return whether a "one" is a pronoun."""
    if match.group().strip().lower() != "one":
        return False
    return any(one.start() <= match.start() < one.end() for one in PRONOUN_ONE.finditer(text))


def _describe(match: re.Match[str], values: frozenset[str], text: str) -> Amount:
    """Return the amount with its unit, bound and noun, read from the words around it."""
    groups = match.groupdict()
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    end = match.end()
    percent = AFTER.match(text, end)
    if percent:
        end = percent.end()
        values = frozenset(f"{value}%" if value[0] in "-0123456789" else value for value in values)
    following = None if percent else NEXT_WORD.match(text, end)
    noun = following["word"].lower() if following else ""
    unit = POINTS if percent and "point" in percent.group().lower() else _unit(groups, noun)
    if noun == "times":
        values |= {f"x{value}" for value in values}
    written = text[start:end].strip()
    is_bare = bool(re.fullmatch(r"1[5-9]\d\d|20\d\d", written)) or match.re is SPELLED_YEAR
    if following and unit and unit == _measure(noun):
        written = text[start : following.end()].strip()
    return Amount(
        text=written,
        start=start,
        end=end,
        values=values,
        unit=unit,
        bound=_bound(text, start, end, unit),
        noun=noun,
        is_bare_year=is_bare and not unit,
        is_said_year=is_bare and not unit and bool(YEAR_CUE.search(text[max(0, start - 24) : start])),
    )


def _unit(groups: dict[str, str | None], noun: str) -> str:
    sign = (groups.get("currency") or groups.get("inner") or "").strip()
    if sign:
        return CURRENCY_SIGNS[sign[-1]]
    return _measure((groups.get("attached") or "").lower() or noun)


def _measure(word: str) -> str:
    """Return the measure that `word` names, in one spelling, or the empty string."""
    return MEASURES.get(word) or MEASURES.get(word.removesuffix("s")) or ("century" if word == "centuries" else "")


def _bound(text: str, start: int, end: int, unit: str) -> str:
    before = text[max(0, start - 28) : start]
    match = BEFORE.search(before)
    if text[end : end + 1] == "+" or re.match(r"\s+or\s+more\b", text[end:]):
        return ">="
    if not match or (unit in TIME_UNITS and re.search(r"\b(?:over|under)\s+(?:the\s+)?$", before, re.I)):
        return ""
    return next(BOUND_ORDER[int(name[1:])] for name, value in match.groupdict().items() if value)


def _share_units(amounts: Sequence[Amount], text: str) -> tuple[Amount, ...]:
    """Return the amounts, the first of "20-25%" and "5 to 6 million dollars" read with the second's unit and scale."""
    shared = list(amounts)
    for place in range(len(shared) - 2, -1, -1):
        first, second = shared[place], shared[place + 1]
        between = text[first.end : second.start]
        is_range = re.fullmatch(r"\s?[-–]\s?|\s+(?:to|or)\s+", between)
        is_between = re.fullmatch(r"\s+and\s+", between) and re.search(r"\bbetween\s+$", text[: first.start], re.I)
        if not (is_range or is_between) or not _is_plain(first):
            continue
        values = _scale_like(first.values, second)
        shared[place] = replace(first, values=values, unit=first.unit or second.unit)
    return tuple(shared)


def _is_plain(amount: Amount) -> bool:
    return all(re.fullmatch(r"-?\d+(?:\.\d+)?", value) for value in amount.values) and not amount.is_bare_year


def _scale_like(values: frozenset[str], second: Amount) -> frozenset[str]:
    if any("%" in value for value in second.values):
        return frozenset(f"{value}%" for value in values)
    scale = re.search(r"(?:thousand|million|billion|trillion|bn|mn|m|k)\b", second.text, re.I)
    if not scale or not second.values or second.is_bare_year:
        return values
    factor = SCALES[scale.group().lower()]
    return frozenset(_write(float(value) * factor) if float(value) < factor else value for value in values)


# --- readings ------------------------------------------------------------------------------------------------


def _write(value: float) -> str:
    return f"{value:.12g}"


def _read_time(match: re.Match[str]) -> frozenset[str]:
    groups = match.groupdict()
    if groups["word"]:
        return frozenset({"t0:00" if groups["word"].lower() == "midnight" else "t12:00"})
    hour = int(groups["hour"] or groups["hour24"] or groups["clock"])
    minute = groups["minute"] or groups["minute24"] or "00"
    if groups["half"]:
        hour = hour % 12 + 12 * (groups["half"].lower() == "p")
        return frozenset({f"t{hour}:{minute}"})
    hours = {hour % 24, (hour + 12) % 24} if hour <= 12 else {hour % 24}
    return frozenset(f"t{each}:{minute}" for each in hours)


def _read_decade(match: re.Match[str]) -> frozenset[str]:
    if match["long"]:
        return frozenset({f"{match['long']}s"})
    short = match["short"] or match["lone"] or str(TENS[match["word"].lower().removesuffix("ie") + "y"])
    age = re.search(r"\b(?:his|her|their|my|our|your)\s+(?:(?:early|mid|late)[\s-])?$", match.string[: match.start()])
    return frozenset({f"{short}s"} if age else {f"{short}s", f"19{int(short):02d}s"})


def _read_share(match: re.Match[str]) -> frozenset[str]:
    part = _small(match["part"] or match["some"])
    whole = _small(match["whole"] or match["tens"] or match["of"])
    return _as_share(part / whole) if 0 < part < whole else frozenset()


def _small(written: str) -> float:
    return float(written.replace(",", "")) if written[0].isdigit() else _spelled(written)


def _as_share(value: float) -> frozenset[str]:
    """Return a share as a fraction and, where it is exact, in per cent."""
    exact = abs(value * 100 - round(value * 100)) < 1e-9
    return frozenset({f"f{value:.6g}"} | ({f"{round(value * 100)}%"} if exact else set()))


def _read_fraction(match: re.Match[str]) -> frozenset[str]:
    part, count = match["part"].lower(), (match["count"] or "").lower()
    singular = not part.endswith("s")
    if part not in ("half", "halves") and (not count or (singular and count not in ("a", "an", "one", "1"))):
        return frozenset()
    number = 1.0 if count in ("", "a", "an") else _small(count)
    if part == "half" and number > 1:
        number = 1.0
    share = _as_share(number / DENOMINATORS[part])
    # "A third of it" is a share, "a third man" one more after two.
    may_be_place = part in ORDINALS and count == "a" and re.match(r"\s(?!of\b)\w", match.string[match.end() :])
    return share | {f"#{ORDINALS[part]}"} if may_be_place else share


def _read_ordinal(match: re.Match[str]) -> frozenset[str]:
    word = match["word"].lower()
    if SOFT_ORDINAL.search(match.string[max(0, match.start() - 12) : match.end() + 12]):
        return frozenset()
    return frozenset({f"#{(TENS[match['ten'].lower()] if match['ten'] else 0) + ORDINALS[word]}"})


def _read_spelled_year(match: re.Match[str]) -> frozenset[str]:
    return frozenset({_write(100 * _spelled(match["century"]) + _spelled(match["rest"]))})


def _read_vague(match: re.Match[str]) -> frozenset[str]:
    return frozenset({f"~{_write(SCALES[match['scale'].lower()])}"})


def _read_lone_scale(match: re.Match[str]) -> frozenset[str]:
    count = match["count"].lower()
    if count[0] not in "ah" or count.endswith("few"):
        return frozenset({f"~{_write(SCALES[match['scale'].lower()])}"})
    value = 0.5 if count.startswith("half") else 1.0
    return frozenset({_write(_scaled(value, f"{match['scale']} {match['scales']}"))})


def _read_twice(match: re.Match[str]) -> frozenset[str]:
    return frozenset({TIMES[match["word"].lower()]})


def _read_main(match: re.Match[str]) -> frozenset[str]:
    numeral = match["numeral"]
    value = float(re.sub(r"[,\s]", "", numeral)) if numeral else _spelled(match["words"])
    value += VULGAR.get(match["vulgar"] or "", 0.0) + 0.5 * bool(match["half"])
    if match["ordinal"]:
        return frozenset({f"#{_write(value)}"})
    short = (match["short"] or "").lower()
    readings = {value * SCALES[short]} if short else {value}
    if short == "m" and not match["currency"]:
        readings.add(value)  # metres
    scaled = {_scaled(reading, match["scales"] or "") for reading in readings}
    return frozenset(_write(-each if match["sign"] else each) for each in scaled)


def _scaled(value: float, scales: str) -> float:
    """Return `value` times its scale words, further number words added: "two hundred and five" is 205."""
    total = 0.0
    fresh = False  # whether `value` was just begun by a number word after a scale
    for word in re.findall(r"[a-z]+", scales.lower()):
        if word in SCALES:
            if word != "hundred" and total and total < SCALES[word]:
                total, value = 0.0, (total + value) * SCALES[word]
            else:
                value *= SCALES[word]
            fresh = False
        elif word != "and":
            number = float(UNITS.get(word, TENS.get(word, 0)))
            total, value = (total, value + number) if fresh else (total + value, number)
            fresh = True
    return total + value


def _spelled(words: str) -> float:
    return float(sum(UNITS.get(part, TENS.get(part, 0)) for part in re.split(r"[\s-]+", words.lower())))


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], frozenset[str]]], ...] = (
    (TIME, _read_time),
    (DECADE, _read_decade),
    (SHARE, _read_share),
    (LONE_SCALE, _read_lone_scale),
    (VAGUE, _read_vague),
    (SPELLED_YEAR, _read_spelled_year),
    (FRACTION, _read_fraction),
    (TEN_ORDINAL, _read_ordinal),
    (MAIN, _read_main),
    (ORDINAL, _read_ordinal),
    (TWICE, _read_twice),
)


def amounts_outside(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Amount]:
    """Yield the amounts of `text` with the taken ranges left out."""
    for start, end in taken:
        text = text[:start] + " " * (end - start) + text[end:]
    yield from read_amounts(text)
