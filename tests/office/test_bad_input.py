"""No input makes the office fail: what cannot be meant is refused, and nothing is kept."""

import re
import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.roles import Role
from filings.forms import ShareField
from filings.models import Filing
from tests.factories import Office, make_draft, make_party, make_user
from tests.office.pages import SignIn, description_data, page, rights_data, said

NINES = "9" * 30
NO_KEYS = ["x", "-1", "0", "1.5", "9" * 19, NINES, "9" * 4400]
NO_CASES = ["9" * 18, "9" * 20, "9" * 4400]


def source(**changes: Any) -> dict[str, Any]:
    """Return the fields of a new source."""
    return {
        "activity": "COLLECT",
        "method": "示例",
        "ended_at_0": "2026-11-01",
        "ended_at_1": "00:00:00",
        "title": "示例",
        "sha256": "0" * 64,
        **changes,
    }


@pytest.mark.parametrize("key", NO_CASES)
@pytest.mark.parametrize(
    "route", ["change", "case", "rights", "papers", "checks", "papers/{}", "step/submit", "history"]
)
def test_a_number_that_no_case_can_have_is_no_page(
    office: Office, sign_in: SignIn, key: str, route: str
) -> None:
    response = sign_in(office.wang).get(
        f"/office/filings/filing/{key}/{route.format(key)}/", follow=True
    )

    assert response.status_code in {200, 404}
    assert response.status_code == 404 or response.redirect_chain


@pytest.mark.parametrize("key", NO_CASES)
@pytest.mark.parametrize("route", ["", "take-back/"])
def test_a_number_that_no_paper_can_have_is_no_page(
    office: Office, sign_in: SignIn, key: str, route: str
) -> None:
    filing = make_draft(office)
    response = sign_in(office.wang).get(f"{page('papers', filing)}{key}/{route}", follow=True)

    assert response.status_code == 404


@pytest.mark.parametrize("key", NO_KEYS)
@pytest.mark.parametrize("field", ["applicants", "organisation"])
def test_what_is_no_key_is_refused_as_a_choice(
    office: Office, sign_in: SignIn, field: str, key: str
) -> None:
    data = description_data(make_party(office)) | {field: key}
    response = sign_in(office.wang).post(reverse("admin:filings_filing_add"), data)

    assert field in response.context["adminform"].errors
    assert not Filing.objects.exists()


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused_as_a_holder(office: Office, sign_in: SignIn, key: str) -> None:
    filing, party = make_draft(office), make_party(office)
    data = rights_data(
        {"kind": "HOLD", "term_months": 36, "limits": "", "holders": [(party, "1")]}
    ) | {"claims-0-holders-0-party": key}
    response = sign_in(office.wang).post(page("rights", filing), data)

    assert response.status_code == 200
    assert not filing.claims.exists()


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused_in_a_source(office: Office, sign_in: SignIn, key: str) -> None:
    filing = make_draft(office)
    names = ("source_version", "external_source", "publisher", "responsible", "basis_interest")
    data = rights_data(sources=[source(responsible=key) | dict.fromkeys(names, key)])
    response = sign_in(office.wang).post(page("rights", filing), data)

    assert response.status_code == 200
    assert not filing.sources.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "1899-12-31"])
def test_a_source_from_before_1900_is_refused(office: Office, sign_in: SignIn, day: str) -> None:
    filing = make_draft(office)
    client = sign_in(office.wang)
    client.post("/office/language/", {"language": "en"})
    data = rights_data(sources=[source(responsible=make_party(office).pk) | {"ended_at_0": day}])
    response = client.post(page("rights", filing), data)

    assert "The year is 1900 or later." in response.content.decode()
    assert not filing.sources.exists()


@pytest.mark.parametrize(
    "text", ["1e6000000", "1e-6000000", "1" * 33, "1_0/2_0", "1/3%", "+1", "%"]
)
def test_a_share_in_no_plain_form_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ValidationError):
        ShareField().clean(text)

    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "prefix", ["claims", "sources", "participants", "responsibilities", "claims-0-holders"]
)
def test_a_form_that_announces_more_rows_than_fit_is_refused(
    office: Office, sign_in: SignIn, prefix: str
) -> None:
    filing, party = make_draft(office), make_party(office)
    data = rights_data(
        {"kind": "HOLD", "term_months": 36, "limits": "", "holders": [(party, "1")]}
    ) | {f"{prefix}-TOTAL_FORMS": "1000000000"}
    response = sign_in(office.wang).post(page("rights", filing), data)

    assert response.status_code == 200
    assert not filing.claims.exists()


def test_a_new_api_key_is_in_no_cookie(office: Office, sign_in: SignIn) -> None:
    administrator = sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR))
    response = administrator.post(
        reverse("admin:accounts_apikey_add"), {"label": "bank", "owner": office.alice.pk}
    )
    secret = re.search(r"qj_[\w-]+", said(response), re.ASCII)

    assert secret is not None
    assert "messages" not in response.cookies
    assert secret[0] not in response.cookies.output()
    assert secret[0] in administrator.get("/office/").content.decode()
    assert secret[0] not in administrator.get("/office/").content.decode()
