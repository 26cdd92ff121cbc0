"""The commands that answer other programs: `serve` over HTTP, and `mcp` for an agent that starts it."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from threading import Event as Flag
from threading import Lock

from bot.borrowing import NearestDesk
from bot.extras import require
from bot.line import Line
from bot.options import answering_settings_of, open_archive
from bot.origins import Origins
from bot.password import TOKEN, make_up, read_secret, require_secret
from bot.records import Event, Question
from bot.terminal import byline_version, notice, tell
from index.records import Filters, Hit

PORT = 7870  # named in other programs' settings: where it is taken, no other is


def serve(options: argparse.Namespace) -> int:
    """Serve the API until it is interrupted."""
    token = make_up() if options.new_token else read_secret(TOKEN, options.token_file)
    require_secret(options.host, token, TOKEN)
    origins = Origins.read(options.allow_origin, token)
    from bot.api import build_api
    from bot.app import Desk
    from bot.listening import listen_guarded, serve_on

    def ready(url: str) -> None:
        gc.freeze()  # what stays loaded need not be looked through again, as in `byline web`
        tell(f"byline: the API is at {url}v1  ({url}openapi.json describes it; Ctrl-C ends it)")
        if options.new_token:
            tell(f"byline: its token, for this run only, is {token}")
        if origins.named:
            tell(f"byline: pages of {', '.join(sorted(origins.named))} may ask it too, with the token")

    with Desk.open(answering_settings_of(options), tell=notice) as desk:
        port = PORT if options.port is None else options.port
        listening = listen_guarded(options.host, port, token, TOKEN)
        tell("byline: loading the models …")
        desk.rehearse()

        def build(secret: str) -> object:
            return build_api(
                desk, version=byline_version(), host=options.host, secret=secret, token=token, origins=origins
            )

        serve_on(build, desk.archive.folder, listening, host=options.host, on_ready=ready)
    return 0


def mcp(options: argparse.Namespace) -> int:
    """Speak MCP over stdin and stdout until the agent ends it; the models are loaded when they are first needed."""
    require("mcp", "mcp", "byline mcp")
    from bot.api_mcp import Tools, serve_stdio

    with open_archive(options) as archive, NearestDesk(answering_settings_of(options), tell=notice) as desk:
        serve_stdio(Tools(OneAtATime(desk), archive.article, Line()), byline_version())
    return 0


class OneAtATime:
    """The terminal's nearest desk for an agent that asks for several things at once, and may hang up."""

    def __init__(self, desk: NearestDesk) -> None:
        self._desk = desk
        self._using = Lock()

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        """Yield the events of answering `question`, until `stop` is set."""
        with self._using:
            yield from self._desk.ask(question, stop)

    def search(self, text: str, *, limit: int, filters: Filters = Filters()) -> tuple[Hit, ...]:
        """Return the best passages for `text`."""
        with self._using:
            return self._desk.search(text, limit=limit, filters=filters)
