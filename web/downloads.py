"""Handing out a certificate's file and its proof, as attachments with plain names."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from certificates.court_kit import court_kit
from certificates.detached import SignatureMissingError, read_signature
from certificates.models import Certificate, Document
from certificates.queries import CertificateMissingError, proof_text, read_certificate
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


def proof_response(request: HttpRequest, certificate: Certificate | Document) -> HttpResponse:
    """Return the proof of the file's bytes; 503 until a checkpoint covers it."""
    try:
        text = proof_text(certificate)
    except NotPublishedError:
        return unavailable(request, reason=str(NOT_YET_PROVEN))
    return attachment(
        text.encode(), name=f"{certificate.number}.pdf.tlog-proof", media_type="text/plain"
    )


def signature_response(request: HttpRequest, certificate: Certificate | Document) -> HttpResponse:
    """Return the second signature (SM2) of the file; 503 until it is made."""
    try:
        content = read_signature(certificate)
    except SignatureMissingError as error:
        return unavailable(request, reason=str(error))
    return attachment(
        content, name=f"{certificate.number}.pdf.p7s", media_type="application/pkcs7-signature"
    )


def kit_response(request: HttpRequest, certificate: Certificate) -> HttpResponse:
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
