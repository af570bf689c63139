"""A system check that runs before serving: the log's triggers are installed."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from ledger import guards


@register(Tags.database)
def triggers_are_installed(
    databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Report each trigger that keeps the log append-only and is not there."""
    return [
        Error(
            f"The trigger {name} is not installed in the database {alias!r}.",
            hint="Run `manage.py migrate`; if it is still missing, someone has dropped it: "
            "run `manage.py audit_ledger` before anything else.",
            id="ledger.E001",
        )
        for alias in databases or []
        for name in guards.missing(connections[alias])
    ]
