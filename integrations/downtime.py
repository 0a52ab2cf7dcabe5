"""After our own downtime nobody is paged on old news: a monitor needs a fresh failed run.

The sweep, which comes every few seconds while anything works, is the pulse by which downtime is known.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from integrations.models import Action, ClosedBecause, Delivery, Incident, Installation, State
from monitors.models import Monitor

log = logging.getLogger(__name__)

DOWNTIME = timedelta(minutes=2)
"""A shorter stop, as of a new version, changes nothing: its triggers are still news."""


def note_pulse(now: datetime) -> None:
    """Call in every sweep, before it sends anything."""
    installation = Installation.this()
    last = installation.last_sweep_at
    if last is not None and now - last > DOWNTIME:
        log.warning("Nothing was at work from %s to %s.", last, now)
        _drop_old_news(now)
    installation.note_sweep(now)


def is_outdated(delivery: Delivery, now: datetime) -> bool:
    """Whether a trigger is from before a downtime that no sweep has dealt with yet."""
    if delivery.action != Action.TRIGGER or now - delivery.created_at < DOWNTIME:
        return False
    last = Installation.this().last_sweep_at
    return last is not None and now - last > DOWNTIME


def _drop_old_news(now: datetime) -> None:
    """Closes incidents that nobody heard of and withdraws reminders, and lets the monitors run at once to see
    how things are."""
    waiting = Q(deliveries__action=Action.TRIGGER, deliveries__state__in=[State.PENDING, State.SENDING])
    stale = Incident.objects.open().outages().filter(waiting, deliveries__created_at__lt=now - DOWNTIME)
    for incident in stale.distinct():
        if incident.deliveries.filter(state=State.ACCEPTED).exists():
            incident.withdraw_reminder()
        else:
            incident.close(ClosedBecause.OUTDATED)
        Monitor.objects.filter(pk=str(incident.monitor_id), next_run_at__gt=now).update(next_run_at=now)
