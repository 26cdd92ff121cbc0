"""Times every backend of the embedder, each in a process of its own, and tells how near it is to the reference.

    python tests/quality/embedding_times.py [--passages 128] [--threads 1 2] [--out FILE.json]
    python tests/quality/embedding_times.py --scifact [--only openvino onnxruntime]

Passages a second at 205 tokens each, a question's milliseconds, the seconds from the start of Python to the first
vector, the memory after it, and the cosine to sentence-transformers in float32. With `--scifact` nDCG@10 of BEIR's
test claims by cosine alone. The articles and claims lie in ../shared or BYLINE_SHARED; without them the sample
articles are read.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.models import find_model
from index.bert_graph import write_graph
from index.embed import Embedder, Matrix, SentenceTransformerEmbedder
from index.embed_graph import GraphEmbedder
from index.embed_onnx import onnx_runner
from index.embed_openvino import openvino_runner
from index.model_folder import ModelFolder

SHARED = Path(os.environ.get("BYLINE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
REFERENCE = "torch-float32"
TOKENS = 205  # what a passage of the news has on average, the special ones with it
REPEATS = 3
QUESTION = "Who will repair the old harbour bridge, and how much will it cost?"


def graph_embedder(load: Callable[..., Any], **options: Any) -> Callable[[ModelFolder, Path, int], Embedder]:
    return lambda folder, graph, threads: GraphEmbedder(folder, load(graph, threads=threads, **options))


def reference(*, exact: bool) -> Callable[[ModelFolder, Path, int], Embedder]:
    def load(folder: ModelFolder, graph: Path, threads: int) -> Embedder:
        import torch

        torch.set_num_threads(threads)
        return SentenceTransformerEmbedder(folder, exact=exact)

    return load


BACKENDS = {
    REFERENCE: reference(exact=True),
    "torch-bfloat16": reference(exact=False),  # where the processor has it
    "onnxruntime": graph_embedder(onnx_runner),
    "openvino": graph_embedder(openvino_runner),
    "openvino-float32": graph_embedder(openvino_runner, exact=True),
}


def read_passages(folder: ModelFolder, count: int) -> list[str]:
    """Return so many texts, each of TOKENS tokens or one less."""
    news = SHARED / "news" / "articles.jsonl"
    if news.exists():
        with news.open(encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for _, line in zip(range(count * 2), lines, strict=False)]
    else:
        samples = Path(__file__).resolve().parents[2] / "index" / "samples" / "articles"
        texts = [path.read_text(encoding="utf-8") for path in sorted(samples.iterdir())]
    passages = []
    for text in texts:
        words = text.split()
        for start in range(0, len(words) - TOKENS, TOKENS):
            passages.append(cut(folder, " ".join(words[start : start + TOKENS])))
    return (passages * (1 + count // max(1, len(passages))))[:count]


def cut(folder: ModelFolder, text: str) -> str:
    """Return the longest beginning of the text, in whole words, that has TOKENS tokens at most."""
    words = text.split()
    counts = folder.tokens.count(words)  # a word's tokens do not depend on its neighbours
    return " ".join(word for word, total in zip(words, np.cumsum(counts), strict=True) if total <= TOKENS - 2)


def measure(name: str, graph: Path, rows: Path, started: float, options: argparse.Namespace) -> dict[str, float]:
    """Return the figures of one backend, in this process, begun at `started`; its vectors go to `rows`."""
    threads, count = options.threads[0], options.passages
    folder = ModelFolder(find_model(None, "embedder"))
    embedder = BACKENDS[name](folder, graph, threads)
    embedder.embed([QUESTION])
    ready, memory = time.time() - started, resident_megabytes()
    questions = []
    for number in range(30):
        start = time.perf_counter()
        embedder.embed([f"{QUESTION} {number % 3}"])
        questions.append(1000 * (time.perf_counter() - start))
    passages = read_passages(folder, count)
    embedder.embed(passages[:32])
    wall, cpu = [], []
    for _ in range(REPEATS):
        start, start_cpu = time.perf_counter(), time.process_time()
        vectors = embedder.embed(passages)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    np.save(rows, vectors)
    return {
        "passages_per_second": count / min(wall),
        "passages_per_cpu_second": count / min(cpu),
        "question_ms": float(np.median(questions)),
        "ready_seconds": ready,
        "resident_mb": memory,
    }


def resident_megabytes() -> float:
    """Return the most memory this process has had, 0 where the system does not say."""
    status = Path("/proc/self/status")  # not resource.getrusage: its figure is the parent's, if that was more
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 if status.exists() else 0.0


def measure_all(options: argparse.Namespace, folder: Path, graph: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    exact: Matrix | None = None
    for name in options.only or BACKENDS:
        for threads in options.threads:
            rows = folder / f"{name}-{threads}.npy"
            command = [sys.executable, __file__, "--child", name, str(graph), str(rows), str(time.time())]
            command += ["--threads", str(threads), "--passages", str(options.passages)]
            environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
            ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            vectors = np.load(rows)
            exact = vectors if exact is None else exact  # the first is the reference, unless it was left out
            cosines = np.sum(vectors * exact, axis=1)
            cosine = {"cosine_mean": float(cosines.mean()), "cosine_min": float(cosines.min())}
            found.append({"backend": name, "threads": threads, **json.loads(ran.stdout), **cosine})
            write_row(found[-1])
    return found


def write_row(row: dict[str, Any]) -> None:
    sys.stdout.write(
        f"{row['backend']:18} {row['threads']} threads {row['passages_per_second']:7.1f}/s"
        f" {row['passages_per_cpu_second']:7.1f}/cpu s  question {row['question_ms']:5.1f} ms"
        f"  ready {row['ready_seconds']:5.2f} s  {row['resident_mb']:5.0f} MB"
        f"  cosine {row['cosine_mean']:.6f} (least {row['cosine_min']:.6f})\n"
    )
    sys.stdout.flush()


def measure_scifact(names: list[str], graph: Path) -> list[dict[str, Any]]:
    """Return nDCG@10 by backend over all abstracts, times 100."""
    folder, source = ModelFolder(find_model(None, "embedder")), SHARED / "retrieval" / "scifact"
    with (source / "corpus.jsonl").open(encoding="utf-8") as lines:
        corpus = {str(one["_id"]): f"{one['title']} {one['text']}" for one in map(json.loads, lines)}
    with (source / "queries.test.jsonl").open(encoding="utf-8") as lines:
        claims = {str(one["_id"]): one["text"] for one in map(json.loads, lines)}
    wanted: dict[str, set[str]] = {}
    with (source / "qrels.test.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if int(row["score"]) > 0:
                wanted.setdefault(row["query-id"], set()).add(row["corpus-id"])
    found, ids = [], list(corpus)
    for name in names:
        embedder = BACKENDS[name](folder, graph, os.cpu_count() or 1)
        scores = embedder.embed([claims[claim] for claim in wanted]) @ embedder.embed(list(corpus.values())).T
        ranked = [[ids[place] for place in np.argsort(-row)[:10]] for row in scores]
        gains = [gain(first, wanted[claim]) for claim, first in zip(wanted, ranked, strict=True)]
        found.append({"backend": name, "ndcg_at_10": 100 * float(np.mean(gains)), "claims": len(gains)})
        sys.stdout.write(f"{name:18} nDCG@10 {found[-1]['ndcg_at_10']:.2f} of {len(gains)} claims\n")
        sys.stdout.flush()
    return found


def gain(ranked: list[str], wanted: set[str]) -> float:
    best = sum(1 / math.log2(place + 2) for place in range(min(len(wanted), len(ranked))))
    return sum(1 / math.log2(place + 2) for place, one in enumerate(ranked) if one in wanted) / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=128)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", choices=BACKENDS, help="these backends; the cosine is to the first")
    parser.add_argument("--scifact", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", nargs=4, metavar=("BACKEND", "GRAPH", "ROWS", "STARTED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, graph, rows, started = options.child
        figures = measure(name, Path(graph), Path(rows), float(started), options)
        sys.stdout.write(json.dumps(figures))
        return
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.onnx"
        write_graph(find_model(None, "embedder"), graph)
        if options.scifact:
            found = measure_scifact(options.only or list(BACKENDS), graph)
        else:
            found = measure_all(options, Path(folder), graph)
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
