"""A title with everything on it, built by acts a few days apart and in force by the real clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from ledger.acts import open_act
from ledger.models import Entry
from primitives.clock import now_utc
from primitives.identifiers import new_reference
from registry.models import DataAsset, Party
from rights.caution import CautionEntry
from rights.dealing import Dealing
from rights.facts import Order, Request
from rights.freeze import FreezeLifting, FreezeOrder
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.models import Interest
from rights.pledge import CreatePledge
from rights.priority_notice import AnnouncePledge
from rights.recording import deal, keys_of
from rights.remarks import Pledge
from rights.scope import Scope
from rights.subordination import Subordinate
from rights.title import GrantTerms
from rights.transfer import Transfer
from tests.factories import (
    Office,
    bring_to_publicity,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_complete_draft,
    make_draft,
    make_party,
    name_applicants,
)

DAY = timedelta(days=1)
ONE, HALF, THIRD = Fraction(1), Fraction(1, 2), Fraction(1, 3)
COURT = Order(authority=AuthorityKind.COURT, level=2, number="（2026）示例01执1号")
SECRET = "示例：不公开的备注文字"
"""The free text of every remark: no public page may show it."""
PERSON: dict[str, Any] = {
    "kind": "NATURAL",
    "identifier_scheme": "RESIDENT_ID",
    "name": "示例张三丰",
    "identifier": "370102199001011234",
}


@dataclass
class Estate:
    """Data of a company and a person, 40 days ago; each act is entered on a day of its own."""

    office: Office
    start: datetime = field(default_factory=lambda: now_utc().replace(microsecond=0) - 40 * DAY)

    def __post_init__(self) -> None:
        office, at = self.office, self.start
        self.company = make_party(office, 1, at=at)
        self.person = make_party(office, at=at, **PERSON)
        self.bank = make_party(office, 21, at=at, name="示例甲银行股份有限公司")
        self.other_bank = make_party(office, 22, at=at, name="示例乙银行股份有限公司")
        self.user = make_party(office, 3, at=at, name="示例咨询有限公司")
        self.asset = self._register()

    @property
    def end(self) -> datetime:
        """An end within the term of every right."""
        return self.start + 700 * DAY

    def right(self, kind: RightKind = RightKind.OPERATE) -> Interest:
        """Return the original right as it stands."""
        found = self.asset.interests.filter(kind=kind, granted_from="", ended_by=None)
        return found.get()

    def enter(
        self, day: int, *items: Request, by: Iterable[Party] = (), order: Order | None = None
    ) -> Entry:
        dealing = Dealing(
            filing="F-EXAMPLE",
            items=items,
            applicants=frozenset(party.reference for party in by),
            order=order,
        )
        with open_act(
            recorded_at=self.start + day * DAY,
            actor=self.office.wang.reference,
            officer=self.office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            return deal(act, dealing)

    def grant(self, day: int, parent: str, taker: Party, *, kind: RightKind = RightKind.USE) -> str:
        """Grant a limited right that may be granted on; return its reference."""
        giver = Interest.objects.filter(reference=parent).latest("revision")
        grant = Grant(
            reference=new_reference("I"),
            parent=parent,
            kind=kind,
            grantees={taker.reference: ONE},
            valid_from=self.start + day * DAY,
            valid_to=self.end - 30 * day * DAY,
            scope=Scope(territories=frozenset({"CN-37"}), purposes=frozenset({"siting"})),
            terms=GrantTerms(may_sublicense=True, max_uses=12),
        )
        self.enter(day, grant, by=[share.party for share in giver.shares.all()])
        return grant.reference

    def pledge(self, day: int, pledgee: Party, yuan: int, *, pledgor: Party | None = None) -> str:
        """Pledge what a holder has of the right to operate; return the pledge's reference."""
        holder = pledgor or self.company
        share = self.right().shares.get(party=holder)
        pledge = CreatePledge(
            reference=new_reference("N"),
            interest=self.right().reference,
            pledgee=pledgee.reference,
            pledge=Pledge(
                secured_fen=yuan * 100,
                burdens={holder.reference: share.fraction},
                is_maximum_amount=pledgor is not None,
            ),
            valid_to=self.end,
            words=SECRET,
        )
        self.enter(day, pledge, by=[holder, pledgee])
        return pledge.reference

    def subordinate(self, day: int, yields: str, favours: str, by: Party) -> str:
        """Let one pledge stand behind another; return the remark's reference."""
        item = Subordinate(
            reference=new_reference("N"),
            interest=self.right().reference,
            yields=yields,
            favours=favours,
        )
        self.enter(day, item, by=[by])
        return item.reference

    def announce(self, day: int, pledgee: Party, yuan: int) -> str:
        """Keep a place for a pledge of the company's; return the notice's reference."""
        item = AnnouncePledge(
            reference=new_reference("N"),
            interest=self.right().reference,
            pledgee=pledgee.reference,
            burdens={self.company.reference: THIRD},
            secured_fen=yuan * 100,
            valid_to=self.start + (day + 60) * DAY,
        )
        self.enter(day, item, by=[self.company])
        return item.reference

    def caution(self, day: int, by: Party) -> str:
        """Warn of the whole asset; return the caution's reference."""
        item = CautionEntry(
            reference=new_reference("N"),
            asset=self.asset.number,
            party=by.reference,
            valid_to=self.start + (day + 180) * DAY,
            words=SECRET,
        )
        self.enter(day, item, by=[by])
        return item.reference

    def freeze(self, day: int, right: str = "", *, months: int = 12) -> str:
        """Freeze a right or the whole asset; return the freeze's reference."""
        item = FreezeOrder(
            reference=new_reference("N"),
            interest=right,
            asset="" if right else self.asset.number,
            months=months,
            words=SECRET,
        )
        self.enter(day, item, order=COURT)
        return item.reference

    def lift(self, day: int, freeze: str, right: str = "") -> None:
        """Lift a freeze."""
        asset = "" if right else self.asset.number
        self.enter(day, FreezeLifting(remark=freeze, interest=right, asset=asset), order=COURT)

    def move(self, day: int, giver: Party, taker: Party, part: Fraction) -> None:
        """Move a part of the right to hold."""
        right = self.right(RightKind.HOLD)
        item = Transfer(
            interest=right.reference, giver=giver.reference, takers={taker.reference: part}
        )
        self.enter(day, item, by=[giver, taker])

    def derive(self, data: bytes = b"derived", *, basis: str = "", day: int = 39) -> DataAsset:
        """Register data that the company derived from the asset, relying on one of its rights."""
        filing = make_complete_draft(
            self.office,
            self.company,
            data=data,
            kinds=[RightKind.HOLD],
            source_kind="DERIVED",
            situation="DERIVED",
            is_substantive=True,
            name="2025年全国城市人口统计表",
        )
        source = self.asset.versions.get()
        relied_on = Interest.objects.filter(reference=basis).first()
        derive_from(filing, source, self.company, basis=relied_on)
        return decide(
            self.office,
            bring_to_publicity(self.office, filing),
            at=max(self.start + day * DAY, filing.created_at),
        )

    def _register(self) -> DataAsset:
        filing = make_draft(self.office)
        name_applicants(filing, self.company, self.person)
        claim(filing, RightKind.HOLD, [(self.company, ONE)])
        claim(filing, RightKind.USE, [(self.company, ONE)])
        claim(filing, RightKind.OPERATE, [(self.company, 2 * THIRD), (self.person, THIRD)])
        hand_in_papers(filing)
        return decide(self.office, bring_to_publicity(self.office, filing), at=self.start)


def make_estate(office: Office) -> Estate:
    """Return an asset after grants, pledges, a subordination, a notice, a caution and freezes."""
    estate = Estate(office)
    operate, hold = estate.right().reference, estate.right(RightKind.HOLD).reference
    licence = estate.grant(2, operate, estate.user)
    estate.grant(4, licence, estate.other_bank)
    first = estate.pledge(6, estate.bank, 5_000_000)
    second = estate.pledge(8, estate.other_bank, 2_000_000, pledgor=estate.person)
    estate.subordinate(10, first, second, estate.bank)
    estate.move(12, estate.company, estate.user, THIRD)
    estate.caution(14, estate.person)
    estate.announce(16, estate.bank, 1_000_000)
    estate.freeze(18, hold)
    estate.freeze(20, hold)
    return estate
