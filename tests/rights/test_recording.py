"""Dealings in the real register: stored, folded and found equal, or not made at all."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from audit.register import compare_register
from filings.models import Filing
from ledger.acts import open_act
from ledger.models import Entry
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.models import DataAsset, Party
from registry.queries import latest_version
from rights.dealing import Dealing
from rights.facts import Request
from rights.grant import Grant
from rights.kinds import RightKind
from rights.models import Interest
from rights.queries import history_of, interests_of
from rights.recording import deal, keys_of
from rights.title import GrantTerms
from rights.transfer import Transfer
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    derive_from,
    make_complete_draft,
    make_paper,
    make_party,
    register_asset,
)

LATER = NOON + timedelta(days=30)

pytestmark = pytest.mark.django_db(transaction=True)


def enter(
    office: Office, *items: Request, applicants: list[Party], papers: Iterable[str] = ()
) -> Entry:
    dealing = Dealing(
        filing="F-EXAMPLE",
        items=items,
        applicants=frozenset(party.reference for party in applicants),
        instruments=frozenset(papers),
    )
    with open_act(
        recorded_at=LATER,
        actor=office.wang.reference,
        officer=office.zhao.reference,
        keys=keys_of(dealing),
    ) as act:
        return deal(act, dealing)


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0])


def right(asset: DataAsset, kind: RightKind) -> Interest:
    return next(interest for interest in interests_of(asset, at=LATER) if interest.kind == kind)


def licence(parent: Interest, grantee: Party) -> Grant:
    return Grant(
        reference=new_reference("I"),
        parent=parent.reference,
        kind=RightKind.USE,
        grantees={grantee.reference: Fraction(1)},
        valid_from=LATER,
        valid_to=LATER + timedelta(days=365),
    )


def test_a_dealing_is_stored_as_the_ledger_says(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    operate, hold = right(asset, RightKind.OPERATE), right(asset, RightKind.HOLD)
    move = Transfer(
        interest=hold.reference, giver=anne.reference, takers={ben.reference: Fraction(1, 3)}
    )

    entry = enter(office, licence(operate, carl), move, applicants=[anne, ben])

    assert list(compare_register()) == []
    assert entry.keys.get().key == f"asset:{asset.number}"
    assert entry.keys.get().version == 2
    hold.refresh_from_db()
    assert (hold.until, hold.ended_by) == (LATER, entry)
    now = right(asset, RightKind.HOLD)
    assert {share.party: share.fraction for share in now.shares.all()} == {
        anne: Fraction(2, 3),
        ben: Fraction(1, 3),
    }
    assert hold.in_force_at(NOON)


def test_w6_a_dealing_over_several_assets_commits_all_or_nothing(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _carl = parties
    other = register_asset(office, ben, data=b"other")
    swap = [
        Transfer(interest=right(one, RightKind.HOLD).reference, giver=a.reference, takers=takers)
        for one, a, takers in (
            (asset, anne, {ben.reference: Fraction(1)}),
            (other, ben, {anne.reference: Fraction(2)}),
        )
    ]
    entries = Entry.objects.count()

    with pytest.raises(RulesBrokenError) as refused:
        enter(office, *swap, applicants=[anne, ben])

    assert [rule.number for rule in refused.value.rules] == ["TRF-1"]
    assert Entry.objects.count() == entries
    assert Interest.objects.filter(ended_by__isnull=False).count() == 0

    sound = Transfer(
        interest=swap[1].interest, giver=ben.reference, takers={anne.reference: Fraction(1)}
    )
    entry = enter(office, swap[0], sound, applicants=[anne, ben])

    assert entry.keys.count() == 2
    assert list(compare_register()) == []


def test_two_acts_of_one_dealing_on_one_right_leave_one_revision(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    hold = right(asset, RightKind.HOLD)
    on = [
        Transfer(
            interest=hold.reference, giver=giver.reference, takers={taker.reference: Fraction(1)}
        )
        for giver, taker in ((anne, ben), (ben, carl))
    ]

    enter(office, *on, applicants=parties)

    assert list(compare_register()) == []
    rows = Interest.objects.filter(reference=hold.reference).order_by("revision")
    assert [row.revision for row in rows] == [1, 2]
    assert rows[1].shares.get().party == carl


def test_tit_6_a_party_that_the_register_does_not_know_is_refused(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    unknown = Party(reference="P-UNKNOWN")
    move = Transfer(
        interest=right(asset, RightKind.HOLD).reference,
        giver=parties[0].reference,
        takers={unknown.reference: Fraction(1)},
    )

    with pytest.raises(RulesBrokenError) as refused:
        enter(office, move, applicants=[parties[0], unknown])

    assert [rule.number for rule in refused.value.rules] == ["TIT-6"]


def test_w9_the_rank_of_an_act_is_the_version_under_which_it_is_searchable(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    for version in (2, 3):
        entry = enter(
            office, licence(right(asset, RightKind.OPERATE), parties[1]), applicants=[parties[0]]
        )
        assert entry.keys.get().version == version
        shown = history_of(asset)[-1]
        assert (shown.version, shown.entry) == (version, entry)


def test_tit_12_a_paper_that_is_not_on_file_proves_nothing(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    grant = licence(right(asset, RightKind.OPERATE), parties[1])
    make_paper("D-THERE")

    with pytest.raises(RulesBrokenError) as refused:
        enter(office, grant, applicants=[parties[0]], papers=["D-THERE", "D-NOT-THERE"])

    assert [rule.number for rule in refused.value.rules] == ["TIT-12"]
    enter(office, grant, applicants=[parties[0]], papers=["D-THERE"])
    assert list(compare_register()) == []


def test_tit_13_the_same_application_is_not_entered_twice(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    grant = licence(right(asset, RightKind.OPERATE), parties[1])
    enter(office, grant, applicants=[parties[0]])

    with pytest.raises(RulesBrokenError) as refused:
        enter(office, grant, applicants=[parties[0]])

    assert [rule.number for rule in refused.value.rules] == ["TIT-13"]
    assert Interest.objects.filter(reference=grant.reference).count() == 1


def test_p4_rights_in_derived_data_end_with_the_licence_that_binds_it(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    grant = licence(right(asset, RightKind.OPERATE), ben)
    binding = replace(grant, terms=GrantTerms(binds_derivatives=True))
    enter(office, binding, applicants=[anne])
    basis = Interest.objects.get(reference=grant.reference)

    def derived(holder: Party, data: bytes, months: int, *, source: DataAsset) -> Filing:
        filing = make_complete_draft(
            office,
            holder,
            data=data,
            kinds=[RightKind.HOLD],
            source_kind="DERIVED",
            situation="DERIVED",
            is_substantive=True,
        )
        filing.claims.update(term_months=months)
        relied_on = basis if source == asset else None
        derive_from(filing, latest_version(source), holder, basis=relied_on)
        return bring_to_publicity(office, filing)

    with pytest.raises(RulesBrokenError, match="REG-24"):
        derived(ben, b"too long", 36, source=asset)
    first = decide(office, derived(ben, b"first", 12, source=asset), at=LATER)

    # What came from it in turn is bound as well, though it relies on no licence itself.
    with pytest.raises(RulesBrokenError, match="REG-24"):
        derived(carl, b"second", 36, source=first)
