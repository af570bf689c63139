"""From a registration to a sealed certificate, in steps that a crash cannot tear.

Entry point: `issue_waiting`. A registration without a certificate is a row waiting; so is a
certificate that is numbered or sealed and not yet issued. Each step is repeatable:

1. take a number (its own transaction: from here on the number belongs to this registration);
2. state, draw, seal, proofread and store the file, and keep its digests;
3. enter the file's digests in the ledger (the act ``certificate.issued/1``).

If we crash after 1 or during 2, the next run draws and seals again under the same number; the
file of the first try was never entered and so never counts. After 2, step 3 enters what is stored.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from certificates.entries import CERTIFICATE_ISSUED, certificate_json, certificate_key
from certificates.models import Certificate, CertificateState
from certificates.outage import end_outage, note_outage, open_outage, stops_issuing
from certificates.proofreading import proofread
from certificates.queries import certificate_path
from certificates.rendering import render_certificate
from certificates.sealing import sealer
from certificates.stating import openings_of, statement_of
from certificates.timestamping import TimestampUnavailableError
from drawing.archival import Attachment
from ledger.acts import open_act
from ledger.memory import require_no_rollback
from ledger.models import Entry, Pending, TreeHead
from ledger.proofs import NotPublishedError, prove_entry
from ledger.publishing import publish
from primitives.clock import CHINA
from primitives.digests import digest_bytes
from primitives.durable_files import write_durably
from primitives.identifiers import certificate_number, new_check_code
from registry.entries import INITIAL_REGISTRATIONS
from registry.models import DataAsset
from registry.numbers import next_number

ISSUER = "U-ISSUANCE"
"""Who acts when no person does: the issuing pipeline, in the ledger's ``actor`` and ``officer``."""

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
    issued = 0
    for certificate in Certificate.objects.exclude(state=CertificateState.ISSUED).order_by("pk"):
        try:
            issued += finish(certificate, at=at)
        except NotPublishedError:
            logger.info("Certificate %s waits for a checkpoint", certificate.number)
        except TimestampUnavailableError as error:
            logger.warning("Certificate %s waits for a time-stamp", certificate.number)
            note_outage(error, at=at)
            # The others would wait as long and hear the same.
            break
        except Exception:  # every other certificate must still be issued
            logger.exception("Certificate %s could not be issued and waits", certificate.number)
    return issued


def _take_numbers(at: datetime) -> None:
    for entry in _registrations_without_certificate():
        try:
            take_number(entry, at=at)
        except Exception:  # those that have a number must still be issued
            logger.exception("Registration %s could get no number and waits", entry)


@transaction.atomic
def take_number(registration: Entry, *, at: datetime) -> Certificate:
    """Give the registration's certificate its number and code, once and for all."""
    asset = DataAsset.objects.select_for_update().get(entry=registration)
    # Whoever held the lock before us may have taken the number.
    if taken := Certificate.objects.filter(registration=registration).first():
        return taken
    local = at.astimezone(CHINA)
    serial = next_number(f"certificate:{local:%Y%m}")
    return Certificate.objects.create(
        number=certificate_number(
            region=settings.REGISTRAR_REGION,
            registrar=settings.REGISTRAR_DIGIT,
            year=local.year,
            month=local.month,
            serial=serial,
        ),
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
    )
    pdf = sealer().seal(prepared, at=at)
    end_outage(at=at)
    proofread(pdf, statement)
    digests = digest_bytes(pdf)
    write_durably(certificate_path(digests.sha256), pdf)
    Certificate.objects.filter(pk=certificate.pk, state=CertificateState.NUMBERED).update(
        statement=statement.to_bytes(),
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        state=CertificateState.SEALED,
    )
    certificate.refresh_from_db()


def enter(certificate: Certificate, *, at: datetime) -> bool:
    """Enter the file's digests in the ledger; from this commit on the certificate is issued.

    Returns:
        False if another issuer was faster.
    """
    key = certificate_key(certificate.number)
    with open_act(recorded_at=at, actor=ISSUER, officer=ISSUER, keys=[key]) as act:
        locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
        is_ours = locked.state == CertificateState.SEALED
        if is_ours:
            locked.entry = act.record(
                kind=CERTIFICATE_ISSUED, keys=[key], payload=certificate_json(locked)
            )
            locked.issued_at = act.recorded_at
            locked.state = CertificateState.ISSUED
            locked.save(update_fields=["entry", "issued_at", "state"])
    certificate.refresh_from_db()
    return is_ours


def _registrations_without_certificate() -> list[Entry]:
    waiting = Entry.objects.filter(
        kind__in=INITIAL_REGISTRATIONS, certificate__isnull=True, leaf__isnull=False
    )
    return list(waiting.order_by("pk"))
