"""The register's facts as they stand in ledger entries. A published shape is never edited.

Each function turns one row, saved or about to be, into its member of a payload; the audit turns
the stored rows again and compares. Shapes: docs/entries.md.
"""

import hashlib
from collections.abc import Iterable, Iterator

from primitives.canonical_json import JsonObject, canonical_json, instant_text
from registry.kinds import InstrumentKind, PartyKind
from registry.models import (
    AssetDescription,
    AssetVersion,
    DataAsset,
    Derivation,
    Erasure,
    ExternalSource,
    Instrument,
    Party,
    PartyChange,
    Responsibility,
)

PARTY_REGISTERED = "party.registered/2"
PARTY_REGISTERED_OF_OLD = "party.registered/1"
INITIAL_REGISTRATION = "registration.initial/3"
INITIAL_REGISTRATION_UNCLASSIFIED = "registration.initial/2"
INITIAL_REGISTRATION_OF_OLD = "registration.initial/1"
PARTY_ERASED = "party.erased/1"
PARTY_CHANGED = "party.changed/1"

PARTY_REGISTRATIONS = frozenset({PARTY_REGISTERED, PARTY_REGISTERED_OF_OLD})
UNCLASSIFIED_REGISTRATIONS = frozenset(
    {INITIAL_REGISTRATION_UNCLASSIFIED, INITIAL_REGISTRATION_OF_OLD}
)
"""Those that name no grade and nobody responsible."""
INITIAL_REGISTRATIONS = UNCLASSIFIED_REGISTRATIONS | {INITIAL_REGISTRATION}
"""Every published shape of an act: the log holds the old ones for good."""

PARTY_FIELDS = (
    "name",
    "identifier",
    "address",
    "legal_representative",
    "contact",
    "business_status",
)
PERSONAL_OF_ORGANISATION = ("contact", "legal_representative")
"""What concerns a natural person in the record of an organisation."""
INSTRUMENT_FIELDS = ("title",)
IDENTITY_FIELDS = ("title", "sha256", "sm3", "size_bytes")
"""Of a paper of identity even the digests: who has a copy could recognise the person by them."""
DERIVATION_FIELDS = ("method", "basis")
DESCRIPTION_FIELDS = tuple(field.name for field in AssetDescription._meta.fields)  # noqa: SLF001 # Django's public model API
CLASSIFICATION_FIELDS = (
    "grade",
    "personal_information",
    "personal_basis",
    "public_data",
    "public_data_code",
)
"""Not in `UNCLASSIFIED_REGISTRATIONS`; the rows of their assets have nothing there."""


def party_key(reference: str) -> str:
    """Return the ledger key of a party."""
    return f"party:{reference}"


def identity_key(party: Party) -> str:
    """Return what an act locks to enter a party once: a digest, for the identifier is personal."""
    identity = f"{party.identifier_scheme}:{party.identifier}".encode()
    return f"identity:{hashlib.sha256(identity).hexdigest()}"


def data_key(sha256: str) -> str:
    """Return what an act locks to register the same data once."""
    return f"data:{sha256}"


def source_key(source: ExternalSource) -> str:
    """Return what an act locks to enter a source from outside once."""
    named = [source.publisher.reference, source.title, source.edition, source.sha256]
    return f"source:{hashlib.sha256(canonical_json(named)).hexdigest()}"


def asset_key(number: str) -> str:
    """Return the ledger key of a data asset."""
    return f"asset:{number}"


def party_json(party: Party) -> JsonObject:
    """Return a party in clear; which fields stand as commitments says `committed_of_party`."""
    return {
        "reference": party.reference,
        "kind": party.kind,
        "identifier_scheme": party.identifier_scheme,
        "is_example": party.is_example,
        **{field: getattr(party, field) for field in PARTY_FIELDS},
    }


def committed_of_party(party: Party) -> list[str]:
    """Return the pointers to what stands as commitments in a party's entry (ADR 0010)."""
    is_natural = party.kind == PartyKind.NATURAL
    return [f"/{field}" for field in (PARTY_FIELDS if is_natural else PERSONAL_OF_ORGANISATION)]


def party_change_json(
    change: PartyChange, papers: Iterable[str], new_papers: Iterable[Instrument]
) -> JsonObject:
    """Return a change of a party whose row has the new values, in clear; see `committed_of_change`.

    Args:
        change: about to be saved.
        papers: references of the papers that it rests on.
        new_papers: those that stand in no entry yet.
    """
    return {
        "party": change.party.reference,
        "number": change.number,
        "papers": sorted(papers),
        "instruments": [instrument_json(paper) for paper in new_papers],
        **{field: getattr(change.party, field) for field in change.fields},
    }


def committed_of_change(change: PartyChange, payload: JsonObject) -> list[str]:
    """Return the pointers to what stands as commitments in a change of a party (ADR 0010)."""
    committed = {f"/{field}" for field in change.fields} & set(committed_of_party(change.party))
    return [*sorted(committed), *committed_of_instruments(payload)]


def committed_of_registration(payload: JsonObject) -> list[str]:
    """Return the pointers to what stands as commitments in a registration (ADR 0010)."""
    return ["/remarks", *_committed_of_derivations(payload), *committed_of_instruments(payload)]


def _committed_of_derivations(payload: JsonObject) -> Iterator[str]:
    for position, _derivation in enumerate(_objects(payload, "derivations")):
        yield from (f"/derivations/{position}/{field}" for field in DERIVATION_FIELDS)


def committed_of_instruments(payload: JsonObject) -> Iterator[str]:
    """Yield the pointers to what stands as commitments of the papers that an entry brings."""
    for position, instrument in enumerate(_objects(payload, "instruments")):
        is_identity = instrument["kind"] == InstrumentKind.IDENTITY
        fields = IDENTITY_FIELDS if is_identity else INSTRUMENT_FIELDS
        yield from (f"/instruments/{position}/{field}" for field in fields)


def asset_json(asset: DataAsset) -> JsonObject:
    """Return a data asset: its number and the whole description of Annex 1."""
    description = {field: getattr(asset, field) for field in DESCRIPTION_FIELDS}
    for day in ("period_from", "period_to"):
        description[day] = description[day].isoformat() if description[day] else None
    return {"number": asset.number, **description}


def responsibilities_json(responsibilities: Iterable[Responsibility]) -> JsonObject:
    """Return the references of who is responsible for an asset, by stage."""
    parties: dict[str, list[str]] = {}
    for named in responsibilities:
        parties.setdefault(named.stage, []).append(named.party.reference)
    return {stage: sorted(references) for stage, references in parties.items()}


def version_json(version: AssetVersion) -> JsonObject:
    """Return the digests that pin the registered data."""
    return {
        "number": version.number,
        "sha256": version.sha256,
        "sm3": version.sm3,
        "size_bytes": version.size_bytes,
    }


def external_source_json(source: ExternalSource) -> JsonObject:
    """Return a source outside the register."""
    return {
        "reference": source.reference,
        "title": source.title,
        "publisher": source.publisher.reference,
        "locator": source.locator,
        "edition": source.edition,
        "licence": source.licence,
        "sha256": source.sha256,
    }


def derivation_json(derivation: Derivation) -> JsonObject:
    """Return one edge of provenance; its source is named as ``DA-…@1`` or by its reference."""
    version, external = derivation.source_version, derivation.external_source
    instrument = derivation.basis_instrument
    return {
        "source_version": version_name(version) if version else None,
        "external_source": external.reference if external else None,
        "activity": derivation.activity,
        "method": derivation.method,
        "code_sha256": derivation.code_sha256,
        "ended_at": instant_text(derivation.ended_at),
        "responsible": derivation.responsible.reference,
        "basis": derivation.basis,
        "basis_interest": derivation.basis_interest,
        "basis_instrument": instrument.reference if instrument else None,
        "is_proven": derivation.is_proven,
    }


def instrument_json(instrument: Instrument) -> JsonObject:
    """Return an instrument by its digests; its file name stays out of the ledger."""
    return {
        "reference": instrument.reference,
        "kind": instrument.kind,
        "title": instrument.title,
        "media_type": instrument.media_type,
        "sha256": instrument.sha256,
        "sm3": instrument.sm3,
        "size_bytes": instrument.size_bytes,
    }


def version_name(version: AssetVersion) -> str:
    """Return how the ledger names a version, e.g. ``DA-000000001@1``."""
    return f"{version.asset.number}@{version.number}"


def erasure_json(erasure: Erasure) -> JsonObject:
    """Return an erasure: which party, which fields, on which ground; never a value."""
    return {
        "party": erasure.party.reference,
        "fields": list(erasure.fields),
        "instruments": list(erasure.instruments),
        "ground": erasure.ground,
        "words": erasure.words,
    }


def _objects(payload: JsonObject, name: str) -> list[JsonObject]:
    """Return a member that lists objects, as our own functions wrote it."""
    members = payload[name]
    return (
        [dict(member) for member in members if isinstance(member, dict)]
        if isinstance(members, list)
        else []
    )
