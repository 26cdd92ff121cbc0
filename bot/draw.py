"""Progress as people want it: a bar on a terminal, one line a minute elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from index.batch import Progress

EVERY_SECONDS = 60.0


class Bar:
    """Progress of one piece of work. Use as a context manager; on a terminal it is wiped at the end."""

    def __init__(self, what: str, *, unit: str = "", bytes_: bool = False) -> None:
        self._what = what
        self._bar: Any = None
        self._unit = unit
        self._bytes = bytes_
        self._is_terminal = sys.stderr.isatty()
        self._said_at = time.monotonic()

    def show(self, done: int, total: int | None, note: str = "") -> None:
        """Say that `done` of `total` is done."""
        if self._is_terminal:
            self._draw(done, total, note)
        elif time.monotonic() - self._said_at >= EVERY_SECONDS:
            self._said_at = time.monotonic()
            of = f" of {self._count(total)}" if total else ""
            sys.stderr.write(f"{self._what}: {self._count(done)}{of} {note}".rstrip() + "\n")

    def note(self, note: str) -> None:
        """Say on a terminal what is happening, without anything further being done."""
        if self._bar is not None:
            self._bar.set_postfix_str(note[-40:])

    def _count(self, amount: int) -> str:
        return f"{amount / 1e6:,.0f} MB" if self._bytes else f"{amount:,} {self._unit}".rstrip()

    def _draw(self, done: int, total: int | None, note: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                desc=self._what, unit="B" if self._bytes else f" {self._unit}", unit_scale=self._bytes,
                leave=False, file=sys.stderr, dynamic_ncols=True,
            )  # fmt: skip
        self._bar.total = total
        self._bar.n = done
        self._bar.set_postfix_str(note[-40:], refresh=False)
        self._bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


@contextmanager
def indexing_bar() -> Iterator[Callable[[Progress], None]]:
    """Draw the progress of an indexing run."""
    from bot.show import plain

    with Bar("indexing", unit="articles") as bar:

        def show(progress: Progress) -> None:
            note = f"{progress.stage} {Path(progress.path).name}"
            bar.show(progress.articles_done, progress.articles_total, plain(note))

        yield show


class Ticker:
    """One line on a terminal that shows the latest words as they come; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._text = ""

    def say(self, text: str) -> None:
        """Show `text` in place of what is there."""
        self._text = ""
        self._write(text)

    def add(self, text: str) -> None:
        """Show the end of all that was added since the last `say`."""
        self._text += text
        self._write(self._text)

    def clear(self) -> None:
        """Leave an empty line."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._is_terminal:
            import shutil

            from bot.show import plain

            width = shutil.get_terminal_size().columns - 2
            sys.stderr.write("\r\x1b[K" + " ".join(plain(text).split())[-width:])
            sys.stderr.flush()
