"""Markdown to the words a reader sees: no link targets, heading signs or emphasis. All words stay, in order."""

from __future__ import annotations

import re

PICTURE = "\ue000"  # private use: stands before a picture's description until its place is known
# None of these looks twice at what it has passed: a line may be a hundred megabytes of "![" or of blanks.
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\]\n]*\])")
_PICTURE_ALONE = re.compile(rf"^[ \t]*{_IMAGE.pattern}[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]+)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\]\n]*\])")
_ADDRESS = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s*\S+.*$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$", re.MULTILINE)
_UNDERLINE = re.compile(r"(?<=\S)\n(?:=+|-{3,})[ \t]*$", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+", re.MULTILINE)
_STRONG = re.compile(r"(?<![\w*\\])(\*\*\*|\*\*|\*)(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_STRONG_LOW = re.compile(r"(?<![\w\\])(___|__|_)(?=\S)([^_\n]+?)(?<=\S)\1(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")


def strip_markdown(text: str) -> str:
    """Return `text` as it reads when shown; the description of a picture that stands alone is a line behind PICTURE."""
    text = without_comments(text)
    text = _PICTURE_ALONE.sub(rf"\n{PICTURE}\1\n", text.replace(PICTURE, ""))
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    text = _DEFINITION.sub("", text)
    text = _UNDERLINE.sub("\n", text)
    # A heading is a paragraph of its own even where no blank line follows.
    text = _HEADING.sub(lambda match: f"\n{match[1].rstrip().rstrip('#').rstrip()}\n", text)
    text = _QUOTE.sub("", text)
    for emphasis in (_STRONG, _STRONG_LOW, _STRONG):
        text = emphasis.sub(r"\2", text)
    return _ESCAPE.sub(r"\1", text)


def without_comments(text: str) -> str:
    """Return `text` without HTML's comments; one that is never closed is none."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[place:start])
        place = end + 3
    return "".join([*kept, text[place:]])
