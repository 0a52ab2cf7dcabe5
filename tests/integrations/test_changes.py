"""What people change is sent as PagerDuty change events, if an integration wants it."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import Delivery, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Collection, Monitor
from monitors.signals import changed
from tests.conftest import client_of
from tests.factories import make_environment, make_monitor
from tests.integrations.factories import OTHER_KEY, deliver_all, fail, make_integration
from tests.integrations.pagerduty.schema import assert_valid
from workspaces.models import ApiKey, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(monitor: Monitor, standin: StandIn) -> Integration:
    return make_integration(monitor.workspace, monitor, send_changes=True)


def change(subject: Any, what: str = "edited") -> None:
    changed.send(sender=type(subject), subject=subject, what=what, by="ada@acme.example")


def test_it_tells_who_changed_what(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    change(monitor, "edited")
    deliver_all()
    (event,) = standin.events
    assert_valid(event["body"])
    assert (event["path"], event["status"]) == ("/v2/change/enqueue", 202)
    payload = event["body"]["payload"]
    assert payload["summary"] == "[Acme] Monitor Checkout was edited by ada@acme.example"
    assert payload["custom_details"]["by"] == "ada@acme.example"
    assert standin.incidents == []


def test_a_collection_is_sent_once_however_many_monitors_run_it(
    integration: Integration, monitor: Monitor
) -> None:
    collection: Collection = monitor.collection
    make_monitor(monitor.workspace, "Second", collection=collection)
    make_integration(monitor.workspace, name="All", send_changes=True)
    change(collection, "imported")
    assert Delivery.objects.count() == 2


def test_nothing_is_sent_unasked(monitor: Monitor) -> None:
    make_integration(monitor.workspace, monitor)
    change(monitor)
    assert not Delivery.objects.exists()


def test_others_changes_are_not_sent(integration: Integration) -> None:
    change(make_monitor(integration.workspace, "Unwatched"))
    assert not Delivery.objects.exists()


def test_a_rejected_change_does_not_break_the_integration(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 400}])
    change(monitor)
    deliver_all()
    integration.refresh_from_db()
    assert (Delivery.objects.get().status, integration.rejections) == ("rejected", 0)


def test_a_change_goes_beside_an_open_incident(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    change(monitor)
    deliver_all()
    assert standin.events[-1]["path"] == "/v2/change/enqueue"


@pytest.mark.parametrize("name", ["pause-monitor", "resume-monitor"])
def test_people_who_pause_and_resume_are_named(
    as_editor: Client, integration: Integration, monitor: Monitor, name: str
) -> None:
    if name == "resume-monitor":
        monitor.pause()
    as_editor.post(reverse(f"monitors:{name}", args=[monitor.workspace.slug, monitor.pk]))
    summary = Delivery.objects.get().body["payload"]["summary"]
    assert summary.endswith("by editor@acme.example")


def test_a_rulesets_key_cannot_tell_changes(as_editor: Client, monitor: Monitor) -> None:
    values = {
        "name": "Rules",
        "workspace": monitor.workspace_id,
        "monitor": monitor.pk,
        "integration_key": OTHER_KEY,
        "send_changes": "on",
    }
    response = as_editor.post("/integrations/pagerduty/add/", values)
    assert "no change events for a ruleset" in response.content.decode()


class TestPausingAMonitor:
    def test_it_closes_its_incidents(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        monitor.pause()
        deliver_all()
        assert standin.open_incidents == []

    @pytest.mark.parametrize(("outage", "left_open"), [("over", 0), ("lasts", 1)])
    def test_it_asks_what_becomes_of_the_outage(
        self,
        as_editor: Client,
        integration: Integration,
        monitor: Monitor,
        standin: StandIn,
        outage: str,
        left_open: int,
    ) -> None:
        fail(monitor)
        deliver_all()
        url = reverse("monitors:pause-monitor", args=[monitor.workspace.slug, monitor.pk])
        assert "no run will say" in as_editor.get(url).content.decode()
        as_editor.post(url, {"outage": outage})
        deliver_all()
        assert len(standin.open_incidents) == left_open


class TestWhatChangesNothing:
    """It explains no outage, and is not sent."""

    def test_pausing_and_resuming_twice(
        self, as_editor: Client, integration: Integration, monitor: Monitor
    ) -> None:
        for name in ("resume", "pause", "pause", "resume"):
            as_editor.post(reverse(f"monitors:{name}-monitor", args=[monitor.workspace.slug, monitor.pk]))
        assert changes_sent() == ["paused", "resumed"]

    def test_it_is_the_same_by_the_api(self, integration: Integration, monitor: Monitor) -> None:
        api = client_of(monitor.workspace, Role.EDITOR)
        for name in ("resume", "pause", "pause", "resume"):
            api.post(f"/api/v1/monitors/{monitor.pk}/{name}/")
        assert changes_sent() == ["paused", "resumed"]

    def test_importing_a_collection_as_it_is(
        self, as_editor: Client, integration: Integration, monitor: Monitor
    ) -> None:
        collection = monitor.collection
        assert collection.latest
        same = collection.latest.content
        for content in (same, same | {"item": []}, same | {"item": []}):
            as_editor.post(f"{collection.get_absolute_url()}import/", {"text": json.dumps(content)})
        assert changes_sent() == ["imported"]

    def test_importing_it_by_the_api(self, integration: Integration, monitor: Monitor) -> None:
        collection = monitor.collection
        assert collection.latest
        same = collection.latest.content
        api = client_of(monitor.workspace, Role.EDITOR)
        for content in (same, same | {"item": []}, same | {"item": []}):
            api.put(f"/api/v1/collections/{collection.pk}/", {"collection": content})
        assert changes_sent() == ["imported"]


def changes_sent() -> list[str]:
    """What became of things, by the events in their order."""
    summaries = [delivery.body["payload"]["summary"] for delivery in Delivery.objects.order_by("id")]
    return [summary.split(" was ")[1].split(" by ")[0] for summary in summaries]


def test_an_api_key_is_named(integration: Integration, monitor: Monitor) -> None:
    client_of(monitor.workspace, Role.EDITOR).patch(f"/api/v1/monitors/{monitor.pk}/", {"name": "Basket"})
    key = ApiKey.objects.get()
    (delivery,) = Delivery.objects.all()
    assert delivery.body["payload"]["summary"] == f"[Acme] Monitor Basket was edited by {key}"


def test_a_paused_integration_tells_none(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    change(monitor)
    integration.pause(close_incidents=True)
    change(monitor)
    deliver_all()
    assert standin.events == []


def test_no_value_of_a_variable_is_sent(
    as_editor: Client, monitor: Monitor, integration: Integration
) -> None:
    environment = make_environment(monitor.workspace, "Staging", token="hunter2")
    monitor.environment = environment
    monitor.save()
    api = client_of(monitor.workspace, Role.EDITOR)
    api.patch(f"/api/v1/environments/{environment.pk}/", {"values": [{"key": "token", "value": "hunter3"}]})
    (delivery,) = Delivery.objects.all()
    assert "Environment Staging was edited" in delivery.body["payload"]["summary"]
    assert "hunter" not in json.dumps(delivery.body)
