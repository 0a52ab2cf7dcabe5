"""What is shown of each integration that was notified of an outage."""

from typing import Any

from django.utils import timezone

from integrations.models import ClosedBecause, Delivery, Incident, Integration
from integrations.outage_lines import OutageLine, lines_of
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor, Outage
from tests.integrations.factories import OTHER_KEY, deliver_all, fail, make_integration, succeed
from tests.integrations.webhook.conftest import make_webhook


def lines() -> list[OutageLine]:
    outage = Outage.objects.latest("started_at")
    return lines_of([outage])[outage.pk]


def line() -> OutageLine:
    (only,) = lines()
    return only


def test_an_incident_is_opened_for_the_outage(integration: Integration, monitor: Monitor) -> None:
    fail(monitor)
    assert Incident.objects.get().outage == Outage.objects.get()


def test_before_it_is_accepted_nobody_is_notified_yet(integration: Integration, monitor: Monitor) -> None:
    fail(monitor)
    assert (line().name, line().provider.slug) == (integration.name, "pagerduty")
    assert (line().notified_at, line().problem, line().state) == (None, "", "queued")


def test_it_says_when_the_provider_accepted_the_beginning_and_the_end(
    integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    deliver_all()
    trigger = Delivery.objects.get()
    assert (line().notified_at, line().closed_at) == (trigger.finished_at, None)
    assert line().state == "successful"
    succeed(monitor)
    deliver_all()
    resolve = Delivery.objects.latest("id")
    assert (line().notified_at, line().closed_at) == (trigger.finished_at, resolve.finished_at)
    assert line().closed_because == "The monitor recovered"


def test_a_rejection_is_shown(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    standin.faults.add([{"status": 400}])
    fail(monitor)
    deliver_all()
    assert line().notified_at is None
    assert line().problem
    assert line().state == "failing"


def test_an_event_that_is_tried_again_says_why(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    assert line().problem == "An error occurred while processing the event."


def test_further_incidents_of_one_integration_share_its_line(
    integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    deliver_all()
    first = line().notified_at
    Incident.objects.get().close(ClosedBecause.BY_HAND)
    fail(monitor)
    deliver_all()
    assert Incident.objects.count() == 2
    assert line().notified_at == first


def test_a_provider_without_incidents_has_a_line_too(monitor: Monitor, standin: StandIn) -> None:
    make_webhook(monitor, "http://127.0.0.1:9/")
    fail(monitor)
    Delivery.objects.update(status="accepted", finished_at=timezone.now())
    fail(monitor)
    assert Delivery.objects.filter(outage__isnull=False).count() == 1
    assert (line().state, line().closed_at) == ("successful", None)
    succeed(monitor)
    Delivery.objects.update(status="accepted", finished_at=timezone.now())
    assert line().closed_at
    succeed(monitor)
    assert Delivery.objects.filter(outage__isnull=False).count() == 2


def test_one_resolved_by_hand_closes_its_incidents_at_the_provider(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    make_integration(monitor.workspace, name="Everything", config={"integration_key": OTHER_KEY})
    fail(monitor)
    deliver_all()
    assert Outage.objects.get().resolve(by="Ada")
    deliver_all()
    assert standin.open_incidents == []
    assert {incident.closed_because for incident in Incident.objects.all()} == {"by_hand"}


def test_it_names_an_integration_that_is_deleted(integration: Integration, monitor: Monitor) -> None:
    fail(monitor)
    integration.delete()
    assert (line().name, line().integration) == (integration.name, None)


def test_lines_of_many_outages_cost_two_queries(
    integration: Integration, monitor: Monitor, django_assert_num_queries: Any
) -> None:
    make_webhook(monitor, "http://127.0.0.1:9/")
    for _ in range(4):
        fail(monitor)
        succeed(monitor)
    outages = list(Outage.objects.all())
    with django_assert_num_queries(2):
        found = lines_of(outages)
    assert [len(found[outage.pk]) for outage in outages] == [2, 2, 2, 2]
