"""Locks on keys: while an act holds one, nothing else becomes a version of what it names.

PostgreSQL has advisory locks for it, held until the transaction ends; SQLite has one writer, and
its transactions begin as such (``BEGIN IMMEDIATE``).
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Max

from ledger.models import EntryKey

LOCK_KEYS = """
    CREATE OR REPLACE FUNCTION ledger_lock_keys(wanted text[])
    RETURNS TABLE (key text, version integer) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
      number bigint;
    BEGIN
      -- In one order, so that two acts on the same keys wait for one another and never deadlock.
      FOR number IN SELECT DISTINCT hashtextextended(name, 0) FROM unnest(wanted) AS name ORDER BY 1
      LOOP
        PERFORM pg_advisory_xact_lock(number);
      END LOOP;
      -- A statement of its own: it sees what was committed while we waited.
      RETURN QUERY
        SELECT name, coalesce((
          SELECT k.version FROM ledger_entrykey AS k WHERE k.key = name
          ORDER BY k.version DESC LIMIT 1), 0)
        FROM unnest(wanted) AS name;
    END $$"""


def lock_keys(keys: Iterable[str]) -> dict[str, int]:
    """Lock the keys until the transaction ends; return the latest version of each, 0 for none."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT key, version FROM ledger_lock_keys(%s)", [wanted])
            return dict(cursor.fetchall())
    found = EntryKey.objects.filter(key__in=wanted).values("key").annotate(last=Max("version"))
    return dict.fromkeys(wanted, 0) | dict(found.values_list("key", "last"))
