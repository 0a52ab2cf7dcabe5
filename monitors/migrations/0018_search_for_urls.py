
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('monitors', '0017_heartbeats_and_late_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='collection',
            name='request_urls',
            field=models.TextField(blank=True, default='', editable=False, help_text='Of its requests, for the search for monitors.'),
        ),
    ]
