"""Mutes monitors for a while: by a maintenance window of their own, in which they run and nobody is paged."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import models
from django.utils import timezone

from monitors import maintenance
from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import Mode, Scope

MORNING = time(8)
"""When people begin to work, in their own time zone."""


class MuteFor(models.TextChoices):
    """How long pages offer to mute a monitor."""

    HOUR = "1h", "1 hour"
    HOURS = "4h", "4 hours"
    TOMORROW = "tomorrow", "Until tomorrow, 8:00"

    def until(self, now: datetime) -> datetime:
        """When it ends. Tomorrow begins in the time zone that is active, which is the person's on pages."""
        if self == MuteFor.TOMORROW:
            zone = timezone.get_current_timezone()
            tomorrow = now.astimezone(zone).date() + timedelta(days=1)
            return datetime.combine(tomorrow, MORNING, zone)
        return now + timedelta(hours=1 if self == MuteFor.HOUR else 4)


def mute(monitor: Monitor, until: datetime, by: object) -> datetime:
    """Pages nobody about the monitor until then. Returns when it ends: later if it was muted for longer."""
    now = timezone.now()
    active = MaintenanceWindow.objects.active_by_monitor([monitor], now).get(monitor.pk)
    if active is not None and active.ends_at >= until:
        return active.ends_at
    mute_all([monitor], until, by)
    return until


def mute_all(monitors: Sequence[Monitor], until: datetime, by: object) -> None:
    """Mutes monitors of one workspace until then, by one window."""
    window = MaintenanceWindow(
        workspace_id=monitors[0].workspace_id,
        name=f"Muted by {by}"[:255],
        mode=Mode.MUTE,
        scope=Scope.MONITORS,
        timezone=str(timezone.get_current_timezone()),
        starts_at=timezone.now(),
        ends_at=until,
    )
    maintenance.store(window, monitors)
