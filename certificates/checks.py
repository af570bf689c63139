"""A deployment check: no certificate is sealed with a key that nobody vouches for."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def no_development_seal_in_production(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start a production installation that would seal with the example key."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(
            "This installation seals certificates with the example key of the development PKI.",
            hint="A production registrar needs a seal key in hardware and a licensed CA's "
            "certificate; this release offers none, so keep QUANJI_PRODUCTION off.",
            id="certificates.E001",
        )
    ]
