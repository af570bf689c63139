from fractions import Fraction
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from certificates.issuance import issue_waiting
from certificates.models import Certificate
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from tests.factories import (
    Office,
    bring_to_publicity,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_draft,
    make_party,
    name_applicants,
)

NATURAL = {"kind": "NATURAL", "identifier_scheme": "RESIDENT_ID"}
ZHANG: dict[str, Any] = {**NATURAL, "name": "张三丰", "identifier": "370102199001011234"}


@pytest.fixture
def english_client() -> Client:
    """A reader who has switched to English."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def company(office: Office) -> Party:
    """The party that the enterprise user alice's organisation is."""
    return make_party(office)


@pytest.fixture
def zhang(office: Office) -> Party:
    """A natural person, of whom the public sees little."""
    return make_party(office, **ZHANG)


@pytest.fixture
def asset(office: Office, company: Party, zhang: Party) -> DataAsset:
    """Data held by a company and a person together, in force by the machine's clock."""
    filing = make_draft(office)
    name_applicants(filing, company, zhang)
    for kind in RightKind:
        claim(filing, kind, [(company, Fraction(1, 3)), (zhang, Fraction(2, 3))])
    hand_in_papers(filing)
    return decide(office, bring_to_publicity(office, filing), at=now_utc())


@pytest.fixture
def derived_asset(office: Office, company: Party, asset: DataAsset) -> DataAsset:
    """Data derived from it without a proven basis."""
    filing = make_draft(
        office,
        data=b"derived",
        source_kind="DERIVED",
        situation="DERIVED",
        name="2025年全国城市人口统计表",
    )
    name_applicants(filing, company)
    filing.is_substantive = True
    filing.save()
    derive_from(filing, asset.versions.get(), company)
    claim(filing, RightKind.HOLD, [(company, Fraction(1))])
    hand_in_papers(filing)
    return decide(office, bring_to_publicity(office, filing), at=now_utc())


@pytest.fixture
def certificate(asset: DataAsset) -> Certificate:
    issue_waiting(at=now_utc())
    return Certificate.objects.get(asset=asset)
