"""A made-up history is what the same runs would have left behind, had they been stored one by one."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from monitors.figures import Tally
from monitors.history import course, tables
from monitors.management.commands.make_history import Command
from monitors.models import Gap, Monitor, Outage, RegionStatus, Result, RollUp, Run
from monitors.models.rollups import Period
from monitors.rollups import CountedRequest, add_run
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def eventful(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """More happens than in most histories, so that a short one has everything."""
    settings.REGIONS = ["eu-west", "us-east"]
    monkeypatch.setattr(course, "DAYS_BETWEEN_OUTAGES", 0.3)
    monkeypatch.setattr(course, "DAYS_BETWEEN_GAPS", 0.5)
    monkeypatch.setattr(course, "DAYS_BETWEEN_PAUSES", 0.7)
    monkeypatch.setattr(course, "HOURS_OF_A_PAUSE", 0.5)


def make_history(workspace: Workspace, monitors: int = 4, days: float = 1, every: int = 5) -> str:
    out = StringIO()
    options = {"monitors": monitors, "days": days, "every": every, "workspace": workspace.slug}
    call_command("make_history", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def tally_of(runs: Any) -> Tally:
    """A slow recount."""
    tally = Tally()
    for run in runs:
        requests = [
            CountedRequest(each.folder, each.name, each.passed, each.response_time_ms)
            for each in run.detail.counted
        ]
        add_run(tally, run, requests)
    return tally


def test_it_says_what_it_made(workspace: Workspace) -> None:
    said = make_history(workspace)
    assert f"acme: {Run.objects.count():,} runs of 4 monitors" in said


def test_the_hours_agree_with_a_recount_of_the_runs(workspace: Workspace) -> None:
    make_history(workspace)
    hours = list(RollUp.objects.filter(period=Period.HOUR).select_related("monitor"))
    assert hours
    for hour in hours:
        runs = Run.objects.filter(
            monitor=hour.monitor,
            region=hour.region,
            finished_at__gte=hour.start,
            finished_at__lt=hour.start + timedelta(hours=1),
        )
        assert hour.tally == tally_of(runs.order_by("pk").select_related("stored_detail"))
    assert sum(hour.tally.figures.runs for hour in hours) == Run.objects.count()


def test_the_days_hold_all_hours_but_the_latest(workspace: Workspace) -> None:
    make_history(workspace, days=1.5)
    for monitor in Monitor.objects.all():
        for region in monitor.regions:
            hours = list(RollUp.objects.of(monitor, region, Period.HOUR).order_by("start"))
            days = RollUp.objects.of(monitor, region, Period.DAY)
            in_days = Counter[str]()
            for day in days:
                in_days.update(day.figures.results)
            in_hours = Counter[str]()
            for hour in hours[:-1]:
                in_hours.update(hour.figures.results)
            assert in_days == in_hours


def test_outages_last_from_the_first_bad_run_to_the_next_good_state(workspace: Workspace) -> None:
    make_history(workspace)
    assert Outage.objects.exists()
    for outage in Outage.objects.select_related("first_run", "last_run"):
        assert outage.first_run is not None
        assert outage.first_run.result == outage.result != Result.SUCCESSFUL
        assert outage.first_run.finished_at == outage.started_at
        assert outage.cause == outage.first_run.summary
        runs = Run.objects.filter(monitor=outage.monitor_id, pk__gte=outage.first_run.pk)
        bad = runs.filter(pk__lte=outage.last_run_id).failed()
        assert outage.failed_runs == bad.count()


def test_nothing_ran_in_the_gaps(workspace: Workspace) -> None:
    make_history(workspace)
    reasons = set(Gap.objects.values_list("reason", flat=True))
    assert reasons == {"late", "paused"}
    for gap in Gap.objects.all():
        runs = Run.objects.filter(
            monitor=gap.monitor_id, started_at__gte=gap.started_at, started_at__lt=gap.ended_at
        )
        assert not (runs.filter(region=gap.region) if gap.region else runs).exists()


def test_the_monitors_know_their_last_runs(workspace: Workspace) -> None:
    make_history(workspace)
    for monitor in Monitor.objects.all():
        last = Run.objects.filter(monitor=monitor).latest("pk")
        assert monitor.last_run == last
        assert monitor.last_run_number == last.number == monitor.runs.count()
        assert monitor.latest_results[last.region] == last.result
        assert RegionStatus.objects.filter(monitor=monitor).count() == len(monitor.regions)


def test_new_runs_are_numbered_on(workspace: Workspace) -> None:
    make_history(workspace, monitors=1)
    monitor = Monitor.objects.get()
    last = monitor.last_run_number
    assert make_run(monitor).number == last + 1


def test_beside_a_running_postwatch_nothing_runs_or_gets_the_same_ids(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_monitor(workspace, "Other")
    runs = []

    def run_meanwhile(self: Command, done: int, total: int) -> None:
        assert set(Monitor.objects.filter(paused_at=None)) == {other}
        if done in (1, total):
            runs.append(make_run(other))

    monkeypatch.setattr(Command, "progress", run_meanwhile)
    make_history(workspace)
    assert all(Run.objects.get(pk=run.pk).monitor == other for run in runs)
    made = Monitor.objects.exclude(pk=other.pk)
    assert not made.exclude(paused_at=None).exists()
    assert not RegionStatus.objects.filter(monitor__in=made, late_at__lt=timezone.now()).exists()
    assert make_run(other).pk > max(Run.objects.filter(monitor__in=made).values_list("pk", flat=True))


def test_rows_that_name_runs_are_written_after_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 3)
    flush = tables.Table.flush

    def flush_and_check(table: tables.Table) -> None:
        flush(table)
        connection.check_constraints([table.model._meta.db_table])

    monkeypatch.setattr(tables.Table, "flush", flush_and_check)
    make_history(workspace)
    assert Outage.objects.count() > 3


def test_it_adds_to_what_is_there(workspace: Workspace) -> None:
    run = make_run(make_monitor(workspace))
    make_history(workspace, monitors=1)
    assert Run.objects.filter(pk=run.pk).exists()
    assert Run.objects.exclude(pk=run.pk).earliest("pk").pk == run.pk + 1


def test_the_pages_show_it(as_viewer: Client, workspace: Workspace) -> None:
    make_history(workspace)
    monitor = Monitor.objects.first()
    failed = Run.objects.failed().first()
    assert monitor is not None
    assert failed is not None
    for url in (workspace.get_absolute_url(), monitor.get_absolute_url(), failed.get_absolute_url()):
        assert as_viewer.get(url).status_code == 200
    assert failed.summary in as_viewer.get(failed.get_absolute_url()).content.decode()


@pytest.mark.parametrize("options", [{"monitors": 0}, {"days": 0}, {"days": 0.001}])
def test_what_makes_no_history_is_refused(workspace: Workspace, options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        make_history(workspace, **options)


def test_an_unknown_workspace_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no workspace “nobody”"):
        call_command("make_history", monitors=1, days=1, every=5, workspace="nobody")
