"""The office's pages of disclosure and erasure: who sees what, and what each button does."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from certificates.queries import log_verifier_key
from ledger.models import Entry
from registry.kinds import IdentifierScheme, PartyKind
from registry.models import Disclosure, Erasure, Party
from tests.factories import Office, make_party
from tests.office.pages import SignIn, said
from verifier.disclosure import verify_disclosure


@pytest.fixture
def party(office: Office) -> Party:
    return make_party(
        office,
        kind=PartyKind.NATURAL,
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        identifier="EXAMPLE-7731",
        name="示例甲",
    )


def disclosed(office: Office, sign_in: SignIn, party: Party, **changes: Any) -> Any:
    data = {"members": ["/name"], "recipient": "示例银行", "purpose": "贷前核验", **changes}
    address = reverse("admin:ledger_entry_disclose", args=[party.entry_id])
    return sign_in(office.wang).post(address, data)


def requested(office: Office, sign_in: SignIn, party: Party) -> Erasure:
    address = reverse("admin:registry_erasure_request", args=[party.pk])
    sign_in(office.wang).post(address, {"ground": "CONSENT_WITHDRAWN", "words": ""})
    return Erasure.objects.get()


def test_a_registrar_downloads_a_disclosure(office: Office, sign_in: SignIn, party: Party) -> None:
    response = disclosed(office, sign_in, party)

    text = response.content.decode()
    verdict = verify_disclosure(text, log_key=log_verifier_key())
    assert verdict.disclosed == {"/name": "示例甲"}
    assert response["Content-Disposition"].startswith("attachment")
    assert Disclosure.objects.get().disclosed_by == office.wang


def test_a_disclosure_without_its_purpose_is_asked_for_it(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    wrong: list[dict[str, Any]] = [{"purpose": ""}, {"members": []}, {"members": ["/nothing"]}]
    for changes in wrong:
        response = disclosed(office, sign_in, party, **changes)
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
    assert not Disclosure.objects.exists()


def test_an_examiner_discloses_nothing(office: Office, sign_in: SignIn, party: Party) -> None:
    address = reverse("admin:ledger_entry_disclose", args=[party.entry_id])

    assert sign_in(office.li).get(address).status_code == 403


def test_the_record_of_disclosures_is_only_read(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    disclosed(office, sign_in, party)
    row = Disclosure.objects.get()
    client = sign_in(office.wang)

    assert (
        "示例银行" in client.get(reverse("admin:registry_disclosure_changelist")).content.decode()
    )
    address = reverse("admin:registry_disclosure_change", args=[row.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"recipient": "x"}).status_code == 403
    delete = reverse("admin:registry_disclosure_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_a_registrar_requests_and_an_approver_erases(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    erasure = requested(office, sign_in, party)
    address = reverse("admin:registry_erasure_change", args=[erasure.pk])
    assert "示例甲" in sign_in(office.zhao).get(address).content.decode()

    response = sign_in(office.zhao).post(address, {"approve": "1"})

    assert response.status_code == 302
    assert Entry.objects.filter(kind="party.erased/1").count() == 1
    erased = Party.objects.get()
    assert erased.is_erased
    for page in (
        address,
        reverse("admin:registry_party_change", args=[party.pk]),
        reverse("admin:registry_party_changelist"),
        reverse("admin:registry_erasure_changelist"),
        reverse("admin:ledger_entry_disclose", args=[party.entry_id]),
    ):
        shown = sign_in(office.wang).get(page).content.decode()
        assert "示例甲" not in shown
        assert "EXAMPLE-7731" not in shown
        assert "删除" in shown


def test_a_registrar_cannot_confirm_an_erasure(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    erasure = requested(office, sign_in, party)
    address = reverse("admin:registry_erasure_change", args=[erasure.pk])
    client = sign_in(office.wang)

    assert 'name="approve"' not in client.get(address).content.decode()
    assert said(client.post(address, {"approve": "1"}))
    assert not Party.objects.get().is_erased


def test_an_approver_refuses_and_nothing_is_erased(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    erasure = requested(office, sign_in, party)
    client = sign_in(office.zhao)

    client.post(reverse("admin:registry_erasure_change", args=[erasure.pk]), {"refuse": "1"})

    erasure.refresh_from_db()
    assert not erasure.is_open
    assert not Party.objects.get().is_erased


def test_a_request_against_a_rule_is_refused_with_its_number(
    office: Office, sign_in: SignIn, party: Party
) -> None:
    address = reverse("admin:registry_erasure_request", args=[party.pk])
    data = {"ground": "BY_LAW", "words": "依示例甲申请"}

    response = sign_in(office.wang).post(address, data)

    assert "ERA-5" in response.content.decode()
    assert not Erasure.objects.exists()


def test_the_admins_own_log_copies_no_name(office: Office, sign_in: SignIn) -> None:
    data = {"kind": "NATURAL", "identifier_scheme": "RESIDENT_ID", "name": "示例乙"}
    sign_in(office.wang).post(
        reverse("admin:registry_party_add"), {**data, "identifier": "EXAMPLE-2"}
    )

    assert Party.objects.filter(name="示例乙").exists()
    assert not LogEntry.objects.exists()
