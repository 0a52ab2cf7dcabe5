import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Constraints and indexes name the renamed columns, so they are made again."""

    dependencies = [("integrations", "0007_notified")]

    operations = [
        migrations.RemoveConstraint("delivery", "one_sending_at_a_time"),
        migrations.RemoveConstraint("delivery", "who_sends_holds_a_lease"),
        migrations.RemoveConstraint("delivery", "finished_deliveries_have_a_time"),
        migrations.RemoveIndex("delivery", "deliveries_pending"),
        migrations.RemoveIndex("delivery", "deliveries_sending"),
        migrations.RemoveIndex("delivery", "deliveries_refused"),
        migrations.RenameField("delivery", "state", "status"),
        migrations.RenameField("delivery", "enqueued_at", "message_sent_at"),
        migrations.RenameField("delivery", "answer_status", "response_status"),
        migrations.RenameField("delivery", "answer", "response_text"),
        migrations.AlterField(
            "delivery", "attempts", models.PositiveSmallIntegerField(default=0, editable=False)
        ),
        migrations.AlterField(
            "delivery",
            "message_sent_at",
            models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="When its message was last sent to the workers.",
            ),
        ),
        migrations.AlterField(
            "delivery",
            "response_text",
            models.TextField(blank=True, help_text="The provider's last response, or what went wrong."),
        ),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(
                fields=["stream"], condition=Q(status="sending"), name="one_sending_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=Q(status="sending", leased_until__isnull=False, lease__isnull=False)
                | (~Q(status="sending") & Q(leased_until=None, lease=None)),
                name="who_sends_holds_a_lease",
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending"], finished_at=None)
                | (~Q(status__in=["pending", "sending"]) & Q(finished_at__isnull=False)),
                name="finished_deliveries_have_a_time",
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="pending"), name="deliveries_pending"
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(fields=["leased_until"], condition=Q(status="sending"), name="deliveries_sending"),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["finished_at"],
                condition=Q(action="resolve", status__in=["rejected", "given_up"]),
                name="failed_resolves",
            ),
        ),
        migrations.RemoveConstraint("regionstate", "one_state_per_region"),
        migrations.RenameModel("RegionState", "RegionStreak"),
        migrations.RenameField("regionstreak", "failed_in_row", "consecutive_failures"),
        migrations.RenameField("regionstreak", "passed_in_row", "consecutive_passes"),
        migrations.AlterField(
            "regionstreak",
            "integration",
            models.ForeignKey(
                "integrations.Integration", on_delete=models.CASCADE, related_name="region_streaks"
            ),
        ),
        migrations.AddConstraint(
            "regionstreak",
            models.UniqueConstraint(
                fields=["integration", "monitor", "region"], name="one_streak_per_region"
            ),
        ),
    ]
