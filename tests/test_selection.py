"""Which names a byline holds; what the filters mean in a search is tested in test_archive.py."""

from __future__ import annotations

import pytest

from index.selection import names_of


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Ann Lee", ("Ann Lee",)),
        ("Ann Lee, Bo Ray and  Cy Dow", ("Ann Lee", "Bo Ray", "Cy Dow")),
        ("Ann Lee, Bo Ray, and Cy Dow", ("Ann Lee", "Bo Ray", "Cy Dow")),
        ("Ann Lee; Bo Ray", ("Ann Lee", "Bo Ray")),
        ("Ann Lee & Bo Ray with Cy Dow", ("Ann Lee", "Bo Ray", "Cy Dow")),
        ("Ann Lee, ANN LEE", ("Ann Lee",)),
        ("Lee, Ann", ("Lee, Ann",)),
        ("Reuters and AP", ("Reuters", "AP")),
        ("Anders Andersson", ("Anders Andersson",)),
        (" , ", ()),
        ("", ()),
    ],
)
def test_a_byline_is_the_names_it_holds(byline: str, names: tuple[str, ...]) -> None:
    assert names_of(byline) == names
