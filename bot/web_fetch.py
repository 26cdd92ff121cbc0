"""One page of the web, fetched because a reader asked for it, and made ready to be read as a file.

Every hop goes through url_guard.py and to the address that it checked. No cookies, no referrer, no proxy, no cache; no
more bytes and no more time than a page of news takes.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from urllib.parse import urljoin

from bot.pasted import Text, put, render, safe_stem
from bot.url_guard import IsAllowed, Page, Resolve, checked_addresses, is_public, parse_page, resolve
from index.decode import decode
from index.errors import FetchError, UsageError
from index.read_html import decode_page, looks_like_page

LARGEST = 10 * 2**20  # bytes, as sent and unpacked
SECONDS = 30  # for all hops together
MOST_REDIRECTS = 5
_SILENCE = 10  # seconds without a byte
_LOOK = 0.1  # seconds between two looks at the time
_PIECE = 2**16
_AGENT = "Byline/0.1 (fetches one page when its reader asks for it)"
_PAGES = ("text/html", "application/xhtml+xml")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,30})", re.IGNORECASE)
MEND = "save the page in your browser and add the file"

OnBytes = Callable[[int], None]
Open = Callable[[Page, str, float], http.client.HTTPConnection]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came: where from, after all redirects, of which type, and what it says."""

    url: str
    is_html: bool
    text: str


def ignore(count: int) -> None:
    """Take no notice."""


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


class WebFetch:
    """Fetches pages; what it connects with can be put in its place, which tests do to reach a server of their own."""

    def __init__(
        self, *, resolve: Resolve = resolve, is_allowed: IsAllowed = is_public, connect: Open = _Pinned
    ) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._connect = connect

    def fetch(
        self, url: str, *, stop: Flag | None = None, on_bytes: OnBytes = ignore, seconds: float = SECONDS
    ) -> Fetched:
        """Return the page at `url`.

        Raises UsageError for an address that is not fetched, and FetchError, which says what was wrong, for one that
        does not give a page.
        """
        page = parse_page(url)
        transfer = _Transfer(stop or Flag(), on_bytes, time.monotonic() + seconds)
        for hop in range(MOST_REDIRECTS + 1):
            try:
                found = self._hop(page, transfer)
            except UsageError as error:
                if not hop:
                    raise
                raise UsageError(f"The page leads on to another that is not fetched. {error.wrong}", MEND) from error
            if isinstance(found, Fetched):
                return found
            page = found
        raise FetchError(f"{page.host} leads on more than {MOST_REDIRECTS} times.", MEND)

    def _hop(self, page: Page, transfer: _Transfer) -> Fetched | Page:
        """Return the page, or the one that it leads on to."""
        try:
            addresses = checked_addresses(page, resolve=self._resolve, is_allowed=self._is_allowed)
            with closing(self._reach(page, addresses, transfer)) as connection, transfer.limited(connection.sock):
                return _converse(connection, page, transfer)
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

    def __init__(self, stop: Flag, on_bytes: OnBytes, until: float) -> None:
        self._stop = stop
        self._on_bytes = on_bytes
        self._until = until

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


def _converse(connection: http.client.HTTPConnection, page: Page, transfer: _Transfer) -> Fetched | Page:
    headers = {"User-Agent": _AGENT, "Accept": ", ".join([*_PAGES, "text/plain"]), "Accept-Encoding": "gzip"}
    connection.request("GET", page.path, headers={**headers, "Connection": "close"})
    response = connection.getresponse()
    transfer.check()
    leads_to = response.getheader("Location")
    if response.status in _REDIRECTS and leads_to:
        return _next_page(page, leads_to)
    if response.status != 200:
        raise FetchError(f"{page.host} answered {response.status} {response.reason}.".replace(" .", "."), MEND)
    kind = _kind_of(response, page)
    raw = _unpack(_receive(response, page, transfer), response, page)
    declared = _CHARSET.search(response.getheader("Content-Type", ""))
    charset = declared[1] if declared else ""
    # The header's charset counts before the page's own, as browsers have it; what is valid UTF-8 is always UTF-8.
    text = decode(raw, charset) if charset or kind == "text/plain" else decode_page(raw)
    if not text.strip():
        raise FetchError(f"The page of {page.host} is empty.", MEND)
    return Fetched(page.url, kind in _PAGES or looks_like_page(text), text)


def _next_page(page: Page, leads_to: str) -> Page:
    with suppress(UnicodeError):  # http.client reads headers as Latin-1, and most are UTF-8
        leads_to = leads_to.encode("latin-1").decode("utf-8")
    return parse_page(urljoin(page.url, leads_to.strip().replace(" ", "%20")))


def _kind_of(response: http.client.HTTPResponse, page: Page) -> str:
    kind = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in (*_PAGES, "text/plain"):
        raise FetchError(f"{page.host} sends {kind or 'something without a type'}, not a page of text.", MEND)
    return kind


def _receive(response: http.client.HTTPResponse, page: Page, transfer: _Transfer) -> bytes:
    told = response.getheader("Content-Length", "")
    raw = bytearray()
    if told.isdecimal() and int(told) > LARGEST:
        raise FetchError(_too_large(page), MEND)
    while piece := response.read1(_PIECE):
        raw += piece
        transfer.check()
        transfer.came(len(raw))
        if len(raw) > LARGEST:
            raise FetchError(_too_large(page), MEND)
    transfer.check()
    if told.isdecimal() and len(raw) < int(told):
        raise FetchError(f"{page.host} broke off in the middle of the page.", "try again later")
    return bytes(raw)


def _unpack(raw: bytes, response: http.client.HTTPResponse, page: Page) -> bytes:
    """Return what was sent, unpacked as far as the limit for a page goes."""
    packing = response.getheader("Content-Encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        return raw
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{page.host} sends the page packed with {packing[:20]}, which was not asked for.", MEND)
    unpacking = zlib.decompressobj(wbits=47)  # a header of gzip or of zlib
    try:
        plain = unpacking.decompress(raw, LARGEST + 1)
    except zlib.error as error:
        raise FetchError(f"{page.host} sends a page that cannot be unpacked.", MEND) from error
    if len(plain) > LARGEST:
        raise FetchError(_too_large(page), MEND)
    return plain


def _too_large(page: Page) -> str:
    return f"The page of {page.host} is larger than {LARGEST // 2**20} MB."


def _reason(error: BaseException) -> str:
    told = getattr(error, "strerror", None) or (str(error) if isinstance(error, OSError) else "")
    return told.rstrip(".").lower() or "what it sent is not HTTP"


def store(fetched: Fetched, folder: Path) -> Path:
    """Write a page into `folder` so that it reads as any saved page, its address in it, and return the file.

    The same address is the same file: fetched again it takes the place of what it was.
    """
    name = f"{safe_stem(re.sub(r'^https?://(www[.])?', '', fetched.url))}-{_hash(fetched.url)}"
    if fetched.is_html:
        page = _XML_DECLARATION.sub("", fetched.text.lstrip("\ufeff"))
        # As browsers note it in pages they save; read_html.py reads it.
        address = fetched.url.replace("--", "-%2D")
        return put(folder / f"{name}.html", f"<!-- saved from url=({len(address):04}){address} -->\n{page}")
    return put(folder / f"{name}.txt", render(Text(fetched.text, url=fetched.url)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
