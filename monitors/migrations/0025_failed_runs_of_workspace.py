from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('monitors', '0024_outages_by_start'),
        ('workspaces', '0008_exchanges'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('result__in', ['failure', 'error', 'abort'])), fields=['workspace', '-id'], name='failed_runs_of_workspace'),
        ),
    ]
