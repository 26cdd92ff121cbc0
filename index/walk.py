"""Which files of the given paths are articles to read, in an order that is the same on every run.

Knows formats by name only; what is inside a file is `read`'s. Nothing is passed over silently but hidden files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError
from index.records import Skipped

TEXT_SUFFIXES = frozenset({"", ".txt", ".text"})
MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
JSON_SUFFIXES = frozenset({".json"})
LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})
TABLE_SUFFIXES = frozenset({".csv", ".tsv"})
XML_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml"})
MBOX_SUFFIXES = frozenset({".mbox", ".mbx"})
MESSAGE_SUFFIXES = frozenset({".eml"})
MHTML_SUFFIXES = frozenset({".mht", ".mhtml"})
PDF_SUFFIXES = frozenset({".pdf"})
OFFICE_SUFFIXES = frozenset({".docx", ".odt"})
EPUB_SUFFIXES = frozenset({".epub"})
WARC_SUFFIXES = frozenset({".warc", ".arc"})
SUFFIXES = frozenset().union(
    TEXT_SUFFIXES, MARKDOWN_SUFFIXES, HTML_SUFFIXES, JSON_SUFFIXES, LINES_SUFFIXES, TABLE_SUFFIXES, XML_SUFFIXES,
    MBOX_SUFFIXES, MESSAGE_SUFFIXES, MHTML_SUFFIXES, PDF_SUFFIXES, OFFICE_SUFFIXES, EPUB_SUFFIXES, WARC_SUFFIXES,
)  # fmt: skip
ZIP_SUFFIXES = frozenset({".zip"})

_NOT_YET = {
    ".doc": "Word of before 2007",
    ".rtf": "RTF",
    ".xls": "Excel",
    ".xlsx": "Excel",
    ".msg": "Outlook",
    ".pst": "Outlook",
    ".parquet": "Parquet",
    ".tar": "tar",
    ".tgz": "tar",
    ".7z": "7-Zip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "Zstandard",
}
_HIDDEN = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: its absolute path, and its path below the folder that was given, with forward slashes."""

    path: Path
    relative: str
    root: Path


def walk(paths: Sequence[Path]) -> Iterator[File | Skipped]:
    """Yield every file at or below `paths` once; a path that does not exist raises UsageError before any is read.

    Paths are made absolute as the user named them: a root that is a link keeps its name, so that the archive's
    paths are the ones the user knows. Links inside a folder are not followed: they can lead in circles or out of it.
    """
    roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - resolve() would follow a root's link
    for root in roots:
        if not os.path.exists(root):  # noqa: PTH110 - Path.exists() raises for a name that is too long to be one
            raise UsageError(f"There is no file or folder {root}.", "check the path, or name another one")
    seen: set[str] = set()
    for root in roots:
        for found in _below(root) if root.is_dir() else iter([_inspect(root, root.parent, is_given=True)]):
            name = os.path.realpath(found.path)
            if name not in seen:
                seen.add(name)
                yield found


def bare_suffix(path: Path) -> str:
    """Return the suffix that names the format, lower case, without a trailing `.gz`."""
    name = path.name.lower()
    return Path(name.removesuffix(".gz")).suffix


def is_passed_over(name: str) -> bool:
    """True for the path of a hidden or system file, or of one in such a folder."""
    return any((part.startswith(".") and part != "..") or part.lower() in _HIDDEN for part in name.split("/"))


def what_is_wrong_with(name: str) -> str:
    """Return why a file of this name is not read, or the empty string."""
    suffix = bare_suffix(Path(name))
    if suffix in _NOT_YET:
        return f"{_NOT_YET[suffix]} is not read yet"
    return "" if suffix in SUFFIXES | ZIP_SUFFIXES else f"unknown format {suffix}"


def _below(root: Path) -> Iterator[File | Skipped]:
    """Yield what lies below `root`, each folder where its name stands; no folder is too deep."""
    waiting = [(root, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if not is_folder:
            yield _inspect(path, root)
            continue
        try:
            with os.scandir(path) as entries:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError as error:
            yield Skipped(_printable(path), f"the folder cannot be opened: {_reason(error)}")
            continue
        kept = sorted((name, is_dir) for name, is_dir in found if not is_passed_over(name))
        waiting += [(path / name, is_dir) for name, is_dir in reversed(kept)]


def _inspect(path: Path, root: Path, *, is_given: bool = False) -> File | Skipped:
    name = _printable(path)
    if name != str(path):
        return Skipped(name, "the file's name is not valid text; rename it")
    reason = _what_is_wrong(path, is_given=is_given)
    if reason:
        return Skipped(name, reason)
    return File(path, path.relative_to(root).as_posix(), root)


def _what_is_wrong(path: Path, *, is_given: bool) -> str:
    """Return why the file at `path` is not read, or the empty string."""
    try:
        if path.is_symlink() and not is_given:
            return "a link; name its target itself to read it"
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
    except OSError as error:
        return f"cannot be opened: {_reason(error)}"
    reason = what_is_wrong_with(path.name)
    if reason:
        return reason
    if not os.access(path, os.R_OK):
        return "cannot be opened: permission denied"
    return "" if status.st_size else "empty file"


def _printable(path: Path) -> str:
    """Return the path as text that any terminal and database takes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
