"""The only reader of the system clock, and the zone in which the law counts days."""

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time without daylight saving."""


def now_utc() -> datetime:
    """Return the present instant, aware, in UTC. Call it at the edge and pass the instant in."""
    return datetime.now(UTC)
