"""Grants: each GRT rule, and exclusivity within the sub-tree of the right that gave it."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.grant import Grant
from rights.kinds import ClearanceRoute, RightKind
from rights.remarks import Authorisation, Clearance, Covenant, RemarkFacts
from rights.scope import Scope
from rights.title import AssetFacts, GrantTerms, Title
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
FREE = GrantTerms(may_sublicense=True, may_resell=True, may_export=True)


CLEARED = a_remark("N-8", Clearance(route=ClearanceRoute.ASSESSMENT, number="EX-1", paper="D-1"))
AUTHORISED = a_remark("N-9", Authorisation(scenario="credit-scoring", paper="D-1"))
PERSONAL = {ASSET: AssetFacts(number=ASSET, is_personal=True)}


def a_grant(reference: str = "I-2", parent: str = "I-1", **changes: Any) -> Grant:
    fields: dict[str, Any] = {
        "kind": RightKind.USE,
        "grantees": {BEN: Fraction(1)},
        "valid_from": NOW,
        "valid_to": LATER,
    } | changes
    return Grant(reference=reference, parent=parent, **fields)


def numbers(grant: Grant, title: Title, applicants: tuple[str, ...] = (ANNE,)) -> list[str]:
    return broken(a_dealing(grant, applicants=applicants), title)


def test_a_lawful_grant_leaves_the_right_it_comes_from_as_it_is() -> None:
    before = a_title(an_interest())
    title = after(a_dealing(a_grant()), before)

    assert title.interests["I-1"] == before.interests["I-1"]
    assert title.interests["I-2"].shares == {BEN: 1}
    assert [fact.reference for fact in title.line("I-2")] == ["I-2", "I-1"]


@pytest.mark.parametrize("kind", [RightKind.HOLD, RightKind.USE])
def test_grt_1_only_the_right_to_operate_gives_rise_to_rights_of_others(kind: RightKind) -> None:
    assert numbers(a_grant(), a_title(an_interest(kind=kind))) == ["GRT-1"]


def test_grt_1_a_licence_is_sub_licensed_only_if_it_says_so() -> None:
    licence = an_interest("I-1", granted_from="I-0", kind=RightKind.USE)
    title = a_title(an_interest("I-0"), licence)
    free = a_title(an_interest("I-0"), replace(licence, terms=FREE))

    assert numbers(a_grant(), title) == ["GRT-1"]
    assert numbers(a_grant(), free) == []
    assert numbers(a_grant(kind=RightKind.OPERATE), free) == ["GRT-1"]


@pytest.mark.parametrize(
    "term",
    [
        {"valid_from": NOW - DAY},
        {"valid_to": LATER + DAY},
        {"valid_from": LATER - DAY, "valid_to": LATER - DAY},
        {"valid_from": LATER - DAY, "valid_to": LATER - 2 * DAY},
    ],
)
def test_grt_2_the_term_lies_within_that_of_the_right_it_is_cut_out_of(term: Any) -> None:
    assert numbers(a_grant(**term), a_title(an_interest())) == ["GRT-2"]


def test_r4_a_child_right_never_outlives_its_parent() -> None:
    grant = a_grant(valid_to=LATER + DAY)

    assert numbers(grant, a_title(an_interest())) == ["GRT-2"]


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        (Scope(), Scope(), []),
        (Scope(fields=frozenset({"a", "b"})), Scope(fields=frozenset({"a"})), []),
        (Scope(fields=frozenset({"a"})), Scope(fields=frozenset({"a", "b"})), ["GRT-3"]),
        (Scope(purposes=frozenset({"credit"})), Scope(), ["GRT-3"]),
        (Scope(territories=frozenset({"CN"})), Scope(territories=frozenset({"CN-37"})), []),
        (Scope(territories=frozenset({"CN-37"})), Scope(territories=frozenset({"CN"})), ["GRT-3"]),
        (
            Scope(territories=frozenset({"CN-3"})),
            Scope(territories=frozenset({"CN-37"})),
            ["GRT-3"],
        ),
    ],
)
def test_grt_3_the_scope_lies_within_that_of_the_right(
    outer: Scope, inner: Scope, expected: list[str]
) -> None:
    assert numbers(a_grant(scope=inner), a_title(an_interest(scope=outer))) == expected


@pytest.mark.parametrize(
    "terms",
    [
        GrantTerms(may_transfer=True, max_uses=3),
        GrantTerms(max_uses=11),
        GrantTerms(),
    ],
)
def test_grt_4_nothing_is_allowed_that_the_right_does_not_allow(terms: GrantTerms) -> None:
    own = GrantTerms(may_sublicense=True, max_uses=10)
    licence = an_interest("I-1", granted_from="I-0", kind=RightKind.USE, terms=own)
    title = a_title(an_interest("I-0"), licence)

    assert numbers(a_grant(terms=terms), title) == ["GRT-4"]
    assert numbers(a_grant(terms=GrantTerms(max_uses=10)), title) == []


@pytest.mark.parametrize(
    ("terms", "scope"),
    [
        (GrantTerms(may_resell=True), Scope()),
        (GrantTerms(may_export=True), Scope()),
        # Whoever names a place abroad exports, whatever the terms say.
        (GrantTerms(), Scope(territories=frozenset({"CN", "SG"}))),
    ],
)
def test_grt_5_resale_and_export_only_where_the_registration_allows_them(
    terms: GrantTerms, scope: Scope
) -> None:
    grant = a_grant(terms=terms, scope=scope)
    open_asset = AssetFacts(number=ASSET, resale_allowed=True, export_allowed=True)

    assert numbers(grant, a_title(an_interest(), CLEARED)) == ["GRT-5"]
    assert numbers(grant, a_title(an_interest(), CLEARED, assets={ASSET: open_asset})) == []


def exclusive(**changes: Any) -> Grant:
    return a_grant(
        terms=GrantTerms(is_exclusive=True, may_sublicense=True),
        scope=Scope(purposes=frozenset({"credit"})),
        **changes,
    )


def test_grt_6_no_later_grant_meets_an_exclusive_one() -> None:
    title = after(a_dealing(exclusive()), a_title(an_interest()))

    assert numbers(a_grant("I-3"), title) == ["GRT-6"]
    other = a_grant("I-3", scope=Scope(purposes=frozenset({"retail"})))
    assert numbers(other, title) == []


def test_r8_interests_outside_the_subtree_are_unaffected() -> None:
    title = a_title(an_interest(), an_interest("I-9", shares={CARL: Fraction(1)}))
    title = after(a_dealing(exclusive()), title)

    assert numbers(a_grant("I-3", parent="I-9"), title, (CARL,)) == []


def test_r8_the_exclusive_licensee_may_cut_up_what_it_has() -> None:
    title = after(a_dealing(exclusive()), a_title(an_interest()))

    sub = a_grant("I-3", parent="I-2", scope=Scope(purposes=frozenset({"credit"})))
    assert numbers(sub, title, (BEN,)) == []


def test_r8_a_licensee_of_the_grantor_cannot_grant_into_the_exclusive_scope() -> None:
    early = an_interest("I-5", granted_from="I-1", kind=RightKind.USE, terms=FREE)
    title = after(a_dealing(exclusive()), a_title(an_interest(), early))

    assert numbers(a_grant("I-3", parent="I-5"), title) == ["GRT-6"]


def test_r8_a_covenant_binds_like_an_exclusive_grant() -> None:
    covenant = a_remark("N-1", Covenant(), interest="I-1")

    assert numbers(a_grant(), a_title(an_interest(), covenant)) == ["GRT-6"]


@pytest.mark.parametrize("parts", [(1, 3), (-1, 2), (0, 1)])
def test_grt_7_the_grantees_hold_exactly_one(parts: tuple[int, int]) -> None:
    shares = {BEN: Fraction(parts[0], 2), CARL: Fraction(parts[1], 2)}

    assert "GRT-7" in numbers(a_grant(grantees=shares), a_title(an_interest()))


def test_grt_8_holders_of_two_thirds_may_grant() -> None:
    shares = {ANNE: Fraction(1, 3), BEN: Fraction(1, 3), CARL: Fraction(1, 3)}
    title = a_title(an_interest(shares=shares))

    assert numbers(a_grant(), title) == ["GRT-8"]
    assert numbers(a_grant(), title, (ANNE, CARL)) == []


def for_scenario(scenario: str, **changes: Any) -> Grant:
    return a_grant(terms=GrantTerms(scenario=scenario), **changes)


def test_grt_9_personal_data_is_granted_for_one_named_scenario() -> None:
    title = a_title(an_interest(), AUTHORISED, assets=PERSONAL)

    assert numbers(a_grant(), title) == ["GRT-9", "GRT-10"]
    assert numbers(for_scenario("credit-scoring"), title) == []
    assert numbers(a_grant(), replace(title, assets={ASSET: AssetFacts(number=ASSET)})) == []


def test_grt_9_a_licence_is_cut_up_only_for_its_own_scenario() -> None:
    terms = GrantTerms(may_sublicense=True, scenario="marketing")
    licence = an_interest(granted_from="I-0", kind=RightKind.USE, terms=terms)
    title = a_title(an_interest("I-0"), licence, AUTHORISED, assets=PERSONAL)

    assert numbers(for_scenario("credit-scoring"), title) == ["GRT-9"]


@pytest.mark.parametrize(
    ("authorisation", "scenario", "expected"),
    [
        (AUTHORISED, "credit-scoring", []),
        (AUTHORISED, "credit", ["GRT-10"]),
        (replace(AUTHORISED, asset="DA-000000002"), "credit-scoring", ["GRT-10"]),
        (replace(AUTHORISED, until=NOW), "credit-scoring", ["GRT-10"]),
        (replace(AUTHORISED, valid_from=NOW + DAY), "credit-scoring", ["GRT-10"]),
        # Whether it covers the whole term is asked of each use.
        (replace(AUTHORISED, until=NOW + DAY), "credit-scoring", []),
    ],
)
def test_grt_10_personal_data_is_granted_under_an_authorisation_for_its_scenario(
    authorisation: RemarkFacts, scenario: str, expected: list[str]
) -> None:
    title = a_title(an_interest(), authorisation, assets=PERSONAL)

    assert numbers(for_scenario(scenario), title) == expected


def test_grt_10_the_authorisation_is_in_force_when_the_right_begins() -> None:
    until_tomorrow = replace(AUTHORISED, until=NOW + DAY)
    title = a_title(an_interest(), until_tomorrow, assets=PERSONAL)

    assert numbers(for_scenario("credit-scoring", valid_from=NOW + DAY), title) == ["GRT-10"]


@pytest.mark.parametrize(
    ("clearance", "expected"),
    [
        (CLEARED, []),
        (replace(CLEARED, until=NOW), ["GRT-11"]),
        (replace(CLEARED, valid_from=NOW + DAY), ["GRT-11"]),
        (replace(CLEARED, asset="DA-000000002"), ["GRT-11"]),
    ],
)
def test_grt_11_export_is_granted_under_a_clearance_in_force(
    clearance: RemarkFacts, expected: list[str]
) -> None:
    open_asset = AssetFacts(number=ASSET, export_allowed=True)
    title = a_title(an_interest(), clearance, assets={ASSET: open_asset})

    assert numbers(a_grant(terms=GrantTerms(may_export=True)), title) == expected


def test_grt_11_the_clearance_covers_every_destination() -> None:
    open_asset = AssetFacts(number=ASSET, export_allowed=True)
    body = Clearance(
        route=ClearanceRoute.STANDARD_CONTRACT,
        number="EX-2",
        destinations=frozenset({"SG"}),
        paper="D-1",
    )
    title = a_title(an_interest(), a_remark("N-8", body), assets={ASSET: open_asset})
    export = GrantTerms(may_export=True)

    for territories, expected in [
        (frozenset({"CN", "SG"}), []),
        (frozenset({"SG", "MY"}), ["GRT-11"]),
        (None, ["GRT-11"]),
    ]:
        scope = Scope(territories=territories)
        assert numbers(a_grant(terms=export, scope=scope), title) == expected


def test_grt_11_whoever_names_a_place_abroad_exports() -> None:
    open_asset = AssetFacts(number=ASSET, export_allowed=True)
    abroad = a_grant(scope=Scope(territories=frozenset({"SG"})))

    assert numbers(abroad, a_title(an_interest(), assets={ASSET: open_asset})) == ["GRT-11"]
