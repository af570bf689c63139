"""What the office decides about an issued certificate: to suspend, restore, revoke or supersede it.

Entry points: `propose`, `confirm`, `refuse`; and `supersede`, inside the act that issues the later
certificate. A registrar proposes, an approver decides, one act does it (``certificate.status/1``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role, require_role
from certificates.entries import CERTIFICATE_STATUS, certificate_key, event_json
from certificates.models import (
    CertificateEvent,
    CertificateState,
    Document,
    EventContent,
    EventGround,
    EventKind,
    Issued,
    StatusProposal,
    named,
)
from certificates.queries import events_of
from ledger.acts import Act, open_act
from primitives.rules import Rule, broken, require, rule

FOLLOWING: dict[EventKind | None, frozenset[EventKind]] = {
    None: frozenset({EventKind.SUSPENDED, EventKind.REVOKED, EventKind.SUPERSEDED}),
    EventKind.SUSPENDED: frozenset({EventKind.RESTORED, EventKind.REVOKED, EventKind.SUPERSEDED}),
    EventKind.RESTORED: frozenset({EventKind.SUSPENDED, EventKind.REVOKED, EventKind.SUPERSEDED}),
    EventKind.SUPERSEDED: frozenset({EventKind.REVOKED}),
    EventKind.REVOKED: frozenset(),
}
"""After which event, or none, which may come."""

GROUNDS: dict[EventKind, frozenset[EventGround]] = {
    EventKind.SUSPENDED: frozenset(
        {
            EventGround.HOLDER_REQUEST,
            EventGround.ORDER,
            EventGround.OBJECTION,
            EventGround.COMPROMISED,
        }
    ),
    EventKind.RESTORED: frozenset({EventGround.GROUND_ENDED, EventGround.ORDER}),
    EventKind.REVOKED: frozenset(
        {
            EventGround.HOLDER_REQUEST,
            EventGround.ORDER,
            EventGround.OBJECTION,
            EventGround.UNTRUE,
            EventGround.COMPROMISED,
        }
    ),
    EventKind.SUPERSEDED: frozenset({EventGround.NEW_CERTIFICATE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is proposed.

    Attributes:
        words: more on the ground, for the public ledger.
        effective_at: from when it is to hold, aware; None: from the decision.
        successor: the later certificate, for `EventKind.SUPERSEDED`.
    """

    kind: EventKind
    ground: EventGround
    words: str = ""
    effective_at: datetime | None = None
    successor: Document | None = None


class ProposalStateError(Exception):
    """The proposal is decided, or the certificate has another one that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """What the rules may know of the document that is named as the later certificate."""

    is_issued_certificate: bool
    is_of_same_asset: bool
    is_later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What a rule of events may look at.

    Attributes:
        proposed_by, decided_by: references of two persons; the latter is empty for a proposal.
        is_issued: the certificate is issued.
        last: kind of its last event, or None.
        not_before: when that took effect, or the certificate was issued.
        effective_at: from when the event is to hold.
        entered_at: when it is entered.
        successor: the certificate that it names, if it names one.
    """

    kind: str
    ground: str
    proposed_by: str
    decided_by: str
    is_issued: bool
    last: str | None
    not_before: datetime | None
    effective_at: datetime
    entered_at: datetime
    successor: Successor | None


@rule("CER-1", source="invariant W4", zh="提出与决定凭证状态变更的不是同一人。")
def two_persons_decide(facts: EventFacts) -> bool:
    """Whoever decides has not proposed the event."""
    return facts.proposed_by != facts.decided_by


@rule("CER-2", source="invariant C4", zh="凭证已经核发。")
def certificate_is_issued(facts: EventFacts) -> bool:
    """The certificate is issued."""
    return facts.is_issued


@rule("CER-3", source="invariant C3", zh="凭证被撤销后不再恢复，也不再变更状态。")
def revocation_is_final(facts: EventFacts) -> bool:
    """A revoked certificate is never restored, and nothing else happens to it."""
    return facts.last != EventKind.REVOKED


@rule(
    "CER-4",
    source="invariant C3",
    zh="仅可中止未中止的凭证，仅可恢复已中止的凭证；被替代的凭证仅可撤销。",
)
def event_follows(facts: EventFacts) -> bool:
    """What stands is suspended, what is suspended restored; what is superseded is only revoked."""
    return facts.last == EventKind.REVOKED or facts.kind in FOLLOWING[_kind(facts.last)]


@rule("CER-5", source="invariant C4", zh="生效时间不早于凭证核发及其前一状态变更的生效时间。")
def order_is_kept(facts: EventFacts) -> bool:
    """It takes effect no earlier than the certificate's issue and the event before it."""
    return facts.not_before is None or facts.not_before <= facts.effective_at


@rule("CER-6", source="invariant C4", zh="除撤销外，生效时间不早于决定；任何变更不预先生效。")
def only_revocation_reaches_back(facts: EventFacts) -> bool:
    """It takes effect when it is entered; only a revocation may take effect before."""
    if facts.kind == EventKind.REVOKED:
        return facts.effective_at <= facts.entered_at
    return facts.effective_at == facts.entered_at


@rule(
    "CER-7",
    source="invariant C2",
    zh="替代凭证须为同一数据资产其后核发的凭证；其他变更不指明替代凭证。",
)
def successor_fits(facts: EventFacts) -> bool:
    """What supersedes is an issued, later certificate of the same asset; else none is named."""
    successor = facts.successor
    if facts.kind != EventKind.SUPERSEDED:
        return successor is None
    return (
        successor is not None
        and successor.is_issued_certificate
        and successor.is_of_same_asset
        and successor.is_later
    )


@rule("CER-8", source="invariant C3", zh="事由与状态变更的种类相符。")
def ground_fits(facts: EventFacts) -> bool:
    """The ground is one that bears such an event."""
    return facts.ground in GROUNDS[EventKind(facts.kind)]


EVENT_RULES = (
    two_persons_decide,
    certificate_is_issued,
    revocation_is_final,
    event_follows,
    order_is_kept,
    only_revocation_reaches_back,
    successor_fits,
    ground_fits,
)


def propose(certificate: Issued, wish: Wish, *, by: User, at: datetime) -> StatusProposal:
    """Keep the proposal of an event, for another person to decide.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: names every CER rule that stands against it already.
        ProposalStateError: a proposal for this certificate is open.
    """
    require_role(by, Role.REGISTRAR)
    with transaction.atomic():
        locked = _locked(certificate)
        if StatusProposal.objects.filter(**named(locked), decided_at=None).exists():
            raise ProposalStateError(_("An event is proposed for this certificate already."))
        proposal = StatusProposal(
            **named(locked),
            kind=wish.kind,
            ground=wish.ground,
            words=wish.words.strip(),
            effective_at=wish.effective_at and wish.effective_at.replace(microsecond=0),
            successor=wish.successor,
            proposed_by=by,
            proposed_at=at,
        )
        require(EVENT_RULES, _facts_of(proposal, decided_by="", at=at))
        proposal.save()
    return proposal


def confirm(proposal: StatusProposal, *, by: User, at: datetime) -> StatusProposal:
    """Enter the event that is proposed.

    Raises:
        PermissionDenied: ``by`` is no approver.
        ProposalStateError: the proposal is decided.
        RulesBrokenError: names every CER rule that does not hold.
    """
    require_role(by, Role.APPROVER)
    with open_act(
        recorded_at=at,
        actor=proposal.proposed_by.reference,
        officer=by.reference,
        keys=[certificate_key(proposal.issued.number)],
    ) as act:
        locked = _open(proposal)
        require(EVENT_RULES, _facts_of(locked, decided_by=by.reference, at=act.recorded_at))
        locked.event = _enter(act, locked, locked.effective_at or act.recorded_at)
        locked.decided_by, locked.decided_at = by, act.recorded_at
        locked.save(update_fields=["decided_by", "decided_at", "event"])
    return locked


def refuse(proposal: StatusProposal, *, by: User, at: datetime) -> StatusProposal:
    """Close the proposal; nothing happens to the certificate.

    Raises:
        PermissionDenied: ``by`` is no approver.
        ProposalStateError: the proposal is decided.
    """
    require_role(by, Role.APPROVER)
    with transaction.atomic():
        locked = _open(proposal)
        locked.decided_by, locked.decided_at = by, at
        locked.save(update_fields=["decided_by", "decided_at"])
    return locked


def supersede(act: Act, certificate: Issued, *, by: Document) -> CertificateEvent:
    """Enter that a certificate is superseded by a later one, in the act that issues that one.

    Of two persons' decision nothing is asked here: they decided what the later one states.

    Raises:
        RulesBrokenError: names every CER rule but CER-1 that does not hold.
        RuntimeError: the act does not hold the lock of the certificate.
    """
    act.require_lock(certificate_key(certificate.number))
    content = CertificateEvent(
        **named(certificate),
        kind=EventKind.SUPERSEDED,
        ground=EventGround.NEW_CERTIFICATE,
        successor=by,
    )
    facts = _facts(content, at=act.recorded_at, effective_at=act.recorded_at)
    require([each for each in EVENT_RULES if each is not two_persons_decide], facts)
    return _enter(act, content, act.recorded_at)


def broken_rules(
    proposal: StatusProposal, *, by: User, at: datetime
) -> tuple[Rule[EventFacts], ...]:
    """Return every CER rule that stands against the proposal if ``by`` confirmed it now."""
    return broken(EVENT_RULES, _facts_of(proposal, decided_by=by.reference, at=at))


def possible_events(certificate: Issued) -> Sequence[EventKind]:
    """Return what may happen to the certificate next."""
    if not _is_issued(certificate):
        return []
    following = FOLLOWING[_kind(_last_kind(certificate))]
    return [kind for kind in EventKind if kind in following]


def _enter(act: Act, content: EventContent, effective_at: datetime) -> CertificateEvent:
    certificate = content.issued
    event = CertificateEvent(
        **named(certificate),
        number=events_of(certificate).count() + 1,
        kind=content.kind,
        ground=content.ground,
        words=content.words,
        successor=content.successor,
        effective_at=effective_at,
    )
    event.entry = act.record(
        kind=CERTIFICATE_STATUS,
        keys=[certificate_key(certificate.number)],
        payload=event_json(event),
    )
    event.save()
    return event


def _open(proposal: StatusProposal) -> StatusProposal:
    # The certificate first, as `propose` does: whoever proposes anew waits for the decision.
    _locked(proposal.issued)
    locked = StatusProposal.objects.select_for_update().get(pk=proposal.pk)
    if not locked.is_open:
        raise ProposalStateError(_("The proposal was decided already. Reload the page."))
    return locked


def _locked(certificate: Issued) -> Issued:
    rows = type(certificate)._default_manager  # noqa: SLF001 # Django's public model API
    return rows.select_for_update().get(pk=certificate.pk)


def _is_issued(certificate: Issued) -> bool:
    """Say whether it is a certificate, and not another document, and issued."""
    is_another = isinstance(certificate, Document) and not certificate.is_certificate
    return certificate.state == CertificateState.ISSUED and not is_another


def _facts_of(proposal: StatusProposal, *, decided_by: str, at: datetime) -> EventFacts:
    return _facts(
        proposal,
        at=at.replace(microsecond=0),
        effective_at=proposal.effective_at,
        proposed_by=proposal.proposed_by.reference,
        decided_by=decided_by,
    )


def _facts(
    content: EventContent,
    *,
    at: datetime,
    effective_at: datetime | None,
    proposed_by: str = "",
    decided_by: str = "",
) -> EventFacts:
    certificate = content.issued
    last = events_of(certificate).last()
    return EventFacts(
        kind=content.kind,
        ground=content.ground,
        proposed_by=proposed_by,
        decided_by=decided_by,
        is_issued=_is_issued(certificate),
        last=last.kind if last else None,
        not_before=last.effective_at if last else certificate.issued_at,
        effective_at=effective_at or at,
        entered_at=at,
        successor=_successor(certificate, content.successor) if content.successor else None,
    )


def _successor(certificate: Issued, document: Document) -> Successor:
    return Successor(
        is_issued_certificate=_is_issued(document),
        is_of_same_asset=document.asset_id == certificate.asset_id,
        # Both take numbers from one series; two may be issued in the same second.
        is_later=document.number > certificate.number,
    )


def _last_kind(certificate: Issued) -> str | None:
    return events_of(certificate).values_list("kind", flat=True).last()


def _kind(last: str | None) -> EventKind | None:
    return EventKind(last) if last else None
