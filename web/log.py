"""What anyone needs to check the ledger without us: checkpoint, log key, trust root; and health."""

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates.models import Certificate, CertificateState
from certificates.queries import log_verifier_key, trust_pem
from ledger.models import Entry
from ledger.queries import latest_checkpoint
from primitives.clock import now_utc
from registry.entries import INITIAL_REGISTRATION

TEXT = "text/plain; charset=utf-8"


@require_safe
@never_cache
def checkpoint(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the latest signed checkpoint (C2SP tlog-checkpoint) as it is."""
    latest = latest_checkpoint()
    if latest is None:
        raise Http404
    return HttpResponse(latest.note, content_type=TEXT)


@require_safe
def key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the log's verifier key (C2SP signed-note) as one line."""
    return HttpResponse(log_verifier_key() + "\n", content_type=TEXT)


@require_safe
def trust(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the certificates that anchor trust in the registrar's seal, as PEM."""
    response = HttpResponse(trust_pem(), content_type="application/x-pem-file")
    response.headers["Content-Disposition"] = 'attachment; filename="trust.pem"'
    return response


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 # Django's signature
    """Say how far the ledger and issuance are; 503 if the database does not answer."""
    try:
        return JsonResponse(_health())
    except DatabaseError:
        return JsonResponse({"database": "unavailable"}, status=503)


def _health() -> dict[str, object]:
    latest = latest_checkpoint()
    unnumbered = Entry.objects.filter(kind=INITIAL_REGISTRATION, certificate__isnull=True).count()
    unissued = Certificate.objects.exclude(state=CertificateState.ISSUED).count()
    return {
        "database": "ok",
        "ledger_size": latest.tree_head.size if latest else 0,
        "checkpoint_age_seconds": int((now_utc() - latest.signed_at).total_seconds())
        if latest
        else None,
        "waiting_certificates": unnumbered + unissued,
    }
