"""What the first lines of a text say of it, where no reader of a format knows better."""

from __future__ import annotations

from datetime import date

import pytest

from index.opening import mark_lines, read_opening


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("Nov 6, 2017 ... The council voted for the weir.", date(2017, 11, 6), "The council voted for the weir."),
        ("Nov 6, 2017 … The council voted for the weir.", date(2017, 11, 6), "The council voted for the weir."),
        ("Sep. 13, 2022 ... ... for the weir at Lowmarsh.", date(2022, 9, 13), "for the weir at Lowmarsh."),
        ("July 20, 1969 – Apollo lands.", None, "July 20, 1969 – Apollo lands."),
        ("Marathon 6, 2017 ... The council voted.", None, "Marathon 6, 2017 ... The council voted."),
        ("Nov 6, 2017 The council voted.", None, "Nov 6, 2017 The council voted."),
        ("On Nov 6, 2017 ... the council voted.", None, "On Nov 6, 2017 ... the council voted."),
        ("Nov 66, 2017 ... The council voted.", None, "Nov 66, 2017 ... The council voted."),
    ],
)
def test_the_day_before_an_excerpt_is_that_of_the_article(text: str, day: date | None, rest: str) -> None:
    opening = read_opening(text)
    assert opening.published == day
    kept = text
    for mark in reversed(mark_lines(text, opening)):
        kept = kept[: mark.start] + kept[mark.end :]
    assert kept == rest
