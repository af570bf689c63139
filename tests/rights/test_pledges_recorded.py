"""The life of pledges in the real register: after each act the fold equals what is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import override_settings

from audit.register import compare_register
from ledger.acts import open_act
from ledger.models import Entry
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.models import DataAsset, Party
from rights.dealing import Dealing
from rights.enforcement import Enforce
from rights.facts import Consent, Order, Request
from rights.kinds import AuthorityKind, RightKind
from rights.models import Interest, Remark, UsedConsent
from rights.pledge import ChangePledge, CreatePledge
from rights.priority_notice import AnnouncePledge
from rights.queries import interests_of
from rights.ranking import prospect, ranking
from rights.recording import deal, keys_of, limits, load
from rights.release import Release
from rights.remarks import Pledge
from rights.subordination import Subordinate
from rights.title import InterestFacts, Title
from rights.transfer import Transfer
from tests.factories import NOON, Office, make_paper, make_party, register_asset

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
END = LATER + 365 * DAY
ONE, HALF = Fraction(1), Fraction(1, 2)
COURT = Order(authority=AuthorityKind.COURT, level=3, number="(2026)鲁01执1号")

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Scene:
    """An asset of Anne's, two banks and a buyer; each act is entered a day after the one before."""

    office: Office
    anne: Party
    bank: Party
    other: Party
    buyer: Party
    asset: DataAsset
    at: datetime = LATER

    @property
    def right(self) -> str:
        """Reference of the right to operate."""
        rights = interests_of(self.asset, at=self.at)
        return next(right.reference for right in rights if right.kind == RightKind.OPERATE)

    @property
    def title(self) -> Title:
        return load([self.asset.number])

    @property
    def interest(self) -> InterestFacts:
        return self.title.interests[self.right]

    def order(self) -> list[str]:
        return [remark.reference for remark in ranking(self.title, self.interest, at=self.at)]

    def enter(
        self,
        *items: Request,
        by: Iterable[Party] = (),
        consents: tuple[tuple[str, Party], ...] = (),
        **changes: Any,
    ) -> Entry:
        """Enter a dealing and hold the ledger against the register."""
        dealing = Dealing(
            filing="F-EXAMPLE",
            items=items,
            applicants=frozenset(party.reference for party in by),
            **changes,
        )
        papers = tuple(
            Consent(instrument=paper, party=party.reference, dealing=dealing.digest())
            for paper, party in consents
        )
        return self.enter_dealing(
            Dealing(
                filing=dealing.filing,
                items=items,
                applicants=dealing.applicants,
                consents=papers,
                **changes,
            )
        )

    def enter_dealing(self, dealing: Dealing) -> Entry:
        self.at += DAY
        with open_act(
            recorded_at=self.at,
            actor=self.office.wang.reference,
            officer=self.office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            entry = deal(act, dealing)
        assert list(compare_register()) == []
        return entry

    def pledge(self, pledgee: Party, **changes: Any) -> CreatePledge:
        fields: dict[str, Any] = {"secured_fen": 500_000_000, "burdens": {self.anne.reference: ONE}}
        under = changes.pop("under", "")
        return CreatePledge(
            reference=new_reference("N"),
            interest=self.right,
            pledgee=pledgee.reference,
            pledge=Pledge(**fields | changes),
            valid_to=END,
            under=under,
            words="示例：2026年流动资金借款合同",
        )


@pytest.fixture
def scene(office: Office) -> Scene:
    anne, bank, other, buyer = (make_party(office, serial) for serial in (1, 2, 3, 4))
    make_paper("D-CONSENT")
    return Scene(office, anne, bank, other, buyer, register_asset(office, anne))


def refused(error: pytest.ExceptionInfo[RulesBrokenError]) -> list[str]:
    return [rule.number for rule in error.value.rules]


def test_a_pledge_is_stored_as_the_ledger_says_and_its_words_as_a_commitment(scene: Scene) -> None:
    pledge = scene.pledge(
        scene.bank,
        due_on=date(2027, 6, 30),
        is_maximum_amount=True,
        external_registry="动产融资统一登记公示系统",
        external_number="03218837001234567890",
        external_at=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
    )

    entry = scene.enter(pledge, by=[scene.anne, scene.bank])

    row = Remark.objects.get()
    assert (row.rank_version, row.rank_position) == (2, 0)
    assert row.words == "示例：2026年流动资金借款合同"
    assert "流动资金".encode() not in bytes(entry.content)
    assert scene.title.remarks[pledge.reference].body == pledge.pledge


def test_e4_a_pledge_follows_a_transfer_its_pledgee_consents_to_and_a_consent_serves_once(
    scene: Scene,
) -> None:
    pledge = scene.pledge(scene.bank)
    scene.enter(pledge, by=[scene.anne, scene.bank])
    move = Transfer(
        interest=scene.right,
        giver=scene.anne.reference,
        takers={scene.buyer.reference: HALF},
    )
    both = [scene.anne, scene.buyer]

    with pytest.raises(RulesBrokenError) as error:
        scene.enter(move, by=both)
    assert refused(error) == ["DEA-5"]

    scene.enter(move, by=both, consents=(("D-CONSENT", scene.bank),))

    assert UsedConsent.objects.get().instrument == "D-CONSENT"
    following = scene.title.remarks[pledge.reference]
    assert isinstance(following.body, Pledge)
    assert following.body.burdens == {scene.anne.reference: HALF, scene.buyer.reference: HALF}
    assert following.rank == (2, 0)
    with pytest.raises(RulesBrokenError) as error:
        scene.enter(move, by=both, consents=(("D-CONSENT", scene.bank),))
    assert refused(error) == ["DEA-5", "DEA-6"]


def test_one_consent_covers_two_acts_of_its_dealing(scene: Scene) -> None:
    scene.enter(scene.pledge(scene.bank), by=[scene.anne, scene.bank])
    moves = [
        Transfer(interest=scene.right, giver=scene.anne.reference, takers={taker.reference: HALF})
        for taker in (scene.buyer, scene.other)
    ]

    scene.enter(
        *moves,
        by=[scene.anne, scene.buyer, scene.other],
        consents=(("D-CONSENT", scene.bank),),
    )

    assert set(scene.interest.shares) == {scene.buyer.reference, scene.other.reference}


def test_a_pledge_changes_yields_is_freed_in_part_and_is_released(scene: Scene) -> None:
    first, second = scene.pledge(scene.bank), scene.pledge(scene.other, secured_fen=7)
    scene.enter(first, second, by=[scene.anne, scene.bank, scene.other])
    assert scene.order() == [first.reference, second.reference]

    smaller = Pledge(secured_fen=100, burdens=first.pledge.burdens, no_disposal=False)
    change = ChangePledge(interest=scene.right, reference=first.reference, pledge=smaller)
    scene.enter(change, by=[scene.bank])

    behind = Subordinate(
        reference=new_reference("N"),
        interest=scene.right,
        yields=first.reference,
        favours=second.reference,
    )
    scene.enter(behind, by=[scene.bank])
    assert scene.order() == [second.reference, first.reference]
    found = prospect(scene.title, scene.interest, secured_fen=1, at=scene.at)
    assert [line.secured_fen for line in found.ahead] == [7, 100]
    assert (found.place, found.secured) == (3, {"CNY": 108})

    part = Release(
        interest=scene.right, reference=first.reference, parts={scene.anne.reference: HALF}
    )
    scene.enter(part, by=[scene.bank])
    rows = Remark.objects.filter(reference=first.reference).order_by("revision")
    assert [row.revision for row in rows] == [1, 2, 3]
    assert {(row.rank_version, row.rank_position) for row in rows} == {(2, 0)}

    scene.enter(Release(interest=scene.right, reference=second.reference), by=[scene.other])
    assert scene.order() == [first.reference]
    assert not Remark.objects.filter(reference=behind.reference, ended_by__isnull=True).exists()


def test_an_enforcement_moves_the_pledged_part_and_purges_those_behind(scene: Scene) -> None:
    half = {scene.anne.reference: HALF}
    ahead, sold, last = (
        scene.pledge(scene.bank, burdens=half),
        scene.pledge(scene.other, burdens=half),
        scene.pledge(scene.bank),
    )
    scene.enter(ahead, sold, last, by=[scene.anne, scene.bank, scene.other])

    enforce = Enforce(interest=scene.right, reference=sold.reference, buyer=scene.buyer.reference)
    with pytest.raises(RulesBrokenError) as error:
        scene.enter(enforce, by=[scene.anne, scene.other, scene.buyer])
    assert refused(error) == ["DEA-5", "ENF-4"]
    scene.enter(enforce, order=COURT)

    assert scene.interest.shares == {scene.anne.reference: HALF, scene.buyer.reference: HALF}
    bodies = {name: remark.body for name, remark in scene.title.remarks.items()}
    assert set(bodies) == {ahead.reference, last.reference}
    assert bodies[ahead.reference].burdens == {scene.buyer.reference: HALF}  # type: ignore[attr-defined] # a pledge
    assert bodies[last.reference].burdens == half  # type: ignore[attr-defined] # a pledge


def test_e8_an_announced_pledge_takes_the_place_that_was_kept(scene: Scene) -> None:
    notice = AnnouncePledge(
        reference=new_reference("N"),
        interest=scene.right,
        pledgee=scene.bank.reference,
        burdens={scene.anne.reference: ONE},
        secured_fen=500_000_000,
        valid_to=LATER + 60 * DAY,
    )
    scene.enter(notice, by=[scene.anne])
    between = scene.pledge(scene.other)
    scene.enter(between, by=[scene.anne, scene.other])

    announced = scene.pledge(scene.bank, under=notice.reference)
    scene.enter(announced, by=[scene.anne, scene.bank])

    assert scene.order() == [announced.reference, between.reference]
    row = Remark.objects.get(reference=announced.reference)
    assert (row.rank_version, row.rank_position) == (2, 0)
    with pytest.raises(RulesBrokenError) as error:
        scene.enter(scene.pledge(scene.bank, under=notice.reference), by=[scene.anne, scene.bank])
    assert refused(error) == ["PLG-10"]


def test_r6_a_pledge_on_one_right_leaves_the_rows_of_the_others_alone(scene: Scene) -> None:
    before = set(Interest.objects.values_list("reference", "revision", "until"))

    scene.enter(scene.pledge(scene.bank), by=[scene.anne, scene.bank])

    assert set(Interest.objects.values_list("reference", "revision", "until")) == before


def test_the_settings_say_what_may_be_pledged_and_how_long_a_place_is_kept() -> None:
    with override_settings(PLEDGEABLE_RIGHTS=["HOLD", "USE"], NOTICE_DAYS=30):
        assert limits().pledgeable == {RightKind.HOLD, RightKind.USE}
        assert limits().notice_days == 30
    assert limits().pledgeable == {RightKind.OPERATE}
    assert limits().notice_days == 90
