"""What each command does: read the options, call the core, write the result. Only faces import this."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from bot import models
from bot.app import Desk, open_embedder
from bot.cli import parse_columns, tell
from bot.draw import Bar
from bot.fetch import pull
from bot.models_file import Model
from bot.settings import PASSAGE_TOKENS, Settings, read_settings
from bot.show import (
    article_json,
    article_text,
    hits_json,
    hits_text,
    plain,
    report_json,
    report_text,
    row_json,
    source_line,
    status_json,
)
from index.archive import Archive, archive_exists
from index.build import Progress, archive_fingerprint, check, repair
from index.errors import ArchiveMissing, BylineError, ModelMissing, UsageError
from index.records import BuildReport, Filters

MODEL_FLAGS = ("model", "passages", "answer_tokens", "strictness", "threads")


def run(options: argparse.Namespace) -> int:
    """Run the command that `options` name and return its exit status."""
    return COMMANDS[options.command](options)


def out(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def out_json(value: Any) -> None:
    """Write a result to stdout as JSON: one line where it is piped, indented on a terminal."""
    out(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2 if sys.stdout.isatty() else None))


def width() -> int:
    """Return the width of the terminal, at most what is pleasant to read."""
    return min(100, shutil.get_terminal_size((100, 24)).columns)


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that the options and the environment make."""
    flags: dict[str, Any] = {name: getattr(options, name, None) for name in MODEL_FLAGS}
    return read_settings(options.archive, flags)


def filters_of(options: argparse.Namespace) -> Filters:
    """Return the limits that the options set; raises UsageError for a range that ends before it begins."""
    if options.since and options.until and options.since > options.until:
        raise UsageError(f"--since {options.since} is after --until {options.until}.", "swap them")
    return Filters(options.since, options.until, tuple(options.outlet), tuple(options.author))


def read_question(given: str | None) -> str:
    """Return the question from the option or from stdin; raises UsageError when there is none."""
    if given is None and sys.stdin.isatty():
        raise UsageError("There is no question.", 'byline ask "What happened in Lowmarsh?"')
    text = valid_text(sys.stdin.read() if given in (None, "-") else str(given)).strip()
    if not text:
        raise UsageError("The question is empty.", 'byline ask "What happened in Lowmarsh?"')
    return text


def valid_text(text: str) -> str:
    """Return `text` without lone surrogates, which broken arguments and JSON bring and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


@contextmanager
def open_archive(options: argparse.Namespace) -> Iterator[Archive]:
    """Open the archive for reading; raises ArchiveMissing when it is not there or empty."""
    settings = settings_of(options)
    with Archive.open(settings.archive) as archive:
        if archive.status().articles == 0:
            raise ArchiveMissing(f"The archive in {settings.archive} holds no articles.", "byline index FOLDER")
        yield archive


# --- articles ------------------------------------------------------------------------------------------------


def index(options: argparse.Namespace) -> int:
    """Bring the archive in step with the paths; what was skipped is told by name."""
    if not (options.paths or options.samples or options.rebuild):
        raise UsageError("There is nothing to index.", "byline index FOLDER  (or: byline index --samples)")
    columns = parse_columns(options.column)
    with Desk.open(settings_of(options), create=True, may_be_empty=True, any_fingerprint=True) as desk:
        report = _index_paths(desk, options, columns)
    if options.json:
        out_json(report_json(report))
    else:
        out(report_text(report))
    return 0


def _index_paths(desk: Desk, options: argparse.Namespace, columns: dict[str, str]) -> BuildReport:
    with Bar("indexing", unit="articles") as bar, as_file(files("index") / "samples" / "articles") as samples:

        def show(progress: Progress) -> None:
            note = f"{progress.stage} {Path(progress.path).name}"
            bar.show(progress.articles_done, progress.articles_total, plain(note))

        paths = [*options.paths, *([samples] if options.samples else [])]
        return desk.index(paths, show, columns=columns or None, rebuild=options.rebuild)


def search(options: argparse.Namespace) -> int:
    """Print the best passages; status 1 when there is none."""
    text = read_question(options.question)
    with Desk.open(settings_of(options)) as desk:
        hits = desk.search(text, limit=options.limit, filters=filters_of(options))
    if options.json:
        out_json(hits_json(hits))
    elif hits:
        out(hits_text(hits, width=width()))
    return 0 if hits else 1


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
    """Print the articles, newest first; status 1 when none is within the limits."""
    with open_archive(options) as archive:
        rows = archive.articles(filters=filters_of(options), limit=options.limit)
    if options.json:
        out_json([row_json(row) for row in rows])
    else:
        for row in rows:
            out(f"{plain(row.id)}  {source_line(row.source)}")
    return 0 if rows else 1


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
    if found.undated:
        out(f"{found.undated} articles without a date")
    for name, count in outlets[:10]:
        out(f"  {count:6,}  {plain(name) or 'outlet unknown'}")
    out(f"{found.bytes_on_disk / 1e6:,.1f} MB on disk; made with {found.fingerprint}")
    return 0


# --- health --------------------------------------------------------------------------------------------------


def doctor(options: argparse.Namespace) -> int:
    """Check models and archive, and with --repair rebuild what can be derived; status 0 when all is well."""
    settings = settings_of(options)
    problems = [f"model {model.name} is {state}" for model, state in _default_states() if state != "ready"]
    status_ = 4 if problems else 0
    if not archive_exists(settings.archive):
        problems.append(f"there is no archive in {settings.archive}; byline index FOLDER makes one")
        status_ = status_ or 3
    else:
        found = _examine(settings, repair_it=options.repair)
        problems += found
        status_ = status_ or (3 if found else 0)
    if options.json:
        out_json({"problems": problems, "archive": str(settings.archive), "models": str(models.models_folder())})
    else:
        out("\n".join(plain(problem) for problem in problems) or "All is well.")
    return status_


def _examine(settings: Settings, *, repair_it: bool) -> list[str]:
    """Return what is wrong with the archive now, after a repair if one is asked for."""
    with Archive.open(settings.archive) as archive:
        if repair_it:
            mended = repair(archive)
            tell(f"repaired: {', '.join(mended.problems) or 'nothing was wrong'}; {mended.passages:,} passages")
        problems = check(archive)
        if not any(model.role == "embedder" and state != "ready" for model, state in _default_states()):
            try:
                archive.check_fingerprint(archive_fingerprint(open_embedder(settings), PASSAGE_TOKENS))
            except BylineError as error:
                problems.append(str(error))
        return problems


def _default_states() -> list[tuple[Model, str]]:
    roles = ("generator", "embedder")
    return [(model, models.state(model)) for model in map(models.default_model, roles)]  # type: ignore[arg-type]


def manage_models(options: argparse.Namespace) -> int:
    """List the models of models.txt, bring some here, or verify those that are here."""
    chosen = [models.named_model(name) for name in options.names]
    if options.action == "pull":
        return _pull(chosen or [models.default_model("embedder"), models.default_model("generator")], options)
    if options.action == "verify":
        here = chosen or [model for model in models.load_models() if models.state(model) != "missing"]
        return _verify(here, options)
    known = [(model, models.state(model)) for model in chosen or models.load_models()]
    if options.json:
        out_json([_model_json(model, state) for model, state in known])
    else:
        for model, state in known:
            default = " (default)" if model.default else ""
            out(f"{model.name:22} {model.role:10} {state:10} {model.size / 1e6:7,.0f} MB  {model.licence}{default}")
    return 0


def _model_json(model: Model, state: str) -> dict[str, Any]:
    return {
        "name": model.name, "role": model.role, "state": state, "default": model.default, "size": model.size,
        "licence": model.licence, "path": str(models.place_of(model)),
    }  # fmt: skip


def _pull(chosen: list[Model], options: argparse.Namespace) -> int:
    for model in chosen:
        with _model_bar(model) as on_progress:
            path = pull(model, on_progress)
        if not options.json:
            out(f"{model.name} {path}")
    if options.json:
        out_json([_model_json(model, models.state(model)) for model in chosen])
    return 0


def _verify(chosen: list[Model], options: argparse.Namespace) -> int:
    if not chosen:
        raise ModelMissing("No model is on this machine yet.", "byline models pull")
    for model in chosen:
        with _model_bar(model) as on_progress:
            path = models.verify(model, on_progress)
        if not options.json:
            out(f"{model.name} ok {path}")
    if options.json:
        out_json([_model_json(model, models.state(model)) for model in chosen])
    return 0


@contextmanager
def _model_bar(model: Model) -> Iterator[Callable[[models.Progress], None]]:
    with Bar(model.name, bytes_=True) as bar:
        if not sys.stderr.isatty() and models.state(model) != "ready":
            tell(f"{model.name}: {model.size / 1e6:,.0f} MB to bring or check")
        yield lambda progress: bar.show(progress.done_bytes, progress.total_bytes, progress.note)


# --- faces ---------------------------------------------------------------------------------------------------


def web(options: argparse.Namespace) -> int:
    """Serve the web chat until it is interrupted."""
    from bot.web import serve

    with Desk.open(settings_of(options), create=True, may_be_empty=True) as desk:
        tell("byline: loading the models …")
        desk.warm()
        serve(
            desk,
            host=options.host,
            port=options.port,
            open_browser=not options.no_browser,
            on_ready=lambda url: tell(f"byline: the web chat is at {url}  (Ctrl-C ends it)"),
        )
    return 0


def ask(options: argparse.Namespace) -> int:
    """Answer a question or a file of them."""
    from bot.asking import ask as ask_

    return ask_(options)


def chat(options: argparse.Namespace) -> int:
    """Hold a conversation in the terminal."""
    from bot.asking import chat as chat_

    return chat_(options)


def evaluate(options: argparse.Namespace) -> int:
    """Measure answers over a file of questions."""
    from bot.evaluating import evaluate as evaluate_

    return evaluate_(options)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "index": index,
    "ask": ask,
    "search": search,
    "show": show,
    "list": list_articles,
    "status": status,
    "doctor": doctor,
    "models": manage_models,
    "web": web,
    "chat": chat,
    "eval": evaluate,
}


def today() -> date:
    """Return the day on which questions are asked unless they say otherwise."""
    return date.today()
