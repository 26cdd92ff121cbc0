"""What a page keeps from its readers' eyes, and so from the article: what nobody could have read is no reporting.

Hidden text is how orders to machines get into pages that look harmless. Judged by the element's own attributes; what a
style sheet or a script hides is not seen here. Knows nothing of any parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Classes by which the common frameworks (Bootstrap, WordPress, HTML5 Boilerplate) hide what only screen readers say.
_CLASSES = frozenset({"visually-hidden", "visuallyhidden", "sr-only", "screen-reader-text", "screen-reader-only"})
_FAR = 900  # pixels outside the page, beyond any layout
_ZERO = re.compile(r"[-+]?0*\.?0*(?:px|em|rem|pt|%|vh|vw)?")
_PIXELS = re.compile(r"(-?\d+(?:\.\d+)?)(px|em|rem|vw|vh|%)?")


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element with these attributes is not shown; names are lower case, as parsers give them."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    if _CLASSES & set((attributes.get("class") or "").lower().split()):
        return True
    style = attributes.get("style") or ""
    return bool(style) and _is_hiding(_declarations(style))


def _declarations(style: str) -> dict[str, str]:
    """Return a style attribute's properties; the last of a name counts."""
    pairs = (part.partition(":") for part in re.sub(r"/\*.*?\*/", "", style).lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


def _is_hiding(style: Mapping[str, str]) -> bool:
    def is_zero(name: str) -> bool:
        return bool(style.get(name)) and bool(_ZERO.fullmatch(style[name]))

    colour, behind = style.get("color", ""), style.get("background-color") or style.get("background", "")
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or is_zero("opacity")
        or is_zero("font-size")
        or style.get("font-size") == "1px"
        or colour == "transparent"
        or (bool(colour) and colour == behind)
        or (style.get("overflow") == "hidden" and any(map(is_zero, ("height", "max-height", "width", "max-width"))))
        or any(_is_far_out(style.get(side, "")) for side in ("text-indent", "left", "right", "top", "margin-left"))
        or style.get("clip-path", "") in ("inset(50%)", "inset(100%)")
        or bool(re.fullmatch(r"rect\((?:[01](?:px)?[\s,]*){4}\)", style.get("clip", "")))
    )


def _is_far_out(value: str) -> bool:
    found = _PIXELS.fullmatch(value)
    if found is None:
        return False
    size = float(found[1]) * (16 if found[2] in ("em", "rem") else 10 if found[2] in ("vw", "vh", "%") else 1)
    return size <= -_FAR
