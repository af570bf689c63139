"""The rows of the log. Entries, leaves, tree heads and checkpoints are only ever inserted.

The database refuses anything else by trigger (`ledger.guards`). Rows that a trigger or the
sequencer derives from entries carry no foreign key to them: entries are never deleted, and checking
the key anew for each row costs as much as writing the row.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One act's line in the ledger: its canonical bytes and their RFC 6962 leaf hash."""

    kind = models.CharField(_("kind"), max_length=60)
    recorded_at = models.DateTimeField(_("recorded"))
    actor = models.CharField(_("actor"), max_length=20)
    officer = models.CharField(_("officer"), max_length=20)
    content = models.BinaryField(_("content"))
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class EntryKey(models.Model):
    """That an entry is version ``version`` of what ``key`` names; the version is the rank.

    A trigger writes these rows from the entry's own bytes.
    """

    pk = models.CompositePrimaryKey("key", "version")
    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="keys", db_constraint=False
    )

    class Meta:
        verbose_name = _("entry key")
        verbose_name_plural = _("entry keys")

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Pending(models.Model):
    """An entry that waits for its leaf index; filled by a trigger, so no code path can skip it."""

    entry = models.OneToOneField(
        Entry, primary_key=True, on_delete=models.PROTECT, db_constraint=False
    )

    class Meta:
        verbose_name = _("pending entry")
        verbose_name_plural = _("pending entries")

    def __str__(self) -> str:
        return str(self.entry)


class Leaf(models.Model):
    """The place of an entry in the tree; ``index`` counts from 0 without gaps."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="leaf", db_constraint=False
    )

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")

    def __str__(self) -> str:
        return f"{self.index}: {self.entry}"


class Tile(models.Model):
    """A C2SP hash tile: up to 256 hashes of 32 bytes; it only ever grows."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("tile")
        verbose_name_plural = _("tiles")

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class TreeHead(models.Model):
    """The root of the tree at a size: committed before anything is signed."""

    size = models.BigIntegerField(primary_key=True)
    root_hash = models.BinaryField(max_length=32)
    integrated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tree head")
        verbose_name_plural = _("tree heads")

    def __str__(self) -> str:
        return f"tree of {self.size}"


class Checkpoint(models.Model):
    """A signed C2SP checkpoint over a committed tree head."""

    tree_head = models.OneToOneField(
        TreeHead, primary_key=True, on_delete=models.PROTECT, related_name="checkpoint"
    )
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return f"checkpoint {self.pk}"

    def public_note(self) -> str:
        """Return the note with the lines of all witnesses that cosigned it."""
        lines = self.cosignatures.order_by("name", "key_id").values_list("line", flat=True)
        return "".join([self.note, *lines])


class Cosignature(models.Model):
    """That a witness saw a checkpoint extend all it had seen before: its line under the note."""

    pk = models.CompositePrimaryKey("checkpoint_id", "name", "key_id")
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures"
    )
    name = models.CharField(_("witness"), max_length=200)
    key_id = models.CharField(_("key id"), max_length=8)
    line = models.TextField(_("signature line"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")

    def __str__(self) -> str:
        return f"{self.name} on {self.checkpoint_id}"
