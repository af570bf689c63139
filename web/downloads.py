"""Handing out a certificate's file and its proof, as attachments with plain names."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.queries import CertificateMissingError, proof_text, read_certificate
from ledger.proofs import NotPublishedError
from web.errors import unavailable


def certificate_response(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    """Return the sealed PDF; 503 if the store has lost it."""
    try:
        content = read_certificate(certificate)
    except CertificateMissingError as error:
        return unavailable(request, reason=str(error))
    return _attachment(content, name=f"{certificate.number}.pdf", media_type="application/pdf")


def proof_response(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    """Return the proof of the file's bytes; 503 until a checkpoint covers it."""
    try:
        text = proof_text(certificate)
    except NotPublishedError:
        reason = _("The ledger's next checkpoint will prove this certificate. Try again shortly.")
        return unavailable(request, reason=reason)
    return _attachment(
        text.encode(), name=f"{certificate.number}.pdf.tlog-proof", media_type="text/plain"
    )


def _attachment(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
