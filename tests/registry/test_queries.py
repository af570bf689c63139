"""The public search: what it finds, and whom it does not."""

from fractions import Fraction

import pytest

from registry.kinds import IdentifierScheme, PartyKind
from registry.models import DataAsset
from registry.queries import search_assets
from rights.kinds import RightKind
from tests.factories import (
    Office,
    bring_to_publicity,
    claim,
    decide,
    hand_in_papers,
    make_draft,
    make_party,
    name_applicants,
)


@pytest.fixture
def shared(office: Office) -> DataAsset:
    """An asset that an organisation and a natural person hold together."""
    person = make_party(
        office,
        2,
        kind=PartyKind.NATURAL,
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        name="示例甲",
    )
    organisation = make_party(office, 1, name="示例合作公司")
    filing = make_draft(office)
    name_applicants(filing, organisation, person)
    half = Fraction(1, 2)
    claim(filing, RightKind.HOLD, [(organisation, half), (person, half)])
    hand_in_papers(filing)
    return decide(office, bring_to_publicity(office, filing))


@pytest.mark.parametrize("text", ["城市", "合作公司", "DA-000000001", "da-000000001", ""])
def test_an_asset_is_found_by_what_is_public(shared: DataAsset, text: str) -> None:
    assert list(search_assets(text)) == [shared]


@pytest.mark.parametrize("text", ["示例甲", "没有这样的数据", "%", "_"])
def test_a_natural_persons_name_finds_nothing(shared: DataAsset, text: str) -> None:
    assert not search_assets(text).exists()
