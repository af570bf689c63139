"""What the rules of title say of a filing: of new data, or of acts on what is registered.

Entry point: `refusals`.
"""

from datetime import datetime

from filings.application import application_of
from filings.dealing import dealing_of, limits_of
from filings.kinds import FilingType
from filings.models import Filing
from primitives.rules import NumberedRule
from rights.initial_registration import InitialApplication, broken_rules
from rights.recording import preview


def refusals(
    filing: Filing,
    *,
    at: datetime,
    officer: str = "",
    application: InitialApplication | None = None,
) -> tuple[NumberedRule, ...]:
    """Return the rules of title that what is asked for would break now; nothing is locked.

    ``officer`` is who would decide, if that is known; ``application`` what an initial filing asks
    for, if it was read before.
    """
    if filing.type == FilingType.INITIAL:
        return broken_rules(application or application_of(filing), at=at)
    dealing, bounds = dealing_of(filing), limits_of(filing)
    return preview(dealing, at=at, officer=officer, bounds=bounds).broken
