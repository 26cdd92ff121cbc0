"""What the options of a command mean: settings, limits, the question, the archive."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from bot.model_url import privacy_notice
from bot.opened import open_archive_of
from bot.settings import Settings, read_settings
from bot.terminal import notice
from index.archive import Archive
from index.errors import ArchiveMissing, UsageError
from index.records import Filters

MODEL_FLAGS = (
    "model",
    "model_url",
    "chroma_url",
    "passages",
    "answer_tokens",
    "strictness",
    "threads",
    "no_llm",
    "no_server",
)


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that the options and the environment make."""
    flags: dict[str, Any] = {name: getattr(options, name, None) for name in MODEL_FLAGS}
    return read_settings(options.archive, flags)


def answering_settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings, having said on stderr what leaves the machine when questions are answered by them."""
    settings = settings_of(options)
    told = "" if settings.no_llm else privacy_notice(settings.model_url)
    if told:
        notice(told)
    return settings


def filters_of(options: argparse.Namespace) -> Filters:
    """Return the limits that the options set; raises UsageError for a range that ends before it begins."""
    if options.since and options.until and options.since > options.until:
        raise UsageError(f"--since {options.since} is after --until {options.until}.", "swap them")
    return Filters(options.since, options.until, tuple(options.outlet), tuple(options.author))


def read_question(given: str | None) -> str:
    """Return the question from the option or from stdin; raises UsageError when there is none."""
    if given is None and sys.stdin.isatty():
        raise UsageError("There is no question.", 'byline ask "What happened in Lowmarsh?"')
    text = valid_text(sys.stdin.read() if given in (None, "-") else str(given)).strip()
    if not text:
        raise UsageError("The question is empty.", 'byline ask "What happened in Lowmarsh?"')
    return text


def valid_text(text: str) -> str:
    """Return `text` without lone surrogates, which broken arguments and JSON bring and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def parse_columns(pairs: Sequence[str]) -> dict[str, str]:
    """Return `FIELD=NAME` pairs as a mapping; raises UsageError for anything else."""
    columns = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(columns) != len(pairs):
        raise UsageError(f"A column is named as FIELD=NAME, not {' '.join(pairs)}.", "--column text=corpus")
    return columns


def today() -> date:
    """Return the day on which questions are asked unless they say otherwise."""
    return date.today()


@contextmanager
def open_archive(options: argparse.Namespace) -> Iterator[Archive]:
    """Open the archive for reading; raises ArchiveMissing when it is not there or empty."""
    settings = settings_of(options)
    with open_archive_of(settings) as archive:
        if archive.is_empty:
            raise ArchiveMissing(f"The archive in {settings.archive} holds no articles.", "byline index FOLDER")
        yield archive
