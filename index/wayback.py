"""Pages saved from the Wayback Machine, made again what they were: without its toolbar, at their own address.

The day of the capture is no day of publication, and is not read.
"""

from __future__ import annotations

import re
from typing import Any

_SLASH = r"\\?/"  # as JSON in a page writes it, too
_PREFIX = re.compile(
    rf"(?:https?:)?(?:{_SLASH}{_SLASH}web\.archive\.org(?::\d+)?)?{_SLASH}web{_SLASH}\d{{4,14}}(?:[a-z]{{2}}_)?{_SLASH}"
    rf"(?=https?:{_SLASH})"
)
_SIGNS = ("web.archive.org", "__wm.wombat", "WAYBACK TOOLBAR INSERT")
_BEGIN, _END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"
_CAPTURED = re.compile(r"""__wm\.wombat\(\s*["'](https?:[^"'\s]{1,2000})["']""")
_TOOLBAR = "//*[@id='wm-ipp-base' or @id='wm-ipp' or @id='wm-ipp-print' or @id='wm-ipp-inside' or @id='donato']"


def is_wayback(page: str) -> bool:
    """Return whether a page comes from the Wayback Machine."""
    return any(sign in page for sign in _SIGNS)


def original(page: str) -> str:
    """Return a page, or an address, as it was before the Wayback Machine wrote its own address before every other."""
    start = page.find(_BEGIN)
    end = page.find(_END, start)
    if 0 <= start < end:
        page = page[:start] + page[end + len(_END) :]
    return _PREFIX.sub("", page)


def captured_address(page: str) -> str:
    """Return the address that the Wayback Machine notes in its own script, or the empty string."""
    found = _CAPTURED.search(page)
    return _PREFIX.sub("", found[1]) if found else ""


def take_toolbar(tree: Any) -> None:
    """Take its toolbar out of a page that a browser saved, where the comments around it may be gone."""
    for element in tree.xpath(_TOOLBAR):
        if element.getparent() is not None:
            element.drop_tree()
