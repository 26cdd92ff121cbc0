"""Where the command line writes: results to stdout, notices to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any


def tell(text: str) -> None:
    """Write a notice to stderr."""
    sys.stderr.write(text + "\n")


def notice(text: str) -> None:
    """Write to stderr what is being done, under the program's name."""
    tell(f"byline: {text}")


def out(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def out_json(value: Any) -> None:
    """Write a result to stdout as JSON: one line where it is piped, indented on a terminal."""
    out(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2 if sys.stdout.isatty() else None))


def width() -> int:
    """Return the width of the terminal, at most what is pleasant to read."""
    return min(100, shutil.get_terminal_size((100, 24)).columns)


def byline_version() -> str:
    """Return the version that is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("byline")
    except PackageNotFoundError:
        return "(from a checkout)"
