"""From a registration to a sealed certificate, in steps that a crash cannot tear.

Entry point: `issue_waiting`. A registration without a certificate is a row waiting; so is a
certificate that is numbered or sealed and not yet issued. Each step is repeatable:

1. take a number (its own transaction: from here on the number belongs to this registration);
2. state, draw, seal, proofread and store the file, and keep its digests;
3. enter the file's digests in the ledger (the act ``certificate.issued/1``);
4. sign the file with the second suite, if there is one (`certificates.detached`).

If we crash after 1 or during 2, the next run draws and seals again under the same number; the
file of the first try was never entered and so never counts. After 2, step 3 enters what is stored.
After 3 the certificate is issued: no other waits for step 4.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from certificates.detached import sign_waiting
from certificates.documents.issuance import finish_document
from certificates.documents.ordering import changes_without_certificate, order_for_change
from certificates.entries import CERTIFICATE_ISSUED, certificate_json, certificate_key
from certificates.models import Certificate, CertificateState, Document
from certificates.outage import end_outage, note_outage, open_outage, stops_issuing
from certificates.paper import paper_text, printed_of
from certificates.proofreading import proofread
from certificates.rendering import render_certificate
from certificates.sealed_files import Entering, FileT, enter_file, keep, next_certificate_number
from certificates.sealing import sealer
from certificates.stating import openings_of, statement_of
from certificates.timestamping import TimestampUnavailableError
from drawing.archival import Attachment
from ledger.memory import require_no_rollback
from ledger.models import Entry, Pending, TreeHead
from ledger.proofs import NotPublishedError, prove_entry
from ledger.publishing import publish
from primitives.identifiers import new_check_code
from registry.entries import INITIAL_REGISTRATIONS
from registry.models import DataAsset

logger = logging.getLogger(__name__)


def issue_waiting(*, at: datetime) -> int:
    """Issue a certificate for every registration that has none; return how many were issued.

    One that cannot be issued (a glyph that no font has, a month's numbers used up) is logged,
    stays waiting and holds up no other. Two issuers at once issue each certificate once.

    Raises:
        RollbackError: the ledger was set back; nothing is issued before that is resolved.
        SignerMemoryError: what was signed last cannot be known.
        LedgerDamagedError: what is stored does not agree with itself.
    """
    require_no_rollback()
    if Pending.objects.exists() or TreeHead.objects.filter(checkpoint=None).exists():
        # A publication was cut short; without its checkpoint nothing could be proven.
        publish(at=at)
    if stops_issuing(open_outage(), at):
        logger.error("No number is taken: no time-stamp has been given for too long")
    else:
        _take_numbers(at)
    waiting: list[tuple[Certificate | Document, Callable[[], bool]]] = [
        *((row, partial(finish, row, at=at)) for row in _unissued(Certificate)),
        *((row, partial(finish_document, row, at=at)) for row in _unissued(Document)),
    ]
    issued = 0
    for row, finish_it in waiting:
        try:
            issued += finish_it()
        except NotPublishedError:
            logger.info("%s waits for a checkpoint", row)
        except TimestampUnavailableError as error:
            logger.warning("%s waits for a time-stamp", row)
            note_outage(error, at=at)
            # The others would wait as long and hear the same.
            break
        except Exception:  # every other one must still be issued
            logger.exception("%s could not be issued and waits", row)
    sign_waiting(at=at)
    return issued


def _unissued(model: type[FileT]) -> QuerySet[FileT]:
    return model._default_manager.exclude(state=CertificateState.ISSUED).order_by("pk")  # noqa: SLF001 # Django's public model API


def _take_numbers(at: datetime) -> None:
    for entry in _registrations_without_certificate():
        try:
            take_number(entry, at=at)
        except Exception:  # those that have a number must still be issued
            logger.exception("Registration %s could get no number and waits", entry)
    for entry, asset in changes_without_certificate():
        try:
            order_for_change(entry, asset, at=at)
        except Exception:  # as above
            logger.exception("Change %s could get no number and waits", entry)


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


def finish(certificate: Certificate, *, at: datetime) -> bool:
    """Carry a certificate on until it is issued; say whether it was we who issued it.

    Raises:
        SealingError: the key cannot sign, or nobody stamps; the next run tries again.
        RenderingError: the statement cannot be drawn, or is not what is printed; nothing is
            issued with a box or an error in it.
        NotPublishedError: no signed checkpoint covers the registration yet.
        PaperKeyError: there is no key to sign the QR code with.
    """
    if certificate.state == CertificateState.NUMBERED:
        seal(certificate, at=at)
    return certificate.state == CertificateState.SEALED and enter(certificate, at=at)


def seal(certificate: Certificate, *, at: datetime) -> None:
    """State, draw, seal, proofread and store the file; the row then says SEALED with its digests.

    If another issuer was faster, its file stands and ours is never entered.
    """
    proof = prove_entry(certificate.registration)
    statement = statement_of(certificate, proof=proof, issued_at=at.replace(microsecond=0))
    prepared = render_certificate(
        statement,
        attachments=[
            Attachment(
                name="statement.json",
                content=statement.to_bytes(),
                media_type="application/json",
                description="What this certificate states, canonical JSON (RFC 8785)",
            ),
            Attachment(
                name="registration.tlog-proof",
                content=proof.format().encode(),
                media_type="text/plain",
                description="Proof that the registration is in the ledger (C2SP tlog-proof)",
            ),
            Attachment(
                name="openings.json",
                content=openings_of(certificate),
                media_type="application/json",
                description="What opens the registration's commitments that are stated here",
            ),
        ],
        evidence=sealer().evidence(at),
        signed_qr=paper_text(printed_of(statement.to_json())),
    )
    pdf = sealer().seal(prepared, at=at)
    end_outage(at=at)
    proofread(pdf, statement)
    keep(certificate, pdf, statement.to_bytes())


def enter(certificate: Certificate, *, at: datetime) -> bool:
    """Enter the file's digests in the ledger; from this commit on the certificate is issued.

    Returns:
        False if another issuer was faster.
    """
    entering = Entering(
        key=certificate_key(certificate.number), kind=CERTIFICATE_ISSUED, payload=certificate_json
    )
    return enter_file(certificate, entering, at=at)


def _registrations_without_certificate() -> list[Entry]:
    waiting = Entry.objects.filter(
        kind__in=INITIAL_REGISTRATIONS, certificate__isnull=True, leaf__isnull=False
    )
    return list(waiting.order_by("pk"))
