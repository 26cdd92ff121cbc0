"""Frozen records to plain JSON values and back, by their fields' types: what is kept today is read by later versions.

Reads what an earlier or a later version wrote: a field that is not known is passed over, one that is not there has its
default. What cannot be the record is NotThatRecord. Knows no record of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class NotThatRecord(ValueError):
    """A JSON value is not what a record's type asks for; the message says where."""


def dump(value: object) -> Any:
    """Return `value` as what JSON knows: objects for records, lists for tuples, ISO text for dates."""
    match value:
        case None | bool() | str():
            return value
        case date():
            return value.isoformat()
        case tuple():
            return [dump(item) for item in value]
        case Integral():
            return int(value)
        case Real():  # numpy's too; JSON has no word for infinity
            return float(value) if math.isfinite(value) else str(float(value))
    if not is_dataclass(value):
        raise TypeError(f"a {type(value).__name__} has no place in a record that is kept")
    return {field.name: dump(getattr(value, field.name)) for field in fields(value)}


def load(kind: type[T], data: object) -> T:
    """Return the record, or other value, of type `kind` that `dump` made into `data`; else raise NotThatRecord."""
    return _load(kind, data, kind.__name__)  # type: ignore[no-any-return]


def _load(kind: Any, data: object, where: str) -> Any:
    if is_dataclass(kind):
        return _record(kind, data, where)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), data, where)
    if origin is tuple:
        return _tuple(get_args(kind), data, where)
    if origin is Literal:
        return _checked(data, data in get_args(kind) and isinstance(data, str), where)
    return _plain(kind, data, where)


def _record(kind: Any, data: object, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise NotThatRecord(f"{where} is not an object")
    hints = _hints(kind)
    given = {}
    for field in fields(kind):
        if field.name in data:
            given[field.name] = _load(hints[field.name], data[field.name], f"{where}.{field.name}")
        elif not _has_default(field):
            raise NotThatRecord(f"{where}.{field.name} is missing")
    return kind(**given)


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _one_of(kinds: tuple[Any, ...], data: object, where: str) -> Any:
    for kind in kinds:
        try:
            return _load(kind, data, where)
        except NotThatRecord as error:
            wrong = error
    raise wrong


def _tuple(kinds: tuple[Any, ...], data: object, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise NotThatRecord(f"{where} is not a list")
    each = (kinds[0],) * len(data) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(data):
        raise NotThatRecord(f"{where} has {len(data)} items, not {len(each)}")
    return tuple(_load(kind, item, f"{where}[{at}]") for at, (kind, item) in enumerate(zip(each, data, strict=True)))


def _plain(kind: Any, data: object, where: str) -> Any:
    if kind in (date, datetime):
        return _moment(kind, data, where)
    if kind is float:
        return _float(data, where)
    if kind is int:
        return _checked(data, isinstance(data, int) and not isinstance(data, bool), where)
    if kind in (str, bool, NoneType):
        return _checked(data, isinstance(data, kind), where)
    raise TypeError(f"{where}: a field of type {kind} cannot be kept")


def _moment(kind: Any, data: object, where: str) -> Any:
    try:
        return kind.fromisoformat(_checked(data, isinstance(data, str), where))
    except ValueError as error:
        raise NotThatRecord(f"{where} is not a date") from error


def _float(data: object, where: str) -> float:
    if isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    return float(_checked(data, data in ("inf", "-inf", "nan"), where))  # type: ignore[arg-type]


def _checked(data: object, is_right: bool, where: str) -> object:
    if not is_right:
        raise NotThatRecord(f"{where} is a {type(data).__name__} that it cannot be")
    return data
