"""Frozen dataclasses as canonical JSON and back: the form in which facts stand in entries.

`to_json` writes, `from_json` reads what it wrote. Shares are written "1/3", instants as
`instant_text`, sets as sorted lists, choices as their values; a member that is absent has its
default, so that a shape may gain members and old entries still read.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

from primitives.canonical_json import Json, JsonObject, instant_from_text, instant_text

T = TypeVar("T")


class ShapeError(ValueError):
    """A JSON value is not of the shape that was asked for."""


def to_json(value: object) -> Json:
    """Return the JSON of a value made of dataclasses, shares, instants, sets and plain values.

    Raises:
        ShapeError: some value has no form here, e.g. a float.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value) and not isinstance(value, type):
        return object_json(value)
    raise ShapeError(f"{value!r} has no form in an entry")


_WRITERS: tuple[tuple[type, Callable[[Any], Json]], ...] = (
    (Fraction, lambda share: f"{share.numerator}/{share.denominator}"),
    (datetime, instant_text),
    (date, date.isoformat),
    (Mapping, lambda members: {str(name): to_json(members[name]) for name in sorted(members)}),
    (frozenset, lambda members: [to_json(member) for member in sorted(members)]),
    (tuple, lambda members: [to_json(member) for member in members]),
)


def object_json(value: object) -> JsonObject:
    """Return the JSON object of one dataclass."""
    return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type] # any dataclass


def from_json(shape: type[T], value: object) -> T:
    """Return the value of type ``shape`` that `to_json` wrote as ``value``.

    Raises:
        ShapeError: it is not of that shape.
    """
    try:
        read: T = _read(shape, value)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ShapeError(f"{value!r} is not a {getattr(shape, '__name__', shape)}") from error
    return read


def _read(shape: Any, value: Any) -> Any:  # noqa: ANN401 # it walks type annotations
    origin, arguments = typing.get_origin(shape), typing.get_args(shape)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _read(inner, value)
    if origin is frozenset:
        return frozenset(_read(arguments[0], member) for member in _list(value))
    if origin is tuple:
        return tuple(_read(arguments[0], member) for member in _list(value))
    if origin is not None and issubclass(origin, Mapping):
        return {name: _read(arguments[1], member) for name, member in _object(value).items()}
    return _read_plain(shape, value)


def _read_plain(shape: Any, value: Any) -> Any:  # noqa: ANN401 # as above
    if is_dataclass(shape):
        return _read_object(shape, _object(value))
    if issubclass(shape, Enum):
        return shape(value)
    if shape is Fraction:
        numerator, _, denominator = value.partition("/")
        return Fraction(int(numerator), int(denominator))
    if shape is datetime:
        return instant_from_text(value)
    if shape is date:
        return date.fromisoformat(value)
    if shape is not object and type(value) is not shape:
        raise ShapeError(f"{value!r} is not {shape.__name__}")
    return value


def _read_object(shape: Any, value: Mapping[str, Any]) -> Any:  # noqa: ANN401 # as above
    hints = _hints(shape)
    if unknown := value.keys() - hints.keys():
        raise ShapeError(f"{shape.__name__} has no {sorted(unknown)}")
    members = {
        field.name: _read(hints[field.name], value[field.name])
        for field in fields(shape)
        if field.name in value or field.default is field.default_factory is MISSING
    }
    return shape(**members)


@cache
def _hints(shape: Any) -> dict[str, Any]:  # noqa: ANN401 # as above
    return typing.get_type_hints(shape)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ShapeError(f"{value!r} is not a list")
    return value


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ShapeError(f"{value!r} is not an object")
    return value
