"""Numbers without gaps: counter rows taken in the transaction that uses the number."""

from django.db import connection

from registry.models import Counter


def next_number(series: str) -> int:
    """Return the next number of ``series``, counting from 1. Needs an open transaction.

    Raises:
        RuntimeError: no transaction is open, so the number could be lost.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is taken in the transaction that uses it")
    Counter.objects.bulk_create([Counter(series=series)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(series=series)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value
