"""System checks of the database: its triggers, whether it was set back, and who we are in it."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from ledger import guards
from ledger.errors import LedgerStoppedError
from ledger.memory import require_no_rollback
from ledger.policy import PolicyError, witness_policy

OWNS = """
    SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class
    WHERE oid = 'ledger_entry'::regclass"""


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
        if _is_migrated(alias)
        for name in guards.missing(connections[alias])
    ]


@register(Tags.security)
def policy_is_readable(**_kwargs: object) -> list[CheckMessage]:
    """Report a policy of witnesses that cannot be read: nothing could be public under it."""
    try:
        witness_policy()
    except PolicyError as error:
        return [Error(str(error), id="ledger.E004")]
    return []


@register(Tags.database)
def log_was_not_set_back(
    databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Report a log that is smaller than the one its signer remembers."""
    if "default" not in (databases or []) or not _is_migrated("default"):
        return []
    try:
        require_no_rollback()
    except LedgerStoppedError as error:
        return [Error(str(error), id="ledger.E002")]
    return []


@register(Tags.database)
def running_role_owns_nothing(
    databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Warn in production when we run as who could drop the guards; only `migrate` should."""
    return [
        Caution(
            f"The database {alias!r} is used by a role that owns the ledger's tables.",
            hint="Serve as <prefix>_app, publish and issue as <prefix>_worker; only migrate as "
            "<prefix>_owner (manage.py create_roles; docs/operations.md).",
            id="ledger.W003",
        )
        for alias in databases or []
        if settings.PRODUCTION
        and connections[alias].vendor == "postgresql"
        and _is_migrated(alias)
        and _owns(alias)
    ]


def _is_migrated(alias: str) -> bool:
    """Before the tables are there, or while an upgrade is due, `migrate` has the word."""
    return guards.APPEND_ONLY.keys() <= set(connections[alias].introspection.table_names())


def _owns(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute(OWNS)
        return bool(cursor.fetchone()[0])
