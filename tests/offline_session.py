"""A session with Byline as a program of its own, which tests run without a network or watch: one argument, a folder.

It prints a JSON object of what came of each step. The page is asked as its own script asks it, over loopback.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
QUESTION = "What raise did the train drivers finally accept?"


def loopback_up() -> None:
    """Bring up loopback, which a new network namespace has but lacks to be switched on."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING


def is_cut_off() -> bool:
    """True where no address outside has a way to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return True
    return False


def byline(*arguments: str) -> str:
    """Return what `byline` prints; status 1 is a refusal, which is an answer too."""
    command = [sys.executable, "-m", "bot", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{arguments}: {ended.returncode}\n{ended.stderr}")
    return ended.stdout


@contextmanager
def web(archive: str) -> Iterator[str]:
    """Serve the page and yield its address."""
    command = [sys.executable, "-m", "bot", "web", "--no-llm", "--no-browser", "--port", "0", "--archive", archive]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        told = next(line for line in server.stderr if "http://" in line)
        yield told[told.index("http://") :].split()[0]
        server.terminate()
        server.stderr.read()


def fetch(url: str, sent: dict[str, Any] | None = None) -> Any:
    """Return the open answer to a request; loopback needs no proxy, whatever the environment says."""
    body = json.dumps(sent).encode() if sent is not None else None
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120)


def ask_page(url: str) -> str:
    """Ask the page's question field as Gradio's script does, and return all that came of it."""
    config = json.load(fetch(f"{url}config"))
    box = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "question")
    asked = next(one for one in config["dependencies"] if [box, "submit"] in [list(two) for two in one["targets"]])
    tab = {"session_hash": "offline", "fn_index": asked["id"], "data": [QUESTION, "{}"], "trigger_id": box}
    fetch(f"{url}gradio_api/queue/join", tab).read()
    said = ""
    with fetch(f"{url}gradio_api/queue/data?session_hash=offline") as stream:
        for line in stream:
            said += line.decode()
            if "process_completed" in said:
                return said
    return said


def session(folder: Path, *, model: str) -> dict[str, Any]:
    """Index, search, ask with and without a model, look after it, and ask the page."""
    archive = str(folder / "archive")
    told: dict[str, Any] = {"cut_off": not model and is_cut_off()}  # the probe would itself be seen by a watch
    told["index"] = json.loads(byline("index", "--samples", "--json", "--archive", archive))
    writer = ["--model", model, "--strictness", "0"] if model else ["--no-llm"]
    told["search"] = json.loads(byline("search", QUESTION, "--json", "--archive", archive))
    told["ask"] = json.loads(byline("ask", QUESTION, "--json", "--archive", archive, *writer))
    told["doctor"] = byline("doctor", "--archive", archive) if not model else ""
    with web(archive) as url:
        told["page"] = ask_page(url)
    return told


if __name__ == "__main__":
    os.environ.pop("BYLINE_NO_LLM", None)
    loopback_up()
    json.dump(session(Path(sys.argv[1]), model=sys.argv[2] if len(sys.argv) > 2 else ""), sys.stdout)
