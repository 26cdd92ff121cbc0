"""A chat template and messages to parts: the template's own text, and the untrusted texts between it.

A template is a program from a model's file. It never sees the messages' texts, only placeholders that
stand for them, so no text can become part of what the template wrote. Knows nothing of tokens.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from bot.generate import Message

if TYPE_CHECKING:
    from jinja2 import Template

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

    def split(self, messages: tuple[Message, ...]) -> tuple[Part, ...]:
        """Return the prompt in parts, ending where the assistant's text begins; every message is in it.

        Texts are stripped at both ends. A template that refuses or leaves out the system's text gets it inside
        the first user message; one that cannot be used at all is replaced by the fallback.
        """
        given = tuple(Message(message.role, message.text.strip()) for message in messages if message.text.strip())
        for shape in (given, fold_system(given)):
            for as_list in (False, True):
                parts = self._try(shape, as_list)
                if parts:
                    return parts
        return _cut(_render(_compile(self._fallback), given, {}, False), given)

    def _try(self, messages: tuple[Message, ...], as_list: bool) -> tuple[Part, ...]:
        """Return the parts, or none where the template refuses the messages or loses a text."""
        from jinja2 import TemplateError

        # Templates are strangers' programs; besides Jinja's own errors they end in those of the operators they use.
        try:
            rendered = _render(self._template, messages, self._variables, as_list)
        except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            return ()
        found = {int(number) for number in _MARKS.findall(rendered)}
        return _cut(rendered, messages) if found == set(range(len(messages))) else ()

    @cached_property
    def _template(self) -> Template:
        return _compile(self._source)


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


def _compile(source: str) -> Template:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment.from_string(source)


def _refuse(message: str) -> NoReturn:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _render(template: Template, messages: tuple[Message, ...], variables: dict[str, str], as_list: bool) -> str:
    listed: list[dict[str, object]] = []
    for number, message in enumerate(messages):
        mark = f"{_MARK}n{number}n"
        listed.append(
            {"role": message.role, "content": [{"type": "text", "text": mark}] if as_list else mark},
        )
    # Thinking aloud takes a reader minutes on a CPU; models without the switch do not look at it.
    return template.render(messages=listed, add_generation_prompt=True, enable_thinking=False, **variables)


def _cut(rendered: str, messages: tuple[Message, ...]) -> tuple[Part, ...]:
    pieces = _MARKS.split(rendered)  # the template's text and a message's number in turn
    parts = [
        Part(messages[int(piece)].text, trusted=False) if index % 2 else Part(piece, trusted=True)
        for index, piece in enumerate(pieces)
    ]
    return tuple(part for part in parts if part.text)
