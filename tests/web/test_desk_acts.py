"""The desk and filings on registered assets: what is asked for, one's consent, and a supplement."""

from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.organisations import add_member, create_organisation
from accounts.roles import Role
from filings.drafting import ask, create_dealing
from filings.kinds import FilingType
from filings.models import Filing
from filings.review import accept, request_supplement
from filings.submission import hand_in, submit
from filings.workflow import State
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError
from rights.kinds import RightKind
from rights.models import Interest
from rights.transfer import Transfer
from tests.factories import (
    NOON,
    Office,
    bring_to_examination,
    declare_all,
    make_complete_draft,
    make_party,
    make_user,
    register_asset,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def joint(office: Office) -> Filing:
    anne, ben = make_party(office, 1), make_party(office, 2)
    asset = register_asset(office, anne)
    filing = create_dealing(FilingType.TRANSFER, applicants=[anne, ben], by=office.wang, at=NOON)
    right = Interest.objects.get(asset=asset, kind=RightKind.OPERATE)
    request = Transfer(
        interest=right.reference,
        giver=anne.reference,
        takers={ben.reference: Fraction(1, 3)},
    )
    ask(filing, request, by=office.wang)
    for kind in ("IDENTITY", "CONTRACT", "CERTIFICATE"):
        upload = SimpleUploadedFile(f"{kind}.txt", kind.encode())
        hand_in(filing, upload, kind=kind, title=f"示例 {kind}", by=office.wang, at=NOON)
    return submit(declare_all(filing, by=office.wang), by=office.wang, at=NOON)


def case(filing: Filing) -> str:
    return reverse("web:case", args=[filing.number])


def test_an_applicant_reads_what_is_asked_for_and_consents(office: Office, joint: Filing) -> None:
    client = sign_in(office.alice)
    shown = client.get(case(joint)).content.decode()
    assert "1/3" in shown
    assert reverse("web:consent", args=[joint.number]) in shown

    answer = client.post(reverse("web:consent", args=[joint.number]))

    assert answer.headers["Location"] == case(joint)
    assert joint.given_consents.get().given_by == office.alice
    again = client.post(reverse("web:consent", args=[joint.number]))
    assert again.status_code == 409
    assert joint.given_consents.count() == 1
    assert accept_refusal(office, joint) == ["FIL-22"]


def accept_refusal(office: Office, filing: Filing) -> list[str]:
    with pytest.raises(RulesBrokenError) as refusal:
        accept(filing, by=office.wang, at=NOON)
    return [rule.number for rule in refusal.value.rules]


def test_a_joint_application_does_not_exist_for_others(office: Office, joint: Filing) -> None:
    client = sign_in(office.charlie)
    assert client.get(case(joint)).status_code == 404
    assert client.post(reverse("web:consent", args=[joint.number])).status_code == 404
    late = make_user("erik", Role.ENTERPRISE)
    account = create_organisation(name="示例旁人有限公司", uscc=make_party(office, 7).identifier)
    add_member(account, late)
    assert sign_in(late).get(case(joint)).status_code == 404


def test_a_supplement_is_answered_at_the_desk(office: Office) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    request_supplement(filing, by=office.li, at=now_utc(), note="示例：请补充合同")
    client: Client = sign_in(office.alice)
    upload = SimpleUploadedFile("more.txt", b"more")
    handed = client.post(
        reverse("web:add-paper", args=[filing.number]),
        {"kind": "CONTRACT", "title": "示例合同", "file": upload},
    )
    assert handed.headers["Location"] == case(filing)

    answered = client.post(reverse("web:resubmit", args=[filing.number]))

    assert answered.headers["Location"] == case(filing)
    assert Filing.objects.get().state == State.ACCEPTED
    assert client.post(reverse("web:resubmit", args=[filing.number])).status_code == 409
