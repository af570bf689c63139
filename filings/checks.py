"""Checks at start: the rule profiles and the fee table are whole."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from filings.fee_tables import FeeTableError, fee_tables
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


@register()
def fee_table_is_whole(**_kwargs: object) -> list[CheckMessage]:
    """Report a fee table that cannot be read or is not there (filings.E002)."""
    try:
        fee_tables()
    except FeeTableError as error:
        hint = "Mend the file in filings/fee_tables, or QUANJI_FEE_TABLE."
        return [Error(str(error), hint=hint, id="filings.E002")]
    return []
