"""When an incident opens at PagerDuty and when it closes."""

from typing import Any

import pytest

from integrations.incidents import record_run
from integrations.models import ClosedBecause, Delivery, Incident, Integration
from integrations.pagerduty.standin import StandIn
from integrations.receivers import on_run_finished
from monitors.models import Monitor, Result, Run
from tests.factories import make_monitor, make_run
from tests.integrations.factories import (
    OTHER_KEY,
    deliver_all,
    deliver_later,
    fail,
    make_integration,
    succeed,
)
from workspaces import deletion
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_a_failed_run_opens_an_incident(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    fail(monitor)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["triggered"]


def test_the_first_good_run_closes_it(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    fail(monitor)
    deliver_all()
    succeed(monitor)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]
    assert Incident.objects.get().closed_because == ClosedBecause.RECOVERED


def test_an_outage_of_many_runs_is_one_incident(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    for _ in range(3):
        fail(monitor)
        deliver_all()
    assert len(standin.events) == 1
    assert Incident.objects.get().failed_runs == 3


def test_the_next_outage_is_a_new_incident_under_the_same_key(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    for _ in range(2):
        fail(monitor)
        succeed_and_deliver(monitor)
    first, second = standin.incidents
    assert first["dedup_key"] == second["dedup_key"]
    assert first["number"] != second["number"]


def succeed_and_deliver(monitor: Monitor) -> None:
    deliver_all()
    succeed(monitor)
    deliver_all()


def test_a_healthy_monitor_sends_nothing(integration: Integration, monitor: Monitor) -> None:
    succeed(monitor)
    assert not Delivery.objects.exists()
    assert not integration.region_streaks.exists()


def test_a_system_error_pages_nobody(integration: Integration, monitor: Monitor) -> None:
    make_run(monitor, Result.SYSTEM_ERROR)
    assert not Incident.objects.exists()


def test_it_pages_after_as_many_failed_runs_as_set(workspace: Workspace, monitor: Monitor) -> None:
    make_integration(workspace, monitor, open_after=3)
    fail(monitor)
    succeed(monitor)
    for expected in (False, False, True):
        fail(monitor)
        assert Incident.objects.exists() is expected


def test_it_closes_after_as_many_good_runs_as_set(workspace: Workspace, monitor: Monitor) -> None:
    make_integration(workspace, monitor, close_after=2)
    fail(monitor)
    succeed(monitor)
    fail(monitor)
    for expected in (True, False):
        succeed(monitor)
        assert Incident.objects.open().exists() is expected


def test_results_that_do_not_count_neither_open_nor_close(workspace: Workspace, monitor: Monitor) -> None:
    make_integration(workspace, monitor, failed_results=["error"])
    fail(monitor, Result.FAILURE)
    assert not Incident.objects.exists()
    fail(monitor, Result.ERROR)
    fail(monitor, Result.FAILURE)
    assert Incident.objects.open().count() == 1


def test_it_pages_when_enough_regions_fail(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, regions=["eu", "us", "asia"])
    make_integration(workspace, monitor, failing_regions=2)
    fail(monitor, region="eu")
    assert not Incident.objects.exists()
    fail(monitor, region="us")
    assert Incident.objects.open().exists()
    succeed(monitor, region="asia")
    assert Incident.objects.open().exists()
    succeed(monitor, region="us")
    assert not Incident.objects.open().exists()


def test_a_monitor_with_fewer_regions_pages_when_all_of_them_fail(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, regions=["eu", "us"])
    make_integration(workspace, failing_regions=3)
    fail(monitor, region="eu")
    assert not Incident.objects.exists()
    fail(monitor, region="us")
    assert Incident.objects.open().exists()


def test_an_integration_may_watch_all_monitors(workspace: Workspace, standin: StandIn) -> None:
    make_integration(workspace)
    for name in ("Checkout", "Search"):
        fail(make_monitor(workspace, name))
    deliver_all()
    assert len(standin.open_incidents) == 2


def test_monitors_of_other_workspaces_are_not_watched(
    integration: Integration, other_workspace: Workspace
) -> None:
    make_integration(integration.workspace)
    fail(make_monitor(other_workspace))
    assert not Incident.objects.exists()


def test_recovery_before_anything_was_sent_sends_nothing(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    succeed(monitor)
    deliver_all()
    assert standin.events == []
    assert Delivery.objects.get().status == "cancelled"


def test_recovery_after_an_attempt_in_doubt_sends_the_resolve_alone(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"drop": "after"}])
    fail(monitor)
    deliver_all()
    succeed(monitor)
    deliver_later()
    assert [event["body"]["event_action"] for event in standin.events] == ["trigger", "resolve"]
    assert standin.open_incidents == []


def test_people_may_keep_the_closing_to_themselves(
    workspace: Workspace, monitor: Monitor, standin: StandIn
) -> None:
    make_integration(workspace, monitor, close_automatically=False)
    fail(monitor)
    succeed_and_deliver(monitor)
    assert len(standin.open_incidents) == 1
    assert not Incident.objects.open().exists()


@pytest.mark.parametrize("change", [{"config": {"integration_key": OTHER_KEY}}, {"monitor": None}])
def test_what_changes_the_integration_closes_with_the_old_key(
    integration: Integration, monitor: Monitor, standin: StandIn, change: dict[str, Any]
) -> None:
    fail(monitor)
    deliver_all()
    if "config" in change:
        integration.config = integration.config | change["config"]
    else:
        integration.monitor = make_monitor(integration.workspace, "Search")
    integration.change()
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]


def test_deleting_the_integration_closes_with_its_key(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    integration.delete()
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]
    deletion.purge(60)
    assert Incident.objects.get().integration is None


def test_deleting_the_monitor_closes_its_incidents(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    make_integration(monitor.workspace, config={"integration_key": OTHER_KEY})
    fail(monitor)
    deliver_all()
    assert len(standin.open_incidents) == 2
    monitor.delete()
    deliver_all()
    assert standin.open_incidents == []


def test_deleting_the_workspace_closes_its_incidents(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    monitor.workspace.delete()
    deliver_all()
    assert standin.open_incidents == []


def test_a_change_that_does_not_matter_closes_nothing(integration: Integration, monitor: Monitor) -> None:
    fail(monitor)
    integration.name = "Renamed"
    integration.config = integration.config | {"severity": "warning"}
    integration.change()
    assert Incident.objects.open().exists()


def test_a_paused_monitor_run_by_hand_opens_none(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    monitor.pause()
    fail(monitor)
    assert not Incident.objects.exists()
    monitor.resume()
    fail(monitor)
    assert Incident.objects.open().count() == 1


def test_an_integration_that_watches_another_monitor_by_now_opens_none(
    integration: Integration, monitor: Monitor
) -> None:
    before = Integration.objects.get()
    integration.monitor = make_monitor(integration.workspace, "Search")
    integration.change()
    record_run(before, make_run(monitor, Result.FAILURE))
    assert not Incident.objects.exists()


class TestPausing:
    def test_an_edit_that_began_before_does_not_undo_it(self, integration: Integration) -> None:
        edited = Integration.objects.get(pk=integration.pk)
        integration.pause(close_incidents=True)
        edited.name = "Renamed"
        edited.change()
        integration.refresh_from_db()
        assert (integration.name, integration.is_paused) == ("Renamed", True)

    def test_it_pages_nobody(self, integration: Integration, monitor: Monitor) -> None:
        integration.pause(close_incidents=False)
        fail(monitor)
        assert not Incident.objects.exists()

    def test_it_closes_open_incidents_when_asked_to(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        integration.pause(close_incidents=True)
        deliver_all()
        assert standin.open_incidents == []

    def test_incidents_left_open_close_when_the_monitor_recovers(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        integration.pause(close_incidents=False)
        assert len(standin.open_incidents) == 1
        succeed_and_deliver(monitor)
        assert standin.open_incidents == []

    def test_what_was_not_sent_yet_is_not_sent(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        integration.pause(close_incidents=False)
        deliver_all()
        assert standin.events == []

    def test_what_was_to_be_tried_again_waits_until_it_is_resumed(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        standin.faults.add([{"drop": True}])
        fail(monitor)
        deliver_all()
        integration.pause(close_incidents=False)
        deliver_later()
        assert standin.incidents == []
        integration.resume()
        fail(monitor)
        deliver_all()
        assert len(standin.open_incidents) == 1

    def test_the_next_failed_run_after_resuming_pages(
        self, integration: Integration, monitor: Monitor
    ) -> None:
        integration.pause(close_incidents=False)
        fail(monitor)
        integration.resume()
        fail(monitor)
        assert Incident.objects.open().count() == 1


def test_a_monitor_that_recovered_costs_no_more_than_a_healthy_one(
    integration: Integration, monitor: Monitor, django_assert_num_queries: Any
) -> None:
    fail(monitor)
    succeed(monitor)
    run = make_run(monitor)
    with django_assert_num_queries(3):
        on_run_finished(Run, run)
