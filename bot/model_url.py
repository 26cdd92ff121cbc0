"""The address of a model's server, as the user gives it: taken apart, and whether it is this machine. Opens nothing."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import UsageError

KEY = "BYLINE_MODEL_KEY"  # the variable of the environment that holds the server's key; no option, no file
_MEND = "--model-url http://127.0.0.1:8080"
_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"(?:/[\w.~-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server answers. `root` is the path before `/v1`, empty for most."""

    scheme: str
    host: str
    port: int
    root: str

    @property
    def shown(self) -> str:
        """Return host and port, as people name a server."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_here(self) -> bool:
        """True when it is this machine's own, so that nothing leaves it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_server(url: str) -> ServerAddress:
    """Return what `url` names, with or without `/v1` at its end; raises UsageError for anything but a plain address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is not the address of a server: {error}.", _MEND) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(
            f"{url!r} is not the address of a server: it begins with http:// or https://, and a host follows.", _MEND
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError("A key does not belong into the address, where others can read it.", f"{KEY}=… in front")
    path = parts.path.rstrip("/").removesuffix("/v1")
    if parts.query or parts.fragment or not _PATH.fullmatch(path):
        raise UsageError(f"{url!r} is more than a server's address; end it before /v1 or with it.", _MEND)
    if not parts.hostname.isascii() or any(sign in parts.hostname for sign in " %\\"):
        raise UsageError(f"{parts.hostname!r} is not the name of a host.", _MEND)
    return ServerAddress(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


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
    plain = "" if parse_server(url).scheme == "https" else ", where others on the way can read them"
    return f"your questions and the passages found for them are sent to {where}{plain} (--model-url)"
