"""Dealings drawn for a register as it stands: mostly lawful, some not, every act of title."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from rights.acts import BY_REQUEST
from rights.authorisation import Authorise, WithdrawAuthorisation
from rights.cancellation import AssetCancellation
from rights.caution import CautionCancellation, CautionEntry, CautionExtension
from rights.change import DescriptionChange, LimitsChange
from rights.circulation import FileCirculation
from rights.control import ControlLifting, ControlOrder
from rights.correction import DescriptionCorrection, RemarkCorrection, RightCorrection
from rights.covenant import CovenantEntry, CovenantRelease
from rights.dealing import Dealing
from rights.enforcement import Enforce
from rights.export import RecordClearance, RevokeClearance
from rights.facts import Consent, Order, Override, Request
from rights.freeze import FreezeLifting, FreezeOrder, FreezeRenewal
from rights.grant import Grant
from rights.kinds import (
    AuthorityKind,
    CancellationCause,
    ClearanceRoute,
    CorrectionCause,
    RevenueRole,
    RightKind,
    SuccessionKind,
)
from rights.objection import ObjectionConclusion, ObjectionEntry, ObjectionSustaining
from rights.pledge import AssignPledge, ChangePledge, CreatePledge
from rights.priority_notice import AnnouncePledge
from rights.release import Release
from rights.remarks import (
    Authorisation,
    Caution,
    Clearance,
    Control,
    Covenant,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    RevenueRule,
    Subordination,
)
from rights.renewal import Renewal
from rights.revenue import RecordRevenueTerms
from rights.scope import EVERYTHING, Scope
from rights.subordination import Subordinate
from rights.succession import Succession
from rights.surrender import Narrowing, Surrender
from rights.title import GrantTerms
from rights.transfer import Transfer
from rights.use import Use
from tests.rights.machine.model import PASSES, STRANGER, Note, Right, World

Drawn = TypeVar("Drawn")
Choose = Callable[[Sequence[Any]], Any]
"""Chooses one of several, of which the first is the simplest."""

DAY = timedelta(days=1)
OFFICER, SECOND_OFFICER = "U-ZHAO", "U-LI"
PAPER = "D-PAPER"
PARTS = [Fraction(1), Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)]
SCOPES = [
    EVERYTHING,
    Scope(purposes=frozenset({"A", "B"})),
    Scope(purposes=frozenset({"A"})),
    Scope(purposes=frozenset({"B"}), territories=frozenset({"CN-37"})),
    Scope(territories=frozenset({"CN"})),
]
SCENARIOS = ["S-1", "S-2"]
JUMPS = [0, 0, 0, 1, 1, 2, 5, 10, 30]
ORDERS = [
    Order(authority=authority, level=level, number=f"示例{level}号")
    for authority in (AuthorityKind.COURT, AuthorityKind.POLICE)
    for level in (2, 1, 3)
]


def later(choose: Choose, world: World, at: datetime) -> Any:
    """Draw the instant of the next dealing: soon, or just where something ends."""
    if choose(range(20)) == 19:
        ends = [right.end for right in world.rights.values()]
        ends += [note.end for note in world.notes.values()]
        days = choose([0, 1, 2, 100])
        near = [end - days * DAY for end in sorted(ends) if at <= end - days * DAY < at + 500 * DAY]
        if near:
            return near[0]
    return at + choose(JUMPS) * DAY


@dataclass
class Drawing:
    """What a dealing is drawn for; ``new`` gives references, ``serial`` counts dealings."""

    choose: Choose
    world: World
    at: datetime
    parties: Sequence[str]
    serial: int
    count: int = 0

    # --- drawing of parts

    def one(self, values: Sequence[Drawn]) -> Drawn:
        drawn: Drawn = self.choose(values)
        return drawn

    def chance(self, tenths: int) -> bool:
        """Say yes in so many of ten cases; no is the simplest."""
        return bool(self.choose(range(10)) >= 10 - tenths)

    def new(self, letter: str = "N") -> str:
        self.count += 1
        return f"{letter}-{self.serial:04}{self.count:02}"

    def party(self) -> str:
        return self.one(self.parties)

    def right(self, kind: RightKind | None = None) -> Right:
        rights = [right for right in self.world.rights.values() if kind in (None, right.kind)]
        if self.chance(3):
            rights = rights[:1]
        lasting = [right for right in rights if right.lasts(self.at)]
        chosen = lasting if lasting and not self.chance(1) else rights
        return self.one(chosen or list(self.world.rights.values()))

    def asset(self) -> str:
        return self.one(sorted(self.world.assets))

    def notes(self, *kinds: Any) -> list[Note]:
        return [note for note in self.world.notes.values() if isinstance(note.body, kinds)]

    def noted(self, *kinds: Any) -> Note:
        notes = self.notes(*kinds)
        standing = [note for note in notes if note.stops() > self.at]
        return self.one(standing if standing and not self.chance(1) else notes)

    def target(self) -> dict[str, str]:
        return {"asset": self.asset()} if self.chance(2) else {"interest": self.right().name}

    def of(self, note: Note) -> dict[str, str]:
        return {"interest": note.right} if note.right else {"asset": note.asset}

    def soon(self, *days: int) -> datetime:
        return self.at + self.one(days) * DAY

    def within(self, right: Right, *days: int) -> datetime:
        """Draw an end, mostly within the right's."""
        end = self.soon(*days)
        return end if self.chance(1) else min(end, right.end)

    def scenario(self, asset: str) -> Any:
        """Draw one for which there is an authorisation, mostly."""
        notes = [note for note in self.notes(Authorisation) if note.asset == asset]
        codes = [note.body.scenario for note in notes if note.lasts(self.at)]
        return self.one([*codes, *codes, *SCENARIOS, ""])

    def shares(self) -> dict[str, Fraction]:
        if self.chance(3):
            one, other = self.party(), self.party()
            part = self.one(PARTS[1:])
            parts = {one: part, other: 1 - part}  # of one party too little, and so unlawful
            return parts if one != other or self.chance(1) else {one: Fraction(1)}
        return {self.party(): Fraction(1)}

    def burdens(self, right: Right) -> dict[str, Fraction]:
        holders = sorted(right.shares)
        chosen = holders if self.chance(2) else [self.one(holders)]
        return {party: right.shares[party] * self.one(PARTS) for party in chosen}

    # --- acts

    def grant(self) -> Request:
        source = self.right(RightKind.OPERATE)
        if source.source and not source.terms.may_sublicense and not self.chance(1):
            source = self.world.line(source.name)[-1]
        terms = GrantTerms(
            may_sublicense=self.chance(6),
            may_transfer=self.chance(5),
            may_resell=self.chance(2),
            may_export=self.chance(1),
            is_exclusive=self.chance(1),
            survives=self.chance(2),
            max_uses=self.one([None, None, 2, 5]),
            scenario=source.terms.scenario or self.scenario(source.asset),
        )
        if source.source and not self.chance(1):
            own = source.terms
            terms = replace(
                terms,
                may_transfer=terms.may_transfer and own.may_transfer,
                may_resell=terms.may_resell and own.may_resell,
                max_uses=terms.max_uses if own.max_uses is None else own.max_uses,
            )
        start = self.soon(0, 0, 0, 0, 30)
        return Grant(
            reference=self.new("I"),
            parent=source.name,
            kind=self.one([RightKind.OPERATE, RightKind.OPERATE, RightKind.USE, RightKind.HOLD]),
            grantees=self.shares(),
            valid_from=start,
            valid_to=self.within(source, 60, 200, 400, 1000, 1200),
            scope=source.scope if self.chance(6) else self.one(SCOPES),
            terms=terms,
        )

    def transfer(self) -> Request:
        right = self.right()
        giver = self.party() if self.chance(1) else self.one(sorted(right.shares))
        held = right.shares.get(giver, Fraction(1))
        part = held * self.one(PARTS)
        takers = {self.party(): part}
        if self.chance(3):
            takers = {self.party(): part / 2} | {self.party(): part / 2}
        if self.chance(8):
            takers = {taker: p for taker, p in takers.items() if taker != giver} or takers
        return Transfer(interest=right.name, giver=giver, takers=takers)

    def pledge(self) -> Request:
        notices = self.notes(PriorityNotice)
        notice = self.noted(PriorityNotice) if notices and self.chance(5) else None
        right = self.world.rights.get(notice.right) if notice else self.right(RightKind.OPERATE)
        if right is None:
            right = self.right(RightKind.OPERATE)
        pledge = Pledge(
            secured_fen=self.one([100, 50, 200]),
            burdens=notice.body.burdens if notice else self.burdens(right),
            no_disposal=self.chance(6),
            is_maximum_amount=self.chance(2),
            due_on=(self.at + 30 * DAY).date() if self.chance(3) else None,
        )
        pledgee = self.party()
        if pledgee in pledge.burdens and not self.chance(1):
            others = [party for party in self.parties if party not in pledge.burdens]
            pledgee = self.one(others or [pledgee])
        return CreatePledge(
            reference=self.new(),
            interest=right.name,
            pledgee=notice.party if notice and not self.chance(1) else pledgee,
            pledge=pledge,
            valid_to=self.within(right, 400, 30, 100, 1000),
            under=notice.name if notice else "",
            words="示例：借款",
        )

    def change_pledge(self) -> Request:
        note = self.noted(Pledge)
        body = replace(note.body, secured_fen=note.body.secured_fen - self.one([10, 0, -10]))
        if self.chance(4):
            body = replace(body, no_disposal=self.chance(2))
        return ChangePledge(interest=note.right, reference=note.name, pledge=body)

    def assign_pledge(self) -> Request:
        note = self.noted(Pledge)
        paper = "" if self.chance(1) else PAPER
        creditor = self.one(self.parties)
        return AssignPledge(
            interest=note.right, reference=note.name, creditor=creditor, notice=paper
        )

    def subordinate(self) -> Request:
        pledges = sorted(self.notes(Pledge), key=lambda note: note.place)
        pairs = [(a, b) for a in pledges for b in pledges if a.right == b.right]
        willing = [(a, b) for a, b in pairs if a.place < b.place and a.stops() > self.at]
        yields, favours = self.one(willing if willing and not self.chance(1) else pairs)
        return Subordinate(
            reference=self.new(),
            interest=yields.right,
            yields=yields.name,
            favours=favours.name,
        )

    def announce(self) -> Request:
        right = self.right(RightKind.OPERATE)
        return AnnouncePledge(
            reference=self.new(),
            interest=right.name,
            pledgee=self.party(),
            burdens=self.burdens(right),
            secured_fen=self.one([100, 200]),
            valid_to=self.within(right, 60, 90, 91),
        )

    def release(self) -> Request:
        note = self.noted(Pledge, Pledge, PriorityNotice, Subordination)
        parts = {}
        if isinstance(note.body, Pledge) and self.chance(4):
            party = self.one(sorted(note.body.burdens))
            parts = {party: note.body.burdens[party] * self.one([*PARTS, Fraction(2)])}
        return Release(interest=note.right, reference=note.name, parts=parts)

    def enforce(self) -> Request:
        note = self.noted(Pledge)
        return Enforce(interest=note.right, reference=note.name, buyer=self.party())

    def freeze(self) -> Request:
        return FreezeOrder(
            reference=self.new(), months=self.one([1, 1, 1, 3, 12, 37]), **self.target()
        )

    def renew_freeze(self) -> Request:
        note = self.noted(Freeze)
        return FreezeRenewal(remark=note.name, months=self.one([3, 1, 0]), **self.of(note))

    def lift_freeze(self) -> Request:
        note = self.noted(Freeze)
        return FreezeLifting(remark=note.name, **self.of(note))

    def control(self) -> Request:
        return ControlOrder(reference=self.new(), valid_to=self.soon(5, 10, 30, 0), **self.target())

    def lift_control(self) -> Request:
        note = self.noted(Control)
        return ControlLifting(remark=note.name, **self.of(note))

    def caution(self) -> Request:
        end = self.soon(60, 300, 366, 0)
        return CautionEntry(reference=self.new(), party=self.party(), valid_to=end, **self.target())

    def extend_caution(self) -> Request:
        note = self.noted(Caution)
        end = note.end + self.one([30, 200, 400, 0]) * DAY
        more = self.of(note)
        return CautionExtension(remark=note.name, reference=self.new(), valid_to=end, **more)

    def cancel_caution(self) -> Request:
        note = self.noted(Caution)
        return CautionCancellation(remark=note.name, **self.of(note))

    def covenant(self) -> Request:
        right = self.right(RightKind.OPERATE)
        scope = right.scope if self.chance(4) else self.one(SCOPES)
        return CovenantEntry(
            reference=self.new(),
            interest=right.name,
            party=self.party(),
            valid_to=self.within(right, 10, 30, 100),
            scope=scope,
        )

    def release_covenant(self) -> Request:
        note = self.noted(Covenant)
        return CovenantRelease(remark=note.name, **self.of(note))

    def dispute(self) -> Request:
        return ObjectionEntry(reference=self.new(), party=self.party(), **self.target())

    def sustain(self) -> Request:
        note = self.noted(Objection)
        return ObjectionSustaining(remark=note.name, **self.of(note))

    def conclude(self) -> Request:
        note = self.noted(Objection)
        return ObjectionConclusion(remark=note.name, **self.of(note))

    def is_ending(self, right: Right) -> bool:
        return right.end - 180 * DAY <= self.at < right.end + 30 * DAY

    def renew(self) -> Request:
        rights = sorted(self.world.rights.values(), key=lambda right: (right.end, right.name))
        near = [right for right in rights if self.is_ending(right)]
        right = self.one(near) if near and not self.chance(1) else self.right()
        source = self.world.rights.get(right.source)
        end = right.end + self.one([30, 300, 1800, 2000, 0]) * DAY
        if source is not None and not self.chance(1):
            end = min(end, source.end)
        # The day of expiry itself is too late.
        edge = [right.end - DAY, right.end - timedelta(hours=2)]
        filed = [self.at, *edge, right.end - 100 * DAY]
        return Renewal(interest=right.name, valid_to=end, filed_at=self.one(filed))

    def described(self, asset: str) -> dict[str, object]:
        values = self.world.assets[asset]
        name = self.one(["name", "name", "resale_allowed", "export_allowed"])
        if name == "name":
            return {name: self.one(["示例数据甲", "示例数据乙", "示例数据丙"])}
        return {name: values[name] if self.chance(1) else not values[name]}

    def change_description(self) -> Request:
        asset = self.asset()
        return DescriptionChange(reference=self.new(), asset=asset, after=self.described(asset))

    def change_limits(self) -> Request:
        limits = self.one(["示例：只供内部使用", "示例：不得公开", ""])
        return LimitsChange(interest=self.right().name, limits=limits)

    def error(self) -> dict[str, Any]:
        cause = self.one([CorrectionCause.REGISTRAR, CorrectionCause.APPLICANT])
        paper = "D-NONE" if self.chance(1) else PAPER
        return {"record": self.new(), "cause": cause, "paper": paper}

    def correct_right(self) -> Request:
        right = self.right()
        put: dict[str, Any] = {}
        member = self.one(["shares", "valid_to", "scope", "terms", "limits"])
        if member == "shares":
            put["shares"] = self.shares()
        elif member == "valid_to":
            put["valid_to"] = right.end + self.one([-30, 30, -300, 300]) * DAY
        elif member == "scope":
            put["scope"] = self.one(SCOPES)
        elif member == "terms":
            put["terms"] = replace(
                right.terms, may_transfer=self.chance(5), max_uses=self.one([None, 3])
            )
        else:
            put["limits"] = self.one(["示例：只供内部使用", "示例：不得公开"])
        return RightCorrection(interest=right.name, **put, **self.error())

    def correct_remark(self) -> Request:
        kinds = (Pledge, Covenant, Caution, Control, Objection, Freeze)
        note = self.noted(*kinds)
        put: dict[str, Any] = {**self.of(note)}
        named = len(put)
        if self.chance(3):
            put["party"] = self.party()
        if self.chance(3) and note.end.year < 9000:
            put["valid_to"] = note.end + self.one([-20, 20]) * DAY
        if isinstance(note.body, Pledge) and (len(put) == named or self.chance(3)):
            fen = note.body.secured_fen + self.one([10, -10])
            put["body"] = replace(note.body, secured_fen=fen, no_disposal=self.chance(5))
        if isinstance(note.body, Covenant) and (len(put) == named or self.chance(3)):
            put["body"] = replace(note.body, scope=self.one(SCOPES))
        if isinstance(note.body, Freeze) and (len(put) == named or self.chance(3)):
            put["body"] = replace(note.body, months=self.one([3, 6]))
        return RemarkCorrection(remark=note.name, **put, **self.error())

    def correct_description(self) -> Request:
        asset = self.asset()
        after = self.described(asset)
        more = self.error()
        return DescriptionCorrection(reference=self.new(), asset=asset, after=after, **more)

    def succeed(self) -> Request:
        gone = self.party()
        rights = [right for right in self.world.rights.values() if gone in right.shares]
        favours = [note for note in self.notes(*PASSES) if note.party == gone]
        successors = self.shares()
        if not self.chance(1):
            others = [party for party in self.parties if party != gone]
            successors = {self.one(others): Fraction(1)} if gone in successors else successors
        passing = {note.name: self.one(sorted(successors)) for note in favours[:2]}
        kind = SuccessionKind.MERGER if self.chance(3) else SuccessionKind.INHERITANCE
        return Succession(
            kind=kind,
            predecessor=gone,
            successors=successors,
            paper=PAPER,
            rights=tuple(right.name for right in rights if right.end > self.at or self.chance(1)),
            favours=passing,
            assets=tuple(sorted({note.asset for note in favours})),
        )

    def narrow(self) -> Request:
        return Narrowing(interest=self.right().name, scope=self.one(SCOPES[1:]))

    def surrender(self) -> Request:
        granted = [right for right in self.world.rights.values() if right.source]
        right = self.one(granted) if granted and not self.chance(1) else self.right()
        return Surrender(interest=right.name)

    def cancel(self) -> Request:
        asset = self.asset()
        rights = self.world.originals(asset, self.at)
        cause = self.one([CancellationCause.OWN_REQUEST, CancellationCause.DATA_DESTROYED])
        names = tuple(right.name for right in rights)
        return AssetCancellation(
            reference=self.new(), asset=asset, cause=cause, rights=names, paper=PAPER
        )

    def use(self) -> Request:
        granted = [right for right in self.world.rights.values() if right.source]
        right = self.one(granted) if granted and not self.chance(2) else self.right()
        began = self.at - self.one([1, 20, 0]) * DAY
        marks = {above.name: self.new() for above in self.world.line(right.name)}
        return Use(
            reference=self.new(),
            interest=right.name,
            party=self.party() if self.chance(1) else self.one(sorted(right.shares)),
            quantity=self.one([1, 2, 3]),
            began=began,
            ended=None if self.chance(3) else began + DAY,
            evidence=PAPER,
            marks={} if self.chance(1) else marks,
        )

    def authorise(self) -> Request:
        party = self.party() if self.chance(5) else ""
        return Authorise(
            reference=self.new(),
            asset=self.asset(),
            scenario=self.one(SCENARIOS),
            party=party,
            group="" if party and not self.chance(1) else "G-1",
            valid_from=self.soon(0, -30, 20),
            valid_to=self.soon(400, 30, 1000, 0),
            paper=PAPER,
        )

    def withdraw(self) -> Request:
        note = self.noted(Authorisation)
        marks = {right.name: self.new() for right in self.world.rights.values()}
        return WithdrawAuthorisation(
            authorisation=note.name,
            asset=note.asset,
            marks={} if self.chance(1) else marks,
            paper=PAPER,
        )

    def clear(self) -> Request:
        return RecordClearance(
            reference=self.new(),
            asset=self.asset(),
            route=ClearanceRoute.ASSESSMENT,
            number="示例1号",
            destinations=self.one([None, frozenset({"HK"}), frozenset({"CN-37"})]),
            valid_from=self.soon(0, -10),
            valid_to=self.soon(400, 1000, 0),
            paper=PAPER,
        )

    def revoke(self) -> Request:
        note = self.noted(Clearance)
        return RevokeClearance(clearance=note.name, asset=note.asset)

    def share_revenue(self) -> Request:
        rules = [RevenueRule(role=RevenueRole.OPERATOR, rate=self.one([*PARTS[1:], Fraction(2)]))]
        if self.chance(4):
            rules.append(
                RevenueRule(
                    role=RevenueRole.HOLDER, party=self.party(), per_use_fen=self.one([5, 0])
                )
            )
        return RecordRevenueTerms(
            reference=self.new(), interest=self.right().name, rules=tuple(rules), paper=PAPER
        )

    def circulate(self) -> Request:
        right = self.right()
        taker = self.one(sorted(right.shares)) if self.chance(4) else self.party()
        giver = self.party() if self.chance(4) else self.one(sorted(right.shares))
        is_on_paper = self.chance(3)
        return FileCirculation(
            reference=self.new(),
            asset=right.asset,
            giver=giver,
            taker=taker,
            occurred_at=self.at - self.one([0, 0, 1, 50]) * DAY,
            purpose=self.one(["A", "B"]),
            territory=self.one(["CN-37", "CN-37", "HK"]),
            channel="API",
            interest="" if is_on_paper else right.name,
            paper=PAPER if is_on_paper else "",
            scenario=right.terms.scenario or self.one(SCENARIOS),
        )

    def acts(self) -> list[Callable[[], Request]]:
        """Return what may be drawn now; what alters a remark needs one to alter."""
        if not self.world.rights:
            return [self.change_description, self.authorise, self.clear]
        acts = [self.grant] * 4 + [self.transfer] * 4 + [self.pledge] * 3
        if self.chance(1) or any(self.is_ending(right) for right in self.world.rights.values()):
            acts += [self.renew] * 3
        acts += [self.announce, self.freeze, self.control, self.caution]
        acts += [self.covenant] if self.chance(3) else []
        acts += [self.dispute, self.change_description, self.change_limits]
        acts += [self.correct_right, self.correct_description, self.succeed, self.narrow]
        acts += [self.surrender, self.use, self.use, self.authorise, self.authorise, self.clear]
        acts += [self.share_revenue, self.circulate, self.circulate]
        if self.serial > 20 and self.chance(1):
            acts += [self.cancel]
        altering: list[tuple[Callable[[], Request], tuple[Any, ...]]] = [
            (self.change_pledge, (Pledge,)),
            (self.assign_pledge, (Pledge,)),
            (self.subordinate, (Pledge,)),
            (self.enforce, (Pledge,)),
            (self.release, (Pledge, PriorityNotice, Subordination)),
            (self.renew_freeze, (Freeze,)),
            (self.lift_freeze, (Freeze,)),
            (self.lift_freeze, (Freeze,)),
            (self.lift_control, (Control,)),
            (self.lift_control, (Control,)),
            (self.extend_caution, (Caution,)),
            (self.cancel_caution, (Caution,)),
            (self.release_covenant, (Covenant,)),
            (self.sustain, (Objection,)),
            (self.conclude, (Objection,)),
            (self.correct_remark, (Pledge, Covenant, Caution, Control, Objection, Freeze)),
            (self.withdraw, (Authorisation,)),
            (self.revoke, (Clearance,)),
        ]
        for act, kinds in altering:
            if any(note.stops() > self.at for note in self.notes(*kinds)):
                acts += [act, act]
        return acts

    # --- the whole

    def dealing(self) -> Dealing:
        """Draw one dealing of one act, or of two or three."""
        items = [self.one(self.acts())() for _ in range(self.one([1, 1, 1, 1, 1, 1, 2, 3]))]
        first = self.world.rights.get(items[0].interests[0]) if items[0].interests else None
        whose = self.one(["all", "all", "all", "holders", "some"])
        applicants = set(self.parties)
        if whose == "holders" and first:
            applicants = set(first.shares)
        elif whose != "all":
            applicants = {party for party in self.parties if self.chance(5)}
        if self.chance(1) and self.chance(2):
            applicants.add(STRANGER)
        needs_order = {"freeze", "freeze_renewal", "freeze_lifting", "control", "control_lifting"}
        is_ordered = any(BY_REQUEST[type(item)].name in needs_order for item in items)
        order = self.one(ORDERS) if is_ordered != self.chance(1) else None
        return self.agreed(
            Dealing(
                filing=f"F-{self.serial}",
                items=tuple(items),
                applicants=frozenset(applicants),
                instruments=frozenset({PAPER}),
                order=order,
                overrides=self.overrides(),
            )
        )

    def overrides(self) -> tuple[Override, ...]:
        if not self.chance(1):
            return ()
        second = OFFICER if self.chance(1) else SECOND_OFFICER
        name = self.new()
        return (Override(reference=name, rule="GRT-8", ground="示例", approved_by=second),)

    def agreed(self, dealing: Dealing) -> Dealing:
        """Return the dealing with consents of some who do not apply; some papers served before."""
        away = [party for party in self.parties if party not in dealing.applicants]
        if not away or not self.chance(6):
            return dealing
        digest = "0" * 64 if self.chance(1) else dealing.digest()
        used = sorted(self.world.used)
        return replace(
            dealing,
            consents=tuple(
                Consent(
                    instrument=self.one(used) if used and self.chance(1) else self.new("D"),
                    party=party,
                    dealing=digest,
                )
                for party in away
            ),
        )
