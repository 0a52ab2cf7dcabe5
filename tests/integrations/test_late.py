"""Pages about monitors that do not run, for the integrations that ask for it."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from integrations import late, tasks
from integrations.models import ClosedBecause, Delivery, Incident, IncidentKind, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Heartbeat, Monitor, RegionStatus
from monitors.models.heartbeats import SCHEDULE
from tests.factories import make_monitor, make_run, make_window
from tests.integrations.factories import deliver_all, fail, make_integration, succeed
from workspaces.models import Workspace

MINUTE = timedelta(minutes=1)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    monitor = make_monitor(workspace, cron="* * * * *")
    make_run(monitor)
    return monitor


@pytest.fixture
def integration(monitor: Monitor, standin: StandIn) -> Integration:
    return make_integration(monitor.workspace, monitor, late_after_minutes=10)


@pytest.fixture(autouse=True)
def schedule(db: None) -> None:
    """It has worked for an hour."""
    now = timezone.now()
    Heartbeat.objects.create(part=SCHEDULE, seen_at=now, since=now - 60 * MINUTE)


def wait(minutes: float) -> None:
    """As if no monitor had a run in this time."""
    span = minutes * MINUTE
    RegionStatus.objects.update(since=F("since") - span, late_at=F("late_at") - span)


def look() -> list[Incident]:
    """The open incidents of monitors that do not run, after the periodic task."""
    tasks.page_late_monitors()
    return list(Incident.objects.late())


def test_it_pages_with_a_warning_that_says_that_the_api_may_be_fine(
    integration: Integration, standin: StandIn
) -> None:
    wait(9)
    assert look() == []
    wait(2)
    [incident] = look()
    assert incident.kind == IncidentKind.LATE
    assert incident.summary == "It has not run for 11 min in region default. The API may be fine."
    look()
    deliver_all()
    [event] = standin.events
    assert event["body"]["dedup_key"].endswith("/late")
    payload = event["body"]["payload"]
    assert payload["severity"] == "warning"
    assert payload["summary"].startswith("[Acme] Monitor Checkout does not run.")
    assert list(payload["custom_details"]["last_run_by_region"]) == ["default"]


def test_it_resolves_when_the_monitor_runs_again(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    wait(11)
    look()
    deliver_all()
    succeed(monitor)
    assert Incident.objects.late().exists()
    assert look() == []
    assert Incident.objects.get().closed_because == ClosedBecause.NOT_LATE
    deliver_all()
    assert standin.open_incidents == []


def test_the_incident_of_a_failure_is_another_one(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    wait(11)
    look()
    deliver_all()
    assert len(standin.open_incidents) == 2
    fail(monitor)
    assert look() == []
    deliver_all()
    [failure] = standin.open_incidents
    assert not failure["dedup_key"].endswith("/late")
    succeed(monitor)
    deliver_all()
    assert standin.open_incidents == []


def test_nobody_is_paged_who_did_not_ask(monitor: Monitor, workspace: Workspace) -> None:
    make_integration(workspace, monitor)
    make_integration(workspace, provider="webhook", late_after_minutes=2)
    wait(60)
    assert look() == []


def test_a_monitor_that_need_not_run_is_not_late_however_long_ago_it_ran(
    workspace: Workspace, standin: StandIn
) -> None:
    make_run(make_monitor(workspace, "Nightly", cron="0 3 * * *"))
    make_integration(workspace, late_after_minutes=5)
    wait(60)
    assert look() == []


@pytest.mark.parametrize("mode", ["mute", "skip"])
def test_in_maintenance_nobody_is_paged(integration: Integration, monitor: Monitor, mode: str) -> None:
    window = make_window(monitor.workspace, monitor, mode=mode)
    wait(30)
    assert look() == []
    window.delete()
    assert len(look()) == 1


def test_a_paused_monitor_closes_it(integration: Integration, monitor: Monitor) -> None:
    wait(30)
    look()
    monitor.pause()
    assert Incident.objects.get().closed_because == ClosedBecause.MONITOR_PAUSED
    assert look() == []


def test_a_deleted_monitor_closes_it(integration: Integration, monitor: Monitor) -> None:
    wait(30)
    look()
    monitor.delete()
    assert Incident.objects.get().closed_because == ClosedBecause.DELETED
    assert look() == []


def test_a_paused_integration_closes_it_and_pages_nobody(integration: Integration) -> None:
    wait(30)
    look()
    integration.pause(close_incidents=True)
    assert look() == []


def test_it_closes_when_it_is_not_wanted_any_more(integration: Integration) -> None:
    wait(30)
    look()
    integration.late_after_minutes = None
    integration.change()
    assert Incident.objects.get().closed_because == ClosedBecause.CHANGED
    assert look() == []


def test_who_resolves_it_by_hand_is_not_paged_again_before_the_next_run(
    integration: Integration, monitor: Monitor, as_editor: Client
) -> None:
    wait(30)
    [incident] = look()
    page = as_editor.get(incident.get_absolute_url()).content.decode()
    assert "It has not run for 30 min" in page
    assert "failed run" not in page
    answer = as_editor.post(f"{incident.get_absolute_url()}resolve/", follow=True)
    assert "when the monitor has run and is late again" in answer.content.decode()
    assert look() == []
    make_run(monitor)
    Incident.objects.update(opened_at=F("opened_at") - 40 * MINUTE)
    wait(30)
    assert len(look()) == 1


def test_a_region_is_not_enough_where_the_policy_asks_for_two(workspace: Workspace, standin: StandIn) -> None:
    monitor = make_monitor(workspace, cron="* * * * *", regions=["eu", "us"])
    make_integration(workspace, monitor, late_after_minutes=5, failing_regions=2)
    RegionStatus.objects.filter(region="eu").update(since=F("since") - 9 * MINUTE, late_at=timezone.now())
    assert look() == []
    wait(9)
    assert len(look()) == 1
    make_run(monitor, region="us")
    assert look() == []


def test_after_a_downtime_monitors_get_the_time_to_run_first(
    integration: Integration, monitor: Monitor
) -> None:
    wait(60)
    Heartbeat.objects.update(since=timezone.now())
    assert look() == []
    Heartbeat.objects.update(since=timezone.now() - 2 * MINUTE)
    assert len(look()) == 1


def test_all_monitors_of_a_workspace_are_watched_and_no_others(
    monitor: Monitor, workspace: Workspace, other_workspace: Workspace, standin: StandIn
) -> None:
    make_monitor(other_workspace, "Theirs", cron="* * * * *")
    make_monitor(workspace, "Search", cron="* * * * *")
    make_integration(workspace, late_after_minutes=10)
    wait(30)
    assert {incident.monitor_name for incident in look()} == {"Checkout", "Search"}


def test_many_are_opened_in_batches(
    workspace: Workspace, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "BATCH", 2)
    make_integration(workspace, late_after_minutes=10)
    for number in range(3):
        make_monitor(workspace, f"Shop {number}", cron="* * * * *")
    wait(30)
    assert len(look()) == 2
    assert len(look()) == 3


def test_a_broken_integration_opens_nothing(integration: Integration) -> None:
    Integration.objects.update(rejections=3)
    wait(30)
    assert look() == []
    assert not Delivery.objects.exists()
