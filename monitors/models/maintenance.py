"""Maintenance windows: times in which monitors may fail without anybody being paged."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Container, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from monitors import cron
from monitors.clock import CLOCK_TOLERANCE
from monitors.tags import clean_tag
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor

MAX_MINUTES = 7 * 24 * 60
MIN_YEAR, MAX_YEAR = 1970, 2199
"""Times near the ends of the calendar cannot be converted to some time zones."""
STARTS_COMPARED = 10
"""How many starts of a recurring window are checked for an overlap with the occurrence before."""


class Mode(models.TextChoices):
    """Whether the monitors in a window run without notifying anybody, or do not run at all."""

    MUTE = "mute", "Mute"
    SKIP = "skip", "Skip"


class Scope(models.TextChoices):
    """Which monitors of the workspace a window is for."""

    WORKSPACE = "workspace", "All monitors"
    TAG = "tag", "Monitors with a tag"
    MONITORS = "monitors", "Chosen monitors"


class MaintenanceWindowQuerySet(WorkspaceOwnedQuerySet["MaintenanceWindow"]):
    def active(self, now: datetime) -> Self:
        return self.filter(is_over=False, starts_at__lte=now, ends_at__gt=now)

    def upcoming(self, now: datetime) -> Self:
        return self.filter(is_over=False, starts_at__gt=now)

    def past(self, now: datetime) -> Self:
        return self.filter(cron="", ends_at__lte=now)

    def planned_ahead(self, now: datetime) -> Self:
        """Recurring windows that were planned at a time in the future: the clock has been set back since."""
        return self.filter(is_over=False, updated_at__gt=now + CLOCK_TOLERANCE).exclude(cron="")

    def ended(self, now: datetime) -> Self:
        """Windows whose end `maintenance.end_windows` has not handled yet."""
        return self.filter(is_over=False, ends_at__lte=now)

    def active_by_monitor(
        self, monitors: "Collection[Monitor]", now: datetime
    ) -> "dict[uuid.UUID, MaintenanceWindow]":
        """The active window of each monitor, by its id; monitors without one are left out.

        It takes two queries at most, for any number. Of several windows one that skips runs comes first, then
        the one that ends last.
        """
        by_workspace = defaultdict(list)
        for monitor in monitors:
            by_workspace[monitor.workspace_id].append(monitor)
        windows = list(self.active(now).filter(workspace__in=by_workspace))
        windows.sort(key=lambda window: (window.mode == Mode.SKIP, window.ends_at))
        chosen = _chosen_monitors(windows, monitors)
        return {
            monitor.pk: window
            for window in windows
            for monitor in by_workspace[window.workspace_id]
            if window.covers(monitor, chosen[window.pk])
        }

    def skipped_monitors(self, monitors: "Collection[Monitor]", now: datetime) -> set[uuid.UUID]:
        """The ids of the monitors whose runs an active window skips."""
        windows = self.active_by_monitor(monitors, now)
        return {pk for pk, window in windows.items() if window.mode == Mode.SKIP}


def _chosen_monitors(
    windows: "Iterable[MaintenanceWindow]", monitors: "Iterable[Monitor]"
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """By the id of each window, the ids of the monitors that were chosen for it one by one."""
    chosen: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    by_choice = [window.pk for window in windows if window.scope == Scope.MONITORS]
    if by_choice:
        rows = MaintenanceWindow.monitors.through._default_manager.filter(
            maintenancewindow__in=by_choice, monitor__in=[monitor.pk for monitor in monitors]
        )
        for window, monitor in rows.values_list("maintenancewindow_id", "monitor_id"):
            chosen[window].add(monitor)
    return chosen


class MaintenanceWindow(WorkspaceOwned, Versioned):
    """A one-off window, or a recurring one with a cron expression and a duration.

    `starts_at` and `ends_at` of a recurring window are those of its current or next occurrence, so that one
    indexed query finds the active windows of either kind. `maintenance.end_windows` moves them on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.MUTE)
    scope = models.CharField("covers", max_length=10, choices=Scope, default=Scope.WORKSPACE)
    tag = models.CharField(max_length=50, blank=True)
    monitors: "models.ManyToManyField[Monitor, models.Model]" = models.ManyToManyField(
        "Monitor", blank=True, related_name="maintenance_windows"
    )
    timezone = models.CharField("time zone", max_length=64, default="UTC")
    cron = models.CharField("starts", max_length=100, blank=True, help_text="Empty for a one-off window.")
    duration_minutes = models.PositiveIntegerField("duration", null=True, blank=True)
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    is_over = models.BooleanField(
        default=False, editable=False, help_text="Whether the end of a one-off window has been handled."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MaintenanceWindowQuerySet.as_manager()

    class Meta:
        ordering = ["is_over", "starts_at", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lte=F("ends_at")), name="windows_end_after_start"),
            models.CheckConstraint(
                condition=Q(cron="", duration_minutes=None)
                | (~Q(cron="") & Q(duration_minutes__isnull=False, duration_minutes__range=(1, MAX_MINUTES))),
                name="recurring_windows_have_a_duration",
            ),
            models.CheckConstraint(
                condition=Q(cron="") | Q(is_over=False), name="recurring_windows_never_end"
            ),
            models.CheckConstraint(condition=Q(scope="tag") ^ Q(tag=""), name="windows_by_tag_have_a_tag"),
        ]
        indexes = [
            # The scheduler asks every second which windows are active and which have ended.
            models.Index(fields=["ends_at"], condition=Q(is_over=False), name="windows_to_end"),
            models.Index(fields=["workspace", "ends_at"], name="windows_of_workspace"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:maintenance-window", args=[self.workspace.slug, self.pk])

    def edit_values(self) -> dict[str, object]:
        """Without the times of a recurring window, which Postwatch itself moves on."""
        values = super().edit_values() | {"monitors": sorted(str(one.pk) for one in self.monitors.all())}
        moving = ("start", "end") if self.is_recurring else ()
        return {name: value for name, value in values.items() if name not in moving}

    def clean(self) -> None:
        self.clean_scope()
        try:
            cron.time_zone(self.timezone)
        except ValueError as problem:
            raise ValidationError({"timezone": str(problem)})
        if self.is_recurring:
            self.clean_recurrence()
        else:
            self.clean_times()

    def clean_scope(self) -> None:
        if self.scope != Scope.TAG:
            self.tag = ""
            return
        try:
            self.tag = clean_tag(self.tag)
        except ValueError as problem:
            raise ValidationError({"tag": str(problem) if self.tag else "Choose a tag."})

    def clean_recurrence(self) -> None:
        if not self.duration_minutes or self.duration_minutes > MAX_MINUTES:
            raise ValidationError({"duration_minutes": f"Enter a number of minutes from 1 to {MAX_MINUTES}."})
        try:
            starts = cron.next_times(self.cron, self.timezone, timezone.now(), STARTS_COMPARED)
        except ValueError as problem:
            raise ValidationError({"cron": str(problem)})
        gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
        if self.duration >= min(gaps):
            raise ValidationError(
                {"duration_minutes": "The window would start again before it ends. Make it shorter."}
            )

    def clean_times(self) -> None:
        self.duration_minutes = None
        if self.starts_at is None or self.ends_at is None:
            missing = "starts_at" if self.starts_at is None else "ends_at"
            raise ValidationError({missing: "Enter a date and time."})
        for name, time in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if not MIN_YEAR <= time.year <= MAX_YEAR:
                raise ValidationError({name: f"Enter a year from {MIN_YEAR} to {MAX_YEAR}."})
        if self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "The end must be after the start."})
        if self.ends_at <= timezone.now():
            raise ValidationError({"ends_at": "This end is in the past. Enter one in the future."})

    @property
    def is_recurring(self) -> bool:
        return bool(self.cron)

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes or 0)

    @property
    def is_active(self) -> bool:
        return not self.is_over and self.starts_at <= timezone.now() < self.ends_at

    def plan(self, now: datetime) -> None:
        """Sets the current or next occurrence of a recurring window, without saving. Call after a change."""
        if self.is_recurring:
            self.starts_at = cron.next_times(self.cron, self.timezone, now - self.duration)[0]
            self.ends_at = self.starts_at + self.duration
        self.is_over = False

    def move_on(self, now: datetime) -> None:
        """Ends the current occurrence: a recurring window moves to the next one, any other is over."""
        if self.is_recurring:
            after = max(self.starts_at, now - self.duration)
            self.starts_at = cron.next_times(self.cron, self.timezone, after)[0]
            self.ends_at = self.starts_at + self.duration
        self.is_over = not self.is_recurring
        self.save(update_fields=["starts_at", "ends_at", "is_over", "updated_at"])

    def covers(self, monitor: "Monitor", chosen: Container[uuid.UUID]) -> bool:
        """Whether the window is for this monitor of its workspace. It needs no query.

        `chosen` holds the ids of the monitors that were chosen for the window one by one.
        """
        if self.scope == Scope.TAG:
            return self.tag in monitor.tags
        return self.scope == Scope.WORKSPACE or monitor.pk in chosen
