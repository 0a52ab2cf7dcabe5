"""What should have run and did not is late: on pages and in the API, with no process that would notice it."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from monitors import late_notices, lateness, maintenance
from monitors.models import Monitor, RegionStatus, Result, Run
from monitors.models.maintenance import Mode
from monitors.models.monitor_states import MonitorState
from monitors.models.runs import RunStatus, RunType
from monitors.scheduling import schedule_due
from tests.conftest import client_of
from tests.factories import make_monitor, make_run, make_running_run, make_window
from workspaces.models import Role, Workspace

MINUTE = timedelta(minutes=1)
NOON = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    """Each minute, up."""
    monitor = make_monitor(workspace, cron="* * * * *")
    make_run(monitor)
    return monitor


def last_ran(monitor: Monitor, minutes_ago: float, region: str = "default") -> None:
    """As if time had gone on since."""
    since = timezone.now() - timedelta(minutes=minutes_ago)
    RegionStatus.objects.filter(monitor=monitor, region=region).update(
        since=since, late_at=monitor.late_at(since)
    )


def state_of(monitor: Monitor) -> MonitorState:
    return Monitor.objects.get(pk=monitor.pk).state


def test_a_monitor_is_late_two_minutes_after_its_last_run(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=1.9)
    assert state_of(monitor) == MonitorState.UP
    last_ran(monitor, minutes_ago=2.1)
    assert state_of(monitor) == MonitorState.LATE


@pytest.mark.parametrize(
    ("cron", "since", "expected"),
    [
        ("* * * * *", NOON + timedelta(seconds=10), NOON + timedelta(minutes=2, seconds=10)),
        ("*/5 * * * *", NOON + timedelta(seconds=10), NOON + timedelta(minutes=10)),
        ("0 9 * * *", NOON, datetime(2030, 1, 9, 9, 0, tzinfo=UTC)),
        # Of working hours alone: a night and a weekend are no reason to be late.
        (
            "*/5 9-17 * * 1-5",
            datetime(2030, 1, 4, 18, tzinfo=UTC),
            datetime(2030, 1, 7, 9, 5, tzinfo=UTC),
        ),
    ],
)
def test_late_is_at_the_second_due_time_without_a_run(
    workspace: Workspace, cron: str, since: datetime, expected: datetime
) -> None:
    assert make_monitor(workspace, cron=cron).late_at(since) == expected


def test_the_second_of_the_minute_counts(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="*/5 * * * *", second=40)
    assert monitor.late_at(NOON + timedelta(seconds=10)) == NOON + timedelta(minutes=5, seconds=40)
    assert monitor.late_at(NOON + timedelta(seconds=45)) == NOON + timedelta(minutes=10, seconds=40)


def test_a_new_monitor_without_any_run_is_late_too(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="* * * * *")
    assert state_of(monitor) == MonitorState.WAITING
    last_ran(monitor, minutes_ago=3)
    assert state_of(monitor) == MonitorState.LATE


def test_a_failing_monitor_that_does_not_run_any_more_is_late(monitor: Monitor) -> None:
    make_run(monitor, Result.FAILURE)
    assert state_of(monitor) == MonitorState.FAILING
    last_ran(monitor, minutes_ago=3)
    assert state_of(monitor) == MonitorState.LATE


def test_one_region_is_enough(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="* * * * *", regions=["eu", "us"])
    for region in ("eu", "us"):
        make_run(monitor, region=region)
    last_ran(monitor, minutes_ago=3, region="us")
    assert [late.region for late in Monitor.objects.get().late_regions] == ["us"]
    make_run(monitor, region="eu")
    assert state_of(monitor) == MonitorState.LATE
    make_run(monitor, region="us")
    assert state_of(monitor) == MonitorState.UP


def test_a_run_under_way_is_not_late_until_its_worker_is_gone(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=4)
    run = make_running_run(monitor, leased_until=timezone.now() + timedelta(seconds=20))
    assert state_of(monitor) == MonitorState.UP
    Run.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert state_of(monitor) == MonitorState.LATE


def test_runs_that_wait_or_end_with_our_own_trouble_watch_nothing(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=3)
    Run.queue(monitor, "default", RunType.SCHEDULED)
    make_run(monitor, Result.SYSTEM_ERROR)
    assert state_of(monitor) == MonitorState.LATE


def test_a_paused_monitor_is_not_late_and_has_time_when_it_is_resumed(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=60)
    monitor.pause()
    assert state_of(monitor) == MonitorState.PAUSED
    monitor.resume()
    assert state_of(monitor) == MonitorState.UP


def test_a_window_that_skips_runs_makes_nothing_late_and_one_that_mutes_does(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=9)
    window = make_window(monitor.workspace, monitor, mode=Mode.SKIP)
    assert state_of(monitor) == MonitorState.UP
    window.mode = Mode.MUTE
    window.save()
    assert state_of(monitor) == MonitorState.LATE


def test_after_a_window_that_skipped_runs_the_monitor_has_its_usual_time(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=30)
    window = make_window(monitor.workspace, monitor, mode=Mode.SKIP)
    Monitor.objects.update(next_run_at=timezone.now())
    schedule_due()
    maintenance.remove(window)
    assert not Run.objects.filter(status=RunStatus.QUEUED).exists()
    assert state_of(monitor) == MonitorState.UP


def test_another_schedule_or_region_begins_again(monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=3)
    monitor.reschedule()
    assert state_of(monitor) == MonitorState.UP
    last_ran(monitor, minutes_ago=3)
    monitor.regions = ["eu"]
    monitor.save(update_fields=["regions"])
    assert [status.region for status in monitor.region_statuses.all()] == ["eu"]
    assert state_of(monitor) == MonitorState.UP


def test_home_and_the_monitors_page_name_the_region_and_since_when(
    as_viewer: Client, monitor: Monitor
) -> None:
    last_ran(monitor, minutes_ago=12)
    home = as_viewer.get(monitor.workspace.get_absolute_url()).content.decode()
    page = as_viewer.get(monitor.get_absolute_url()).content.decode()
    for text in (home, page):
        assert "No run in region default" in text
        assert "12 min ago" in text
    assert "monitor is up" not in home
    assert "Late: it should have run by now." in page


def test_home_counts_the_monitors_that_wait_for_a_region(
    as_viewer: Client, monitor: Monitor, other_workspace: Workspace
) -> None:
    for waiting in (monitor, make_monitor(monitor.workspace, "B"), make_monitor(other_workspace, "Theirs")):
        last_ran(waiting, minutes_ago=20)
    home = as_viewer.get(monitor.workspace.get_absolute_url()).content.decode()
    assert "2 monitors</a> have had none" in home
    assert "Theirs" not in home


def test_all_is_calm_again_with_the_next_run(as_viewer: Client, monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=3)
    make_run(monitor)
    assert "The monitor is up." in as_viewer.get(monitor.workspace.get_absolute_url()).content.decode()


def test_the_list_shows_and_filters_late_monitors(as_viewer: Client, monitor: Monitor) -> None:
    last_ran(monitor, minutes_ago=3)
    make_run(make_monitor(monitor.workspace, "On time"))
    url = f"/w/{monitor.workspace.slug}/monitors/"
    late = as_viewer.get(f"{url}?state=late").content.decode()
    assert "Checkout" in late
    assert "On time" not in late
    up = as_viewer.get(f"{url}?state=up").content.decode()
    assert "On time" in up
    assert "Checkout" not in up


def test_the_api_says_so(monitor: Monitor) -> None:
    api = client_of(monitor.workspace, Role.VIEWER)
    assert answer(api, monitor) == ("up", [])
    last_ran(monitor, minutes_ago=3)
    state, regions = answer(api, monitor)
    assert (state, [late["region"] for late in regions]) == ("late", ["default"])
    since = datetime.fromisoformat(regions[0]["since"])
    assert timedelta(minutes=3) <= timezone.now() - since < timedelta(minutes=4)


def answer(api: APIClient, monitor: Monitor) -> tuple[str, list[dict[str, Any]]]:
    """By the list, which must say the same as the monitor's own address."""
    single = api.get(f"/api/v1/monitors/{monitor.pk}/").json()
    [listed] = api.get("/api/v1/monitors/").json()["results"]
    assert (listed["state"], listed["late_regions"]) == (single["state"], single["late_regions"])
    return single["state"], single["late_regions"]


def test_a_list_of_late_monitors_costs_no_more_queries(
    monitor: Monitor, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        last_ran(make_monitor(monitor.workspace, f"Late {number}"), minutes_ago=20)
    api = client_of(monitor.workspace, Role.VIEWER)
    with django_assert_max_num_queries(6):
        api.get("/api/v1/monitors/")


def test_the_operators_log_tells_when_a_region_begins_to_be_late_and_when_it_is_over(
    monitor: Monitor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lateness, "_log_of_regions", lateness.LateRegionLog())
    caplog.set_level(logging.WARNING, "monitors.lateness")
    last_ran(monitor, minutes_ago=3)
    late_notices.watch(timezone.now())
    late_notices.watch(timezone.now())
    [message] = [record.getMessage() for record in caplog.records if "default" in record.getMessage()]
    assert message.startswith("Region default is late: 1 monitors are due and had no run since ")
    caplog.clear()
    make_run(monitor)
    late_notices.watch(timezone.now())
    assert [record.getMessage() for record in caplog.records] == [
        "Region default has recovered: no monitor is late."
    ]
