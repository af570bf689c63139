"""Terms of rights: counted in months by the calendar of Shanghai."""

import calendar
from datetime import UTC, datetime

from primitives.clock import CHINA

NO_END = datetime(9999, 1, 1, tzinfo=UTC)
"""Where a remark ends that only an entry ends; a calendar can still write that year."""


def term_end(start: datetime, months: int) -> datetime:
    """Return ``start`` plus ``months`` by the calendar of Shanghai (Civil Code art. 202).

    A month without that day ends the term on its last day.
    """
    local = start.astimezone(CHINA)
    years, month_index = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month_index + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)
