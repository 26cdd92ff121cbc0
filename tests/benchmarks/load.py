"""Many people at once before one `byline web`: no error, nobody shown another's answer, everybody served, memory flat.

    python tests/benchmarks/load.py --people 16 --minutes 10                    the default model
    python tests/benchmarks/load.py --people 16 --minutes 2 --no-llm --think 0.05    hundreds of questions a minute
    python tests/benchmarks/load.py --people 6 --minutes 0.4 --no-llm           as CI does it
    python tests/benchmarks/load.py --people 16 --minutes 2 --no-llm --adding   articles are indexed meanwhile

The server is a process of its own over invented articles (tests/benchmarks/invented.py), the readers those of
tests/benchmarks/people.py, who send what the page sends. Once a second the server's memory, files, threads and share of
/dev/shm are looked at. What came of it goes to the terminal, and as JSON to --out. Status 1: something was not as it
must be, and the last lines say what.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx
from benchmarks import invented
from benchmarks.batch import MIB, ROOT
from benchmarks.measured import percentile
from benchmarks.memory import resident
from benchmarks.page_client import Tab, read_layout
from benchmarks.people import Person, Turns

from bot.terminal import out, tell

ADDRESS = re.compile(r"http://\S+/")
WRONG_IN_LOG = re.compile(r"Traceback|ERROR|Exception")
MOST_GROWTH = 1.05  # of the memory, from the first minute after the start to the last one
LEAST_FAIR = 0.5  # of the answers of whoever got most, what whoever got least has
SLOT_SECONDS = 1.0  # after which the next one's turn has come when an answer is stopped, as the median


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one moment."""

    at: float
    mib: float
    files: int
    threads: int
    shm: int  # files in /dev/shm


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. Waits are seconds in line; `drift` is the last minute's memory by the first's."""

    people: int
    minutes: float
    asked: int
    answered: int
    right: int
    refused: int
    stopped: int
    left: int
    opened: int
    a_minute: float
    errors: list[str]
    mixed_up: list[str]
    log: list[str]  # what the server wrote that reads like a mistake
    served: list[int]  # of each person
    fairness: float
    wait_p50: float
    wait_p95: float
    waits: list[tuple[float, float]]  # p50 and p95 of each person
    estimates: int  # waits for which a time was told
    estimate_off: float  # the median of how far it was off, as a share of the wait
    after_stop: list[float]
    after_stop_p50: float
    drift: float
    first_mib: float
    last_mib: float
    most_files: int
    most_threads: int
    shm_left: int
    samples: list[Sample]

    def complaints(self) -> Iterator[str]:
        """Yield what is not as it must be."""
        for name in ("errors", "mixed_up", "log"):
            for one in getattr(self, name)[:5]:
                yield f"{name}: {one}"
        if not self.answered:
            yield "nothing was answered"
        if self.fairness < LEAST_FAIR:
            yield f"unfair: {self.served}"
        if self.drift > MOST_GROWTH:
            yield f"memory: {self.first_mib:.0f} MiB in the first minute, {self.last_mib:.0f} in the last"
        if self.after_stop and self.after_stop_p50 > SLOT_SECONDS:
            yield f"after an answer was stopped the next one waited {self.after_stop_p50:.1f} s"
        if self.shm_left:
            yield f"{self.shm_left} files were left in /dev/shm"


@contextlib.contextmanager
def served(archive: Path, options: Sequence[str], log: Path) -> Iterator[tuple[str, int]]:
    """Serve the page from a process of its own; yield its address and the process."""
    command = [sys.executable, "-m", "bot", "web", "--archive", str(archive), "--port", "0", "--no-browser", *options]
    with log.open("w", encoding="utf-8") as told:
        server = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
        try:
            yield _address(server, log), server.pid
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
                raise


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    ends = time.monotonic() + 300
    while time.monotonic() < ends and server.poll() is None:
        if found := ADDRESS.search(log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"byline web did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def look(process: int, started: float) -> Sample:
    """Return the server as it is now."""
    place = Path(f"/proc/{process}")
    files = len(list((place / "fd").iterdir())) if place.exists() else 0
    threads = len(list((place / "task").iterdir())) if place.exists() else 0
    return Sample(time.monotonic() - started, resident(process) / MIB, files, threads, _shm())


def _shm() -> int:
    folder = Path("/dev/shm")
    return len(list(folder.iterdir())) if folder.exists() else 0


async def watch(process: int, samples: list[Sample], until: Callable[[], bool]) -> None:
    """Look once a second."""
    started = time.monotonic()
    while not until():
        samples.append(look(process, started))
        await asyncio.sleep(1.0)


async def crowd(address: str, people: Sequence[Person], *, seconds: float, process: int) -> list[Sample]:
    """Let the people live for so long; each then finishes what they are at."""
    ends, samples = time.monotonic() + seconds, list[Sample]()

    def is_over() -> bool:
        return time.monotonic() > ends

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        layout = await read_layout(client)
        watching = asyncio.create_task(watch(process, samples, is_over))
        await asyncio.gather(*(person.live(client, layout, is_over) for person in people))
        await watching
    return samples


async def ask_once(address: str, text: str, outlet: str) -> str:
    """Ask one question in a new tab and return what is shown at its end."""
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        tab = Tab(client, await read_layout(client))
        async for _ in tab.ask(text, outlets=[outlet]):
            pass
        await tab.close()
        return str(tab.view.get("now"))


async def add_meanwhile(address: str, archive: Path, editor: invented.Reader, until: Callable[[], bool]) -> list[str]:
    """Index one article after another, as another process does; return those that were not found at once."""
    missed = []
    for story in editor.stories:
        if until():
            break
        source = archive.parent / f"{story.record['id']}.jsonl"
        source.write_text(json.dumps(story.record) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "bot", "index", str(source), "--archive", str(archive)]
        indexing = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        status = await indexing.wait()
        shown = await ask_once(address, story.facts[0].question, editor.outlet)
        if status or story.facts[0].answer not in shown:
            missed.append(f"an article that was added is not found (index: {status}): {story.record['title']}")
    return missed


def make_people(count: int, *, think: float, seed: int, each: int) -> list[Person]:
    """Return so many people, each with the pattern of all others' names."""
    readers, turns = invented.make_readers(count, each=each), Turns()
    people = []
    for reader in readers:
        others = sorted(set().union(*(other.own for other in readers if other is not reader)))
        people.append(Person(reader, re.compile(rf"\b({'|'.join(others)})\b"), turns, think=think, seed=seed))
    return people


async def run_load(
    address: str, process: int, people: Sequence[Person], *, seconds: float, adding: tuple[Path, invented.Reader] | None
) -> tuple[list[Sample], list[str]]:
    """Let the people live, and where asked for let an editor add articles meanwhile."""
    ends = time.monotonic() + seconds * 0.8
    editing = add_meanwhile(address, *adding, lambda: time.monotonic() > ends) if adding else _nothing()
    samples, missed = await asyncio.gather(crowd(address, people, seconds=seconds, process=process), editing)
    return samples, missed


async def _nothing() -> list[str]:
    return []


def summed(people: Sequence[Person], samples: Sequence[Sample], *, seconds: float, wrong: Sequence[str]) -> Load:
    """Return the figures."""
    seen = [person.seen for person in people]
    total: dict[str, Any] = {
        name: sum(getattr(one, name) for one in seen)
        for name in ("asked", "answered", "right", "refused", "stopped", "left", "opened")
    }
    waits = [wait for one in seen for wait in one.waits] or [0.0]
    told = [(said, came) for one in seen for said, came in one.told if said is not None]
    off = [abs(said - came) / max(came, 1.0) for said, came in told] or [0.0]
    served_each = [one.served for one in seen]
    stops = people[0].turns.after_stop
    early, last = memory_of(samples, seconds)
    return Load(
        **total,
        people=len(people),
        minutes=round(seconds / 60, 2),
        a_minute=round(total["asked"] / seconds * 60, 1),
        errors=[error for one in seen for error in one.errors],
        mixed_up=[found for one in seen for found in one.mixed_up],
        log=list(wrong),
        served=served_each,
        fairness=round(min(served_each) / max(*served_each, 1), 3),
        wait_p50=round(percentile(waits, 0.5), 2),
        wait_p95=round(percentile(waits, 0.95), 2),
        waits=[
            (round(percentile(one.waits or [0.0], 0.5), 2), round(percentile(one.waits or [0.0], 0.95), 2))
            for one in seen
        ],
        estimates=len(told),
        estimate_off=round(statistics.median(off), 3),
        after_stop=[round(one, 3) for one in stops],
        after_stop_p50=round(statistics.median(stops or [0.0]), 3),
        drift=round(last / early, 4) if early else 0.0,
        first_mib=round(early, 1),
        last_mib=round(last, 1),
        most_files=max((one.files for one in samples), default=0),
        most_threads=max((one.threads for one in samples), default=0),
        shm_left=max(0, samples[-1].shm - samples[0].shm) if samples else 0,
        samples=list(samples),
    )


def memory_of(samples: Sequence[Sample], seconds: float) -> tuple[float, float]:
    """Return the memory after warming up and at the end: medians of a minute each, or of a fifth of a short run."""
    long = min(60.0, seconds / 5)
    early = [one.mib for one in samples if long <= one.at < 2 * long]
    last = [one.mib for one in samples if one.at >= seconds - long]
    return statistics.median(early or [0.0]), statistics.median(last or [0.0])


def measure(folder: Path, options: argparse.Namespace) -> Load:
    """Make an archive, serve it, let people ask, and return what came of it."""
    readers = invented.make_readers(options.people + 1, each=options.articles)
    *asking, editor = readers
    source, archive, log = folder / "invented.jsonl", folder / "archive", folder / "web.log"
    invented.write(source, asking)
    index = [sys.executable, "-m", "bot", "index", str(source), "--archive", str(archive)]
    subprocess.run(index, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    people = make_people(options.people, think=options.think, seed=options.seed, each=options.articles)
    chosen = ["--no-llm"] if options.no_llm else ["--model", options.model] if options.model else []
    with served(archive, chosen, log) as (address, process):
        adding = (archive, editor) if options.adding else None
        work = run_load(address, process, people, seconds=options.minutes * 60, adding=adding)
        samples, missed = asyncio.run(work)
    wrong = [line for line in log.read_text(encoding="utf-8").splitlines() if WRONG_IN_LOG.search(line)]
    if wrong and options.keep_log:
        options.keep_log.write_text(log.read_text(encoding="utf-8"), encoding="utf-8")
    return summed(people, samples, seconds=options.minutes * 60, wrong=[*wrong, *missed])


def main(arguments: list[str] | None = None) -> int:
    """Run it, print what came of it, and return 1 where something is not as it must be."""
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="byline-load-") as folder:
        load = measure(Path(folder), options)
    if options.out:
        options.out.write_text(json.dumps(asdict(load)) + "\n", encoding="utf-8")
    out(json.dumps({name: value for name, value in asdict(load).items() if name != "samples"}, indent=1))
    complaints = list(load.complaints())
    for complaint in complaints:
        tell(f"load: {complaint}")
    return 1 if complaints else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = found.add_argument
    add("--people", type=int, default=16, metavar="N", help="who ask at once (16)")
    add("--minutes", type=float, default=10, metavar="N", help="for how long (10)")
    add("--think", type=float, default=1.5, metavar="SECONDS", help="between two questions of a person, about (1.5)")
    add("--articles", type=int, default=invented.EACH, metavar="N", help=f"of each person ({invented.EACH})")
    add("--model", default="", metavar="NAME|PATH", help="the generator; default: Byline's default one")
    add("--no-llm", action="store_true", help="without a model")
    add("--adding", action="store_true", help="another process adds articles meanwhile")
    add("--seed", type=int, default=1, metavar="N", help="of what people do (1)")
    add("--out", type=Path, metavar="FILE", help="for the figures, with the server's state every second")
    add("--keep-log", type=Path, metavar="FILE", help="for the server's log where it tells of a mistake")
    return found


if __name__ == "__main__":
    sys.exit(main())
