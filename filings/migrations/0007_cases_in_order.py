from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("filings", "0006_entries_of_registered_cases")]

    operations = [
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asset__isnull', False), ('state', 'REGISTERED'), ('type', 'INITIAL')), models.Q(models.Q(('state', 'REGISTERED'), ('type', 'INITIAL'), _negated=True), ('asset__isnull', True)), _connector='OR'), name='filing_registered_with_asset'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('state', 'REGISTERED')), models.Q(models.Q(('state', 'REGISTERED'), _negated=True), ('entry__isnull', True)), _connector='OR'), name='filing_registered_with_entry'),
        ),
        migrations.AddConstraint(
            model_name='filing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('type', 'INITIAL'), _negated=True), models.Q(('sha256', ''), _negated=True), _connector='OR'), name='filing_for_new_data_has_digest'),
        ),
    ]
