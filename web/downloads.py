"""Handing out a certificate's file and its proof, as attachments with plain names."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from certificates.court_kit import court_kit
from certificates.detached import SignatureMissingError, read_signature
from certificates.models import ArchivalFile, Certificate, Document
from certificates.queries import (
    CertificateMissingError,
    latest_archival,
    proof_text,
    read_certificate,
    read_file,
)
from ledger.proofs import NotPublishedError
from primitives.clock import now_utc
from web.errors import unavailable

NOT_YET_PROVEN = _("The ledger's next checkpoint will prove this certificate. Try again shortly.")


def certificate_response(request: HttpRequest, certificate: Certificate | Document) -> HttpResponse:
    """Return the sealed PDF; 503 if the store has lost it."""
    try:
        content = read_certificate(certificate)
    except CertificateMissingError as error:
        return unavailable(request, reason=str(error))
    return attachment(content, name=f"{certificate.number}.pdf", media_type="application/pdf")


def proof_response(
    request: HttpRequest, certificate: Certificate | Document | ArchivalFile, *, name: str = ""
) -> HttpResponse:
    """Return the proof of the file's bytes, named after it; 503 until a checkpoint covers it."""
    try:
        text = proof_text(certificate)
    except NotPublishedError:
        return unavailable(request, reason=str(NOT_YET_PROVEN))
    file = name or f"{certificate}.pdf"
    return attachment(text.encode(), name=f"{file}.tlog-proof", media_type="text/plain")


def signature_response(request: HttpRequest, certificate: Certificate | Document) -> HttpResponse:
    """Return the second signature (SM2) of the file; 503 until it is made."""
    try:
        content = read_signature(certificate)
    except SignatureMissingError as error:
        return unavailable(request, reason=str(error))
    return attachment(
        content, name=f"{certificate.number}.pdf.p7s", media_type="application/pkcs7-signature"
    )


def renewed_response(request: HttpRequest, issued: Certificate | Document) -> HttpResponse:
    """Return the file as it was last renewed for keeping; 503 if the store has lost it.

    Raises:
        Http404: it was not renewed yet.
    """
    try:
        content = read_file(_renewed(issued))
    except CertificateMissingError as error:
        return unavailable(request, reason=str(error))
    return attachment(content, name=f"{issued.number}-renewed.pdf", media_type="application/pdf")


def renewed_proof_response(request: HttpRequest, issued: Certificate | Document) -> HttpResponse:
    """Return the proof of the renewed file's bytes; 503 until a checkpoint covers it.

    Raises:
        Http404: it was not renewed yet.
    """
    return proof_response(request, _renewed(issued), name=f"{issued.number}-renewed.pdf")


def _renewed(issued: Certificate | Document) -> ArchivalFile:
    if archival := latest_archival(issued):
        return archival
    raise Http404


def kit_response(request: HttpRequest, certificate: Certificate | Document) -> HttpResponse:
    """Return the court kit; 503 if the store has lost the file or no checkpoint covers it yet."""
    try:
        content = court_kit(certificate, at=now_utc())
    except CertificateMissingError as error:
        return unavailable(request, reason=str(error))
    except NotPublishedError:
        return unavailable(request, reason=str(NOT_YET_PROVEN))
    return attachment(content, name=f"{certificate.number}.zip", media_type="application/zip")


def attachment(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Return a file that the browser saves and no cache keeps."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
