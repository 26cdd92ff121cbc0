"""The password of a server for others: from a file, the environment or made up, and never from the command line.

There it would stand in the list of processes that everyone on the machine can read.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import MutableMapping
from pathlib import Path

from index.errors import UsageError

VARIABLE = "BYLINE_WEB_PASSWORD"
SHORTEST = 12  # characters
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_MEND = "byline web --host ADDRESS --new-password  (or: --password-file FILE)"


def make_up() -> str:
    """Return a new password: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def read_password(file: Path | None, environment: MutableMapping[str, str] = os.environ) -> str:
    """Return the password in `file`, else of the environment, which then loses it; "" where there is none.

    Raises UsageError for one that is too short, or that others on this machine can read.
    """
    given = environment.pop(VARIABLE, "")  # no process started from here needs it
    password = _read(file) if file else given
    if (file or password) and len(password) < SHORTEST:
        raise UsageError(f"A password needs at least {SHORTEST} characters.", _MEND)
    return password


def _read(file: Path) -> str:
    try:
        if os.name != "nt" and file.stat().st_mode & 0o077:
            raise UsageError(f"Others on this machine can read the password in {file}.", f"chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The password cannot be read from {file}: {reason}.", _MEND) from error


def require_login(host: str, password: str) -> None:
    """Raise UsageError for a server that others could reach without a password."""
    if not password and not is_this_machine(host):
        raise UsageError(
            f"On {host} everyone who reaches this machine could read the archive and all conversations.", _MEND
        )


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
