"""Incidents: what is open at a provider, as far as Postwatch knows."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from integrations.base import EventBody, IncidentProvider
from integrations.models.deliveries import UNFINISHED, Action, Delivery, DeliveryStatus
from integrations.models.installation import Installation
from integrations.models.locks import lock_against_delete
from integrations.registry import get_provider
from monitors.clock import CLOCK_TOLERANCE
from monitors.models import Monitor, Outage, Run
from workspaces.fields import EncryptedJSONField, SecretUnreadable
from workspaces.models import Workspace
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from integrations.models.integrations import Integration


class ClosedBecause(models.TextChoices):
    """Why an incident was closed."""

    RECOVERED = "recovered", "The monitor recovered"
    BY_HAND = "by_hand", "Resolved by hand"
    PAUSED = "paused", "The integration was paused"
    CHANGED = "changed", "The integration was changed"
    DELETED = "deleted", "The integration or the monitor was deleted"
    MONITOR_PAUSED = "monitor_paused", "The monitor was paused"
    NOT_LATE = "not_late", "The monitor is not late any more"
    OUTDATED = "outdated", "Postwatch was down before anybody could be notified"
    HELD = "held", "Deliveries were held for too long"
    NOT_ACCEPTED = "not_accepted", "The provider did not accept it"
    TESTED = "tested", "The test is over"


class IncidentKind(models.TextChoices):
    """What is wrong with the monitor of an incident."""

    FAILING = "failing", "The monitor fails"
    LATE = "late", "The monitor does not run"


class IncidentQuerySet(WorkspaceOwnedQuerySet["Incident"]):
    """Queries of incidents."""

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def late(self) -> Self:
        """The open ones of monitors that do not run."""
        return self.open().filter(kind=IncidentKind.LATE)

    def without_tests(self) -> Self:
        """Without the ones that people opened to try an integration."""
        return self.filter(is_test=False)


class Incident(WorkspaceOwned):
    """One outage of one monitor, or that it does not run, as one integration was notified of it.

    It outlives its monitor and its integration. Provider and configuration are copied, so that it can be
    closed with the key that opened it, whatever was changed or deleted since.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")  # type: ignore[assignment]
    integration = models.ForeignKey(
        "Integration", null=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    monitor = models.ForeignKey(Monitor, null=True, on_delete=models.SET_NULL, related_name="+")
    outage = models.ForeignKey(Outage, null=True, on_delete=models.SET_NULL, related_name="incidents")
    integration_name = models.CharField(max_length=255)
    monitor_name = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=10, choices=IncidentKind, default=IncidentKind.FAILING)
    is_test = models.BooleanField(default=False)

    provider = models.SlugField(max_length=30)
    config = EncryptedJSONField(editable=False)
    dedup_key = models.CharField(max_length=255)

    summary = models.CharField(max_length=500, blank=True, help_text="What failed, in one sentence.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=20, choices=ClosedBecause, blank=True, default="")
    first_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    last_run = models.ForeignKey(
        Run,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The latest run that was counted.",
    )
    failed_runs = models.PositiveIntegerField(default=0)
    last_notified_at = models.DateTimeField(
        editable=False, help_text="When the provider was last notified of it."
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "monitor", "kind"],
                condition=Q(closed_at=None, is_test=False),
                name="one_open_incident_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="")
                | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
                name="closed_incidents_have_a_reason",
            ),
            models.CheckConstraint(condition=~Q(dedup_key=""), name="incidents_have_a_dedup_key"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-opened_at"], name="incidents_of_workspace"),
            models.Index(fields=["monitor", "-opened_at"], name="incidents_of_monitor"),
            models.Index(fields=["opened_at", "id"], name="incidents_by_time"),
            models.Index(fields=["opened_at"], condition=Q(closed_at=None), name="incidents_open"),
        ]

    def __str__(self) -> str:
        return self.summary or f"Incident of {self.monitor_name or self.integration_name}"

    def get_absolute_url(self) -> str:
        assert self.workspace, "An incident that outlives its workspace has no page."
        return reverse("incidents:incident", args=[self.workspace.slug, self.pk])

    def get_provider(self) -> IncidentProvider:
        provider = get_provider(self.provider)
        assert isinstance(provider, IncidentProvider)
        return provider

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def duration(self) -> timedelta:
        """From the opening to the close, or until now."""
        return (self.closed_at or timezone.now()) - self.opened_at

    @property
    def channel(self) -> str:
        """What the provider counts its rate limit by.

        The last delivery has it, too. So a resolve can be stored while the encryption key of the
        configuration is missing, and is sent when the key is back. Raises SecretUnreadable when there is no
        delivery either.
        """
        try:
            return self.get_provider().channel(self.config)
        except SecretUnreadable:
            last = self.deliveries.order_by("-id").first()
            if last is None:
                raise
            return last.channel

    @property
    def possibly_delivered(self) -> bool:
        """Whether the provider may know of the incident."""
        return self.deliveries.possibly_delivered_triggers().exists()

    @classmethod
    def open_for(
        cls,
        integration: "Integration",
        monitor: Monitor | None,
        run: Run | None = None,
        *,
        kind: IncidentKind = IncidentKind.FAILING,
        summary: str = "",
        is_test: bool = False,
    ) -> "Incident":
        """Stores an open incident. The caller enqueues the event for the provider."""
        now = timezone.now()
        incident = cls(
            workspace_id=integration.workspace_id,
            integration=integration,
            monitor=monitor,
            outage=Outage.objects.open().filter(monitor=monitor).first() if run else None,
            integration_name=integration.name,
            monitor_name=monitor.name if monitor else "",
            kind=kind,
            is_test=is_test,
            provider=integration.provider,
            config=integration.config,
            opened_at=now,
            last_notified_at=now,
            first_run=run,
            last_run=run,
            failed_runs=1 if run else 0,
            summary=run.summary if run else summary,
        )
        incident.dedup_key = incident._dedup_key()
        incident.save(force_insert=True)
        return incident

    def _dedup_key(self) -> str:
        """Made of ids that never change, so that all events of this outage and the next have the same key."""
        installation = Installation.this().uuid
        if self.is_test:
            return f"postwatch/{installation}/test/{self.pk}"
        if self.integration_id is None or self.monitor_id is None:
            raise ValueError(
                "An outage needs an integration and a monitor: others would share its dedup key."
            )
        key = f"postwatch/{installation}/integration/{self.integration_id}/monitor/{self.monitor_id}"
        return f"{key}/late" if self.kind == IncidentKind.LATE else key

    def add_failed_run(self, run: Run) -> None:
        """Counts a run. Call with the monitor's row locked."""
        self.failed_runs += 1
        self.last_run = run
        self.summary = run.summary
        self.save(update_fields=["failed_runs", "last_run", "summary"])

    def enqueue(
        self, action: Action, body: EventBody, *, run: Run | None = None, after: timedelta = timedelta()
    ) -> Delivery:
        """Stores an event of the incident and has it sent after commit, or `after` that time.

        Its stream is of the dedup key and the channel: events of an integration's old key do not hold up
        those of its new one.
        """
        channel = self.channel
        return Delivery.enqueue(
            after=after,
            workspace_id=self.workspace_id,
            integration_id=self.integration_id,
            incident=self,
            provider=self.provider,
            monitor_id=self.monitor_id,
            run=run,
            stream=f"{self.dedup_key}/{channel}",
            channel=channel,
            action=action,
            body=body,
            is_test=self.is_test,
        )

    def notify(self, run: Run) -> Delivery:
        """Notifies the provider of a failed run: the trigger opens the incident there, or adds to it."""
        return self.enqueue(Action.TRIGGER, self.get_provider().trigger_event(self, run), run=run)

    def needs_notification(self, remind_every_hours: int | None) -> bool:
        """Whether a trigger is to be sent: none is accepted or under way, or it is time for a reminder."""
        statuses = set(self.deliveries.filter(action=Action.TRIGGER).values_list("status", flat=True))
        if not statuses.isdisjoint(UNFINISHED):
            return False
        if DeliveryStatus.ACCEPTED not in statuses:
            return True
        hours = remind_every_hours
        if hours is None:
            return False
        waited = timezone.now() - self.last_notified_at
        # A clock that was set back must not hold back the reminder.
        return waited >= timedelta(hours=hours) or waited < -CLOCK_TOLERANCE

    def remind(self, run: Run) -> None:
        """Notifies the provider once more. The same dedup key keeps it from opening a second incident."""
        self.last_notified_at = timezone.now()
        self.save(update_fields=["last_notified_at"])
        self.notify(run)

    def withdraw_reminder(self) -> None:
        """Cancels the reminder that was not sent yet. The next failed run sends another one."""
        self.deliveries.waiting().filter(action=Action.TRIGGER).cancel(timezone.now())
        self.last_notified_at = self.opened_at
        self.save(update_fields=["last_notified_at"])

    @transaction.atomic
    def close(
        self,
        because: ClosedBecause,
        run: Run | None = None,
        *,
        resolve: bool = True,
        after: timedelta = timedelta(),
    ) -> bool:
        """Closes the incident. False when it was closed already.

        1. Lock the integration, which comes before the incident in the order of locks.
        2. Close the row by a conditional update, so that only one of several callers continues.
        3. Cancel what was not sent yet.
        4. Unless `resolve` is False, enqueue the resolve, to be sent `after` that time, if the provider may
           know of the incident.
        """
        lock_against_delete(self.integration_id)
        now = timezone.now()
        closed = Incident.objects.filter(pk=self.pk, closed_at=None).update(
            closed_at=now, closed_because=because, last_run=run or self.last_run
        )
        if not closed:
            return False
        self.refresh_from_db(fields=["closed_at", "closed_because", "integration", "monitor", "workspace"])
        self.deliveries.waiting().cancel(now)
        if resolve and self.possibly_delivered:
            self.enqueue(Action.RESOLVE, self.get_provider().resolve_event(self), run=run, after=after)
        return True
