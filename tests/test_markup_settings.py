"""How the settings are drawn, without a browser: what each costs, and that its figures are those of the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.markup_settings import PASSAGES, QUALITY, Offer, models, own, switched, switching
from bot.models import load_models, models_folder
from bot.settings import Settings
from bot.strictness import STEPS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
LISTED = {model.name: model for model in load_models()}
HERE, AWAY = LISTED["smollm2-135m"], LISTED["qwen3-4b"]
OFFERS = [Offer(HERE.name, HERE), Offer(AWAY.name, AWAY, "missing"), Offer("extraction"), Offer("my-own.Q4")]


def test_a_model_on_this_machine_can_be_used_and_another_says_what_brings_it() -> None:
    drawn = models(OFFERS, "extraction")
    assert re.findall(r'data-model="([^"]+)"', drawn) == ["smollm2-135m", "my-own.Q4"]
    assert "<code>byline models pull qwen3-4b</code>" in drawn
    assert 'aria-label="Without a model: in use"' in drawn
    assert "98 MB on the disk" in drawn
    assert "your own file" in drawn


def test_a_damaged_model_is_not_offered() -> None:
    drawn = models([Offer(HERE.name, HERE, "damaged")], "extraction")
    assert "data-model" not in drawn
    assert "damaged" in drawn


def test_a_model_that_was_never_verified_is_offered_since_loading_verifies_it() -> None:
    assert "data-model" in models([Offer(HERE.name, HERE, "unverified")], "extraction")


def test_while_a_model_is_changed_no_other_can_be_chosen() -> None:
    drawn = models(OFFERS, "extraction", is_switching=True)
    assert "data-event" not in drawn
    assert drawn.count('aria-disabled="true"') == 2


def test_the_name_of_a_readers_own_file_is_only_ever_text() -> None:
    hostile = '"><script>window.hacked=1</script>'
    assert "<script" not in models([Offer(hostile)], "extraction") + models([Offer(hostile)], hostile)
    assert "<script" not in switching(hostile) + switched(hostile)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://models.example", "questions and passages are sent to models.example:443"),
        ("http://127.0.0.1:8080", "a server that you named · on this machine"),
    ],
)
def test_a_model_on_a_server_says_what_is_sent_there(url: str, words: str) -> None:
    assert words in models([Offer("little at a server", url=url)], "extraction")


def test_a_change_tells_how_far_it_is() -> None:
    assert '<progress max="50" value="10"' in switching("Verifying", seconds=3, done=10, total=50)
    assert "3 s" in switching("Verifying", seconds=3)
    assert "<progress aria-label" in switching("Loading")
    assert "without a model now" in switched("extraction")


def test_what_a_browser_sets_begins_with_what_byline_was_started_with() -> None:
    drawn = own(Settings(models_folder(), strictness=0.33, passages=5))
    assert 'data-strictness="0.33" data-passages="5"' in drawn
    assert re.findall(r'<option value="(\d+)">', drawn) == [str(number) for number in sorted((*PASSAGES, 5))]
    assert "5 passages: about 4 s of reading, as Byline was started" in drawn


# --- the figures -----------------------------------------------------------------------------------------------


def in_readme(share: float) -> bool:
    return f"{share:.2f}".removeprefix("0") in README.split("## What the answers mean")[1].split("## Your articles")[0]


def test_the_costs_of_strictness_are_figures_of_the_readme() -> None:
    assert all(in_readme(share) for step in STEPS for share in (*step.story, *(step.news or ())))


def test_what_a_model_can_do_are_figures_of_the_readme() -> None:
    shares = [int(share) / 100 for words in QUALITY.values() for share in re.findall(r"(\d+) %", words)]
    assert len(shares) == 4
    assert all(map(in_readme, shares))


def test_every_model_with_words_of_its_own_is_one_that_can_be_chosen() -> None:
    assert set(QUALITY) <= {*LISTED, "extraction"}
