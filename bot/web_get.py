"""One GET on the public web: as many redirects, bytes and seconds as were allowed, and what came back.

Every hop goes through url_guard.py and to the address that it checked. No cookies, no referrer, no proxy, no cache.
Knows nothing of pages, feeds or what is done with them.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from urllib.parse import urljoin

from bot.url_guard import IsAllowed, Page, Resolve, checked_addresses, is_public, parse_page, resolve
from index.errors import FetchError, UsageError

LARGEST = 10 * 2**20  # bytes, as sent and unpacked
SECONDS = 30  # for all hops together
MOST_REDIRECTS = 5
MEND = "save the page in your browser and add the file"
_SILENCE = 10  # seconds without a byte
_LOOK = 0.1  # seconds between two looks at the time
_PIECE = 2**16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,30})", re.IGNORECASE)

OnBytes = Callable[[int], None]
Open = Callable[[Page, str, float], http.client.HTTPConnection]
BeforeHop = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: by whom, which types, and how much of it. With `cut` the rest is left, else it is refused."""

    agent: str
    types: tuple[str, ...]  # of which others are refused; none: any
    largest: int = LARGEST
    cut: bool = False
    headers: tuple[tuple[str, str], ...] = ()  # further ones


@dataclass(frozen=True, slots=True)
class Reply:
    """What came: where from, after all redirects. `raw` is empty where the status is not 200."""

    page: Page
    status: int
    reason: str
    headers: Mapping[str, str]  # by their names in lower case
    raw: bytes = b""

    @property
    def kind(self) -> str:
        """Return the type that the host states, empty where it states none."""
        return _kind(self.headers)

    @property
    def charset(self) -> str:
        """Return the charset that the host states, empty where it states none."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else ""

    def refusal(self) -> FetchError:
        """Return what a status other than 200 means to the reader."""
        return FetchError(f"{self.page.host} answered {self.status} {self.reason}.".replace(" .", "."), MEND)


def ignore(count: int) -> None:
    """Take no notice."""


def ignore_hop(page: Page) -> None:
    """Let every hop pass."""


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked; the host's name is only ever sent, and shown in the certificate."""

    def __init__(self, page: Page, address: str, timeout: float) -> None:
        super().__init__(page.host, page.port, timeout=timeout)
        self.default_port = page.port  # is then left out of the Host that is sent
        self._page = page
        self._address = address

    def connect(self) -> None:
        """Connect to the checked address, with TLS where the page's address says so."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._page.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


class WebGet:
    """Asks the web; what it connects with can be put in its place, which tests do to reach a server of their own."""

    def __init__(
        self, *, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public, connect: Open = _Pinned
    ) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._connect = connect

    def get(
        self,
        url: str,
        wanted: Wanted,
        *,
        stop: Flag | None = None,
        on_bytes: OnBytes = ignore,
        seconds: float = SECONDS,
        before_hop: BeforeHop = ignore_hop,
    ) -> Reply:
        """Return what the host answers, whatever its status.

        `before_hop` is called with each address before it is asked, and may raise, or wait: its time is not counted.
        Raises UsageError for an address that is not fetched, and FetchError, which says what was wrong, for a host
        that gives nothing, or what was not wanted.
        """
        page = parse_page(url)
        transfer = _Transfer(stop or Flag(), on_bytes, seconds)
        for hop in range(MOST_REDIRECTS + 1):
            try:
                before_hop(page)
                transfer.begin()
                found = self._hop(page, wanted, transfer)
            except UsageError as error:
                if not hop:
                    raise
                raise UsageError(f"The page leads on to another that is not fetched. {error.wrong}", MEND) from error
            finally:
                transfer.end()
            if isinstance(found, Reply):
                return found
            page = found
        raise FetchError(f"{page.host} leads on more than {MOST_REDIRECTS} times.", MEND)

    def _hop(self, page: Page, wanted: Wanted, transfer: _Transfer) -> Reply | Page:
        """Return what came, or the page that it leads on to."""
        try:
            addresses = checked_addresses(page, resolve=self._resolve, is_allowed=self._is_allowed)
            with closing(self._reach(page, addresses, transfer)) as connection, transfer.limited(connection.sock):
                return _converse(connection, page, wanted, transfer)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "unknown reason"
            raise FetchError(f"{page.host} does not prove to be itself: {reason}.", MEND) from error
        except TimeoutError as error:
            raise FetchError(f"{page.host} took too long to answer.", "try again later") from error
        except socket.gaierror as error:
            raise FetchError(f"There is no host {page.host}, or no connection to the network.") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            transfer.check()
            raise FetchError(f"{page.host} cannot be reached or broke off: {_reason(error)}.", MEND) from error

    def _reach(self, page: Page, addresses: list[str], transfer: _Transfer) -> http.client.HTTPConnection:
        """Return a connection to the first of the checked addresses that takes one; raises what the last one raised."""
        *others, last = addresses
        for address in others:
            connection = self._connect(page, address, min(_SILENCE, transfer.left()))
            with suppress(OSError):  # of two kinds of addresses a machine may reach only one
                connection.connect()
                return connection
        connection = self._connect(page, last, min(_SILENCE, transfer.left()))
        connection.connect()
        return connection


class _Transfer:
    """How much may still come, and until when."""

    def __init__(self, stop: Flag, on_bytes: OnBytes, seconds: float) -> None:
        self._stop = stop
        self._on_bytes = on_bytes
        self._seconds = seconds
        self._until = 0.0

    def begin(self) -> None:
        """Count the time from now on."""
        self._until = time.monotonic() + self._seconds

    def end(self) -> None:
        """Count it no longer."""
        self._seconds = self._until - time.monotonic()

    def left(self) -> float:
        """Return the seconds that are left; raises FetchError where there are none."""
        self.check()
        return self._until - time.monotonic()

    def check(self) -> None:
        """Raise FetchError where the reader stopped it or time is up."""
        if self._stop.is_set():
            raise FetchError("Stopped before the page had come.")
        if time.monotonic() >= self._until:
            raise FetchError("The page took too long to come.", "try again later")

    @contextmanager
    def limited(self, sock: socket.socket) -> Iterator[None]:
        """Cut the connection when time is up or the reader stops it, however little or slowly the host sends."""
        over = Flag()

        def watch() -> None:
            while not over.wait(_LOOK):
                if self._stop.is_set() or time.monotonic() >= self._until:
                    _cut(sock)
                    return

        Thread(target=watch, name="fetch", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def came(self, count: int) -> None:
        """Tell that so many bytes have come."""
        self._on_bytes(count)


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _converse(connection: http.client.HTTPConnection, page: Page, wanted: Wanted, transfer: _Transfer) -> Reply | Page:
    headers = {"User-Agent": wanted.agent, "Accept": ", ".join(wanted.types) or "*/*", "Accept-Encoding": "gzip"}
    connection.request("GET", page.path, headers={**headers, **dict(wanted.headers), "Connection": "close"})
    response = connection.getresponse()
    transfer.check()
    leads_to = response.getheader("Location")
    if response.status in _REDIRECTS and leads_to:
        return _next_page(page, leads_to)
    told = {name.lower(): value for name, value in response.getheaders()}
    if response.status != 200:
        return Reply(page, response.status, response.reason, told)
    if wanted.types and _kind(told) not in wanted.types:
        kind = _kind(told) or "something without a type"
        raise FetchError(f"{page.host} sends {kind}, not {_named(wanted)}.", MEND)
    raw = _unpack(_receive(response, page, wanted, transfer), response, page, wanted)
    return Reply(page, response.status, response.reason, told, raw)


def _named(wanted: Wanted) -> str:
    return "a page of text" if "text/html" in wanted.types else "what was asked for"


def _kind(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _next_page(page: Page, leads_to: str) -> Page:
    with suppress(UnicodeError):  # http.client reads headers as Latin-1, and most are UTF-8
        leads_to = leads_to.encode("latin-1").decode("utf-8")
    return parse_page(urljoin(page.url, leads_to.strip().replace(" ", "%20")))


def _receive(response: http.client.HTTPResponse, page: Page, wanted: Wanted, transfer: _Transfer) -> bytes:
    told = response.getheader("Content-Length", "")
    raw = bytearray()
    if told.isdecimal() and int(told) > wanted.largest and not wanted.cut:
        raise FetchError(_too_large(page, wanted), MEND)
    while piece := response.read1(_PIECE):
        raw += piece
        transfer.check()
        transfer.came(len(raw))
        if len(raw) > wanted.largest:
            if wanted.cut:
                return bytes(raw[: wanted.largest])
            raise FetchError(_too_large(page, wanted), MEND)
    transfer.check()
    if told.isdecimal() and len(raw) < int(told):
        raise FetchError(f"{page.host} broke off in the middle of the page.", "try again later")
    return bytes(raw)


def _unpack(raw: bytes, response: http.client.HTTPResponse, page: Page, wanted: Wanted) -> bytes:
    """Return what was sent, unpacked as far as the limit goes."""
    packing = response.getheader("Content-Encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        return raw
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{page.host} sends the page packed with {packing[:20]}, which was not asked for.", MEND)
    return unpack(raw, page, wanted)


def unpack(raw: bytes, page: Page, wanted: Wanted) -> bytes:
    """Return gzip's or zlib's bytes unpacked; raises FetchError where they are none, or more than was wanted."""
    unpacking = zlib.decompressobj(wbits=47)  # a header of gzip or of zlib
    try:
        plain = unpacking.decompress(raw, wanted.largest + 1)
    except zlib.error as error:
        raise FetchError(f"{page.host} sends a page that cannot be unpacked.", MEND) from error
    if len(plain) > wanted.largest and not wanted.cut:
        raise FetchError(_too_large(page, wanted), MEND)
    return plain[: wanted.largest]


def _too_large(page: Page, wanted: Wanted) -> str:
    return f"The page of {page.host} is larger than {wanted.largest // 2**20} MB."


def _reason(error: BaseException) -> str:
    told = getattr(error, "strerror", None) or (str(error) if isinstance(error, OSError) else "")
    return told.rstrip(".").lower() or "what it sent is not HTTP"
