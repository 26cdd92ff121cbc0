"""The commands that keep Byline in order: `doctor` and `models`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from bot import models
from bot.app import open_embedder, open_generator, passage_tokens
from bot.draw import Bar
from bot.fetch import pull
from bot.models_file import Model
from bot.opened import open_archive_of
from bot.options import settings_of
from bot.reader_model import open_reader
from bot.settings import Settings, read_settings
from bot.show import plain
from bot.terminal import notice, out, out_json, tell
from index.archive import archive_exists
from index.build import archive_fingerprint
from index.errors import BylineError, ModelMissing
from index.repair import check, repair


def doctor(options: argparse.Namespace) -> int:
    """Check models and archive, and with --repair rebuild what can be derived; status 0 when all is well."""
    settings = settings_of(options)
    needed = [each for each in _default_states() if not (settings.model_url and each[0].role == "generator")]
    problems = [f"model {model.name} is {state}" for model, state in needed if state != "ready"]
    problems += _problems_of_server(settings)
    status_ = 4 if problems else 0
    if not archive_exists(settings.archive):
        problems.append(f"there is no archive in {settings.archive}; byline index FOLDER makes one")
        status_ = status_ or 3
    else:
        found = _examine(settings, repair_it=options.repair)
        problems += found
        status_ = status_ or (3 if found else 0)
    if not options.json:
        _tell_backend(settings)
    if options.json:
        out_json({"problems": problems, "archive": str(settings.archive), "models": str(models.models_folder())})
    else:
        out("\n".join(plain(problem) for problem in problems) or "All is well.")
    return status_


def _problems_of_server(settings: Settings) -> list[str]:
    """Return what keeps a server from writing in place of a model, nothing where none is named."""
    if not settings.model_url or settings.no_llm:
        return []
    try:
        open_generator(settings)
    except ModelMissing as error:
        return [str(error)]
    return []


def _tell_backend(settings: Settings) -> None:
    """Say what computes the embedder on this machine, if that was found out."""
    with suppress(BylineError):  # a model that is not there is told as a problem
        choice = open_embedder(settings).choice
        if choice:
            speed = choice.measured[choice.backend].passages_per_second if choice.backend in choice.measured else 0
            how = choice.why or f"{speed:.0f} sample passages a second when it was measured"
            notice(f"the embedder is computed by {choice.backend}: {how}")
            if not open_reader(choice.backend):
                notice(
                    "where the articles answer is not read: nothing here computes the reader, and answers do without"
                )


def _examine(settings: Settings, *, repair_it: bool) -> list[str]:
    """Return what is wrong with the archive now, after a repair if one is asked for."""
    with open_archive_of(settings, tell=notice) as archive:
        if repair_it:
            is_here = not any(model.role == "embedder" and state != "ready" for model, state in _default_states())
            embedder = open_embedder(settings) if is_here else None
            mended = repair(archive, embedder, max_tokens=passage_tokens(embedder))
            tell(f"repaired: {', '.join(mended.problems) or 'nothing was wrong'}; {mended.passages:,} passages")
        problems = check(archive)
        if not any(model.role == "embedder" and state != "ready" for model, state in _default_states()):
            try:
                embedder = open_embedder(settings)
                archive.check_fingerprint(archive_fingerprint(embedder, passage_tokens(embedder)))
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
            out(f"{model.name:38} {model.role:10} {state:10} {model.size / 1e6:7,.0f} MB  {model.licence}{default}")
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
        if model.role == "embedder":
            _prepare(model)
        if not options.json:
            out(f"{model.name} {path}")
    if options.json:
        out_json([_model_json(model, models.state(model)) for model in chosen])
    return 0


def _prepare(model: Model) -> None:
    """Make what the embedder is quick by, so that no question waits for it."""
    settings = replace(read_settings(None), embedder=model.name, embed_backend="")
    open_reader(open_embedder(settings, notice).prepare(again=True).backend)


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
