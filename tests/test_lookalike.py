from __future__ import annotations

import pytest

from bot.lookalike import NOTE, mixes_alphabets, with_note
from bot.markup import origin
from bot.show import source_line
from index.records import Source

FALSE = "Vellmаrk Tribunе"  # two letters of it are Cyrillic


@pytest.mark.parametrize("name", [FALSE, "Dаily Echo", "Τhe Post", "Rеuters"])
def test_a_name_that_only_looks_like_another_is_known(name: str) -> None:
    assert mixes_alphabets(name)
    assert with_note(name).startswith(name)


@pytest.mark.parametrize(
    "name", ["Vellmark Tribune", "Le Monde é", "Новая газета", "Η Καθημερινή", "RIA Новости", "東京", "α-Test", ""]
)
def test_a_name_in_one_alphabet_a_word_is_left_alone(name: str) -> None:
    assert with_note(name) == name


def test_terminal_and_page_say_so() -> None:
    source = Source("Flood", FALSE)
    assert NOTE in source_line(source)
    assert NOTE in origin(source)
