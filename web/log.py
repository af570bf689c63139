"""What anyone needs to check the ledger without us, and the health of the installation.

Below ``/log/`` the ledger stands as C2SP tlog-tiles has it: checkpoint, hash tiles, entry bundles;
beside them the log key and the trust roots. The keys of QR codes have a well-known address (RFC
8615). What never changes says so to every cache.
"""

import logging
import re

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import (
    add_never_cache_headers,
    get_conditional_response,
    patch_cache_control,
)
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates.models import Certificate, CertificateState
from certificates.outage import open_outage, stops_issuing
from certificates.paper import paper_keys as published_paper_keys
from certificates.queries import log_verifier_key, log_verifier_keys
from certificates.sealing import sm2_trust_pem, trust_pem, tsa_trust_pem
from certificates.status_list import published_status_list, status_list_text
from certificates.suites import SealingError
from ledger.errors import LedgerStoppedError
from ledger.memory import RollbackError, require_no_rollback
from ledger.models import Entry, Pending
from ledger.queries import latest_checkpoint
from ledger.state_map import NoStateMapError, StateMapWrongError, prove_state
from ledger.tiles import tile_bytes
from primitives.clock import now_utc
from registry.entries import INITIAL_REGISTRATIONS
from registry.scanning import is_there
from tlog.encoding import MalformedError
from tlog.state_map import is_state_key
from tlog.tiles import TilePath, tile_width

TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
STATE_SECONDS = 60
STATUS_LIST_SECONDS = 300
UNSAFE_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9.-]")

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def checkpoint(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the latest checkpoint with its cosignatures (C2SP tlog-checkpoint) as it is."""
    latest = latest_checkpoint()
    if latest is None:
        raise Http404
    return HttpResponse(latest.public_note(), content_type=TEXT)


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """Return a hash tile or an entry bundle of the published tree (C2SP tlog-tiles)."""
    try:
        place = TilePath.parse(f"tile/{path}")
    except MalformedError as error:
        raise Http404 from error
    latest = latest_checkpoint()
    size = latest.tree_head.size if latest else 0
    # A query would let one tile be cached under many addresses.
    if request.META["QUERY_STRING"] or place.width > tile_width(
        place.level or 0, place.index, size=size
    ):
        raise Http404
    response = HttpResponse(tile_bytes(place), content_type="application/octet-stream")
    response.headers["Cache-Control"] = FOR_EVER
    return response


@require_safe
def key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the log's verifier key (C2SP signed-note) as one line."""
    return HttpResponse(log_verifier_key() + "\n", content_type=TEXT)


@require_safe
@never_cache
def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return every key that signed checkpoints of this register, one a line, the log key first."""
    return HttpResponse(log_verifier_keys(), content_type=TEXT)


@require_safe
def trust(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the certificates that anchor trust in the registrar's seal, as PEM."""
    return _pem(trust_pem(), "trust.pem")


@require_safe
def tsa_trust(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the certificates that anchor trust in the seals' time-stamps, as PEM."""
    return _pem(tsa_trust_pem(), "tsa_trust.pem")


@require_safe
def sm2_chain(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return whom the second signatures (SM2) lead to, as PEM; 404 where there are none."""
    try:
        certificates = sm2_trust_pem()
    except (SealingError, OSError):
        certificates = ""
    if not certificates:
        raise Http404
    return _pem(certificates, "sm2_chain.pem")


def _pem(certificates: str, name: str) -> HttpResponse:
    response = HttpResponse(certificates, content_type="application/x-pem-file")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@never_cache
def paper_keys(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 # Django's signature
    """Return the public keys that sign QR codes, as a JWK set (RFC 7517)."""
    return JsonResponse(published_paper_keys().to_json())


@require_safe
def state(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Return the proof of what the latest entry under a ledger key is, or that there is none.

    It speaks as of the latest published commitment to the state map: 404 while there is none.
    """
    if not is_state_key(key):
        return _refusal(_("A key has 1 to 80 characters that can be printed, and no space."), 400)
    try:
        text = prove_state(key).format()
    except NoStateMapError:
        return _refusal(_("The ledger has not committed to a state map yet. Try again later."), 404)
    except StateMapWrongError:
        logger.exception("The state map cannot be proven from; audit_ledger says more")
        return _refusal(_("The state map cannot be proven from at this moment."), 503)
    response = HttpResponse(text, content_type=TEXT)
    name = UNSAFE_IN_FILE_NAMES.sub("-", key)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.state-proof"'
    # Whatever comes later, the file stays true of the size it names.
    patch_cache_control(response, public=True, max_age=STATE_SECONDS)
    return response


@require_safe
def status_list(request: HttpRequest) -> HttpResponse:
    """Return the latest status list with its proof; 404 while there is none."""
    published = published_status_list()
    if published is None:
        return _refusal(_("No status list has been entered in the ledger yet. Try later."), 404)
    # Weak: the proof grows with the ledger, and one that leads to an older checkpoint is as true.
    etag = f'W/"{bytes(published.entry.leaf_hash).hex()}"'
    response = HttpResponse(status_list_text(published), content_type=TEXT)
    response.headers["ETag"] = etag
    patch_cache_control(response, public=True, max_age=STATUS_LIST_SECONDS)
    unchanged = get_conditional_response(request, etag=etag, response=response)
    return unchanged if isinstance(unchanged, HttpResponse) else response


def _refusal(sentence: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{sentence}\n", content_type=TEXT, status=status)
    add_never_cache_headers(response)
    return response


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 # Django's signature
    """Say how far the ledger and issuance are; 503 if one of them or the database stopped."""
    try:
        health = _health()
    except DatabaseError:
        return JsonResponse({"database": "unavailable"}, status=503)
    runs = health["ledger"] == "ok" and health["time_stamps"] != "stopped"
    return JsonResponse(health, status=200 if runs else 503)


def _health() -> dict[str, object]:
    latest = latest_checkpoint()
    unnumbered = Entry.objects.filter(
        kind__in=INITIAL_REGISTRATIONS, certificate__isnull=True
    ).count()
    unissued = Certificate.objects.exclude(state=CertificateState.ISSUED).count()
    return {
        "database": "ok",
        "ledger": _ledger_state(),
        "scanner": _scanner_state(),
        "pending_entries": Pending.objects.count(),
        "ledger_size": latest.tree_head.size if latest else 0,
        "checkpoint_age_seconds": int((now_utc() - latest.signed_at).total_seconds())
        if latest
        else None,
        "waiting_certificates": unnumbered + unissued,
        **_time_stamps(),
    }


def _time_stamps() -> dict[str, object]:
    """Return "ok", "waiting" (certificates do), or "stopped" (no further number is taken)."""
    at, outage = now_utc(), open_outage()
    if outage is None:
        return {"time_stamps": "ok", "time_stamp_outage_seconds": 0}
    return {
        "time_stamps": "stopped" if stops_issuing(outage, at) else "waiting",
        "time_stamp_outage_seconds": int((at - outage.began_at).total_seconds()),
    }


def _scanner_state() -> str:
    if not settings.SCANNER:
        return "none"
    return "ok" if is_there() else "unavailable"


def _ledger_state() -> str:
    """Return "ok", "set back" (smaller than what was signed) or "stopped" (memory unreadable)."""
    try:
        require_no_rollback()
    except RollbackError:
        return "set back"
    except LedgerStoppedError:
        return "stopped"
    return "ok"
