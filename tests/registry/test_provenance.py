"""Invariants P1 and P3: the graph is acyclic and pinned, and the database keeps it so."""

import pytest
from django.db import IntegrityError, transaction

from registry.models import AssetVersion, Derivation
from registry.provenance import ancestry
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    derive_from,
    make_complete_draft,
    make_party,
    register_asset,
)


def chain(office: Office, length: int) -> list[AssetVersion]:
    """Register assets of which each is derived from the one before."""
    holder = make_party(office)
    versions = [AssetVersion.objects.get(asset=register_asset(office, holder, data=b"0"))]
    for step in range(1, length):
        filing = make_complete_draft(
            office,
            holder,
            data=str(step).encode(),
            source_kind="DERIVED",
            situation="DERIVED",
            is_substantive=True,
        )
        use = Interest.objects.get(asset=versions[-1].asset, kind=RightKind.USE)
        derive_from(filing, versions[-1], holder, basis=use)
        asset = decide(office, bring_to_publicity(office, filing))
        versions.append(AssetVersion.objects.get(asset=asset))
    return versions


def test_p1_the_database_refuses_a_derivation_from_a_later_version(office: Office) -> None:
    first, second = chain(office, 2)
    edge = Derivation.objects.get()
    edge.pk = None
    edge.derived_version, edge.source_version = first, second

    with pytest.raises(IntegrityError), transaction.atomic():
        edge.save(force_insert=True)


def test_p1_the_database_refuses_a_derivation_from_itself(office: Office) -> None:
    _first, second = chain(office, 2)
    edge = Derivation.objects.get()
    edge.pk = None
    edge.source_version = second

    with pytest.raises(IntegrityError), transaction.atomic():
        edge.save(force_insert=True)


def test_p2_the_database_refuses_a_proof_without_a_basis(office: Office) -> None:
    chain(office, 2)

    with pytest.raises(IntegrityError), transaction.atomic():
        Derivation.objects.update(basis_interest="", is_proven=True)


def test_ancestry_walks_back_to_the_first_source(office: Office) -> None:
    versions = chain(office, 4)

    found = ancestry(versions[-1])

    assert [ancestor.depth for ancestor in found] == [1, 2, 3]
    assert [ancestor.derivation.source_version for ancestor in found] == versions[2::-1]


def test_p3_a_new_asset_changes_no_edge(office: Office) -> None:
    versions = chain(office, 3)
    before = list(Derivation.objects.order_by("pk").values())

    register_asset(office, make_party(office, 9), data=b"another", name="另一个示例")

    assert list(Derivation.objects.order_by("pk").values()) == before
    assert versions[0].derived.count() == 1
    assert versions[0].asset.registered_at == NOON
