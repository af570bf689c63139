"""Keys and versions become the primary key of their rows; heads give way to locks; cosignatures."""

from pathlib import Path

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ledger import guards
from primitives.durable_files import write_durably


def remove_guards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers; they are installed again after every migration."""
    guards.remove(schema_editor.connection)


def remember_last_checkpoint(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the signer its memory: until now the database was where it looked."""
    last = apps.get_model("ledger", "Checkpoint").objects.order_by("-tree_head").first()
    path = Path(settings.LEDGER_MEMORY_FILE)
    if last is not None and not path.exists():
        write_durably(path, last.note.encode())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunPython(remove_guards, migrations.RunPython.noop),
        migrations.RemoveConstraint("EntryKey", "key_version_once"),
        migrations.RenameModel("EntryKey", "OldEntryKey"),
        migrations.CreateModel(
            "EntryKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("version", models.PositiveIntegerField()),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="ledger.entry",
                    ),
                ),
            ],
            options={"verbose_name": "entry key", "verbose_name_plural": "entry keys"},
        ),
        migrations.RunSQL(
            "INSERT INTO ledger_entrykey (key, version, entry_id)"
            " SELECT key, version, entry_id FROM ledger_oldentrykey"
        ),
        migrations.DeleteModel("OldEntryKey"),
        migrations.DeleteModel("Head"),
        migrations.AlterField(
            "Leaf",
            "entry",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leaf",
                to="ledger.entry",
            ),
        ),
        migrations.AlterField(
            "Pending",
            "entry",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                serialize=False,
                to="ledger.entry",
            ),
        ),
        migrations.CreateModel(
            "Cosignature",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "checkpoint_id", "name", "key_id",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.checkpoint",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="witness")),
                ("key_id", models.CharField(max_length=8, verbose_name="key id")),
                ("line", models.TextField(verbose_name="signature line")),
                ("signed_at", models.DateTimeField(verbose_name="signed")),
            ],
            options={"verbose_name": "cosignature", "verbose_name_plural": "cosignatures"},
        ),
        migrations.RunPython(remember_last_checkpoint, migrations.RunPython.noop),
    ]
