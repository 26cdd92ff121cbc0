"""The command line: a thin face. Results go to stdout, everything else to stderr.

Importing this module costs no heavy import; each command takes what it needs. The commands themselves are
in commands.py, asking.py, serving.py and evaluating.py.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from bot.arguments import EPILOG, Version, port
from bot.cli_feeds import add_feeds
from bot.terminal import tell
from index.errors import BylineError
from index.records import KINDS, SORTS


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):  # Windows' code pages lack curly quotes
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if hasattr(sys.stdin, "reconfigure"):  # the byte order mark is what Windows' shells put before piped text
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
    signal.signal(signal.SIGTERM, _interrupt)  # so that an indexing run ends as it does on Ctrl-C
    sys.exit(run(arguments))


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; errors are one line and their mend."""
    options = build_parser().parse_args(arguments)
    try:
        from bot import commands

        return commands.run(options)
    except BylineError as error:
        tell(f"byline: {error.wrong}")
        if error.mend:
            tell(f"  mend: {error.mend}")
        return error.exit_status
    except KeyboardInterrupt:
        tell("byline: interrupted; what was done is kept")
        return 130
    except BrokenPipeError:  # the reader of a pipe has gone: nothing to tell it, nor when the process flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; its help is what the README shows."""
    parser = argparse.ArgumentParser(
        prog="byline",
        description="Ask your own archive of news articles; every sentence of the answer rests on a verbatim quote.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=Version, help="show program's version number and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_index(commands)
    _add_add(commands)
    add_feeds(lambda name, summary: _command(commands, name, summary))
    _add_ask(commands)
    _add_search(commands)
    _add_timeline(commands)
    _add_show(commands)
    _add_list(commands)
    _add_remove(commands)
    _add_status(commands)
    _add_doctor(commands)
    _add_export(commands)
    _add_import(commands)
    _add_models(commands)
    _add_web(commands)
    _add_serve(commands)
    _add_mcp(commands)
    _add_chat(commands)
    _add_conversations(commands)
    _add_eval(commands)
    return parser


CITED = ("bibtex", "csl", "csv")  # what is cited, for other programs
Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, summary: str) -> argparse.ArgumentParser:  # type: ignore[valid-type]
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)  # type: ignore[attr-defined]
    parser.add_argument("--archive", type=Path, metavar="FOLDER", help="the archive's folder")
    parser.add_argument("--chroma-url", metavar="URL", help="a Chroma server that holds the archive's graph of vectors")
    return parser


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_model(parser: argparse.ArgumentParser) -> None:
    writer = parser.add_mutually_exclusive_group()
    writer.add_argument("--model", metavar="NAME|PATH", help="a generator of models.txt, or the path of any GGUF file")
    writer.add_argument(
        "--no-llm", action="store_true", default=None, help="answer with the articles' own sentences, without a model"
    )
    parser.add_argument("--model-url", metavar="URL", help="write by an OpenAI-compatible server, by its --model NAME")
    parser.add_argument("--passages", type=int, metavar="N", help="passages given to the model (6)")
    parser.add_argument("--answer-tokens", type=int, metavar="N", help="length of an answer at most (120)")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the model (all cores to read)")
    parser.add_argument(
        "--strictness", type=float, metavar="S", help="least confidence of an answer, from 0 to 1 (0.35)"
    )


def _add_no_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-server", action="store_true", default=None, help="do it here, not by a running page")


def _add_any_date(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--any-date", action="store_true", help="look everywhere, whatever the question says about when"
    )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_day, metavar="DATE", help="only articles published on or after YYYY-MM-DD")
    parser.add_argument("--until", type=_day, metavar="DATE", help="only articles published on or before YYYY-MM-DD")
    parser.add_argument(
        "--outlet", action="append", default=[], metavar="NAME", help="only this outlet; may be repeated"
    )
    parser.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="only this author; may be repeated"
    )


def _add_index(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "index", "add articles from files and folders, or bring the archive in step with them")
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="text, Markdown, HTML, JSON, JSONL, CSV; .gz, .zip"
    )
    parser.add_argument("--samples", action="store_true", help="add the sample articles that ship with Byline")
    parser.add_argument(
        "--column", action="append", default=[], metavar="FIELD=NAME", help="a record's column, such as text=corpus"
    )
    parser.add_argument("--rebuild", action="store_true", help="cut and embed the stored articles anew first")
    _add_json(parser)


def _add_add(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "add", "fetch pages of the public web, once, and add their articles")
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="a page's address, http:// or https://")
    _add_json(parser)


def _add_ask(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "ask", "answer a question from the archive, each sentence with its quote")
    parser.add_argument("question", nargs="?", help="the question; - or nothing reads it from stdin")
    parser.add_argument("--batch", metavar="FILE", help="answer each line of a JSONL file of questions; - is stdin")
    parser.add_argument("--asked-on", type=_day, metavar="DATE", help="the day that “this week” is meant from (today)")
    _add_any_date(parser)
    _add_filters(parser)
    _add_model(parser)
    _add_no_server(parser)
    _add_json(shape := parser.add_mutually_exclusive_group())
    shape.add_argument("--format", choices=CITED, help="print the cited articles instead: csl is for Zotero")


def _add_search(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "search", "find passages; needs no generator")
    parser.add_argument("question", nargs="?", help="what to look for; - or nothing reads it from stdin")
    parser.add_argument("--limit", type=_count, default=10, metavar="N", help="how many passages (10)")
    _add_filters(parser)
    _add_no_server(parser)
    _add_json(parser)


def _add_timeline(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "timeline", "a topic's development as dated, quoted events; needs no generator")
    parser.add_argument("topic", nargs="?", help="the topic in plain words; - or nothing reads it from stdin")
    parser.add_argument("--limit", type=_count, default=30, metavar="N", help="how many events (30)")
    _add_filters(parser)
    _add_no_server(parser)
    _add_json(parser)


def _add_show(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "show", "print a stored article")
    parser.add_argument("id", help="the article's id, or its beginning")
    _add_json(parser)


def _add_list(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "list", "list the articles, newest first")
    parser.add_argument("--limit", type=_count, metavar="N", help="how many (all)")
    parser.add_argument("--words", default="", metavar="TEXT", help="only articles that hold each word of TEXT")
    parser.add_argument("--kind", action="append", choices=KINDS, default=[], help="only this kind; may be repeated")
    parser.add_argument("--sort", choices=SORTS, default="newest", help="what comes first (newest)")
    parser.add_argument("--removed", action="store_true", help="list what was taken out with byline remove instead")
    _add_filters(parser)
    _add_json(parser)


def _add_remove(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "remove", "take articles out of the archive; indexing does not bring them back")
    parser.add_argument("ids", nargs="+", metavar="ID", help="an article's id, or its beginning")
    parser.add_argument("--undo", action="store_true", help="let removed ones in again when they are next indexed")
    _add_json(parser)


def _add_status(commands: Commands) -> None:  # type: ignore[valid-type]
    _add_json(_command(commands, "status", "say what the archive holds"))


def _add_doctor(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "doctor", "check the archive, the models and the installation")
    parser.add_argument("--repair", action="store_true", help="rebuild what can be derived: both search indexes")
    _add_json(parser)


def _add_export(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "export", "write the archive and its conversations to one file, for another machine")
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="the file, which is not there yet")
    parser.add_argument("--no-vectors", action="store_true", help="smaller; import then embeds the articles anew")
    parser.add_argument("--no-conversations", action="store_true", help="articles only")
    _add_json(parser)


def _add_import(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "import", "make an archive of an exported file, which is checked first")
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="a file that byline export made")
    parser.add_argument("--merge", action="store_true", help="into an archive with articles: add what it lacks")
    _add_json(parser)


def _add_models(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "models", "list, bring or verify the models of models.txt")
    parser.add_argument("action", choices=("list", "pull", "verify"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="which models (pull: the two defaults; else all)")
    _add_json(parser)


def _add_web(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "web", "open the web chat on this machine")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=port, help="port (7860 or the next free one)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    login = parser.add_mutually_exclusive_group()
    login.add_argument("--password-file", type=Path, metavar="FILE", help="ask for the password in FILE")
    login.add_argument(
        "--new-password", action="store_true", help="make up a password for this run, show it, and ask for it"
    )
    _add_model(parser)


def _add_serve(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "serve", "answer other programs: an HTTP API, OpenAI's chat route, MCP at /mcp")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=port, help="port (7870)")
    token = parser.add_mutually_exclusive_group()
    token.add_argument("--token-file", type=Path, metavar="FILE", help="ask for the token in FILE")
    token.add_argument("--new-token", action="store_true", help="make up a token for this run, show it, and ask for it")
    named = "a page of the web that may ask too, with the token: https://NAME; may be repeated"
    parser.add_argument("--allow-origin", action="append", default=[], metavar="ORIGIN", help=named)
    _add_model(parser)


def _add_mcp(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "mcp", "serve an agent's tools over stdin and stdout, by the Model Context Protocol")
    _add_model(parser)
    _add_no_server(parser)


def _add_chat(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "chat", "a conversation in the terminal")
    _add_any_date(parser)
    _add_filters(parser)
    _add_model(parser)
    _add_no_server(parser)


def _add_conversations(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "conversations", "list, show, export or delete what was asked on the page")
    actions = ("list", "show", "export", "feedback", "delete")
    parser.add_argument("action", nargs="?", choices=actions, default="list", help="feedback: votes, for byline eval")
    parser.add_argument("id", nargs="?", metavar="ID", help="which conversation, as the list names it")
    parser.add_argument("--format", choices=("md", "html", "json", *CITED), default="md", help="of an export (md)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write an export, or the votes, to a file")
    parser.add_argument("--all", action="store_true", help="delete all of them")
    _add_json(parser)


def _add_eval(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "eval", "answer a file of questions and measure how well")
    parser.add_argument(
        "questions", nargs="?", type=Path, help="JSONL of questions, with answers and article ids if known"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write results.jsonl, JSON figures and an HTML page")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run in --out")
    parser.add_argument("--sample", type=_count, metavar="N", help="only N questions, the same ones each time")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="show what changed between two runs")
    _add_model(parser)
    _add_json(parser)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2017-06-07") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
