"""What happened to a certificate since it was issued, in words: what, when and on which ground.

Entry points: `history`, `past_of`. A freeze is a note and no event: it forbids dealings and leaves
the rights with whom the certificate states, so that the status does not change (docs/adr/0021).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from certificates.models import CertificateEvent, EventGround, EventKind, Issued
from certificates.queries import events_of
from certificates.status import Standing, StatedRights, rights_of, standing_of
from ledger.models import Entry
from rights.freezes import Effect
from rights.models import Interest
from rights.queries import freezes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened.

    Attributes:
        at: from when it holds.
        ground: why, in words; empty where time alone or a dealing did it.
        entry: the act, or None.
    """

    at: datetime
    what: str
    ground: str = ""
    entry: Entry | None = None

    @property
    def reaches_back(self) -> bool:
        """Whether it holds from before it was entered."""
        return self.entry is not None and self.at < self.entry.recorded_at

    def __str__(self) -> str:
        said = f"{_moment(self.at)} {self.what}"
        if self.entry and self.reaches_back:
            entered = {"said": said, "entered": _moment(self.entry.recorded_at)}
            said = _("%(said)s, entered on %(entered)s") % entered
        return (
            _("%(said)s (%(ground)s)") % {"said": said, "ground": self.ground}
            if self.ground
            else said
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened until an instant.

    Attributes:
        sentence: all of it in one sentence.
        lines: first things first; the first is the issue.
        notes: what lies on the rights and does not take the certificate out of force.
    """

    sentence: str
    lines: Sequence[Line]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is read of a certificate's past until an instant; `told` says it in a language.

    Attributes:
        rights: those that it states, and what the register has of them.
        events: what was decided about it, from when it holds until the instant.
        freezes: those in effect at the instant.
    """

    certificate: Issued
    at: datetime
    rights: StatedRights
    events: Sequence[CertificateEvent]
    freezes: Sequence[Effect]

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened since the issue."""
        return len(self.told().lines) > 1

    @property
    def standing(self) -> Standing:
        """What the status follows from, until the instant."""
        return standing_of(self.certificate, self.rights, self.events)

    def told(self) -> History:
        """Return it in the reader's language."""
        certificate, rights = self.certificate, self.rights
        asset = certificate.asset.number if certificate.asset else ""
        issued = Line(
            at=certificate.issued_at or certificate.numbered_at,
            what=_("issued"),
            entry=certificate.entry,
        )
        began = {(right.reference, right.entry_id) for right in rights.revisions}
        lines = [
            line
            for right in rights.stated
            for line in _of_right(
                right, issued.at, goes_on=(right.reference, right.ended_by_id) in began
            )
        ]
        known = {right.reference for right in rights.stated}
        lines += [_of_added(right) for right in rights.added if right.reference not in known]
        lines += [_of_event(event) for event in self.events]
        happened = sorted((line for line in lines if line.at <= self.at), key=lambda line: line.at)
        return History(
            sentence=_sentence(issued, happened, is_disowned=_is_disowned(self.events, issued.at)),
            lines=[issued, *happened],
            notes=[
                _frozen(right, effect)
                for right in rights.stated
                for effect in self.freezes
                if effect.remark.lies_on(asset, right.reference)
            ],
        )


def history(certificate: Issued, at: datetime) -> History:
    """Return what happened to an issued certificate until ``at``, in the reader's language."""
    return past_of(certificate, at).told()


def past_of(certificate: Issued, at: datetime) -> Past:
    """Read what happened to an issued certificate until ``at``, for telling it more than once."""
    [(_certificate, rights)] = rights_of([certificate])
    prefetch_related_objects(rights.revisions, "ended_by__leaf", "entry__leaf")
    events = events_of(certificate).filter(effective_at__lte=at)
    freezes = freezes_of(certificate.asset) if certificate.asset else []
    return Past(
        certificate=certificate,
        at=at,
        rights=rights,
        events=list(events.select_related("entry__leaf", "successor")),
        freezes=[effect for effect in freezes if effect.includes(at)],
    )


def _of_event(event: CertificateEvent) -> Line:
    what = {
        EventKind.SUSPENDED: _("suspended"),
        EventKind.RESTORED: _("restored"),
        EventKind.REVOKED: _("revoked"),
        EventKind.SUPERSEDED: _("superseded by certificate %(number)s")
        % {"number": event.successor.number if event.successor else ""},
    }
    ground = str(EventGround(event.ground).label)
    return Line(
        at=event.effective_at,
        what=what[EventKind(event.kind)],
        ground=f"{ground}: {event.words}" if event.words else ground,
        entry=event.entry,
    )


def _of_right(right: Interest, issued_at: datetime, *, goes_on: bool) -> Iterator[Line]:
    """Yield how a stated right began and ended, as far as that was not before the issue."""
    name = {"right": f"{right.get_kind_display()} {right.reference}"}
    if right.valid_from > issued_at:
        yield Line(at=right.valid_from, what=_("the term of %(right)s began") % name)
    if right.ended_by is None:
        yield Line(at=right.until, what=_("the term of %(right)s ended") % name)
    elif goes_on:
        yield Line(at=right.until, what=_("%(right)s was changed") % name, entry=right.ended_by)
    else:
        yield Line(at=right.until, what=_("%(right)s was ended") % name, entry=right.ended_by)


def _of_added(right: Interest) -> Line:
    """Return that a right was entered that the certificate does not state."""
    name = {"right": f"{right.get_kind_display()} {right.reference}"}
    return Line(
        at=right.entry.recorded_at, what=_("%(right)s was entered") % name, entry=right.entry
    )


def _is_disowned(events: Iterable[CertificateEvent], issued_at: datetime) -> bool:
    """Say whether a revocation leaves open, or denies, that it was correct when issued."""
    revoked = (event for event in events if event.kind == EventKind.REVOKED)
    return any(
        event.ground == EventGround.UNTRUE or event.effective_at <= issued_at for event in revoked
    )


def _sentence(issued: Line, happened: Sequence[Line], *, is_disowned: bool) -> str:
    words = {
        "issued": _moment(issued.at),
        "events": _("; ").join(map(str, happened)),
    }
    if is_disowned:
        return _("Issued on %(issued)s. Since then: %(events)s.") % words
    if happened:
        return _("Correct when issued on %(issued)s. Since then: %(events)s.") % words
    return _("Correct when issued on %(issued)s. Nothing has happened to it since then.") % words


def _frozen(right: Interest, effect: Effect) -> str:
    return _(
        "%(right)s has been frozen since %(since)s: it cannot be dealt in. A freeze does not "
        "change the certificate's status."
    ) % {
        "right": f"{right.get_kind_display()} {right.reference}",
        "since": _moment(effect.since),
    }


def _moment(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M}"
