"""Numbers without gaps: counter rows taken in the transaction that uses the number."""

from django.db import connection

from registry.models import Counter


def next_number(series: str) -> int:
    """Return the next number of ``series``, counting from 1. Needs an open transaction.

    Raises:
        RuntimeError: no transaction is open, so the number could be lost.
    """
    return next_numbers(series, 1)[0]


def next_numbers(series: str, count: int) -> range:
    """Return the next ``count`` numbers of ``series``, as `next_number` does one.

    Raises:
        RuntimeError: no transaction is open, so the numbers could be lost.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is taken in the transaction that uses it")
    Counter.objects.bulk_create([Counter(series=series)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(series=series)
    counter.value += count
    counter.save(update_fields=["value"])
    return range(counter.value - count + 1, counter.value + 1)
