"""Make an archive of the code that is imported, as tests/test_layouts.py keeps one of every layout there was.

    PYTHONPATH=. python tests/archives/make.py tests/archives/VERSION-NAME.zip

Run it in a checkout of the commit that brings a new layout, before that layout changes again, and commit the zip. Only
what every Byline so far has is used here, so that it also runs in an old checkout.
"""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import date
from pathlib import Path

from index.archive import Archive
from index.build import build
from index.embed import WordHashEmbedder

NEWS = Path("/news")  # the same on every machine: an archive knows where its articles came from
ARTICLES = [
    {
        "id": "bridge", "title": "Harbour bridge to close", "outlet": "The Port Ledger", "author": "Ann Lee",
        "date": "2021-03-04", "url": "https://ledger.example/1",
        "text": "The harbour bridge will close for 14 months. Engineers found cracks in two of its piers.\n\n"
        "“Nobody should be surprised,” said Mayor Théa O’Brien. Calder & Sons will repair it.",
    },
    {
        "id": "ferry", "title": "Ferries to run at night", "outlet": "Daily Echo", "author": "Bo Ray",
        "date": "2021-04-10",
        "text": "Two ferries will run through the night while the bridge is shut. A ticket costs $1,250 a year.",
    },
    {
        "id": "school", "title": "School wins robot prize", "outlet": "Daily Echo",
        "text": "Pupils of Northgate School won a prize for a robot that sorts letters. It was built in six weeks.",
    },
    {
        "id": "recipe", "title": "A soup for the winter", "outlet": "Daily Echo", "date": "2021-01-02",
        "text": "Leeks, potatoes and a little patience make the soup of the week. This one was taken out again.",
    },
]  # fmt: skip


def make(folder: Path) -> None:
    """Make an archive of ARTICLES in `folder`, the last of which was removed where that can be."""
    (NEWS / "articles.jsonl").write_text("".join(json.dumps(one) + "\n" for one in ARTICLES), encoding="utf-8")
    with Archive.open(folder, create=True) as archive:
        build(archive, [NEWS], embedder=WordHashEmbedder(), max_tokens=40)
        try:
            from index.withdraw import remove
        except ImportError:
            return
        remove(archive, ["recipe"])


def keep_conversation(folder: Path) -> None:
    """Keep a question with its answer and a vote, where conversations can be kept."""
    try:
        from fake_desk import answer_of

        from bot.conversations import Conversations
        from bot.exchange import Exchange
        from bot.kept import Vote
        from bot.records import Question
    except ImportError:
        return
    question = Question("How long will the bridge be shut?", date(2021, 5, 1))
    kept = Conversations(folder)
    place = kept.keep([Exchange(1, question, answer=answer_of(question))])
    kept.vote(place.id, 1, Vote("up", "as it says"))


def main(target: Path, folder: Path) -> None:
    """Make the archive and pack it."""
    NEWS.mkdir()
    make(folder)
    keep_conversation(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.name.startswith("writing."):
                packed.write(file, file.relative_to(folder).as_posix())


if __name__ == "__main__":
    import shutil
    import tempfile

    work = Path(tempfile.mkdtemp())
    try:
        main(Path(sys.argv[1]), work / "archive")
    finally:
        shutil.rmtree(work)
        shutil.rmtree(NEWS)
