"""What both attackers can do: a database administrator with every right, and one with our key."""

import random  # noqa: TID251 # a trial must be replayable from its seed; nothing of it is secret
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Manager, Model, QuerySet

from ledger import guards
from ledger.keys import log_signers
from ledger.models import Entry, EntryKey, Leaf
from registry.models import Opening, Party
from tests.factories import NOON
from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.merkle import leaf_hash
from tlog.tiles import TreeBuilder


@dataclass
class Attacker:
    """One attacker in one trial; whatever is done outside the database is undone by `undo`."""

    random: random.Random
    _files: dict[Path, bytes | None] = field(default_factory=dict)

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Switch guards and foreign keys off and on again, as an administrator can."""
        connection.check_constraints()
        guards.remove(connection)
        if self.is_postgresql:
            self.sql("SET LOCAL session_replication_role = replica")
        yield
        if self.is_postgresql:
            self.sql("SET LOCAL session_replication_role = origin")
        guards.install(connection)

    def sql(self, statement: str, *parameters: Any) -> None:
        """Execute one statement."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def pick(self, rows: "QuerySet[Any] | Manager[Any]") -> Any:
        """Return a random row."""
        return rows.get(
            pk=self.random.choice(list(rows.order_by("pk").values_list("pk", flat=True)))
        )

    def update(self, row: Model, **values: object) -> None:
        """Change columns of a row behind the acts."""
        type(row)._base_manager.filter(pk=row.pk).update(**values)  # noqa: SLF001 # Django's public model API

    def write(self, path: Path, content: bytes | None) -> None:
        """Replace or delete a file."""
        if path not in self._files:
            self._files[path] = path.read_bytes() if path.exists() else None
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    @property
    def is_postgresql(self) -> bool:
        """Say which of the two databases it is."""
        return connection.vendor == "postgresql"

    def keep_memory(self) -> None:
        """Keep the signer's memory, before something is published, for `undo` to put back."""
        path = Path(settings.LEDGER_MEMORY_FILE)
        self.write(path, path.read_bytes())

    def flip(self, content: bytes) -> bytes:
        """Return the bytes with one bit changed."""
        changed = bytearray(content)
        changed[self.random.randrange(len(changed))] ^= 1 << self.random.randrange(8)
        return bytes(changed)

    def undo(self) -> None:
        """Put back what was changed outside the database."""
        for path, content in self._files.items():
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)

    def rewrite_log(self, *, sign: bool) -> None:
        """Hash all entries again, rewrite tiles and heads to fit; with the key, sign all again."""
        contents = dict(Leaf.objects.values_list("index", "entry__content"))
        heads = set(_column("SELECT size FROM ledger_treehead"))
        signed = set(_column("SELECT tree_head_id FROM ledger_checkpoint"))
        builder = TreeBuilder()
        self.sql("DELETE FROM ledger_tile")
        note = ""
        for index in range(len(contents)):
            builder.append(leaf_hash(bytes(contents[index])))
            size, root = builder.size, builder.root()
            if size in heads:
                self.sql("UPDATE ledger_treehead SET root_hash = %s WHERE size = %s", root, size)
            if size in signed and sign:
                signer, *others = log_signers(at=NOON)
                body = Checkpoint(origin=signer.name, size=size, root=root)
                note = sign_checkpoint(body, signer, *others)
                self.sql(
                    "UPDATE ledger_checkpoint SET note = %s WHERE tree_head_id = %s", note, size
                )
        for (level, index), tile in builder.drain().items():
            self.sql(
                'INSERT INTO ledger_tile (level, "index", data) VALUES (%s, %s, %s)',
                level,
                index,
                tile,
            )
        if sign:
            self.write(Path(settings.LEDGER_MEMORY_FILE), note.encode())

    def cut_log(self, size: int, *, keep_entries: bool) -> None:
        """Set the log back to a size that was signed; its later entries go or wait in the queue."""
        late = list(Leaf.objects.filter(index__gte=size).values_list("entry", flat=True))
        self.sql('DELETE FROM ledger_leaf WHERE "index" >= %s', size)
        self.sql("DELETE FROM ledger_checkpoint WHERE tree_head_id > %s", size)
        self.sql("DELETE FROM ledger_treehead WHERE size > %s", size)
        if keep_entries:
            for entry in late:
                self.sql("INSERT INTO ledger_pending (entry_id) VALUES (%s)", entry)
        else:
            Opening.objects.filter(entry__in=late).delete()
            Party.objects.filter(entry__in=late).delete()
            EntryKey.objects.filter(entry__in=late).delete()
            Entry.objects.filter(pk__in=late).delete()
        self.rewrite_log(sign=False)

    def forget(self) -> None:
        """Set the signer's memory back to the last checkpoint that is stored."""
        note = _column("SELECT note FROM ledger_checkpoint ORDER BY tree_head_id DESC LIMIT 1")[0]
        self.write(Path(settings.LEDGER_MEMORY_FILE), str(note).encode())

    def change_entry(self, entry: Entry, content: bytes) -> None:
        """Give an entry other bytes, and its leaf hash with them."""
        self.sql(
            "UPDATE ledger_entry SET content = %s, leaf_hash = %s WHERE id = %s",
            content,
            leaf_hash(content),
            entry.pk,
        )


def _column(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]
