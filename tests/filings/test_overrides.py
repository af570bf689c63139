"""Overrides (W8): a rule is set aside by two persons on a ground, and the entry says so."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.roles import Role, assign_roles
from filings.application import content_digest
from filings.cases import CaseChangedError, CaseStateError, NoteMissingError
from filings.checklist import OF_ACTS
from filings.decision import approve
from filings.kinds import FilingType
from filings.models import Filing, ProposedOverride
from filings.review import (
    Finding,
    accept,
    pass_examination,
    propose_override,
    record_checks,
    take_override_back,
)
from filings.submission import submit
from filings.workflow import State
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.models import DataAsset, Party
from rights.grant import Grant
from rights.kinds import RemarkKind, RightKind
from rights.models import Remark
from tests.factories import Office, make_party, register_asset, sign_in
from tests.filings.test_dealings import LATER, draft, register, right, transfer

pytestmark = pytest.mark.django_db(transaction=True)

DECIDED = LATER + timedelta(hours=1)
GROUND = "示例：另一共有人下落不明，已公告"


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    """Data of which Anne and Ben hold the right to operate by halves."""
    anne, ben, _ = parties
    asset = register_asset(office, anne)
    half = transfer(asset, anne, ben, Fraction(1, 2))
    register(office, draft(office, FilingType.TRANSFER, half, applicants=[anne, ben]))
    return asset


@pytest.fixture
def case(office: Office, parties: list[Party], asset: DataAsset) -> Filing:
    """Anne alone licenses the right to Carl, and the examiner looks at it."""
    anne, _, carl = parties
    licence = Grant(
        reference=new_reference("I"),
        parent=right(asset).reference,
        kind=RightKind.USE,
        grantees={carl.reference: Fraction(1)},
        valid_from=DECIDED,
        valid_to=DECIDED + timedelta(days=30),
    )
    filing = draft(office, FilingType.REMARK, licence, applicants=[anne, carl])
    submit(filing, by=office.wang, at=LATER)
    accepted = accept(filing, by=office.wang, at=LATER)
    met = {item: Finding(is_met=True) for item in OF_ACTS}
    record_checks(accepted, met, by=office.li, at=LATER)
    return accepted


def refused(office: Office, case: Filing) -> list[str]:
    with pytest.raises(RulesBrokenError) as refusal:
        pass_examination(case, by=office.li, at=LATER)
    return [rule.number for rule in refusal.value.rules]


def test_w8_an_override_is_proposed_by_one_decided_by_another_and_entered_with_its_ground(
    office: Office, case: Filing, asset: DataAsset
) -> None:
    assert refused(office, case) == ["GRT-8"]
    propose_override(case, "GRT-8", by=office.li, at=LATER, ground=GROUND)
    examined = pass_examination(case, by=office.li, at=LATER)
    assert examined.state == State.CLEARED

    shown = content_digest(Filing.objects.get(pk=case.pk))
    registered = approve(examined, by=office.zhao, at=DECIDED, shown_digest=shown)
    assert registered.entry is not None
    [override] = json.loads(bytes(registered.entry.content))["payload"]["overrides"]
    assert (override["rule"], override["approved_by"]) == ("GRT-8", office.li.reference)
    assert GROUND not in bytes(registered.entry.content).decode()
    noted = Remark.objects.get(asset=asset, kind=RemarkKind.OVERRIDE)
    assert (noted.body["rule"], noted.words) == ("GRT-8", GROUND)


def test_w8_who_proposed_an_override_does_not_decide(office: Office, case: Filing) -> None:
    propose_override(case, "GRT-8", by=office.li, at=LATER, ground=GROUND)
    examined = pass_examination(case, by=office.li, at=LATER)
    assign_roles(office.li, [Role.EXAMINER, Role.APPROVER])
    with pytest.raises(RulesBrokenError) as refusal:
        approve(examined, by=office.li, at=DECIDED, shown_digest=content_digest(case))
    assert {"FIL-4", "TIT-5"} <= {rule.number for rule in refusal.value.rules}


def test_an_override_needs_a_ground_an_examiner_and_a_rule_that_stands_and_may_be_set_aside(
    office: Office, case: Filing
) -> None:
    with pytest.raises(NoteMissingError):
        propose_override(case, "GRT-8", by=office.li, at=LATER, ground=" ")
    with pytest.raises(PermissionDenied):
        propose_override(case, "GRT-8", by=office.wang, at=LATER, ground=GROUND)
    for rule in ("GRT-2", "TIT-1", "DEA-3", "nothing"):
        with pytest.raises(CaseStateError):
            propose_override(case, rule, by=office.li, at=LATER, ground=GROUND)
    assert not ProposedOverride.objects.exists()


def test_a_proposal_is_taken_back_and_the_rule_stands_again(office: Office, case: Filing) -> None:
    propose_override(case, "GRT-8", by=office.li, at=LATER, ground=GROUND)
    with pytest.raises(CaseStateError):
        propose_override(case, "GRT-8", by=office.li, at=LATER, ground=GROUND)
    take_override_back(case, "GRT-8", by=office.li)
    assert refused(office, case) == ["GRT-8"]


def test_an_approval_is_bound_to_the_grounds_that_were_shown(office: Office, case: Filing) -> None:
    propose_override(case, "GRT-8", by=office.li, at=LATER, ground=GROUND)
    examined = pass_examination(case, by=office.li, at=LATER)
    shown = content_digest(Filing.objects.get(pk=case.pk))
    ProposedOverride.objects.update(ground="示例：另一理由")
    with pytest.raises(CaseChangedError):
        approve(examined, by=office.zhao, at=DECIDED, shown_digest=shown)


def test_an_override_is_proposed_on_the_case_page_and_shown_to_whoever_decides(
    office: Office, case: Filing
) -> None:
    examiner, approver = sign_in(office.li), sign_in(office.zhao)
    page = reverse("admin:filings_filing_case", args=[case.pk])
    address = reverse("admin:filings_filing_override", args=[case.pk, "GRT-8"])
    assert address in examiner.get(page).content.decode()
    assert address not in approver.get(page).content.decode()
    examiner.post(address, {"ground": GROUND})
    assert ProposedOverride.objects.get().ground == GROUND
    pass_examination(case, by=office.li, at=LATER)
    step = reverse("admin:filings_filing_step", args=[case.pk, "REGISTER"])
    shown = approver.get(step).content.decode()
    assert GROUND in shown
    assert "GRT-8" in shown
    back = reverse("admin:filings_filing_override_back", args=[case.pk, "GRT-8"])
    assert back not in shown
    approver.post(back)
    assert ProposedOverride.objects.exists()
