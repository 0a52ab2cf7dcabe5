"""Counts finished runs in the roll-ups."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from monitors.figures import Tally, columns_of, request_key
from monitors.models import Monitor, Run
from monitors.models.rollups import Period, RequestName, RollUp
from monitors.runner.report import Execution, RunResult
from workspaces.json_values import strip_unstorable


class CountedRequest(NamedTuple):
    """What is counted of one request of a run."""

    folder: str
    name: str
    passed: bool
    response_time_ms: int | None

    @property
    def key(self) -> int:
        return request_key(self.folder, self.name)


def counted_requests(executions: Iterable[Execution]) -> list[CountedRequest]:
    """The requests among these executions: those that were skipped sent none."""
    return [
        CountedRequest(
            strip_unstorable(" / ".join(execution.folders)),
            strip_unstorable(execution.item_name),
            execution.result == RunResult.SUCCESSFUL,
            execution.response.time_ms if execution.response else None,
        )
        for execution in executions
        if execution.request
    ]


def count_run(run: Run, requests: Sequence[CountedRequest] = ()) -> None:
    """Adds a finished run to its hour. Call it once for a run, with the monitor's row locked.

    A run that ends in an hour that is closed already is added to the day as well: it took long, or the clock
    was set back.
    """
    assert run.finished_at is not None
    hour = _hour_of(run.monitor, run.region, Period.HOUR.start_of(run.finished_at))
    if not hour.is_open:
        _add_to_day(run.monitor, hour, add_run(Tally(), run, requests))
    tally = hour.tally
    known = set(tally.requests)
    _save(hour, add_run(tally, run, requests))
    if first_seen := tally.requests.keys() - known:
        names = {request.key: (request.folder, request.name) for request in requests}
        RequestName.objects.remember(run.monitor, {key: names[key] for key in first_seen})


def add_run(tally: Tally, run: Run, requests: Iterable[CountedRequest]) -> Tally:
    """Adds a finished run to the tally of its hour."""
    assert run.finished_at is not None
    response_time = run.response_time_ms if run.request_count else None
    tally.add_run(run.pk, Period.HOUR.slot_of(run.finished_at), run.result, response_time)
    for request in requests:
        tally.add_request(request.key, request.passed, request.response_time_ms)
    return tally


def _hour_of(monitor: Monitor, region: str, start: datetime) -> RollUp:
    """The roll-up of an hour, not stored yet where it is the first run. Closes the hour before."""
    latest = RollUp.objects.of(monitor, region, Period.HOUR).order_by("-start").first()
    if latest is not None and latest.start > start:
        return _existing_or_new(monitor, region, Period.HOUR, start)
    if latest is not None and latest.start == start:
        return latest
    if latest is not None and latest.is_open:
        _add_to_day(monitor, latest, latest.tally)
        latest.is_open = False
        latest.save(update_fields=["is_open"])
    return RollUp(monitor=monitor, region=region, period=Period.HOUR, start=start, is_open=True)


def _add_to_day(monitor: Monitor, hour: RollUp, tally: Tally) -> None:
    day = _existing_or_new(monitor, hour.region, Period.DAY, Period.DAY.start_of(hour.start))
    whole = day.tally
    whole.add_part(Period.DAY.slot_of(hour.start), tally)
    _save(day, whole)


def _existing_or_new(monitor: Monitor, region: str, period: Period, start: datetime) -> RollUp:
    found = RollUp.objects.of(monitor, region, period).filter(start=start).first()
    return found or RollUp(monitor=monitor, region=region, period=period, start=start)


def _save(roll_up: RollUp, tally: Tally) -> None:
    if roll_up.pk is None:
        roll_up.tally = tally
        roll_up.save()
    else:
        # It costs half of what `save` does, and each run pays it.
        RollUp.objects.filter(pk=roll_up.pk).update(**columns_of(tally))
