"""From what is typed on an act's form to its entry: acts whose forms have parts of their own."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localtime

from filings.act_forms import act_form
from filings.drafting import ask, create_dealing
from filings.kinds import FilingType
from filings.models import Filing
from registry.models import DataAsset, Party
from rights.kinds import RemarkKind, RevenueRole, RightKind
from rights.models import Interest, Remark
from rights.queries import interests_of
from tests.factories import NOON, Office, declare_all, make_party, register_asset
from tests.filings.test_dealings import LATER, paper, register

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("APPLICATION_FORM", "CERTIFICATE", "CONTRACT", "IDENTITY", "OTHER")


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0])


def begun(office: Office, filing_type: FilingType, applicants: list[Party]) -> Filing:
    filing = create_dealing(filing_type, applicants=applicants, by=office.wang, at=NOON)
    declare_all(filing, by=office.wang)
    for kind in KINDS:
        paper(filing, kind, by=office.wang)
    return filing


def contract_of(filing: Filing) -> str:
    reference: str = filing.papers.get(instrument__kind="CONTRACT").instrument.reference
    return reference


def typed(office: Office, filing: Filing, act: str, asset: DataAsset, **sent: Any) -> Filing:
    """Ask for an act by its form, and carry the filing to the entry."""
    form = act_form(act, filing, asset, at=NOON)(
        {name.replace("__", "-"): value for name, value in sent.items()}
    )
    assert form.is_valid(), form.errors
    ask(filing, form.request(), by=office.wang)
    return register(office, filing)


def right(asset: DataAsset, kind: RightKind = RightKind.OPERATE) -> Interest:
    return next(interest for interest in interests_of(asset, at=LATER) if interest.kind == kind)


def remark(asset: DataAsset, kind: RemarkKind) -> Remark:
    return Remark.objects.filter(asset=asset, kind=kind, ended_by=None).latest("pk")


def test_revenue_terms_are_typed_row_by_row(
    office: Office, asset: DataAsset, parties: list[Party]
) -> None:
    anne, ben, _ = parties
    filing = begun(office, FilingType.REMARK, [anne, ben])
    typed(
        office,
        filing,
        "record_revenue_terms",
        asset,
        interest=right(asset).reference,
        paper=contract_of(filing),
        rules__0__role=RevenueRole.PROCESSOR,
        rules__0__party=anne.reference,
        rules__0__rate="1/3",
        rules__2__role=RevenueRole.PUBLIC_FUND,
        rules__2__per_use_fen="0.05",
        rules__2__per_year_fen="1200",
    )
    assert remark(asset, RemarkKind.REVENUE_TERMS).body["rules"] == [
        {
            "role": "PROCESSOR",
            "party": anne.reference,
            "rate": "1/3",
            "per_use_fen": 0,
            "per_year_fen": 0,
        },
        {
            "role": "PUBLIC_FUND",
            "party": "",
            "rate": "0/1",
            "per_use_fen": 5,
            "per_year_fen": 120_000,
        },
    ]


def test_an_authorisation_is_given_and_withdrawn_and_the_rights_for_it_are_marked(
    office: Office, asset: DataAsset, parties: list[Party]
) -> None:
    anne, ben, _ = parties
    given = begun(office, FilingType.REMARK, [anne])
    typed(
        office,
        given,
        "authorise",
        asset,
        scenario="credit-scoring",
        group="borrowers",
        valid_from=f"{localtime(NOON):%Y-%m-%dT%H:%M}",
        valid_to=f"{localtime(NOON + timedelta(days=365)):%Y-%m-%dT%H:%M}",
        paper=contract_of(given),
    )
    licence = begun(office, FilingType.REMARK, [anne, ben])
    typed(
        office,
        licence,
        "grant",
        asset,
        parent=right(asset).reference,
        kind=RightKind.USE,
        grantees__0__party=ben.reference,
        grantees__0__share="1",
        valid_from=f"{localtime(LATER):%Y-%m-%dT%H:%M}",
        valid_to=f"{localtime(LATER + timedelta(days=30)):%Y-%m-%dT%H:%M}",
        terms__scenario="credit-scoring",
    )
    taken = begun(office, FilingType.REMARK, [anne])
    typed(
        office,
        taken,
        "withdraw_authorisation",
        asset,
        authorisation=remark(asset, RemarkKind.AUTHORISATION).reference,
        paper=contract_of(taken),
    )
    granted = Interest.objects.get(asset=asset, granted_from=right(asset).reference)
    assert remark(asset, RemarkKind.BASIS_WITHDRAWN).interest == granted.reference
    assert not Remark.objects.filter(
        asset=asset, kind=RemarkKind.AUTHORISATION, ended_by=None
    ).exists()


def test_a_right_is_corrected_in_its_scope_only_if_that_is_ticked(
    office: Office, asset: DataAsset, parties: list[Party]
) -> None:
    anne = parties[0]
    filing = begun(office, FilingType.CHANGE, [anne])
    sent = {
        "cause": "REGISTRAR",
        "paper": contract_of(filing),
        "interest": right(asset).reference,
        "scope-territories": "CN-37",
    }
    kind = act_form("correct_right", filing, asset, at=NOON)
    unticked: Any = kind(sent | {"limits": "示例限制"})
    assert unticked.is_valid(), unticked.errors
    assert unticked.request().scope is None
    sent["scope-is_given"] = "on"
    typed(
        office, filing, "correct_right", asset, **{k.replace("-", "__"): v for k, v in sent.items()}
    )
    assert right(asset).scope["territories"] == ["CN-37"]


def test_a_pledge_is_corrected_in_its_amount(
    office: Office, asset: DataAsset, parties: list[Party]
) -> None:
    anne, bank, _ = parties
    pledged = begun(office, FilingType.REMARK, [anne, bank])
    amounts = {
        "pledge__currency": "CNY",
        "pledge__burdens__0__party": anne.reference,
        "pledge__burdens__0__share": "1",
    }
    typed(
        office,
        pledged,
        "pledge",
        asset,
        interest=right(asset).reference,
        pledgee=bank.reference,
        pledge__secured_fen="2000.00",
        words="示例：借款合同",
        valid_to=f"{localtime(NOON + timedelta(days=300)):%Y-%m-%dT%H:%M}",
        **amounts,
    )
    filing = begun(office, FilingType.CHANGE, [anne, bank])
    body = {name.replace("pledge__", "body__PLEDGE__"): value for name, value in amounts.items()}
    typed(
        office,
        filing,
        "correct_remark",
        asset,
        cause="REGISTRAR",
        paper=contract_of(filing),
        remark=remark(asset, RemarkKind.PLEDGE).reference,
        interest=right(asset).reference,
        body__PLEDGE__is_given="on",
        body__PLEDGE__secured_fen="1999.99",
        **body,
    )
    corrected = remark(asset, RemarkKind.PLEDGE)
    assert (corrected.revision, corrected.body["secured_fen"]) == (2, 199_999)
    assert corrected.body["burdens"] == {anne.reference: "1/1"}
