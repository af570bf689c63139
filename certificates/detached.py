"""The second signature of an issued file: SM2, detached, stored beside it as ``<sha256>.p7s``.

Entry points: `sign_waiting`, `read_signature`. A certificate or document whose row names no such
file is a row waiting; nothing else waits for it. The ledger says nothing of it: whoever has the
file and the issuers' certificates needs no other proof of it.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, CertificateState, Document, SealedFile
from certificates.queries import CertificateMissingError, certificate_path, read_certificate
from certificates.sealing import second_suite, sm2_trust
from certificates.sm2 import sign_file
from certificates.suites import SealingError, SignatureSuite
from primitives.durable_files import replace_durably
from verifier.sm2_signature import Sm2Finding, check_sm2_signature

SEALED: tuple[type[Certificate | Document], ...] = (Certificate, Document)
BATCH = 100
"""How many of each are signed at once, so that what is to be issued next waits a second at most."""

logger = logging.getLogger(__name__)


class SignatureMissingError(Exception):
    """The second signature is not made yet, or gone from the store, or changed."""


def sign_waiting(*, at: datetime) -> int:
    """Sign the issued files that have no second signature; return how many were signed.

    What cannot be signed is logged and waits. Two at once sign each file once.
    """
    signed = 0
    try:
        for file in _waiting():
            suite = second_suite()
            if suite is None:
                break
            signed += _sign(file, suite, at=at)
    except (SealingError, OSError) as error:
        # The others would fare no better.
        logger.warning("Issued files wait for their SM2 signature: %s", error)
    return signed


def _waiting() -> Iterator[Certificate | Document]:
    for model in SEALED:
        waiting = model.objects.filter(state=CertificateState.ISSUED, p7s_sha256="")
        yield from waiting.order_by("pk")[:BATCH]


def _sign(file: Certificate | Document, suite: SignatureSuite, *, at: datetime) -> bool:
    try:
        content = read_certificate(file)
    except CertificateMissingError as error:
        logger.warning("No SM2 signature: %s", error)
        return False
    signature = sign_file(suite, content, issuers=sm2_trust(), at=at)
    with transaction.atomic():
        locked = type(file).objects.select_for_update().get(pk=file.pk)
        if locked.p7s_sha256:
            return False
        # Under the lock: two signatures over one file differ, and the row names one of them.
        replace_durably(signature_path(file), signature)
        locked.p7s_sha256 = hashlib.sha256(signature).hexdigest()
        locked.save(update_fields=["p7s_sha256"])
    return True


def signature_path(file: SealedFile) -> Path:
    """Return where the second signature of a sealed file is kept."""
    return certificate_path(file.sha256).with_suffix(".p7s")


def read_signature(file: SealedFile) -> bytes:
    """Return the second signature as DER.

    Raises:
        SignatureMissingError: there is none yet, or it is gone from the store or was changed.
    """
    try:
        content = signature_path(file).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != file.p7s_sha256:
        raise SignatureMissingError(
            _("There is no SM2 signature of certificate %(number)s yet.") % {"number": str(file)}
        )
    return content


def check_signature(file: SealedFile) -> Sm2Finding | None:
    """Return what anybody would find of the second signature, or None if there is none."""
    try:
        signature = read_signature(file)
        return check_sm2_signature(signature, bytes.fromhex(file.sm3), trust=sm2_trust())
    except (SignatureMissingError, SealingError, OSError):
        return None


def forget_lost_signatures() -> int:
    """Let every second signature that is gone or was changed be made anew; return how many."""
    lost = 0
    for model in SEALED:
        files = model.objects.filter(state=CertificateState.ISSUED)
        signed = files.exclude(p7s_sha256="").iterator()
        keys = [file.pk for file in signed if not is_kept(file)]
        lost += files.filter(pk__in=keys).update(p7s_sha256="")
    return lost


def is_kept(file: SealedFile) -> bool:
    """Say whether the second signature that the row names is in the store, unchanged."""
    try:
        read_signature(file)
    except SignatureMissingError:
        return False
    return True
