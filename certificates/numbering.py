"""Which entries still lack the number of their certificate, and taking it.

Entry points: `take_numbers`, `take_number`. A mark remembers up to which tree size every entry has
what it needs, so that a run reads what came since and never the ledger from its beginning.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.db import transaction

from certificates.documents.ordering import changes_without_certificate, order_for_change
from certificates.models import Certificate, CertificateState, Document, NumberingMark
from certificates.sealed_files import next_certificate_number
from ledger.models import Entry, Leaf
from primitives.identifiers import new_check_code
from primitives.progress import SILENT, Progress
from registry.entries import INITIAL_REGISTRATIONS
from registry.models import DataAsset

logger = logging.getLogger(__name__)

Taking = tuple[Entry, Callable[[], Certificate | Document]]


def take_numbers(*, at: datetime, progress: Progress = SILENT) -> None:
    """Take a number for each registration and each change that has none; who cannot get one waits.

    Registrations come first: a certificate after a change has a later number than the first.
    """
    # Read before the entries are, so that none is passed over.
    tree_size = _tree_size()
    waiting = list(_without_number(_marked(tree_size), at))
    progress.stage("numbering", len(waiting))
    failed = []
    for entry, take in waiting:
        try:
            take()
            progress.advance()
        except Exception:  # those that have a number must still be issued
            progress.fail()
            failed.append(entry.leaf.index)
            logger.exception("%s could get no number and waits", entry)
    _mark(min([tree_size, *failed]))


@transaction.atomic
def take_number(registration: Entry, *, at: datetime) -> Certificate:
    """Give the registration's certificate its number and code, once and for all."""
    asset = DataAsset.objects.select_for_update().get(entry=registration)
    # Whoever held the lock before us may have taken the number.
    if taken := Certificate.objects.filter(registration=registration).first():
        return taken
    return Certificate.objects.create(
        number=next_certificate_number(at),
        state=CertificateState.NUMBERED,
        check_code=new_check_code(),
        asset=asset,
        registration=registration,
        numbered_at=at.replace(microsecond=0),
    )


def _without_number(since: int, at: datetime) -> Iterator[Taking]:
    for entry in registrations_without_certificate(since):
        yield entry, partial(take_number, entry, at=at)
    for entry, asset in changes_without_certificate(since):
        yield entry, partial(order_for_change, entry, asset, at=at)


def registrations_without_certificate(since: int) -> list[Entry]:
    """Return the registrations from leaf ``since`` on that have no number, first things first."""
    waiting = Entry.objects.filter(
        kind__in=INITIAL_REGISTRATIONS, certificate__isnull=True, leaf__index__gte=since
    )
    return list(waiting.select_related("leaf").order_by("leaf__index"))


def _tree_size() -> int:
    last = Leaf.objects.order_by("-index").first()
    return last.index + 1 if last else 0


def _marked(tree_size: int) -> int:
    mark = NumberingMark.objects.first()
    # A ledger that is shorter than it was is read anew.
    return mark.tree_size if mark and mark.tree_size <= tree_size else 0


def _mark(tree_size: int) -> None:
    """Remember how far all have what they need; of two workers, the farther one counts."""
    mark, _made = NumberingMark.objects.get_or_create(defaults={"tree_size": tree_size})
    if mark.tree_size != tree_size:
        NumberingMark.objects.filter(tree_size__lt=tree_size).update(tree_size=tree_size)
