"""An archive's graph on a Chroma server: the same hits, several processes, and a server that does not answer."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from archive_material import EMBEDDER, MAX_TOKENS, write_lines
from model_server import ModelServer, fails, says, serving
from test_vectors import DIMENSION, fetch, publish, row

from bot.opened import open_archive_of
from bot.settings import Settings
from index.archive import Archive
from index.build import build
from index.chroma_server import TOKEN, ChromaServer, chroma_server
from index.errors import UsageError
from index.segments import Segments
from index.vectors import Vectors, VectorsUnreadable

ROOT = Path(__file__).parents[1]
IN_RUST = {"info": {"title": "chroma-frontend"}}
SECRET = "a-token-of-ours"
COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server, of the Chroma that is installed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(tmp_path_factory.mktemp("chroma"))]
    running = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(running, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


def _wait_for(running: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and running.poll() is None:
        try:
            return chroma_server(f"http://127.0.0.1:{port}").check()
        except VectorsUnreadable:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start (status {running.poll()})")


@pytest.fixture
def server(url: str) -> ChromaServer:
    return chroma_server(url)


@pytest.fixture
def vectors(tmp_path: Path, server: ChromaServer) -> Iterator[Vectors]:
    (tmp_path / "vectors").mkdir()
    vectors = Vectors(tmp_path / "vectors", Segments(tmp_path / "vectors", server))
    yield vectors
    vectors.close()


def segments_of(vectors: Vectors) -> list[dict]:
    current = vectors.current()
    assert current is not None
    return json.loads((vectors.folder / current.generation / "server.json").read_text())["segments"]


def there(server: ChromaServer) -> set[str]:
    return {one["name"] for one in server._ask("GET", COLLECTIONS)}


def found(vectors: Vectors, number: int, limit: int = 5) -> list[int]:
    current = vectors.current()
    assert current is not None
    return [one for one, _ in vectors.search(current, row(number).vector, limit=limit)]


# --- on a real server ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_nearest_are_those_of_an_exact_comparison(vectors: Vectors) -> None:
    publish(vectors, range(300), 1)
    matrix = np.stack([row(number).vector for number in range(300)])
    current = vectors.current()
    assert current is not None
    for number in (0, 123, 299):
        hits = vectors.search(current, row(number).vector, limit=10)
        assert [passage for passage, _ in hits] == np.argsort(-(matrix @ row(number).vector))[:10].tolist()
        assert hits[0][1] == pytest.approx(1.0, abs=1e-4)
    assert vectors.check(current) == ""


@pytest.mark.slow
def test_what_is_new_goes_into_a_segment_of_its_own_and_what_was_there_stays(vectors: Vectors) -> None:
    publish(vectors, range(200), 1)
    [first] = segments_of(vectors)
    publish(vectors, [*range(10, 200), 500, 501], 2)
    kept, new = segments_of(vectors)
    assert (kept, new["rows"]) == (first, 2)
    assert found(vectors, 501)[0] == 501
    assert set(found(vectors, 3, 300)) == {*range(10, 200), 500, 501}  # and nothing that was removed
    publish(vectors, [*range(10, 200), 500, 501], 3)
    assert segments_of(vectors) == [kept, new]


@pytest.mark.slow
def test_small_segments_become_one_and_what_no_generation_has_is_removed(
    vectors: Vectors, server: ChromaServer
) -> None:
    names = there(server)
    for revision in range(1, 6):
        publish(vectors, range(200 + revision), revision)
        assert found(vectors, 200 + revision - 1)[0] == 200 + revision - 1
    assert [segment["rows"] for segment in segments_of(vectors)] in ([201, 4], [201, 3, 1], [201, 2, 2])
    publish(vectors, range(206), 6)
    assert len(there(server) - names) <= 4


@pytest.mark.slow
def test_a_segment_of_which_much_was_removed_is_made_anew(vectors: Vectors) -> None:
    publish(vectors, range(200), 1)
    publish(vectors, range(100), 2)
    assert [segment["rows"] for segment in segments_of(vectors)] == [100]


@pytest.mark.slow
def test_a_segment_that_the_server_has_lost_is_told_and_sent_again(vectors: Vectors, server: ChromaServer) -> None:
    current = publish(vectors, range(60), 1)
    [lost] = segments_of(vectors)
    server.remove(lost["name"])
    assert "does not exist" in vectors.check(current)
    with pytest.raises(VectorsUnreadable):
        found(vectors, 1)
    publish(vectors, range(60), 2)
    assert found(vectors, 1)[0] == 1


@pytest.mark.slow
def test_what_a_killed_writer_began_is_removed_by_the_next(vectors: Vectors, server: ChromaServer) -> None:
    publish(vectors, range(20), 1)
    assert vectors._served is not None

    def killed(numbers: Sequence[int]) -> list:
        raise KeyboardInterrupt

    names = there(server)
    with pytest.raises(KeyboardInterrupt):
        vectors._served._fill(np.arange(9), killed)
    begun = there(server) - names
    assert len(begun) == 1
    publish(vectors, range(40), 2)
    assert not begun & there(server)


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[4], sys.argv[4] + "/tests"]
from archive_material import EMBEDDER, MAX_TOKENS
from bot.opened import open_archive_of
from bot.settings import Settings
from index.build import build
with open_archive_of(Settings(Path(sys.argv[1]), chroma_url=sys.argv[3]), create=True) as archive:
    build(archive, [Path(sys.argv[2])], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
"""


def write_in_a_process(archive: Path, news: Path, url: str) -> None:
    subprocess.run([sys.executable, "-c", WRITER, str(archive), str(news), url, str(ROOT)], check=True)


@pytest.mark.slow
def test_a_process_finds_what_another_has_written_meanwhile(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.nearest.FEW", 10)  # so that the server is asked
    texts = {f"a{number}": f"Story {number} tells of {number} boats and a harbour." for number in range(40)}
    write_lines(tmp_path / "news.jsonl", texts)
    write_in_a_process(tmp_path / "archive", tmp_path, url)
    with open_archive_of(Settings(tmp_path / "archive", chroma_url=url)) as reader:
        asked = []
        search = reader.vectors.search
        monkeypatch.setattr(reader.vectors, "search", lambda *one, **more: asked.append(one) or search(*one, **more))
        before = nearest_of(reader, "boats in a harbour")
        assert len(before) == 40
        write_lines(tmp_path / "news.jsonl", {**texts, "new": "A zeppelin landed."})
        write_in_a_process(tmp_path / "archive", tmp_path, url)
        assert nearest_of(reader, "A zeppelin landed.")[0] == "new"
        assert len(asked) == 2
        with Archive.open(tmp_path / "archive") as alone:  # compares all, without the server
            assert nearest_of(alone, "a harbour")[:5] == nearest_of(reader, "a harbour")[:5]


def nearest_of(archive: Archive, text: str) -> list[str]:
    """Return the articles nearest to a text, by their ids."""
    found = archive.search_dense(EMBEDDER.embed([text])[0], limit=100)
    return [passage.article_id for passage in archive.passages([id for id, _ in found]).values()]


@pytest.mark.slow
def test_a_graph_moves_to_a_server_and_back_when_it_is_indexed_again(tmp_path: Path, url: str) -> None:
    write_lines(tmp_path / "news.jsonl", {"a": "A story of a harbour.", "b": "A story of a bridge."})
    for address, file in (("", "chroma.sqlite3"), (url, "server.json"), ("", "chroma.sqlite3")):
        with open_archive_of(Settings(tmp_path / "archive", chroma_url=address), create=True) as archive:
            assert nearest_of(archive, "a bridge") or archive.is_empty
            build(archive, [tmp_path / "news.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
            current = archive.current_vectors()
            assert current is not None
            assert (archive.vectors.folder / current.generation / file).is_file()
            assert archive.check_vectors() == ""


# --- a server that does not answer, or not as it should ------------------------------------------------------


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def scripted(running: ModelServer) -> ModelServer:
    running.replies.clear()
    running.asked.clear()
    running.replies["/openapi.json"] = says(IN_RUST)
    return running


@pytest.mark.parametrize(
    "told",
    [{"info": {"title": "Chroma", "version": "1.5.9"}}, {"info": {}}, [], {"info": "chroma-frontend"}],
    ids=["in Python", "untitled", "a list", "text"],
)
def test_chromas_server_in_python_is_not_spoken_to(scripted: ModelServer, told: object) -> None:
    scripted.replies["/openapi.json"] = says(told)
    with pytest.raises(VectorsUnreadable, match="CVE-2026-45829") as error:
        chroma_server(scripted.url).create("byline-a")
    assert "chroma run" in error.value.mend
    assert [path for path, *_ in scripted.asked] == ["/openapi.json"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (fails(401, "no"), f"wants a token, and there is none in {TOKEN}"),
        (says("<html>", 200), "does not answer as Chroma does"),
        (says({}, 200), "does not answer as Chroma does"),
        (says("", 302, Location="http://elsewhere.example/"), "answered 302"),
        (says({"message": "Quota\n exceeded"}, 500), "answered 500: Quota exceeded"),
        (says({"ids": [["x"]], "distances": [[0.1]]}), "does not answer as Chroma does"),
        (says({"ids": [["1", "2"]], "distances": [[0.1]]}), "does not answer as Chroma does"),
    ],
    ids=["token", "page", "other", "redirect", "error", "not a number", "uneven"],
)
def test_what_goes_wrong_is_named(scripted: ModelServer, reply, words: str) -> None:
    scripted.replies[f"{COLLECTIONS}/an-id/query"] = reply
    with pytest.raises(VectorsUnreadable, match=words):
        chroma_server(scripted.url).nearest("an-id", np.zeros((1, DIMENSION), dtype=np.float32), limit=3)


def test_a_token_goes_in_headers_only_and_is_not_shown(scripted: ModelServer) -> None:
    scripted.replies[f"{COLLECTIONS}/an-id/count"] = says({"message": f"{SECRET} is wrong"}, 400)
    with pytest.raises(VectorsUnreadable, match="… is wrong") as error:
        chroma_server(scripted.url, SECRET).count("an-id")
    assert SECRET not in str(error.value)
    assert {headers["Authorization"] for _, headers, _ in scripted.asked} == {f"Bearer {SECRET}"}


def test_only_numbers_and_vectors_are_sent(scripted: ModelServer) -> None:
    scripted.replies[COLLECTIONS] = says({"id": "an-id"})
    scripted.replies[f"{COLLECTIONS}/an-id/add"] = says({})
    server = chroma_server(scripted.url)
    server.add(server.create("byline-a"), [1, 2], np.stack([one.vector for one in fetch([1, 2])]))
    (_, _, made), (_, _, added) = scripted.asked[1:]
    assert (made["name"], made.keys()) == ("byline-a", {"name", "configuration", "get_or_create"})
    assert (added["ids"], added.keys()) == (["1", "2"], {"ids", "embeddings"})


def test_a_server_that_does_not_answer_is_not_waited_for_again_at_once() -> None:
    with serving() as gone:
        server = chroma_server(gone.url)
    with pytest.raises(VectorsUnreadable, match="cannot be reached"):
        server.check()
    with socket.create_server(("127.0.0.1", gone.server_port)) as back:
        back.settimeout(0.2)
        with pytest.raises(VectorsUnreadable, match="cannot be reached"):
            server.count("an-id")
        with pytest.raises(TimeoutError):
            back.accept()  # nobody came


def test_without_the_server_all_is_found_and_an_indexing_run_says_what_is_lacking(tmp_path: Path) -> None:
    with serving() as gone:
        url = gone.url
    write_lines(tmp_path / "news.jsonl", {"a": "A story of a harbour.", "b": "A story of a bridge."})
    told: list[str] = []
    with open_archive_of(Settings(tmp_path / "archive", chroma_url=url), create=True, tell=told.append) as archive:
        with pytest.raises(
            VectorsUnreadable, match=r"cannot be reached.*What was indexed is stored and found, slower\."
        ):
            build(archive, [tmp_path / "news.jsonl"], embedder=EMBEDDER, max_tokens=MAX_TOKENS)
        assert nearest_of(archive, "a bridge")[0] == "b"
        assert [path.name for path in archive.vectors.folder.iterdir() if path.is_dir()] == []
    assert "cannot be reached" in told[0]
    assert "slower" in told[0]


def test_a_server_elsewhere_is_told_of(tmp_path: Path, scripted: ModelServer) -> None:
    told: list[str] = []
    url = scripted.url.replace("127.0.0.1", "0.0.0.0")
    open_archive_of(Settings(tmp_path, chroma_url=url), create=True, tell=told.append).close()
    [line] = told
    assert f"vectors of passages and questions are sent to 0.0.0.0:{scripted.server_port}, where others" in line


def test_a_wrong_address_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="begins with http"):
        open_archive_of(Settings(tmp_path, chroma_url="localhost:8000"), create=True)


# --- an archive from a stranger ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "segment",
    [{"name": "byline-a", "id": "../../../admin", "rows": 1}, {"name": "a"}, {"name": "a", "id": 7, "rows": "x"}, 7],
    ids=["a path", "lacking", "no numbers", "no segment"],
)
def test_a_forged_note_is_unreadable_and_asks_for_nothing(
    tmp_path: Path, scripted: ModelServer, segment: object
) -> None:
    server = chroma_server(scripted.url)
    folder = tmp_path / "00000001-aa"
    folder.mkdir()
    (folder / "server.json").write_text(json.dumps({"server": server.address.shown, "segments": [segment]}))
    np.save(folder / "numbers.npy", np.arange(1))
    np.save(folder / "places.npy", np.zeros(1, dtype=np.int16))
    with pytest.raises(VectorsUnreadable, match="cannot be read"):
        Segments(tmp_path, server).search(folder, row(1).vector, limit=1)
    assert scripted.asked == []


def test_collections_of_other_names_are_never_removed(tmp_path: Path, scripted: ModelServer) -> None:
    (tmp_path / "segments.json").write_text(json.dumps(["theirs", "byline-../x", 7, "byline-" + "A" * 32]))
    Segments(tmp_path, chroma_server(scripted.url)).clean([])
    assert scripted.asked == []


def test_an_archive_whose_graph_is_on_a_server_opens_no_other_without_it(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path)
    publish(vectors, range(20), 1)
    current = vectors.current()
    assert current is not None
    vectors.close()
    (tmp_path / current.generation / "chroma.sqlite3").rename(tmp_path / current.generation / "server.json")
    with pytest.raises(VectorsUnreadable, match="has no graph here"):
        found(vectors, 1)
    assert not (tmp_path / current.generation / "chroma.sqlite3").exists()
    assert "only --chroma-url asks" in vectors.check(current)
