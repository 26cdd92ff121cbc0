"""What tests share: the two models, loaded once a run. Without them, `byline models pull` is the mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.llama import LlamaGenerator
from bot.models import find_model


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
