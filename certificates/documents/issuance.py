"""From an order to a sealed document, in the steps of a certificate (`certificates.issuance`).

Entry points: `order`, `finish_document`. An order takes a number; what it states is read when a
signed checkpoint is there to speak as of, so that a document never says more than was published.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
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
    Certificate,
    CertificateState,
    Document,
    DocumentKind,
    EventKind,
)
from certificates.outage import end_outage
from certificates.proofreading import require_printed
from certificates.sealed_files import Entering, enter_file, keep, next_certificate_number
from certificates.sealing import sealer
from certificates.statement import Registrar
from certificates.status_acts import possible_events, supersede
from drawing.archival import Attachment
from drawing.moments import moment_text
from ledger.acts import Act
from ledger.models import Checkpoint, Entry
from ledger.proofs import NotPublishedError
from ledger.queries import latest_checkpoint
from primitives.clock import CHINA
from primitives.identifiers import new_check_code
from registry.models import DataAsset, Party
from registry.numbers import next_number
from rights.entries import TITLE_DEALING
from rights.kinds import RemarkKind
from rights.models import Interest, Remark
from rights.queries import AsOf
from tlog.checkpoint import Checkpoint as TreeCheckpoint

NEEDS_ASSET = {
    DocumentKind.TITLE,
    DocumentKind.STATUS,
    DocumentKind.PLEDGE,
    DocumentKind.CANCELLATION,
    DocumentKind.CIRCULATION,
}
NEEDS_PARTY = {DocumentKind.PLEDGE, DocumentKind.ACCOUNTING}
MEDIA_TYPE_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        pending_cases: how many cases are pending on the asset.
    """

    kind: DocumentKind
    asset: DataAsset | None = None
    party: Party | None = None
    query: str = ""
    as_of: datetime | None = None
    since: datetime | None = None
    cause: Entry | None = None
    pending_cases: int = 0


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
    """Order the certificate that follows a change of title, once and for all."""
    DataAsset.objects.select_for_update().get(pk=asset.pk)
    # Whoever held the lock before us may have ordered it.
    ordered = Document.objects.filter(kind=DocumentKind.TITLE, cause=entry, asset=asset).first()
    wanted = Order(kind=DocumentKind.TITLE, asset=asset, cause=entry)
    return ordered or order(wanted, by=None, at=at)


def changes_without_certificate() -> Iterator[tuple[Entry, DataAsset]]:
    """Yield each act that changed who holds what in an asset, or its description, and the asset.

    Acts after which nothing stands, as a cancellation, get a note when somebody asks for one.
    """
    of_title = Q(entry=OuterRef("pk"))
    begins = Interest.objects.filter(of_title)
    describes = Remark.objects.filter(of_title, kind=RemarkKind.DESCRIPTION)
    done = Document.objects.filter(kind=DocumentKind.TITLE, cause=OuterRef("pk"))
    waiting = Entry.objects.filter(
        Exists(begins) | Exists(describes), kind=TITLE_DEALING, leaf__isnull=False
    ).exclude(Exists(done))
    for entry in waiting.order_by("pk"):
        changed = Q(interests__entry=entry) | Q(
            remarks__entry=entry, remarks__kind=RemarkKind.DESCRIPTION
        )
        for asset in DataAsset.objects.filter(changed).distinct().order_by("pk"):
            yield entry, asset


def finish_document(document: Document, *, at: datetime) -> bool:
    """Carry a document on until it is issued; say whether it was we who issued it.

    Raises:
        SealingError: the key cannot sign, or nobody stamps; the next run tries again.
        RenderingError: it cannot be drawn, or is not what is printed.
        NotPublishedError: no signed checkpoint covers what it is to state yet.
    """
    if document.state == CertificateState.NUMBERED:
        _seal(document, at=at)
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
    return enter_file(document, entering, at=at)


def _superseded_by(document: Document) -> list[Certificate]:
    """Return the certificates that the document takes the place of."""
    if document.kind != DocumentKind.TITLE:
        return []
    earlier = Certificate.objects.filter(asset=document.asset, number__lt=document.number)
    return [each for each in earlier if EventKind.SUPERSEDED in possible_events(each)]


def _supersede(earlier: Iterable[Certificate], act: Act, document: Document) -> None:
    for certificate in earlier:
        # Asked again under the lock: it may have been revoked meanwhile.
        if EventKind.SUPERSEDED in possible_events(certificate):
            supersede(act, certificate, by=document)


def _seal(document: Document, *, at: datetime) -> None:
    checkpoint = _checkpoint_for(document)
    head = TreeCheckpoint.parse(checkpoint.public_note().partition("\n\n")[0] + "\n")
    form = FORMS[DocumentKind(document.kind)]
    content = form.state(document, AsOf(at=document.as_of, size=head.size))
    issued_at = at.replace(microsecond=0)
    statement = DocumentStatement(
        kind=document.kind,
        title=form.title,
        lead=form.lead,
        number=document.number,
        check_code=document.check_code,
        verify_url=f"{settings.PUBLIC_BASE_URL}/v/{document.number}?c={document.check_code}",
        registrar=Registrar(
            name_zh=settings.REGISTRAR_NAME_ZH,
            name_en=settings.REGISTRAR_NAME_EN,
            code=settings.REGISTRAR_REGION + settings.REGISTRAR_DIGIT,
            is_example=settings.REGISTRAR_IS_EXAMPLE,
        ),
        issued_at=issued_at,
        as_of=RegisterState(at=document.as_of, tree_size=head.size, root_hash=head.root.hex()),
        sections=content.sections,
        facts=content.facts,
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
    prepared = render_document(statement, attachments, sealer().evidence(at))
    pdf = sealer().seal(prepared, at=at)
    end_outage(at=at)
    require_printed(pdf, _printed(statement))
    keep(document, pdf, statement.to_bytes())


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
