"""The options of `byline feed` and `byline watch`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

Make = Callable[[str, str], argparse.ArgumentParser]
ACTIONS = ("add", "list", "pull", "remove")


def add_feeds(make: Make) -> None:
    """Add both commands; `make` makes the parser of one, of its name and what it does."""
    feed = make("feed", "keep a list of feeds and sitemaps, and fetch what is new of them")
    feed.add_argument("action", choices=ACTIONS, help="pull: fetch the articles behind new entries, of all or of some")
    feed.add_argument("urls", nargs="*", metavar="URL", help="the address of an RSS or Atom feed, or of a sitemap")
    feed.add_argument("--limit", type=int, metavar="N", help="pages of each feed that are fetched at most (200)")
    feed.add_argument("--json", action="store_true", help="print JSON")
    watch = make("watch", "bring folders and the archive's feeds in step, again and again")
    watch.add_argument("paths", nargs="*", type=Path, metavar="FOLDER", help="folders, besides the archive's feeds")
    watch.add_argument("--every", default="1h", metavar="TIME", help="how often, such as 30m, 1h or 1d (1h)")
    watch.add_argument("--once", action="store_true", help="take one turn and end, for cron and the like")
    watch.add_argument("--json", action="store_true", help="print JSON, a line a turn")
