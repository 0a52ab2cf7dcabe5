"""HEARTBEAT_URL is called while everything works, and the log says why it is not called."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from integrations import tasks
from integrations.models import Delivery, Installation, Integration
from monitors.models import Heartbeat, Monitor
from monitors.tasks import answer_heartbeat, ask_regions
from tests.dead_mans_switch import SECRET, Switch
from tests.factories import make_monitor
from tests.integrations.factories import fail, make_integration
from workspaces.models import Workspace

MINUTE = timedelta(minutes=1)


@pytest.fixture
def switch(settings: Settings) -> Iterator[Switch]:
    with Switch() as switch:
        settings.HEARTBEAT_URL = switch.url
        yield switch


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, cron="* * * * *")


@pytest.fixture(autouse=True)
def all_is_well(monitor: Monitor) -> None:
    ask_regions()
    answer_heartbeat("runs.default")
    Installation.this().record_sweep(timezone.now())


def test_it_is_called_while_all_is_well(switch: Switch) -> None:
    tasks.call_heartbeat_url()
    tasks.call_heartbeat_url()
    assert switch.calls == 2


def test_it_is_not_called_while_no_worker_of_a_region_answers(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    ask_regions()
    Heartbeat.objects.filter(part="runs.default").update(asked_at=F("asked_at") - 1.1 * MINUTE)
    tasks.call_heartbeat_url()
    assert switch.calls == 0
    assert "No worker of region default answers: the last answer came at" in caplog.text
    answer_heartbeat("runs.default")
    tasks.call_heartbeat_url()
    assert switch.calls == 1


def test_it_is_not_called_while_the_schedule_is_behind(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    Monitor.objects.update(next_run_at=timezone.now() - 2 * MINUTE)
    tasks.call_heartbeat_url()
    assert switch.calls == 0
    assert "The schedule is behind" in caplog.text


def test_it_is_not_called_while_the_sweep_stands_still(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    Installation.this().record_sweep(timezone.now() - 2 * MINUTE)
    tasks.call_heartbeat_url()
    assert switch.calls == 0
    assert "The sweep of deliveries does not run." in caplog.text


def test_it_is_not_called_while_events_that_page_wait(
    switch: Switch, monitor: Monitor, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    make_integration(monitor.workspace, monitor)
    fail(monitor)
    Delivery.objects.update(next_attempt_at=timezone.now() - 3 * MINUTE)
    tasks.call_heartbeat_url()
    assert switch.calls == 0
    assert "Deliveries are behind" in caplog.text
    settings.HOLD_DELIVERIES = True
    tasks.call_heartbeat_url()
    assert switch.calls == 1


def test_a_slow_receiver_of_a_tenant_is_not_our_trouble(switch: Switch, monitor: Monitor) -> None:
    config = {"url": "https://slow.example/", "secret": "", "when": "always"}
    Integration.objects.create(
        workspace=monitor.workspace, provider="webhook", name="Slow", config=config, monitor=monitor
    )
    fail(monitor)
    assert Delivery.objects.update(next_attempt_at=timezone.now() - 9 * MINUTE)
    tasks.call_heartbeat_url()
    assert switch.calls == 1


def test_a_switch_that_does_not_respond_is_logged_without_its_url(
    switch: Switch, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    switch.status = 404
    tasks.call_heartbeat_url()
    settings.HEARTBEAT_URL = f"http://127.0.0.1:9/{SECRET}"
    tasks.call_heartbeat_url()
    assert "HEARTBEAT_URL responded with status 404." in caplog.text
    assert "HEARTBEAT_URL could not be called: Could not connect." in caplog.text
    assert SECRET not in caplog.text


def test_without_the_setting_nothing_is_called_and_nothing_logged(caplog: pytest.LogCaptureFixture) -> None:
    Installation.this().record_sweep(timezone.now() - 2 * MINUTE)
    tasks.call_heartbeat_url()
    assert caplog.text == ""
