"""What an archive of many articles costs, stage by stage, but for the embedding of its passages: time, memory, disk.

    python tests/benchmarks/growing.py --articles 100000 --folder FOLDER --json FILE            the graph in the archive
    python tests/benchmarks/growing.py --articles 100000 --folder FOLDER --json FILE --chroma   on a Chroma server
    python tests/benchmarks/growing.py --articles 100000 --folder FOLDER --json FILE --no-graph none: all are compared

Made-up articles are indexed by the same run as `byline index`, in a process of its own; their vectors are made up too,
of a real embedder's dimension. Then: the disk by what lies on it, searches by their parts, a second run that adds
articles while this process goes on searching, and `doctor`. With --chroma a `chroma run` of the Chroma that is
installed holds the graph, which is asked above 100,000 passages. Each stage is written to the JSON as it is done, in
seconds of the clock and of the processor: on a machine that is busy only the second say much. README's plan for ten
million articles rests on it. A folder that holds the articles already is gone on with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import made_up
from benchmarks.measured import percentile
from benchmarks.memory import resident, watch
from benchmarks.searching import headlines, usual_limits

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.opened import open_archive_of
from bot.settings import PASSAGE_TOKENS, Settings
from bot.terminal import tell
from index.archive import Archive
from index.batch import Progress
from index.build import build
from index.chunk import passage_text_for_embedding
from index.embed import Matrix, WordHashEmbedder, to_unit_rows
from index.records import Filters
from index.repair import check
from index.retrieve import POOL, search
from index.scan import scan
from index.segments import NOTE
from index.selection import EVERYTHING
from index.store import FILE_NAME
from index.vectors import Vectors

MIB = 2**20
LIMIT = 10
TOPICS = 1000
AT_ONCE = 10_000  # articles a file
NOISE = 1.1  # by a topic's length: neighbours are real, and not all alike
PARTS = {  # of the SQLite file: tables and indexes by how their names begin, the first that fits
    "articles": ("articles", "sqlite_autoindex_articles"),
    "passages": ("passages", "sqlite_autoindex_passages"),
    "vectors": ("embeddings",),
    "words (FTS5)": ("words",),
    "near-copies": ("bands",),
}

Report = dict[str, Any]


class MadeUpVectors(WordHashEmbedder):
    """A vector for every text, from its hash: one of a thousand topics, and its own part; as fast as can be."""

    dimension = 384
    fingerprint = "made-up-384"

    def __init__(self) -> None:
        self.seconds = 0.0  # of the processor
        # Meaning has few directions: the weight of each falls as in the vectors of real news.
        self._spectrum = ((np.arange(self.dimension) + 8.0) ** -0.5).astype(np.float32)
        self._topics = self._units(np.random.default_rng(1), TOPICS)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text, the same every time."""
        began = time.thread_time()
        seeds = [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") for text in texts]
        own = [self._units(np.random.default_rng(seed), 1)[0] for seed in seeds]
        rows = np.stack([self._topics[seed % TOPICS] for seed in seeds]) + NOISE * np.stack(own) if seeds else []
        found = to_unit_rows(np.asarray(rows, dtype=np.float32).reshape(-1, self.dimension))
        self.seconds += time.thread_time() - began
        return found

    def _units(self, random: np.random.Generator, count: int) -> Matrix:
        return to_unit_rows(random.standard_normal((count, self.dimension), dtype=np.float32) * self._spectrum)


# --- stages ----------------------------------------------------------------------------------------------------


def measure(options: argparse.Namespace, keep: Callable[[Report], None]) -> Report:
    """Return what every stage took; `keep` gets it after each."""
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    first, more = write_sources(folder, options.articles, options.more, options.words)
    graph = "on a Chroma server" if options.chroma else "none" if options.no_graph else "in the archive"
    told: Report = {"articles": options.articles, "words an article": options.words, "graph": graph}
    with chroma_server_in(folder / "chroma") if options.chroma else no_server(options) as server:
        steps: list[tuple[str, Callable[[], Report]]] = [
            ("index", lambda: index_apart(folder, first, server)),
            ("disk", lambda: disk(folder)),
            ("search", lambda: searches(folder, server, options.questions)),
            ("add", lambda: add_while_searching(folder, more, server, options.questions)),
            ("search after", lambda: searches(folder, server, options.questions)),
            ("doctor", lambda: doctor(folder, server)),
        ]
        for name, step in steps:
            tell(f"growing: {name}")
            told[name] = step() | ({"server": server.state()} if isinstance(server, Server) else {})
            keep(told)
    return told


def write_sources(folder: Path, articles: int, more: int, words: int) -> tuple[Path, Path]:
    """Write the articles, and those that come later, as JSON lines; return both folders."""
    first, later = folder / "first", folder / "later"
    if later.exists():
        return first, later
    for place in (first, later):
        place.mkdir(exist_ok=True)
    for number, record in enumerate(made_up.make(articles + more, words)):
        place = first if number < articles else later
        with (place / f"{number // AT_ONCE:05}.jsonl").open("a" if number % AT_ONCE else "w") as file:
            file.write(json.dumps(record) + "\n")
    return first, later


def index_apart(folder: Path, source: Path, server: Place) -> Report:
    """Index a folder in a process of its own; return its times and the most memory it had."""
    samples = watch(index_command(folder, source, server))
    told = read_index_report(folder)
    return told | {"peak MiB": max(size for _, size in samples) * 1024}


def index_command(folder: Path, source: Path, server: Place) -> list[str]:
    """Return the command of a process that indexes, and leaves its report beside the archive."""
    command = [sys.executable, __file__, "--index", str(source), "--folder", str(folder)]
    if isinstance(server, NoGraph):
        return [*command, "--no-graph"]
    return [*command, "--chroma-url", server.url] if server else command


def read_index_report(folder: Path) -> Report:
    """Return what the last indexing process told."""
    found: Report = json.loads((folder / "indexed.json").read_text(encoding="utf-8"))
    return found


def index(folder: Path, source: Path, server: Place) -> None:
    """Be the process that indexes."""
    embedder, marks = MadeUpVectors(), [_now()]

    def on_progress(progress: Progress) -> None:
        if progress.stage == "saving" and len(marks) == 1:
            marks.append(_now())

    with _opened(folder, server, create=True) as archive:
        report = build(archive, [source], embedder=embedder, max_tokens=PASSAGE_TOKENS, on_progress=on_progress)
    marks.append(_now())
    (began, used), (stored, used_storing), (ended, used_all) = marks[0], marks[1], marks[-1]
    told = {
        "added": report.added,
        "unchanged": report.unchanged,
        "passages": report.passages,
        "storing s": stored - began,
        "storing processor s": used_storing - used,
        "of it made-up vectors s": embedder.seconds,
        "articles a second": report.added / (stored - began),
        "publishing s": ended - stored,
        "publishing processor s": used_all - used_storing,
    }
    (folder / "indexed.json").write_text(json.dumps(told), encoding="utf-8")


def disk(folder: Path) -> Report:
    """Return the bytes of the archive by part, and each an article."""
    archive = folder / "archive"
    with closing(sqlite3.connect(archive / FILE_NAME)) as connection:
        (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        pages = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    parts = dict.fromkeys(PARTS, 0) | {"other tables": 0}
    for name, size in pages:
        begins = (part for part, starts in PARTS.items() if name.startswith(starts))
        parts[next(begins, "other tables")] += size
    for part, place in (("array of vectors, dates, names", "table"), ("arrays of words", "words")):
        parts[part] = sum(_size(found) for found in archive.glob(f"vectors/*/{place}"))
    parts["graph"] = _size(archive / "vectors") - sum(parts[part] for part in list(parts)[-2:])
    return {"bytes": parts, "bytes an article": {part: round(size / articles) for part, size in parts.items()}}


def searches(folder: Path, server: Place, count: int) -> Report:
    """Return milliseconds of the search and its parts, with and without limits, and of a search without generation."""
    with _opened(folder, server) as archive:
        embedder, texts, limits = MadeUpVectors(), headlines(archive, count), usual_limits(archive)
        began = time.perf_counter()
        search(archive, embedder, texts[0], limit=LIMIT)
        told: Report = {"first s": time.perf_counter() - began}
        for name, filters in (("no limit", Filters()), ("date and outlet", limits)):
            told[name] = {way: _milliseconds(texts, work) for way, work in _ways(archive, embedder, filters).items()}
        told["exact hits"], told["scan of SQLite s"] = _against_scan(archive, embedder, texts[:3])
        return told | {"process MiB": resident(os.getpid()) / MIB}


def add_while_searching(folder: Path, source: Path, server: Place, count: int) -> Report:
    """Return what adding took, and what searching took meanwhile and after it, in a process that was there before."""
    with _opened(folder, server) as archive:
        embedder, texts, times = MadeUpVectors(), headlines(archive, count), list[float]()
        told: Report = {}
        adding = Thread(target=lambda: told.update(index_apart(folder, source, server)))
        adding.start()
        while adding.is_alive():
            times.append(_seconds(lambda: search(archive, embedder, texts[len(times) % len(texts)], limit=LIMIT)))
            time.sleep(0.05)
        adding.join()
        newest = json.loads(sorted(source.glob("*.jsonl"))[-1].read_text(encoding="utf-8").splitlines()[-1])
        began = time.perf_counter()
        search(archive, embedder, newest["title"], limit=LIMIT)
        after = time.perf_counter() - began
        [passage, *_] = archive.article_passages(newest["id"])
        vector = embedder.embed([passage_text_for_embedding(passage)])[0]
        is_found = archive.current_vectors() is not None and passage.id in dict(archive.search_dense(vector, limit=5))
    meanwhile = {"n": len(times), **_spread(times), "most": 1000 * max(times, default=0.0)}
    return told | {"search meanwhile ms": meanwhile, "first search after ms": 1000 * after, "found at once": is_found}


def doctor(folder: Path, server: Place) -> Report:
    """Return what `byline doctor` takes over the archive, and how much it finds wrong."""
    with _opened(folder, server) as archive:
        (began, used), problems, (ended, used_all) = _now(), check(archive), _now()
    return {"s": ended - began, "processor s": used_all - used, "problems": problems}


# --- parts -----------------------------------------------------------------------------------------------------


def _opened(folder: Path, server: Place, *, create: bool = False) -> Archive:
    url = server.url if isinstance(server, Server) else ""
    archive = open_archive_of(Settings(folder / "archive", chroma_url=url), create=create)
    if isinstance(server, NoGraph):
        archive.vectors = Vectors(archive.vectors.folder, server)  # type: ignore[arg-type]
    return archive


def _ways(archive: Archive, embedder: MadeUpVectors, filters: Filters) -> dict[str, Callable[[str], object]]:
    def dense(text: str) -> object:
        return archive.search_dense(embedder.embed([text])[0], limit=POOL, filters=filters)

    return {
        "all": lambda text: search(archive, embedder, text, limit=LIMIT, filters=filters),
        "dense": dense,
        "words": lambda text: archive.search_lexical(text, limit=POOL, filters=filters),
    }


def _milliseconds(texts: Sequence[str], work: Callable[[str], object]) -> dict[str, float]:
    used = time.process_time()
    times = [_seconds(lambda text=text: work(text)) for text in texts]  # type: ignore[misc]
    return _spread(times) | {"processor": 1000 * (time.process_time() - used) / len(texts)}


def _spread(times: Sequence[float]) -> dict[str, float]:
    return {"p50": 1000 * statistics.median(times), "p95": 1000 * percentile(times, 0.95)} if times else {}


def _against_scan(archive: Archive, embedder: MadeUpVectors, texts: Sequence[str]) -> tuple[float, float]:
    """Return the share of the 50 nearest that the dense search finds, and the seconds of finding them without it."""
    shares, seconds = [], []
    for vector in embedder.embed(texts):
        began = time.perf_counter()
        with archive.store.reading() as connection:
            right = {id for id, _ in scan(connection, vector, limit=50, selection=EVERYTHING)}
        seconds.append(time.perf_counter() - began)
        shares.append(len(right & {id for id, _ in archive.search_dense(vector, limit=50)}) / len(right))
    return statistics.mean(shares), statistics.median(seconds)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _size(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


# --- a Chroma server -------------------------------------------------------------------------------------------


class NoGraph:
    """Stands where a server's segments would: a generation has its arrays, and no graph is made or asked."""

    def make(self, generation: Path, *wanted: object) -> None:
        """Make none, and leave the note that a generation is known by."""
        (generation / NOTE).write_text("{}", encoding="utf-8")

    def holds(self, generation: Path) -> bool:
        """Return that nothing is lacking."""
        return True

    def check(self, generation: Path) -> str:
        """Return that nothing is wrong."""
        return ""

    def search(self, *asked: object, limit: int) -> list[tuple[int, float]]:
        """Have the caller compare all."""
        return []

    def clean(self, generations: object) -> None:
        """Remove nothing."""

    def close(self) -> None:
        """Close nothing."""


class Server:
    """A `chroma run` that is watched."""

    def __init__(self, url: str, process: int = 0, folder: Path = Path()) -> None:
        self.url = url
        self._process = process
        self._folder = folder

    def state(self) -> Report:
        """Return what it has in memory and on the disk, and the processor's seconds so far."""
        fields = Path(f"/proc/{self._process}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return {"MiB": resident(self._process) / MIB, "disk MiB": _size(self._folder) / MIB, "processor s": used}


Place = Server | NoGraph | None  # where the graph is; None: in the archive


@contextmanager
def no_server(options: argparse.Namespace) -> Iterator[Place]:
    """Stand for no server."""
    yield NoGraph() if options.no_graph else None


@contextmanager
def chroma_server_in(folder: Path) -> Iterator[Server]:
    """Run the server of the Chroma that is installed over a folder, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    running = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, running)
        yield Server(f"http://127.0.0.1:{port}", running.pid, folder)
    finally:
        running.kill()
        running.wait()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("Chroma's server did not start.")


def main(arguments: list[str] | None = None) -> int:
    """Measure, or be the process that indexes."""
    options = parser().parse_args(arguments)
    if options.index:
        server: Place = Server(options.chroma_url) if options.chroma_url else None
        index(options.folder, options.index, NoGraph() if options.no_graph else server)
        return 0

    def keep(told: Report) -> None:
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        whole = told | {"largest child MiB": most, "load": os.getloadavg()}
        options.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")

    measure(options, keep)
    tell(f"growing: {options.json}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = found.add_argument
    add("--articles", type=int, default=100_000, metavar="N", help="at first (100000)")
    add("--more", type=int, default=1000, metavar="N", help="that are added later (1000)")
    add("--words", type=int, default=300, metavar="N", help="of each article (300: two passages; news has seven)")
    add("--questions", type=int, default=60, metavar="N", help="of each kind of search (60)")
    add("--folder", type=Path, required=True, help="for articles and archive; a new one")
    add("--json", type=Path, metavar="FILE", help="for the figures")
    add("--chroma", action="store_true", help="the graph on a server that is started for it")
    add("--no-graph", action="store_true", help="none is made: the vectors are compared one by one")
    add("--index", type=Path, help=argparse.SUPPRESS)
    add("--chroma-url", default="", help=argparse.SUPPRESS)
    return found


if __name__ == "__main__":
    sys.exit(main())
