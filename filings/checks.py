"""Checks at start: the rule profiles are whole."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from filings.profiles import ProfileError, profile_named


@register()
def rule_profiles_are_whole(**_kwargs: object) -> list[CheckMessage]:
    """Report a rule profile that cannot be read, or is offered and not there (filings.E001)."""
    try:
        for name in settings.PROFILES:
            profile_named(name)
    except ProfileError as error:
        return [
            Error(
                str(error),
                hint="Mend the file in filings/profiles, or QUANJI_PROFILES.",
                id="filings.E001",
            )
        ]
    return []
