"""Graphs of provenance, written straight into the tables: acts would take too long."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

from ledger.models import Entry
from registry.models import AssetVersion, DataAsset, Derivation, ExternalSource, Party
from tests.factories import NOON

Edge: TypeAlias = tuple[int, int]
"""The derived version and its source."""


def make_versions(count: int, *, assets: int = 1) -> list[int]:
    """Return the keys of new versions, in ascending order, that the assets have in turn."""
    numbers = [f"DA-{number:09d}" for number in range(1, assets + 1)]
    owners = DataAsset.objects.bulk_create(
        DataAsset(number=number, registered_at=NOON, entry=entry)
        for number, entry in zip(numbers, make_entries(assets), strict=True)
    )
    versions = AssetVersion.objects.bulk_create(
        AssetVersion(
            asset=owners[place % assets],
            number=place // assets + 1,
            sha256=f"{place:064x}",
            size_bytes=1,
            entry=entry,
        )
        for place, entry in enumerate(make_entries(count))
    )
    return [version.pk for version in versions]


def derive(edges: Iterable[Edge], *, relying_on: Mapping[Edge, str] | None = None) -> None:
    """Write the edges; where nothing else is said, they rely on no right."""
    party, rights = make_responsible(), relying_on or {}
    Derivation.objects.bulk_create(
        Derivation(
            derived_version_id=derived,
            source_version_id=source,
            basis_interest=rights.get((derived, source), ""),
            ended_at=NOON,
            responsible=party,
            is_proven=False,
        )
        for derived, source in edges
    )


def derive_from_outside(versions: Iterable[int]) -> None:
    """Give each of the versions one external source."""
    party = make_responsible()
    source = ExternalSource.objects.create(publisher=party, entry=party.entry)
    Derivation.objects.bulk_create(
        Derivation(
            derived_version_id=version,
            external_source=source,
            ended_at=NOON,
            responsible=party,
            is_proven=False,
        )
        for version in versions
    )


def chain(versions: Iterable[int]) -> list[Edge]:
    """Return the edges of a chain: each is derived from the one before."""
    return [(derived, source) for source, derived in pairwise(versions)]


def ladder(versions: list[int]) -> list[Edge]:
    """Return the edges of a ladder: rungs of two, each derived from both of the rung before."""
    rungs = list(zip(versions[::2], versions[1::2], strict=True))
    return [
        (derived, source)
        for rung, following in pairwise(rungs)
        for derived in following
        for source in rung
    ]


def make_responsible() -> Party:
    return Party.objects.first() or Party.objects.create(entry=make_entries(1)[0])


def make_entries(count: int) -> list[Entry]:
    return Entry.objects.bulk_create(
        Entry(recorded_at=NOON, content=b'{"keys":{}}', leaf_hash=bytes(32)) for _ in range(count)
    )
