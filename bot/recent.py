"""A bounded memory: what was used last stays, so that whoever makes up keys without end displaces only their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

MOST = 1000

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by their keys, at most `most` of them; the one that was not used for longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> Value | None:
        """Return what is kept under `key`, None for nothing."""
        with self._lock:
            return self._used(key) if key in self._values else None

    def get_or_make(self, key: str, make: Callable[[], Value]) -> Value:
        """Return what is kept under `key`, made now where there is nothing."""
        with self._lock:
            return self._used(key) if key in self._values else self._keep(key, make())

    def put(self, key: str, value: Value) -> Value:
        """Keep `value` under `key` and return it."""
        with self._lock:
            return self._keep(key, value)

    def drop(self, key: str) -> Value | None:
        """Forget what is kept under `key` and return it, None for nothing."""
        with self._lock:
            return self._values.pop(key, None)

    def _used(self, key: str) -> Value:
        self._values.move_to_end(key)
        return self._values[key]

    def _keep(self, key: str, value: Value) -> Value:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return value
