"""Checks at start: there is no superuser in production."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from accounts.models import User


@register(Tags.database)
def no_superuser_in_production(
    *, databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Refuse to start while an account stands above every role."""
    if not settings.PRODUCTION or not databases:
        return []
    try:
        names = list(User.objects.filter(is_superuser=True).values_list("username", flat=True))
    except DatabaseError:
        return []  # not migrated yet
    if not names:
        return []
    return [
        Error(
            f"There are superusers: {', '.join(names)}.",
            hint="What a person may do follows from their roles alone: set is_superuser to false.",
            id="accounts.E001",
        )
    ]
