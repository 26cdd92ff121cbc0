"""Which addresses may be fetched: pages of the public web, and nothing of this machine or the network it is in.

An address is checked before anything is connected to, all answers of its name are, and the connection then goes to
the very address that was checked: a name that answers otherwise the next time gains nothing. Knows nothing of HTTP.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from index.errors import UsageError

PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # characters of an address
MEND = "give the address of a page on the public web, as http:// or https://"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# The numeric addresses of a name, as text.
Resolve = Callable[[str, int], Sequence[str]]
IsAllowed = Callable[[IPAddress], bool]

# Public by their number and not by their use, or not known to every Python that Byline runs on.
_NOT_THE_WEB = [
    ipaddress.ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]
_UNICAST6 = ipaddress.ip_network("2000::/3")  # all that was ever given out; what leads to IPv4 addresses lies outside
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_LAST_IS_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Page:
    """The address of a page, taken apart and written as it is sent: all ASCII, and the port is its scheme's."""

    scheme: str
    host: str
    path: str

    @property
    def port(self) -> int:
        """Return the port that is connected to."""
        return PORTS[self.scheme]

    @property
    def url(self) -> str:
        """Return the address as text."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}{self.path}"


def parse_page(url: str) -> Page:
    """Return what `url` names; raises UsageError for what is not a plain address of a page on the web."""
    url = url.strip()
    if not url or len(url) > LONGEST or any(character <= " " or character in "\\\x7f" for character in url):
        raise UsageError("This is not the address of a page: it is empty, too long, or has spaces in it.", MEND)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"This is not the address of a page: {error}.", MEND) from error
    if parts.scheme not in PORTS:
        raise UsageError(f"Only http and https are fetched, not {parts.scheme or 'an address without either'}.", MEND)
    if parts.username is not None or parts.password is not None:
        raise UsageError("An address with a name or password in it is not fetched.", MEND)
    if port not in (None, PORTS[parts.scheme]):
        raise UsageError(f"Port {port} is not one that web pages are fetched from.", MEND)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return Page(parts.scheme, _host(parts.hostname or ""), f"{path}?{query}" if parts.query else path)


def _host(name: str) -> str:
    """Return a host as it is looked up, an address of numbers in its usual form only."""
    if ":" in name and "%" not in name:  # "%" names a way out of this machine
        return str(_address(name))
    name = unicodedata.normalize("NFKC", name).lower().removesuffix(".")
    try:
        host = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(f"{name!r} is not the name of a host.", MEND) from error
    if not _HOST.fullmatch(host):
        raise UsageError(f"{name!r} is not the name of a host.", MEND)
    # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to most systems.
    return str(_address(host)) if _LAST_IS_NUMBER.fullmatch(host) else host


def _address(text: str) -> IPAddress:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not an address in its usual form.", MEND) from error


def is_public(address: IPAddress) -> bool:
    """True for an address of the public internet: not this machine, not its network, not a provider's own services."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST6:
            return False
    bad = address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    return address.is_global and not bad and not any(address in network for network in _NOT_THE_WEB)


def resolve(host: str, port: int) -> Sequence[str]:
    """Return every address that the system knows for `host`; raises OSError where it knows none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked_addresses(page: Page, *, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public) -> list[str]:
    """Return the addresses that `page` may be fetched from, in the system's order.

    Raises UsageError where any of them is not public: a name that leads both out and in is a trick. Raises OSError
    where the name leads nowhere.
    """
    found = list(dict.fromkeys(resolve(page.host, page.port)))
    if not found:
        raise OSError("it has no address")
    for text in found:
        if not is_allowed(_address(text)):
            raise UsageError(
                f"{page.host} is not on the public web: its address, {text}, belongs to this machine, its network or"
                " a reserved range.",
                MEND,
            )
    return found
