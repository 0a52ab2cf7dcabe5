"""The outbox: every event that a provider is owed, in the order it is owed."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from integrations.base import EventBody, Provider
from integrations.registry import get_provider
from monitors.models import Monitor, Run
from monitors.models.monitors import CLOCK_TOLERANCE
from workspaces.models import Workspace
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from integrations.models.incidents import Incident
    from integrations.models.integrations import Integration


class Action(models.TextChoices):
    TRIGGER = "trigger", "Trigger"
    RESOLVE = "resolve", "Resolve"
    CHANGE = "change", "Change"
    RESULT = "result", "Result"
    SUMMARY = "summary", "Summary"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Sending"
    ACCEPTED = "accepted", "Accepted"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"
    GIVEN_UP = "given_up", "Given up"


HELD = "Held: it is sent when the operator of Postwatch switches HOLD_DELIVERIES off."

UNFINISHED = [DeliveryStatus.PENDING, DeliveryStatus.SENDING]
FAILED = [DeliveryStatus.REJECTED, DeliveryStatus.GIVEN_UP]


class DeliveryQuerySet(WorkspaceOwnedQuerySet["Delivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(status=DeliveryStatus.PENDING)

    def unfinished(self) -> "DeliveryQuerySet":
        return self.filter(status__in=UNFINISHED)

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """To be sent by now; also what a worker began to send and never finished."""
        waiting = Q(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
        return self.filter(waiting | Q(status=DeliveryStatus.SENDING, leased_until__lt=now))

    def first_of_stream(self) -> "DeliveryQuerySet":
        """Without those that must wait for an earlier one of their stream."""
        earlier = Delivery.objects.unfinished().filter(stream=OuterRef("stream"), id__lt=OuterRef("id"))
        return self.filter(~Exists(earlier))

    def with_lost_message(self, now: datetime) -> "DeliveryQuerySet":
        """Those that no message in the broker speaks of, as far as we can tell."""
        lost = Q(message_sent_at__lt=now - timedelta(seconds=10)) | Q(
            message_sent_at__gt=now + CLOCK_TOLERANCE
        )
        return self.filter(lost | Q(message_sent_at__lt=F("next_attempt_at")))

    def possibly_delivered_triggers(self) -> "DeliveryQuerySet":
        """Triggers that the provider took, takes at this moment or may have taken."""
        reached = Q(status__in=[DeliveryStatus.ACCEPTED, DeliveryStatus.SENDING]) | Q(in_doubt=True)
        return self.filter(reached, action=Action.TRIGGER)

    def failed_resolves(self, before: datetime) -> "DeliveryQuerySet":
        """Resolves that ended unaccepted before that time and that nothing came after in their stream."""
        later = Delivery.objects.filter(stream=OuterRef("stream"), id__gt=OuterRef("id"))
        refused = self.filter(
            action=Action.RESOLVE,
            status__in=FAILED,
            finished_at__lt=before,
        )
        return refused.filter(~Exists(later))

    def cancel(self, now: datetime) -> int:
        return self.update(status=DeliveryStatus.CANCELLED, finished_at=now)

    def for_log(self) -> "DeliveryQuerySet":
        return self.select_related("run__workspace", "monitor", "incident").order_by("-id")


class Delivery(WorkspaceOwned):
    """One event to be sent.

    The body holds no secret: the provider adds its key while sending, from the configuration of the incident,
    or of the integration where there is no incident.
    """

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")  # type: ignore[assignment]
    integration = models.ForeignKey(
        "Integration", null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    incident = models.ForeignKey("Incident", null=True, on_delete=models.CASCADE, related_name="deliveries")
    provider = models.SlugField(max_length=30)
    monitor = models.ForeignKey(Monitor, null=True, on_delete=models.SET_NULL, related_name="+")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")

    stream = models.CharField(
        max_length=255, help_text="Deliveries of one stream go in order, one at a time."
    )
    channel = models.CharField(
        max_length=64, blank=True, help_text="What the provider's limit is counted by."
    )
    action = models.CharField(max_length=10, choices=Action)
    body = models.JSONField()
    is_test = models.BooleanField(default=False)

    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField()
    message_sent_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When its message was last sent to the workers."
    )
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    in_doubt = models.BooleanField(
        default=False, help_text="An attempt failed, but may have reached the provider."
    )

    created_at = models.DateTimeField()
    last_attempt_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_text = models.TextField(
        blank=True, help_text="The provider's last response, or what went wrong."
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(stream=""), name="streams_have_a_name"),
            models.UniqueConstraint(
                fields=["stream"], condition=Q(status="sending"), name="one_sending_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="sending", leased_until__isnull=False, lease__isnull=False)
                | (~Q(status="sending") & Q(leased_until=None, lease=None)),
                name="who_sends_holds_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending"], finished_at=None)
                | (~Q(status__in=["pending", "sending"]) & Q(finished_at__isnull=False)),
                name="finished_deliveries_have_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="pending"), name="deliveries_pending"
            ),
            models.Index(fields=["leased_until"], condition=Q(status="sending"), name="deliveries_sending"),
            # Of finished ones too: SQLite uses no index whose condition is a list of states.
            models.Index(fields=["stream", "id"], name="deliveries_of_stream"),
            models.Index(fields=["integration", "-id"], name="deliveries_of_integration"),
            models.Index(
                fields=["finished_at"],
                condition=Q(action="resolve", status__in=["rejected", "given_up"]),
                name="failed_resolves",
            ),
            models.Index(fields=["channel", "last_attempt_at"], name="deliveries_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.pk}"

    @classmethod
    def of_incident(
        cls,
        incident: "Incident",
        action: Action,
        body: EventBody,
        *,
        run: Run | None = None,
        after: timedelta = timedelta(),
    ) -> "Delivery":
        """Stores an event of the incident and has it sent after commit, or `after` that time.

        Its stream is of the dedup key and the channel: what the old key of an integration is still owed does
        not hold up what the new one is told.
        """
        channel = incident.channel
        return cls._add(
            after,
            workspace_id=incident.workspace_id,
            integration_id=incident.integration_id,
            incident=incident,
            provider=incident.provider,
            monitor_id=incident.monitor_id,
            run=run,
            stream=f"{incident.dedup_key}/{channel}",
            channel=channel,
            action=action,
            body=body,
            is_test=incident.is_test,
        )

    @classmethod
    def of_integration(
        cls, integration: "Integration", action: Action, body: EventBody, **fields: Any
    ) -> "Delivery":
        """Stores an event that stands alone and has it sent after commit."""
        return cls._add(
            timedelta(),
            workspace_id=integration.workspace_id,
            integration=integration,
            provider=integration.provider,
            stream=f"alone/{uuid.uuid4()}",
            channel=integration.channel,
            action=action,
            body=body,
            **fields,
        )

    @classmethod
    def _add(cls, after: timedelta, **fields: Any) -> "Delivery":
        now = timezone.now()
        delivery = cls.objects.create(
            next_attempt_at=now + after,
            message_sent_at=now,
            created_at=now,
            response_text=HELD if settings.HOLD_DELIVERIES else "",
            **fields,
        )
        if not after:
            delivery.send_after_commit()
        return delivery

    def send_after_commit(self) -> None:
        """The message only makes it quick: the sweep finds what the broker lost."""
        from integrations.tasks import deliver

        pages = self.get_provider().opens_incidents
        workspace_id = self.workspace_id
        transaction.on_commit(lambda: deliver.delay(self.pk, pages, workspace_id=workspace_id), robust=True)

    def get_provider(self) -> Provider:
        return get_provider(self.provider)

    @property
    def config(self) -> Any:
        """Of the incident, so that a changed key closes what the old one opened."""
        holder = self.incident or self.integration
        return holder.config if holder else None

    @property
    def kept_integration(self) -> "Integration | None":
        """None also for one that was deleted and is still to be removed in the background."""
        integration = self.integration
        return integration if integration is not None and integration.deleted_at is None else None

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED

    @property
    def is_due(self) -> bool:
        return self.next_attempt_at <= timezone.now()

    @property
    def is_obsolete(self) -> bool:
        """What nobody is to hear of any more.

        That is what a paused integration was to be told, but for tests and resolves; a trigger of an incident
        that is over; a resolve of one that the provider cannot know of; what stood alone of a deleted one.
        """
        integration = self.kept_integration
        is_silenced = integration is not None and integration.is_paused and not self.is_test
        if self.incident is None:
            return integration is None or is_silenced
        if self.action == Action.TRIGGER:
            return is_silenced or not self.incident.is_open
        return not self.incident.possibly_delivered

    @property
    def next_in_stream(self) -> "Delivery | None":
        return Delivery.objects.unfinished().filter(stream=self.stream, id__gt=self.pk).order_by("id").first()

    @property
    def _is_a_tests_own(self) -> bool:
        """Send another test instead. What a test may have opened is closed as every other incident is."""
        return self.is_test and self.action != Action.RESOLVE

    @property
    def offers_resend(self) -> bool:
        """Whether to offer it on pages, without asking the database whether it would do any good."""
        if self._is_a_tests_own or self.action == Action.TRIGGER:
            return False
        return self.status in FAILED and self.kept_integration is not None

    @property
    def can_resend(self) -> bool:
        """Whether a copy would do any good, and no harm to what came later in its stream."""
        if not self.is_finished or self._is_a_tests_own or self.is_obsolete:
            return False
        if self.action == Action.TRIGGER and self.status == DeliveryStatus.ACCEPTED:
            # Where people resolved it at the provider, it would open a second incident.
            return False
        if self.incident is None:
            return True
        newest = Delivery.objects.filter(stream=self.stream).order_by("-id").values("id")[:1]
        return Delivery.objects.filter(pk=self.pk, pk__in=newest).exists()

    @transaction.atomic
    def resend(self) -> "Delivery | None":
        """Adds a copy at the end of the stream: what was recorded of this one stays as it is.

        None where that would not be good: see `can_resend`.
        """
        from integrations.models.integrations import Integration

        # The lock under which incidents are opened: no outage may begin while an old resolve is looked at.
        if self.integration_id:
            Integration.objects.select_for_update(no_key=True).filter(pk=self.integration_id).first()
        if not self.can_resend:
            return None
        if self.incident:
            return Delivery.of_incident(self.incident, Action(self.action), self.body, run=self.run)
        assert self.integration is not None
        return Delivery.of_integration(
            self.integration, Action(self.action), self.body, run=self.run, monitor=self.monitor
        )
