"""XML read piece by piece within bounds: no entity is ever defined, nothing nests deeper than any format does.

The only place that asks expat. Knows nothing of any format.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

DEEPEST = 200  # elements within each other; an Atom entry with a page in it has forty
_AT_ONCE = 2**16

OnStart = Callable[[str, dict[str, str]], None]
OnEnd = Callable[[str], None]
OnText = Callable[[str], None]


class NotXml(ValueError):
    """It is not well-formed; `place` says where."""


class XmlRefused(ValueError):
    """It is XML that is made to do harm; the message says how."""


def ignore_start(name: str, attributes: dict[str, str]) -> None:
    """Take no notice."""


def ignore_end(name: str) -> None:
    """Take no notice."""


def scan(
    raw: bytes, on_start: OnStart = ignore_start, on_end: OnEnd = ignore_end, on_text: OnText = ignore_end
) -> None:
    """Tell of each element of `raw` in turn, a name as "namespace name"; raises NotXml or XmlRefused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise XmlRefused(f"its elements nest deeper than {DEEPEST}")
        on_start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name)

    def entity(*told: object) -> None:
        raise XmlRefused("it defines entities of its own")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, on_text
    parser.EntityDeclHandler = entity
    try:
        for place in range(0, len(raw), _AT_ONCE):
            parser.Parse(raw[place : place + _AT_ONCE])
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, XmlRefused):
            raise
        raise NotXml(str(error)) from error
