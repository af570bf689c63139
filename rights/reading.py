"""Title as frozen facts, straight from the tables by fixed statements.

For what is read most: to build such a query through the ORM, and rows as objects from its answer,
takes many times what the database takes. Whatever is shown with names is read by `rights.queries`.

Entry points: `rights_in`, `remarks_in`.
"""

import json
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache

from django.db import connection

from primitives.shapes import from_json
from registry.statements import Row, fetch
from rights.kinds import RemarkKind, RightKind
from rights.remarks import BODIES, KINDS_HEEDED, RemarkFacts
from rights.scope import EVERYTHING, Scope
from rights.title import NO_TERMS, GrantTerms, InterestFacts

RIGHTS = """
    SELECT fact.id, fact.reference, fact.revision, fact.kind, fact.valid_from, fact.valid_to,
        fact.until, fact.granted_from, fact.scope, fact.terms, fact.limits,
        party.reference, share.numerator, share.denominator, {is_end_known}
    FROM rights_interest AS fact
    {known}
    JOIN rights_share AS share ON share.interest_id = fact.id
    JOIN registry_party AS party ON party.id = share.party_id
    WHERE fact.asset_id = %s AND fact.valid_from <= %s AND {end} > %s
    ORDER BY fact.id, share.id"""

REMARKS = """
    SELECT fact.reference, fact.revision, fact.kind, fact.valid_from, fact.valid_to,
        fact.until, fact.interest, fact.rank_version, fact.rank_position, fact.body, fact.words,
        party.reference, {is_end_known}
    FROM rights_remark AS fact
    {known}
    LEFT JOIN registry_party AS party ON party.id = fact.party_id
    WHERE fact.asset_id = %s AND fact.valid_from <= %s AND ({end} > %s OR fact.kind IN ({heeded}))
    ORDER BY fact.revision, fact.id"""

NOW = {"known": "", "is_end_known": "TRUE", "end": "fact.until"}
"""With everything that is committed."""
THEN = {
    "known": """
        JOIN ledger_leaf AS opened ON opened.entry_id = fact.entry_id AND opened."index" < %s
        LEFT JOIN ledger_leaf AS ended ON ended.entry_id = fact.ended_by_id""",
    "is_end_known": """COALESCE(ended."index" < %s, FALSE)""",
    "end": """CASE WHEN ended."index" < %s THEN fact.until ELSE fact.valid_to END""",
}
"""As the register was at a size: what it knew, and each end only if it knew that."""
HEEDED = ", ".join(f"'{kind}'" for kind in sorted(KINDS_HEEDED))


def rights_in(asset: int, number: str, *, at: datetime, size: int | None) -> list[InterestFacts]:
    """Return the rights in force in an asset, given its key and number, first entered first.

    ``until`` is where each ends as the register knew it with ``size`` entries.
    """
    found: dict[int, InterestFacts] = {}
    shares: dict[int, dict[str, Fraction]] = {}
    for row in _rows(RIGHTS, asset, at, size):
        key, (party, numerator, denominator) = row[0], row[11:14]
        if key not in found:
            shares[key] = {}
            found[key] = _right(row, number, shares[key])
        shares[key][party] = Fraction(numerator, denominator)
    return list(found.values())


def remarks_in(asset: int, number: str, *, at: datetime, size: int | None) -> list[RemarkFacts]:
    """Return what lies on an asset, given its key and number, and its rights, by revision.

    In force, or of a kind that is heeded when ended (`rights.remarks`); a reference may then come
    more than once, and its last revision counts.
    """
    return [_remark(row, number) for row in _rows(REMARKS, asset, at, size)]


def statement(form: str, *, with_size: bool) -> str:
    """Return `RIGHTS` or `REMARKS` for a question with or without a size of the register."""
    return form.format(**(THEN if with_size else NOW), heeded=HEEDED)


def parameters(asset: int, at: datetime, size: int | None) -> tuple[int | str | None, ...]:
    """Return what takes the places of the statement."""
    instant = connection.ops.adapt_datetimefield_value(at)
    if size is None:
        return asset, instant, instant
    return size, size, asset, instant, size, instant


def _rows(form: str, asset: int, at: datetime, size: int | None) -> list[Row]:
    return fetch(statement(form, with_size=size is not None), parameters(asset, at, size))


def _right(row: Row, asset: str, shares: dict[str, Fraction]) -> InterestFacts:
    valid_to, until = _utc(row[5]), _utc(row[6])
    return InterestFacts(
        reference=row[1],
        revision=row[2],
        asset=asset,
        kind=RightKind(row[3]),
        shares=shares,
        valid_from=_utc(row[4]),
        valid_to=valid_to,
        until=until if row[14] else valid_to,
        granted_from=row[7],
        scope=_scope(row[8]),
        terms=_terms(row[9]),
        limits=row[10],
    )


def _remark(row: Row, asset: str) -> RemarkFacts:
    valid_to, until = _utc(row[4]), _utc(row[5])
    return RemarkFacts(
        reference=row[0],
        revision=row[1],
        asset=asset,
        interest=row[6],
        party=row[11] or "",
        valid_from=_utc(row[3]),
        valid_to=valid_to,
        until=until if row[12] else valid_to,
        rank=(row[7], row[8]),
        body=from_json(BODIES[RemarkKind(row[2])], json.loads(row[9])),
        words=row[10],
    )


def _utc(instant: datetime) -> datetime:
    """Return an instant as it is meant: SQLite keeps those of UTC without saying so."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


# Few are different, and both are frozen.
@lru_cache(maxsize=1_000)
def _scope(text: str) -> Scope:
    members = json.loads(text)
    return from_json(Scope, members) if members else EVERYTHING


@lru_cache(maxsize=1_000)
def _terms(text: str) -> GrantTerms:
    members = json.loads(text)
    return from_json(GrantTerms, members) if members else NO_TERMS
