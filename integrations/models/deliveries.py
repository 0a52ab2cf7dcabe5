"""The outbox: the events that providers are to be sent, in order."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from integrations.base import JsonObject, Provider
from integrations.registry import get_provider
from monitors.clock import CLOCK_TOLERANCE
from monitors.models import Monitor, Outage, Run
from monitors.models.leased_jobs import LeasedJob, LeasedJobQuerySet, Message
from workspaces.models import Workspace

if TYPE_CHECKING:
    from integrations.models.integrations import Integration


class Action(models.TextChoices):
    """What an event does."""

    TRIGGER = "trigger", "Trigger"
    RESOLVE = "resolve", "Resolve"
    CHANGE = "change", "Change"
    RESULT = "result", "Result"
    SUMMARY = "summary", "Summary"


class DeliveryStatus(models.TextChoices):
    """How far a delivery is. The last four are final."""

    PENDING = "pending", "Waiting"
    SENDING = "sending", "Sending"
    ACCEPTED = "accepted", "Accepted"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"
    GIVEN_UP = "given_up", "Given up"


HELD = "Held: it is sent when the operator of Postwatch switches HOLD_DELIVERIES off."

UNFINISHED = [DeliveryStatus.PENDING, DeliveryStatus.SENDING]
FAILED = [DeliveryStatus.REJECTED, DeliveryStatus.GIVEN_UP]

LEASE = timedelta(seconds=45)
"""Longer than the longest request (`integrations.http`)."""

LOST_AFTER = timedelta(seconds=10)
"""How long a message may wait in the broker until it is considered lost."""


class DeliveryQuerySet(LeasedJobQuerySet["Delivery"]):
    """Queries of the outbox."""

    def due(self, now: datetime) -> Self:
        """Deliveries to send by now. Those whose worker vanished while it sent them are among them."""
        waiting = Q(status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
        return self.filter(waiting | Q(status=DeliveryStatus.SENDING, leased_until__lt=now))

    def first_of_stream(self) -> Self:
        """Without those that must wait for an earlier one of their stream."""
        earlier = Delivery.objects.unfinished().filter(stream=OuterRef("stream"), id__lt=OuterRef("id"))
        return self.filter(~Exists(earlier))

    def with_lost_message(self, now: datetime) -> Self:
        """Those without a message in the broker, as far as the row shows."""
        lost = Q(message_sent_at__lt=now - LOST_AFTER) | Q(message_sent_at__gt=now + CLOCK_TOLERANCE)
        return self.filter(lost | Q(message_sent_at__lt=F("next_attempt_at")))

    def possibly_delivered_triggers(self) -> Self:
        """Triggers that the provider has accepted, may have accepted, or is being sent."""
        reached = Q(status__in=[DeliveryStatus.ACCEPTED, DeliveryStatus.SENDING]) | Q(in_doubt=True)
        return self.filter(reached, action=Action.TRIGGER)

    def failed_resolves(self, before: datetime) -> Self:
        """Resolves that failed before that time, and after which their stream has nothing."""
        later = Delivery.objects.filter(stream=OuterRef("stream"), id__gt=OuterRef("id"))
        failed = self.filter(action=Action.RESOLVE, status__in=FAILED, finished_at__lt=before)
        return failed.filter(~Exists(later))

    def cancel(self, now: datetime) -> int:
        """Returns the number of deliveries that are cancelled."""
        return self.update(status=DeliveryStatus.CANCELLED, finished_at=now)

    def for_log(self) -> Self:
        """The newest first, with what a log shows of each."""
        return self.select_related("run__workspace", "monitor", "incident").order_by("-id")


class Delivery(LeasedJob):
    """One event to be sent.

    The body holds no secret: the provider adds its key while sending, from the configuration of the incident,
    or of the integration where there is no incident.
    """

    WAITING = DeliveryStatus.PENDING
    LEASED = DeliveryStatus.SENDING
    TASK = "integrations.tasks.send_delivery"

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.SET_NULL, related_name="+")  # type: ignore[assignment]
    integration = models.ForeignKey(
        "Integration", null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    incident = models.ForeignKey("Incident", null=True, on_delete=models.CASCADE, related_name="deliveries")
    provider = models.SlugField(max_length=30)
    monitor = models.ForeignKey(Monitor, null=True, on_delete=models.SET_NULL, related_name="+")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    outage = models.ForeignKey(
        Outage,
        null=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
        help_text="Whose beginning or end it reports, if it has no incident.",
    )

    stream = models.CharField(
        max_length=255, help_text="Deliveries of one stream are sent in order, one at a time."
    )
    channel = models.CharField(
        max_length=64, blank=True, help_text="The provider counts its rate limit by this."
    )
    action = models.CharField(max_length=10, choices=Action)
    body = models.JSONField()
    is_test = models.BooleanField(default=False)

    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    next_attempt_at = models.DateTimeField()
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
            # Of finished ones too: SQLite does not use an index whose condition is a list of values.
            models.Index(fields=["stream", "id"], name="deliveries_of_stream"),
            models.Index(fields=["integration", "-id"], name="deliveries_of_integration"),
            models.Index(
                fields=["finished_at"],
                condition=Q(action="resolve", status__in=["rejected", "given_up"]),
                name="failed_resolves",
            ),
            models.Index(fields=["outage"], condition=Q(outage__isnull=False), name="deliveries_of_outage"),
            models.Index(fields=["channel", "last_attempt_at"], name="deliveries_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.pk}"

    @classmethod
    def lease_duration(cls) -> timedelta:
        return LEASE

    @classmethod
    def enqueue(cls, *, after: timedelta = timedelta(), **fields: object) -> "Delivery":
        """Stores a delivery and has it sent after commit, or `after` that time."""
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

    def message(self) -> Message:
        return {
            "args": (self.pk, self.get_provider().opens_incidents),
            "kwargs": {"workspace_id": self.workspace_id},
        }

    def get_provider(self) -> Provider:
        return get_provider(self.provider)

    @property
    def config(self) -> JsonObject:
        """The incident's own, so that an incident is closed with the key that opened it."""
        holder = self.incident or self.integration
        assert holder is not None, "An event without either is obsolete."
        config: JsonObject = holder.config
        return config

    @property
    def kept_integration(self) -> "Integration | None":
        """The integration, unless it is deleted and only waits to be removed in the background."""
        integration = self.integration
        return integration if integration is not None and integration.deleted_at is None else None

    @property
    def is_finished(self) -> bool:
        """Whether no attempt follows any more."""
        return self.status not in UNFINISHED

    @property
    def is_due(self) -> bool:
        return self.next_attempt_at <= timezone.now()

    @property
    def is_obsolete(self) -> bool:
        """Whether it must not be sent any more.

        True for what a paused integration would send, except tests and resolves; for a trigger of a closed
        incident; for a resolve of an incident that the provider cannot know; and for an event without an
        incident whose integration is deleted.
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
        """The delivery that may be sent when this one is finished."""
        return Delivery.objects.unfinished().filter(stream=self.stream, id__gt=self.pk).order_by("id").first()

    @property
    def _is_test_event(self) -> bool:
        """Of these, people send another one. The resolve of a test is resent like every other resolve."""
        return self.is_test and self.action != Action.RESOLVE

    @property
    def offers_resend(self) -> bool:
        """Whether pages offer to resend it. Unlike `can_resend` it needs no query."""
        if self._is_test_event or self.action == Action.TRIGGER:
            return False
        return self.status in FAILED and self.kept_integration is not None

    @property
    def can_resend(self) -> bool:
        """Whether a copy would be of use, and would not harm what came later in its stream."""
        if not self.is_finished or self._is_test_event or self.is_obsolete:
            return False
        if self.action == Action.TRIGGER and self.status == DeliveryStatus.ACCEPTED:
            # It would open a second incident if somebody resolved the first at the provider.
            return False
        if self.incident is None:
            return True
        newest = Delivery.objects.filter(stream=self.stream).order_by("-id").values("id")[:1]
        return Delivery.objects.filter(pk=self.pk, pk__in=newest).exists()
