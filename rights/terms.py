"""Terms of rights: counted in months by the calendar of Shanghai."""

import calendar
from datetime import UTC, datetime, timedelta

from primitives.clock import CHINA

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what has no term of its own."""
SECOND = timedelta(seconds=1)
"""How long an instant lasts in the register: the term of what happened at one."""


def term_end(start: datetime, months: int) -> datetime:
    """Return ``start`` plus ``months`` by the calendar of Shanghai (Civil Code art. 202).

    A month without that day ends the term on its last day.
    """
    local = start.astimezone(CHINA)
    years, month_index = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month_index + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)
