"""What people change of monitors, collections and environments is announced to other apps."""

from django.db import models

from monitors.signals import changed


class AnnouncesChanges(models.Model):
    """A model that sends `monitors.signals.changed` when a person or an API key changes it."""

    class Meta:
        abstract = True

    def announce(self, what: str, by: object) -> None:
        """`what` was done: "paused", "resumed", "edited" or "imported".

        `by` is the person or the API key; None, for what nobody asked for, sends nothing.
        """
        if by is not None:
            changed.send(sender=type(self), subject=self, what=what, by=str(by))
