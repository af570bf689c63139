"""Whether a certificate is in force, at any instant.

The status is a fold: of what was decided about the certificate (certificates/status_acts.py), and
of the rights that it states. No job has to run for a lapse (NDA35 art. 26, 36). What was done to
the rights since (a transfer, a renewal, a cancellation) shows in it as well: where the certificate
and the register differ, the register prevails (art. 27). Nothing that comes later changes the
status of an earlier instant, but for an entry that says so: a revocation with effect from before.

Entry points: `status_at`, `status_of_later`; `standings` for many at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certificates.models import (
    Certificate,
    CertificateEvent,
    Document,
    DocumentKind,
    EventKind,
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
    """

    issued_at: datetime
    stated: Sequence[Term]
    revisions: Sequence[Term]
    events: Sequence[tuple[datetime, EventKind]]

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
            return Status.IN_FORCE
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
        }


def status_at(certificate: Certificate, at: datetime) -> Status:
    """Return the status at ``at``."""
    return next(standings([certificate]))[1].status(at)


def status_of(issued: Certificate | Document, at: datetime) -> Status | None:
    """Return the status at ``at``; None of a document that is no certificate."""
    if isinstance(issued, Document):
        return status_of_later(issued, at)
    return status_at(issued, at)


def status_of_later(document: Document, at: datetime) -> Status | None:
    """Return the status of a certificate after a change at ``at``; None of other documents.

    It is superseded by the next one of its asset, and changed from the act on that this will state.
    """
    if document.kind != DocumentKind.TITLE:
        return None
    issued = Document.objects.filter(
        kind=DocumentKind.TITLE, asset=document.asset_id, issued_at__lte=at
    )
    if issued.filter(pk__gt=document.pk).exists():
        return Status.SUPERSEDED
    rights = Interest.objects.filter(asset=document.asset_id)
    if not rights.filter(valid_from__lte=at, until__gt=at).exists():
        if rights.filter(valid_from__gt=at, until__gt=F("valid_from")).exists():
            return Status.NOT_YET
        last = rights.filter(until__lte=at).order_by("until", "pk").last()
        return Status.LAPSED if last and last.until == last.valid_to else Status.ENDED
    touched = Q(entry__recorded_at__gt=document.as_of, entry__recorded_at__lte=at) | Q(
        ended_by__recorded_at__gt=document.as_of, ended_by__recorded_at__lte=at
    )
    return Status.CHANGED if rights.filter(touched).exists() else Status.IN_FORCE


def standings(certificates: Collection[Certificate]) -> Iterator[tuple[Certificate, Standing]]:
    """Yield each issued certificate with what its status follows from, in three reads for all."""
    stated = defaultdict(list)
    revisions = defaultdict(list)
    events = defaultdict(list)
    registrations = [certificate.registration_id for certificate in certificates]
    rights = list(Interest.objects.filter(entry__in=registrations).order_by("pk"))
    for right in rights:
        stated[right.entry_id].append(right)
    references = {right.reference for right in rights}
    for revision in Interest.objects.filter(reference__in=references):
        revisions[revision.reference].append(term_of(revision))
    for event in CertificateEvent.objects.filter(certificate__in=certificates).order_by("number"):
        events[event.certificate_id].append((event.effective_at, EventKind(event.kind)))
    for certificate in certificates:
        own = stated[certificate.registration_id]
        yield (
            certificate,
            Standing(
                issued_at=certificate.issued_at or certificate.numbered_at,
                stated=[term_of(right) for right in own],
                revisions=[term for right in own for term in revisions[right.reference]],
                events=events[certificate.pk],
            ),
        )


def term_of(right: Interest) -> Term:
    """Return when a revision of a right holds."""
    return Term(right.valid_from, right.until, right.valid_to)
