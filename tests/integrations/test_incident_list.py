"""The incidents of a workspace."""

import pytest
from django.test import Client

from integrations.models import Integration
from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import fail, make_integration, succeed
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

URL = "/w/acme/incidents/"


def names(client: Client, query: str = "") -> list[str]:
    return [incident.monitor_name for incident in client.get(URL + query).context["incidents"]]


def test_open_ones_come_first(as_viewer: Client, workspace: Workspace) -> None:
    make_integration(workspace)
    for name in ("Still failing", "Mended"):
        fail(make_monitor(workspace, name))
    succeed(Monitor.objects.get(name="Mended"))
    assert names(as_viewer) == ["Still failing", "Mended"]
    assert names(as_viewer, "?state=open") == ["Still failing"]


def test_tests_are_no_incidents(as_viewer: Client, integration: Integration) -> None:
    integration.send_test()
    assert names(as_viewer) == []


def test_they_outlive_their_monitor_and_integration(
    as_viewer: Client, integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    monitor.delete()
    page = as_viewer.get(URL).content.decode()
    assert "Checkout" in page
    incident = as_viewer.get(URL).context["incidents"][0]
    assert "Checkout</bdi> (deleted)" in as_viewer.get(incident.get_absolute_url()).content.decode()


def test_others_are_not_listed(as_outsider: Client, integration: Integration) -> None:
    assert as_outsider.get(URL).status_code == 404


def test_a_long_list_costs_no_more_queries(
    as_viewer: Client, workspace: Workspace, django_assert_max_num_queries: object
) -> None:
    make_integration(workspace)
    for number in range(15):
        fail(make_monitor(workspace, f"Monitor {number}"))
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        as_viewer.get(URL)
