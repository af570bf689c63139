"""What issuing one more file costs, by how many were issued before.

The files before are rows and entries as issuing leaves them; those that are measured are status
extracts of the demonstration's first asset, carried the whole way: number, statement, drawing,
seal, reading back, store, entry, second signature.
"""

import time

from django.core.management import call_command
from django.test.utils import override_settings

from bench.filling import AT, KIND
from bench.log import reach
from bench.measuring import Report
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import CertificateState, Document, DocumentKind
from ledger.models import Entry, TreeHead
from ledger.publishing import publish
from primitives.clock import now_utc
from primitives.identifiers import new_check_code
from registry.models import DataAsset

SIZES = (100, 1_000, 10_000, 100_000)
EXTRACTS = 20
CHUNK = 5_000
DIGEST_DIGITS = 64


def measure(report: Report) -> None:
    """Report the CPU of an extract after a hundred issued files, and its growth up to 10^5."""
    # The demonstration hands out its first certificate with the proof of it.
    with override_settings(LEDGER_PUBLISH_INLINE=True):
        call_command("load_demo", verbosity=0)
    asset = DataAsset.objects.order_by("pk")[0]
    _extract(asset)  # fonts, keys and connections are ready from here on
    issued, first = 0, 0.0
    for size in SIZES:
        _issue_before(asset, issued, size)
        taken = _extract(asset)
        first = first or taken
        report.add(
            f"an extract, all of it, after {size:,} issued files",
            f"{taken * 1000:.1f} ms CPU",
            ratio=taken / first,
            to=f"after {SIZES[0]}",
        )
        issued = size


def _extract(asset: DataAsset) -> float:
    """Order some extracts and return the seconds of CPU that issuing one took."""
    for _ in range(EXTRACTS):
        order(Order(kind=DocumentKind.STATUS, asset=asset), by=None, at=now_utc())
    publish(at=now_utc())
    start = time.process_time()
    issued = issue_waiting(at=now_utc())
    taken = time.process_time() - start
    if issued != EXTRACTS:
        raise RuntimeError(f"{issued} of {EXTRACTS} extracts were issued")
    return taken / issued


def _issue_before(asset: DataAsset, old: int, new: int) -> None:
    head = TreeHead.objects.order_by("-size")[0]
    reach(head.size + new - old)
    publish(at=now_utc())
    entries = Entry.objects.filter(kind=KIND, issued_document=None).order_by("pk")
    rows = zip(range(old, new), entries.values_list("pk", flat=True)[: new - old], strict=True)
    Document.objects.bulk_create(
        (_row(asset, number, entry) for number, entry in rows), batch_size=CHUNK
    )


def _row(asset: DataAsset, number: int, entry: int) -> Document:
    digest = f"{number:x}".zfill(DIGEST_DIGITS)
    return Document(
        number=f"B{number:09d}",
        kind=DocumentKind.STATUS,
        state=CertificateState.ISSUED,
        check_code=new_check_code(),
        numbered_at=AT,
        issued_at=AT,
        asset=asset,
        as_of=AT,
        sha256=digest,
        sm3=digest,
        p7s_sha256=digest,
        size_bytes=1,
        entry_id=entry,
    )
