"""Signs of life of the schedule and of the workers of each region."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from monitors.clock import CLOCK_TOLERANCE

SCHEDULE = "schedule"

ANSWER_WITHIN = timedelta(minutes=1)
"""How long workers may take to answer: their queue may hold short work before the question."""

MAX_GAP = timedelta(minutes=2)
"""A longer time without a sign of life is a downtime."""

ASK_AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (30, 60, 120, 300)]
"""The pause after the first, second … question that nobody answered. The last one repeats: the message may be
lost, and a queue without a worker must not fill."""


class Heartbeat(models.Model):
    """The last sign of life of one part: the schedule, or the workers of a queue.

    The schedule records its own. Workers are asked by a message through their queue, one at a time, so that
    an answer shows that broker, worker and database work together.
    """

    part = models.CharField(
        primary_key=True, max_length=60, help_text="“schedule”, or the name of a region's queue."
    )
    seen_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True, help_text="Since when its signs of life come without a gap.")
    asked_at = models.DateTimeField(
        null=True, help_text="When the oldest question without an answer was sent; empty when there is none."
    )
    message_sent_at = models.DateTimeField(null=True, help_text="When the last question was sent.")
    messages_sent = models.PositiveSmallIntegerField(default=0, help_text="Without an answer.")

    def __str__(self) -> str:
        return self.part

    @classmethod
    def record(cls, part: str, now: datetime) -> None:
        """Stores a sign of life."""
        seen = {"seen_at": now, "asked_at": None, "messages_sent": 0}
        goes_on = Q(seen_at__gte=now - MAX_GAP, seen_at__lte=now + CLOCK_TOLERANCE)
        if not cls.objects.filter(goes_on, part=part).update(**seen):
            cls.objects.update_or_create(part=part, defaults=seen | {"since": now})

    @classmethod
    def begin_question(cls, part: str, now: datetime) -> bool:
        """Records a question to the workers of a queue. False when it is too early for one."""
        first = {"asked_at": now, "message_sent_at": now, "messages_sent": 1}
        heartbeat, is_new = cls.objects.get_or_create(part=part, defaults=first)
        if is_new:
            return True
        unchanged = cls.objects.filter(part=part, message_sent_at=heartbeat.message_sent_at)
        if heartbeat.asked_at is None or heartbeat.asked_at > now + CLOCK_TOLERANCE:
            return bool(unchanged.update(**first))
        pause = ASK_AGAIN_AFTER[min(heartbeat.messages_sent, len(ASK_AGAIN_AFTER)) - 1]
        if heartbeat.message_sent_at and abs(now - heartbeat.message_sent_at) < pause:
            return False
        again = {"message_sent_at": now, "messages_sent": heartbeat.messages_sent + 1}
        return bool(unchanged.update(**again))

    def is_answering(self, now: datetime) -> bool:
        """Whether no question waits for an answer for too long."""
        return self.asked_at is None or now - self.asked_at < ANSWER_WITHIN

    def is_recent(self, now: datetime) -> bool:
        """Whether there was a sign of life a moment ago."""
        return self.seen_at is not None and abs(now - self.seen_at) < ANSWER_WITHIN
