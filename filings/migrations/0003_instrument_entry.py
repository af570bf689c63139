from django.db import migrations


def name_the_entry(apps, schema_editor):
    """Say of each registered paper in which entry it stands."""
    Paper = apps.get_model("filings", "Paper")
    for paper in Paper.objects.filter(filing__asset__isnull=False).select_related("filing__asset"):
        paper.instrument.entry_id = paper.filing.asset.entry_id
        paper.instrument.save(update_fields=["entry"])


class Migration(migrations.Migration):
    dependencies = [("filings", "0002_participation"), ("registry", "0002_privacy")]

    operations = [migrations.RunPython(name_the_entry, migrations.RunPython.noop)]
