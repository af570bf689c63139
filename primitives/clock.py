"""The only reader of the system clock."""

from datetime import UTC, datetime


def now_utc() -> datetime:
    """Return the present instant, aware, in UTC. Call it at the edge and pass the instant in."""
    return datetime.now(UTC)
