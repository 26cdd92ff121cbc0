"""The indexing run is killed at random moments; nothing that was stored is lost, and the next run goes on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines

from index.archive import Archive
from index.build import build, check
from index.copies import without_bands
from index.store import find_problems

CHILD = """
import sys
from pathlib import Path
import chromadb
from index.archive import Archive
from index.build import build
from index.embed import WordHashEmbedder
with Archive.open(Path(sys.argv[1]), create=True) as archive:
    print("begun", flush=True)
    build(archive, [Path(sys.argv[2])], embedder=WordHashEmbedder(), max_tokens=int(sys.argv[3]))
"""


def make_text(number: int, version: int) -> str:
    return " ".join(f"Story {number} tells of {number * line} boats in version {version}." for line in range(12))


def run_and_kill(archive: Path, news: Path, *, after: float) -> bool:
    """Start a run, kill it `after` seconds of work, and return whether it had ended by itself."""
    command = [sys.executable, "-c", CHILD, str(archive), str(news), str(MAX_TOKENS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        return child.wait() == 0


def assert_sound(archive: Archive, versions: dict[str, set[str]]) -> set[str]:
    """Hold everything that is stored to be whole and to be found; return the ids."""
    with archive.store.reading() as connection:
        assert find_problems(connection) == []
    rows = archive.articles()
    for row in rows:
        article = archive.article(row.id)
        assert article is not None
        assert article.text in versions[row.id]
        passages = archive.article_passages(row.id)
        assert passages
        assert all(article.text[passage.start : passage.end] == passage.text for passage in passages)
    with archive.store.reading() as connection:
        assert without_bands(connection, limit=1) == []
    hits = archive.search_dense(EMBEDDER.embed(["story of boats"])[0], limit=100_000)
    assert len(hits) == archive.status().passages
    assert len(archive.search_lexical("story boats", limit=100_000)) == archive.status().passages
    return {row.id for row in rows}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_run_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    folder, news = tmp_path / "archive", tmp_path / "news"
    news.mkdir()
    texts: dict[str, str] = {}
    versions: dict[str, set[str]] = {}
    stored: set[str] = set()
    ended = 0
    for kill in range(20):
        for number in [*range(kill * 60, kill * 60 + 60), *chance.sample(range(kill * 60 + 1), min(10, kill))]:
            texts[f"n{number}"] = make_text(number, kill)
            versions.setdefault(f"n{number}", set()).add(texts[f"n{number}"])
        write_lines(news / "a.jsonl", texts)
        ended += run_and_kill(folder, news, after=chance.uniform(0, 1.2))
        with Archive.open(folder) as archive:
            now = assert_sound(archive, versions)
            assert stored <= now
            stored = now
    assert ended < 15, "too few runs were killed in the middle to prove anything"
    with Archive.open(folder) as archive:
        report = build(archive, [news], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert report.removed == 0
        assert check(archive) == []
        assert {row.id: archive.article(row.id).text for row in archive.articles()} == texts  # type: ignore[union-attr]
