"""Runs of monitors."""

import operator
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from monitors.models.collections import CollectionVersion
from monitors.models.leased_jobs import LeasedJob, LeasedJobQuerySet, Message
from monitors.request_results import RequestResult, RunDocument
from workspaces.models import Role, User, Workspace

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor

A_DAY = timedelta(hours=24)
RESEND_PAUSES = [timedelta(seconds=30) * 2**times for times in range(7)]
"""How long a run waits until its message is sent once more: from 30 seconds to half an hour."""
PART_OF_PAUSE = 8
"""By which the pause is divided for a run that others overtook."""


def queue_of(region: str) -> str:
    """The queue from which the workers of a region take their work."""
    return f"runs.{region}"


class Result(models.TextChoices):
    """How a run ended. The first four are Postman's; a system error is the fault of Postwatch.

    The last two say nothing about the target, so they notify nobody.
    """

    SUCCESSFUL = "successful", "Successful"
    FAILURE = "failure", "Failure"
    ERROR = "error", "Error"
    ABORT = "abort", "Abort"
    SYSTEM_ERROR = "system_error", "System error"
    CANCELED = "canceled", "Canceled"


FAILED_RESULTS = (Result.ABORT, Result.ERROR, Result.FAILURE)
"""The results that the target caused, the worst first."""

NO_VERDICTS = [Result.SYSTEM_ERROR, Result.CANCELED]
"""Results that say nothing about the target."""


class RunType(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    MANUAL = "manual", "Manual"
    WEBHOOK = "webhook", "Webhook"


class RunStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class RunBar(NamedTuple):
    """What a run strip shows of a run. A list has hundreds of them, which are read without their runs."""

    pk: int
    monitor_id: uuid.UUID
    result: str
    response_time_ms: int
    finished_at: datetime
    passed_tests: int
    failed_tests: int

    @property
    def test_count(self) -> int:
        return self.passed_tests + self.failed_tests


class RunQuerySet(LeasedJobQuerySet["Run"]):
    def for_workspace(self, workspace: Workspace) -> Self:
        """The runs of a workspace, except those of deleted monitors, which are removed in the background."""
        return super().for_workspace(workspace).filter(monitor__deleted_at=None)

    def for_user(self, user: User, role: Role = Role.VIEWER) -> Self:
        return super().for_user(user, role).filter(monitor__deleted_at=None)

    def finished(self) -> Self:
        return self.filter(status=RunStatus.FINISHED)

    def of_span(self, monitor: "Monitor | None", first_id: int | None, last_id: int | None) -> Self:
        """The finished runs of a monitor from one run to another, or to the newest one; the latest first."""
        if first_id is None:
            return self.none()
        runs = self.finished().filter(monitor=monitor, pk__gte=first_id)
        if last_id is not None:
            runs = runs.filter(pk__lte=last_id)
        return runs.select_related("workspace").order_by("-pk")

    def failed(self) -> Self:
        """Runs with a result that the target caused: a failure, an error or an abort."""
        return self.filter(result__in=FAILED_RESULTS)

    def system_errors_of_last_day(self, now: datetime | None = None) -> Self:
        """System errors of the last 24 hours, which teams and operators are shown."""
        since = (now or timezone.now()) - A_DAY
        return self.filter(result=Result.SYSTEM_ERROR, finished_at__gte=since)

    def bars_of(self, monitors: "Iterable[Monitor]", count: int) -> dict[uuid.UUID, list["RunBar"]]:
        """The finished ones of the last `count` runs of each monitor, oldest first, by one query."""
        bars: dict[uuid.UUID, list[RunBar]] = {monitor.pk: [] for monitor in monitors}
        recent = models.F("monitor__last_run_number") - count
        runs = self.finished().filter(monitor__in=list(bars), number__gt=recent)
        for row in runs.order_by("monitor", "number").values_list(*RunBar._fields):
            bar = RunBar(*row)
            bars[bar.monitor_id].append(bar)
        return bars

    def with_lost_message(self, now: datetime) -> Self:
        """Those whose message may be lost: it was sent a pause ago. Each pause is twice as long as the one
        before, since a run that only waits for a worker is no reason to fill the broker."""
        # A clock that was set back must not hold back the message.
        ahead = Q(message_sent_at__gt=now + RESEND_PAUSES[0])
        return self.waiting().filter(_pause_is_over(now) | ahead)

    def overtaken(self, region: str, now: datetime) -> Self:
        """Those of a region in which a run that was queued later has begun: their message may be lost.

        They wait for a part of the pause, and not for all of it: a run whose workspace has all its slots in
        use is overtaken again and again.
        """
        begun = self.leased().filter(region=region).aggregate(latest=models.Max("queued_at"))["latest"]
        monitors = apps.get_model("monitors", "Monitor").objects.filter(last_run__region=region)
        ended = monitors.aggregate(latest=models.Max("last_run__queued_at"))["latest"]
        latest = max((time for time in (begun, ended) if time), default=None)
        if latest is None:
            return self.none()
        earlier = self.waiting().filter(
            region=region, message_sent_at__lt=min(latest, now - RESEND_PAUSES[0])
        )
        return earlier.filter(_pause_is_over(now, PART_OF_PAUSE))


def _pause_is_over(now: datetime, part: int = 1) -> Q:
    """Whether the last message was sent a pause ago, or such a part of a pause."""
    over = [
        Q(messages_sent=count, message_sent_at__lt=now - pause / part)
        for count, pause in enumerate(RESEND_PAUSES, start=1)
    ]
    more = Q(messages_sent__gt=len(RESEND_PAUSES), message_sent_at__lt=now - RESEND_PAUSES[-1] / part)
    return reduce(operator.or_, over, more)


def take_number(monitor: "Monitor") -> int:
    """The number of a run that is stored next. Call within its transaction: this locks the monitor."""
    rows = type(monitor).all_objects.filter(pk=monitor.pk)
    rows.update(last_run_number=models.F("last_run_number") + 1)
    return rows.values_list("last_run_number", flat=True).get()


class Run(LeasedJob):
    """One execution of a monitor in one region."""

    WAITING = RunStatus.QUEUED
    LEASED = RunStatus.RUNNING
    TASK = "monitors.tasks.execute_run"

    id = models.BigAutoField(primary_key=True)
    # Neither has an index of its own: `runs_of_workspace` and `runs_of_monitor` begin with them.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="runs", db_index=False)
    number = models.PositiveIntegerField(editable=False, help_text="Counted for each monitor, from 1.")
    collection_version = models.ForeignKey(
        CollectionVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    region = models.CharField(max_length=50)
    type = models.CharField(max_length=10, choices=RunType, default=RunType.SCHEDULED)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.QUEUED)
    result = models.CharField(max_length=15, choices=Result, blank=True, default="")
    summary = models.CharField(max_length=500, blank=True, help_text="What failed first, in one sentence.")

    scheduled_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    messages_sent = models.PositiveSmallIntegerField(default=1, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    request_count = models.PositiveIntegerField(default=0)
    passed_tests = models.PositiveIntegerField(default=0)
    failed_tests = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    response_time_ms = models.PositiveIntegerField(
        "response time",
        default=0,
        help_text="The mean of the requests that got a response, in milliseconds.",
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Makes a second scheduler harmless.
            models.UniqueConstraint(
                fields=["monitor", "region", "scheduled_at"],
                condition=Q(type="scheduled"),
                name="one_scheduled_run_per_slot",
            ),
            models.UniqueConstraint(fields=["monitor", "number"], name="one_run_per_number"),
            models.CheckConstraint(
                condition=Q(status="finished") ^ Q(result=""), name="finished_runs_have_a_result"
            ),
        ]
        indexes = [
            models.Index(fields=["monitor", "-id"], name="runs_of_monitor"),
            # A monitor's page asks for its last failed run, which may be far back.
            models.Index(
                fields=["monitor", "-id"],
                condition=Q(result__in=["failure", "error", "abort"]),
                name="failed_runs_of_monitor",
            ),
            models.Index(fields=["workspace", "-id"], name="runs_of_workspace"),
            # The API lists failed runs, which may be few among millions.
            models.Index(
                fields=["workspace", "-id"],
                condition=Q(result__in=["failure", "error", "abort"]),
                name="failed_runs_of_workspace",
            ),
            # Counted on each view of Home; there should be next to none.
            models.Index(
                fields=["finished_at"], condition=Q(result="system_error"), name="runs_with_system_error"
            ),
            models.Index(fields=["leased_until"], condition=Q(status="running"), name="runs_running"),
            models.Index(fields=["message_sent_at"], condition=Q(status="queued"), name="runs_queued"),
        ]

    def __str__(self) -> str:
        return f"{self.monitor} #{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("monitors:run", args=[self.workspace.slug, self.pk])

    @classmethod
    def lease_duration(cls) -> timedelta:
        return timedelta(seconds=settings.RUN_LEASE_SECONDS)

    def message(self) -> Message:
        return {"args": (self.pk,), "queue": queue_of(self.region)}

    @property
    def test_count(self) -> int:
        """The number of tests, without those that were skipped."""
        return self.passed_tests + self.failed_tests

    @cached_property
    def detail(self) -> RunDocument:
        """Its requests with their tests, and its console. Select `stored_detail` with the runs of a list."""
        stored = getattr(self, "stored_detail", None)
        return stored.content if stored else RunDocument()

    @property
    def counted_results(self) -> list[RequestResult]:
        """Its requests in order. Of a request that was repeated, only the last attempt is among them."""
        return self.detail.counted

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds() * 1000)

    @classmethod
    @transaction.atomic
    def queue(cls, monitor: "Monitor", region: str, run_type: RunType, now: datetime | None = None) -> "Run":
        """Stores a run, which a worker executes after commit."""
        now = now or timezone.now()
        run = cls.objects.create(
            workspace_id=monitor.workspace_id,
            monitor=monitor,
            number=take_number(monitor),
            region=region,
            type=run_type,
            scheduled_at=now,
            queued_at=now,
            message_sent_at=now,
        )
        run.send_after_commit()
        return run

    def cancel(self, by: object) -> bool:
        """Ends a run that waits or is executed. Its worker notices soon. False when it is over already."""
        now = timezone.now()
        fields: dict[str, object] = {
            "status": RunStatus.FINISHED,
            "result": Result.CANCELED,
            "summary": f"Canceled by {by}."[:500],
            "finished_at": now,
            "lease": None,
            "leased_until": None,
        }
        canceled = Run.objects.unfinished().filter(pk=self.pk).update(**fields)
        if canceled:
            self.set_fields(fields)
        return canceled == 1

    def claim(self, now: datetime) -> bool:
        """Gives this worker the lease of the run. False when another worker has it or the run is done."""
        return Run.objects.waiting().claim(self, now, started_at=now)
