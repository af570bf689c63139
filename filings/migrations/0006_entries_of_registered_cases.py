"""Name the ledger entry of every case that was registered: that of its asset."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_entries(apps, schema_editor):
    Filing = apps.get_model("filings", "Filing")
    DataAsset = apps.get_model("registry", "DataAsset")
    entry = DataAsset.objects.filter(pk=OuterRef("asset")).values("entry")
    Filing.objects.filter(asset__isnull=False).update(entry=Subquery(entry))


class Migration(migrations.Migration):

    dependencies = [("filings", "0005_types_of_filing")]
    operations = [migrations.RunPython(name_entries, migrations.RunPython.noop)]
