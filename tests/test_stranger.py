"""An archive from a stranger is data: nothing that lies in its folder runs when it is opened, searched or updated."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines

from index.archive import Archive
from index.build import build
from index.harmless import names_function

ROOT = Path(__file__).parent.parent

# Opens the archive as all of Byline does, its generation's graph too, and tells of every pickle that names a function,
# of every process that is started, and of every embedding function that is made of what the collection says.
VICTIM = """
import pickle, sys
from contextlib import suppress
from pathlib import Path

seen = []
sys.addaudithook(lambda event, some: seen.append(event) if event in ("pickle.find_class", "os.system") else None)

import chromadb
from chromadb.utils.embedding_functions import EmbeddingFunction, register_embedding_function

@register_embedding_function
class Trap(EmbeddingFunction):
    def __init__(self): pass
    def __call__(self, input): return [[0.0] * 64 for _ in input]
    @staticmethod
    def name(): return "trap"
    @staticmethod
    def build_from_config(config):
        seen.append("embedding function")
        return Trap()
    def get_config(self): return {}

from index import vectors
from index.archive import Archive
from index.build import build
from index.repair import check
from index.embed import WordHashEmbedder

pickles, functions, news = map(Path, sys.argv[1:])
vectors.FEW, vectors._ALWAYS_ANEW, vectors._ANEW_SHARE = 0, 0, 9  # the graph is asked, and copied when it grows
embedder = WordHashEmbedder()

def use(folder):
    with Archive.open(folder) as archive:
        vector = embedder.embed(["boats of the harbour"])[0]
        with suppress(vectors.VectorsUnreadable):
            archive.vectors.search(archive.vectors.current(), vector, limit=3)
        assert archive.search_dense(vector, limit=3)
        assert archive.search_lexical("boats", limit=3)
        check(archive)
        build(archive, [news], embedder=embedder, max_tokens=40)

def use_as_byline_must_not():
    (generation, *_) = sorted((functions / "vectors").glob("0*"))
    client = chromadb.PersistentClient(str(generation))
    client.get_collection("passages", embedding_function=None).query(query_texts=["boats"])
    pickle.loads((pickles / "evil.pickle").read_bytes())

use(pickles)
use(functions)
print(sorted(set(seen)), flush=True)
use_as_byline_must_not()
print(sorted(set(seen)), flush=True)
"""


class Payload:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        import os

        return os.system, (f"{sys.executable} -c \"open(r'{self.mark}', 'w')\"",)


def generation_of(folder: Path) -> Path:
    (generation,) = [path for path in (folder / "vectors").iterdir() if path.is_dir()]
    return generation


def poison_pickles(folder: Path, mark: Path) -> None:
    """Put a pickle that runs a command wherever one could be read."""
    evil = pickle.dumps(Payload(mark))
    generation = generation_of(folder)
    (own,) = generation.rglob("index_metadata.pickle")
    for file in (own, folder / "evil.pickle"):
        file.write_bytes(evil)
    for file in generation.rglob("*.npy"):
        np.save(file, np.array([Payload(mark)], dtype=object), allow_pickle=True)


def poison_function(folder: Path) -> None:
    """Let the collection name an embedding function that is made when a text is to be embedded."""
    with closing(sqlite3.connect(generation_of(folder) / "chroma.sqlite3")) as connection, connection:
        (said,) = connection.execute("SELECT schema_str FROM collections").fetchone()
        trap = '{"type":"known","name":"trap","config":{}}'
        assert '{"type":"legacy"}' in said
        connection.execute("UPDATE collections SET schema_str = ?", [said.replace('{"type":"legacy"}', trap)])


def test_nothing_in_an_archive_runs_when_it_is_used(tmp_path: Path) -> None:
    pickles, functions, mark = tmp_path / "pickles", tmp_path / "functions", tmp_path / "it ran"
    news = tmp_path / "news.jsonl"
    write_lines(news, {f"n{n}": f"Boat {n} left the harbour with {n * 7} crates." for n in range(30)})
    with Archive.open(pickles, create=True) as archive:
        build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
    shutil.copytree(pickles, functions)
    poison_pickles(pickles, mark)
    poison_function(functions)
    with news.open("a") as file:
        file.write('{"id": "new", "text": "One more boat is here, and it stays."}\n')
    command = [sys.executable, "-c", VICTIM, *map(str, (pickles, functions, news))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    # The second line is of a use that Byline never makes of them, and shows that the test would see it.
    assert ended.stdout.splitlines() == ["[]", "['embedding function', 'os.system', 'pickle.find_class']"]
    assert mark.exists()


def test_no_sql_of_an_archive_can_load_a_library(tmp_path: Path) -> None:
    with (
        Archive.open(tmp_path, create=True) as archive,
        archive.store.reading() as connection,
        pytest.raises(sqlite3.OperationalError, match="not authorized"),
    ):
        connection.execute("SELECT load_extension('x')")


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({}, False),
        (None, False),
        ({"embedding_function": {"type": "legacy"}}, False),
        ({"a": [{"embedding_function": {"type": "unknown"}}, {"embedding_function": None}]}, False),
        ({"embedding_function": {"type": "known", "name": "sentence_transformer"}}, True),
        ({"keys": {"x": [{"config": {"embedding_function": {"type": "known"}}}]}}, True),
        ({"embedding_function": {"type": "of tomorrow"}}, True),
        ({"embedding_function": "sentence_transformer"}, True),
    ],
    ids=repr,
)
def test_a_function_is_seen_wherever_a_collection_names_it(told: object, names: bool) -> None:
    assert names_function(told) is names
