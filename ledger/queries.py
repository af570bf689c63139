"""Reads of the log."""

from ledger.models import Checkpoint, Entry, Leaf


def latest_checkpoint() -> Checkpoint | None:
    """Return the checkpoint signed last, or None before the first act."""
    return Checkpoint.objects.select_related("tree_head").order_by("-tree_head").first()


def entry_index(entry: Entry) -> int | None:
    """Return the entry's leaf index, counted from 0, or None while it waits in the queue."""
    return Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
