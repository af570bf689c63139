"""Title on two clocks: what held when, as the register knew it at a tree size."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from ledger.acts import open_act
from ledger.models import Entry, TreeHead
from primitives.identifiers import new_reference
from registry.models import DataAsset, Party
from rights.dealing import Dealing
from rights.facts import Request
from rights.grant import Grant
from rights.kinds import RightKind
from rights.models import Interest
from rights.queries import (
    AsOf,
    history_of,
    interests_of,
    latest_interests_of,
    portfolio_of,
    title_as_of,
)
from rights.recording import deal, keys_of
from rights.transfer import Transfer
from tests.factories import NOON, Office, make_party, register_asset

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0], kinds=[RightKind.OPERATE])


def enter(office: Office, at: datetime, item: Request, *applicants: Party) -> Entry:
    references = frozenset(party.reference for party in applicants)
    dealing = Dealing(filing="F-EXAMPLE", items=(item,), applicants=references)
    with open_act(
        recorded_at=at,
        actor=office.wang.reference,
        officer=office.zhao.reference,
        keys=keys_of(dealing),
    ) as act:
        return deal(act, dealing)


def move(interest: str, giver: Party, taker: Party, part: Fraction = Fraction(1)) -> Transfer:
    return Transfer(interest=interest, giver=giver.reference, takers={taker.reference: part})


def holders(interests: list[Interest]) -> list[set[str]]:
    return [{share.party.reference for share in interest.shares.all()} for interest in interests]


def size() -> int:
    return TreeHead.objects.latest("size").size


def test_the_past_is_answered_as_it_was_and_as_it_was_known(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    right = interests_of(asset, at=NOON)[0].reference
    registered = size()
    enter(office, NOON + 10 * DAY, move(right, anne, ben), anne, ben)
    moved = size()
    enter(office, NOON + 20 * DAY, move(right, ben, carl), ben, carl)

    def known(day: int, at_size: int | None = None) -> list[set[str]]:
        return holders(interests_of(asset, at=NOON + day * DAY, size=at_size))

    assert known(5) == known(5, registered) == known(5, moved) == [{anne.reference}]
    assert known(15) == known(15, moved) == [{ben.reference}]
    assert known(15, registered) == known(25, registered) == [{anne.reference}]
    assert known(25, moved) == [{ben.reference}]
    assert known(25) == [{carl.reference}]
    assert known(-1) == []
    assert known(5, registered - 1) == []


def test_the_title_of_a_past_instant_says_what_the_rules_would_have_seen(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _carl = parties
    right = interests_of(asset, at=NOON)[0]
    registered = size()
    enter(office, NOON + 10 * DAY, move(right.reference, anne, ben, Fraction(1, 3)), anne, ben)

    then = title_as_of(asset, AsOf(at=NOON + 5 * DAY)).interests[right.reference]
    known_then = title_as_of(asset, AsOf(at=NOON + 5 * DAY, size=registered))
    now = title_as_of(asset, AsOf(at=NOON + 15 * DAY)).interests[right.reference]

    assert (then.revision, then.until) == (1, NOON + 10 * DAY)
    assert known_then.interests[right.reference].until == right.valid_to
    assert (now.revision, now.shares[ben.reference]) == (2, Fraction(1, 3))


def test_a_portfolio_follows_the_shares(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, _carl = parties
    right = interests_of(asset, at=NOON)[0]
    before = size()
    enter(office, NOON + 10 * DAY, move(right.reference, anne, ben), anne, ben)

    after = NOON + 11 * DAY
    assert portfolio_of(anne, at=after) == []
    assert [row.reference for row in portfolio_of(ben, at=after)] == [right.reference]
    assert portfolio_of(anne, at=after, size=before) == [right]
    assert portfolio_of(anne, at=NOON) == [right]


def test_the_history_names_every_act_and_what_it_began_and_ended(
    office: Office, parties: list[Party], asset: DataAsset
) -> None:
    anne, ben, carl = parties
    right = interests_of(asset, at=NOON)[0]
    grant = Grant(
        reference=new_reference("I"),
        parent=right.reference,
        kind=RightKind.USE,
        grantees={carl.reference: Fraction(1)},
        valid_from=NOON + DAY,
        valid_to=NOON + 9 * DAY,
    )
    enter(office, NOON + DAY, grant, anne)
    enter(office, NOON + 2 * DAY, move(right.reference, anne, ben), anne, ben)

    events = history_of(asset)

    assert [(event.version, event.acts) for event in events] == [
        (1, ("registration.initial",)),
        (2, ("grant",)),
        (3, ("transfer",)),
    ]
    assert [[row.name for row in event.began] for event in events] == [
        [f"{right.reference}@1"],
        [f"{grant.reference}@1"],
        [f"{right.reference}@2"],
    ]
    assert [row.name for row in events[2].ended] == [f"{right.reference}@1"]
    assert [row.name for row in latest_interests_of(asset)] == [
        f"{right.reference}@2",
        f"{grant.reference}@1",
    ]
    assert len(history_of(asset, size=events[1].entry.leaf.index + 1)) == 2
