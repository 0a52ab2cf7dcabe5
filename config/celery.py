"""The Celery application. Queues: `runs.<region>` for executions, `default` for everything short."""

import os
import sys
import warnings
from functools import cached_property

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.signals import worker_init
from django.db import close_old_connections
from kombu.transport import TRANSPORT_ALIASES

# The warning is about pickled messages, which our workers do not accept.
warnings.simplefilter("ignore", SecurityWarning)

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class PersistentConnections(DjangoWorkerFixup):  # type: ignore[misc]
    """Keeps the database connection for CONN_MAX_AGE, as Django does for pages.

    Celery closes it around each task, after which PostgreSQL has to start a new process.
    """

    def close_database(self, **kwargs: object) -> None:
        close_old_connections()


class Fixup(DjangoFixup):
    @cached_property
    def worker_fixup(self) -> PersistentConnections:
        return PersistentConnections(self.app)


def fixup(app: Celery) -> DjangoFixup:
    django = Fixup(app)
    django.install()
    return django


app = Celery("postwatch", fixups=["config.celery:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A message that no worker received in its second is obsolete: the next one does the same work.
    "schedule-due-monitors": {
        "task": "monitors.tasks.schedule_due_monitors",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "recover-runs": {"task": "monitors.tasks.recover_runs", "schedule": 5.0, "options": {"expires": 10}},
    "ask-regions": {"task": "monitors.tasks.ask_regions", "schedule": 15.0, "options": {"expires": 15}},
    "watch-lateness": {"task": "monitors.tasks.watch_lateness", "schedule": 20.0, "options": {"expires": 20}},
    "purge-deleted": {
        "task": "workspaces.tasks.purge_deleted",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "delete-expired-runs": {
        "task": "monitors.tasks.delete_expired",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "delete-expired-deliveries": {
        "task": "integrations.tasks.delete_expired",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "delete-expired-sessions": {
        "task": "workspaces.tasks.delete_expired",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "sweep-deliveries": {
        "task": "integrations.tasks.sweep_deliveries",
        "schedule": 3.0,
        "options": {"expires": 10},
    },
    "page-late-monitors": {
        "task": "integrations.tasks.page_late_monitors",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "call-heartbeat-url": {
        "task": "integrations.tasks.call_heartbeat_url",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
}

SECONDS_OF_A_TURN = 0.001


@worker_init.connect
def take_short_turns(**kwargs: object) -> None:
    """A run that computes in this process hands over five times as often as Python's threads else do: the
    others need the processor for moments, between one wait and the next, and each time wait for a turn."""
    sys.setswitchinterval(SECONDS_OF_A_TURN)
