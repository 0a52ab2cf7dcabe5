"""Monitors: a collection, maybe an environment, a schedule and options."""

import uuid
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.timezone import now as current_time

from monitors import cron
from monitors.clock import CLOCK_TOLERANCE
from monitors.models.changes import AnnouncesChanges
from monitors.models.collections import Collection
from monitors.models.environments import Environment
from monitors.models.gaps import Gap
from monitors.models.maintenance import MaintenanceWindow, Scope
from monitors.models.monitor_search import MonitorSearch
from monitors.models.monitor_states import MonitorState, is_in_state
from monitors.models.outages import EndedBecause, Outage
from monitors.models.region_statuses import RegionStatus
from monitors.models.run_options import RunOptionsOfMonitor
from monitors.models.runs import NO_VERDICTS, Result, Run, RunType
from monitors.models.schedules import Scheduled
from monitors.signals import monitor_paused
from monitors.tags import clean_tags
from workspaces.deletion import DeletedInBackground, WithoutDeleted
from workspaces.models import User
from workspaces.tenancy import WorkspaceOwned
from workspaces.versions import Versioned


def default_regions() -> list[str]:
    return [settings.REGIONS[0]]


RUNS_BY_SCHEDULE = Q(paused_at=None, deleted_at=None)


class MonitorQuerySet(MonitorSearch["Monitor"]):
    def due(self, now: datetime) -> Self:
        """The monitors whose next run should start now."""
        return self.filter(paused_at=None, next_run_at__lte=now)

    def failing(self) -> Self:
        """The monitors whose last run failed in at least one region."""
        return self.filter(failing_since__isnull=False)

    def planned_ahead(self, now: datetime) -> Self:
        """The monitors that were planned at a time in the future: the clock has been set back since."""
        return self.filter(paused_at=None, planned_at__gt=now + CLOCK_TOLERANCE)

    def covered_by(self, window: MaintenanceWindow) -> Self:
        """The monitors that a maintenance window is for."""
        monitors = self.filter(workspace=window.workspace_id)
        if window.scope == Scope.TAG:
            return monitors.tagged(window.tag)
        if window.scope == Scope.MONITORS:
            return monitors.filter(pk__in=window.monitors.values("pk"))
        return monitors

    def in_state(self, state: "MonitorState", late: AbstractSet[uuid.UUID]) -> Self:
        """The monitors in a state. `late` holds the ids of the late ones (`monitors.lateness`)."""
        return self.filter(is_in_state(state, late))

    def count_by_state(self, late: AbstractSet[uuid.UUID]) -> dict[str, int]:
        """The number of monitors in each state. `late` holds the ids of the late ones."""
        return self.aggregate(
            **{state.value: Count("pk", filter=is_in_state(state, late)) for state in MonitorState}
        )


MonitorManager = WithoutDeleted.from_queryset(MonitorQuerySet)


class Monitor(
    Scheduled, RunOptionsOfMonitor, DeletedInBackground, WorkspaceOwned, Versioned, AnnouncesChanges
):
    """Runs a collection by a cron schedule in one or more regions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    collection = models.ForeignKey(Collection, on_delete=models.RESTRICT, related_name="monitors")
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.RESTRICT, related_name="monitors"
    )

    tags = models.JSONField(default=list, blank=True, help_text="Words to find and group monitors by.")

    regions = models.JSONField(default=default_regions)

    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_run_at = models.DateTimeField(null=True, editable=False)
    planned_at = models.DateTimeField(
        default=current_time, editable=False, help_text="When the next run was planned."
    )
    last_run_number = models.PositiveIntegerField(default=0, editable=False)
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

    objects = MonitorManager()
    all_objects = MonitorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            # schedule_due_monitors asks every second which monitors are due.
            models.Index(fields=["next_run_at"], condition=RUNS_BY_SCHEDULE, name="monitors_due"),
            models.Index(fields=["planned_at"], condition=RUNS_BY_SCHEDULE, name="monitors_planned"),
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
        is_new = self._state.adding
        self.choose_second()
        if is_new and self.next_run_at is None:
            self.plan(timezone.now())
        fields = kwargs.get("update_fields")
        if not is_new and fields is None:
            # An edit that began before a run was stored must not give its number to another one.
            names = [field.name for field in self._meta.concrete_fields if not field.primary_key]
            kwargs["update_fields"] = [name for name in names if name != "last_run_number"]
        super().save(*args, **kwargs)
        if is_new or fields is None or "regions" in fields:
            RegionStatus.watch(self)

    def before_deletion(self) -> None:
        # Runs that end now are stored first, so that the receivers of the deletion see their incidents.
        Monitor.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
        self.outages.end(EndedBecause.MONITOR_DELETED, timezone.now())
        # Its environment can be deleted next, with the secrets in it.
        self.environment = None
        self.save(update_fields=["environment"])

    def plan(self, now: datetime) -> None:
        """Sets the next run without saving it."""
        [self.next_run_at], self.planned_at = self.next_times(now), now

    def reschedule(self) -> None:
        """Plans the next run and saves it. Call after the schedule was changed."""
        now = timezone.now()
        self.plan(now)
        self.save(update_fields=["next_run_at", "planned_at", "updated_at"])
        self.expect_runs(now)

    def expect_runs(self, since: datetime) -> None:
        """Expects runs from `since` on: the regions are late at the second due time after it."""
        self.region_statuses.expect_runs(since, late_at=self.late_at(since))

    def skip_runs(self, now: datetime) -> None:
        """Expects no runs for now, since a maintenance window skips them."""
        self.region_statuses.skip_runs(now, late_at=self.late_at(now))

    @cached_property
    def late_regions(self) -> list[RegionStatus]:
        """The regions that should have had a run by now. `monitors.lateness` sets this for lists."""
        return RegionStatus.objects.filter(monitor=self).late_by_monitor(timezone.now()).get(self.pk, [])

    @property
    def state(self) -> MonitorState:
        if self.is_paused:
            return MonitorState.PAUSED
        if self.late_regions:
            return MonitorState.LATE
        if self.failing_since:
            return MonitorState.FAILING
        return MonitorState.UP if self.latest_results else MonitorState.WAITING

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @transaction.atomic
    def pause(self, *, by: object = None, outage_is_over: bool = True) -> bool:
        """An outage counts as over, as no run will say when it ends, unless the caller knows better.

        `by` is the person or API key, as in `announce`. Returns False when it was paused already.
        """
        if self.is_paused:
            return False
        self.paused_at = timezone.now()
        self.save(update_fields=["paused_at", "updated_at"])
        if outage_is_over:
            self.outages.end(EndedBecause.MONITOR_PAUSED, self.paused_at)
        monitor_paused.send(sender=Monitor, monitor=self, outage_is_over=outage_is_over)
        self.announce("paused", by)
        return True

    @transaction.atomic
    def resume(self, *, by: object = None) -> bool:
        """Returns False when it was not paused."""
        if not self.is_paused:
            return False
        now = timezone.now()
        Gap.objects.end_pause(self, now)
        self.expect_runs(now)
        self.paused_at = None
        self.plan(now)
        self.save(update_fields=["paused_at", "next_run_at", "planned_at", "updated_at"])
        self.announce("resumed", by)
        return True

    def run_now(self, run_type: RunType = RunType.MANUAL) -> list[Run]:
        """Queues one run for each region, in addition to the schedule."""
        return [Run.queue(self, region, run_type) for region in self.regions]

    def record_run(self, run: Run) -> None:
        """Counts a finished run in the state of the monitor. A system error says nothing about the target."""
        if run.result in NO_VERDICTS:
            return
        was_failing = self.failing_since is not None
        self.last_run = run
        self.latest_results = self.latest_results | {run.region: run.result}
        current = [result for region, result in self.latest_results.items() if region in self.regions]
        failing = any(result != Result.SUCCESSFUL for result in current)
        self.failing_since = (self.failing_since or run.finished_at) if failing else None
        self.consecutive_failures = self.consecutive_failures + 1 if run.result != Result.SUCCESSFUL else 0
        self.save(update_fields=["last_run", "latest_results", "failing_since", "consecutive_failures"])
        Outage.record_run(self, run, was_failing=was_failing)
        RegionStatus.record_run(self, run, late_at=self.late_at(run.finished_at or timezone.now()))
