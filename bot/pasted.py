"""A text that a reader pasted, as a file of the archive's folder: front matter, then the text as it was given.

The file is what the index reads, now and at any later time; nothing of the text can be taken for front matter, and
nothing of a title for YAML.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from index.decode import clean, clean_line
from index.errors import UsageError

LONGEST = 2_000_000  # characters; the whole of "War and Peace" has 3,200,000, and no article has a tenth
LONGEST_TITLE = 160
_LONGEST_STEM = 60
# What YAML does not take even between quotes; clean() leaves only these of them.
_NOT_YAML = re.compile("[\ufffe\uffff\U0001fffe\U0001ffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what its reader says of it; empty where they say nothing."""

    text: str
    title: str = ""
    outlet: str = ""
    published: date | None = None
    url: str = ""
    author: str = ""


def parse_text(text: str, *, title: str, outlet: str, published: str, url: str) -> Text:
    """Return what a reader filled in; raises UsageError that says what of it cannot be so."""
    if not clean(text).strip():
        raise UsageError("There is no text.", "paste the article's text")
    if len(text) > LONGEST:
        raise UsageError(f"The text is longer than {LONGEST:,} characters.", "save it as a file and add that")
    url = clean_line(url)
    if url and not re.fullmatch(r"https?://[^\s/]+\S*", url, re.IGNORECASE):
        raise UsageError("Neither http:// nor https:// begins the address.", "correct it, or leave it empty")
    try:
        day = date.fromisoformat(published.strip()) if published.strip() else None
    except ValueError as error:
        raise UsageError(f"{published!r} is not a date like 2017-06-07.", "correct it, or leave it empty") from error
    return Text(text, clean_line(title), clean_line(outlet), day, url)


def render(given: Text) -> str:
    """Return the file of a text. Its title is the reader's, else made of its first line."""
    facts = {
        "title": given.title or make_title(given.text),
        "outlet": given.outlet,
        "author": given.author,
        "date": given.published.isoformat() if given.published else "",
        "url": given.url,
    }
    # A text of JSON between quotes is a text of YAML.
    lines = [f"{name}: {json.dumps(_plain(value), ensure_ascii=False)}" for name, value in facts.items() if value]
    # No line of the text can end front matter that has ended; a first line of --- is the text's own.
    return "\n".join(["---", *lines, "---", "", clean(given.text).strip("\n"), ""])


def make_title(text: str) -> str:
    """Return the first line with words in it, cut at a word where it is longer than a headline."""
    line = next((words for line in clean(text).split("\n") if (words := clean_line(line))), "")
    if len(line) <= LONGEST_TITLE:
        return line
    return (line[:LONGEST_TITLE].rpartition(" ")[0] or line[:LONGEST_TITLE]) + " …"


def store(given: Text, folder: Path) -> Path:
    """Write a text into `folder` and return the file; the same text is the same file, whenever it is pasted."""
    content = render(given)
    number = hashlib.sha256(content.encode()).hexdigest()[:8]
    return put(folder / f"{safe_stem(given.title or make_title(given.text))}-{number}.txt", content)


def put(path: Path, content: str) -> Path:
    """Write a file as a whole or not at all, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def safe_stem(text: str) -> str:
    """Return the beginning of a file's name, in ASCII: letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_STEM].strip("-") or "text"


def _plain(value: str) -> str:
    return _NOT_YAML.sub("\ufffd", value)
