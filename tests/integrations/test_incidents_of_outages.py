"""The migration that gives incidents the outages in which they were opened."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection

from integrations.models import Incident, Integration
from monitors.models import Monitor, Outage
from tests.integrations.factories import fail, make_integration, succeed

migration: Any = import_module("integrations.migrations.0011_incidents_of_outages")


def find_again() -> None:
    Incident.objects.update(outage=None)
    migration.find_outages(apps, connection.schema_editor())


def test_an_incident_belongs_to_the_outage_in_which_it_was_opened(
    integration: Integration, monitor: Monitor
) -> None:
    make_integration(monitor.workspace, name="Everything")
    for _ in range(2):
        fail(monitor)
        succeed(monitor)
    fail(monitor)
    before = dict(Incident.objects.values_list("pk", "outage"))
    assert len(set(before.values())) == 3
    assert len(before) == 6
    find_again()
    assert dict(Incident.objects.values_list("pk", "outage")) == before


def test_an_outage_of_which_no_run_is_left_is_made_of_its_incidents(
    integration: Integration, monitor: Monitor
) -> None:
    make_integration(monitor.workspace, name="Everything")
    fail(monitor)
    succeed(monitor)
    Outage.objects.all().delete()
    first = Incident.objects.earliest("opened_at")
    find_again()
    outage = Outage.objects.get()
    assert (outage.started_at, outage.ended_at) == (first.opened_at, first.closed_at)
    assert outage.cause == "Create order: Status is 201"
    assert outage.incidents.count() == 2


def test_tests_and_incidents_whose_end_nobody_knows_stay_without_one(
    integration: Integration, monitor: Monitor
) -> None:
    integration.send_test()
    fail(monitor)
    integration.pause(close_incidents=True)
    Outage.objects.update(started_at=Incident.objects.without_tests().get().opened_at + timedelta(days=1))
    find_again()
    assert not Incident.objects.filter(outage__isnull=False).exists()
