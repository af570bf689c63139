"""A check at start: no account of production has the second factor that everybody knows."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from demo.people import has_demo_factor


@register(Tags.database)
def no_demonstration_factor_in_production(
    *, databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Refuse to start production, or a real registrar, on the demonstration's accounts."""
    if not databases or (settings.REGISTRAR_IS_EXAMPLE and not settings.PRODUCTION):
        return []
    try:
        found = has_demo_factor()
    except DatabaseError:
        return []  # not migrated yet
    if not found:
        return []
    return [
        Error(
            "An account has the second factor of the demonstration, whose secret is published.",
            hint="Start a real installation on a database of its own.",
            id="demo.E001",
        )
    ]
