"""Whether Postwatch itself works: the schedule, and the workers of every region that monitors use.

Beat calls `ask_regions` every few seconds. It records a heartbeat of the schedule, and asks the workers of
each region by a message through their queue; the task that takes it records the answer. Home shows
`health_of`, and `problems` decides whether HEARTBEAT_URL is called.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app

from monitors.models import Heartbeat, Monitor, RegionStatus, Run
from monitors.models.heartbeats import MAX_GAP, SCHEDULE
from monitors.models.runs import queue_of
from workspaces.models import Workspace

ANSWER_TASK = "monitors.tasks.answer_heartbeat"
MAX_DELAY = timedelta(minutes=1)
"""How long a monitor may be due before the schedule counts as behind."""


@dataclass(frozen=True)
class RegionHealth:
    """What is known of the workers of a region."""

    region: str
    is_healthy: bool
    """Whether a worker answers, or renews the lease of a run."""
    last_seen_at: datetime | None
    """When a worker last answered; None when none ever did."""


@dataclass(frozen=True)
class Health:
    """What Home says about Postwatch itself."""

    is_scheduling: bool
    """Whether `beat` and `dispatch` were alive a moment ago, and queue the runs of due monitors."""
    schedule_seen_at: datetime | None
    """When they last gave a sign of life."""
    regions: list[RegionHealth]
    """The regions in use, sorted by name."""

    @property
    def is_healthy(self) -> bool:
        return self.is_scheduling and all(region.is_healthy for region in self.regions)


def ask_regions(now: datetime) -> None:
    """Records that the schedule lives, and asks the workers of the regions in use to do the same."""
    Heartbeat.record(SCHEDULE, now)
    queues = {queue_of(region) for region in regions_in_use()}
    # Of a region that is used again later, an old question must not say that nobody answers.
    Heartbeat.objects.exclude(part__in=[SCHEDULE, *queues]).delete()
    for queue in sorted(queues):
        if Heartbeat.begin_question(queue, now):
            current_app.send_task(ANSWER_TASK, args=(queue,), queue=queue)


def was_down(now: datetime) -> bool:
    """Whether the schedule has given no sign of life for a while, and has not begun again."""
    return Heartbeat.objects.filter(part=SCHEDULE, seen_at__lt=now - MAX_GAP).exists()


def has_scheduled_for(span: timedelta, now: datetime) -> bool:
    """Whether the schedule has worked for this long without a downtime."""
    alive = Heartbeat.objects.filter(part=SCHEDULE, seen_at__gte=now - MAX_GAP)
    return alive.filter(since__lte=now - span).exists()


def health_of(workspace: Workspace, now: datetime) -> Health:
    """The schedule, and the regions that the workspace's monitors use. Four small queries."""
    return _health(regions_in_use(workspace), now)


def problems(now: datetime) -> list[str]:
    """What does not work in the whole installation, each as a sentence for the operator's log."""
    health = _health(regions_in_use(), now)
    found = []
    if not health.is_scheduling:
        found.append("The schedule is behind: monitors are due and were not queued.")
    for region in health.regions:
        if not region.is_healthy:
            since = region.last_seen_at
            last = f"the last answer came at {since:%H:%M:%S} UTC" if since else "it never answered"
            found.append(f"No worker of region {region.region} answers: {last}.")
    return found


def regions_in_use(workspace: Workspace | None = None) -> list[str]:
    """The regions of the monitors that follow their schedule; of one workspace or of all."""
    statuses = RegionStatus.objects.filter(monitor__paused_at=None, monitor__deleted_at=None)
    if workspace:
        statuses = statuses.filter(monitor__workspace=workspace)
    return sorted(statuses.order_by().values_list("region", flat=True).distinct())


def _health(regions: list[str], now: datetime) -> Health:
    heartbeats = Heartbeat.objects.in_bulk([SCHEDULE, *map(queue_of, regions)])
    # A worker whose threads all run something takes no message, and still renews the leases of its runs.
    working = set(Run.objects.leased().filter(leased_until__gte=now).values_list("region", flat=True))
    schedule = heartbeats.get(SCHEDULE)
    is_behind = Monitor.objects.due(now - MAX_DELAY).exists()
    return Health(
        is_scheduling=bool(schedule and schedule.is_recent(now) and not is_behind),
        schedule_seen_at=schedule.seen_at if schedule else None,
        regions=[_region(region, heartbeats.get(queue_of(region)), working, now) for region in regions],
    )


def _region(region: str, heartbeat: Heartbeat | None, working: set[str], now: datetime) -> RegionHealth:
    answers = heartbeat is None or heartbeat.is_answering(now)
    return RegionHealth(region, answers or region in working, heartbeat.seen_at if heartbeat else None)
