"""A real PagerDuty stand-in on a port of its own, and an integration that sends to it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from integrations.models import Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import make_integration
from workspaces.models import Workspace


@pytest.fixture
def standin(settings: Settings) -> Iterator[StandIn]:
    with StandIn() as standin:
        settings.PAGERDUTY_US_EVENTS_URL = standin.url
        yield standin


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def integration(monitor: Monitor, standin: StandIn) -> Integration:
    return make_integration(monitor.workspace, monitor)
