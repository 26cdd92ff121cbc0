"""The settings of a run: plain values, read once at the edge from flags, else the environment, else defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.model_url import parse_server
from index.errors import UsageError

# Passages fill what the embedder reads (256 tokens with its two special ones, the title's share included).
PASSAGE_TOKENS = 254
MOST_PASSAGES = 20
NO_FLAGS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run may be told; objects are built from it in app.py."""

    archive: Path
    model: str = ""  # a name of models.txt or a path to a GGUF; empty: the default generator
    embedder: str = ""  # a name of models.txt; empty: the default embedder
    embed_backend: str = ""  # what computes the vectors; empty: what was found the fastest on this machine
    passages: int = 6  # of which the model reads the nearest sentences; each costs about 0.8 s on two cores
    answer_tokens: int = 120
    strictness: float = 0.35  # the least confidence an answer is shown with: 0 shows all that is carried, 1 none
    threads: int | None = None  # None: all cores, but one fewer to write where that is faster
    no_llm: bool = False  # answer with the sentences of the articles, without a generator
    model_url: str = ""  # of a server whose model writes in place of one here; `model` then is its name there
    chroma_url: str = ""  # of a Chroma server that holds the graph in place of the archive's folder
    no_server: bool = False  # the terminal does all itself, also where a running Byline could

    def __post_init__(self) -> None:
        if self.model_url:
            parse_server(self.model_url)
        if not 0 <= self.strictness <= 1:
            raise UsageError(f"Strictness is a number from 0 to 1, not {self.strictness}.", "--strictness 0.35")
        if not 1 <= self.passages <= MOST_PASSAGES:
            raise UsageError(f"From 1 to {MOST_PASSAGES} passages can be read, not {self.passages}.", "--passages 4")
        if self.answer_tokens < 1:
            raise UsageError(f"An answer needs at least 1 token, not {self.answer_tokens}.", "--answer-tokens 120")
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"At least 1 thread is needed, not {self.threads}.", "--threads 2")


def default_archive() -> Path:
    """Return the archive folder in the platform's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("byline", appauthor=False)) / "archive"


def read_settings(
    archive: Path | None, flags: Mapping[str, Any] = NO_FLAGS, *, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings; a flag that is None was not given, and the environment or the default holds."""
    named = archive or environment.get("BYLINE_ARCHIVE")
    settings = Settings(
        archive=Path(named).expanduser() if named else default_archive(),
        model=environment.get("BYLINE_MODEL", ""),
        embedder=environment.get("BYLINE_EMBEDDER", ""),
        embed_backend=environment.get("BYLINE_EMBED_BACKEND", ""),
        no_llm=_is_set(environment, "BYLINE_NO_LLM"),
        model_url=environment.get("BYLINE_MODEL_URL", ""),
        chroma_url=environment.get("BYLINE_CHROMA_URL", ""),
        no_server=_is_set(environment, "BYLINE_NO_SERVER"),
    )
    given = {name: value for name, value in flags.items() if value is not None}
    if (given.get("model") or given.get("model_url")) and "no_llm" not in given:
        given["no_llm"] = False  # whoever names a model wants it, whatever the environment says
    if given.get("model_url"):
        given.setdefault("model", "")  # one that the environment names is not of this server
    return replace(settings, **given)


def _is_set(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in ("1", "true", "yes", "on")
