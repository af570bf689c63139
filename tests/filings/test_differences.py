"""Before and after: what a change, a correction or a renewal makes different, on every page."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from filings.differences import differences
from filings.drafting import ask, create_dealing
from filings.kinds import FilingType
from filings.models import AskedAct, Filing
from registry.descriptions import description_json
from registry.models import DataAsset, Party
from rights.change import DescriptionChange, LimitsChange
from rights.correction import RightCorrection
from rights.facts import Request
from rights.kinds import CorrectionCause, RightKind
from rights.models import Interest
from rights.renewal import Renewal
from rights.surrender import Surrender
from tests.factories import NOON, Office, make_party, register_asset, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


@pytest.fixture
def asset(office: Office, company: Party) -> DataAsset:
    return register_asset(office, company)


def right(asset: DataAsset) -> Interest:
    return Interest.objects.get(asset=asset, kind=RightKind.OPERATE)


def asked(office: Office, company: Party, filing_type: FilingType, request: Request) -> AskedAct:
    filing = create_dealing(
        filing_type,
        applicants=[company],
        organisation=office.organisation,
        by=office.wang,
        at=NOON,
    )
    return ask(filing, request, by=office.wang)


def redescribed(asset: DataAsset) -> DescriptionChange:
    return DescriptionChange(
        reference="N-DESCRIBED",
        asset=asset.number,
        after={"name": "2026年全国城市人口数据表", "structure": "SEMI", "resale_allowed": True},
    )


def test_a_change_of_the_description_shows_both_values_in_words(
    office: Office, company: Party, asset: DataAsset
) -> None:
    act = asked(office, company, FilingType.CHANGE, redescribed(asset))

    shown = {str(one.label): (one.before, one.after) for one in differences(act)}

    assert shown["data name"] == (asset.name, "2026年全国城市人口数据表")
    assert shown["resale allowed"] == ("no", "yes")
    assert len(shown) == 3
    assert description_json(asset)["structure"] not in shown["structure"]


def test_a_renewal_a_change_of_limits_and_a_correction_show_both_values(
    office: Office, company: Party, asset: DataAsset
) -> None:
    own, other = right(asset), make_party(office, 2)
    later = own.valid_to + timedelta(days=365)
    requests: list[tuple[FilingType, Request]] = [
        (
            FilingType.RENEWAL,
            Renewal(interest=own.reference, valid_to=later, filed_at=NOON),
        ),
        (FilingType.CHANGE, LimitsChange(interest=own.reference, limits="示例：仅限研究")),
        (
            FilingType.CHANGE,
            RightCorrection(
                record="N-RECORD",
                cause=CorrectionCause.REGISTRAR,
                paper="P-1",
                interest=own.reference,
                shares={company.reference: Fraction(1, 3), other.reference: Fraction(2, 3)},
            ),
        ),
    ]
    found = [differences(asked(office, company, kind, request)) for kind, request in requests]

    assert [len(each) for each in found] == [1, 1, 1]
    assert found[0][0].before < found[0][0].after
    assert (found[1][0].before, found[1][0].after) == ("", "示例：仅限研究")
    assert set(found[2][0].after.split("、")) == {f"{company} 1/3", f"{other} 2/3"}
    assert found[2][0].before == f"{company} 1"


def test_an_act_that_ends_something_has_no_after(
    office: Office, company: Party, asset: DataAsset
) -> None:
    act = asked(
        office, company, FilingType.CANCELLATION, Surrender(interest=right(asset).reference)
    )
    assert differences(act) == []


def test_both_doors_show_before_and_after(office: Office, company: Party, asset: DataAsset) -> None:
    act = asked(office, company, FilingType.CHANGE, redescribed(asset))
    filing = Filing.objects.get(pk=act.filing_id)
    inside = reverse("admin:filings_filing_case", args=[filing.pk])
    outside = reverse("web:case", args=[filing.number])
    people: list[tuple[Client, str]] = [
        (sign_in(office.wang), inside),
        (sign_in(office.alice), outside),
    ]
    for client, address in people:
        text = client.get(address).content.decode()
        assert f"<del>{asset.name}</del>" in text
        assert "<ins>2026年全国城市人口数据表</ins>" in text
