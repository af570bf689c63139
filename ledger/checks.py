"""A system check that runs before serving: the log's triggers are installed."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from ledger import guards
from ledger.models import Entry


@register(Tags.database)
def triggers_are_installed(
    databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Report each trigger that keeps the log append-only and is not there."""
    return [
        Error(
            f"The trigger {name} is not installed in the database {alias!r}.",
            hint="Someone has dropped it: run `manage.py audit_ledger --skip-checks` and look at "
            "what it finds; `manage.py migrate --skip-checks` installs it again.",
            id="ledger.E001",
        )
        for alias in databases or []
        # Before the first migration there is nothing to guard.
        if Entry._meta.db_table in connections[alias].introspection.table_names()  # noqa: SLF001 # Django's public model API
        for name in guards.missing(connections[alias])
    ]
