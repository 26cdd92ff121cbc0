"""Another year's event does not answer for the one that is asked about."""

from __future__ import annotations

from datetime import date

import pytest

from bot.confidence import Quoted, signs_shown
from bot.editions import other_edition

Told = tuple[str, date | None]


@pytest.mark.parametrize(
    ("question", "quotes", "year"),
    [
        ("Who won the Harrow Open in 2020?", [("Lena Voss won the 2019 Harrow Open in June.", None)], "2019"),
        ("Who won the 2020 Harrow Open?", [("Lena Voss won the 2019 women's Harrow Open in June.", None)], "2019"),
        ("Who won the Harrow Open in 2020?", [("Lena Voss won the Harrow Open in 2019.", None)], "2019"),
        ("Who won the Harrow Open in 2020?", [("Lena Voss won the 2020 Harrow Open, as in 2019.", None)], ""),
        (
            "Who won the Harrow Open in 2020?",
            [("In 2020 Voss, the 2019 Harrow Open champion, won again.", None)],
            "",
        ),
        (
            "Who won the Harrow Open in 2020?",
            [("Voss won the Harrow Open in 2020, a year after losing the final of the 2019 Harrow Open.", None)],
            "",
        ),
        (
            "Who won the 2020 election?",
            [("Voss won the county election on Nov. 3, 2020; Lee won the 2016 election.", None)],
            "",
        ),
        (
            "How many people died in the 2011 flood?",
            [("The flood in March 2011 killed 18; the 2004 flood killed more people.", None)],
            "",
        ),
        ("Who won the first Harrow Cup after 2014?", [("Lee won the 2018 Harrow Cup.", None)], ""),
        ("Which storms have hit Harrow since 2016?", [("The 2018 storm Ada hit Harrow.", None)], ""),
        ("Which actor born in 1985 won a Harrow Prize?", [("Lee, born in 1985, won the 2019 Harrow Prize.", None)], ""),
        (
            "Who won the 2019–20 league?",
            [("Harrow won the 2019–20 league, its first since the 1990 league.", None)],
            "",
        ),
        ("Who won the Harrow Open in 2020?", [("Voss won the Harrow Open on Sunday.", date(2020, 6, 8))], ""),
        (
            "Who won the Harrow Open in 2020?",
            [("Voss, champion of the 2019 Open, won the Harrow Open on Sunday.", date(2020, 6, 8))],
            "",
        ),
        ("Who won the Harrow Open?", [("Lena Voss won the 2019 Harrow Open.", None)], ""),
        ("How did the 2019 and 2020 Opens differ?", [("The 2018 Open was dry.", None)], ""),
        ("How many ferries sailed in 2020?", [("In 2019 ferries were rare; 40 sailed a year later.", None)], ""),
        ("How many ferries sailed in 2020?", [("On June 6, 2019, ferries sailed again.", None)], ""),
        ("Who won the Harrow Open in 2020?", [], ""),
        ("What was built in the 18th century?", [("The mill is of the late 19th-century.", None)], "19"),
        ("What was built in the 18th century?", [("The 18th-century mill burned in the 19th century.", None)], ""),
        ("What was built in the 18th century?", [("The mill was built in 1750.", None)], ""),
    ],
)
def test_the_year_of_an_event_is_told_from_another_one_s(question: str, quotes: list[Told], year: str) -> None:
    assert other_edition(question, quotes) == year


def test_another_edition_counts_against_an_answer() -> None:
    quotes = [Quoted("Lena Voss won the 2019 Harrow Open in June.", "", None)]
    asked = [
        signs_shown(f"Who won the {year} Harrow Open?", quotes[0].text, quotes)["against"] for year in (2020, 2019)
    ]
    assert asked == [1.0, 0.0]
