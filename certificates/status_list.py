"""The status list: every certificate that is not in force, pinned by an entry of the ledger.

Entry points: `enter_status_list`, `enter_when_due`; `status_list_text` is what is handed out. With
it whoever has a certificate learns offline what the register said of it as of the list's instant:
one that was issued within the list's tree and is not on it was in force (docs/adr/0021).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from operator import attrgetter

from django.conf import settings
from django.db.models import Max, QuerySet

from certificates.entries import STATUS_LIST_KEY, STATUS_LISTED, status_list_json
from certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Document,
    DocumentKind,
    Issued,
    StatusList,
)
from certificates.sealed_files import ISSUER
from certificates.status import Status, standings
from ledger.acts import open_act
from ledger.proofs import prove_entry
from ledger.queries import latest_checkpoint
from primitives.canonical_json import JsonObject, canonical_json, instant_text
from verifier.status_list import HEADER

BATCH_SIZE = 500
EVERY_DAY = timedelta(hours=24)


def enter_status_list(*, at: datetime) -> StatusList | None:
    """Enter the list of certificates that are not in force at ``at``.

    Returns:
        None if no signed checkpoint covers a certificate, or if another was faster.
    """
    tree_size = _published_size()
    last = _last()
    if not any(rows.exists() for rows in _issued_within(tree_size)):
        return None
    # Before the act opens: a large register takes seconds, and an act holds a lock. Whatever the
    # tree holds was committed before this reads.
    content = canonical_json(list_json(at, tree_size=tree_size))
    with open_act(recorded_at=at, actor=ISSUER, officer=ISSUER, keys=[STATUS_LIST_KEY]) as act:
        if _last() != last:
            return None
        entered = StatusList(content=content, tree_size=tree_size)
        entered.entry = act.record(
            kind=STATUS_LISTED, keys=[STATUS_LIST_KEY], payload=status_list_json(entered)
        )
        entered.save()
    return entered


def enter_when_due(*, at: datetime) -> StatusList | None:
    """Enter a list if the last one is as old as the settings allow, or an event came since.

    Returns:
        As `enter_status_list`; always None where the settings switch it off.
    """
    if settings.STATUS_LIST_HOURS <= 0:
        return None
    last = _last()
    if last and at < last.entry.recorded_at + _interval():
        published = {"entry__leaf__index__gte": last.tree_size}
        published["entry__leaf__index__lt"] = _published_size()
        if not CertificateEvent.objects.filter(**published).exists():
            return None
    return enter_status_list(at=at)


def published_status_list() -> StatusList | None:
    """Return the latest list that a signed checkpoint covers."""
    within = StatusList.objects.filter(entry__leaf__index__lt=_published_size())
    return within.select_related("entry").order_by("-pk").first()


def status_list_text(status_list: StatusList) -> str:
    """Return the file that is handed out: the list, and the proof of its entry.

    Raises:
        NotPublishedError: no signed checkpoint covers it yet.
    """
    proof = prove_entry(status_list.entry).format()
    return f"{HEADER}\n{bytes(status_list.content).decode()}\n\n{proof}"


def list_json(at: datetime, *, tree_size: int) -> JsonObject:
    """Return ``quanji.status-list/2`` as of ``at``, of the certificates in the first entries."""
    highest = [
        rows.aggregate(highest=Max("number"))["highest"] for rows in _issued_within(tree_size)
    ]
    return {
        "schema": HEADER,
        "as_of": instant_text(at),
        "next_issue": instant_text(at + _interval()),
        "tree_size": tree_size,
        "highest": max(filter(None, highest), default=None),
        "certificates": list(_rows(at, tree_size)),
    }


def _rows(at: datetime, tree_size: int) -> Iterator[JsonObject]:
    """Yield each certificate that is not in force, by number; they are of one series."""
    in_order = [rows.order_by("number").iterator(BATCH_SIZE) for rows in _issued_within(tree_size)]
    numbered: Iterator[Issued] = merge(*in_order, key=attrgetter("number"))
    while certificates := list(islice(numbered, BATCH_SIZE)):
        for certificate, standing in standings(certificates):
            status = standing.status(at)
            if status != Status.IN_FORCE:
                yield {
                    "number": certificate.number,
                    "status": status.value,
                    "since": instant_text(standing.since(at)),
                }


def _issued_within(tree_size: int) -> tuple[QuerySet[Certificate], QuerySet[Document]]:
    """Return the certificates, and those after a change, that the first entries issued."""
    within = {"state": CertificateState.ISSUED, "entry__leaf__index__lt": tree_size}
    later = Document.objects.filter(kind=DocumentKind.TITLE, **within)
    return Certificate.objects.filter(**within).defer("statement"), later.defer("statement")


def _last() -> StatusList | None:
    return StatusList.objects.select_related("entry").defer("content").order_by("pk").last()


def _published_size() -> int:
    checkpoint = latest_checkpoint()
    return checkpoint.tree_head.size if checkpoint else 0


def _interval() -> timedelta:
    return timedelta(hours=settings.STATUS_LIST_HOURS) or EVERY_DAY
