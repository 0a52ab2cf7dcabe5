"""Runs that people and API keys start besides the schedule."""

from django.conf import settings

from monitors.models import Monitor, Run
from monitors.models.runs import RunType

MAX_UNFINISHED_OF_MONITOR = 5
"""In each of its regions."""

MAX_UNFINISHED_OF_WORKSPACE = 50


class TooManyRuns(Exception):
    """The message says which limit is reached and what to do."""


class RegionNotInUse(Exception):
    """The message says why no run could start, or should."""


def run_now(monitor: Monitor) -> list[Run]:
    """Queues a run for each region.

    Raises TooManyRuns while many are unfinished: more of them would only delay scheduled runs.
    """
    _check_limits(monitor)
    return monitor.run_now()


def run_again(run: Run) -> Run:
    """Queues another run of the same monitor in the same region.

    Raises TooManyRuns like `run_now`, and RegionNotInUse where the result would be of no use: no worker would
    take the run, or the monitor would not count it.
    """
    if problem := why_not_again(run):
        raise RegionNotInUse(problem)
    _check_limits(run.monitor)
    return Run.queue(run.monitor, run.region, RunType.MANUAL)


def why_not_again(run: Run) -> str:
    """Why another run in the same region is refused; empty when it is not."""
    if run.region not in settings.REGIONS:
        return f"The region {run.region} is not in use any more."
    if run.region not in run.monitor.regions:
        return f"The monitor does not run in the region {run.region} any more."
    return ""


def _check_limits(monitor: Monitor) -> None:
    if _unfinished(monitor=monitor) >= MAX_UNFINISHED_OF_MONITOR * len(monitor.regions):
        raise TooManyRuns(
            f"{MAX_UNFINISHED_OF_MONITOR} runs of this monitor that were started by hand have not finished. "
            "Wait for them before you start another."
        )
    if _unfinished(workspace=monitor.workspace_id) >= MAX_UNFINISHED_OF_WORKSPACE:
        raise TooManyRuns(
            f"{MAX_UNFINISHED_OF_WORKSPACE} runs of this workspace that were started by hand have not "
            "finished. Wait for them before you start another."
        )


def _unfinished(**of: object) -> int:
    # Two queries, since each status has a small index of its own.
    waiting, leased = (
        runs.filter(type=RunType.MANUAL, **of).count()
        for runs in (Run.objects.waiting(), Run.objects.leased())
    )
    return waiting + leased
