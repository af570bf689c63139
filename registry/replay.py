"""The register as a fold of the ledger, and as its tables have it; the two must be equal.

A register is a mapping from table name and key to the fact in its published shape. `apply` folds
one entry into it; `stored_facts` reads the same facts from the rows. Pure but for the reading.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ledger.entries import EntryMalformedError, parse_entry
from primitives.canonical_json import instant_text
from registry import entries
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    ExternalSource,
    Instrument,
    Opening,
    Party,
)
from tlog.commitments import check_opening
from tlog.errors import TlogError

Key: TypeAlias = tuple[str, str]
Facts: TypeAlias = dict[Key, dict[str, Any]]

DRAFTED = frozenset({"registry_instrument"})
"""Tables that also hold rows of undecided cases, which no entry knows yet."""


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the register's facts; kinds of other rooms are left alone."""
    payload = entry["payload"]
    if entry["kind"] == entries.PARTY_REGISTERED:
        facts["registry_party", payload["reference"]] = dict(payload)
    elif entry["kind"] == entries.INITIAL_REGISTRATION:
        number = payload["asset"]["number"]
        version_name = f"{number}@{payload['version']['number']}"
        facts["registry_dataasset", number] = {
            **payload["asset"],
            "registered_at": entry["recorded_at"],
        }
        facts["registry_assetversion", version_name] = {"asset": number, **payload["version"]}
        for source in payload["external_sources"]:
            facts["registry_externalsource", source["reference"]] = source
        for derivation in payload["derivations"]:
            source = derivation["source_version"] or derivation["external_source"]
            facts["registry_derivation", f"{version_name}←{source}"] = derivation
        for instrument in payload["instruments"]:
            facts["registry_instrument", instrument["reference"]] = instrument


def stored_facts() -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """Yield (key, primary key, fact) for every row of the register's tables."""
    for party in Party.objects.select_related("entry").order_by("pk").iterator():
        yield ("registry_party", party.reference), str(party.pk), _party_fact(party)
    for asset in DataAsset.objects.order_by("pk").iterator():
        fact = {
            **entries.asset_json(asset),
            "registered_at": instant_text(asset.registered_at),
        }
        yield ("registry_dataasset", asset.number), str(asset.pk), fact
    for version in AssetVersion.objects.select_related("asset").order_by("pk").iterator():
        fact = {"asset": version.asset.number, **entries.version_json(version)}
        yield ("registry_assetversion", entries.version_name(version)), str(version.pk), fact
    for source in ExternalSource.objects.select_related("publisher").order_by("pk").iterator():
        fact = dict(entries.external_source_json(source))
        yield ("registry_externalsource", source.reference), str(source.pk), fact
    yield from _derivation_facts()
    for instrument in Instrument.objects.order_by("pk").iterator():
        fact = dict(entries.instrument_json(instrument))
        yield ("registry_instrument", instrument.reference), str(instrument.pk), fact


def _derivation_facts() -> Iterator[tuple[Key, str, dict[str, Any]]]:
    derivations = Derivation.objects.select_related(
        "derived_version__asset",
        "source_version__asset",
        "external_source",
        "responsible",
        "basis_instrument",
    )
    for derivation in derivations.order_by("pk").iterator():
        fact = dict(entries.derivation_json(derivation))
        source = fact["source_version"] or fact["external_source"]
        name = f"{entries.version_name(derivation.derived_version)}←{source}"
        yield ("registry_derivation", name), str(derivation.pk), fact


def _party_fact(party: Party) -> dict[str, Any]:
    """Return a party as its entry has it: committed fields as commitments that the row opens."""
    fact = dict(entries.party_json(party))
    try:
        committed = parse_entry(bytes(party.entry.content))["payload"]["commitments"]
    except (EntryMalformedError, KeyError):
        # Not this party's entry, or no longer its bytes: nothing in it vouches for the row.
        committed = {}
    openings = dict(Opening.objects.filter(entry=party.entry).values_list("path", "disclosure"))
    fact["commitments"] = {
        path: commitment
        for path, commitment in committed.items()
        if _opens(commitment, openings.get(path, ""), (path, fact.pop(path[1:])))
    }
    return fact


def _opens(commitment: str, disclosure: str, expected: tuple[str, Any]) -> bool:
    try:
        return check_opening(commitment, disclosure) == expected
    except TlogError:
        return False
