"""The sealer of this installation, made once per process from the settings."""

import logging
import warnings
from functools import cache
from pathlib import Path

from django.conf import settings

from certificates.development_pki import ensure_development_pki
from certificates.signing import (
    DevelopmentSealer,
    Sealer,
    UnprotectedKeyWarning,
)

logger = logging.getLogger(__name__)


@cache
def sealer() -> Sealer:
    """Return what seals certificates here: the development sealer, until a key is configured.

    A production installation with it does not start (`certificates.checks`).

    Raises:
        SealingError: the key or its chain cannot be read.
    """
    pki = ensure_development_pki(Path(settings.PKI_DIR))
    with warnings.catch_warnings(category=UnprotectedKeyWarning, action="ignore"):
        made = DevelopmentSealer(pki.seal_key_pem, pki.seal_chain_pem)
    logger.warning("Certificates are sealed with an example key: they have no legal effect")
    return made
