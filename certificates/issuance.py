"""From a registration to a sealed certificate, in steps that a crash cannot tear.

Entry point: `issue_waiting`. A registration without a certificate is a row waiting; so is a
certificate that is numbered or sealed and not yet issued. Each step is repeatable:

1. take a number (its own transaction: from here on the number belongs to this registration);
2. state, draw, seal and proofread the file, and keep its digests;
3. store the file and enter its digests in the ledger (the act ``certificate.issued/1``);
4. sign the file with the second suite, if there is one (`certificates.detached`).

If we crash before the file is stored, the next run draws and seals again under the same number; a
file that is stored is entered by the next run. After 3 the certificate is issued: no other waits
for step 4. No file is ever in the store without a row that names it (`certificates.sealed_files`).
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from certificates.detached import sign_waiting
from certificates.documents.issuance import finish_document
from certificates.entries import CERTIFICATE_ISSUED, certificate_json, certificate_key
from certificates.models import Certificate, CertificateState, Document
from certificates.numbering import take_numbers
from certificates.outage import end_outage, note_outage, open_outage, stops_issuing
from certificates.paper import paper_text, printed_of
from certificates.proofreading import proofread
from certificates.rendering import render_certificate
from certificates.sealed_files import (
    Entering,
    FileT,
    enter_file,
    name_file,
    take_up,
)
from certificates.sealing import sealer
from certificates.statement import Statement
from certificates.stating import openings_of, statement_of
from certificates.timestamping import TimestampUnavailableError
from drawing.archival import Attachment
from ledger.memory import require_no_rollback
from ledger.models import Pending, TreeHead
from ledger.proofs import NotPublishedError, prove_entry
from ledger.publishing import publish
from primitives.progress import SILENT, Progress
from tlog.proof import TlogProof

logger = logging.getLogger(__name__)


def issue_waiting(*, at: datetime, progress: Progress = SILENT) -> int:
    """Issue a certificate for every registration that has none; return how many were issued.

    So with every document that was ordered or that a change of title asks for. One that cannot be
    issued (a glyph that no font has, a month's numbers used up) is logged, stays waiting and holds
    up no other. Two issuers at once issue each once.

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
        take_numbers(at=at, progress=progress)
    waiting: list[tuple[Certificate | Document, Callable[[], bool]]] = [
        *((row, partial(finish, row, at=at)) for row in _unissued(Certificate)),
        *((row, partial(finish_document, row, at=at)) for row in _unissued(Document)),
    ]
    progress.stage("issuing", len(waiting))
    issued = 0
    for row, finish_it in waiting:
        try:
            issued += finish_it()
            progress.advance()
        except NotPublishedError:
            logger.info("%s waits for a checkpoint", row)
        except TimestampUnavailableError as error:
            logger.warning("%s waits for a time-stamp", row)
            note_outage(error, at=at)
            # The others would wait as long and hear the same.
            break
        except Exception:  # every other one must still be issued
            progress.fail()
            logger.exception("%s could not be issued and waits", row)
    progress.end()
    sign_waiting(at=at)
    return issued


def _unissued(model: type[FileT]) -> QuerySet[FileT]:
    return model._default_manager.exclude(state=CertificateState.ISSUED).order_by("pk")  # noqa: SLF001 # Django's public model API


def finish(certificate: Certificate, *, at: datetime) -> bool:
    """Carry a certificate on until it is issued; say whether it was we who issued it.

    Raises:
        SealingError: the key cannot sign, or nobody stamps; the next run tries again.
        RenderingError: the statement cannot be drawn, or is not what is printed; nothing is
            issued with a box or an error in it.
        NotPublishedError: no signed checkpoint covers the registration yet.
        PaperKeyError: there is no key to sign the QR code with.
    """
    pdf = take_up(certificate)
    if certificate.state == CertificateState.NUMBERED:
        pdf = seal(certificate, at=at)
    return certificate.state == CertificateState.SEALED and enter(certificate, pdf, at=at)


def seal(certificate: Certificate, *, at: datetime) -> bytes:
    """State, draw, seal and proofread the file; the row then says SEALED with its digests.

    If another issuer was faster, its file stands and ours is never entered.
    """
    proof = prove_entry(certificate.registration)
    statement = statement_of(certificate, proof=proof, issued_at=at.replace(microsecond=0))
    prepared = draw_file(statement, proof=proof, openings=openings_of(certificate), at=at)
    pdf = sealer().seal(prepared, at=at)
    end_outage(at=at)
    proofread(pdf, statement)
    name_file(certificate, pdf, statement.to_bytes())
    return pdf


def draw_file(statement: Statement, *, proof: TlogProof, openings: bytes, at: datetime) -> bytes:
    """Return the certificate with all that it carries, ready to be sealed at ``at``.

    Raises:
        SealingError: no authority's word on the seal's certificates holds.
        RenderingError: the statement cannot be drawn.
        PaperKeyError: there is no key to sign the QR code with.
    """
    return render_certificate(
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
                content=openings,
                media_type="application/json",
                description="What opens the registration's commitments that are stated here",
            ),
        ],
        evidence=sealer().evidence(at),
        signed_qr=paper_text(printed_of(statement.to_json())),
    )


def enter(certificate: Certificate, pdf: bytes, *, at: datetime) -> bool:
    """Store the file and enter its digests; from this commit on the certificate is issued.

    Returns:
        False if another issuer was faster.
    """
    entering = Entering(
        key=certificate_key(certificate.number), kind=CERTIFICATE_ISSUED, payload=certificate_json
    )
    return enter_file(certificate, pdf, entering, at=at)
