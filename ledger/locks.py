"""Locks on keys: while an act holds one, nothing else becomes a version of what it names.

A key can also be locked to share: then only others who share it may hold it, so that what is read
under it stays as it is. PostgreSQL has advisory locks for both, held until the transaction ends;
SQLite has one writer, and its transactions begin as such (``BEGIN IMMEDIATE``).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Max

from ledger.models import Entry, EntryKey

LOCK_KEYS = """
    DROP FUNCTION IF EXISTS ledger_lock_keys(text[]);  -- of earlier releases, which shared no locks
    CREATE OR REPLACE FUNCTION ledger_lock_keys(wanted text[], shared text[])
    RETURNS TABLE (key text, version integer) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
      number bigint;
      is_shared boolean;
    BEGIN
      -- In one order, so that two acts on the same keys wait for one another and never deadlock.
      FOR number, is_shared IN
        SELECT hashtextextended(lock.name, 0), bool_and(lock.is_shared)
        FROM (SELECT unnest(wanted), false UNION ALL SELECT unnest(shared), true)
          AS lock (name, is_shared)
        GROUP BY 1 ORDER BY 1
      LOOP
        IF is_shared THEN
          PERFORM pg_advisory_xact_lock_shared(number);
        ELSE
          PERFORM pg_advisory_xact_lock(number);
        END IF;
      END LOOP;
      -- A statement of its own: it sees what was committed while we waited.
      RETURN QUERY
        SELECT name, coalesce((
          SELECT k.version FROM ledger_entrykey AS k WHERE k.key = name
          ORDER BY k.version DESC LIMIT 1), 0)
        FROM unnest(wanted) AS name;
    END $$"""


def lock_keys(keys: Iterable[str], *, shared: Iterable[str] = ()) -> dict[str, int]:
    """Lock the keys until the transaction ends; return the latest version of each, 0 for none.

    Those in ``shared`` are locked to share, unless they are in ``keys`` too; they have no version
    here, for whoever shares a key writes none.
    """
    wanted = sorted(set(keys))
    also = sorted(set(shared))
    if not wanted and not also:
        return {}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT key, version FROM ledger_lock_keys(%s::text[], %s::text[])", [wanted, also]
            )
            return dict(cursor.fetchall())
    return dict.fromkeys(wanted, 0) | _latest(wanted)


def last_recorded(versions: Mapping[str, int], *, shared: Collection[str] = ()) -> datetime | None:
    """Return when the latest of these versions, and of what is shared, was recorded, if any was."""
    latest = {**versions, **(_latest(shared) if shared else {})}
    entered = [(key, version) for key, version in latest.items() if version]
    if not entered:
        return None
    found = Entry.objects.filter(keys__pk__in=entered).order_by("-recorded_at")
    return found.values_list("recorded_at", flat=True).first()


def _latest(keys: Collection[str]) -> dict[str, int]:
    found = EntryKey.objects.filter(key__in=keys).values("key").annotate(last=Max("version"))
    return dict(found.values_list("key", "last"))
