"""What each command does: read the options, call the core, write the result. Only faces import this.

A command imports what it alone needs, so that no other waits for it.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from bot.as_json import article_json, hits_json, removed_json, report_json, row_json, status_json, timeline_json
from bot.draw import indexing_bar
from bot.opened import open_archive_of
from bot.options import filters_of, open_archive, parse_columns, read_question, settings_of, valid_text
from bot.show import article_text, hits_text, plain, report_text, source_line, timeline_text
from bot.terminal import notice, out, out_json, tell, width
from bot.unread import in_words, indexing_notice
from index.errors import UsageError
from index.records import BuildReport

if TYPE_CHECKING:
    from bot.app import Desk


def run(options: argparse.Namespace) -> int:
    """Run the command that `options` name and return its exit status."""
    return COMMANDS[options.command](options)


# --- articles ------------------------------------------------------------------------------------------------


def index(options: argparse.Namespace) -> int:
    """Bring the archive in step with the paths; what was skipped is told by name."""
    if not (options.paths or options.samples or options.rebuild):
        raise UsageError("There is nothing to index.", "byline index FOLDER  (or: byline index --samples)")
    columns = parse_columns(options.column)
    from bot.app import Desk

    with Desk.open(settings_of(options), create=True, may_be_empty=True, any_fingerprint=True, tell=notice) as desk:
        return _tell_report(_index_paths(desk, options, columns), desk, as_json=options.json)


def _tell_report(report: BuildReport, desk: Desk, *, as_json: bool) -> int:
    out_json(report_json(report)) if as_json else out(report_text(report))
    if said := indexing_notice(report.languages, report.articles, desk.embedder_reads):
        notice(said)
    return 0


def _index_paths(desk: Desk, options: argparse.Namespace, columns: dict[str, str]) -> BuildReport:
    with indexing_bar() as show, as_file(files("index") / "samples" / "articles") as samples:
        paths = [*options.paths, *([samples] if options.samples else [])]
        return desk.index(paths, show, columns=columns or None, rebuild=options.rebuild)


def add(options: argparse.Namespace) -> int:
    """Fetch pages, keep them in the archive's folder and index them; the first that is refused or fails ends it."""
    from bot.app import Desk
    from bot.uploads import UPLOADS
    from bot.url_guard import parse_page
    from bot.web_fetch import store

    pages = [parse_page(address).url for address in options.addresses]
    with Desk.open(settings_of(options), create=True, may_be_empty=True, tell=notice) as desk:
        paths = []
        for url in pages:
            tell(f"byline: fetching {plain(url)} …")
            paths.append(store(desk.web.fetch(url), desk.archive.folder / UPLOADS))
        with indexing_bar() as show:
            report = desk.index(paths, show)
        return _tell_report(report, desk, as_json=options.json)


def feed(options: argparse.Namespace) -> int:
    """Add, list, pull or remove feeds."""
    from bot.feeding import manage_feeds

    return manage_feeds(options)


def watch(options: argparse.Namespace) -> int:
    """Bring folders and feeds in step again and again."""
    from bot.watching import watch as watch_

    return watch_(options)


def search(options: argparse.Namespace) -> int:
    """Print the best passages; status 1 when there is none."""
    text = read_question(options.question)
    from bot.borrowing import NearestDesk

    with NearestDesk(settings_of(options), tell=notice) as desk:
        hits = desk.search(text, limit=options.limit, filters=filters_of(options))
    if options.json:
        out_json(hits_json(hits))
    elif hits:
        out(hits_text(hits, width=width()))
    return 0 if hits else 1


def timeline(options: argparse.Namespace) -> int:
    """Print a topic's events by day; status 1 when the articles say nothing of it."""
    topic = read_question(options.topic)
    from bot.borrowing import NearestDesk

    with NearestDesk(settings_of(options), tell=notice) as desk:
        found = desk.timeline(topic, limit=options.limit, filters=filters_of(options))
    if options.json:
        out_json(timeline_json(found))
    else:
        out(timeline_text(found, width=width()))
    return 0 if found.told else 1


def show(options: argparse.Namespace) -> int:
    """Print a stored article; status 1 when there is none of that id."""
    with open_archive(options) as archive:
        article = archive.article(options.id)
    if article is None:
        tell(f"byline: no single article has the id {options.id!r}\n  mend: byline list")
        return 1
    if options.json:
        out_json(article_json(article))
    else:
        out(article_text(article))
    return 0


def list_articles(options: argparse.Namespace) -> int:
    """Print the articles within the limits, or those that were removed; status 1 when there are none."""
    if options.removed:
        return _list_removed(options)
    from index.browse import Browse, browse

    asked = Browse(valid_text(options.words), filters_of(options), tuple(options.kind), sort=options.sort)
    with open_archive(options) as archive, archive.store.reading() as connection:
        rows = browse(connection, asked, limit=options.limit).rows
    if options.json:
        out_json([row_json(row) for row in rows])
    else:
        for row in rows:
            out(f"{plain(row.id)}  {source_line(row.source)}")
    return 0 if rows else 1


def _list_removed(options: argparse.Namespace) -> int:
    from index.withdraw import removed

    with open_archive_of(settings_of(options), tell=notice) as archive:
        gone = removed(archive)[: options.limit]
    if options.json:
        out_json([removed_json(one) for one in gone])
    else:
        for one in gone:
            out(f"{plain(one.id)}  {source_line(one.source)} · removed {one.day}")
    return 0 if gone else 1


def take_out(options: argparse.Namespace) -> int:
    """Remove articles, or undo it."""
    from bot.removing import take_out as take_out_

    return take_out_(options)


def status(options: argparse.Namespace) -> int:
    """Print what the archive holds."""
    with open_archive(options) as archive:
        found = archive.status()
        outlets = archive.outlets()
    folder = settings_of(options).archive
    if options.json:
        out_json(status_json(found, str(folder)))
        return 0
    span = f"{found.first_published} to {found.last_published}" if found.first_published else "no dates"
    out(f"{folder}\n{found.articles:,} articles, {found.passages:,} passages, {found.outlets} outlets, {span}")
    if found.languages:
        out(f"not in English: {in_words(found.languages)}")
    if found.undated:
        out(f"{found.undated} articles without a date")
    for name, count in outlets[:10]:
        out(f"  {count:6,}  {plain(name) or 'outlet unknown'}")
    out(f"{found.bytes_on_disk / 1e6:,.1f} MB on disk; made with {found.fingerprint}")
    return 0


# --- faces ---------------------------------------------------------------------------------------------------


def web(options: argparse.Namespace) -> int:
    """Serve the web chat until it is interrupted."""
    from bot.app import Desk
    from bot.options import answering_settings_of
    from bot.password import PASSWORD, make_up, read_secret, require_secret
    from bot.web import serve

    password = make_up() if options.new_password else read_secret(PASSWORD, options.password_file)
    require_secret(options.host, password)

    def ready(url: str) -> None:
        gc.freeze()  # what stays loaded: to look through its 600,000 objects takes 0.3 s, in the middle of a question
        # What was found leaves while its sentences are compared: at the usual 5 ms a turn that takes 20 ms, so 3.
        sys.setswitchinterval(0.0005)
        tell(f"byline: the web chat is at {url}  (Ctrl-C ends it)")
        if options.new_password:
            tell(f"byline: its password, for this run only, is {password}")

    with Desk.open(answering_settings_of(options), create=True, may_be_empty=True, tell=notice) as desk:
        tell("byline: loading the models …")
        desk.rehearse()
        serve(
            desk,
            host=options.host,
            port=options.port,
            password=password,
            open_browser=not options.no_browser,
            on_ready=ready,
        )
    return 0


def serve(options: argparse.Namespace) -> int:
    """Answer other programs until it is interrupted."""
    from bot.serving import serve as serve_

    return serve_(options)


def mcp(options: argparse.Namespace) -> int:
    """Serve an agent over stdin and stdout."""
    from bot.serving import mcp as mcp_

    return mcp_(options)


def doctor(options: argparse.Namespace) -> int:
    """Check the archive, the models and the installation."""
    from bot.upkeep import doctor as doctor_

    return doctor_(options)


def export(options: argparse.Namespace) -> int:
    """Write the archive to one file."""
    from bot.moving import export as export_

    return export_(options)


def import_(options: argparse.Namespace) -> int:
    """Make an archive of an exported file."""
    from bot.moving import import_ as import__

    return import__(options)


def manage_models(options: argparse.Namespace) -> int:
    """List, bring or verify models."""
    from bot.upkeep import manage_models as manage_models_

    return manage_models_(options)


def ask(options: argparse.Namespace) -> int:
    """Answer a question or a file of them."""
    from bot.asking import ask as ask_

    return ask_(options)


def chat(options: argparse.Namespace) -> int:
    """Hold a conversation in the terminal."""
    from bot.asking import chat as chat_

    return chat_(options)


def conversations(options: argparse.Namespace) -> int:
    """List, show, export or delete conversations."""
    from bot.keeping import manage_conversations

    return manage_conversations(options)


def evaluate(options: argparse.Namespace) -> int:
    """Measure answers over a file of questions."""
    from bot.evaluating import evaluate as evaluate_

    return evaluate_(options)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "index": index,
    "add": add,
    "feed": feed,
    "watch": watch,
    "ask": ask,
    "search": search,
    "timeline": timeline,
    "show": show,
    "list": list_articles,
    "remove": take_out,
    "status": status,
    "doctor": doctor,
    "export": export,
    "import": import_,
    "models": manage_models,
    "web": web,
    "serve": serve,
    "mcp": mcp,
    "chat": chat,
    "conversations": conversations,
    "eval": evaluate,
}
