import math
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bot.settings import Settings, default_archive, read_settings
from index.errors import UsageError

HERE = Path("archive")


def test_flags_win_over_the_environment_and_that_over_defaults() -> None:
    environment = {"BYLINE_MODEL": "from environment", "BYLINE_EMBEDDER": "from environment"}
    settings = read_settings(HERE, {"model": "from flag", "passages": 7}, environment=environment)
    assert (settings.model, settings.embedder, settings.passages) == ("from flag", "from environment", 7)
    assert settings.answer_tokens == Settings(HERE).answer_tokens


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert read_settings(HERE, {"model": None, "strictness": None, "threads": None}, environment={}) == Settings(HERE)


def test_a_flag_of_zero_was_given() -> None:
    assert read_settings(HERE, {"strictness": 0.0}, environment={}).strictness == 0


@pytest.mark.parametrize(
    ("flag", "environment", "archive"),
    [
        (Path("flag"), {"BYLINE_ARCHIVE": "variable"}, Path("flag")),
        (None, {"BYLINE_ARCHIVE": "variable"}, Path("variable")),
        (None, {"BYLINE_ARCHIVE": "~/news"}, Path("~/news").expanduser()),
        (None, {"BYLINE_ARCHIVE": ""}, default_archive()),
        (None, {}, default_archive()),
    ],
    ids=["flag", "variable", "home", "empty variable", "default"],
)
def test_the_archive_is_the_flags_else_the_variables_else_the_platforms(
    flag: Path | None, environment: dict[str, str], archive: Path
) -> None:
    assert read_settings(flag, environment=environment).archive == archive


def test_reading_settings_makes_no_folder(tmp_path: Path) -> None:
    read_settings(None, environment={"BYLINE_ARCHIVE": str(tmp_path / "news")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("strictness", value) for value in (1.01, -0.1, math.nan)),
        *(("passages", value) for value in (0, 21)),
        *(("answer_tokens", value) for value in (0, -5)),
        *(("threads", value) for value in (0, -1)),
    ],
)
def test_a_value_that_no_answer_can_be_made_with_is_wrong_usage(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=str(value)) as error:
        read_settings(HERE, {name: value}, environment={})
    assert error.value.mend.startswith(f"--{name.replace('_', '-')} ")


@pytest.mark.parametrize(
    ("name", "value"), [("strictness", 0), ("strictness", 1), ("passages", 1), ("passages", 20), ("answer_tokens", 1)]
)
def test_the_ends_of_each_range_belong_to_it(name: str, value: int) -> None:
    assert getattr(read_settings(HERE, {name: value}, environment={}), name) == value


def test_settings_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings(HERE).passages = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("flags", "environment", "no_llm"),
    [
        ({"no_llm": True}, {}, True),
        ({"no_llm": None}, {"BYLINE_NO_LLM": "1"}, True),
        ({"no_llm": None}, {"BYLINE_NO_LLM": "0"}, False),
        ({"no_llm": None}, {"BYLINE_NO_LLM": ""}, False),
        ({"model": "qwen"}, {"BYLINE_NO_LLM": "yes"}, False),
        ({"no_llm": True}, {"BYLINE_MODEL": "qwen"}, True),
    ],
    ids=["flag", "variable", "off", "empty", "a model named on the command line", "a model named by the variable"],
)
def test_whether_a_model_writes_is_the_flags_else_the_variables(
    flags: dict[str, object], environment: dict[str, str], no_llm: bool
) -> None:
    assert read_settings(HERE, flags, environment=environment).no_llm is no_llm
