"""What the law says of each act, for the naive register (`tests.rights.machine.model`)."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from rights.authorisation import Authorise, WithdrawAuthorisation
from rights.cancellation import AssetCancellation
from rights.caution import CautionCancellation, CautionEntry, CautionExtension
from rights.change import DescriptionChange, LimitsChange
from rights.circulation import FileCirculation
from rights.control import ControlLifting, ControlOrder
from rights.correction import DescriptionCorrection, RemarkCorrection, RightCorrection
from rights.covenant import CovenantEntry, CovenantRelease
from rights.enforcement import Enforce
from rights.export import RecordClearance, RevokeClearance
from rights.freeze import FreezeLifting, FreezeOrder, FreezeRenewal
from rights.grant import Grant
from rights.kinds import (
    BreachGround,
    CancellationCause,
    CorrectionCause,
    ObjectionStage,
    RightKind,
    SuccessionKind,
)
from rights.objection import ObjectionConclusion, ObjectionEntry, ObjectionSustaining
from rights.pledge import AssignPledge, ChangePledge, CreatePledge
from rights.priority_notice import AnnouncePledge
from rights.release import Release
from rights.remarks import (
    Authorisation,
    BasisWithdrawn,
    Breach,
    Cancellation,
    Caution,
    Circulation,
    Clearance,
    Control,
    Covenant,
    Description,
    Freeze,
    MeteredUse,
    Objection,
    Pledge,
    PriorityNotice,
    RevenueTerms,
    Subordination,
)
from rights.renewal import Renewal
from rights.revenue import RecordRevenueTerms
from rights.subordination import Subordinate
from rights.succession import Succession
from rights.surrender import Narrowing, Surrender
from rights.terms import term_end
from rights.transfer import Transfer
from rights.use import Use
from tests.rights.machine.model import (
    FOREVER,
    PASSES,
    SECOND,
    SHANGHAI,
    STANDS_FOR_EVER,
    Note,
    Reasons,
    Right,
    Step,
    abroad,
    exports,
    given,
    law,
    whole,
    within,
)

CUT_OUT_OF = {
    RightKind.HOLD: (),
    RightKind.USE: (RightKind.USE,),
    RightKind.OPERATE: tuple(RightKind),
}


@law(Grant)
class GrantLaw:
    @staticmethod
    def against(step: Step, asked: Grant) -> Reasons:
        world, source = step.world, step.world.rights[asked.parent]
        asset, terms = world.assets[source.asset], asked.terms
        if source.source:
            if asked.kind not in CUT_OUT_OF[source.kind] or not source.terms.may_sublicense:
                yield "kind"
            if not within(terms, source.terms):
                yield "terms within the source"
        elif source.kind != RightKind.OPERATE:
            yield "kind"
        if not step.at <= asked.valid_from < asked.valid_to <= source.end:
            yield "term within the source"
        if not source.scope.includes(asked.scope):
            yield "scope within the source"
        if terms.may_resell and not asset["resale_allowed"]:
            yield "asset allows resale"
        if exports(terms, asked.scope):
            if not asset["export_allowed"]:
                yield "asset allows export"
            if not world.cleared(source.asset, asked.scope.territories, asked.valid_from):
                yield "export is cleared"
        if world.shut_out(asked.parent, asked.valid_from, asked.valid_to, asked.scope):
            yield "exclusivity"
        if not whole(asked.grantees):
            yield "shares are one"
        if step.dealing.order is None and not step.majority(source):
            yield "majority of the grantors"
        if world.is_personal(source.asset):
            if not terms.scenario or source.terms.scenario not in ("", terms.scenario):
                yield "one scenario"
            start = asked.valid_from
            if not world.authorised(source.asset, terms.scenario, start, start + SECOND):
                yield "authorised"
        if terms.is_exclusive and not (
            step.pledgees_agree([source]) and step.announced_agree([source])
        ):
            yield "consent of pledgees"

    @staticmethod
    def then(step: Step, asked: Grant) -> None:
        step.world.rights[asked.reference] = Right(
            name=asked.reference,
            asset=step.world.rights[asked.parent].asset,
            kind=asked.kind,
            shares=dict(asked.grantees),
            start=asked.valid_from,
            end=asked.valid_to,
            source=asked.parent,
            scope=asked.scope,
            terms=asked.terms,
            limits=asked.limits,
        )
        step.mine.add(asked.reference)


@law(Transfer, disposes=True)
class TransferLaw:
    @staticmethod
    def against(step: Step, asked: Transfer) -> Reasons:
        right, parts = step.world.rights[asked.interest], asked.takers
        if sum(parts.values()) > right.shares.get(asked.giver, 0):
            yield "giver has it"
        if not parts or min(parts.values()) <= 0:
            yield "something moves"
        if asked.giver in parts:
            yield "nobody gives to himself"
        if not step.applies_or_order(asked.giver, *parts):
            yield "all apply"
        if right.source and not right.terms.may_transfer:
            yield "right may move"
        scenario, at = right.terms.scenario, step.at
        if scenario and step.world.is_personal(right.asset) and step.dealing.order is None:
            if not step.world.authorised(right.asset, scenario, at, at + SECOND):
                yield "authorised"

    @staticmethod
    def then(step: Step, asked: Transfer) -> None:
        right = step.world.rights[asked.interest]
        for note in step.world.on(right, Pledge, step.at):
            burdens = dict(note.body.burdens)
            free = right.shares[asked.giver] - burdens.get(asked.giver, Fraction(0))
            is_moved = False
            # What is free goes to the first takers, what is pledged to the last.
            for taker, part in sorted(asked.takers.items()):
                unburdened = min(free, part)
                free -= unburdened
                if burdened := part - unburdened:
                    burdens = given(burdens, asked.giver, {taker: burdened})
                    is_moved = True
            if is_moved:
                note.body = replace(note.body, burdens=burdens)
                step.revise(note)
        right.shares = given(right.shares, asked.giver, asked.takers)
        step.revise(right)


def _pledgeable(right: Right) -> bool:
    return right.kind == RightKind.OPERATE and (not right.source or right.terms.may_transfer)


def _held(right: Right, burdens: Any) -> bool:
    return bool(burdens) and all(
        0 < part <= right.shares.get(party, 0) for party, part in burdens.items()
    )


def _is_named_in_full(pledge: Pledge, at: datetime) -> bool:
    named = [pledge.external_registry, pledge.external_number, pledge.external_at]
    return not any(named) or (all(named) and pledge.external_at <= at)  # type: ignore[operator] # set


@law(CreatePledge)
class PledgeLaw:
    @staticmethod
    def against(step: Step, asked: CreatePledge) -> Reasons:
        right, pledge = step.world.rights[asked.interest], asked.pledge
        if not _pledgeable(right):
            yield "may be pledged"
        if not _held(right, pledge.burdens):
            yield "pledgors hold it"
        if pledge.secured_fen <= 0:
            yield "amount"
        if asked.pledgee in pledge.burdens:
            yield "nobody pledges to himself"
        if not step.applies(asked.pledgee, *pledge.burdens):
            yield "all apply"
        if any(step.world.on(above, Objection, step.at) for above in step.world.line(right.name)):
            yield "undisputed"
        if not step.at < asked.valid_to <= right.end:
            yield "term within the right"
        if not _is_named_in_full(pledge, step.at):
            yield "other register"
        if not asked.words or len(asked.words) > 400:
            yield "obligation"
        if asked.under:
            notice = PledgeLaw.notice(step, asked)
            if notice is None or (
                notice.party != asked.pledgee
                or notice.body.used_by
                or notice.body.currency != pledge.currency
                or pledge.secured_fen > notice.body.secured_fen
                or any(p > notice.body.burdens.get(who, 0) for who, p in pledge.burdens.items())
            ):
                yield "place is kept"

    @staticmethod
    def notice(step: Step, asked: CreatePledge) -> Note | None:
        right = step.world.rights[asked.interest]
        notices = step.world.on(right, PriorityNotice, step.at)
        return next((note for note in notices if note.name == asked.under), None)

    @staticmethod
    def then(step: Step, asked: CreatePledge) -> None:
        right, place = step.world.rights[asked.interest], step.place
        if asked.under and (notice := PledgeLaw.notice(step, asked)):
            notice.body = replace(notice.body, used_by=asked.reference)
            place = notice.place
            step.revise(notice)
        more = {"right": right.name, "party": asked.pledgee, "words": asked.words, "place": place}
        step.note(asked.reference, right.asset, asked.pledge, asked.valid_to, **more)


@law(ChangePledge)
class PledgeChangeLaw:
    @staticmethod
    def against(step: Step, asked: ChangePledge) -> Reasons:
        new = asked.pledge
        note = step.pledge(step.world.rights[asked.interest], asked.reference)
        if note is None:
            yield "pledge is in force"
            return
        old = note.body
        if not 0 < new.secured_fen <= old.secured_fen:
            yield "nothing grows"
        if (new.is_maximum_amount and not old.is_maximum_amount) or (
            new.no_disposal and not old.no_disposal
        ):
            yield "nothing grows"
        if (new.currency, new.burdens, new.due_on) != (old.currency, old.burdens, old.due_on):
            yield "nothing grows"
        if not step.court and not step.agrees(note.party):
            yield "pledgee agrees"
        if not _is_named_in_full(new, step.at):
            yield "other register"

    @staticmethod
    def then(step: Step, asked: ChangePledge) -> None:
        note = step.world.notes[asked.reference]
        note.body = asked.pledge
        step.revise(note)


@law(AssignPledge)
class PledgeAssignmentLaw:
    @staticmethod
    def against(step: Step, asked: AssignPledge) -> Reasons:
        note = step.pledge(step.world.rights[asked.interest], asked.reference)
        if asked.notice not in step.dealing.instruments:
            yield "told"
        if note is None:
            yield "pledge is in force"
            return
        if not step.court and not step.applies(note.party, asked.creditor):
            yield "both apply"
        if asked.creditor == note.party or asked.creditor in note.body.burdens:
            yield "another creditor"

    @staticmethod
    def then(step: Step, asked: AssignPledge) -> None:
        for note in list(step.world.notes.values()):
            is_place = isinstance(note.body, Subordination) and note.lasts(step.at)
            if note.name == asked.reference or (is_place and note.body.favours == asked.reference):
                note.party = asked.creditor
                step.revise(note)


@law(Subordinate)
class SubordinationLaw:
    @staticmethod
    def against(step: Step, asked: Subordinate) -> Reasons:
        world, right = step.world, step.world.rights[asked.interest]
        if asked.yields == asked.favours or not (
            step.pledge(right, asked.yields) and step.pledge(right, asked.favours)
        ):
            yield "two pledges in force"
            return
        before = [note.name for note in world.order(right, step.at)]
        if before.index(asked.yields) > before.index(asked.favours):
            yield "a place to yield"
        if SubordinationLaw.reaches(step, asked.favours, asked.yields):
            yield "no circle"
            return
        SubordinationLaw.then(step, asked)
        after = [note.name for note in world.order(right, step.at)]
        world.notes.pop(asked.reference)
        step.mine.discard(asked.reference)
        for name in before:
            ahead = set(after[: after.index(name)]) - set(before[: before.index(name)])
            if ahead and not step.agrees(world.notes[name].party):
                yield "who loses a place agrees"

    @staticmethod
    def reaches(step: Step, behind: str, ahead: str) -> bool:
        """Say whether a pledge stands behind another by subordinations, one or several."""
        if behind == ahead:
            return True
        return any(
            SubordinationLaw.reaches(step, note.body.favours, ahead)
            for note in step.world.notes.values()
            if isinstance(note.body, Subordination)
            and note.lasts(step.at)
            and note.body.yields == behind
        )

    @staticmethod
    def then(step: Step, asked: Subordinate) -> None:
        notes = step.world.notes
        yields, favours = notes[asked.yields], notes[asked.favours]
        body = Subordination(yields=asked.yields, favours=asked.favours)
        end = min(yields.stops(), favours.stops())
        more = {"right": asked.interest, "party": favours.party}
        step.note(asked.reference, yields.asset, body, end, **more)


@law(AnnouncePledge)
class NoticeLaw:
    @staticmethod
    def against(step: Step, asked: AnnouncePledge) -> Reasons:
        right = step.world.rights[asked.interest]
        if not _pledgeable(right):
            yield "may be pledged"
        if not _held(right, asked.burdens) or not step.applies(*asked.burdens):
            yield "holders apply"
        if asked.secured_fen <= 0:
            yield "amount"
        last = min(step.at + timedelta(days=90), right.end)
        if not step.at < asked.valid_to <= last:
            yield "period"

    @staticmethod
    def then(step: Step, asked: AnnouncePledge) -> None:
        body = PriorityNotice(
            act="pledge",
            secured_fen=asked.secured_fen,
            currency=asked.currency,
            burdens=asked.burdens,
        )
        asset = step.world.rights[asked.interest].asset
        more = {"right": asked.interest, "party": asked.pledgee}
        step.note(asked.reference, asset, body, asked.valid_to, **more)


@law(Release)
class ReleaseLaw:
    @staticmethod
    def against(step: Step, asked: Release) -> Reasons:
        note = step.world.notes.get(asked.reference)
        if (
            note is None
            or not isinstance(note.body, Pledge | Subordination | PriorityNotice)
            or not note.lasts(step.at)
            or note.right != asked.interest
        ):
            yield "it is in force"
            return
        if not step.court and not step.agrees(note.party):
            yield "whom it favours agrees"
        if asked.parts and (
            not isinstance(note.body, Pledge)
            or any(not 0 < p <= note.body.burdens.get(w, 0) for w, p in asked.parts.items())
        ):
            yield "parts are pledged"

    @staticmethod
    def then(step: Step, asked: Release) -> None:
        note = step.world.notes[asked.reference]
        if asked.parts:
            step.free(note, asked.parts)
        else:
            step.discharge(note)


@law(Enforce, disposes=True)
class EnforcementLaw:
    @staticmethod
    def on_what_moves(step: Step, asked: Enforce) -> tuple[list[Note], list[Note]]:
        """Return the pledges ahead and behind that share a holder with the enforced one."""
        order = step.world.order(step.world.rights[asked.interest], step.at)
        place = [note.name for note in order].index(asked.reference)
        sold = order[place].body.burdens.keys()
        ahead = [note for note in order[:place] if note.body.burdens.keys() & sold]
        return ahead, [note for note in order[place + 1 :] if note.body.burdens.keys() & sold]

    @staticmethod
    def against(step: Step, asked: Enforce) -> Reasons:
        note = step.pledge(step.world.rights[asked.interest], asked.reference)
        if note is None:
            yield "pledge is in force"
            return
        if asked.buyer in note.body.burdens:
            yield "buyer is another"
        if step.court:
            return
        if not step.applies(note.party, asked.buyer, *note.body.burdens):
            yield "all apply"
        _, behind = EnforcementLaw.on_what_moves(step, asked)
        if not all(step.agrees(other.party) for other in behind):
            yield "who loses security agrees"
        today = step.at.astimezone(SHANGHAI).date()
        if asked.buyer == note.party and note.body.due_on and today <= note.body.due_on:
            yield "not before it is due"

    @staticmethod
    def then(step: Step, asked: Enforce) -> None:
        right = step.world.rights[asked.interest]
        enforced = step.world.notes[asked.reference]
        ahead, behind = EnforcementLaw.on_what_moves(step, asked)
        sold = dict(enforced.body.burdens)
        for giver, part in sold.items():
            right.shares = given(right.shares, giver, {asked.buyer: part})
        step.revise(right)
        step.discharge(enforced)
        for note in behind:
            step.free(note, {w: min(p, sold[w]) for w, p in note.body.burdens.items() if w in sold})
        for note in ahead:
            burdens = dict(note.body.burdens)
            for giver, part in note.body.burdens.items():
                if giver in sold:
                    burdens = given(burdens, giver, {asked.buyer: min(part, sold[giver])})
            note.body = replace(note.body, burdens=burdens)
            step.revise(note)


def _is_one(asked: Any) -> bool:
    return bool(asked.interest) != bool(asked.asset)


@law(FreezeOrder, barred=False)
class FreezeLaw:
    @staticmethod
    def against(step: Step, asked: FreezeOrder) -> Reasons:
        if not step.ordered:
            yield "ordered"
        if not 1 <= asked.months <= 36:
            yield "term"
        if not _is_one(asked):
            yield "one target"

    @staticmethod
    def then(step: Step, asked: FreezeOrder) -> None:
        order = step.dealing.order
        assert order is not None
        body = Freeze(
            authority=order.authority, level=order.level, order=order.number, months=asked.months
        )
        step.lay(asked, body)


@law(FreezeRenewal, barred=False, force=False)
class FreezeRenewalLaw:
    @staticmethod
    def state(step: Step, asked: Any) -> Any:
        note = step.target(asked, Freeze)
        return step.world.freezes(note.asset, step.at)[note.name] if note else None

    @staticmethod
    def against(step: Step, asked: FreezeRenewal) -> Reasons:
        state = FreezeRenewalLaw.state(step, asked)
        if state is None or state[0] != "binds":
            yield "it binds"
            return
        if not 1 <= asked.months <= 36:
            yield "term"
        if not step.ordered or not step.outranks(step.world.notes[asked.remark].body.level):
            yield "ordered"

    @staticmethod
    def then(step: Step, asked: FreezeRenewal) -> None:
        _, since, until = FreezeRenewalLaw.state(step, asked)
        note = step.world.notes[asked.remark]
        renewed = term_end(until, asked.months)
        note.body = replace(note.body, since=since, renewed_to=renewed)
        step.revise(note)


@law(FreezeLifting, barred=False, force=False)
class FreezeLiftingLaw:
    @staticmethod
    def against(step: Step, asked: FreezeLifting) -> Reasons:
        state = FreezeRenewalLaw.state(step, asked)
        if state is None or state[0] == "over":
            yield "it is there"
        elif not step.ordered or not step.outranks(step.world.notes[asked.remark].body.level):
            yield "ordered"

    @staticmethod
    def then(step: Step, asked: FreezeLifting) -> None:
        step.end(step.world.notes[asked.remark])


@law(ControlOrder, barred=False)
class ControlLaw:
    @staticmethod
    def against(step: Step, asked: ControlOrder) -> Reasons:
        if not step.ordered:
            yield "ordered"
        if asked.valid_to <= step.at:
            yield "term"
        if not _is_one(asked):
            yield "one target"

    @staticmethod
    def then(step: Step, asked: ControlOrder) -> None:
        order = step.dealing.order
        assert order is not None
        body = Control(authority=order.authority, level=order.level, order=order.number)
        step.lay(asked, body, asked.valid_to)


@law(ControlLifting, barred=False, force=False)
class ControlLiftingLaw:
    @staticmethod
    def against(step: Step, asked: ControlLifting) -> Reasons:
        note = step.target(asked, Control)
        if note is None:
            yield "it is there"
        elif not step.ordered or not step.outranks(note.body.level):
            yield "ordered"

    @staticmethod
    def then(step: Step, asked: ControlLifting) -> None:
        step.end(step.world.notes[asked.remark])


@law(CautionEntry, barred=False)
class CautionLaw:
    @staticmethod
    def against(step: Step, asked: CautionEntry) -> Reasons:
        if not step.applies_or_order(asked.party):
            yield "who warns applies"
        if not step.at < asked.valid_to <= term_end(step.at, 12):
            yield "term"
        if not _is_one(asked):
            yield "one target"

    @staticmethod
    def then(step: Step, asked: CautionEntry) -> None:
        step.lay(asked, Caution(), asked.valid_to)


@law(CautionExtension, barred=False)
class CautionExtensionLaw:
    @staticmethod
    def against(step: Step, asked: CautionExtension) -> Reasons:
        note = step.target(asked, Caution)
        if note is None:
            yield "it is there"
            return
        if not note.stops() < asked.valid_to <= term_end(note.stops(), 12):
            yield "term"
        if not step.applies_or_order(note.party):
            yield "who warned applies"

    @staticmethod
    def then(step: Step, asked: CautionExtension) -> None:
        old = step.world.notes[asked.remark]
        more = {"right": asked.interest, "party": old.party, "words": asked.words}
        body = Caution(extends=asked.remark)
        step.note(asked.reference, old.asset, body, asked.valid_to, **more)


@law(CautionCancellation, barred=False, force=False)
class CautionCancellationLaw:
    @staticmethod
    def named(step: Step, asked: CautionCancellation) -> list[Note]:
        """Return the caution and all that extend it, however they are ranked."""
        cautions = [n for n in step.world.notes.values() if isinstance(n.body, Caution)]
        cautions = [note for note in cautions if asked.interest in ("", note.right)]
        cautions = [
            n for n in cautions if asked.interest or (not n.right and n.asset == asked.asset)
        ]
        names: set[str] = {asked.remark}
        while more := {n.name for n in cautions if n.body.extends in names} - names:
            names |= more
        return [note for note in cautions if note.name in names and note.stops() > step.at]

    @staticmethod
    def against(step: Step, asked: CautionCancellation) -> Reasons:
        cautions = CautionCancellationLaw.named(step, asked)
        if not cautions:
            yield "it is there"
        elif not step.applies_or_order(*(note.party for note in cautions)):
            yield "who warned applies"

    @staticmethod
    def then(step: Step, asked: CautionCancellation) -> None:
        for note in CautionCancellationLaw.named(step, asked):
            step.end(note)


@law(CovenantEntry)
class CovenantLaw:
    @staticmethod
    def against(step: Step, asked: CovenantEntry) -> Reasons:
        if not asked.interest or asked.asset or not asked.party:
            yield "one right"
            return
        right = step.world.rights[asked.interest]
        if step.dealing.order is None and not step.majority(right):
            yield "majority"
        if not step.at < asked.valid_to <= right.end:
            yield "term"
        if not right.scope.includes(asked.scope):
            yield "scope"

    @staticmethod
    def then(step: Step, asked: CovenantEntry) -> None:
        step.lay(asked, Covenant(scope=asked.scope), asked.valid_to)


@law(CovenantRelease)
class CovenantReleaseLaw:
    @staticmethod
    def against(step: Step, asked: CovenantRelease) -> Reasons:
        note = step.target(asked, Covenant)
        if note is None:
            yield "it is there"
        elif not step.applies_or_order(note.party):
            yield "whom it favours applies"

    @staticmethod
    def then(step: Step, asked: CovenantRelease) -> None:
        step.end(step.world.notes[asked.remark])


@law(ObjectionEntry, barred=False)
class ObjectionLaw:
    @staticmethod
    def against(step: Step, asked: ObjectionEntry) -> Reasons:
        if not step.applies_or_order(asked.party):
            yield "who objects applies"
        if not _is_one(asked):
            yield "one target"

    @staticmethod
    def then(step: Step, asked: ObjectionEntry) -> None:
        step.lay(asked, Objection(stage=ObjectionStage.OPEN))


@law(ObjectionSustaining, barred=False, force=False)
class ObjectionSustainingLaw:
    @staticmethod
    def against(step: Step, asked: ObjectionSustaining) -> Reasons:
        note = step.target(asked, Objection)
        if note is None or note.body.stage != ObjectionStage.OPEN:
            yield "it is open"

    @staticmethod
    def then(step: Step, asked: ObjectionSustaining) -> None:
        note = step.world.notes[asked.remark]
        note.body = Objection(stage=ObjectionStage.SUSTAINED)
        step.revise(note)


@law(ObjectionConclusion, barred=False, force=False)
class ObjectionConclusionLaw:
    @staticmethod
    def against(step: Step, asked: ObjectionConclusion) -> Reasons:
        if step.target(asked, Objection) is None:
            yield "it is there"

    @staticmethod
    def then(step: Step, asked: ObjectionConclusion) -> None:
        step.end(step.world.notes[asked.remark])


@law(Renewal, barred=False, force=False)
class RenewalLaw:
    @staticmethod
    def against(step: Step, asked: Renewal) -> Reasons:
        right = step.world.rights.get(asked.interest)
        if right is None:
            yield "right has not ended"
            return
        source = step.world.rights.get(right.source)
        # By days as the calendar on the wall counts them.
        expires = (right.end - SECOND).astimezone(SHANGHAI).date()
        filed = asked.filed_at.astimezone(SHANGHAI).date()
        months = expires.year * 12 + expires.month - 1 - 6
        opens = expires.replace(day=1, year=months // 12, month=months % 12 + 1)
        for day in range(2, expires.day + 1):
            if (opens + timedelta(days=1)).month == opens.month:
                opens = opens.replace(day=day)
        if not opens <= filed < expires or asked.filed_at > step.at:
            yield "filed in time"
        if not max(step.at, right.end) < asked.valid_to <= term_end(right.end, 60):
            yield "term"
        if step.dealing.order is None:
            if not any(step.applies(party) for party in right.shares):
                yield "holder applies"
            if source is not None and not step.majority(source):
                yield "grantors apply"
        if right.source:
            if source is None or asked.valid_to > source.end:
                yield "source lasts as long"
            if step.world.shut_out(right.source, right.end, asked.valid_to, right.scope):
                yield "exclusivity"

    @staticmethod
    def then(step: Step, asked: Renewal) -> None:
        right = step.world.rights[asked.interest]
        step.revise(right, min(max(step.at, right.start), right.end))
        right.end = asked.valid_to


class Described:
    @staticmethod
    def against(step: Step, asked: Any) -> Reasons:
        world, after = step.world, asked.after
        values = world.assets[asked.asset]
        if not after or any(values[name] == value for name, value in after.items()):
            yield "something new"
        rights = [right for right in world.rights.values() if right.asset == asked.asset]
        rights = [right for right in rights if right.end > step.at]
        granted = [right for right in rights if right.source]
        if after.get("resale_allowed") is False and any(r.terms.may_resell for r in granted):
            yield "grants still fit"
        if after.get("export_allowed") is False and any(r.terms.may_export for r in granted):
            yield "grants still fit"
        if after.keys() & {"resale_allowed", "export_allowed"} and not step.pledgees_agree(rights):
            yield "pledgees agree to limits"

    @staticmethod
    def last(step: Step, asset: str) -> Note | None:
        notes = step.world.notes.values()
        chain = (n for n in notes if n.asset == asset and isinstance(n.body, Description))
        return next(chain, None)

    @staticmethod
    def redescribe(step: Step, asked: Any, start: datetime) -> None:
        values = step.world.assets[asked.asset]
        body = Description(before={name: values[name] for name in asked.after}, after=asked.after)
        if note := Described.last(step, asked.asset):
            step.revise(note, start)
            note.body, note.place, note.words = body, step.place, asked.words
        else:
            step.note(asked.reference, asked.asset, body, start=start, words=asked.words)
        values.update(asked.after)

    @staticmethod
    def holders(step: Step, asset: str) -> set[str]:
        return {p for right in step.world.originals(asset, step.at) for p in right.shares}


@law(DescriptionChange)
class DescriptionChangeLaw:
    @staticmethod
    def against(step: Step, asked: DescriptionChange) -> Reasons:
        yield from Described.against(step, asked)
        holders = Described.holders(step, asked.asset)
        if step.dealing.order is None and not (holders and step.applies(*holders)):
            yield "registrants apply"

    @staticmethod
    def then(step: Step, asked: DescriptionChange) -> None:
        Described.redescribe(step, asked, step.at)


@law(LimitsChange, disposes=True)
class LimitsLaw:
    @staticmethod
    def against(step: Step, asked: LimitsChange) -> Reasons:
        right = step.world.rights[asked.interest]
        source = step.world.rights.get(right.source)
        if asked.limits == right.limits:
            yield "other words"
        if step.dealing.order is None:
            if not step.applies(*right.shares):
                yield "holders apply"
            if source is not None and not step.majority(source):
                yield "grantors apply"

    @staticmethod
    def then(step: Step, asked: LimitsChange) -> None:
        right = step.world.rights[asked.interest]
        right.limits = asked.limits
        step.revise(right)


def _shown(step: Step, asked: Any, registered: set[str]) -> Reasons:
    if asked.paper not in step.dealing.instruments:
        yield "error is on paper"
    if asked.cause != CorrectionCause.REGISTRAR and not step.applies_or_order(*registered):
        yield "those registered agree"


@law(RightCorrection, disposes=True, force=False)
class RightCorrectionLaw:
    @staticmethod
    def against(step: Step, asked: RightCorrection) -> Reasons:
        right = step.world.rights.get(asked.interest)
        registered = set(right.shares if right else ()) | set(asked.shares or ())
        yield from _shown(step, asked, registered)
        if right is None:
            yield "it stands"
            return
        now = (right.shares, right.end, right.scope, right.terms, right.limits)
        put = (asked.shares, asked.valid_to, asked.scope, asked.terms, asked.limits)
        if all(new is None or new == old for new, old in zip(put, now, strict=True)):
            yield "something is put right"
        if asked.valid_to and not right.start < asked.valid_to <= term_end(right.start, 66):
            yield "term"
        if source := step.world.rights.get(right.source):
            if asked.scope is not None and not source.scope.includes(asked.scope):
                yield "scope within the source"
            if asked.terms is not None and source.source:
                if not within(asked.terms, source.terms):
                    yield "terms within the source"
        if right.source:
            end, scope = asked.valid_to or right.end, asked.scope or right.scope
            new = step.world.shut_out(right.source, right.start, end, scope)
            old = step.world.shut_out(right.source, right.start, right.end, right.scope)
            if new - old - {right.name}:
                yield "exclusivity"

    @staticmethod
    def then(step: Step, asked: RightCorrection) -> None:
        right = step.world.rights[asked.interest]
        step.put_right(asked, right.asset, f"{right.name}@{right.revision}", right.name)
        step.revise(right, right.start)
        right.shares = dict(asked.shares) if asked.shares is not None else right.shares
        right.end = asked.valid_to or right.end
        right.scope = right.scope if asked.scope is None else asked.scope
        right.terms = right.terms if asked.terms is None else asked.terms
        right.limits = right.limits if asked.limits is None else asked.limits


@law(RemarkCorrection, force=False)
class RemarkCorrectionLaw:
    @staticmethod
    def against(step: Step, asked: RemarkCorrection) -> Reasons:
        world, note = step.world, step.world.notes.get(asked.remark)
        registered = {note.party if note else "", asked.party or ""} - {""}
        if asked.interest in world.rights:
            registered |= set(world.rights[asked.interest].shares)
        yield from _shown(step, asked, registered)
        if (
            note is None
            or (note.until is not None and note.until != note.end)
            or note.right != asked.interest
            or not (asked.interest or asked.asset == note.asset)
        ):
            yield "it stands"
            return
        put = (asked.party, asked.valid_to, asked.body)
        now = (note.party, note.end, note.body)
        if all(new is None or new == old for new, old in zip(put, now, strict=True)):
            yield "something is put right"
        if isinstance(note.body, Freeze | Control) and not step.outranks(note.body.level):
            yield "ordered"
        if isinstance(note.body, STANDS_FOR_EVER):
            yield "no record"
        if asked.body is not None and type(asked.body) is not type(note.body):
            yield "stays what it is"

    @staticmethod
    def then(step: Step, asked: RemarkCorrection) -> None:
        note = step.world.notes[asked.remark]
        step.put_right(asked, note.asset, f"{note.name}@{note.revision}", note.right)
        if asked.party not in (None, note.party):
            note.place = step.place
        if asked.valid_to and asked.valid_to > note.end:
            note.place = step.place
        if asked.body is not None and RemarkCorrectionLaw.takes_more(note.body, asked.body):
            note.place = step.place
        note.party = note.party if asked.party is None else asked.party
        note.end = asked.valid_to or note.end
        note.body = note.body if asked.body is None else asked.body
        step.revise(note, note.start)

    @staticmethod
    def takes_more(old: Any, new: Any) -> bool:
        if isinstance(old, Pledge):
            grown = [
                party for party in new.burdens if new.burdens[party] > old.burdens.get(party, 0)
            ]
            return (
                bool(grown)
                or new.secured_fen > old.secured_fen
                or new.currency != old.currency
                or (new.is_maximum_amount and not old.is_maximum_amount)
                or (new.no_disposal and not old.no_disposal)
            )
        if isinstance(old, Covenant):
            return not old.scope.includes(new.scope)
        return bool(old != new)


@law(DescriptionCorrection)
class DescriptionCorrectionLaw:
    @staticmethod
    def against(step: Step, asked: DescriptionCorrection) -> Reasons:
        yield from _shown(step, asked, Described.holders(step, asked.asset))
        yield from Described.against(step, asked)

    @staticmethod
    def then(step: Step, asked: DescriptionCorrection) -> None:
        last = Described.last(step, asked.asset)
        wrong = f"{last.name}@{last.revision}" if last else asked.asset
        start = last.start if last else step.world.registered_at[asked.asset]
        Described.redescribe(step, asked, start)
        step.put_right(asked, asked.asset, wrong)


@law(Succession, barred=False, force=False)
class SuccessionLaw:
    @staticmethod
    def passing(step: Step, asked: Succession) -> list[Note]:
        notes = [step.world.notes.get(name) for name in asked.favours or {}]
        return [
            note
            for note in notes
            if note
            and isinstance(note.body, PASSES)
            and note.party == asked.predecessor
            and note.stops() > step.at
            and note.asset in asked.assets
        ]

    @staticmethod
    def against(step: Step, asked: Succession) -> Reasons:
        rights, favours = step.world.rights, asked.favours or {}
        if not whole(asked.successors):
            yield "parts are one"
        if asked.predecessor in asked.successors:
            yield "nobody succeeds himself"
        for name in asked.rights:
            right = rights.get(name)
            if right is None or right.end <= step.at or asked.predecessor not in right.shares:
                yield "predecessor holds"
        if len(SuccessionLaw.passing(step, asked)) != len(favours):
            yield "it favours the predecessor"
        if not set(favours.values()) <= set(asked.successors):
            yield "a successor has it"
        if asked.paper not in step.dealing.instruments:
            yield "on paper"
        if not step.applies_or_order(*asked.successors):
            yield "successors apply"
        if asked.kind == SuccessionKind.MERGER and len(asked.successors) != 1:
            yield "one successor"
        if not asked.rights and not favours:
            yield "something passes"

    @staticmethod
    def then(step: Step, asked: Succession) -> None:
        def divided(shares: Any) -> Any:
            share = shares[asked.predecessor]
            takers = {name: share * part for name, part in asked.successors.items()}
            return given(shares, asked.predecessor, takers)

        altered = []
        for note in SuccessionLaw.passing(step, asked):
            note.party = (asked.favours or {})[note.name]
            altered.append(note)
        for note in step.world.notes.values():
            if (
                isinstance(note.body, Pledge)
                and note.right in asked.rights
                and note.stops() > step.at
                and asked.predecessor in note.body.burdens
            ):
                note.body = replace(note.body, burdens=divided(note.body.burdens))
                altered += [note] if note not in altered else []
        for note in altered:
            step.revise(note, max(step.at, note.start))
        for name in asked.rights:
            right = step.world.rights[name]
            right.shares = divided(right.shares)
            step.revise(right, max(step.at, right.start))


@law(Narrowing, disposes=True)
class NarrowingLaw:
    @staticmethod
    def against(step: Step, asked: Narrowing) -> Reasons:
        right = step.world.rights[asked.interest]
        if asked.scope.includes(right.scope) or not right.scope.includes(asked.scope):
            yield "smaller"
        scope = asked.scope
        dimensions = (scope.fields, scope.purposes, scope.territories, scope.channels)
        if frozenset() in dimensions:
            yield "something is left"
        if not step.applies_or_order(*right.shares):
            yield "all apply"

    @staticmethod
    def then(step: Step, asked: Narrowing) -> None:
        right = step.world.rights[asked.interest]
        right.scope = asked.scope
        step.revise(right)


@law(Surrender, disposes=True, force=False)
class SurrenderLaw:
    @staticmethod
    def against(step: Step, asked: Surrender) -> Reasons:
        right = step.world.rights.get(asked.interest)
        if right is None or right.end <= step.at:
            yield "not over"
            return
        if not step.applies_or_order(*right.shares):
            yield "all apply"
        if step.is_bound([fallen.name for fallen in step.falling([right.name])]):
            yield "nothing falling is bound"
        if not step.own_pledgees_agree([right.name]):
            yield "consent of one's own pledgees"

    @staticmethod
    def then(step: Step, asked: Surrender) -> None:
        step.fall([asked.interest])


@law(AssetCancellation, disposes=True, force=False)
class CancellationLaw:
    @staticmethod
    def against(step: Step, asked: AssetCancellation) -> Reasons:
        rights = [step.world.rights.get(name) for name in asked.rights]
        if any(r is None or r.asset != asked.asset or r.end <= step.at for r in rights):
            yield "rights lie on the asset"
        known = [right for right in rights if right]
        if asked.cause == CancellationCause.OWN_REQUEST:
            holders = {party for right in known for party in right.shares}
            if not step.applies_or_order(*holders):
                yield "all apply"
            if step.dealing.order is None and not asked.rights:
                yield "rights are named"
        elif asked.paper not in step.dealing.instruments:
            yield "on paper"
        if step.is_bound([fallen.name for fallen in step.falling(asked.rights)]):
            yield "nothing falling is bound"
        if not step.own_pledgees_agree(asked.rights):
            yield "consent of one's own pledgees"

    @staticmethod
    def then(step: Step, asked: AssetCancellation) -> None:
        step.fall(asked.rights)
        for note in list(step.world.notes.values()):
            if (
                note.asset == asked.asset
                and not note.right
                and isinstance(note.body, (Authorisation, Clearance))
                and note.stops() > step.at
            ):
                step.end(note)
        body = Cancellation(cause=asked.cause)
        step.note(asked.reference, asked.asset, body, words=asked.words)


@law(Use, barred=False, force=False)
class UseLaw:
    @staticmethod
    def over(step: Step, asked: Use) -> dict[str, set[BreachGround]]:
        """Return right -> what the use goes beyond."""
        found: dict[str, set[BreachGround]] = {}
        uses = [n.body for n in step.world.notes.values() if isinstance(n.body, MeteredUse)]
        for right in step.world.line(asked.interest):
            so_far = sum(use.quantity for use in uses if right.name in use.counts_for)
            most = right.terms.max_uses
            if most is not None and so_far + asked.quantity > most:
                found.setdefault(right.name, set()).add(BreachGround.BEYOND_COUNT)
        right = step.world.rights[asked.interest]
        own = found.setdefault(right.name, set())
        is_early = right.revision == 1 and asked.began < right.start
        if is_early or asked.until > right.end:
            own.add(BreachGround.OUT_OF_TERM)
        scenario = right.terms.scenario
        if step.world.is_personal(right.asset) and scenario:
            if not step.world.authorised(right.asset, scenario, asked.began, asked.until):
                own.add(BreachGround.UNAUTHORISED)
        return {name: grounds for name, grounds in found.items() if grounds}

    @staticmethod
    def against(step: Step, asked: Use) -> Reasons:
        world, right = step.world, step.world.rights.get(asked.interest)
        if asked.quantity < 1:
            yield "something was used"
        if asked.began >= asked.until or (asked.ended or asked.began) > step.at:
            yield "past"
        if asked.evidence not in step.dealing.instruments:
            yield "on paper"
        if right is None or asked.party not in right.shares:
            yield "user holds it"
        if step.dealing.order is None and not any(
            step.applies(party) for above in world.line(asked.interest) for party in above.shares
        ):
            yield "somebody concerned applies"
        if any(
            isinstance(note.body, MeteredUse)
            and (note.right, note.body.evidence) == (asked.interest, asked.evidence)
            and (note.start, note.end) == (asked.began, asked.until)
            for note in world.notes.values()
        ):
            yield "recorded once"
        if right is not None:
            for name in UseLaw.over(step, asked):
                if world.rights[name].lasts(step.at) and not asked.marks.get(name):
                    yield "breaches are marked"

    @staticmethod
    def then(step: Step, asked: Use) -> None:
        world, over = step.world, UseLaw.over(step, asked)
        asset = world.rights[asked.interest].asset
        body = MeteredUse(
            quantity=asked.quantity,
            evidence=asked.evidence,
            counts_for=frozenset(above.name for above in world.line(asked.interest)),
            breaches=frozenset(ground for grounds in over.values() for ground in grounds),
        )
        more = {"right": asked.interest, "party": asked.party, "words": asked.words}
        step.note(asked.reference, asset, body, asked.until, start=asked.began, **more)
        for name, grounds in over.items():
            right = world.rights[name]
            if right.lasts(step.at):
                mark = Breach(use=asked.reference, grounds=frozenset(grounds))
                step.note(asked.marks[name], asset, mark, right.end, right=name)


@law(Authorise, barred=False)
class AuthoriseLaw:
    @staticmethod
    def against(step: Step, asked: Authorise) -> Reasons:
        if bool(asked.party) == bool(asked.group):
            yield "somebody authorises"
        if max(asked.valid_from, step.at) >= asked.valid_to:
            yield "lasts"
        if asked.paper not in step.dealing.instruments:
            yield "on paper"
        entitled = step.world.holders(asked.asset, step.at) | {asked.party}
        if step.dealing.order is None and not entitled & step.dealing.applicants:
            yield "somebody concerned applies"

    @staticmethod
    def then(step: Step, asked: Authorise) -> None:
        body = Authorisation(scenario=asked.scenario, group=asked.group, paper=asked.paper)
        more = {"start": asked.valid_from, "party": asked.party, "words": asked.words}
        step.note(asked.reference, asked.asset, body, asked.valid_to, **more)


@law(WithdrawAuthorisation, barred=False)
class WithdrawalLaw:
    @staticmethod
    def withdrawn(step: Step, asked: WithdrawAuthorisation) -> Note | None:
        note = step.world.notes.get(asked.authorisation)
        is_there = note and isinstance(note.body, Authorisation) and note.asset == asked.asset
        return note if note and is_there and note.lasts(step.at) else None

    @staticmethod
    def losing(step: Step, note: Note) -> list[Right]:
        return [
            right
            for right in step.world.rights.values()
            if (right.asset, right.terms.scenario) == (note.asset, note.body.scenario)
            and max(right.start, step.at) < right.end
        ]

    @staticmethod
    def against(step: Step, asked: WithdrawAuthorisation) -> Reasons:
        note = WithdrawalLaw.withdrawn(step, asked)
        if note is None:
            yield "it stands"
            return
        if step.dealing.order is None:
            if note.party and not step.applies(note.party):
                yield "giver withdraws"
            if not note.party and asked.paper not in step.dealing.instruments:
                yield "on paper"
        if not all(asked.marks.get(right.name) for right in WithdrawalLaw.losing(step, note)):
            yield "rights are marked"

    @staticmethod
    def then(step: Step, asked: WithdrawAuthorisation) -> None:
        note = step.world.notes[asked.authorisation]
        for right in WithdrawalLaw.losing(step, note):
            body = BasisWithdrawn(authorisation=note.name)
            more = {"right": right.name, "start": max(right.start, step.at)}
            step.note(asked.marks[right.name], asked.asset, body, right.end, **more)
        step.end(note)


def _holder_applies(step: Step, asset: str) -> Reasons:
    if step.dealing.order is None:
        if not step.world.holders(asset, step.at) & step.dealing.applicants:
            yield "holder applies"


@law(RecordClearance, barred=False)
class ClearanceLaw:
    @staticmethod
    def against(step: Step, asked: RecordClearance) -> Reasons:
        places = asked.destinations
        if not asked.number:
            yield "number"
        if asked.paper not in step.dealing.instruments:
            yield "on paper"
        if max(asked.valid_from, step.at) >= asked.valid_to:
            yield "lasts"
        if places is not None and (not places or abroad(places) != places):
            yield "abroad"
        yield from _holder_applies(step, asked.asset)

    @staticmethod
    def then(step: Step, asked: RecordClearance) -> None:
        body = Clearance(
            route=asked.route,
            number=asked.number,
            destinations=asked.destinations,
            paper=asked.paper,
        )
        more = {"start": asked.valid_from, "words": asked.words}
        step.note(asked.reference, asked.asset, body, asked.valid_to, **more)


@law(RevokeClearance, barred=False)
class RevocationLaw:
    @staticmethod
    def against(step: Step, asked: RevokeClearance) -> Reasons:
        note = step.world.notes.get(asked.clearance)
        if (
            note is None
            or not isinstance(note.body, Clearance)
            or note.asset != asked.asset
            or not note.lasts(step.at)
        ):
            yield "it stands"
        yield from _holder_applies(step, asked.asset)

    @staticmethod
    def then(step: Step, asked: RevokeClearance) -> None:
        step.end(step.world.notes[asked.clearance])


@law(RecordRevenueTerms, disposes=True)
class RevenueLaw:
    @staticmethod
    def standing(step: Step, asked: RecordRevenueTerms) -> list[Note]:
        right = step.world.rights[asked.interest]
        return [n for n in step.world.on(right, RevenueTerms, step.at) if n.right == right.name]

    @staticmethod
    def against(step: Step, asked: RecordRevenueTerms) -> Reasons:
        gifts = [
            (each.rate, Fraction(each.per_use_fen), Fraction(each.per_year_fen))
            for each in asked.rules
        ]
        if not gifts or any(min(gift) < 0 or max(gift) == 0 for gift in gifts):
            yield "every rule gives"
        if sum(each.rate for each in asked.rules) > 1:
            yield "rates fit"
        if step.dealing.order is None and not step.majority(step.world.rights[asked.interest]):
            yield "majority"
        notes = RevenueLaw.standing(step, asked)
        payees = {each.party for note in notes for each in note.body.rules} - {""}
        if not step.applies_or_order(*payees):
            yield "payees agree"
        if asked.paper not in step.dealing.instruments:
            yield "on paper"

    @staticmethod
    def then(step: Step, asked: RecordRevenueTerms) -> None:
        right = step.world.rights[asked.interest]
        for note in RevenueLaw.standing(step, asked):
            step.end(note)
        body = RevenueTerms(rules=asked.rules, paper=asked.paper)
        more = {"right": right.name, "words": asked.words}
        step.note(asked.reference, right.asset, body, right.end, **more)


@law(FileCirculation, force=False)
class CirculationLaw:
    @staticmethod
    def against(step: Step, asked: FileCirculation) -> Reasons:
        world, asset = step.world, step.world.assets[asked.asset]
        right = world.rights.get(asked.interest)
        parties = {asked.giver, asked.taker}
        if len(parties) != 2 or "" in parties or not parties & step.dealing.applicants:
            yield "two parties"
        if not asked.interest and not asked.paper:
            yield "basis"
        if asked.paper and asked.paper not in step.dealing.instruments:
            yield "on paper"
        if asked.interest and (
            right is None or right.asset != asked.asset or not right.lasts(asked.occurred_at)
        ):
            yield "basis is in force"
        if right is not None:
            is_givers = (
                asked.giver in right.shares
                and right.kind == RightKind.OPERATE
                and (not right.source or right.terms.may_resell)
            )
            if asked.taker not in right.shares and not is_givers:
                yield "basis is theirs"
            if not right.scope.includes(asked.scope):
                yield "basis covers it"
        if asked.occurred_at > step.at:
            yield "past"
        if abroad(frozenset({asked.territory})) and not (
            asset["export_allowed"]
            and world.cleared(asked.asset, frozenset({asked.territory}), asked.occurred_at)
        ):
            yield "export was cleared"
        if world.is_personal(asked.asset):
            start = asked.occurred_at
            if right is not None and right.terms.scenario not in ("", asked.scenario):
                yield "scenario"
            if not world.authorised(asked.asset, asked.scenario, start, start + SECOND):
                yield "authorised"

    @staticmethod
    def then(step: Step, asked: FileCirculation) -> None:
        notes = step.world.notes.values()
        before = [n for n in notes if n.asset == asked.asset and isinstance(n.body, Circulation)]
        body = Circulation(
            number=f"{asked.asset}-LZ-{len(before) + 1}",
            giver=asked.giver,
            purpose=asked.purpose,
            territory=asked.territory,
            channel=asked.channel,
            scenario=asked.scenario,
            paper=asked.paper,
        )
        more = {"right": asked.interest, "party": asked.taker, "words": asked.words}
        end = asked.occurred_at + SECOND
        step.note(asked.reference, asked.asset, body, end, start=asked.occurred_at, **more)


__all__ = ["FOREVER"]
