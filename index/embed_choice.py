"""Which backend computes the vectors on this machine, as it was found by index/embed_prepare.py and noted in a file.

All of them compute the same weights and agree (mean cosine to float32 ≥ .999), so an archive may be made by one and
asked by another. Per core of an AMD EPYC 9004 (AVX-512 with bfloat16), the machine busy, at 205 tokens a passage:

    backend                  passages/s   one query   cosine to float32 (mean, min)
    sentence-transformers        14.5       10.0 ms   1
    the same in bfloat16         29          6.6 ms   .99995  .99993
    onnxruntime float32          16          3.9 ms   1
    OpenVINO, bfloat16           34          2.5 ms   .99998  .99997
    OpenVINO, float32            18          4.0 ms   1

SciFact's nDCG@10 over 883 of its abstracts: 80.31 in float32, 80.23 by OpenVINO in bfloat16.

Dynamic int8 is left out: its cosine of .9936 would need a fingerprint of its own. torch is the reference and what
remains where nothing else works: it takes 5 s to import. onnxruntime is ready after 0.2 s of one core and with 180 MB,
OpenVINO after 0.4 s and with 280 MB.
`tests/quality/embedding_times.py` takes these figures anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from uuid import uuid4

from index.embed_graph import Runner
from index.embed_onnx import onnx_runner
from index.embed_openvino import openvino_runner
from index.errors import ModelMissing
from index.model_folder import ModelFolder

FORMAT = "v2"  # of the graph and of the note: whoever changes either counts it up
RUNNERS: Mapping[str, Callable[[Path], Runner]] = {"openvino": openvino_runner, "onnxruntime": onnx_runner}
TORCH = "torch"
BACKENDS = (*RUNNERS, TORCH)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a backend did with our sample passages."""

    passages_per_second: float
    cosine_mean: float
    cosine_min: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend for this machine, for the graph of that size and time of change; `why` says what went wrong."""

    backend: str
    graph: tuple[int, int] = (0, 0)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """Where the files derived from a model lie: named by what they are derived from, so that none is ever stale."""

    graph: Path
    choice: Path


def derived_files(folder: ModelFolder, derived: Path) -> Derived:
    """Return where the graph of the model and the choice for this processor and these versions lie in `derived`."""
    key = hashlib.sha256(json.dumps([processor(), versions()]).encode()).hexdigest()[:12]
    stem = f"{folder.weights_hash[:16]}-{FORMAT}"
    return Derived(derived / f"{stem}.onnx", derived / f"{stem}-{key}.json")


def processor() -> str:
    """Name the processor and what it can, alike for all machines on which the same backend is the fastest."""
    with contextlib.suppress(OSError):
        about = dict(
            line.split(":", 1)
            for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
            if ":" in line
        )
        named = {key.strip(): value.strip() for key, value in about.items()}
        flags = hashlib.sha256((named.get("flags") or named.get("Features") or "").encode()).hexdigest()[:8]
        return f"{platform.machine()} {named.get('model name', '')} {flags}"
    return f"{platform.machine()} {platform.processor()}"


def versions() -> dict[str, str]:
    """Return the installed versions of what runs a graph; one that is missing is not among them."""
    found = {}
    for name in RUNNERS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def load_runner(backend: str, graph: Path) -> Runner:
    """Return the graph, ready to run. Raises ModelMissing without the backend, ModelCorrupt without a sound graph."""
    try:
        return RUNNERS[backend](graph)
    except ImportError as error:
        raise ModelMissing(f"{backend} does not load: {error}", f"pip install {backend}") from error


def mark(graph: Path) -> tuple[int, int]:
    """Return the size and the time of change of a file, zeros without it."""
    with contextlib.suppress(OSError):
        found = graph.stat()
        return found.st_size, found.st_mtime_ns
    return 0, 0


def read_choice(files: Derived) -> Choice | None:
    """Return the noted choice; None when there is none or its graph is no longer the one it was made for."""
    try:
        found = json.loads(files.choice.read_text(encoding="utf-8"))
        choice = Choice(
            str(found["backend"]),
            (int(found["graph"][0]), int(found["graph"][1])),
            {str(name): Measured(**values) for name, values in found["measured"].items()},
            str(found["why"]),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    if choice.backend not in BACKENDS or (choice.backend != TORCH and choice.graph != mark(files.graph)):
        return None
    return choice


def write_choice(files: Derived, choice: Choice) -> None:
    """Note the choice in one step; a reader sees the one before or this one. Raises OSError."""
    told = {**asdict(choice), "processor": processor(), "versions": versions()}  # the two are for people
    part = temporary(files.choice)
    part.write_text(json.dumps(told, indent=2), encoding="utf-8")
    part.replace(files.choice)


def temporary(path: Path) -> Path:
    """Return a name beside `path` that nobody else writes to."""
    return path.with_name(f".{path.name}.{uuid4().hex[:12]}.part")
