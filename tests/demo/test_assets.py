from dataclasses import asdict

import pytest

from demo.assets import Claim, DemoAsset, demo_assets
from demo.parties import APPLICANTS, PUBLISHERS, DemoParty
from demo.sources import PUBLIC_SOURCES
from filings.kinds import FilingType
from filings.profiles import profile_named
from primitives.digests import digest_bytes
from primitives.rules import broken
from registry.entries import DESCRIPTION_FIELDS
from registry.kinds import (
    ActivityKind,
    AssetKind,
    DataForm,
    DataStructure,
    Grade,
    IdentifierScheme,
    IndustrySection,
    InstrumentKind,
    PartyKind,
    PersonalInformation,
    PublicData,
    RegionScope,
    Situation,
    SourceKind,
    Stage,
    UpdateFrequency,
)
from registry.parties import PARTY_RULES, PartyFacts
from rights.initial_registration import INITIAL_RULES, ClaimFacts, InitialFacts, ShareFacts
from rights.kinds import RightKind

CODES = {
    "kind": AssetKind,
    "industry_section": IndustrySection,
    "source_kind": SourceKind,
    "situation": Situation,
    "region_scope": RegionScope,
    "update_frequency": UpdateFrequency,
    "form": DataForm,
    "structure": DataStructure,
    "grade": Grade,
    "personal_information": PersonalInformation,
    "public_data": PublicData,
}
each_asset = pytest.mark.parametrize("asset", demo_assets(), ids=lambda asset: asset.key)


def claim_facts(claim: Claim) -> ClaimFacts:
    return ClaimFacts(
        kind=RightKind(claim.kind),
        term_months=claim.term_months,
        shares=tuple(ShareFacts(party=party.key, value=value) for party, value in claim.shares),
    )


def naive_check_character(first_17: str) -> str:
    """GB 32100-2015: weights 1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = 0
    for character, weight in zip(first_17, weights, strict=True):
        total += alphabet.index(character) * weight
    remainder = 31 - total % 31
    return alphabet[0 if remainder == 31 else remainder]


@each_asset
def test_an_asset_is_described_in_the_registers_own_fields_and_codes(asset: DemoAsset) -> None:
    fields = asdict(asset.description)
    assert set(fields) == set(DESCRIPTION_FIELDS)
    for field, codes in CODES.items():
        assert fields[field] in codes.values


@each_asset
def test_texts_are_within_their_limits(asset: DemoAsset) -> None:
    description = asset.description
    assert 0 < len(description.name) <= 40
    assert 0 < len(description.summary) <= 400
    assert len(asset.remarks) <= 400
    assert all(len(claim.limits) <= 400 for claim in asset.claims)
    assert all(len(edge.basis) <= 300 for edge in asset.edges)
    assert all(
        len(value) <= 200
        for field, value in asdict(description).items()
        if field.startswith("limit_")
    )


@each_asset
def test_provenance_names_public_sources_and_earlier_assets_only(asset: DemoAsset) -> None:
    keys = [each.key for each in demo_assets()]
    earlier = keys[: keys.index(asset.key)]
    assert asset.edges
    for edge in asset.edges:
        assert (edge.public_source is None) != (edge.asset_key == "")
        assert edge.public_source in PUBLIC_SOURCES or edge.asset_key in earlier
        assert edge.activity in ActivityKind.values


@each_asset
def test_a_basis_is_proven_by_a_paper_of_the_filing_or_by_a_right_to_use(asset: DemoAsset) -> None:
    claims = {each.key: each.claims for each in demo_assets()}
    titles = {paper.title for paper in asset.papers}
    for edge in asset.edges:
        if edge.public_source:
            assert bool(edge.basis) == bool(edge.basis_paper)
            assert not edge.basis_paper or edge.basis_paper in titles
        else:
            assert any(
                claim.kind == RightKind.USE and edge.responsible in dict(claim.shares)
                for claim in claims[edge.asset_key]
            )


def test_the_notices_behind_the_calendar_are_the_one_unproven_source() -> None:
    unproven = [
        (asset.key, edge.public_source.publisher.name)
        for asset in demo_assets()
        for edge in asset.edges
        if edge.public_source and not edge.basis
    ]
    assert unproven == [("working-days", "国务院办公厅")]


@each_asset
def test_the_rules_of_initial_registration_admit_the_asset(asset: DemoAsset) -> None:
    facts = InitialFacts(
        source_kind=SourceKind(asset.description.source_kind),
        situation=Situation(asset.description.situation),
        claims=tuple(claim_facts(claim) for claim in asset.claims),
        max_term_months=60,
        contract_kinds=frozenset(RightKind(kind) for kind in asset.contract_kinds),
        participants=frozenset(each.party.key for each in asset.participants),
        consenting=frozenset(each.party.key for each in asset.participants if each.consent_paper),
        is_substantive=asset.is_substantive,
        derived_has_source=bool(asset.edges),
        grade=Grade(asset.description.grade),
        personal_information=PersonalInformation(asset.description.personal_information),
        public_data=PublicData(asset.description.public_data),
        export_allowed=asset.description.export_allowed,
        papers=frozenset(InstrumentKind(paper.kind) for paper in asset.papers),
        stages=frozenset(Stage(stage) for stage, _party in asset.responsible),
    )
    assert broken(INITIAL_RULES, facts) == ()


@each_asset
def test_at_every_stage_parties_of_the_asset_are_responsible(asset: DemoAsset) -> None:
    parties = {*asset.applicants, *(edge.responsible for edge in asset.edges)}
    parties |= {party for claim in asset.claims for party, _share in claim.shares}

    assert len(set(asset.responsible)) == len(asset.responsible)
    assert {party for _stage, party in asset.responsible} <= parties


def test_shares_sum_to_one_and_one_asset_is_held_by_a_third_and_two_thirds() -> None:
    claims = [claim for asset in demo_assets() for claim in asset.claims]
    assert all(sum(value for _, value in claim.shares) == 1 for claim in claims)
    assert any([str(value) for _, value in claim.shares] == ["1/3", "2/3"] for claim in claims)


@each_asset
def test_a_filing_has_every_paper_that_the_procedure_asks_for(asset: DemoAsset) -> None:
    required = profile_named("cn-nda-2026-35").types[FilingType.INITIAL].papers
    assert {paper.kind for paper in asset.papers} >= required
    assert len({paper.title for paper in asset.papers}) == len(asset.papers)
    titles = {paper.title for paper in asset.papers}
    assert all(each.consent_paper in titles for each in asset.participants)
    for paper in asset.papers:
        assert paper.kind in InstrumentKind.values
        assert len(paper.title) <= 200
        assert paper.file_name.endswith((".txt", ".csv"))
        assert paper.content.decode()
        assert b"\0" not in paper.content


@each_asset
def test_papers_pin_the_registered_data_and_the_code(asset: DemoAsset) -> None:
    by_title = {paper.title: paper.content for paper in asset.papers}
    assert asset.digests.sm3 in by_title["数据描述"].decode()
    assert asset.content.startswith(by_title["数据样例（前20行）"])
    assert digest_bytes(by_title["加工代码"]).sha256 == asset.edges[0].code_sha256


def test_the_longest_chain_of_computed_steps_has_four_assets() -> None:
    depth: dict[str, int] = {}
    for asset in demo_assets():
        depth[asset.key] = 1 + max(depth.get(edge.asset_key, 0) for edge in asset.edges)
    assert depth["concentration"] == 3
    assert max(depth.values()) == 4


def test_every_kind_of_asset_and_of_holder_occurs() -> None:
    assert {asset.description.kind for asset in demo_assets()} == set(AssetKind.values)
    assert {party.kind for party in APPLICANTS} == set(PartyKind.values)


@pytest.mark.parametrize("party", [*PUBLISHERS, *APPLICANTS], ids=lambda party: party.key)
def test_the_rules_for_parties_admit_the_party(party: DemoParty) -> None:
    fields = asdict(party)
    assert fields["identifier_scheme"] in IdentifierScheme.values
    facts = PartyFacts(
        kind=fields["kind"],
        name=fields["name"],
        identifier_scheme=fields["identifier_scheme"],
        identifier=fields["identifier"],
        is_already_registered=False,
        is_printable=True,
    )
    assert broken(PARTY_RULES, facts) == ()


def test_applicants_are_plainly_examples_with_well_formed_codes() -> None:
    for party in APPLICANTS:
        assert party.is_example
        assert party.name.startswith("示例")
        if party.identifier_scheme == "USCC":
            assert party.identifier.startswith("91370100MA00000")
            assert party.identifier[17] == naive_check_character(party.identifier[:17])


def test_one_name_needs_fonts_with_rare_characters() -> None:
    assert any(ord(character) > 0xFFFF for party in APPLICANTS for character in party.name)
