"""Six clients at one asset at the same moment: the lawful ones win, the others are told why (W5).

Each race is six dealings that start together behind a barrier, from six connections. Every clock
is read before the wait for the lock, and half of the clients read theirs a second late. What comes
of it is held against the rules alone: the winners, one after another in the order of their entries,
make the title that is stored; and what a loser was told is what it would be told somewhere in that
order.
"""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.db import connection

from accounts.roles import Role
from audit.log import check_log
from audit.register import compare_register
from filings.application import content_digest
from filings.cases import CaseStateError
from filings.decision import approve
from filings.models import Filing
from filings.workflow import State
from ledger.acts import open_act
from ledger.models import Entry, EntryKey, Pending
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.entries import asset_key, data_key
from registry.kinds import Stage
from registry.models import AssetVersion, DataAsset, Party, Responsibility
from rights.cancellation import AssetCancellation
from rights.dealing import Dealing, Outcome, decide
from rights.enforcement import Enforce
from rights.entries import TITLE_DEALING
from rights.facts import Order, Request
from rights.freeze import FreezeOrder
from rights.initial_registration import Claim, InitialApplication, register
from rights.kinds import AuthorityKind, CancellationCause, RightKind
from rights.models import Interest
from rights.pledge import CreatePledge
from rights.priority_notice import AnnouncePledge
from rights.ranking import ranking
from rights.recording import deal, keys_of, limits, load
from rights.release import Release
from rights.remarks import Pledge
from rights.title import Title
from rights.transfer import Transfer
from tests.factories import (
    NOON,
    bring_to_publicity,
    description,
    make_complete_draft,
    make_draft,
    make_office,
    make_party,
    make_user,
)

CLIENTS = 6
PATIENCE = 120.0
"""Seconds that a client waits for the others before the test gives up."""

SECOND = timedelta(seconds=1)
BEFORE, LATER = NOON + timedelta(days=1), NOON + timedelta(days=30)
END = NOON + timedelta(days=365)
ONE = Fraction(1)
COURT = Order(authority=AuthorityKind.COURT, level=3, number="示例1号")

Told = tuple[str, ...]
"""Numbers of the rules that a client was told of; none if its dealing was entered."""

pytestmark = pytest.mark.django_db(transaction=True)

each_size = pytest.mark.parametrize(
    "assets", [pytest.param(6, id="short"), pytest.param(300, id="long", marks=pytest.mark.long)]
)


@pytest.fixture(autouse=True)
def _nothing_is_wrong_afterwards(db: None, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert list(compare_register()) == []
    assert list(check_log()) == []
    assert not Pending.objects.exists()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def start_together(count: int, work: Callable[[int, int], object]) -> list[list[Exception | None]]:
    """Do ``work(turn, client)`` for six clients at once, ``count`` times; return what it raised."""
    barrier = threading.Barrier(CLIENTS)
    raised: list[list[Exception | None]] = [[None] * CLIENTS for _ in range(count)]

    def run(client: int) -> None:
        try:
            for turn in range(count):
                barrier.wait(PATIENCE)
                try:
                    work(turn, client)
                except Exception as error:  # noqa: BLE001 # it is the result
                    raised[turn][client] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not barrier.broken
    return raised


@dataclass
class Race:
    """One asset with one right of the owner's, and what six clients do there at once."""

    asset: str
    right: str
    clients: list[Dealing] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    winners: list[Dealing] = field(default_factory=list)
    title: Title = field(default_factory=Title)


class Scene:
    """An office, an owner, six other parties, and as many assets as there are races."""

    def __init__(self, assets: int) -> None:
        self.office = make_office()
        self.owner, *self.others = (
            make_party(self.office, serial) for serial in range(1, CLIENTS + 2)
        )
        rights = {right.asset.number: right.reference for right in self._register(assets)}
        self.races = [Race(asset=asset, right=right) for asset, right in sorted(rights.items())]

    def run(self, *asked: Callable[[Race, Party], Dealing]) -> None:
        """Let six clients do what is asked, one kind after another, in every race."""
        start = {}
        for race in self.races:
            race.clients = [
                asked[client % len(asked)](race, self.others[client]) for client in range(CLIENTS)
            ]
            start[race.asset] = self._load(race)
        last = Entry.objects.latest("pk").pk

        raised = start_together(
            len(self.races),
            lambda turn, client: self.enter(
                self.races[turn].clients[client], at=LATER + client % 2 * SECOND
            ),
        )

        for race, errors in zip(self.races, raised, strict=True):
            race.told = [told(error) for error in errors]
            self._check(race, start[race.asset], since=last)

    def enter(self, dealing: Dealing, *, at: datetime = BEFORE) -> None:
        with open_act(
            recorded_at=at,
            actor=self.office.wang.reference,
            officer=self.office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            deal(act, dealing)

    def prepare(self, asked: Callable[[Race, Party], Dealing]) -> None:
        """Let the first of the others do something in every race before it starts."""
        for race in self.races:
            self.enter(asked(race, self.others[0]))

    def _register(self, count: int) -> list[Interest]:
        digests = [hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(count)]
        with open_act(
            recorded_at=NOON, actor="U-1", officer="U-2", keys=map(data_key, digests)
        ) as act:
            for digest in digests:
                filing = make_draft(self.office, data=digest.encode())
                asset = DataAsset(**description())
                version = AssetVersion(sha256=digest, sm3=digest, size_bytes=1)
                claim = Claim(
                    kind=RightKind.OPERATE, term_months=36, limits="", shares=[(self.owner, ONE)]
                )
                filing.asset = register(
                    act,
                    InitialApplication(
                        filing=filing.number,
                        asset=asset,
                        version=version,
                        derivations=[],
                        instruments=[],
                        claims=[claim],
                        responsibilities=[
                            Responsibility(asset=asset, stage=stage, party=self.owner)
                            for stage in Stage
                        ],
                    ),
                )
                filing.state, filing.entry = State.REGISTERED, filing.asset.entry
                filing.save(update_fields=["state", "asset", "entry"])
        return list(Interest.objects.select_related("asset"))

    def _load(self, race: Race) -> Title:
        return load([race.asset], parties=[party.reference for party in (self.owner, *self.others)])

    def _check(self, race: Race, start: Title, *, since: int) -> None:
        """Hold a race against the rules, applied to one dealing after another."""
        first = EntryKey.objects.filter(key=asset_key(race.asset), entry__lte=since).count()
        keys = EntryKey.objects.filter(key=asset_key(race.asset), entry__gt=since)
        rows = list(keys.select_related("entry").order_by("entry"))
        assert [row.version for row in rows] == list(range(first + 1, first + 1 + len(rows)))
        entries = [row.entry for row in rows]
        assert {entry.kind for entry in entries} <= {TITLE_DEALING}
        instants = [entry.recorded_at for entry in entries]
        assert instants == sorted(instants)

        asked = {dealing.filing: dealing for dealing in race.clients}
        race.winners = [
            asked[json.loads(bytes(entry.content))["payload"]["filing"]] for entry in entries
        ]
        won = [dealing.filing for dealing, rules in _outcomes(race) if not rules]
        assert Counter(dealing.filing for dealing in race.winners) == Counter(won)

        titles = [start]
        for version, (dealing, at) in enumerate(
            zip(race.winners, instants, strict=True), first + 1
        ):
            found = decided(dealing, titles[-1], at=at, version=version, race=race)
            assert found.broken == ()
            titles.append(titles[-1].after(found.change))
        race.title = self._load(race)
        assert race.title == titles[-1]

        for client, (dealing, rules) in enumerate(_outcomes(race)):
            could_be_told = []
            for place, title in enumerate(titles):
                at = max([LATER + client % 2 * SECOND, *instants[:place]])
                found = decided(dealing, title, at=at, version=first + 1 + place, race=race)
                repeated = ("TIT-13",) if dealing in race.winners[:place] else ()
                could_be_told.append((*(rule.number for rule in found.broken), *repeated))
            assert rules in could_be_told

    def dealing(
        self, *items: Request, by: Sequence[Party] = (), order: Order | None = None
    ) -> Dealing:
        return Dealing(
            filing=new_reference("F"),
            items=items,
            applicants=frozenset(party.reference for party in by),
            order=order,
        )

    def transfer(self, race: Race, buyer: Party) -> Dealing:
        move = Transfer(
            interest=race.right, giver=self.owner.reference, takers={buyer.reference: ONE}
        )
        return self.dealing(move, by=[self.owner, buyer])

    def freeze(self, race: Race, _party: Party) -> Dealing:
        freeze = FreezeOrder(reference=new_reference("N"), interest=race.right, months=12)
        return self.dealing(freeze, order=COURT)

    def pledge(
        self, race: Race, pledgee: Party, *, no_disposal: bool = False, under: str = ""
    ) -> Dealing:
        body = Pledge(secured_fen=100, burdens={self.owner.reference: ONE}, no_disposal=no_disposal)
        create = CreatePledge(
            reference=new_reference("N"),
            interest=race.right,
            pledgee=pledgee.reference,
            pledge=body,
            valid_to=END,
            under=under,
            words="示例：2026年借款合同",
        )
        return self.dealing(create, by=[self.owner, pledgee])

    def covenanted(self, race: Race, pledgee: Party) -> Dealing:
        return self.pledge(race, pledgee, no_disposal=True)

    def announce(self, race: Race, pledgee: Party) -> Dealing:
        notice = AnnouncePledge(
            reference=new_reference("N"),
            interest=race.right,
            pledgee=pledgee.reference,
            burdens={self.owner.reference: ONE},
            secured_fen=100,
            valid_to=LATER + timedelta(days=30),
        )
        return self.dealing(notice, by=[self.owner])

    def announced(self, race: Race, _pledgee: Party) -> Dealing:
        return self.pledge(race, self.others[0], under=self.only_remark(race))

    def release(self, race: Race, _party: Party) -> Dealing:
        release = Release(interest=race.right, reference=self.only_remark(race))
        return self.dealing(release, by=[self.others[0]])

    def enforce(self, race: Race, buyer: Party) -> Dealing:
        enforce = Enforce(
            interest=race.right, reference=self.only_remark(race), buyer=buyer.reference
        )
        return self.dealing(enforce, order=COURT)

    def cancel(self, race: Race, _party: Party) -> Dealing:
        cancel = AssetCancellation(
            reference=new_reference("N"),
            asset=race.asset,
            cause=CancellationCause.OWN_REQUEST,
            rights=(race.right,),
            words="示例",
        )
        return self.dealing(cancel, by=[self.owner])

    def only_remark(self, race: Race) -> str:
        (reference,) = load([race.asset]).remarks
        return reference


def _outcomes(race: Race) -> Iterator[tuple[Dealing, Told]]:
    yield from zip(race.clients, race.told, strict=True)


def decided(dealing: Dealing, title: Title, *, at: datetime, version: int, race: Race) -> Outcome:
    return decide(
        dealing,
        title,
        at=at,
        officer="U-2",
        versions={race.asset: version},
        limits=limits(),
    )


def told(error: Exception | None) -> Told:
    """Return the numbers of the rules; whatever else was raised is a defect."""
    if error is None:
        return ()
    if not isinstance(error, RulesBrokenError):
        raise error
    return tuple(rule.number for rule in error.rules)


def acts_of(race: Race) -> list[type[Request]]:
    """Return what was entered, in order."""
    return [type(dealing.items[0]) for dealing in race.winners]


def told_of(race: Race, request: type[Request]) -> set[Told]:
    """Return what those were told who asked for one act."""
    return {
        rules
        for dealing, rules in zip(race.clients, race.told, strict=True)
        if isinstance(dealing.items[0], request)
    }


@each_size
def test_w5_of_six_transfers_of_one_right_one_wins(assets: int) -> None:
    scene = Scene(assets)
    scene.run(scene.transfer)

    for race in scene.races:
        assert Counter(race.told) == {(): 1, ("TRF-1",): CLIENTS - 1}


@each_size
def test_w5_a_transfer_stands_only_before_the_first_freeze(assets: int) -> None:
    scene = Scene(assets)
    scene.run(scene.transfer, scene.freeze)

    for race in scene.races:
        assert told_of(race, FreezeOrder) == {()}
        assert acts_of(race)[-3:] == [FreezeOrder] * 3
        if acts_of(race)[0] == Transfer:
            assert told_of(race, Transfer) <= {(), ("TRF-1",), ("DEA-3", "TRF-1")}
        else:
            assert told_of(race, Transfer) == {("DEA-3",)}


@each_size
def test_e1_six_pledges_of_one_share_all_stand_and_rank_as_they_were_entered(assets: int) -> None:
    scene = Scene(assets)
    scene.run(scene.pledge)

    for race in scene.races:
        assert race.told == [()] * CLIENTS
        order = ranking(race.title, race.title.interests[race.right], at=LATER + SECOND)
        assert [pledge.rank for pledge in order] == [(2 + place, 0) for place in range(CLIENTS)]
        entered = [dealing.items[0] for dealing in race.winners]
        assert [pledge.reference for pledge in order] == [
            item.reference for item in entered if isinstance(item, CreatePledge)
        ]


@each_size
def test_e8_a_kept_place_is_taken_once_and_the_others_rank_behind_it(assets: int) -> None:
    scene = Scene(assets)
    scene.prepare(scene.announce)
    scene.run(scene.announced, scene.pledge)

    for race in scene.races:
        assert Counter(race.told) == {(): 4, ("PLG-10",): 2}
        order = ranking(race.title, race.title.interests[race.right], at=LATER + SECOND)
        ranks = [pledge.rank for pledge in order]
        assert order[0].party == scene.others[0].reference
        assert ranks[0] == (2, 0)
        assert ranks == sorted(set(ranks))


@each_size
def test_e3_a_transfer_stands_against_no_covenant_and_no_pledge_after_it(assets: int) -> None:
    scene = Scene(assets)
    scene.run(scene.transfer, scene.covenanted)

    for race in scene.races:
        if acts_of(race) == [Transfer]:
            assert told_of(race, Transfer) == {(), ("TRF-1",)}
            assert told_of(race, CreatePledge) == {("PLG-2",)}
        else:
            assert acts_of(race) == [CreatePledge] * 3
            assert told_of(race, Transfer) == {("DEA-5",)}


@each_size
def test_e5_a_pledge_is_released_or_enforced_and_never_both(assets: int) -> None:
    scene = Scene(assets)
    scene.prepare(scene.covenanted)
    scene.run(scene.release, scene.enforce)

    for race in scene.races:
        assert len(race.winners) == 1
        assert told_of(race, Release) <= {(), ("REL-1",)}
        assert told_of(race, Enforce) <= {(), ("ENF-1",)}


@each_size
def test_r9_an_asset_is_cancelled_or_its_right_is_transferred(assets: int) -> None:
    scene = Scene(assets)
    scene.run(scene.transfer, scene.cancel)

    for race in scene.races:
        if acts_of(race) == [Transfer]:
            assert told_of(race, Transfer) == {(), ("TRF-1",)}
            assert told_of(race, AssetCancellation) == {("CAN-2",)}
        else:
            assert acts_of(race) == [AssetCancellation]
            assert told_of(race, Transfer) == {("DEA-2",)}
            assert told_of(race, AssetCancellation) == {(), ("DEA-1", "CAN-1")}


@each_size
def test_w10_one_dealing_entered_six_times_at_once_is_entered_once(assets: int) -> None:
    scene = Scene(assets)
    same: dict[str, Dealing] = {}
    scene.run(lambda race, _party: same.setdefault(race.asset, scene.freeze(race, scene.owner)))

    for race in scene.races:
        assert Counter(race.told) == {(): 1, ("TIT-13",): CLIENTS - 1}


@each_size
def test_w1_of_six_approvals_of_one_case_one_wins_and_the_others_are_told_who(assets: int) -> None:
    office = make_office()
    holder = make_party(office)
    approvers = [office.zhao, make_user("qian", Role.APPROVER), make_user("sun", Role.APPROVER)]
    cases = [
        bring_to_publicity(office, make_complete_draft(office, holder, data=f"{number}".encode()))
        for number in range(assets)
    ]
    digests = [content_digest(Filing.objects.get(pk=case.pk)) for case in cases]

    raised = start_together(
        assets,
        lambda turn, client: approve(
            cases[turn],
            by=approvers[client % len(approvers)],
            at=LATER + client % 2 * SECOND,
            shown_digest=digests[turn],
        ),
    )

    for case, errors in zip(cases, raised, strict=True):
        losers = [error for error in errors if error]
        assert len(losers) == CLIENTS - 1
        decided_by = Filing.objects.get(pk=case.pk).steps.latest("pk").taken_by
        for error in losers:
            assert isinstance(error, CaseStateError), error
            assert str(decided_by) in str(error)
    assert set(Filing.objects.values_list("state", flat=True)) == {State.REGISTERED}
    assert DataAsset.objects.count() == assets


def test_e6_a_freeze_binds_whoever_read_the_clock_before_it_and_is_entered_after_it() -> None:
    scene = Scene(1)
    (race,) = scene.races
    scene.enter(scene.freeze(race, scene.owner), at=LATER + SECOND)

    with pytest.raises(RulesBrokenError) as error:
        scene.enter(scene.transfer(race, scene.others[0]), at=LATER)
    assert told(error.value) == ("DEA-3",)


def test_w5_an_act_is_recorded_no_earlier_than_what_came_before_it_on_the_same_asset() -> None:
    scene = Scene(2)
    one, other = scene.races
    for race, at in ((one, LATER + SECOND), (one, LATER), (other, LATER)):
        scene.enter(scene.pledge(race, scene.others[0]), at=at)

    recorded = Entry.objects.filter(kind=TITLE_DEALING).order_by("pk")
    assert [entry.recorded_at - LATER for entry in recorded] == [SECOND, SECOND, 0 * SECOND]
