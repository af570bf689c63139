from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from filings.forms import ShareField
from filings.models import ClaimedShare, Filing
from filings.submission import submit
from primitives.digests import digest_bytes
from registry.kinds import Stage
from registry.models import Party
from tests.factories import NOON, Office, make_complete_draft, make_draft, make_party
from tests.office.pages import SignIn, description_data, page, rights_data, said


def claim(*holders: tuple[Party, str]) -> dict[str, Any]:
    return {"kind": "HOLD", "term_months": 36, "limits": "", "holders": list(holders)}


def test_the_digests_are_computed_from_the_data_file_and_the_file_is_not_kept(
    office: Office, sign_in: SignIn
) -> None:
    data = description_data(
        make_party(office), data_file=SimpleUploadedFile("data.csv", b"the data")
    )
    sign_in(office.wang).post(reverse("admin:filings_filing_add"), data)
    filing, digests = Filing.objects.get(), digest_bytes(b"the data")
    assert (filing.sha256, filing.sm3, filing.size_bytes) == (digests.sha256, digests.sm3, 8)
    assert not filing.papers.exists()


def test_a_draft_without_digests_and_data_file_is_not_kept(office: Office, sign_in: SignIn) -> None:
    response = sign_in(office.wang).post(
        reverse("admin:filings_filing_add"), description_data(make_party(office))
    )
    errors = response.context["adminform"].errors
    assert set(errors) == {"sha256", "sm3", "size_bytes"}
    assert not Filing.objects.exists()


def test_a_period_that_ends_before_it_begins_is_refused(office: Office, sign_in: SignIn) -> None:
    data = description_data(
        make_party(office),
        data_file=SimpleUploadedFile("data.csv", b"data"),
        period_from="2025-12-31",
        period_to="2025-01-01",
    )
    response = sign_in(office.wang).post(reverse("admin:filings_filing_add"), data)
    assert "period_to" in response.context["adminform"].errors


def test_rights_are_kept_with_exact_shares(office: Office, sign_in: SignIn) -> None:
    filing, one, two = make_draft(office), make_party(office, 1), make_party(office, 2)
    sign_in(office.wang).post(
        page("rights", filing), rights_data(claim((one, "1/3"), (two, "2/3")))
    )
    shares = {share.party: share.fraction for share in ClaimedShare.objects.all()}
    assert shares == {one: Fraction(1, 3), two: Fraction(2, 3)}


@pytest.mark.parametrize(
    ("shares", "total", "rest"), [(("1/2", "1/3"), "5/6", "1/6"), (("2/3", "1/2"), "7/6", "1/6")]
)
def test_shares_that_are_not_one_are_refused_and_the_residue_named(
    office: Office, sign_in: SignIn, shares: tuple[str, str], total: str, rest: str
) -> None:
    filing = make_draft(office)
    holders = [(make_party(office, serial), share) for serial, share in enumerate(shares, 1)]
    response = sign_in(office.wang).post(page("rights", filing), rights_data(claim(*holders)))
    text = response.content.decode()
    assert total in text
    assert rest in text
    assert not filing.claims.exists()


def test_a_holder_stands_once_in_a_right(office: Office, sign_in: SignIn) -> None:
    filing, one = make_draft(office), make_party(office)
    data = rights_data(claim((one, "1/2"), (one, "1/2")))
    response = sign_in(office.wang).post(page("rights", filing), data)
    assert response.status_code == 200
    assert not filing.claims.exists()


def test_a_kept_right_is_changed_through_its_holders_alone(office: Office, sign_in: SignIn) -> None:
    filing, one, two = make_draft(office), make_party(office, 1), make_party(office, 2)
    client = sign_in(office.wang)
    client.post(page("rights", filing), rights_data(claim((one, "1"))))
    right, share = filing.claims.get(), ClaimedShare.objects.get()
    data = rights_data(claim((one, "1/2"), (two, "1/2"))) | {
        "claims-INITIAL_FORMS": 1,
        "claims-0-id": right.pk,
        "claims-0-holders-INITIAL_FORMS": 1,
        "claims-0-holders-0-id": share.pk,
    }
    client.post(page("rights", filing), data)
    assert sorted(share.fraction for share in right.shares.all()) == [Fraction(1, 2)] * 2


def test_a_source_that_names_nothing_is_refused_in_words(office: Office, sign_in: SignIn) -> None:
    filing, one = make_draft(office), make_party(office)
    source = {
        "activity": "COLLECT",
        "method": "示例",
        "ended_at_0": "2026-11-01",
        "ended_at_1": "08:00:00",
        "responsible": one.pk,
    }
    response = sign_in(office.wang).post(
        page("rights", filing), rights_data(sources=[source | {"title": "", "sha256": ""}])
    )
    assert response.status_code == 200
    assert not filing.sources.exists()


def offered(client: Client, filing: Filing) -> list[tuple[str, object]]:
    """Return stage and party's key of each row that the page has."""
    inlines = client.get(page("rights", filing)).context["inline_admin_formsets"]
    (formset,) = (each.formset for each in inlines if each.formset.prefix == "responsibilities")
    return [(form["stage"].value(), form["party"].value()) for form in formset.forms]


def test_the_only_applicant_is_offered_as_responsible_at_every_stage(
    office: Office, sign_in: SignIn
) -> None:
    filing, applicant = make_draft(office), make_party(office)
    filing.applicants.add(applicant)
    client = sign_in(office.wang)

    rows = offered(client, filing)
    client.post(
        page("rights", filing), rights_data(responsible=[(stage, applicant) for stage in Stage])
    )

    assert rows == [(stage, applicant.pk) for stage in Stage]
    named = filing.responsibilities.values_list("stage", "party")
    assert sorted(named) == sorted((stage, applicant.pk) for stage in Stage)


def test_of_several_applicants_none_is_offered_and_rows_without_a_party_are_not_kept(
    office: Office, sign_in: SignIn
) -> None:
    filing, one, two = make_draft(office), make_party(office, 1), make_party(office, 2)
    filing.applicants.add(one, two)
    client = sign_in(office.wang)
    data = rights_data(responsible=[(stage, two) for stage in Stage])

    rows = offered(client, filing)
    client.post(page("rights", filing), data | {"responsibilities-0-party": ""})

    assert rows == [(stage, None) for stage in Stage]
    assert set(filing.responsibilities.values_list("stage", flat=True)) == set(Stage) - {"COLLECT"}
    assert offered(client, filing)[-1] == ("COLLECT", None)


def test_the_same_party_is_named_once_at_a_stage(office: Office, sign_in: SignIn) -> None:
    filing, one = make_draft(office), make_party(office)
    twice = rights_data(responsible=[(Stage.HOLD, one), (Stage.HOLD, one)])

    response = sign_in(office.wang).post(page("rights", filing), twice)

    assert response.status_code == 200
    assert not filing.responsibilities.exists()


def test_a_submitted_filing_is_no_longer_edited(office: Office, sign_in: SignIn) -> None:
    party = make_party(office)
    filing = make_complete_draft(office, party)
    submit(filing, by=office.wang, at=NOON)
    client = sign_in(office.wang)
    for name, data in (
        ("change", description_data(party, name="另一名称")),
        ("rights", rights_data()),
    ):
        response = client.post(page(name, filing), data)
        assert response.headers["Location"] == page("case", filing)
        assert said(response)
    filing.refresh_from_db()
    assert filing.name != "另一名称"
    assert filing.claims.count() == 3


def test_only_a_registrar_drafts(office: Office, sign_in: SignIn) -> None:
    filing, client = make_draft(office), sign_in(office.li)
    assert client.get(reverse("admin:filings_filing_add")).status_code == 403
    assert client.get(page("change", filing)).headers["Location"] == page("case", filing)
    assert client.get(page("papers", filing)).status_code == 403


@given(st.fractions(min_value=0, max_value=1, max_denominator=10_000).filter(bool))
def test_a_share_reads_back_as_it_is_written(share: Fraction) -> None:
    assert ShareField().clean(str(share)) == share


@pytest.mark.parametrize("text", ["", "0", "-1/2", "3/2", "1/0", "half", "1/3000000", "1e9", "nan"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ShareField().clean(text)


def test_a_share_may_be_written_as_a_percentage_or_with_full_width_signs() -> None:
    assert ShareField().clean("25％") == ShareField().clean("1／4") == Fraction(1, 4)
