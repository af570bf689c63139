"""Keeping a sealed file verifiable beyond the life of its time-stamp: PAdES B-LTA, registered.

Entry point: `renew`. A further revision gets a document time-stamp over every byte before it
(ISO 32000-2, 12.8.5) and what authorities say of the certificates now (ETSI EN 319 142-1, 5.5). The
result is a file of its own, entered in the ledger as the continuation of the issued one: the issued
bytes stay what they were, and are the first of the new ones.
"""

import asyncio
from datetime import datetime
from io import BytesIO

from asn1crypto import cms
from django.db import transaction
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper

from certificates.cms import DIGEST
from certificates.entries import FILE_RENEWED, certificate_key, document_key, renewal_json
from certificates.models import ArchivalFile, Certificate, Document
from certificates.queries import certificate_path, latest_archival, read_certificate, read_file
from certificates.sealed_files import ISSUER
from certificates.sealing import sealer, timestamp_services
from certificates.timestamping import TimestampServices
from drawing.archival import ValidationEvidence
from ledger.acts import open_act
from primitives.digests import digest_bytes
from primitives.durable_files import discard, replace_durably


class RenewedMeanwhileError(Exception):
    """Another worker was faster; its file stands, and ours was never entered."""


FIELD = "ArchivalTimestamp"
TOKEN_BYTES = 12 * 1024


def renew(issued: Certificate | Document, *, at: datetime) -> ArchivalFile:
    """Put a time-stamp of now over a file as it is kept, and enter the result in the ledger.

    Each step is repeatable after a crash: what was named and never entered is made anew.

    Raises:
        SealingError: nobody stamps, or nothing that holds is known of a certificate.
        CertificateMissingError: the file is gone from the store or was changed.
        RenewedMeanwhileError: another worker was faster.
    """
    before = latest_archival(issued)
    content = read_file(before) if before else read_certificate(issued)
    field_name = f"{FIELD}{issued.archival_files.filter(entry__isnull=False).count() + 1}"
    evidence = sealer().evidence(at)
    renewed = extend(content, timestamp_services(), evidence, field_name=field_name, at=at)
    return _enter(_named(issued, before, renewed, at=at), renewed, at=at)


@transaction.atomic
def _named(
    issued: Certificate | Document, before: ArchivalFile | None, renewed: bytes, *, at: datetime
) -> ArchivalFile:
    """Let a row name the new file, in the place of one whose renewal was cut short.

    Its time-stamp is old by now, so that it is better made anew than entered.
    """
    type(issued)._default_manager.select_for_update().get(pk=issued.pk)  # noqa: SLF001 # Django's public model API
    # Waits for whoever enters it just now, and then no longer finds it.
    cut_short = list(issued.archival_files.select_for_update().filter(entry=None))
    if latest_archival(issued) != before:
        raise RenewedMeanwhileError(f"{issued} was renewed by somebody else at this moment")
    for file in cut_short:
        discard(certificate_path(file.sha256))
        file.delete()
    digests = digest_bytes(renewed)
    return ArchivalFile.objects.create(
        certificate=issued if isinstance(issued, Certificate) else None,
        document=issued if isinstance(issued, Document) else None,
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        renewed_at=at,
    )


def _enter(file: ArchivalFile, content: bytes, *, at: datetime) -> ArchivalFile:
    """Store a named file and enter its digests, as `certificates.sealed_files` does."""
    issued = file.issued
    of_certificate = isinstance(issued, Certificate)
    key = certificate_key(issued.number) if of_certificate else document_key(issued.number)
    with open_act(recorded_at=at, actor=ISSUER, officer=ISSUER, keys=[key]) as act:
        locked = ArchivalFile.objects.select_for_update().filter(pk=file.pk).first()
        if locked is None:
            raise RenewedMeanwhileError(f"{issued} is renewed by somebody else at this moment")
        replace_durably(certificate_path(file.sha256), content)
        file.entry = act.record(kind=FILE_RENEWED, keys=[key], payload=renewal_json(file))
        file.renewed_at = act.recorded_at
        file.save(update_fields=["entry", "renewed_at"])
    return file


def extend(
    pdf: bytes,
    services: TimestampServices,
    evidence: ValidationEvidence,
    *,
    field_name: str,
    at: datetime,
) -> bytes:
    """Return the file with one more revision: a time-stamp over it all, and evidence as of now."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/DSS"] = writer.add_object(_store(writer, evidence))
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko's
    stamper = PdfTimeStamper(_Stamper(services, at), field_name=field_name)
    output: BytesIO = stamper.timestamp_pdf(writer, DIGEST, bytes_reserved=2 * TOKEN_BYTES)
    return output.getvalue()


class _Stamper(TimeStamper):
    """Our services as pyHanko asks for time-stamps."""

    def __init__(self, services: TimestampServices, at: datetime) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # pyHanko's
        self._services, self._at = services, at

    async def async_timestamp(
        self,
        message_digest: bytes,
        md_algorithm: str,  # noqa: ARG002 # it is `DIGEST`
    ) -> cms.ContentInfo:
        # In a thread: the check of a token runs a loop of its own.
        token = await asyncio.to_thread(self._services.stamp_digest, message_digest, at=self._at)
        return cms.ContentInfo.load(token)


def _store(
    writer: IncrementalPdfFileWriter, evidence: ValidationEvidence
) -> generic.DictionaryObject:
    """Return a document security store of new objects: readers count what a revision adds."""
    store = generic.DictionaryObject(  # type: ignore[no-untyped-call] # pyHanko's
        {generic.pdf_name("/Type"): generic.pdf_name("/DSS")}
    )
    for name, contents in (
        ("/Certs", evidence.certificates),
        ("/CRLs", evidence.crls),
        ("/OCSPs", evidence.ocsps),
    ):
        references = [
            writer.add_object(generic.StreamObject(stream_data=content)) for content in contents
        ]
        if references:
            store[generic.pdf_name(name)] = generic.ArrayObject(references)
    return store
