"""The address of a model's server, and what leaves the machine by it. Opens nothing."""

from __future__ import annotations

from index import server_url
from index.server_url import ServerAddress

KEY = "BYLINE_MODEL_KEY"  # the variable of the environment that holds the server's key; no option, no file
_MEND = "--model-url http://127.0.0.1:8080"


def parse_server(url: str) -> ServerAddress:
    """Return what `url` names, with or without `/v1` at its end; raises UsageError for anything but a plain address."""
    return server_url.parse_server(url, mend=_MEND, key=KEY, version="/v1")


def goes_to(url: str) -> str:
    """Return where questions and passages go by this address, the empty string where they stay on this machine."""
    if not url:
        return ""
    server = parse_server(url)
    return "" if server.is_here else server.shown


def privacy_notice(url: str) -> str:
    """Return in words what leaves the machine by this address; the empty string where nothing does."""
    where = goes_to(url)
    if not where:
        return ""
    plain = ", where others on the way can read them" if parse_server(url).is_open else ""
    return f"your questions and the passages found for them are sent to {where}{plain} (--model-url)"
