"""The office's pages of a certificate's status: who sees what, and what each button does."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateEvent, StatusProposal
from certificates.queries import read_certificate
from primitives.clock import now_utc
from tests.certificates.test_status_acts import changed
from tests.factories import Office, make_party, register_asset
from tests.office.pages import SignIn, said

pytestmark = pytest.mark.django_db(transaction=True)

SUSPENSION = {"kind": "SUSPENDED", "ground": "OBJECTION", "words": "示例：异议审查中"}


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    return Certificate.objects.get()


def asked(office: Office, sign_in: SignIn, certificate: Certificate, **changes: Any) -> Any:
    address = reverse("admin:certificates_statusproposal_propose", args=[certificate.number])
    return sign_in(office.wang).post(address, {**SUSPENSION, **changes})


def proposed(office: Office, sign_in: SignIn, certificate: Certificate) -> str:
    asked(office, sign_in, certificate)
    proposal = StatusProposal.objects.get()
    return reverse("admin:certificates_statusproposal_change", args=[proposal.pk])


def test_a_registrar_proposes_an_approver_confirms_and_every_page_says_so(
    office: Office, sign_in: SignIn, client: Client, certificate: Certificate
) -> None:
    page = reverse("admin:certificates_certificate_change", args=[certificate.pk])
    assert "statusproposal/propose" in sign_in(office.wang).get(page).content.decode()
    assert "statusproposal/propose" not in sign_in(office.zhao).get(page).content.decode()
    address = proposed(office, sign_in, certificate)
    assert address in sign_in(office.zhao).get(page).content.decode()
    assert 'name="confirm"' not in sign_in(office.wang).get(address).content.decode()

    response = sign_in(office.zhao).post(address, {"confirm": "1"})

    assert response.status_code == 302
    assert CertificateEvent.objects.get().kind == "SUSPENDED"
    record = f"/v/{certificate.number}?c={certificate.check_code}"
    english = Client(headers={"accept-language": "en"})
    english.cookies["django_language"] = "en"
    shown = english.get(record).content.decode()
    assert "Correct when issued on" in shown
    assert "suspended (Objection to what it states: 示例：异议审查中)" in shown
    verdict = english.post("/verify/file/", {"file": _upload(certificate)}).content.decode()
    assert "Genuine, suspended" in verdict
    assert "Since then:" in verdict
    for officer in (office.wang, office.li, office.zhao):
        for shown_page in (page, address, reverse("admin:certificates_statusproposal_changelist")):
            assert sign_in(officer).get(shown_page).status_code == 200


def test_a_certificate_after_a_change_is_suspended_on_its_own_page(
    office: Office, sign_in: SignIn, certificate: Certificate, client: Client
) -> None:
    later = changed(office, certificate, at=now_utc())
    page = reverse("admin:certificates_document_change", args=[later.pk])
    address = reverse("admin:certificates_statusproposal_propose", args=[later.number])
    assert address in sign_in(office.wang).get(page).content.decode()
    sign_in(office.wang).post(address, SUSPENSION)
    decision = reverse(
        "admin:certificates_statusproposal_change", args=[StatusProposal.objects.get().pk]
    )
    assert page in sign_in(office.zhao).get(decision).content.decode()
    assert decision in sign_in(office.zhao).get(page).content.decode()
    sign_in(office.zhao).post(decision, {"confirm": "1"})

    assert CertificateEvent.objects.get(document=later).kind == "SUSPENDED"
    assert (
        later.number
        in sign_in(office.li)
        .get(reverse("admin:certificates_statusproposal_changelist"))
        .content.decode()
    )
    english = Client(headers={"accept-language": "en"})
    english.cookies["django_language"] = "en"
    shown = english.get(f"/v/{later.number}?c={later.check_code}").content.decode()
    assert "suspended (Objection to what it states: 示例：异议审查中)" in shown
    question = {"number": later.number, "code": later.check_code}
    answer = client.post("/api/v1/verify/number", question, content_type="application/json")
    assert answer.json()["verdict"] == "invalid"
    assert answer.json()["document"]["status"] == "SUSPENDED"


def test_a_registrar_cannot_confirm_and_an_approver_refuses(
    office: Office, sign_in: SignIn, certificate: Certificate
) -> None:
    address = proposed(office, sign_in, certificate)

    assert said(sign_in(office.wang).post(address, {"confirm": "1"}))
    sign_in(office.zhao).post(address, {"refuse": "1"})

    assert not StatusProposal.objects.get().is_open
    assert not CertificateEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ground": "UNTRUE"}, "CER-8"),
        ({"effective_at": "2020-01-01T00:00"}, "CER-5"),
        ({"effective_at": "0001-01-01T00:00"}, "CER-5"),
        ({"effective_at": "9999-12-31T23:59"}, "CER-6"),
        ({"effective_at": "yesterday"}, "errorlist"),
        ({"kind": "RESTORED"}, "errorlist"),
        ({"kind": "SUPERSEDED", "ground": "NEW_CERTIFICATE"}, "CER-7"),
        ({"successor": "x"}, "errorlist"),
        ({"words": "长" * 301}, "errorlist"),
    ],
)
def test_what_cannot_be_proposed_is_said_in_words(
    office: Office,
    sign_in: SignIn,
    certificate: Certificate,
    changes: dict[str, str],
    word: str,
) -> None:
    response = asked(office, sign_in, certificate, **changes)

    assert response.status_code == 200
    assert word in response.content.decode()
    assert not StatusProposal.objects.exists()


def _upload(certificate: Certificate) -> Any:
    return SimpleUploadedFile("certificate.pdf", read_certificate(certificate))
