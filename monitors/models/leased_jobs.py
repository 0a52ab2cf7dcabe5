"""What the runs of monitors and the deliveries of integrations share: each is a job that workers lease.

The row is the truth; the broker carries no more than its id.

1. A job waits. `send_after_commit` sends a *message*, which names it to the workers.
2. A worker *claims* it: one conditional update gives the worker a *lease*, so of several workers one gets it.
3. The worker *finishes* or *requeues* it. Both do nothing once another worker has the lease.
4. What goes wrong is found by a query: `with_lost_message` when the broker lost the message, and
   `with_expired_lease` when the worker vanished.
"""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, NotRequired, Self, TypedDict, TypeVar

from celery import current_app
from django.db import models, transaction
from django.utils import timezone

from monitors.clock import CLOCK_TOLERANCE
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

Job = TypeVar("Job", bound="LeasedJob")


class Message(TypedDict):
    """What the broker is given: the arguments of the task, and its queue unless it is the default one."""

    args: tuple[object, ...]
    kwargs: NotRequired[dict[str, object]]
    queue: NotRequired[str]


class LeasedJobQuerySet(WorkspaceOwnedQuerySet[Job]):
    """Queries of leased jobs by the state of their lease."""

    def waiting(self) -> Self:
        """Jobs that no worker has."""
        return self.filter(status=self.model.WAITING)

    def leased(self) -> Self:
        """Jobs that a worker has, or had when it vanished."""
        return self.filter(status=self.model.LEASED)

    def unfinished(self) -> Self:
        """Jobs that wait or are leased."""
        # Not `status__in`, for which PostgreSQL reads all rows: each status has a small index of its own.
        return self.filter(models.Q(status=self.model.WAITING) | models.Q(status=self.model.LEASED))

    def with_expired_lease(self, now: datetime) -> Self:
        """Jobs whose worker vanished: it renewed no lease and recorded nothing."""
        return self.leased().filter(leased_until__lt=now)

    def shorten_leases_ahead(self, now: datetime) -> None:
        """Ends in good time the leases that were given before the clock was set back."""
        until = now + self.model.lease_duration()
        self.leased().filter(leased_until__gt=until + CLOCK_TOLERANCE).update(leased_until=until)

    def claim(self, job: Job, now: datetime, **fields: object) -> bool:
        """Gives this worker the lease of a job, and stores `fields`, if the job is among these rows.

        False when it is not: it is done, or another worker was faster.
        """
        fields |= {
            "status": job.LEASED,
            "lease": uuid.uuid4(),
            "leased_until": now + job.lease_duration(),
        }
        claimed = self.filter(pk=job.pk).update(attempts=models.F("attempts") + 1, **fields)
        if claimed:
            job.attempts += 1
            job.set_fields(fields)
        return claimed == 1


class LeasedJob(WorkspaceOwned):
    """A row that one worker at a time works on. Its manager is made of a `LeasedJobQuerySet`."""

    WAITING: ClassVar[str]
    LEASED: ClassVar[str]
    TASK: ClassVar[str]
    """The name of the Celery task that works on it, since models know of no tasks."""

    status = models.CharField(max_length=10)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    message_sent_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When its message was last sent to the workers."
    )

    class Meta:
        abstract = True

    @classmethod
    def lease_duration(cls) -> timedelta:
        """How long a worker may be silent until the job is given to another one."""
        raise NotImplementedError

    def message(self) -> Message:
        """What the broker is given for this job."""
        return {"args": (self.pk,)}

    def send_message(self, countdown: float | None = None) -> None:
        """Has a worker look at the job, `countdown` seconds from now."""
        current_app.send_task(self.TASK, countdown=countdown, **self.message())

    def send_after_commit(self) -> None:
        """The message only makes it quick: a sweep finds what the broker lost."""
        transaction.on_commit(self.send_message, robust=True)

    def finish(self, status: str, **fields: object) -> bool:
        """Stores how the job ended. False when this worker lost the lease, and nothing was stored."""
        return self._end_lease(status, fields)

    def requeue(self, **fields: object) -> bool:
        """Lets the job wait for another attempt. False when this worker lost the lease."""
        return self._end_lease(self.WAITING, fields)

    def _end_lease(self, status: str, fields: dict[str, object]) -> bool:
        held = type(self)._default_manager.filter(pk=self.pk, status=self.LEASED, lease=self.lease)
        fields |= {"status": status, "lease": None, "leased_until": None}
        kept = held.update(**fields)
        if kept:
            self.set_fields(fields)
        return kept == 1

    def set_fields(self, fields: dict[str, object]) -> None:
        """Has the object say what its row says."""
        for name, value in fields.items():
            setattr(self, name, value)
