"""Erasing a party: a registrar requests it, an approver decides, one act does it (PIPL art. 47).

Entry points: `request_erasure`, `approve_erasure`, `refuse_erasure`. It stands here and not beside
the parties because cases and rights can stand against it.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.models import Filing
from filings.workflow import FINAL, State
from ledger.acts import open_act
from primitives.rules import Rule, broken, require
from registry.entries import party_key
from registry.erasure import (
    ERASURE_RULES,
    ErasureFacts,
    erasable_fields,
    erase,
    sweep,
    values_of,
)
from registry.kinds import ErasureGround, InstrumentKind
from registry.models import Erasure, Instrument, Party
from rights.models import Remark, Share

NAMING = (
    "applicants",
    "claims__shares__party",
    "participants__party",
    "responsibilities__party",
    "sources__publisher",
    "sources__responsible",
)
"""Every way in which a case names a party."""


class ErasureStateError(Exception):
    """The request is not open, or the party has another one that is."""


def request_erasure(
    party: Party,
    *,
    ground: ErasureGround,
    words: str,
    papers: Collection[str],
    by: User,
    at: datetime,
) -> Erasure:
    """Keep the request that everything which identifies ``party`` be erased.

    Args:
        party: whom it concerns.
        ground: why.
        words: more on the ground, for the public ledger.
        papers: references of the papers of identity that go too (`free_papers`).
        by: who requests it.
        at: aware UTC.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: names every ERA rule that stands against it already.
        ErasureStateError: a request for this party is open.
    """
    require_role(by, Role.REGISTRAR)
    with transaction.atomic():
        locked = _locked(party)
        if locked.erasures.filter(decided_at=None).exists():
            raise ErasureStateError(_("A request to erase this party is open already."))
        erasure = Erasure(
            party=locked,
            ground=ground,
            words=words.strip(),
            instruments=sorted(papers),
            requested_by=by,
            requested_at=at,
        )
        require(ERASURE_RULES, _facts(erasure, decided_by="", at=at))
        erasure.save()
    return erasure


def approve_erasure(erasure: Erasure, *, by: User, at: datetime) -> Erasure:
    """Erase the party for good.

    Raises:
        PermissionDenied: ``by`` is no approver.
        ErasureStateError: the request is decided.
        RulesBrokenError: names every ERA rule that does not hold.
    """
    require_role(by, Role.APPROVER)
    with open_act(
        recorded_at=at,
        actor=erasure.requested_by.reference,
        officer=by.reference,
        keys=[party_key(erasure.party.reference)],
    ) as act:
        locked = _open_request(erasure)
        erase(act, locked, _facts(locked, decided_by=by.reference, at=at), by=by)
    sweep()
    return locked


def refuse_erasure(erasure: Erasure, *, by: User, at: datetime) -> Erasure:
    """Close the request; nothing is erased.

    Raises:
        PermissionDenied: ``by`` is no approver.
        ErasureStateError: the request is decided.
    """
    require_role(by, Role.APPROVER)
    with transaction.atomic():
        locked = _open_request(erasure)
        locked.decided_by, locked.decided_at = by, at
        locked.save(update_fields=["decided_by", "decided_at"])
    return locked


def broken_rules(erasure: Erasure, *, by: User, at: datetime) -> tuple[Rule[ErasureFacts], ...]:
    """Return every ERA rule that stands against the request if ``by`` approved it now."""
    return broken(ERASURE_RULES, _facts(erasure, decided_by=by.reference, at=at))


def free_papers(party: Party, *, at: datetime) -> QuerySet[Instrument]:
    """Return the papers of identity of the party's cases that may go (NDA35 art. 10(2)).

    Those of a registered case are registration material and stay for their years of storage; a
    case that ended otherwise left none. Of a case with several applicants the request names
    which papers are this party's. Those on which a change of its data rests stay as long.
    """
    own = Filing.objects.filter(Q(applicants=party) | Q(claims__shares__party=party))
    stored_long = at.replace(year=at.year - settings.RECORD_YEARS, day=min(at.day, 28))
    free = Q(state__in=FINAL - {State.REGISTERED}) | Q(
        state=State.REGISTERED, asset__registered_at__lte=stored_long
    )
    of_case = Q(paper__filing__in=own.filter(free).values("pk"))
    of_change = Q(entry__party_change__party=party, entry__recorded_at__lte=stored_long)
    return Instrument.objects.filter(
        of_case | of_change, kind=InstrumentKind.IDENTITY, erasure__isnull=True
    ).order_by("pk")


def _locked(party: Party) -> Party:
    """Return the party, locked: no case or right can name it until the transaction ends."""
    return Party.objects.select_for_update(of=("self",)).select_related("entry").get(pk=party.pk)


def _open_request(erasure: Erasure) -> Erasure:
    party = _locked(erasure.party)
    locked = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    if not locked.is_open:
        raise ErasureStateError(_("The request was decided already. Reload the page."))
    locked.party = party
    return locked


def _facts(erasure: Erasure, *, decided_by: str, at: datetime) -> ErasureFacts:
    party = erasure.party
    # First the cases, then the rights: a case that is registered in between is seen as a right.
    is_in_open_case = any(
        Filing.objects.exclude(state__in=FINAL).filter(**{path: party}).exists() for path in NAMING
    )
    return ErasureFacts(
        requested_by=erasure.requested_by.reference,
        decided_by=decided_by,
        holds_right=Share.objects.filter(party=party, interest__until__gt=at).exists()
        or Remark.objects.filter(party=party, until__gt=at).exists(),
        is_in_open_case=is_in_open_case,
        fields=erasable_fields(party),
        words=erasure.words,
        values=values_of(party),
        papers=frozenset(erasure.instruments),
        free_papers=frozenset(free_papers(party, at=at).values_list("reference", flat=True)),
    )
