"""A chat template and messages to parts: the template's own text, and the untrusted texts between it.

A template is a program from a model's file, run by rendering.py in a process of its own. It never sees the messages'
texts, only placeholders that stand for them, so no text can become part of what the template wrote. Knows nothing of
tokens.
"""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.generate import Message

# For files that bring no template, or one that cannot be used: the markup most instruct models know, where the
# vocabulary has its two tokens, and headings otherwise. (Jinja drops a template's own last line end.)
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{{ '<|im_start|>assistant\n' }}"
)
PLAIN = (
    "{% for message in messages %}### {{ message.role|capitalize }}\n{{ message.content }}\n\n{% endfor %}"
    "{{ '### Assistant\n' }}"
)

MOST_SECONDS = 15.0  # by the clock, for a machine that is busy
_MOST_KEPT = 32  # renderings

# Letters and digits only: no template trims, escapes or splits them, and no article can hold what is drawn here.
_MARK = f"byline{secrets.token_hex(16)}"
_MARKS = re.compile(f"{_MARK}n([0-9]+)n")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a prompt; only the template's own may hold special tokens."""

    text: str
    trusted: bool


class ChatTemplate:
    """A model's chat template. `bos` and `eos` are the texts of its begin and end tokens."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "", fallback: str = PLAIN) -> None:
        self._source = source
        self._fallback = fallback
        self._variables = {"bos_token": bos, "eos_token": eos}
        # What comes out depends on the roles alone, and on the day for a template that writes it.
        self._rendered: dict[object, list[str | None]] = {}

    def split(self, messages: tuple[Message, ...]) -> tuple[Part, ...]:
        """Return the prompt in parts, ending where the assistant's text begins; every message is in it.

        Texts are stripped at both ends. A template that refuses or leaves out the system's text gets it inside
        the first user message; one that cannot be used at all is replaced by the fallback.
        """
        given = tuple(Message(message.role, message.text.strip()) for message in messages if message.text.strip())
        ways = [(shape, as_list) for shape in (given, fold_system(given)) for as_list in (False, True)]
        for (shape, _), rendered in zip(ways, self._render(ways), strict=True):
            if rendered is not None and set(map(int, _MARKS.findall(rendered))) == set(range(len(shape))):
                return _cut(rendered, shape)
        (rendered,) = _run(self._fallback, [_listed(given, False)], {})
        return _cut(rendered or "", given)

    def _render(self, ways: list[tuple[tuple[Message, ...], bool]]) -> list[str | None]:
        """Return what the template makes of each way to give it the messages, None where it refuses."""
        key = (date.today(), tuple(tuple(message.role for message in shape) for shape, _ in ways))
        if key not in self._rendered:
            while len(self._rendered) >= _MOST_KEPT:
                del self._rendered[next(iter(self._rendered))]
            listed = [_listed(shape, as_list) for shape, as_list in ways]
            self._rendered[key] = _run(self._source, listed, self._variables)
        return self._rendered[key]


def fold_system(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the messages without a system role: its text opens the next user message, and roles alternate."""
    folded: list[Message] = []
    for message in messages:
        role = "user" if message.role == "system" else message.role
        if folded and folded[-1].role == role:
            folded[-1] = Message(role, f"{folded[-1].text}\n\n{message.text}")
        else:
            folded.append(Message(role, message.text))
    return tuple(folded)


def _listed(messages: tuple[Message, ...], as_list: bool) -> list[dict[str, Any]]:
    marks = [(message.role, f"{_MARK}n{number}n") for number, message in enumerate(messages)]
    return [{"role": role, "content": [{"type": "text", "text": mark}] if as_list else mark} for role, mark in marks]


def _run(source: str, shapes: list[list[dict[str, Any]]], variables: dict[str, str]) -> list[str | None]:
    """Return what a template makes of each shape; None for all where it takes too much time or memory."""
    given = json.dumps({"source": source, "shapes": shapes, "variables": variables})
    command = [sys.executable, "-P", str(Path(__file__).with_name("rendering.py"))]
    try:
        ended = subprocess.run(command, input=given.encode(), capture_output=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return [None] * len(shapes)
    found = json.loads(ended.stdout) if ended.returncode == 0 else []
    return found if len(found) == len(shapes) else [None] * len(shapes)


def _cut(rendered: str, messages: tuple[Message, ...]) -> tuple[Part, ...]:
    pieces = _MARKS.split(rendered)  # the template's text and a message's number in turn
    parts = [
        Part(messages[int(piece)].text, trusted=False) if index % 2 else Part(piece, trusted=True)
        for index, piece in enumerate(pieces)
    ]
    return tuple(part for part in parts if part.text)
