"""Monitors: a collection, maybe an environment, a schedule and options."""

import json
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from monitors import cron
from monitors.models.collections import Collection
from monitors.models.environments import Environment
from monitors.models.runs import Result, Run, RunType
from monitors.signals import monitor_paused
from monitors.tags import clean_tags
from workspaces.models import User
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned

LONGEST_DELAY_MS = 300_000
"""Postman's ceiling for a monitor's request timeout and delay."""


def default_regions() -> list[str]:
    return [settings.REGIONS[0]]


class MonitorState(models.TextChoices):
    """What a monitor shows of itself; each monitor is in one."""

    FAILING = "failing", "Failing"
    UP = "up", "Up"
    PAUSED = "paused", "Paused"
    WAITING = "waiting", "No result yet"


IN_STATE = {
    MonitorState.FAILING: Q(paused_at=None, failing_since__isnull=False),
    MonitorState.UP: Q(paused_at=None, failing_since=None) & ~Q(latest_results={}),
    MonitorState.PAUSED: Q(paused_at__isnull=False),
    MonitorState.WAITING: Q(paused_at=None, failing_since=None, latest_results={}),
}


class MonitorQuerySet(WorkspaceOwnedQuerySet["Monitor"]):
    def due(self, now: datetime) -> "MonitorQuerySet":
        return self.filter(paused_at=None, next_run_at__lte=now)

    def failing(self) -> "MonitorQuerySet":
        return self.filter(failing_since__isnull=False)

    def tagged(self, tag: str) -> "MonitorQuerySet":
        # SQLite finds nothing inside of JSON but as text, where it escapes what is not ASCII.
        quoted = Q(tags_text__contains=json.dumps(tag)) | Q(
            tags_text__contains=json.dumps(tag, ensure_ascii=False)
        )
        return self.alias(tags_text=Cast("tags", models.TextField())).filter(quoted)

    def tags(self) -> list[str]:
        """All tags in use, sorted."""
        return sorted({tag for tags in self.exclude(tags=[]).values_list("tags", flat=True) for tag in tags})

    def in_state(self, state: "MonitorState") -> "MonitorQuerySet":
        return self.filter(IN_STATE[state])

    def count_by_state(self) -> dict[str, int]:
        return self.aggregate(**{state.value: Count("pk", filter=IN_STATE[state]) for state in MonitorState})


class Monitor(WorkspaceOwned, Versioned):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    collection = models.ForeignKey(Collection, on_delete=models.RESTRICT, related_name="monitors")
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.RESTRICT, related_name="monitors"
    )

    tags = models.JSONField(default=list, blank=True, help_text="Words to find and group monitors by.")

    cron = models.CharField("schedule", max_length=100, default="*/5 * * * *", help_text="Five cron fields.")
    timezone = models.CharField("time zone", max_length=64, default="UTC")
    regions = models.JSONField(default=default_regions)

    request_timeout_ms = models.PositiveIntegerField(
        "request timeout",
        default=0,
        validators=[MaxValueValidator(LONGEST_DELAY_MS)],
        help_text="Milliseconds that a request may take; 0 for no limit but the run's five minutes.",
    )
    delay_request_ms = models.PositiveIntegerField(
        "delay between requests",
        default=0,
        validators=[MaxValueValidator(LONGEST_DELAY_MS)],
        help_text="Milliseconds to wait between two requests.",
    )
    follow_redirects = models.BooleanField(default=True)
    verify_tls = models.BooleanField(
        "verify TLS certificates", default=True, help_text="Off, self-signed certificates are accepted."
    )
    retries = models.PositiveSmallIntegerField(
        "retry on failure",
        default=0,
        validators=[MaxValueValidator(5)],
        help_text="How many times a failing request is sent again before it counts as failed.",
    )
    retry_unsafe = models.BooleanField(
        "retry requests that change data",
        default=False,
        help_text="Also repeat POST and PATCH requests: the target may then act on them twice.",
    )

    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_run_at = models.DateTimeField(null=True, editable=False)
    last_run = models.ForeignKey(Run, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    latest_results = models.JSONField(
        default=dict, editable=False, help_text="The last result of each region."
    )
    failing_since = models.DateTimeField(null=True, editable=False)
    consecutive_failures = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar = MonitorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            # schedule_due_monitors asks every second which monitors are due.
            models.Index(fields=["next_run_at"], condition=Q(paused_at=None), name="monitors_due"),
            models.Index(fields=["workspace", "name"], name="monitors_of_workspace"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:monitor", args=[self.workspace.slug, self.pk])

    def clean(self) -> None:
        try:
            cron.time_zone(self.timezone)
        except ValueError as problem:
            raise ValidationError({"timezone": str(problem)})
        try:
            cron.next_times(self.cron, self.timezone, timezone.now())
        except ValueError as problem:
            raise ValidationError({"cron": str(problem)})
        unknown = set(self.regions) - set(settings.REGIONS)
        if unknown or not self.regions:
            raise ValidationError({"regions": f"Choose from these regions: {', '.join(settings.REGIONS)}."})
        try:
            self.tags = clean_tags(self.tags)
        except ValueError as problem:
            raise ValidationError({"tags": str(problem)})

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.next_run_at is None:
            self.next_run_at = self.next_time(timezone.now())
        super().save(*args, **kwargs)

    def next_time(self, after: datetime) -> datetime:
        return cron.next_times(self.cron, self.timezone, after)[0]

    def reschedule(self) -> None:
        """Call after the schedule was changed."""
        self.next_run_at = self.next_time(timezone.now())
        self.save(update_fields=["next_run_at", "updated_at"])

    @property
    def state(self) -> MonitorState:
        if self.is_paused:
            return MonitorState.PAUSED
        if self.failing_since:
            return MonitorState.FAILING
        return MonitorState.UP if self.latest_results else MonitorState.WAITING

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @transaction.atomic
    def pause(self, *, outage_is_over: bool = True) -> bool:
        """An outage is taken as ended, as no run will tell when it does, unless the caller knows better.

        False when it was paused already.
        """
        if self.is_paused:
            return False
        self.paused_at = timezone.now()
        self.save(update_fields=["paused_at", "updated_at"])
        monitor_paused.send(sender=Monitor, monitor=self, outage_is_over=outage_is_over)
        return True

    def resume(self) -> bool:
        """False when it was not paused."""
        if not self.is_paused:
            return False
        self.paused_at = None
        self.next_run_at = self.next_time(timezone.now())
        self.save(update_fields=["paused_at", "next_run_at", "updated_at"])
        return True

    def run_now(self, run_type: RunType = RunType.MANUAL) -> list[Run]:
        """Queues one run for each region, beside the schedule."""
        return [Run.queue(self, region, run_type) for region in self.regions]

    def note(self, run: Run) -> None:
        """Takes a finished run into the monitor's state. Our own trouble says nothing about the target."""
        if run.result == Result.SYSTEM_ERROR:
            return
        self.last_run = run
        self.latest_results = self.latest_results | {run.region: run.result}
        current = [result for region, result in self.latest_results.items() if region in self.regions]
        failing = any(result != Result.SUCCESSFUL for result in current)
        self.failing_since = (self.failing_since or run.finished_at) if failing else None
        self.consecutive_failures = self.consecutive_failures + 1 if run.result != Result.SUCCESSFUL else 0
        self.save(update_fields=["last_run", "latest_results", "failing_since", "consecutive_failures"])
