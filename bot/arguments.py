"""What the command line says of itself, and values of options that are checked as they are read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from bot.terminal import byline_version, out

EPILOG = """exit status:
  0    answered, or done
  1    the articles do not say (as grep's no match)
  2    wrong usage
  3    the archive is missing, empty or was made by another embedding model
  4    a model is missing or fails its hash
  5    any other failure
  130  interrupted

The archive is --archive FOLDER, else $BYLINE_ARCHIVE, else the platform's data folder."""


def port(text: str) -> int:
    """Return the number of a port; 0 is any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


class Version(argparse.Action):
    """Tells the version, which takes 20 ms to find, only to whom asks for it."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        """Tell it and end."""
        out(f"byline {byline_version()}")
        parser.exit()
