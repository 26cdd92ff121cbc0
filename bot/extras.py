"""Packages that only some need: whether one is here, and how it is got."""

from __future__ import annotations

from importlib.util import find_spec

from index.errors import UsageError


def is_here(package: str) -> bool:
    """Return whether a package is installed, without loading it."""
    return find_spec(package) is not None


def require(package: str, extra: str, what: str) -> None:
    """Raise UsageError where a package that `what` needs is not installed."""
    if not is_here(package):
        raise UsageError(
            f"{what} needs the package {package}, which is not installed.", f"pip install 'byline[{extra}]'"
        )
