"""Write a model's graph, measure what can run it on this machine, and note the fastest.

Run as a program of its own, `python index/embed_prepare.py FOLDER WEIGHTS_HASH DERIVED`: the reference it measures
against is torch, whose 700 MB go with the process, and a backend that crashes on a processor takes nothing along.
`prepare` is for the others, and runs that program.
"""

from __future__ import annotations

import contextlib
import filecmp
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np

from index.apart import run_apart
from index.bert_graph import write_graph
from index.embed import Embedder, Matrix, SentenceTransformerEmbedder
from index.embed_choice import (
    RUNNERS,
    TORCH,
    Choice,
    Derived,
    Measured,
    derived_files,
    load_runner,
    mark,
    read_choice,
    temporary,
    write_choice,
)
from index.embed_graph import GraphEmbedder
from index.errors import BylineError
from index.model_folder import ModelFolder

Tell = Callable[[str], None]

_SAME = 0.999  # mean cosine to the reference from which on two backends may share an archive
_NEAR = 0.99  # and no passage may be further off than this
_WORDS = 150  # of a sample passage, about 200 tokens
_SAMPLES = 16  # with the two repeats about 12 s of one core in all, of which torch's import is half
_REPEATS = 2
_PATIENCE_SECONDS = 600.0  # one of twelve busy processes on two cores took 110
_FORGOTTEN_SECONDS = 3600.0  # a part that is older belongs to no process


def prepare(folder: ModelFolder, derived: Path, tell: Tell) -> Choice:
    """Return the choice for this machine, made now in a process of its own and noted in `derived`.

    Nothing goes wrong here for good: without a place to write, or when measuring fails, torch is the choice. A machine
    that is too busy to be measured is asked again by the next process.
    """
    files = derived_files(folder, derived)
    if not _can_write(derived):
        ready = next((name for name in RUNNERS if mark(files.graph)[0] and _loads(name, files.graph)), TORCH)
        return Choice(ready, mark(files.graph), why=f"{derived} cannot be written to")
    tell(f"preparing {folder.name} for this processor, once; about 20 seconds …")
    wrong, is_final = _run(folder, derived)
    choice = read_choice(files)  # perhaps another process's, which was quicker
    if choice is None or (wrong and choice.why):
        choice = Choice(TORCH, why=wrong or "nothing was noted")
        with contextlib.suppress(OSError):
            if is_final:
                write_choice(files, choice)
    tell(f"{folder.name} is computed by {choice.backend}" + (f": {choice.why}" if choice.why else ""))
    return choice


def _run(folder: ModelFolder, derived: Path) -> tuple[str, bool]:
    """Run this module as a program; return what went wrong, "" for nothing, and whether it would again."""
    try:
        ran = run_apart(Path(__file__), str(folder.path), folder.weights_hash, str(derived), patience=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"measuring took more than {_PATIENCE_SECONDS:.0f} s", False
    except OSError as error:
        return f"measuring failed: {error}", False
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    return (f"measuring failed ({ran.returncode}): {said[-1] if said else ''}" if ran.returncode else ""), True


def _can_write(derived: Path) -> bool:
    probe = temporary(derived / "probe")
    try:
        derived.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _loads(backend: str, graph: Path) -> bool:
    try:
        load_runner(backend, graph)
    except BylineError:
        return False
    return True


# --- The program ---------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    """Write the graph, measure, note the choice."""
    path, weights_hash, derived = arguments
    folder = ModelFolder(Path(path), weights_hash=weights_hash)
    files = derived_files(folder, Path(derived))
    _clear(files.graph.parent)
    put_graph(files.graph, partial(write_graph, folder.path))
    texts = sample_texts()
    exact = SentenceTransformerEmbedder(folder, exact=True).embed(texts)
    write_choice(files, choose(_candidates(folder, files), texts, exact, mark(files.graph)))


def _clear(derived: Path) -> None:
    for part in derived.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _FORGOTTEN_SECONDS:
                part.unlink()


def put_graph(graph: Path, write: Callable[[Path], None]) -> None:
    """Have `write` write a graph and put it at its place in one step, whoever else does so at the same time."""
    part = temporary(graph)
    try:
        write(part)
        # The same bytes are left alone: other machines' choices hold for the file with its time of change.
        if not (graph.is_file() and filecmp.cmp(part, graph, shallow=False)):
            part.replace(graph)
    finally:
        part.unlink(missing_ok=True)


def _candidates(folder: ModelFolder, files: Derived) -> dict[str, Embedder]:
    found: dict[str, Embedder] = {}
    for name in RUNNERS:
        with contextlib.suppress(BylineError):  # it is not installed, or does not know an operator
            found[name] = GraphEmbedder(folder, load_runner(name, files.graph))
    return found


def choose(candidates: dict[str, Embedder], texts: list[str], exact: Matrix, graph: tuple[int, int]) -> Choice:
    """Return the fastest of the candidates that give the reference's vectors; torch if none does."""
    measured = {}
    for name, embedder in candidates.items():
        cosines = np.sum(embedder.embed(texts) * exact, axis=1)  # also the warming up
        measured[name] = Measured(0.0, float(cosines.mean()), float(cosines.min()))
    seconds = {name: min(_seconds(candidates[name], texts) for _ in range(_REPEATS)) for name in candidates}
    for name, one in measured.items():
        measured[name] = Measured(len(texts) / seconds[name], one.cosine_mean, one.cosine_min)
    # A comparison with NaN is false: what computes no numbers is left out.
    right = [name for name, one in measured.items() if one.cosine_mean >= _SAME and one.cosine_min >= _NEAR]
    if not right:
        return Choice(TORCH, graph, measured, "nothing else gave the right vectors")
    return Choice(max(right, key=lambda name: measured[name].passages_per_second), graph, measured)


def _seconds(embedder: Embedder, texts: list[str]) -> float:
    start = time.perf_counter()
    embedder.embed(texts)
    return time.perf_counter() - start


def sample_texts() -> list[str]:
    """Return passages of the sample articles, some of them a few words long, as questions are."""
    folder = package_files("index") / "samples" / "articles"
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir(), key=lambda path: path.name)]
    words = " ".join(texts).split()
    passages = [" ".join(words[start : start + _WORDS]) for start in range(0, len(words), _WORDS)][:_SAMPLES]
    return passages + [" ".join(passage.split()[:8]) for passage in passages[::4]]


if __name__ == "__main__":
    main(sys.argv[1:])
