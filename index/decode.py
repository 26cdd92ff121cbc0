"""Bytes and untidy text to the text that is stored: one encoding, one kind of line end, no invisible characters.

Knows nothing of articles. Every offset of the archive counts in what comes out of here.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0\u2007\u202f\u3000]")
# Control characters, lone surrogates, and what is not seen but splits words or turns text round: soft hyphen,
# zero-width space, byte order mark, directional overrides and isolates, and the tag characters of hidden prompts.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_ENTITY = re.compile(r"&(?:amp|quot|apos|lt|gt|nbsp|[lr][sd]quo|[mn]dash|hellip|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
# A reference to no character, which html.unescape refuses with ValueError from 4,300 digits on. With "&amp;#" it is one
# for those who unescape twice.
_NO_CHARACTER = re.compile(r"&(?:amp;)*#[0-9]{8,};?")
_LONGEST_STACK = 8  # combining marks on one letter; more is an attack on normalisation, which is quadratic in them


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as Windows-1252, which is what such files nearly always are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("byline-cp1252", _as_cp1252)
ERRORS = "byline-cp1252"


def guess_encoding(sample: bytes) -> str:
    """Return the encoding of a file that begins with `sample`; to be used with `errors=ERRORS`.

    A byte order mark decides; then NUL in every other byte means UTF-16. Else UTF-8, and byte sequences that are
    not valid UTF-8 are taken as Windows-1252 one by one, so that a file mixed from two sources reads well too.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return "utf-8-sig" if encoding == "utf-8" else encoding
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.6 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if half and sample[::2].count(0) > 0.6 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def decode(raw: bytes, declared: str = "") -> str:
    """Return `raw` as text, never failing; `declared` (HTML's charset) counts only where it is not UTF-8 by itself."""
    encoding = guess_encoding(raw[:65536])
    if encoding != "utf-8":
        return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            codec = codecs.lookup(declared or "utf-8")
        except (LookupError, ValueError):
            codec = codecs.lookup("utf-8")
        # Rot13, base64 and their like are codecs as well, but not of text.
        if codec.name == "utf-8" or not codec._is_text_encoding:
            return raw.decode("utf-8", ERRORS)
        return raw.decode(codec.name, "replace")


def is_binary(sample: bytes) -> bool:
    """Return whether a file that begins with `sample` is no text in any encoding."""
    if guess_encoding(sample) != "utf-8":
        return False
    strange = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    return strange > 0.1 * len(sample)


def clean(text: str) -> str:
    """Return `text` with plain line ends and spaces, without unseen characters, and composed (NFC) where it was not."""
    text = _LINE_ENDS.sub("\n", text)
    text = _UNSEEN.sub("", _SPACES.sub(" ", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", _thin_out(text))
    return text


def clean_line(text: str) -> str:
    """Return a title, name or address as one clean line, with HTML entities read."""
    return " ".join(clean(unescape_all(text)).split())


def without_absurd_references(text: str) -> str:
    """Return `text` with U+FFFD for each reference to a character whose number is too large to be one."""
    return _NO_CHARACTER.sub("\ufffd", text)


def unescape_all(text: str) -> str:
    """Read every HTML entity, as a browser does."""
    return html.unescape(without_absurd_references(text))


def unescape(text: str) -> str:
    """Read the HTML entities that feeds leave in plain text ("AT&amp;T"); other ampersands stay."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def tidy_paragraphs(text: str) -> str:
    """Return `text` with paragraphs divided by exactly one blank line, and hard-wrapped lines joined again.

    Words stay as they are and in their order. A line break is a wrap where the next word would not have fitted;
    in a text with longer lines than any wrapping makes, each line is a paragraph.
    """
    lines = [line.strip() for line in text.split("\n")]
    longest = max(map(len, lines), default=0)
    if longest > 120:
        return "\n\n".join(line for line in lines if line)
    blocks = re.split(r"\n\n+", "\n".join(lines).strip("\n"))
    return "\n\n".join(_unwrap(block, longest) for block in blocks)


def _unwrap(block: str, width: int) -> str:
    first, *rest = block.split("\n")
    joined = [first]
    length = len(first)
    for line in rest:
        word = line.split(" ", 1)[0]
        is_wrap = width >= 50 and length >= 0.6 * width and length + 1 + len(word) > width
        if is_wrap:
            joined[-1] += " " + line
        else:
            joined.append(line)
        length = len(line)
    return "\n".join(joined)


def _thin_out(text: str) -> str:
    kept: list[str] = []
    stack = 0
    for character in text:
        stack = stack + 1 if unicodedata.combining(character) else 0
        if stack <= _LONGEST_STACK:
            kept.append(character)
    return "".join(kept)
