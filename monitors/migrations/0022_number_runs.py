import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Drops the tables whose rows were moved, and indexes that repeat the beginning of another one."""

    dependencies = [("monitors", "0021_move_run_details")]

    operations = [
        migrations.AlterField(
            "run",
            "number",
            models.PositiveIntegerField(editable=False, help_text="Counted for each monitor, from 1."),
        ),
        migrations.AddConstraint(
            "run", models.UniqueConstraint(fields=["monitor", "number"], name="one_run_per_number")
        ),
        migrations.AlterField(
            "run",
            "monitor",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="runs",
                to="monitors.monitor",
            ),
        ),
        migrations.AlterField(
            "run",
            "workspace",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.DeleteModel("RequestResult"),
        migrations.DeleteModel("RunConsole"),
    ]
