"""Bugs to be planted, so that the trials can be seen to find them. None is in the product."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction

import ledger.publishing
from certificates import issuance, renewal, sealed_files
from certificates.models import ArchivalFile, Certificate
from certificates.queries import certificate_path
from ledger.acts import Act
from ledger.keys import log_signers
from ledger.memory import held
from ledger.models import Checkpoint, Entry, TreeHead
from primitives.canonical_json import JsonObject
from primitives.durable_files import write_durably
from tests.crash import acts
from tlog.checkpoint import Checkpoint as CheckpointBody
from tlog.checkpoint import sign_checkpoint as sign_body


def put(name: str) -> None:
    """Plant the bug of that name, or none."""
    if name:
        PLANTS[name]()


def number_from_a_sequence() -> None:
    """Number as databases offer it: what was taken is gone, whatever becomes of the act."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS crash_number")

    def next_number(series: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('crash_number')")
            (taken,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO registry_counter (series, value) VALUES (%s, %s)"
                " ON CONFLICT (series) DO UPDATE SET value = excluded.value",
                [series, taken],
            )
        return int(taken)

    replace(acts, "next_number", next_number)


def act_and_entry_in_two_transactions() -> None:
    """Commit the entry, then the row."""
    record_whole = Act.record

    def record(act: Act, *, kind: str, keys: Iterable[str], payload: JsonObject) -> Entry:
        entry = record_whole(act, kind=kind, keys=keys, payload=payload)
        # This ends the act's transaction in its midst; what follows is another.
        connection.connection.commit()
        return entry

    replace(Act, "record", record)


def memory_after_the_checkpoint() -> None:
    """Hand the checkpoint out first and remember it afterwards."""

    def sign_checkpoint(*, at: datetime) -> Checkpoint | None:
        head = TreeHead.objects.order_by("-size").first()
        if head is None or Checkpoint.objects.filter(tree_head=head).exists():
            return None
        with held() as memory:
            signer, *others = log_signers(at=at)
            body = CheckpointBody(origin=signer.name, size=head.size, root=bytes(head.root_hash))
            note = sign_body(body, signer, *others)
            with transaction.atomic():
                released = Checkpoint.objects.create(tree_head=head, note=note, signed_at=at)
            memory.remember(note)
        return released

    replace(ledger.publishing, "sign_checkpoint", sign_checkpoint)


def file_before_its_name() -> None:
    """Put the file into the store, then say in the row which it is."""
    name_file, named = sealed_files.name_file, renewal._named  # noqa: SLF001 # where the bug goes

    def keep(row: Certificate, pdf: bytes, statement: bytes) -> None:
        write_durably(certificate_path(hashlib.sha256(pdf).hexdigest()), pdf)
        name_file(row, pdf, statement)

    def keep_renewed(
        issued: Certificate, before: ArchivalFile | None, renewed: bytes, *, at: datetime
    ) -> ArchivalFile:
        write_durably(certificate_path(hashlib.sha256(renewed).hexdigest()), renewed)
        return named(issued, before, renewed, at=at)

    replace(issuance, "name_file", keep)
    replace(renewal, "_named", keep_renewed)


def renewal_without_a_time_stamp() -> None:
    """Continue a file with no more than a comment, and enter it as renewed."""

    def extend(pdf: bytes, *_services: object, **_names: object) -> bytes:
        return pdf + b"% renewed\n"

    replace(renewal, "extend", extend)


def replace(place: object, name: str, bug: object) -> None:
    """Put the bug where the sound thing was."""
    if not hasattr(place, name):
        raise AttributeError(f"{place} has no {name} any more: plant the bug elsewhere")
    setattr(place, name, bug)


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        number_from_a_sequence,
        act_and_entry_in_two_transactions,
        memory_after_the_checkpoint,
        file_before_its_name,
        renewal_without_a_time_stamp,
    )
}
