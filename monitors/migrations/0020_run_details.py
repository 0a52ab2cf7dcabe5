import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitors", "0019_store_urls_to_search")]

    operations = [
        migrations.CreateModel(
            name="RunDetail",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_detail",
                        serialize=False,
                        to="monitors.run",
                    ),
                ),
                (
                    "document",
                    models.BinaryField(help_text="A RunDocument, as monitors.run_documents writes it."),
                ),
            ],
        ),
        migrations.AddField("run", "number", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "monitor", "last_run_number", models.PositiveIntegerField(default=0, editable=False)
        ),
    ]
