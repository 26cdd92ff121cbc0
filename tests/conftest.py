"""What tests share: the two models, loaded once a run. Without them, `byline models pull` is the mend."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.llama import LlamaGenerator
from bot.models import find_model

# The same examples every run, so that a change is what breaks a test; HYPOTHESIS_PROFILE=explore looks for others.
# No deadlines: the machine may be busy, and time is measured elsewhere.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def smollm_path() -> Path:
    return find_model("smollm2-135m", "generator")


@pytest.fixture(scope="session")
def smollm(smollm_path: Path) -> Iterator[LlamaGenerator]:
    """The smallest model, with a context that a test can fill within seconds."""
    generator = LlamaGenerator.load(smollm_path, name="smollm2-135m", context=1024)
    yield generator
    generator.close()


@pytest.fixture(scope="session")
def default_model_path() -> Path:
    return find_model(None, "generator")


@pytest.fixture(scope="session")
def default_model(default_model_path: Path) -> Iterator[LlamaGenerator]:
    """The model readers get; only for tests marked slow."""
    generator = LlamaGenerator.load(default_model_path)
    yield generator
    generator.close()
