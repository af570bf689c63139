"""Roles in PostgreSQL: who runs the product owns nothing, and nobody who runs it can undo an entry.

========  ==========================================================================
owner     owns every table and function; migrates, and does not serve
app       the web processes: acts, that is new entries; no other write to the log
worker    sequences, signs, issues: places, tiles, heads, checkpoints besides
reader    auditors and supervisors: reads all but accounts and sessions
========  ==========================================================================

Entry point: `statements`. Each is safe to run again, and has to be after a migration that adds
tables. SQLite has no roles: whoever opens the file can do anything.
"""

from collections.abc import Iterator, Sequence

from ledger.guards import APPEND_ONLY

OWNER, APP, WORKER, READER = ROLES = ("owner", "app", "worker", "reader")

PRIVATE = ("accounts_", "auth_", "django_session", "django_admin_log", "guardian_")
"""Prefixes of tables that only who serves may read: passwords, keys, sessions."""

WORKER_GRANTS = (
    "INSERT ON ledger_leaf, ledger_treehead, ledger_checkpoint, ledger_cosignature",
    "INSERT, UPDATE (data) ON ledger_tile",
    "DELETE ON ledger_pending",
)


def statements(
    *, prefix: str, schema: str, tables: Sequence[str], functions: Sequence[str]
) -> Iterator[str]:
    """Yield the SQL that creates the four roles and gives each what it needs.

    Args:
        prefix: the roles' names begin with it: ``<prefix>_owner`` and so on.
        schema: the schema of the register's tables.
        tables: every table of the register.
        functions: every function that the guards installed, with its argument types.
    """
    owner, app, worker, reader = (f'"{prefix}_{role}"' for role in ROLES)
    for role in ROLES:
        yield _create(f"{prefix}_{role}")
    yield f'REVOKE CREATE ON SCHEMA "{schema}" FROM PUBLIC'
    yield f'GRANT USAGE ON SCHEMA "{schema}" TO {owner}, {app}, {worker}, {reader}'
    yield f'GRANT CREATE ON SCHEMA "{schema}" TO {owner}'
    for table in tables:
        yield f'ALTER TABLE "{table}" OWNER TO {owner}'
        yield f'REVOKE ALL ON "{table}" FROM PUBLIC, {app}, {worker}, {reader}'
        if not table.startswith(PRIVATE):
            yield f'GRANT SELECT ON "{table}" TO {reader}'
        yield f'GRANT {_rights(table)} ON "{table}" TO {app}, {worker}'
    for function in functions:
        yield f"ALTER FUNCTION {function} OWNER TO {owner}"
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO {app}, {worker}'
    yield f"GRANT INSERT ON ledger_entry TO {app}, {worker}"
    for grant in WORKER_GRANTS:
        yield f"GRANT {grant} TO {worker}"


def _rights(table: str) -> str:
    """Return what who runs the product may do to a table."""
    if table.startswith("ledger_") or table == "django_migrations":
        return "SELECT"
    return "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"


def _create(role: str) -> str:
    return f"""
        DO $$ BEGIN
          CREATE ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        EXCEPTION WHEN duplicate_object THEN NULL; END $$"""
