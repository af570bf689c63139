"""Checks at start: the rule profiles are whole."""

from django.core.checks import CheckMessage, Error, register

from filings.profiles import ProfileError, profiles


@register()
def rule_profiles_are_whole(**_kwargs: object) -> list[CheckMessage]:
    """Report a rule profile that cannot be read (filings.E001)."""
    try:
        profiles()
    except ProfileError as error:
        return [Error(str(error), hint="Mend the file in filings/profiles.", id="filings.E001")]
    return []
