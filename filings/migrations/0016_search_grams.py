"""Index the names that are there already by grams of two, three and five characters."""

from django.db import migrations

from registry.models import Named
from registry.search import rebuild


def index(apps, _schema_editor):
    parties = apps.get_model("registry", "Party").objects.exclude(kind="NATURAL")
    for named, rows in (
        (Named.ASSET, apps.get_model("registry", "DataAsset").objects.all()),
        (Named.PARTY, parties),
        (Named.FILING, apps.get_model("filings", "Filing").objects.all()),
    ):
        rebuild(named, rows.order_by("pk").values_list("pk", "name").iterator())


class Migration(migrations.Migration):

    dependencies = [("filings", "0015_profile_version"), ("registry", "0008_search_grams")]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
