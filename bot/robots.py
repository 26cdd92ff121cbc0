"""What a site's robots.txt asks of us. The only importer of protego, which comes with byline[feeds].

protego and not the standard library's parser: that one knows no wildcards, and takes the first rule instead of the
longest. Its time grows with the length of what it compares only.
"""

from __future__ import annotations

from typing import Any

from index.errors import ExtraMissing

AGENT = "Byline"  # the name by which a robots.txt speaks to us
LARGEST = 500 * 2**10  # bytes that are read of one, as RFC 9309 asks for at least


class Rules:
    """The rules of one site; with no text all is allowed."""

    def __init__(self, text: str = "") -> None:
        self._parsed = _parse(text) if text else None

    def allow(self, url: str) -> bool:
        """Return whether the page at `url` may be fetched."""
        return self._parsed is None or bool(self._parsed.can_fetch(url, AGENT))

    @property
    def pause(self) -> float:
        """Return the seconds that the site wants between two requests, 0 where it says nothing of it."""
        if self._parsed is None:
            return 0.0
        rate = self._parsed.request_rate(AGENT)
        between = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(float(self._parsed.crawl_delay(AGENT) or 0), between, 0.0)


def _parse(text: str) -> Any:
    try:
        from protego import Protego
    except ImportError as error:
        raise ExtraMissing("Reading a robots.txt", "feeds") from error
    return Protego.parse(text)
