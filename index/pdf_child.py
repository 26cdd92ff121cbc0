"""The words of a PDF, page by page. The only importer of pypdf, and of what it raises.

Run as a program of its own, `python index/pdf_child.py < FILE`, and it imports nothing of ours: a PDF is a program for
a small machine, which can be made to run for hours or to fill the memory, so it is read where it can be ended. Each
line of stdout is JSON: first what the file says of itself, then a page a line, null for one that cannot be read. A PDF
that is not read at all is one line, `{"problem": …}`.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

MOST_MEMORY = 2 * 2**30  # bytes of address space; pypdf takes some ten times the size of a page's longest stream
MOST_PAGES = 2000
MOST_CHARACTERS = 50_000_000
# What pypdf and what it stands on raise over a damaged file, beside its own errors.
_BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NotImplementedError, OSError,
    RecursionError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def main() -> None:
    """Read a PDF from stdin and say what is in it."""
    _bound_memory()
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    try:
        for line in _read(sys.stdin.buffer.read()):
            _say(line)
    except (FileNotDecryptedError, DependencyError):
        _say({"problem": "encrypted; save a copy of it without a password"})
    except (PyPdfError, *_BROKEN):
        _say({"problem": "damaged, or no PDF"})


def _read(raw: bytes) -> Iterator[Any]:
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    reader = PdfReader(io.BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):  # many are encrypted with no password, against printing
        raise FileNotDecryptedError
    known = reader.metadata
    pages = len(reader.pages)
    yield {"title": _text(known and known.title), "author": _text(known and known.author), "pages": pages}
    characters = 0
    for number in range(min(pages, MOST_PAGES)):
        try:
            text = reader.pages[number].extract_text()
        except (PyPdfError, *_BROKEN):
            yield None
            continue
        characters += len(text)
        if characters > MOST_CHARACTERS:
            return
        yield text


def _text(value: Any) -> str:
    return str(value)[:1000] if value else ""


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the time is bounded there too
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > MOST_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    main()
