"""Reads of the log."""

from datetime import datetime

from ledger.models import Checkpoint, Entry, Leaf, TreeHead
from ledger.policy import is_public


def latest_checkpoint() -> Checkpoint | None:
    """Return the latest checkpoint that is public: signed, and cosigned as the policy demands.

    None before the first act, or the first that enough witnesses cosigned.
    """
    signed = Checkpoint.objects.select_related("tree_head").order_by("-tree_head")
    newest = signed.first()
    if newest is None or is_public(newest):
        return newest
    cosigned = signed.filter(cosignatures__isnull=False).distinct()
    return next(filter(is_public, cosigned.iterator()), None)


def entry_index(entry: Entry) -> int | None:
    """Return the entry's leaf index, counted from 0, or None while it waits in the queue."""
    return Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()


def tree_size() -> int:
    """Return the number of entries that have their place."""
    return TreeHead.objects.order_by("-size").values_list("size", flat=True).first() or 0


def tree_size_at(instant: datetime) -> int:
    """Return the number of entries that had their place at ``instant``."""
    heads = TreeHead.objects.filter(integrated_at__lte=instant).order_by("-size")
    return heads.values_list("size", flat=True).first() or 0
