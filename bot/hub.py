"""Download files of one commit of a Hugging Face hub repository. The only importer of huggingface_hub.

Run as a program of its own, `python bot/hub.py REPOSITORY REVISION FOLDER NAME…`, and it imports nothing of ours:
Byline's process forbids the hub for every dependency (HF_HUB_OFFLINE, read once at import), and this is the one place
that may reach it. What it has done goes to stdout, one word a line; why it failed is the last line of stderr.
"""

from __future__ import annotations

import sys

ANSWER_SECONDS = 4.0


def main(arguments: list[str]) -> None:
    """Say `loaded`, then `reached` once the hub has answered, then `done` when every file lies in the folder."""
    repository, revision, folder, *names = arguments
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    _say("loaded")
    # hf_hub_download would retry an unreachable hub for a minute; this asks once.
    get_hf_file_metadata(hf_hub_url(repository, names[0], revision=revision), timeout=ANSWER_SECONDS)
    _say("reached")
    for name in names:
        hf_hub_download(repository, name, revision=revision, local_dir=folder)
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
