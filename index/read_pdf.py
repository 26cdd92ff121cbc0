"""A PDF to one draft: its words are read by a process of its own (pdf_child.py), within time and memory.

What a PDF says of its making is not believed of the article: the day it was made is none of publication, and its
author counts only where the text names nobody.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.decode import clean, clean_line
from index.draft import Facts, Place, make_draft
from index.errors import ExtraMissing
from index.pdf_child import MOST_PAGES
from index.pdf_text import join_pages
from index.records import Draft, Skipped

SECONDS = 60  # a page of a newspaper takes a tenth of one
_FEWEST_WORDS = 5  # a page, on average of three and more; less are the page numbers of a scan
_CHILD = Path(__file__).with_name("pdf_child.py")
# Titles that a program gave in place of a writer: the name of the file, or none.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint) - .*|untitled.*|document\d*|.*\.(?:docx?|pdf|indd|qxd|rtf|odt|pages|html?|pub))",
    re.IGNORECASE,
)


def read_pdf(raw: bytes, place: Place, *, seconds: float = SECONDS) -> Iterator[Draft | Skipped]:
    """Yield the article of a PDF and Skipped for pages that could not be read, or only Skipped with the reason."""
    if find_spec("pypdf") is None:
        raise ExtraMissing("A PDF", "pdf")
    lines, is_over = _lines(raw, seconds)
    if not lines or "problem" in lines[0]:
        reason = lines[0]["problem"] if lines else _unread(seconds, is_over=is_over)
        yield Skipped(place.path, reason, place.where)
        return
    told, pages = lines[0], [page for page in lines[1:] if isinstance(page, str)]
    yield _draft([clean(_keep_soft_ends(page)) for page in pages], told, place)
    yield from _left_out(lines, place, _unread(seconds, is_over=is_over))


def _draft(pages: list[str], told: dict[str, Any], place: Place) -> Draft | Skipped:
    text = join_pages(pages)
    words = len(text.split())
    if not words or (len(pages) > 2 and words < _FEWEST_WORDS * len(pages)):
        return Skipped(place.path, "no text is in it, only pictures of pages; have it read by OCR first", place.where)
    title = clean_line(told["title"])
    draft = make_draft(text, Facts(title="" if _NO_TITLE.fullmatch(title) else title), place, has_headline=True)
    if isinstance(draft, Skipped) or draft.source.author:
        return draft
    return replace(draft, source=replace(draft.source, author=clean_line(told["author"])))


def _left_out(lines: list[Any], place: Place, why: str) -> Iterator[Skipped]:
    """Yield Skipped for each page that is not in the article."""
    count = lines[0]["pages"]
    for number, page in enumerate(lines[1:], start=1):
        if page is None:
            yield Skipped(place.path, "the page cannot be read", f"page {number}")
    if len(lines) - 1 < min(count, MOST_PAGES):
        yield Skipped(place.path, f"only its first {len(lines) - 1} of {count:,} pages are read: {why}", place.where)
    elif count > MOST_PAGES:
        yield Skipped(place.path, f"only its first {MOST_PAGES:,} of {count:,} pages are read", place.where)


def _lines(raw: bytes, seconds: float) -> tuple[list[Any], bool]:
    """Return what the child said by the time it ended or was ended, and whether its time was over."""
    # -P: the folder of the file is no place to import from; it holds modules of ours.
    command = [sys.executable, "-P", str(_CHILD)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
    ) as child:
        try:
            out, _ = child.communicate(raw, timeout=seconds)
            is_over = False
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
            is_over = True
        except BaseException:
            child.kill()
            raise
    return [json.loads(line) for line in out.split(b"\n")[:-1]], is_over


def _unread(seconds: float, *, is_over: bool) -> str:
    return f"it takes longer than {seconds:g} seconds" if is_over else "it takes more memory than a PDF is given"


def _keep_soft_ends(page: str) -> str:
    """Return a page in which a soft hyphen at a line's end is a plain one: as an unseen character it would be lost."""
    return re.sub("\u00ad(?=[ ]*\n)", "-", page)
