"""The web asked as a guest asks: what robots.txt allows, one request at a time, a pause between two to one host.

A host that says "later" is left alone until then; whoever wants to know after a restart keeps `closed`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.robots import LARGEST, Rules
from bot.url_guard import Page
from bot.web_get import Reply, Wanted, WebGet
from index.decode import decode
from index.errors import FetchError

USER_AGENT = "Byline/0.1 (reads the feeds that its reader names; heeds robots.txt as Byline)"
PAUSE = 1.0  # seconds between two requests to a host that asks for no longer one
LONGEST_PAUSE = 600.0  # that is waited for between two pages
_AT_LEAST = 2  # requests to a host that wants longer ones: a feed and one page of it
LONGEST_WAIT = 60.0  # that is waited for where a host says "later"
SLOW = 10.0  # seconds after which a request that fails counts as one that got no answer
MOST_SLOW = 3  # of one host; whatever else is wanted of it is left to another run
_WITHOUT_A_TIME = 900.0  # how long a host is left alone that says "later" and not when
_LATEST = 86_400.0  # whatever it says
_LATER = (429, 503)
_ROBOTS = Wanted(USER_AGENT, (), largest=LARGEST, cut=True)

OnWait = Callable[[str, float], None]


class Later(FetchError):
    """The host wants to be asked another time; nothing is wrong with the address."""

    def __init__(self, host: str, wrong: str) -> None:
        super().__init__(f"{host} {wrong}", "run the same command again later")
        self.host = host


class Forbidden(FetchError):
    """The site does not want this page to be fetched by programs."""


def ignore_wait(host: str, seconds: float) -> None:
    """Take no notice."""


class Polite:
    """Asks for one thing after the other. `closed` are hosts that said "later", and until when by the wall clock."""

    def __init__(
        self,
        web: WebGet,
        closed: Mapping[str, float] = {},
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: OnWait = ignore_wait,
    ) -> None:
        self.closed = dict(closed)
        self.on_wait = on_wait
        self._web = web
        self._clock = clock
        self._sleep = sleep
        self._rules: dict[tuple[str, str], Rules | FetchError] = {}
        self._free_at: dict[str, float] = {}
        self._asked: Counter[str] = Counter()  # beside robots.txt
        self._slow: Counter[str] = Counter()
        self._last, self._begun = "", clock()  # the host of the last request, and when it began

    def get(self, url: str, wanted: Wanted) -> Reply:
        """Return what the host answers; raises Later, Forbidden, or what WebGet.get raises.

        Where it asks to come back within LONGEST_WAIT it is asked a second time.
        """
        wanted = replace(wanted, agent=USER_AGENT)
        try:
            return self._ask(url, wanted)
        except Later as error:
            if not 0 < self.closed.get(error.host, 0) - self._clock() <= LONGEST_WAIT:
                raise
            self._wait_until(error.host, self.closed[error.host])
            self._rules = {site: rules for site, rules in self._rules.items() if isinstance(rules, Rules)}
            return self._ask(url, wanted)

    def free_at(self, url: str) -> float:
        """Return from when on the host of `url` may be asked again, as far as is known."""
        host = _host_of(url)
        return max(self._free_at.get(host, 0.0), self.closed.get(host, 0.0))

    def _ask(self, url: str, wanted: Wanted) -> Reply:
        self._last = ""  # what robots.txt forbids was no request
        try:
            reply = self._web.get(url, wanted, before_hop=self._before)
        except FetchError:
            self._slow[self._last] += self._clock() - self._begun >= SLOW
            raise
        return self._heed(reply)

    def _heed(self, reply: Reply) -> Reply:
        """Return the reply, or raise Later where that is what it says."""
        host, told = reply.page.host, reply.headers.get("retry-after", "")
        if reply.status not in _LATER or (reply.status == 503 and not told):
            return reply
        self.closed[host] = self._clock() + _seconds(told, self._clock())
        raise Later(host, f"answered {reply.status}: it wants to be asked later.")

    def _before(self, page: Page) -> None:
        """Let a hop pass when it may; raises Forbidden or Later."""
        rules = self._rules_of(page)
        if not rules.allow(page.url):
            raise Forbidden(f"The robots.txt of {page.host} asks programs not to fetch this page.")
        self._wait_turn(page, rules.pause)
        self._asked[page.host] += 1
        self._last, self._begun = page.host, self._clock()

    def _wait_turn(self, page: Page, pause: float = 0.0) -> None:
        host, now = page.host, self._clock()
        if now < self.closed.get(host, 0.0) <= now + _LATEST:  # a clock that was wrong when it was noted closes nothing
            raise Later(host, "wants to be asked later.")
        if self._slow[host] >= MOST_SLOW:
            raise Later(host, f"took too long {MOST_SLOW} times.")
        if pause > LONGEST_PAUSE and self._asked[host] >= _AT_LEAST:
            raise Later(host, f"wants {pause:.0f} seconds between two pages.")
        self._wait_until(host, self._free_at.get(host, 0.0))
        self._free_at[host] = self._clock() + max(PAUSE, pause)

    def _wait_until(self, host: str, moment: float) -> None:
        seconds = min(moment - self._clock(), LONGEST_PAUSE)
        if seconds > 0:
            self.on_wait(host, seconds)
            self._sleep(seconds)

    def _rules_of(self, page: Page) -> Rules:
        """Return the rules of a page's site, which are read once; raises what was raised then."""
        site = page.scheme, page.host
        if site not in self._rules:
            self._rules[site] = self._read_rules(page)
        found = self._rules[site]
        if isinstance(found, FetchError):
            raise found
        return found

    def _read_rules(self, page: Page) -> Rules | FetchError:
        """Return a site's rules: none where it has no robots.txt, an error where that cannot be known (RFC 9309)."""
        address = replace(page, path="/robots.txt").url
        try:
            reply = self._heed(self._web.get(address, _ROBOTS, before_hop=self._wait_turn))
        except FetchError as error:
            return error
        if reply.status == 200:
            return Rules(decode(reply.raw))
        if 400 <= reply.status < 500:
            return Rules()
        return Later(page.host, f"answered {reply.status} when it was asked for its robots.txt.")


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # no address; whoever fetches it says so
        return ""


def _seconds(told: str, now: float) -> float:
    """Return how long Retry-After asks to wait: seconds, or until a moment."""
    told = told.strip()
    if told.isdecimal() and len(told) < 10:
        return min(float(told), _LATEST)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return _WITHOUT_A_TIME
    return min(max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now, 0.0), _LATEST)
