"""Deployment checks: no certificate is sealed or stamped with a key that nobody vouches for.

And a warning: without a key for its QR code a certificate waits.
"""

from datetime import timedelta

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from certificates.paper import has_signing_key
from certificates.suites import SealingError
from primitives.clock import CHINA, now_utc

NOTICE = timedelta(days=30)
"""So long before it is needed, the key of the next year is missed."""


@register(Tags.security)
def no_development_seal_in_production(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start a production installation that would seal with the example key."""
    if not settings.PRODUCTION or settings.SEAL_KEY:
        return []
    return [
        Error(
            "This installation seals certificates with the example key of the development PKI.",
            hint="Set QUANJI_SEAL_KEY to the PKCS#11 URI of a key in hardware, and "
            "QUANJI_SEAL_CHAIN_FILE and QUANJI_SEAL_TRUST_FILE to a licensed CA's certificates.",
            id="certificates.E001",
        )
    ]


@register(Tags.security)
def no_development_timestamps_in_production(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start a production installation whose seals the example authority would stamp."""
    if not settings.PRODUCTION or settings.TSA_URLS:
        return []
    return [
        Error(
            "This installation's seals are stamped by the example time-stamp authority.",
            hint="Set QUANJI_TSA_URLS, QUANJI_TSA_CHAIN_FILE and QUANJI_TSA_TRUST_FILE.",
            id="certificates.E002",
        )
    ]


@register(Tags.security)
def the_seal_can_be_read(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start where the seal's address or certificates cannot be read.

    The token itself is not asked: it may be away when the web server starts.
    """
    found = []
    if bad := [url for url in settings.TSA_URLS if not url.startswith(("http://", "https://"))]:
        found.append(f"QUANJI_TSA_URLS names {', '.join(bad)}, which is no address on the web")
    if settings.SEAL_KEY or settings.TSA_URLS:
        from certificates import sealing  # noqa: PLC0415 # every command would load pyHanko

        try:
            sealing.seal_suite()
            sealing.sealing_certificates()
            sealing.timestamp_services()
        except (SealingError, OSError) as error:
            found.append(str(error))
    return [
        Error(why, hint="docs/operations.md names every setting.", id="certificates.E003")
        for why in found
    ]


@register(Tags.security)
def paper_key_in_production(**_kwargs: object) -> list[CheckMessage]:
    """Warn while certificates must wait, or soon must, for a key that signs their QR codes."""
    if not settings.PRODUCTION:
        return []
    now = now_utc().astimezone(CHINA)
    return [
        checks.Warning(
            f"No key signs the QR codes of certificates that are issued in {year}: they wait.",
            hint=f"Put a private key on P-256 into QUANJI_PKI_DIR as paper_key_{year}.pem.",
            id="certificates.W001",
        )
        for year in sorted({now.year, (now + NOTICE).year})
        if not has_signing_key(year)
    ]


@register(Tags.security)
def the_second_suite_can_be_read(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start where the chain of the SM2 key cannot be read.

    The key itself is not read: only the process that issues needs to be able to.
    """
    if not settings.SM2_KEY:
        return []
    from certificates import sealing  # noqa: PLC0415 # as above

    try:
        sealing.second_suite()
        sealing.sm2_trust()
    except SealingError as error:
        hint = "Set QUANJI_SM2_CHAIN to a PEM file: the signer's certificate, then its issuers."
        return [Error(str(error), hint=hint, id="certificates.E004")]
    return []
