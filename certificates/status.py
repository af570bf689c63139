"""Whether a certificate is in force, at any instant.

The status is a fold: of what was decided about the certificate (certificates/status_acts.py), and
of the rights that it states. No job has to run for a lapse (NDA35 art. 26, 36). What was done to
the rights since (a transfer, a renewal, a cancellation) shows in it as well: where the certificate
and the register differ, the register prevails (art. 27). Nothing that comes later changes the
status of an earlier instant, but for an entry that says so: a revocation with effect from before.

A certificate after a change has its status as the first one has: it states all rights in the
asset, and so has changed as well once the register holds another one.

Entry points: `status_at`, `status_of`; `standings` for many at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models import (
    Certificate,
    CertificateEvent,
    Document,
    EventKind,
    Issued,
)
from rights.models import Interest


class Status(models.TextChoices):
    """What the register says of a certificate at an instant."""

    NOT_YET = "NOT_YET", _("Not yet in force")
    IN_FORCE = "IN_FORCE", _("In force")
    SUSPENDED = "SUSPENDED", _("Suspended")
    SUPERSEDED = "SUPERSEDED", _("Superseded by a later certificate")
    CHANGED = "CHANGED", _("Rights that it states have changed since it was issued")
    LAPSED = "LAPSED", _("Lapsed: the term of every right has ended")
    ENDED = "ENDED", _("Every right that it states was ended")
    REVOKED = "REVOKED", _("Revoked")


FINAL = {EventKind.REVOKED: Status.REVOKED, EventKind.SUPERSEDED: Status.SUPERSEDED}


class Term(NamedTuple):
    """When a revision of a right holds, [valid_from, until), and where it was to end."""

    valid_from: datetime
    until: datetime
    valid_to: datetime

    def includes(self, instant: datetime) -> bool:
        """Say whether it holds at ``instant``."""
        return self.valid_from <= instant < self.until

    def was_ended(self, instant: datetime) -> bool:
        """Say whether an act had ended it before its time."""
        return self.until < self.valid_to and self.until <= instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that a certificate's status follows from.

    Attributes:
        stated: the rights as the certificate states them.
        revisions: every revision of these rights, the stated ones too.
        events: what was decided about the certificate, and from when it holds, in order.
        added: when the register came to hold rights that it would state today.
    """

    issued_at: datetime
    stated: Sequence[Term]
    revisions: Sequence[Term]
    events: Sequence[tuple[datetime, EventKind]]
    added: Sequence[datetime] = ()

    def status(self, at: datetime) -> Status:
        """Return the status at ``at``.

        What was revoked or superseded stays so; a suspension yields to the end of every right,
        since there is nothing left to restore.
        """
        last = next((kind for since, kind in reversed(self.events) if since <= at), None)
        if last in FINAL:
            return FINAL[last]
        of_rights = self._of_rights(at)
        if last == EventKind.SUSPENDED and of_rights not in {Status.LAPSED, Status.ENDED}:
            return Status.SUSPENDED
        return of_rights

    def since(self, at: datetime) -> datetime:
        """Return from when the certificate has had the status that it has at ``at``."""
        points = [point for point in sorted(self._points()) if self.issued_at <= point <= at]
        changes = [
            later
            for earlier, later in pairwise(points)
            if self.status(earlier) != self.status(later)
        ]
        return changes[-1] if changes else self.issued_at

    def _of_rights(self, at: datetime) -> Status:
        """Return what follows from the rights alone.

        In force while one of the stated rights is and none was changed; a right whose own term ran
        out beside others that still run changes nothing.
        """
        if any(term.was_ended(at) for term in self.stated):
            stands = any(term.includes(at) for term in self.revisions)
            return Status.CHANGED if stands else Status.ENDED
        if any(term.includes(at) for term in self.stated):
            has_more = any(added <= at for added in self.added)
            return Status.CHANGED if has_more else Status.IN_FORCE
        if any(at < term.valid_from for term in self.stated):
            return Status.NOT_YET
        return Status.LAPSED

    def _points(self) -> set[datetime]:
        """Return every instant at which the status may change."""
        terms = (*self.stated, *self.revisions)
        return {
            self.issued_at,
            *(term.valid_from for term in terms),
            *(term.until for term in terms),
            *(since for since, _kind in self.events),
            *self.added,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRights:
    """The rights that a certificate states, and what the register has of them now.

    Attributes:
        stated: as the certificate states them.
        revisions: every revision of these rights, the stated ones too; of a certificate after a
            change, which states all rights in the asset, those of every right in it.
        added: those revisions that came after the change that such a certificate states.
    """

    stated: Sequence[Interest]
    revisions: Sequence[Interest]
    added: Sequence[Interest] = ()


def status_at(issued: Issued, at: datetime) -> Status:
    """Return the status of a certificate, or of one after a change, at ``at``."""
    return next(standings([issued]))[1].status(at)


def status_of(issued: Issued, at: datetime) -> Status | None:
    """Return the status at ``at``; None of a document that is no certificate."""
    if isinstance(issued, Document) and not issued.is_certificate:
        return None
    return status_at(issued, at)


def standings(certificates: Collection[Issued]) -> Iterator[tuple[Issued, Standing]]:
    """Yield each issued certificate with what its status follows from, in a few reads for all."""
    events = defaultdict(list)
    about = Q(certificate__in=[each for each in certificates if isinstance(each, Certificate)])
    about |= Q(document__in=[each for each in certificates if isinstance(each, Document)])
    for event in CertificateEvent.objects.filter(about).order_by("number"):
        events[event.certificate_id, event.document_id].append(event)
    for issued, rights in rights_of(certificates):
        is_later = isinstance(issued, Document)
        key = (None, issued.pk) if is_later else (issued.pk, None)
        yield issued, standing_of(issued, rights, events[key])


def standing_of(
    issued: Issued, rights: StatedRights, events: Iterable[CertificateEvent]
) -> Standing:
    """Return what the status follows from."""
    return Standing(
        issued_at=issued.issued_at or issued.numbered_at,
        stated=[term_of(right) for right in rights.stated],
        revisions=[term_of(right) for right in rights.revisions],
        added=[right.entry.recorded_at for right in rights.added],
        events=[(event.effective_at, EventKind(event.kind)) for event in events],
    )


def rights_of(certificates: Collection[Issued]) -> Iterator[tuple[Issued, StatedRights]]:
    """Yield each certificate with the rights that it states."""
    registered = _by_registration(
        [each.registration_id for each in certificates if isinstance(each, Certificate)]
    )
    in_assets = _by_asset([each.asset_id for each in certificates if isinstance(each, Document)])
    for each in certificates:
        if isinstance(each, Document):
            yield each, _left_by(each, in_assets[each.asset_id])
        else:
            rows = registered[each.registration_id]
            stated = [row for row in rows if row.entry_id == each.registration_id]
            yield each, StatedRights(stated=stated, revisions=rows)


def term_of(right: Interest) -> Term:
    """Return when a revision of a right holds."""
    return Term(right.valid_from, right.until, right.valid_to)


def _by_registration(registrations: Collection[int]) -> Mapping[int, list[Interest]]:
    """Return every revision of the rights that each initial registration entered."""
    found = defaultdict(list)
    entered = Interest.objects.filter(entry__in=registrations)
    origin = dict(entered.values_list("reference", "entry"))
    for row in Interest.objects.filter(reference__in=list(origin)).order_by("pk"):
        found[origin[row.reference]].append(row)
    return found


def _by_asset(assets: Collection[int | None]) -> Mapping[int | None, list[Interest]]:
    """Return every revision of every right in each asset."""
    found: dict[int | None, list[Interest]] = defaultdict(list)
    rows = Interest.objects.filter(asset__in=assets).select_related("entry")
    for row in rows.defer("entry__content").order_by("pk"):
        found[row.asset_id].append(row)
    return found


def _left_by(document: Document, rows: Sequence[Interest]) -> StatedRights:
    """Return the rights as the change left them: entries on one asset come one after another."""
    cause = document.cause_id or 0
    return StatedRights(
        stated=[
            row
            for row in rows
            if row.entry_id <= cause
            and (row.ended_by_id is None or row.ended_by_id > cause)
            and row.valid_to > document.as_of
        ],
        revisions=rows,
        added=[row for row in rows if row.entry_id > cause],
    )
