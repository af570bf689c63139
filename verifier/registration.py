"""What a statement must say, read from the registration's entry, member by member.

The entry names parties by reference, the statement by name: of holders only the number and the
exact shares are compared, of direct sources the activity, the basis and whether it is proven.
Farther sources stand in other entries; grade and responsibilities are not stated. Shapes:
docs/entries.md.
"""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

from primitives.canonical_json import Json, JsonObject, NotCanonicalError
from verifier.canonical import member, value_at

Members: TypeAlias = Mapping[str, Json]

# Stand under the same name in both shapes.
DESCRIPTION = (
    "number",
    "name",
    "summary",
    "kind",
    "source_kind",
    "region_scope",
    "region",
    "period_from",
    "period_to",
    "update_frequency",
    "record_count",
    "form",
    "structure",
)
DIGESTS = ("sha256", "sm3", "size_bytes")
LIMITS = ("limit_users", "limit_qualification", "limit_environment", "limit_territory")
INTEREST = ("reference", "kind", "valid_from", "valid_to", "limits")
# Not `Fraction`'s own syntax: that takes "1e999999999" too, and never comes back.
SHARE = re.compile(r"([0-9]{1,100})/([0-9]{0,99}[1-9][0-9]{0,99})")


def is_stated(pointer: str) -> bool:
    """Say whether a statement says what is committed at a JSON pointer; papers it leaves out."""
    return not pointer.startswith("/instruments/")


def differing_member(statement: JsonObject, payload: JsonObject) -> str | None:
    """Return the first member, e.g. ``rights[0].limits``, in which a statement differs.

    Args:
        statement: ``quanji.statement/1``.
        payload: that of ``registration.initial/1``, or of a later one with its commitments opened.

    Returns:
        None if the statement says what was registered.

    Raises:
        NotCanonicalError: one of the two is not of its shape.
    """
    registered, stated = _registered(payload), _stated(statement)
    for name, value in registered.items():
        if name not in stated or not is_same(stated[name], value):
            return name
    # What is stated in addition may bear any name: only ours are repeated to the reader.
    return next((name.partition(".")[0] for name in stated if name not in registered), None)


def is_same(one: Json, other: Json) -> bool:
    """Say whether two values are written alike; for Python, True equals 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other


def _registered(payload: JsonObject) -> Members:
    remarks = member(payload, "remarks", of=str)
    return {
        "filing": member(payload, "filing", of=str),
        **_named("asset", _registered_asset(payload)),
        **_each("rights", map(_registered_right, member(payload, "interests", of=list))),
        **_each("provenance", map(_registered_source, member(payload, "derivations", of=list))),
        "remarks": [remarks] if remarks else [],
    }


def _stated(statement: JsonObject) -> Members:
    sources = member(statement, "provenance", of=list)
    direct = [source for source in sources if member(source, "depth", of=int) <= 1]
    return {
        "filing": member(statement, "filing", of=str),
        **_named("asset", member(statement, "asset", of=dict)),
        **_each("rights", map(_stated_right, member(statement, "rights", of=list))),
        **_each("provenance", map(_stated_source, direct)),
        "remarks": member(statement, "remarks", of=list),
    }


def _registered_asset(payload: JsonObject) -> Members:
    asset, version = member(payload, "asset", of=dict), member(payload, "version", of=dict)
    section = member(asset, "industry_section", of=str)
    return {
        **{name: value_at(asset, name) for name in DESCRIPTION},
        "industry": section + member(asset, "industry_division", of=str),
        "limits": _limits(asset),
        "version": value_at(version, "number"),
        **{name: value_at(version, name) for name in DIGESTS},
    }


def _limits(asset: JsonObject) -> str:
    """Return the limits in words: those that were written, then resale and export."""
    written = [member(asset, name, of=str) for name in LIMITS]
    resale = "允许再次转售" if member(asset, "resale_allowed", of=bool) else "不允许再次转售"
    export = "允许数据出境" if member(asset, "export_allowed", of=bool) else "不允许数据出境"
    return "；".join([*filter(None, written), resale, export])


def _registered_right(interest: Json) -> Members:
    shares = member(interest, "shares", of=dict)
    return {
        **{name: value_at(interest, name) for name in INTEREST},
        "holders": _shares(shares.values()),
    }


def _stated_right(right: Json) -> Members:
    holders = member(right, "holders", of=list)
    return {
        **member(right, of=dict),
        "holders": _shares(value_at(holder, "share") for holder in holders),
    }


def _registered_source(derivation: Json) -> Members:
    return {
        "activity": value_at(derivation, "method"),
        "basis": value_at(derivation, "basis"),
        "is_proven": value_at(derivation, "is_proven"),
        "depth": 1,
    }


def _stated_source(source: Json) -> Members:
    return {name: value_at(source, name) for name in ("activity", "basis", "is_proven", "depth")}


def _shares(texts: Iterable[Json]) -> list[str]:
    """Return the shares of one right in ascending order: who holds which cannot be compared."""
    return [str(share) for share in sorted(_share(text) for text in texts)]


def _share(text: Json) -> Fraction:
    parts = SHARE.fullmatch(text) if isinstance(text, str) else None
    if not parts:
        raise NotCanonicalError(f"{text!r} is not a share")
    return Fraction(int(parts[1]), int(parts[2]))


def _each(name: str, items: Iterable[Members]) -> Members:
    return {
        path: value
        for position, item in enumerate(items)
        for path, value in _named(f"{name}[{position}]", item).items()
    }


def _named(name: str, members: Members) -> Members:
    return {f"{name}.{key}": value for key, value in members.items()}
