"""A process of its own that evaluates a few tokens in AMX tiles: `python tiles_trial.py MODEL`, for bot/tiles.py."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from bot.engine import Engine
from bot.tiles import WRONG

_TOKENS = 64  # several tiles, and the rest of one


def main(model: str) -> int:
    """Evaluate; return 0, or WRONG where that gives no probabilities."""
    engine = Engine(Path(model), context=4 * _TOKENS, threads=None, tiles=True)
    engine.read([tuple(range(1, _TOKENS)), (1,)], None)
    return 0 if all(map(math.isfinite, map(float, engine.logits()[:_TOKENS]))) else WRONG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
