"""Nothing any more: the names that are there are indexed by 0016_search_grams."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("filings", "0007_cases_in_order"), ("registry", "0006_search")]

    operations = []
