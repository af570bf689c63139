"""The office sees an objection whole, and concludes it from its page."""

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role, assign_roles
from filings.models import Filing, Objection
from filings.objections import Objector, receive_objection
from filings.review import pass_examination, publicise
from filings.workflow import State
from primitives.clock import CHINA
from tests.factories import Office, bring_to_examination, make_complete_draft, make_party, make_user
from tests.office.pages import SignIn

BEGUN = datetime(2026, 11, 25, 13, tzinfo=CHINA)
OVER = datetime(2026, 12, 3, tzinfo=CHINA)
DISMISSED = {
    "propose": "1",
    "propose-outcome": "DISMISSED",
    "propose-conclusion": "示例：不成立",
}
DIGEST = re.compile(r'name="confirm-shown_digest" value="([0-9a-f]{64})"')


@pytest.fixture
def public(office: Office) -> Filing:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=BEGUN)
    return publicise(filing, by=office.li, at=BEGUN)


def object_at(filing: Filing, at: datetime) -> Objection:
    return receive_objection(
        filing,
        SimpleUploadedFile("evidence.txt", "示例证据".encode()),
        objector=Objector(name="示例甲公司", contact="示例联系方式"),
        ground="示例：<b>来源有争议</b>",
        at=at,
    )[0]


def page(objection: Objection) -> str:
    return reverse("admin:filings_objection_change", args=[objection.pk])


def test_one_officer_proposes_a_conclusion_and_a_second_confirms_what_the_page_showed(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, BEGUN)
    client = sign_in(office.li)

    listed = client.get(reverse("admin:filings_objection_changelist")).content.decode()
    shown = client.get(page(objection)).content.decode()
    evidence = client.get(reverse("admin:filings_objection_evidence", args=[objection.pk]))
    assert objection.number in listed
    for text in ("示例甲公司", "示例联系方式", "&lt;b&gt;来源有争议", "2026-12-09"):
        assert text in shown
    assert evidence.content.decode() == "示例证据"
    assert "sandbox" in evidence["Content-Security-Policy"]

    assert client.post(page(objection), DISMISSED).status_code == 302
    objection.refresh_from_db()
    assert not objection.outcome

    zhao = sign_in(office.zhao)
    confirmation = zhao.get(page(objection)).content.decode()
    assert "示例：不成立" in confirmation
    found = DIGEST.search(confirmation)
    assert found
    stale = zhao.post(page(objection), {"confirm": "1", "confirm-shown_digest": "0" * 64})
    assert stale.status_code == 200
    given = {"confirm": "1", "confirm-shown_digest": found[1]}
    assert zhao.post(page(objection), given).status_code == 302
    objection.refresh_from_db()
    public.refresh_from_db()
    assert (objection.outcome, objection.concluded_by) == ("DISMISSED", office.zhao)
    assert public.state == State.PUBLICISED


def test_the_page_of_a_case_leads_to_its_objections(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, BEGUN)
    case = reverse("admin:filings_filing_case", args=[public.pk])
    assert page(objection) in sign_in(office.li).get(case).content.decode()


def test_findings_and_proceedings_are_entered_on_the_page_with_their_papers(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, BEGUN)
    client = sign_in(office.li)
    found = {"inquire": "1", "inquire-words": "示例：询问申请人"}
    paper = SimpleUploadedFile("record.txt", "示例笔录".encode())
    assert client.post(page(objection), found | {"inquire-paper": paper}).status_code == 302
    begun = {
        "begin": "1",
        "begin-forum": "COURT",
        "begin-body": "示例人民法院",
        "begin-number": "（2026）示例1号",
        "begin-begun_on": "2026-11-20",
    }
    late = client.post(page(objection), begun | {"begin-begun_on": "2999-01-01"})
    assert late.status_code == 200
    assert client.post(page(objection), begun).status_code == 302
    (proceeding,) = objection.proceedings.all()
    ended = {
        "settle": "1",
        "settle-proceeding": proceeding.pk,
        "settle-result": "REJECTED",
        "settle-document": "（2026）示例判1号",
        "settle-effective_on": "2026-11-25",
        "settle-paper": SimpleUploadedFile("judgment.txt", "示例判决".encode()),
    }
    assert client.post(page(objection), ended).status_code == 302

    shown = client.get(page(objection)).content.decode()
    for text in ("示例：询问申请人", "示例人民法院", "（2026）示例判1号"):
        assert text in shown
    for name, content in (("record.txt", "示例笔录"), ("judgment.txt", "示例判决")):
        link = re.search(rf'href="([^"]+/papers/[^"]+)">{name}<', shown)
        assert link
        assert client.get(link[1]).content.decode() == content
    other = object_at(public, BEGUN)
    link = re.search(rf'href="[^"]+/papers/([^"]+)/">{name}<', shown)
    assert link
    elsewhere = reverse("admin:filings_objection_paper", args=[other.pk, link[1]])
    assert client.get(elsewhere).status_code == 404


def test_who_is_no_examiner_or_writes_nothing_concludes_nothing(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, BEGUN)
    for officer, given in (
        (office.wang, DISMISSED),
        (office.zhao, DISMISSED),
        (office.li, DISMISSED | {"propose-conclusion": " "}),
        (office.li, DISMISSED | {"propose-outcome": "示例"}),
    ):
        response = sign_in(officer).post(page(objection), given)
        assert response.status_code == 200

    objection.refresh_from_db()
    assert not objection.outcome
    assert not objection.proposals.exists()


def test_of_a_later_objection_a_registrar_keeps_that_the_registrant_was_notified(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, OVER)
    client = sign_in(office.wang)
    assert 'name="notify"' in client.get(page(objection)).content.decode()

    assert client.post(page(objection), {"notify": "1"}).status_code == 302
    objection.refresh_from_db()
    assert objection.notified_at is not None
    assert 'name="notify"' not in client.get(page(objection)).content.decode()


def test_v1_only_those_who_work_on_cases_see_who_objects(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    objection = object_at(public, BEGUN)
    client = sign_in(make_user("admin", Role.SYSTEM_ADMINISTRATOR))

    for name in ("change", "evidence"):
        address = reverse(f"admin:filings_objection_{name}", args=[objection.pk])
        assert client.get(address).status_code == 403
    assert client.get(reverse("admin:filings_objection_changelist")).status_code == 403


def test_the_start_page_lists_to_each_officer_the_objections_that_wait_for_them(
    office: Office, sign_in: SignIn, public: Filing
) -> None:
    in_publicity, later = object_at(public, BEGUN), object_at(public, OVER)

    def listed(officer: User) -> list[Objection]:
        start = sign_in(officer).get(reverse("admin:index")).content.decode()
        return [each for each in (in_publicity, later) if page(each) in start]

    assert listed(office.wang) == [later]
    assert listed(office.li) == [in_publicity, later]
    assert listed(office.zhao) == []
    sign_in(office.li).post(page(in_publicity), DISMISSED)
    assert listed(office.li) == [later]
    assert listed(office.zhao) == [in_publicity]
    assign_roles(office.li, [Role.EXAMINER, Role.APPROVER])
    assert listed(office.li) == [later]
