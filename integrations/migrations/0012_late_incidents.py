import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0011_incidents_of_outages")]

    operations = [
        migrations.AddField(
            "incident",
            "kind",
            models.CharField(
                max_length=10,
                choices=[("failing", "The monitor fails"), ("late", "The monitor does not run")],
                default="failing",
            ),
        ),
        migrations.AlterField(
            "incident",
            "closed_because",
            models.CharField(
                blank=True,
                default="",
                max_length=20,
                choices=[
                    ("recovered", "The monitor recovered"),
                    ("by_hand", "Resolved by hand"),
                    ("paused", "The integration was paused"),
                    ("changed", "The integration was changed"),
                    ("deleted", "The integration or the monitor was deleted"),
                    ("monitor_paused", "The monitor was paused"),
                    ("not_late", "The monitor is not late any more"),
                    ("outdated", "Postwatch was down before anybody could be notified"),
                    ("held", "Deliveries were held for too long"),
                    ("not_accepted", "The provider did not accept it"),
                    ("tested", "The test is over"),
                ],
            ),
        ),
        migrations.RemoveConstraint("incident", "one_open_incident"),
        migrations.AddConstraint(
            "incident",
            models.UniqueConstraint(
                fields=["integration", "monitor", "kind"],
                condition=models.Q(closed_at=None, is_test=False),
                name="one_open_incident_of_a_kind",
            ),
        ),
        migrations.AddField(
            "integration",
            "late_after_minutes",
            models.PositiveSmallIntegerField(
                "also page when the monitor has not run for",
                null=True,
                blank=True,
                validators=[
                    django.core.validators.MinValueValidator(2),
                    django.core.validators.MaxValueValidator(10080),
                ],
                help_text="Minutes without a run of a monitor that should have run by then. Empty for never. It is "
                "an incident of its own with the severity warning: the API may be fine.",
            ),
        ),
        migrations.AddIndex(
            "integration",
            models.Index(
                fields=["workspace"],
                condition=models.Q(late_after_minutes__isnull=False),
                name="integrations_paging_when_late",
            ),
        ),
    ]
