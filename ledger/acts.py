"""Acts: the only way to write to the register, the only transaction.

Entry point: `open_act`. Inside it an `Act` is the permission to write; its `record` puts the act's
line into the ledger under the next version of every key it touches, in the same transaction as the
rows it changes; a trigger writes the keys and the queue from that line. Once the transaction is
committed the log is published (ledger/publishing.py).
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ledger.locks import last_recorded, lock_keys
from ledger.models import Entry
from ledger.publishing import publish
from primitives.canonical_json import JsonObject, canonical_json, instant_text
from tlog.merkle import leaf_hash
from tlog.tiles import MAX_ENTRY_BYTES

SCHEMA = "quanji.entry/1"

logger = logging.getLogger(__name__)


class ActTooLargeError(Exception):
    """An act's entry is longer than the 65,535 bytes that an entry bundle can hold."""

    def __init__(self, size: int) -> None:
        super().__init__(
            _(
                "The ledger entry would have %(size)d bytes; at most %(limit)d fit. Shorten "
                "the longest texts or cite them as papers."
            )
            % {"size": size, "limit": MAX_ENTRY_BYTES}
        )


@dataclass(slots=True, kw_only=True)
class Act:
    """Permission to write, good until the enclosing `open_act` ends.

    Attributes:
        recorded_at: when the officer decided, aware UTC; no earlier than what came before it under
            one of its keys or of those that it shares.
        actor: reference of who asked.
        officer: reference of who decided.
    """

    recorded_at: datetime
    actor: str
    officer: str
    _versions: dict[str, int] = field(default_factory=dict)
    _shared: frozenset[str] = frozenset()

    def record(self, *, kind: str, keys: Iterable[str], payload: JsonObject) -> Entry:
        """Write one entry under the next version of each key and return it.

        ``kind`` is a published shape such as ``registration.initial/1``. A key that the act did
        not lock when it opened must be new.

        Raises:
            ActTooLargeError: the entry would not fit into an entry bundle.
        """
        versions = {key: self._versions.get(key, 0) + 1 for key in keys}
        content = canonical_json(
            {
                "schema": SCHEMA,
                "kind": kind,
                "keys": versions,
                "recorded_at": instant_text(self.recorded_at),
                "actor": self.actor,
                "officer": self.officer,
                # A leaf hash is public: without this a short entry could be guessed from it.
                "nonce": secrets.token_hex(32),
                "payload": payload,
            }
        )
        if len(content) > MAX_ENTRY_BYTES:
            raise ActTooLargeError(len(content))
        entry = Entry.objects.create(
            kind=kind,
            recorded_at=self.recorded_at,
            actor=self.actor,
            officer=self.officer,
            content=content,
            leaf_hash=leaf_hash(content),
        )
        self._versions.update(versions)
        return entry

    def next_version(self, key: str) -> int:
        """Return which version of ``key`` the next entry would make.

        Raises:
            RuntimeError: the act does not hold its lock, so that another could come first.
        """
        self.require_lock(key)
        return self._versions[key] + 1

    def require_lock(self, key: str) -> None:
        """Make sure that the act was opened with ``key``, so that what is read under it holds.

        Raises:
            RuntimeError: it was not; the caller decides on something that may change meanwhile.
        """
        if key not in self._versions:
            raise RuntimeError(f"the act does not hold the lock of {key}")

    def require_shared_lock(self, key: str) -> None:
        """Make sure that the act was opened with ``key``, be it only to share.

        Raises:
            RuntimeError: it was not; what the caller reads may change meanwhile.
        """
        if key not in self._shared:
            self.require_lock(key)


@contextmanager
def open_act(
    *,
    recorded_at: datetime,
    actor: str,
    officer: str,
    keys: Iterable[str] = (),
    shared: Iterable[str] = (),
    publishes: bool = True,
) -> Iterator[Act]:
    """Open one durable transaction with ``keys`` locked; all of it commits or nothing.

    ``shared`` are keys of what is only read: others may read it too, and nobody may change it.
    ``publishes`` is False for who publishes in a way of its own.

    Raises:
        RuntimeError: another transaction is already open; acts do not nest.
    """
    shared = frozenset(shared)
    with transaction.atomic(durable=True):
        versions = lock_keys(keys, shared=shared)
        # The ledger writes whole seconds; the rows must say the same instant.
        instant = recorded_at.replace(microsecond=0)
        yield Act(
            # The clock was read before the wait for the locks: an act that went first may have read
            # it later, and a freeze would not bind an act that is entered after it.
            recorded_at=max(instant, last_recorded(versions, shared=shared) or instant),
            actor=actor,
            officer=officer,
            _versions=versions,
            _shared=shared,
        )
    if publishes and settings.LEDGER_PUBLISH_INLINE:
        _publish_now(recorded_at)


def _publish_now(at: datetime) -> None:
    try:
        publish(at=at)
    except Exception:  # the act is committed and stays queued; the next publication takes it along
        logger.exception("The ledger could not be published; its entries wait in the queue")
