"""Drops triggers from before a downtime of Postwatch: a monitor pages only after a new failed run.

The sweep runs every few seconds, and serves as the heartbeat: a gap between two sweeps is a downtime.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from integrations.models import Action, ClosedBecause, Delivery, DeliveryStatus, Incident, Installation
from integrations.models.deliveries import UNFINISHED
from monitors.models import Monitor

log = logging.getLogger(__name__)

DOWNTIME = timedelta(minutes=2)
"""A shorter stop, such as an upgrade, changes nothing: its triggers are still up to date."""


def record_heartbeat(now: datetime) -> None:
    """Call in every sweep, before it sends anything."""
    installation = Installation.this()
    last = installation.last_sweep_at
    if last is not None and now - last > DOWNTIME:
        log.warning("No worker ran from %s to %s.", last, now)
        drop_stale_triggers(now, ClosedBecause.OUTDATED)
    installation.record_sweep(now)


def is_outdated(delivery: Delivery, now: datetime) -> bool:
    """Whether it was created before a downtime, or a hold, that no sweep has handled yet."""
    if now - delivery.created_at < DOWNTIME:
        return False
    installation = Installation.this()
    if installation.held_since is not None:
        return True
    last = installation.last_sweep_at
    return delivery.action == Action.TRIGGER and last is not None and now - last > DOWNTIME


def drop_stale_triggers(now: datetime, because: ClosedBecause) -> None:
    """Closes the incidents that no provider knows of, withdraws reminders, and runs the monitors at once."""
    waiting = Q(
        deliveries__action=Action.TRIGGER,
        deliveries__status__in=UNFINISHED,
    )
    stale = Incident.objects.open().without_tests().filter(waiting, deliveries__created_at__lt=now - DOWNTIME)
    for incident in stale.distinct():
        if incident.deliveries.filter(status=DeliveryStatus.ACCEPTED).exists():
            incident.withdraw_reminder()
        else:
            incident.close(because)
        Monitor.objects.filter(pk=str(incident.monitor_id), next_run_at__gt=now).update(next_run_at=now)
