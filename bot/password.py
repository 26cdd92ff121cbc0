"""The password or token of a server for others: from a file, the environment or made up, never from the command line.

There it would stand in the list of processes that everyone on the machine can read.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError

SHORTEST = 12  # characters
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


@dataclass(frozen=True, slots=True)
class Kind:
    """Whose secret it is: what it is called, the variable that may hold it, the command it is for, what it guards."""

    name: str
    variable: str
    command: str
    guards: str

    @property
    def mend(self) -> str:
        """Return how to give one."""
        return f"{self.command} --host ADDRESS --new-{self.name}  (or: --{self.name}-file FILE)"


PASSWORD = Kind("password", "BYLINE_WEB_PASSWORD", "byline web", "read the archive and all conversations")
TOKEN = Kind("token", "BYLINE_API_TOKEN", "byline serve", "ask the archive and read its articles")


def make_up() -> str:
    """Return a new password: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def read_secret(kind: Kind, file: Path | None, environment: MutableMapping[str, str] = os.environ) -> str:
    """Return the secret in `file`, else of the environment, which then loses it; "" where there is none.

    Raises UsageError for one that is too short, that no header can carry, or that others on this machine can read.
    """
    given = environment.pop(kind.variable, "")  # no process started from here needs it
    secret = _read(kind, file) if file else given
    if (file or secret) and len(secret) < SHORTEST:
        raise UsageError(f"A {kind.name} needs at least {SHORTEST} characters.", kind.mend)
    if kind is TOKEN and not (secret.isascii() and secret.isprintable() and secret == secret.strip()):
        raise UsageError("A token is of printable ASCII characters, as a header carries them.", kind.mend)
    return secret


def _read(kind: Kind, file: Path) -> str:
    try:
        if os.name != "nt" and file.stat().st_mode & 0o077:
            raise UsageError(f"Others on this machine can read the {kind.name} in {file}.", f"chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The {kind.name} cannot be read from {file}: {reason}.", kind.mend) from error


def require_secret(host: str, secret: str, kind: Kind = PASSWORD) -> None:
    """Raise UsageError for a server that others could reach without its secret."""
    if not secret and not is_this_machine(host):
        raise UsageError(f"On {host} everyone who reaches this machine could {kind.guards}.", kind.mend)


def is_this_machine(host: str) -> bool:
    """True where only this machine reaches what listens on `host`; every address of a name must be such."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_is_loopback(address) for address in found)


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback
