"""What a certificate says, as data: drawn on the page, embedded in the file, hashed in the ledger.

Pure. Instants are aware UTC; shares are exact rationals written "1/3". Entry point: `Statement`,
its published JSON shape is ``quanji.statement/1`` (docs/entries.md) and is never edited: a change
is ``/2`` beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from primitives.canonical_json import JsonObject, canonical_json, instant_text

SCHEMA = "quanji.statement/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """Who issues: the institution's name in both languages and its code in the number."""

    name_zh: str
    name_en: str
    code: str
    is_example: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One party's exact share of one right."""

    name: str
    identifier_scheme: str
    identifier: str
    share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRight:
    """One registered interest: HOLD, USE or OPERATE; the term is half-open, [from, to)."""

    reference: str
    kind: str
    valid_from: datetime
    valid_to: datetime
    limits: str
    holders: Sequence[Holder]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSource:
    """One provenance edge: what came from where, by what activity, on what legal basis."""

    title: str
    publisher: str
    activity: str
    responsible: str
    basis: str
    is_proven: bool
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAsset:
    """The data asset as described in NDA35 Annex 1; coded values as their code names."""

    number: str
    name: str
    summary: str
    kind: str
    industry: str
    source_kind: str
    region_scope: str
    region: str
    period_from: date | None
    period_to: date | None
    update_frequency: str
    record_count: int | None
    size_bytes: int
    form: str
    structure: str
    limits: str
    version: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPosition:
    """Where the registration stands in the ledger and which tree the statement speaks for."""

    entry_index: int
    leaf_hash: str
    deposited_at: datetime
    tree_size: int
    root_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A snapshot of the register as of an instant and a tree size; evidence, never the right."""

    number: str
    check_code: str
    verify_url: str
    registrar: Registrar
    issued_at: datetime
    filing: str
    asset: StatedAsset
    rights: Sequence[StatedRight]
    provenance: Sequence[StatedSource]
    remarks: Sequence[str]
    ledger: LedgerPosition

    def to_json(self) -> JsonObject:
        """Return the published shape ``quanji.statement/1``."""
        return {
            "schema": SCHEMA,
            "kind": "registration",
            "number": self.number,
            "check_code": self.check_code,
            "verify_url": self.verify_url,
            "registrar": {
                "name": {"zh": self.registrar.name_zh, "en": self.registrar.name_en},
                "code": self.registrar.code,
                "is_example": self.registrar.is_example,
            },
            "issued_at": instant_text(self.issued_at),
            "filing": self.filing,
            "asset": _asset_json(self.asset),
            "rights": [_right_json(right) for right in self.rights],
            "provenance": [_source_json(source) for source in self.provenance],
            "remarks": list(self.remarks),
            "ledger": {
                "entry_index": self.ledger.entry_index,
                "leaf_hash": self.ledger.leaf_hash,
                "deposited_at": instant_text(self.ledger.deposited_at),
                "tree_size": self.ledger.tree_size,
                "root_hash": self.ledger.root_hash,
            },
        }

    def to_bytes(self) -> bytes:
        """Return the canonical bytes: what is embedded in the file and digested in the ledger."""
        return canonical_json(self.to_json())


def _asset_json(asset: StatedAsset) -> JsonObject:
    return {
        "number": asset.number,
        "name": asset.name,
        "summary": asset.summary,
        "kind": asset.kind,
        "industry": asset.industry,
        "source_kind": asset.source_kind,
        "region_scope": asset.region_scope,
        "region": asset.region,
        "period_from": asset.period_from.isoformat() if asset.period_from else None,
        "period_to": asset.period_to.isoformat() if asset.period_to else None,
        "update_frequency": asset.update_frequency,
        "record_count": asset.record_count,
        "size_bytes": asset.size_bytes,
        "form": asset.form,
        "structure": asset.structure,
        "limits": asset.limits,
        "version": asset.version,
        "sha256": asset.sha256,
        "sm3": asset.sm3,
    }


def _right_json(right: StatedRight) -> JsonObject:
    return {
        "reference": right.reference,
        "kind": right.kind,
        "valid_from": instant_text(right.valid_from),
        "valid_to": instant_text(right.valid_to),
        "limits": right.limits,
        "holders": [
            {
                "name": holder.name,
                "identifier_scheme": holder.identifier_scheme,
                "identifier": holder.identifier,
                "share": f"{holder.share.numerator}/{holder.share.denominator}",
            }
            for holder in right.holders
        ],
    }


def _source_json(source: StatedSource) -> JsonObject:
    return {
        "title": source.title,
        "publisher": source.publisher,
        "activity": source.activity,
        "responsible": source.responsible,
        "basis": source.basis,
        "is_proven": source.is_proven,
        "depth": source.depth,
    }
