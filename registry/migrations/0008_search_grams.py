"""The index of names by grams of two, three and five characters, instead of pairs alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("registry", "0007_kinds_of_paper")]

    operations = [
        migrations.CreateModel(
            name="SearchGram",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "named",
                        "gram",
                        "target",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "named",
                    models.CharField(
                        choices=[("A", "data asset"), ("P", "party"), ("F", "filing")], max_length=1
                    ),
                ),
                ("gram", models.CharField(max_length=5)),
                ("target", models.BigIntegerField()),
            ],
        ),
        migrations.DeleteModel(name="SearchPair"),
    ]
