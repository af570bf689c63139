from datetime import timedelta

import pytest

from filings.cases import CaseChangedError, CaseStateError
from filings.decision import approve
from filings.models import Filing
from filings.workflow import State
from ledger.models import Checkpoint, Entry, Leaf, Pending
from registry.models import AssetVersion, DataAsset
from rights.models import Interest
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
)


def test_an_approved_case_stands_in_the_register_and_the_ledger(office: Office) -> None:
    holder = make_party(office)
    filing = bring_to_publicity(office, make_complete_draft(office, holder))

    asset = decide(office, filing)

    filing.refresh_from_db()
    assert filing.state == State.REGISTERED
    assert filing.asset == asset
    assert asset.entry.kind == "registration.initial/3"
    assert Interest.objects.filter(asset=asset).count() == 3
    assert Leaf.objects.count() == Entry.objects.count() == 2
    assert not Pending.objects.exists()
    assert Checkpoint.objects.latest("tree_head").tree_head.size == 2


def test_a_second_approval_is_refused_and_says_who_decided(office: Office) -> None:
    holder = make_party(office)
    filing = bring_to_publicity(office, make_complete_draft(office, holder))
    decide(office, filing)

    # Noon in Shanghai, not four o'clock.
    with pytest.raises(CaseStateError, match=r"zhao .* at 2026-11-25 12:00\."):
        decide(office, filing)

    assert DataAsset.objects.count() == 1


def test_an_approval_binds_what_was_shown(office: Office) -> None:
    holder = make_party(office)
    filing = bring_to_publicity(office, make_complete_draft(office, holder))

    with pytest.raises(CaseChangedError):
        approve(filing, by=office.zhao, at=NOON + timedelta(hours=1), shown_digest="0" * 64)

    assert not AssetVersion.objects.exists()
    assert Filing.objects.get().state == State.PUBLICISED
