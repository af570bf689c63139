from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from filings.application import content_digest
from filings.cases import CaseChangedError, CaseStateError
from filings.decision import approve
from filings.models import ClaimedResponsibility, Filing
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
    assert [named.party for named in asset.responsibilities.all()] == [holder] * 4
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


@pytest.mark.parametrize(
    "change",
    [
        lambda: Filing.objects.update(grade="IMPORTANT"),
        lambda: Filing.objects.update(public_data_code="示例编码"),
        lambda: ClaimedResponsibility.objects.filter(stage="USE").delete(),
    ],
    ids=["grade", "code", "responsibility"],
)
def test_an_approval_binds_grade_and_responsibilities(office: Office, change: Any) -> None:
    filing = bring_to_publicity(office, make_complete_draft(office, make_party(office)))
    shown = content_digest(Filing.objects.get())

    change()

    with pytest.raises(CaseChangedError):
        approve(filing, by=office.zhao, at=NOON, shown_digest=shown)


@pytest.mark.parametrize(
    "change",
    [
        {"grade": "CORE"},
        {"public_data": "ORGAN_DUTY"},
        {"public_data": "OPERATION_PRODUCT", "public_data_code": ""},
    ],
)
def test_the_database_keeps_out_what_is_not_registrable(
    office: Office, change: dict[str, str]
) -> None:
    asset = decide(
        office, bring_to_publicity(office, make_complete_draft(office, make_party(office)))
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        DataAsset.objects.filter(pk=asset.pk).update(**change)
