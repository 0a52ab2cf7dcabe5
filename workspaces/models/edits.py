"""Who changed what."""

from django.db import models

from workspaces.models.workspaces import Workspace


class Edit(models.Model):
    """One change of a row, kept for a while: whoever edits the same row meanwhile learns who changed what."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=100, help_text="The model and the primary key of the row.")
    before = models.CharField(max_length=32, help_text="The version of the row before the change.")
    what = models.JSONField(help_text="The names of the values that were changed.")
    by = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="edits_of_subject"),
            models.Index(fields=["workspace", "at"], name="edits_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} by {self.by}"
