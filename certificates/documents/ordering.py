"""Ordering a document: a number is taken, and the issuing worker does the rest.

Entry points: `order`, `order_for_change`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from certificates.models import CertificateState, Document, DocumentKind
from certificates.outage import open_outage, stops_issuing
from certificates.sealed_files import next_certificate_number
from ledger.models import Entry
from primitives.clock import CHINA
from primitives.identifiers import new_check_code
from registry.models import DataAsset, Party
from registry.numbers import next_number
from rights.entries import TITLE_DEALING
from rights.kinds import RemarkKind
from rights.models import Interest, Remark

NEEDS_ASSET = {
    DocumentKind.TITLE,
    DocumentKind.STATUS,
    DocumentKind.PLEDGE,
    DocumentKind.CANCELLATION,
    DocumentKind.CIRCULATION,
}
NEEDS_PARTY = {DocumentKind.PLEDGE, DocumentKind.ACCOUNTING}


class OrderError(Exception):
    """A document cannot be ordered like this; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for.

    Attributes:
        asset, party, query: the subject, as the kind needs it.
        as_of: for which instant; now if None.
        since: where the period of accounting evidence begins.
        cause: the act that a certificate after a change follows.
        pending_cases: how many cases are pending on the asset; None if nobody counted.
    """

    kind: DocumentKind
    asset: DataAsset | None = None
    party: Party | None = None
    query: str = ""
    as_of: datetime | None = None
    since: datetime | None = None
    cause: Entry | None = None
    pending_cases: int | None = None


@transaction.atomic
def order(ordered: Order, *, by: User | None, at: datetime) -> Document:
    """Take a number for a document; the issuing worker does the rest.

    Args:
        ordered: what is asked for. Whether whoever asks may see it is decided before.
        by: whoever ordered it, if a person did.
        at: now, aware UTC.

    Raises:
        OrderError: the subject is missing, or the instants make no sense.
    """
    require_sense(ordered, at=at)
    local = at.astimezone(CHINA)
    is_certificate = ordered.kind == DocumentKind.TITLE
    return Document.objects.create(
        number=next_certificate_number(at)
        if is_certificate
        else f"E{local:%Y%m}{next_number(f'document:{local:%Y%m}'):05d}",
        kind=ordered.kind,
        state=CertificateState.NUMBERED,
        check_code=new_check_code(),
        numbered_at=at.replace(microsecond=0),
        asset=ordered.asset,
        party=ordered.party,
        query=ordered.query.strip(),
        as_of=(ordered.as_of or at).replace(microsecond=0),
        since=ordered.since,
        cause=ordered.cause,
        ordered_by=by,
        pending_cases=ordered.pending_cases,
    )


def require_sense(ordered: Order, *, at: datetime) -> None:
    """Check an order before a number is taken.

    Raises:
        OrderError: the subject is missing, or the instants make no sense.
    """
    for refused, why in _refusals(ordered, at):
        if refused:
            raise OrderError(why)


def _refusals(ordered: Order, at: datetime) -> Iterator[tuple[bool, str]]:
    kind, moment = ordered.kind, ordered.as_of or at
    yield (
        stops_issuing(open_outage(), at),
        _("No time-stamp has been given for too long: nothing can be ordered until one is."),
    )
    yield moment > at, _("Nobody can say what the register will hold: choose an earlier instant.")
    yield kind in NEEDS_ASSET and ordered.asset is None, _("Name the data asset.")
    yield kind in NEEDS_PARTY and ordered.party is None, _("Name the party.")
    is_search, has_query = kind == DocumentKind.SEARCH, bool(ordered.query.strip())
    yield is_search and not has_query, _("Write what is to be searched for.")
    is_accounting = kind == DocumentKind.ACCOUNTING
    yield is_accounting and ordered.since is None, _("Name the first day of the period.")
    begins = ordered.since
    yield begins is not None and begins >= moment, _("The period must begin before it ends.")


@transaction.atomic
def order_for_change(entry: Entry, asset: DataAsset, *, at: datetime) -> Document:
    """Order the certificate that states title as a change left it, once and for all."""
    DataAsset.objects.select_for_update().get(pk=asset.pk)
    # Whoever held the lock before us may have ordered it.
    ordered = Document.objects.filter(kind=DocumentKind.TITLE, cause=entry, asset=asset).first()
    wanted = Order(kind=DocumentKind.TITLE, asset=asset, cause=entry, as_of=entry.recorded_at)
    return ordered or order(wanted, by=None, at=at)


def changes_without_certificate(since: int) -> list[tuple[Entry, DataAsset]]:
    """Return each act that changed who holds what in an asset, or its description, and the asset.

    From leaf ``since`` on, first things first. Acts after which nothing stands, as a cancellation,
    get a note when somebody asks for one.
    """
    late = Entry.objects.filter(kind=TITLE_DEALING, leaf__index__gte=since)
    ordered = Document.objects.filter(
        kind=DocumentKind.TITLE, cause=OuterRef("entry"), asset=OuterRef("asset")
    )
    waiting: set[tuple[int, int]] = set()
    for rows in (Interest.objects.all(), Remark.objects.filter(kind=RemarkKind.DESCRIPTION)):
        changed = rows.filter(entry__in=late.values("pk")).exclude(Exists(ordered))
        waiting.update(changed.values_list("entry", "asset"))
    entries = Entry.objects.select_related("leaf").in_bulk({entry for entry, _ in waiting})
    assets = DataAsset.objects.in_bulk({asset for _, asset in waiting})
    found = [(entries[entry], assets[asset]) for entry, asset in waiting]
    return sorted(found, key=lambda change: (change[0].leaf.index, change[1].pk))
