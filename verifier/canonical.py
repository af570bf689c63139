"""Reading canonical JSON of others without trusting its shape."""

from typing import TypeVar

from primitives.canonical_json import Json, JsonObject, NotCanonicalError, parse_canonical_json

MemberT = TypeVar("MemberT")


def read_object(content: bytes) -> JsonObject:
    """Parse one canonical JSON object; its bytes are then the only ones that mean the same.

    Raises:
        NotCanonicalError: anything else, also a name that stands twice.
    """
    try:
        value = parse_canonical_json(content)
    except RecursionError as error:
        raise NotCanonicalError("this is no JSON that anybody writes") from error
    if not isinstance(value, dict):
        raise NotCanonicalError("this is not a canonical JSON object")
    return value


def member(value: Json, *path: str, of: type[MemberT]) -> MemberT:
    """Return the member at ``path``, which must be of exactly this type.

    Raises:
        NotCanonicalError: there is none, or it is of another type.
    """
    found = value_at(value, *path)
    if type(found) is not of:
        raise NotCanonicalError(f"{'.'.join(path)} is not of type {of.__name__}")
    return found


def value_at(value: Json, *path: str) -> Json:
    """Return the member at ``path``, of whatever type.

    Raises:
        NotCanonicalError: there is none.
    """
    for name in path:
        if not isinstance(value, dict) or name not in value:
            raise NotCanonicalError(f"{'.'.join(path)} is missing")
        value = value[name]
    return value
