"""A chat template run in a process of its own: a program from a stranger's file, with little memory and little time.

Jinja's sandbox keeps it from Python and from files, but not from a loop without end or a text of many gigabytes. Run
by template.py, which gives it one JSON object on stdin and reads one list from stdout. Never sees a message's text.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from jinja2 import Template

MOST_MEMORY = 1 << 30  # bytes of addresses; Python and Jinja take a tenth of it
MOST_SECONDS = 5  # of computing
LONGEST = 1 << 20  # characters; the longest template known to us writes six thousand


def main() -> None:
    """Render each shape of the messages, null for one that the template refuses."""
    _limit()
    given = json.load(sys.stdin)
    json.dump([_try(given["source"], shape, given["variables"]) for shape in given["shapes"]], sys.stdout)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: there only the parent's clock ends it
        return
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        with suppress(ValueError, OSError):  # macOS has no limit to addresses
            resource.setrlimit(kind, (most, most))


def _try(source: str, messages: list[dict[str, Any]], variables: dict[str, str]) -> str | None:
    from jinja2 import TemplateError

    # Templates are strangers' programs; besides Jinja's own errors they end in those of the operators they use.
    try:
        # Thinking aloud takes a reader minutes on a CPU; models without the switch do not look at it.
        switches = {"add_generation_prompt": True, "enable_thinking": False}
        text = _compile(source).render(messages=messages, **switches, **variables)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, MemoryError):
        return None
    except RecursionError:
        return None
    return text if len(text) <= LONGEST else None


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


if __name__ == "__main__":
    main()
