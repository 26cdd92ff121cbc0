"""A stop in the middle of an evaluation. Of llama.cpp it knows only two functions of the library that it is given."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from typing import Any


class AbortSwitch:
    """Makes llama.cpp leave an evaluation when a flag is set.

    llama.cpp asks its callback at each of about a thousand operations. A callback in Python needs the interpreter's
    lock each time, which halves the speed when another thread computes (measured: 80 to 50, 33 to 20 tokens a
    second), so the C library's `strlen` is the callback: 0, false, for an empty buffer and 1, true, for one letter.
    """

    def __init__(self, c: Any, ctx: Any) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        try:
            library = ctypes.CDLL("msvcrt" if os.name == "nt" else None)
            address = ctypes.cast(library.strlen, ctypes.c_void_p).value
        except (OSError, AttributeError):
            return  # then a stop waits for the end of the chunk
        self._callback = c.ggml_abort_callback(address)
        c.llama_set_abort_callback(ctx, self._callback, ctypes.cast(self._buffer, ctypes.c_void_p))

    @contextmanager
    def watch(self, stop: Flag | None) -> Iterator[None]:
        """Abort what is evaluated inside the block as soon as `stop` is set."""
        if stop is None:
            yield
            return
        guard, over = threading.Lock(), threading.Event()

        def pass_on() -> None:
            while not over.is_set():
                if stop.wait(0.05):
                    with guard:
                        self._buffer.raw = b"\0\0" if over.is_set() else b"1\0"
                    return

        threading.Thread(target=pass_on, name="byline-stop", daemon=True).start()
        try:
            yield
        finally:
            with guard:
                over.set()
                self._buffer.raw = b"\0\0"
