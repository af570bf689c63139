"""Numbers are taken for what came since the last run, and nothing that failed is passed over."""

from datetime import timedelta
from fractions import Fraction

import pytest

from certificates.documents.ordering import changes_without_certificate, order_for_change
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, Document, NumberingMark
from certificates.numbering import registrations_without_certificate
from ledger.acts import open_act
from ledger.models import Leaf
from primitives.clock import now_utc
from registry.models import Counter, DataAsset
from rights.dealing import Dealing
from rights.kinds import RightKind
from rights.recording import deal, keys_of
from rights.transfer import Transfer
from tests.factories import NOON, Office, make_party, register_asset

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def assets(office: Office) -> list[DataAsset]:
    holder = make_party(office)
    return [register_asset(office, holder, data=data) for data in (b"1", b"2")]


def marked() -> int:
    return NumberingMark.objects.get().tree_size


def test_a_run_looks_at_what_came_since_the_one_before(assets: list[DataAsset]) -> None:
    assert len(registrations_without_certificate(0)) == 2
    second = assets[1].entry.leaf.index
    assert [entry.pk for entry in registrations_without_certificate(second)] == [assets[1].entry.pk]
    assert issue_waiting(at=LATER) == 2
    # The entries of the certificates themselves are looked at by the next run.
    issue_waiting(at=LATER)
    assert marked() == Leaf.objects.count()


def test_what_got_no_number_is_tried_again_and_what_came_later_is_not_lost(
    office: Office, assets: list[DataAsset]
) -> None:
    series = Counter.objects.create(series="certificate:202611", value=9999)
    assert issue_waiting(at=LATER) == 0
    assert marked() == assets[0].entry.leaf.index
    register_asset(office, make_party(office, 2), data=b"3")
    Counter.objects.filter(pk=series.pk).update(value=0)
    assert issue_waiting(at=LATER) == 3
    assert marked() > assets[1].entry.leaf.index


def test_a_ledger_that_is_shorter_than_the_mark_is_read_anew(assets: list[DataAsset]) -> None:
    NumberingMark.objects.create(tree_size=10**6)
    assert issue_waiting(at=LATER) == 2


def test_of_an_act_on_two_assets_the_second_gets_its_certificate_after_a_crash_between(
    office: Office, assets: list[DataAsset]
) -> None:
    at = now_utc()
    issue_waiting(at=at)
    taker = make_party(office, 12)
    giver = assets[0].interests.get(kind=RightKind.OPERATE).shares.get().party
    transfers = tuple(
        Transfer(
            interest=asset.interests.get(kind=RightKind.OPERATE).reference,
            giver=giver.reference,
            takers={taker.reference: Fraction(1)},
        )
        for asset in assets
    )
    both = frozenset({giver.reference, taker.reference})
    dealing = Dealing(filing="F-EXAMPLE", items=transfers, applicants=both)
    with open_act(recorded_at=at, actor="U-1", officer="U-2", keys=keys_of(dealing)) as act:
        deal(act, dealing)
    first, second = changes_without_certificate(0)
    assert [first[1], second[1]] == assets
    order_for_change(*first, at=at)

    issue_waiting(at=at)

    documents = Document.objects.order_by("pk")
    assert [document.asset for document in documents] == assets
    assert {document.state for document in documents} == {CertificateState.ISSUED}
    assert Certificate.objects.count() == 2
