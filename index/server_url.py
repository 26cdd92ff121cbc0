"""The address of a server that the user names: taken apart, and whether it is this machine. Opens nothing."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"(?:/[\w.~-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server answers. `root` is the path before that of its API, empty for most."""

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

    @property
    def is_open(self) -> bool:
        """True when others on the way can read what is sent."""
        return not self.is_here and self.scheme == "http"


def parse_server(url: str, *, mend: str, key: str, version: str = "") -> ServerAddress:
    """Return what `url` names, with or without the API's `version` at its end.

    Raises UsageError for anything but a plain address; `key` is the variable where a key belongs.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is not the address of a server: {error}.", mend) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(f"{url!r} is not a server's address: it begins with http:// or https://, then a host.", mend)
    if parts.username is not None or parts.password is not None:
        raise UsageError("A key does not belong into the address, where others can read it.", f"{key}=… in front")
    path = parts.path.rstrip("/").removesuffix(version)
    if parts.query or parts.fragment or not _PATH.fullmatch(path):
        raise UsageError(f"{url!r} is more than a server's address.", mend)
    if not parts.hostname.isascii() or any(sign in parts.hostname for sign in " %\\"):
        raise UsageError(f"{parts.hostname!r} is not the name of a host.", mend)
    return ServerAddress(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)
