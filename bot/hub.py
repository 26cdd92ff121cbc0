"""Download files of one commit of a Hugging Face hub repository. The only importer of huggingface_hub.

Run as a program of its own, `python bot/hub.py REPOSITORY REVISION FOLDER NAME…`, and it imports nothing of ours:
Byline's process forbids the hub for every dependency (HF_HUB_OFFLINE, read once at import), and this is the one place
that may reach it. What it has done goes to stdout, one word a line; why it failed is the last line of stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path

ANSWER_SECONDS = 3.0
SILENCE_SECONDS = 30.0  # between two pieces of a download
CHUNK = 1 << 20


def main(arguments: list[str]) -> None:
    """Say `loaded`, then `reached` once the hub has answered, then `done` when every file lies in the folder."""
    repository, revision, folder, *names = arguments
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    _say("loaded")
    for name in names:
        url = hf_hub_url(repository, name, revision=revision)
        # Asked once: hf_hub_download would retry an unreachable hub for a minute.
        size = get_hf_file_metadata(url, timeout=ANSWER_SECONDS).size
        if name == names[0]:
            _say("reached")
        _download(url, Path(folder) / name, size)
    _say("done")


def _download(url: str, path: Path, size: int | None) -> None:
    """Bring the file, going on where it was left.

    hf_hub_download does not: since 2.x it throws away what it has when its process ends.
    """
    from huggingface_hub import get_session, get_token

    path.parent.mkdir(parents=True, exist_ok=True)
    have = path.stat().st_size if path.exists() else 0
    if size is not None and have == size:
        return
    if size is not None and have > size:
        have = 0
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={have}-"}
    if token := get_token():  # the user's own, for models behind a licence that must be accepted
        headers["Authorization"] = f"Bearer {token}"
    with get_session().stream("GET", url, headers=headers, timeout=SILENCE_SECONDS, follow_redirects=True) as response:
        response.raise_for_status()
        whole = response.status_code == 200  # the server took no notice of the range
        # Unbuffered, so that a process that is killed has lost nothing.
        with path.open("wb" if whole or not have else "ab", buffering=0) as out:
            for chunk in response.iter_bytes(CHUNK):
                out.write(chunk)


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
