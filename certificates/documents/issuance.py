"""From an order to a sealed document, in the steps of a certificate (`certificates.issuance`).

Entry point: `finish_document`. What a document states is read when a signed checkpoint is there to
speak as of, so that it never says more than was published.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from certificates.documents.accounting import SPREADSHEET, spreadsheet
from certificates.documents.extracts import Content
from certificates.documents.kinds import FORMS
from certificates.documents.rendering import render_document
from certificates.documents.search import absence_proof
from certificates.documents.statement import DocumentStatement, Field, RegisterState
from certificates.entries import (
    DOCUMENT_ISSUED,
    certificate_key,
    document_json,
    document_key,
)
from certificates.models import (
    CertificateState,
    Document,
    DocumentKind,
    EventKind,
    Issued,
)
from certificates.outage import end_outage
from certificates.paper import paper_facts, paper_text, printed_of_document
from certificates.proofreading import require_printed
from certificates.queries import issued_certificates, later_certificates
from certificates.sealed_files import Entering, enter_file, name_file, take_up
from certificates.sealing import sealer
from certificates.stating import head_of, registrar, verify_url
from certificates.status_acts import possible_events, supersede
from drawing.archival import Attachment
from drawing.moments import moment_text
from ledger.acts import Act
from ledger.models import Checkpoint
from ledger.proofs import NotPublishedError
from ledger.queries import latest_checkpoint
from rights.queries import AsOf

MEDIA_TYPE_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def finish_document(document: Document, *, at: datetime) -> bool:
    """Carry a document on until it is issued; say whether it was we who issued it.

    Raises:
        SealingError: the key cannot sign, or nobody stamps; the next run tries again.
        PaperKeyError: there is no key for its QR code; the next run tries again.
        RenderingError: it cannot be drawn, or is not what is printed.
        NotPublishedError: no signed checkpoint covers what it is to state yet.
    """
    pdf = take_up(document)
    if document.state == CertificateState.NUMBERED:
        pdf = _seal(document, at=at)
    if document.state != CertificateState.SEALED:
        return False
    earlier = _superseded_by(document)
    entering = Entering(
        key=document_key(document.number),
        kind=DOCUMENT_ISSUED,
        payload=document_json,
        locks=[certificate_key(certificate.number) for certificate in earlier],
        then=partial(_supersede, earlier),
    )
    return enter_file(document, pdf, entering, at=at)


def _superseded_by(document: Document) -> list[Issued]:
    """Return the certificates that the document takes the place of."""
    if not document.is_certificate:
        return []
    earlier = {"asset": document.asset, "number__lt": document.number}
    found: list[Issued] = [
        *issued_certificates().filter(**earlier),
        *later_certificates().filter(**earlier),
    ]
    return [each for each in found if EventKind.SUPERSEDED in possible_events(each)]


def _supersede(earlier: Iterable[Issued], act: Act, document: Document) -> None:
    for certificate in earlier:
        # Asked again under the lock: it may have been revoked meanwhile.
        if EventKind.SUPERSEDED in possible_events(certificate):
            supersede(act, certificate, by=document)


def _seal(document: Document, *, at: datetime) -> bytes:
    checkpoint = _checkpoint_for(document)
    head = head_of(checkpoint.public_note())
    form = FORMS[DocumentKind(document.kind)]
    content = form.state(document, AsOf(at=document.as_of, size=head.size))
    issued_at = at.replace(microsecond=0)
    statement = DocumentStatement(
        kind=document.kind,
        title=form.title,
        lead=form.lead,
        number=document.number,
        check_code=document.check_code,
        verify_url=verify_url(document),
        registrar=registrar(),
        issued_at=issued_at,
        as_of=RegisterState(at=document.as_of, tree_size=head.size, root_hash=head.root.hex()),
        sections=content.sections,
        facts={"paper": paper_facts(document), **content.facts},
    )
    attachments = [
        Attachment(
            name="statement.json",
            content=statement.to_bytes(),
            media_type="application/json",
            description="What this document states, canonical JSON (RFC 8785)",
        ),
        Attachment(
            name="register.checkpoint",
            content=checkpoint.public_note().encode(),
            media_type="text/plain",
            description="The signed tree head of the ledger that this speaks for (C2SP)",
        ),
        *_more(document, content, issued_at),
    ]
    prepared = render_document(
        statement,
        attachments,
        sealer().evidence(at),
        signed_qr=paper_text(printed_of_document(statement.to_bytes())),
    )
    pdf = sealer().seal(prepared, at=at)
    end_outage(at=at)
    require_printed(pdf, _printed(statement))
    name_file(document, pdf, statement.to_bytes())
    return pdf


def _checkpoint_for(document: Document) -> Checkpoint:
    checkpoint = latest_checkpoint()
    leaf = getattr(document.cause, "leaf", None)
    if checkpoint is None or (
        document.cause and (leaf is None or leaf.index >= checkpoint.tree_head.size)
    ):
        raise NotPublishedError(document.number)
    return checkpoint


def _more(document: Document, content: Content, issued_at: datetime) -> Iterator[Attachment]:
    if document.kind == DocumentKind.ACCOUNTING:
        yield Attachment(
            name=SPREADSHEET,
            content=spreadsheet(content, written_at=issued_at),
            media_type=MEDIA_TYPE_XLSX,
            description="The tables as a workbook",
        )
    if document.kind == DocumentKind.SEARCH and (proof := absence_proof(document.query)):
        yield Attachment(
            name="search.state-proof",
            content=proof.encode(),
            media_type="text/plain",
            description="What the latest act under the number is, or that there is none",
        )


def _printed(statement: DocumentStatement) -> Iterator[str]:
    """Yield all that a document must show: what its statement says, in Chinese."""
    yield from (statement.number, statement.check_code, statement.verify_url, statement.title.zh)
    yield from (statement.lead.zh, statement.as_of.root_hash, moment_text(statement.as_of.at))
    for section in statement.sections:
        yield section.title.zh
        for block in section.blocks:
            if isinstance(block, Field):
                yield from (block.label.zh, *block.value.zh.split("\n"))
            else:
                yield from (cell.zh for row in block.rows for cell in row)
