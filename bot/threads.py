"""How many threads write: every core while that is faster, one fewer where a neighbour keeps a core busy.

A token's weights are read from memory once whatever the number of threads, so two cores write only 1.35 times as fast
as one (Qwen2.5 1.5B: 27 tokens a second against 20), and wait for each other at a thousand places a token: with one
busy neighbour process two threads write 13.8 tokens a second and one writes 19.6. What a token takes tells which it is.
The text is the same with either: each row of a product is one thread's.
"""

from __future__ import annotations

from collections import deque

_RECENT = 4  # steps that judge a choice, by the fastest of them: a single slow one says nothing
_TRIED = 2  # steps of a choice before it is judged the first time
_TRY_AGAIN = 24  # steps with fewer threads, after which all are tried: 4 % of the time with a busy neighbour


class ThreadChoice:
    """The number of threads for the next step, learnt from what the last ones took."""

    def __init__(self, many: int, few: int) -> None:
        self._many, self._few = many, few
        self._times: dict[int, deque[float]] = {threads: deque(maxlen=_RECENT) for threads in {many, few}}
        self._since_many = 0
        self.now = many

    def took(self, seconds: float) -> None:
        """Learn that the step with `now` threads took so long, and choose for the next one."""
        self._times[self.now].append(seconds)
        self._since_many = 0 if self.now == self._many else self._since_many + 1
        self.now = self._choose()

    def _choose(self) -> int:
        for threads in (self._many, self._few):
            if len(self._times[threads]) < _TRIED:
                return threads
        if min(self._times[self._many]) <= min(self._times[self._few]):
            return self._many
        if self._since_many >= _TRY_AGAIN:
            self._times[self._many].clear()  # of another time; what a neighbour did then it may do no more
            return self._many
        return self._few
