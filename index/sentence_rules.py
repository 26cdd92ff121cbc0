"""Where a dot ends no sentence in languages beside English: abbreviations and ordinals, as those languages write them.

What is here only keeps together what English rules would cut; knows nothing of offsets or articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.function_words import FUNCTION_WORDS

LOOKED_AT = 30  # characters before the dot


@dataclass(frozen=True, slots=True)
class Rules:
    """A language's rules: after what a dot never ends a sentence, and after what only before a function word."""

    never: re.Pattern[str]
    seldom: re.Pattern[str]
    openers: frozenset[str]

    def goes_on(self, before: str, word: str) -> bool:
        """True when the sentence goes on past a dot, for the text before it and the word that follows."""
        before = before[-LOOKED_AT:]
        return bool(self.never.search(before) or (self.seldom.search(before) and word.casefold() not in self.openers))


def _ending(listed: str, *patterns: str) -> re.Pattern[str]:
    """Match a text that ends in one of the listed words, of which "z._B" is written with a space or without."""
    words = [re.escape(word).replace("_", r"[ \xa0]?") for word in listed.split()]
    return re.compile(rf"(?:^|[\s(\[„“”\"'«»/–-])(?:{'|'.join([*words, *patterns])})\Z")


def _rules(language: str, never: re.Pattern[str], seldom: re.Pattern[str]) -> Rules:
    return Rules(never, seldom, FUNCTION_WORDS[language])


RULES = {
    "de": _rules(
        "de",
        _ending(
            """Dr Prof Hr Hrn Fr Nr Nrn Str Abs Art Bd Tel Mio Mrd Tsd Hrsg Jh Kap Ing Dipl bzw ca evtl ggf inkl exkl
            vgl sog mind geb gest verh zzgl abzgl ehem einschl z._B d._h z._T i._d._R u._U s._o s._u""",
            "[adiosuvzn]",  # the first half of one that is written with a space
        ),
        _ending(
            "usw etc u._a u._ä o._ä o._Ä v._a v._Chr n._Chr", r"\d{1,2}", "[IVX]{2,5}"
        ),  # am 3. Mai, Papst Pius XII.
    ),
    "es": _rules(
        "es",
        _ending(
            """Sr Sra Sres Sras Srta Dr Dra D Dña Gral Gob Lic Ing Prof Excmo Mons Av Avda núm núms pág págs art aprox
            vol cap fig tel EE RR p._ej"""
        ),
        _ending("EE._UU RR._HH etc Ud Uds Vd Cía S._A a._m p._m"),
    ),
    "fr": _rules(
        "fr",
        _ending("M MM Mgr Dr Pr Me St Ste art chap fig p pp vol éd env av apr tél réf p._ex"),
        _ending("etc J.-C"),
    ),
    "it": _rules(
        "it",
        _ending("Sig Sigg Sig.ra Dott Dott.ssa Prof Prof.ssa Avv Ing On Arch Mons art artt pag pagg cap fig nr tel"),
        _ending("ecc etc S.p.A S.r.l"),
    ),
    "pt": _rules(
        "pt",
        _ending("Sr Sra Srs Dr Dra Prof Profa Eng Exmo Exma Av núm art pág págs vol cap fig tel aprox p._ex"),
        _ending("EUA etc Ltda S._A"),
    ),
    "nl": _rules(
        "nl",
        _ending("dhr mevr mw mr drs dr ir ing prof bijv nr nrs blz art St jl ca incl excl tel t.a.v o.a m.n d.w.z"),
        _ending("enz etc N.V B.V"),
    ),
}
