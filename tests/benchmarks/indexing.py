"""Indexing against the bare rate of its own embedder, against a plain Chroma script, and again with nothing new.

The run is the one of `byline index` in all but the bar. Byline, bare embedding and the plain script are measured in
turn, so that a machine that slows down slows all of them; a ratio is the median of the turns.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import made_up
from benchmarks.measured import Figure, Measured, median_ratio, seconds_of
from benchmarks.stages import Stages

from bot.app import Desk, open_embedder
from bot.models import default_model, find_model
from bot.settings import Settings
from bot.terminal import tell
from index.archive import Archive
from index.build import ignore
from index.chunk import passage_text_for_embedding
from index.embed import Embedder

ROOT = Path(__file__).resolve().parents[2]
ROW = "indexing"
# What bot/quiet.py sets for Byline's own good; other programs are measured as they are.
OURS = (
    "OMP_WAIT_POLICY",
    "GOMP_SPINCOUNT",
    "TOKENIZERS_PARALLELISM",
    "GGML_NO_BACKTRACE",
    "GRADIO_ANALYTICS_MAX_EVENTS",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn's seconds; `plain` is None where the plain script was not run."""

    byline: float
    bare: float
    again: float
    plain: float | None
    plain_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """How much there was to do: the same in every turn."""

    articles: int
    passages: int
    tokens: int


def measure(articles: Path, *, turns: int, with_plain: bool = True, settings: Settings | None = None) -> Measured:
    """Return the figures and the shares of the stages."""
    settings = settings or Settings(Path())
    embedder = open_embedder(settings)
    _warm(embedder)
    found: list[Turn] = []
    stages: dict[str, float] = {}
    work = Work(0, 0, 0)
    for number in range(turns):
        with tempfile.TemporaryDirectory(prefix="byline-bench-") as folder:
            turn, work, stages = _turn(articles, Path(folder), embedder, with_plain)
        tell(f"indexing, turn {number + 1} of {turns}: {turn}")
        found.append(turn)
    return Measured(tuple(figures(found, work, stages)), {"stages": stages, "work": work, "turns": found})


def _warm(embedder: Embedder) -> None:
    """Load what a first run loads: the plain script's time begins after its imports, too."""
    with tempfile.TemporaryDirectory(prefix="byline-bench-") as folder:
        made_up.write(Path(folder) / "two.jsonl", articles=2, words=50)
        index(Path(folder) / "archive", Path(folder) / "two.jsonl", embedder)


def _turn(articles: Path, folder: Path, embedder: Embedder, with_plain: bool) -> tuple[Turn, Work, dict[str, float]]:
    """Index, embed the same passages bare, index again in a process, and let the plain script work."""
    place = folder / "archive"
    with Stages() as stages:
        byline = seconds_of(lambda: index(place, articles, embedder))
    texts = passage_texts(place)
    bare = seconds_of(lambda: embedder.embed(texts))
    command = [sys.executable, "-m", "bot", "index", str(articles), "--archive", str(place)]
    again = seconds_of(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True))
    plain = run_plain(articles, folder / "plain") if with_plain else {}
    turn = Turn(byline, bare, again, plain.get("seconds"), int(plain.get("tokens", 0)))
    with Archive.open(place) as archive:
        work = Work(archive.status().articles, len(texts), sum(embedder.count_tokens(texts)))
    return turn, work, stages.shares()


def index(place: Path, articles: Path, embedder: Embedder) -> None:
    """Index as `byline index` does, with an embedder that is loaded."""
    archive = Archive.open(place, create=True)
    with Desk(Settings(place), archive, embedder) as desk:  # type: ignore[arg-type]
        desk.index([articles], ignore)


def passage_texts(place: Path) -> list[str]:
    """Return what the embedder read of every passage, in the order in which they are stored."""
    with Archive.open(place) as archive:
        found = (passage for row in archive.articles() for passage in archive.article_passages(row.id))
        return [passage_text_for_embedding(passage) for passage in found]


def run_plain(articles: Path, into: Path) -> dict[str, float]:
    """Return what the plain script says of itself, in a process without Byline's settings."""
    script = Path(__file__).parent / "plain_chroma.py"
    model = find_model(default_model("embedder").name, "embedder")
    command = [sys.executable, str(script), str(articles), "--model", str(model), "--into", str(into)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=plain_environment())
    return dict(json.loads(run.stdout.splitlines()[-1]))


def plain_environment() -> dict[str, str]:
    """Return the environment as it was before Byline set its own: how threads wait, above all."""
    return {name: value for name, value in os.environ.items() if name not in OURS}


def figures(turns: Sequence[Turn], work: Work, stages: dict[str, float]) -> list[Figure]:
    """Return the row's figures from its turns."""
    n = len(turns)
    byline = statistics.median(turn.byline for turn in turns)
    bare = statistics.median(turn.bare for turn in turns)
    again = statistics.median(turn.again for turn in turns)
    largest = sorted(stages.items(), key=lambda item: -item[1])[:3]
    note = "of the run: " + ", ".join(f"{name} {share:.0%}" for name, share in largest)
    found = [
        Figure(
            ROW, "passages", work.passages / byline, "/s", n, work.passages / bare, "bare embedding",
            median_ratio([turn.bare for turn in turns], [turn.byline for turn in turns]), 0.9, "at least", note,
        ),
        Figure(ROW, f"{work.articles:,} articles, {work.passages:,} passages", byline, "s", n),
        Figure(ROW, "again, nothing new, the whole command", again, "s", n, goal=2.0),
    ]  # fmt: skip
    with_plain = [turn for turn in turns if turn.plain is not None]
    if with_plain:
        plain = [turn.plain or 0.0 for turn in with_plain]
        ours = [turn.byline for turn in with_plain]
        middle, tokens = statistics.median(plain), with_plain[0].plain_tokens
        by_token = median_ratio([time / tokens for time in plain], [time / work.tokens for time in ours])
        found += [
            Figure(
                ROW, "articles", work.articles / byline, "/s", n, work.articles / middle, "plain Chroma script",
                median_ratio(plain, ours), 3.0, "at least",
            ),
            Figure(
                ROW, "tokens", work.tokens / byline, "/s", n, tokens / middle, "plain Chroma script", by_token,
                sense="at least",
            ),
        ]  # fmt: skip
    return found
