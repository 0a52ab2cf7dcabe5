import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0007_help_texts"),
        ("monitors", "0016_second_of_the_minute"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "part",
                    models.CharField(
                        help_text="“schedule”, or the name of a region's queue.",
                        max_length=60,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "since",
                    models.DateTimeField(
                        null=True, help_text="Since when its signs of life come without a gap."
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        null=True,
                        help_text="When the oldest question without an answer was sent; empty when there is "
                        "none.",
                    ),
                ),
                (
                    "message_sent_at",
                    models.DateTimeField(null=True, help_text="When the last question was sent."),
                ),
                (
                    "messages_sent",
                    models.PositiveSmallIntegerField(default=0, help_text="Without an answer."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LateNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.CharField(max_length=50)),
                ("monitors", models.PositiveIntegerField(help_text="How many were late at most.")),
                ("since", models.DateTimeField(help_text="When the last run ended.")),
                ("late_at", models.DateTimeField(help_text="When the first monitor became late.")),
                (
                    "mailed_at",
                    models.DateTimeField(
                        null=True, help_text="When the owners were mailed that they are late."
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(null=True, help_text="When a process began to mail."),
                ),
                (
                    "recovered_at",
                    models.DateTimeField(null=True, help_text="Since when none is late."),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "region"), name="one_late_notice_per_region"
                    )
                ]
            },
        ),
    ]
