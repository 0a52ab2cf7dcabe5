"""Integrations: where a workspace is notified of failing monitors, and when."""

import uuid
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from integrations.base import Change, EventBody, IncidentProvider, JsonObject, Provider, RunProvider
from integrations.models.deliveries import Action, Delivery
from integrations.models.incidents import ClosedBecause, Incident, IncidentKind
from integrations.models.integration_querysets import REJECTIONS_UNTIL_BROKEN, IntegrationQuerySet
from integrations.models.locks import lock_monitors
from integrations.registry import PROVIDERS, get_provider
from monitors.models import Monitor, Outage, Result, Run
from workspaces.deletion import DeletedInBackground, WithoutDeleted
from workspaces.fields import EncryptedJSONField, is_readable
from workspaces.models import User
from workspaces.tenancy import WorkspaceOwned
from workspaces.versions import Versioned

MAX_LATE_MINUTES = 7 * 24 * 60

MAX_STREAK = 50
"""How many runs in a row a policy may ask for."""

COUNTED_RESULTS = [Result.FAILURE, Result.ERROR, Result.ABORT]
"""The results that may count as failed. A system error is not the target's fault and never does."""


def every_failed_result() -> list[str]:
    """The default of `Integration.failed_results`."""
    return [str(result.value) for result in COUNTED_RESULTS]


def _count_field(
    name: str, help_text: str, maximum: int = MAX_STREAK
) -> "models.PositiveSmallIntegerField[int, int]":
    limits = [MinValueValidator(1), MaxValueValidator(maximum)]
    return models.PositiveSmallIntegerField(name, default=1, validators=limits, help_text=help_text)


POLICY_FIELDS = (
    "open_after",
    "close_after",
    "failing_regions",
    "failed_results",
    "close_automatically",
    "remind_every_hours",
    "late_after_minutes",
)
"""When an integration opens and closes incidents. They have no meaning for providers without incidents."""

ExistingIntegrations = WithoutDeleted.from_queryset(IntegrationQuerySet)


class Integration(DeletedInBackground, WorkspaceOwned, Versioned):
    """A destination that a workspace has set up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.SlugField(max_length=30)
    name = models.CharField(max_length=255)
    monitor = models.ForeignKey(
        Monitor,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty for all monitors of the workspace, future ones included.",
    )
    config = EncryptedJSONField(default=dict)

    open_after = _count_field("page after", "Failed runs in a row until somebody is paged.")
    close_after = _count_field("close after", "Good runs in a row until the incident is closed.")
    failing_regions = _count_field("failing regions", "In how many regions a monitor must fail.", maximum=20)
    failed_results = models.JSONField("count as failed", default=every_failed_result)
    close_automatically = models.BooleanField(
        "close when the monitor recovers", default=True, help_text="Off, people close the incident."
    )
    remind_every_hours = models.PositiveSmallIntegerField(
        "remind every",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text="Hours between reminders while an outage lasts. Empty for none.",
    )

    late_after_minutes = models.PositiveSmallIntegerField(
        "also page when the monitor has not run for",
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(MAX_LATE_MINUTES)],
        help_text="Minutes without a run of a monitor that should have run by then. Empty for never. It is "
        "an incident of its own with the severity warning: the API may be fine.",
    )

    send_changes = models.BooleanField(
        "send changes", default=False, help_text="Also sends what people change. It notifies nobody."
    )

    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    rejections = models.PositiveIntegerField(default=0, editable=False, help_text="In a row.")
    problem = models.TextField(
        blank=True, editable=False, help_text="How the provider rejected the last event."
    )
    owners_notified_at = models.DateTimeField(null=True, editable=False)
    next_summary_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ExistingIntegrations()
    all_objects = IntegrationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "created_at"]
        indexes = [
            # Every finished run asks who watches its monitor.
            models.Index(fields=["monitor"], name="integrations_of_monitor"),
            models.Index(fields=["workspace", "name"], name="integrations_of_workspace"),
            models.Index(
                fields=["workspace"],
                condition=Q(late_after_minutes__isnull=False),
                name="integrations_paging_when_late",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("integrations:integration", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None:
            self.next_summary_at = self.get_provider().next_summary(self.config, timezone.now())
        super().save(*args, **kwargs)

    def edit_values(self) -> JsonObject:
        """The fields by name, those of the configuration among them."""
        values = super().edit_values()
        config = values.pop("config")
        named = config if isinstance(config, dict) else {"configuration": config}
        values |= {name.replace("_", " "): value for name, value in named.items()}
        return values | {"workspace": str(self.workspace_id)}

    def locked(self) -> Self:
        """The row, locked after the monitors that it watches (see `integrations.models.locks`)."""
        lock_monitors(self.watched_monitors)
        return super().locked()

    def clean(self) -> None:
        if self.provider not in PROVIDERS:
            raise ValidationError({"provider": f"Choose one of: {', '.join(PROVIDERS)}."})
        if self.monitor and self.monitor.workspace_id != self.workspace_id:
            raise ValidationError({"monitor": "Choose a monitor of this workspace."})
        if not set(self.failed_results) or not set(self.failed_results) <= set(every_failed_result()):
            raise ValidationError({"failed_results": f"Choose from: {', '.join(every_failed_result())}."})

    def get_provider(self) -> Provider:
        return get_provider(self.provider)

    @property
    def channel(self) -> str:
        """What the provider counts its rate limit by. Another channel means another key."""
        return self.get_provider().channel(self.config)

    @property
    def config_summary(self) -> dict[str, str]:
        """The configuration in words, secrets masked. Empty when it cannot be read."""
        return self.get_provider().describe(self.config) if self.is_readable else {}

    @property
    def is_readable(self) -> bool:
        """Whether there is a key that decrypts the configuration."""
        return is_readable(self, "config")

    @property
    def readable_config(self) -> JsonObject:
        """The configuration. Empty when it cannot be read, so that people fill it in again."""
        config: JsonObject = self.config if self.is_readable else {}
        return config

    @property
    def watched_monitors(self) -> models.QuerySet[Monitor]:
        """The monitors whose runs it counts."""
        if self.monitor_id:
            return Monitor.objects.filter(pk=self.monitor_id)
        return Monitor.objects.for_workspace(self.workspace)

    @property
    def watches(self) -> str:
        """The watched monitors, in words."""
        return str(self.monitor) if self.monitor else "All monitors"

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_broken(self) -> bool:
        """Whether it sends nothing until somebody fixes its configuration."""
        return self.rejections >= REJECTIONS_UNTIL_BROKEN or not self.is_readable

    @property
    def may_page(self) -> bool:
        """Whether new events are sent."""
        return not (self.is_paused or self.is_broken)

    @property
    def open_incidents(self) -> models.QuerySet[Incident]:
        """The open incidents of outages, in the order in which they are locked."""
        return self.incidents.open().filter(is_test=False).order_by("pk")

    @transaction.atomic
    def pause(self, *, close_incidents: bool) -> None:
        """Pages nobody from now on. Open incidents are closed now, or else when their monitors recover."""
        if self.is_paused:
            return
        self.paused_at = timezone.now()
        self.save(update_fields=["paused_at", "updated_at"])
        for incident in self.open_incidents:
            if close_incidents or not incident.possibly_delivered:
                incident.close(ClosedBecause.PAUSED)

    def resume(self) -> None:
        """Pages again, from the next failed run on."""
        self.paused_at = None
        self.save(update_fields=["paused_at", "updated_at"])

    @transaction.atomic
    def change(self) -> None:
        """Saves what was edited. Closes the incidents first that nothing would close afterwards."""
        before = Integration.objects.select_for_update(no_key=True).get(pk=self.pk)
        is_elsewhere = before._destination != self._destination
        for incident in self.open_incidents:
            is_unwanted = incident.kind == IncidentKind.LATE and self.late_after_minutes is None
            is_of_other = bool(self.monitor_id) and incident.monitor_id != self.monitor_id
            if is_elsewhere or is_of_other or is_unwanted:
                incident.close(ClosedBecause.CHANGED)
        if is_elsewhere:
            Integration.objects.filter(pk=self.pk).update(rejections=0, problem="", owners_notified_at=None)
        self.next_summary_at = self.get_provider().next_summary(self.config, timezone.now())
        # Only these fields: what happened in the meantime, such as a pause, is not undone.
        edited = [
            field.name for field in self._meta.concrete_fields if field.editable and not field.primary_key
        ]
        self.save(update_fields=[*edited, "next_summary_at", "updated_at"])
        self.refresh_from_db(fields=["rejections", "problem", "paused_at"])

    @property
    def _destination(self) -> JsonObject:
        """The configuration without the fields that only say how an incident looks at the provider."""
        appearance = self.get_provider().config_form.advanced_fields
        return {name: value for name, value in self.readable_config.items() if name not in appearance}

    def enqueue(
        self,
        action: Action,
        body: EventBody,
        *,
        run: Run | None = None,
        monitor: Monitor | None = None,
        outage: Outage | None = None,
        is_test: bool = False,
    ) -> Delivery:
        """Stores an event without an incident and has it sent after commit."""
        return Delivery.enqueue(
            workspace_id=self.workspace_id,
            integration=self,
            provider=self.provider,
            stream=f"alone/{uuid.uuid4()}",
            channel=self.channel,
            action=action,
            body=body,
            run=run,
            monitor=monitor,
            outage=outage,
            is_test=is_test,
        )

    @transaction.atomic
    def send_test(self) -> Delivery:
        """Sends a test event like any other event. An incident that it opens is closed soon after."""
        provider = self.get_provider()
        if isinstance(provider, IncidentProvider):
            incident = Incident.open_for(self, self.monitor, is_test=True)
            return incident.enqueue(Action.TRIGGER, provider.test_event(incident))
        assert isinstance(provider, RunProvider)
        return self.enqueue(Action.RESULT, provider.test_event(self), is_test=True)

    def send_change(self, change: Change, monitor: Monitor | None) -> None:
        """Sends the provider what people changed, if that is wanted."""
        provider = self.get_provider()
        if self.send_changes and provider.accepts_changes and self.may_page:
            self.enqueue(Action.CHANGE, provider.change_event(change), monitor=monitor)

    def record_acceptance(self) -> None:
        """Ends a series of rejections."""
        rejected = Integration.objects.filter(pk=self.pk).exclude(problem="", rejections=0)
        rejected.update(rejections=0, problem="", owners_notified_at=None)

    def record_rejection(self, problem: str, *, is_test: bool = False) -> None:
        """Counts a rejection, except of a test: its sender sees it, and no owner is mailed."""
        counted = 0 if is_test else 1
        Integration.objects.filter(pk=self.pk).update(rejections=F("rejections") + counted, problem=problem)
