import django.core.validators
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 1000
SECONDS = 60
HELP_TEXT = (
    "The second at which it starts. Monitors have different ones, so that they do not all start at once."
)


def choose_seconds(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Each monitor gets the second that a new monitor with its primary key gets."""
    monitors = apps.get_model("monitors", "Monitor")._base_manager
    while batch := list(monitors.filter(second=None).only("pk")[:BATCH]):
        for monitor in batch:
            monitor.second = monitor.pk.int % SECONDS
        monitors.bulk_update(batch, ["second"])


def second(**options: object) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        "second of the minute",
        blank=True,
        validators=[django.core.validators.MaxValueValidator(SECONDS - 1)],
        help_text=HELP_TEXT,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("monitors", "0015_count_former_runs")]

    operations = [
        migrations.AddField("monitor", "second", second(null=True)),
        migrations.RunPython(choose_seconds, migrations.RunPython.noop),
        migrations.AlterField("monitor", "second", second()),
    ]
