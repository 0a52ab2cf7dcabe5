"""What we believe is open at a provider."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from integrations.base import IncidentProvider
from integrations.models.deliveries import UNFINISHED, Action, Delivery, DeliveryStatus
from integrations.models.installation import Installation
from integrations.registry import get_provider
from monitors.models import Monitor, Run
from monitors.models.monitors import CLOCK_TOLERANCE
from workspaces.fields import EncryptedJSONField, SecretUnreadable
from workspaces.models import Workspace
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from integrations.models.integrations import Integration


class ClosedBecause(models.TextChoices):
    RECOVERED = "recovered", "The monitor recovered"
    BY_HAND = "by_hand", "Resolved by hand"
    PAUSED = "paused", "The integration was paused"
    CHANGED = "changed", "The integration was changed"
    DELETED = "deleted", "The integration or the monitor was deleted"
    MONITOR_PAUSED = "monitor_paused", "The monitor was paused"
    OUTDATED = "outdated", "Postwatch was down before anybody could be told"
    HELD = "held", "Deliveries were held until it was old news"
    NOT_ACCEPTED = "not_accepted", "The provider did not accept it"
    TESTED = "tested", "The test is over"


class IncidentQuerySet(WorkspaceOwnedQuerySet["Incident"]):
    def open(self) -> "IncidentQuerySet":
        return self.filter(closed_at=None)

    def outages(self) -> "IncidentQuerySet":
        """Without the tests that people send."""
        return self.filter(is_test=False)


class Incident(WorkspaceOwned):
    """One outage of one monitor at one integration.

    It outlives what it speaks of: provider and configuration are copied, so that it can be closed with the
    key that it was opened with, whatever was changed or deleted since.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")  # type: ignore[assignment]
    integration = models.ForeignKey(
        "Integration", null=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    monitor = models.ForeignKey(Monitor, null=True, on_delete=models.SET_NULL, related_name="+")
    integration_name = models.CharField(max_length=255)
    monitor_name = models.CharField(max_length=255, blank=True)
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
        help_text="The latest one that it took in.",
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
                fields=["integration", "monitor"],
                condition=Q(closed_at=None, is_test=False),
                name="one_open_incident",
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
        return (self.closed_at or timezone.now()) - self.opened_at

    @property
    def channel(self) -> str:
        """What the provider counts its limit by.

        Its last delivery has it too, where no key decrypts the configuration: so a resolve can be stored, and
        is sent when the key is back.
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
        """Whether the provider may know of it."""
        return self.deliveries.possibly_delivered_triggers().exists()

    @classmethod
    def begin(
        cls,
        integration: "Integration",
        monitor: Monitor | None,
        run: Run | None = None,
        *,
        is_test: bool = False,
    ) -> "Incident":
        """Stores an open incident; what it tells the provider is the caller's."""
        now = timezone.now()
        incident = cls(
            workspace_id=integration.workspace_id,
            integration=integration,
            monitor=monitor,
            integration_name=integration.name,
            monitor_name=monitor.name if monitor else "",
            is_test=is_test,
            provider=integration.provider,
            config=integration.config,
            opened_at=now,
            last_notified_at=now,
            first_run=run,
            last_run=run,
            failed_runs=1 if run else 0,
            summary=run.summary if run else "",
        )
        incident.dedup_key = incident._dedup_key()
        incident.save(force_insert=True)
        return incident

    def _dedup_key(self) -> str:
        """Of ids that never change, so that every event of this outage and the next bears the same key."""
        installation = Installation.this().uuid
        if self.is_test:
            return f"postwatch/{installation}/test/{self.pk}"
        if self.integration_id is None or self.monitor_id is None:
            raise ValueError(
                "An outage needs an integration and a monitor: others would share its dedup key."
            )
        return f"postwatch/{installation}/integration/{self.integration_id}/monitor/{self.monitor_id}"

    def add_failed_run(self, run: Run) -> None:
        """Call with the monitor's row locked, since others count too."""
        self.failed_runs += 1
        self.last_run = run
        self.summary = run.summary
        self.save(update_fields=["failed_runs", "last_run", "summary"])

    def tell(self, run: Run) -> Delivery:
        """Sends the provider what the run found."""
        return Delivery.of_incident(
            self, Action.TRIGGER, self.get_provider().trigger_event(self, run), run=run
        )

    def needs_notification(self, remind_every_hours: int | None) -> bool:
        """Whether the provider has not taken it yet and is not asked to, or it is time for a reminder."""
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
        """The same dedup key makes it no second incident."""
        self.last_notified_at = timezone.now()
        self.save(update_fields=["last_notified_at"])
        self.tell(run)

    def withdraw_reminder(self) -> None:
        """Of what was not sent yet; the next failed run reminds instead."""
        self.deliveries.pending().filter(action=Action.TRIGGER).cancel(timezone.now())
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
        """Closes it and, unless `resolve` is False, tells the provider so, `after` that time.

        What was not sent yet is cancelled. False when it was closed already.
        """
        self._hold_integration()
        now = timezone.now()
        closed = Incident.objects.filter(pk=self.pk, closed_at=None).update(
            closed_at=now, closed_because=because, last_run=run or self.last_run
        )
        if not closed:
            return False
        self.refresh_from_db(fields=["closed_at", "closed_because", "integration", "monitor", "workspace"])
        self.deliveries.pending().cancel(now)
        if resolve and self.possibly_delivered:
            Delivery.of_incident(
                self, Action.RESOLVE, self.get_provider().resolve_event(self), run=run, after=after
            )
        return True

    def _hold_integration(self) -> None:
        """Comes before the incident in the order of locks (`integrations.incidents`)."""
        from integrations.models.integrations import Integration

        if self.integration_id:
            Integration.objects.hold(self.integration_id)
