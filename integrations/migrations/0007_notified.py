from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0006_index_streams")]

    operations = [
        migrations.RenameField("regionstate", "failures_told", "failures_notified"),
        migrations.RenameField("incident", "told_at", "last_notified_at"),
        migrations.RenameField("integration", "owners_told_at", "owners_notified_at"),
        migrations.AlterField(
            "incident",
            "last_notified_at",
            models.DateTimeField(editable=False, help_text="When the provider was last notified of it."),
        ),
    ]
