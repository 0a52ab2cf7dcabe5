from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitors", "0008_background_deletion")]

    operations = [
        migrations.RemoveIndex("run", "runs_queued"),
        migrations.RenameField("run", "sent_at", "message_sent_at"),
        migrations.RenameField("run", "times_sent", "messages_sent"),
        migrations.RenameField("run", "times_taken", "attempts"),
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["message_sent_at"], condition=models.Q(status="queued"), name="runs_queued"
            ),
        ),
    ]
