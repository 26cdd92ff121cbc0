"""Whether a text gives an amount: its value, with no other unit, no contrary bound, and no year for a count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.number_words import CURRENCIES, GROUP_WORDS, GROUPS
from bot.numbers import POINTS, Amount, read_amounts


def has_amount(source: str, wanted: Amount) -> bool:
    """Return whether `source` gives the wanted amount: its value, with no other unit or contrary bound."""
    return bool(agreeing(read_amounts(source), wanted)) or _has_in_words(source, wanted)


def agreeing(amounts: Sequence[Amount], wanted: Amount) -> list[Amount]:
    """Return those of the `amounts` of one text that are the wanted one."""
    units = {amount.unit for amount in amounts}
    return [amount for amount in amounts if _agree(wanted, amount, units)]


def _agree(wanted: Amount, given: Amount, units: set[str]) -> bool:
    if not wanted.values & given.values and not _is_of_order(wanted, given):
        return False
    if wanted.unit != given.unit and not _units_agree(wanted, given, units):
        return False
    if (wanted.is_said_year and not given.is_bare_year) or (given.is_said_year and not wanted.is_bare_year):
        return False
    if given.is_said_year and not wanted.is_said_year and counts_things(wanted):
        return False
    return _bounds_agree(wanted.bound, given.bound)


def _units_agree(wanted: Amount, given: Amount, units: set[str]) -> bool:
    if (wanted.unit and given.unit) or POINTS in (wanted.unit, given.unit):
        return False
    if wanted.unit and counts_things(given):
        return False
    if wanted.unit in CURRENCIES:  # "$3 million, up from 2.5 million": the sign is written once
        return wanted.unit in units
    return not (given.unit and counts_things(wanted))


def counts_things(amount: Amount) -> bool:
    """Return whether a plural noun that is no unit follows."""
    if amount.unit:
        return False
    return amount.noun in _PLURALS or (len(amount.noun) > 3 and amount.noun.endswith("s") and amount.noun not in _OTHER)


_PLURALS = frozenset("people men women children police".split())
_OTHER = frozenset("this does across towards less always perhaps plus minus versus says times".split())


def _bounds_agree(wanted: str, given: str) -> bool:
    """Return whether `given` implies `wanted`; a bound may be left out, never turned round or made up."""
    if wanted in ("", given):
        return True
    return (wanted == ">=" and given in ("", ">")) or (wanted == "<=" and given in ("", "<"))


def _is_of_order(wanted: Amount, given: Amount) -> bool:
    """Return whether "hundreds" is asked for and a number of hundreds is given."""
    orders = [float(value[1:]) for value in wanted.values if value[0] == "~"]
    plain = [float(value) for value in given.values if re.fullmatch(r"\d+(?:\.\d+)?", value)]
    return not given.unit and any(2 * order <= number < 1000 * order for order in orders for number in plain)


def _has_in_words(source: str, wanted: Amount) -> bool:
    """Return whether a word like "both" or the article before the same noun gives a small number."""
    if wanted.bound or not wanted.values & {"1", "2", "3"}:
        return False
    groups = {match.group().lower() for match in GROUPS.finditer(source)}
    if wanted.unit:  # "both" are not two weeks
        groups &= {"couple", "single"}
    if wanted.noun and not re.search(rf"\bboth\s+(?:\w+\s+){{0,3}}?{re.escape(wanted.noun[:4])}", source, re.I):
        groups -= {"both"}  # "both shelters" are not two missing people
    if any(str(GROUP_WORDS[group]) in wanted.values for group in groups):
        return True
    if "1" not in wanted.values or len(wanted.noun) < 3:
        return False
    stem = re.escape(wanted.noun[: max(3, len(wanted.noun) - 2)])
    return bool(re.search(rf"\b(?:an?|another)\s+(?:[\w-]+\s+){{0,2}}?{stem}", source, re.I))
