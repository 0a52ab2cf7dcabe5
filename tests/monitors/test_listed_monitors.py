"""A form lists the first of many monitors, and always the chosen ones."""

import pytest
from django.test import Client

from integrations.models import Integration
from monitors.forms import listed
from monitors.models import MaintenanceWindow, Monitor
from tests.factories import make_collection, make_monitor, make_window
from tests.integrations.factories import KEY, make_integration
from workspaces.models import Workspace

MAINTENANCE = "/w/acme/maintenance/add/"


@pytest.fixture
def monitors(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[Monitor]:
    monkeypatch.setattr(listed, "MAX_LISTED", 2)
    monkeypatch.setattr("monitors.forms.maintenance.MAX_LISTED", 2)
    monkeypatch.setattr("integrations.forms.MAX_LISTED", 2)
    collection = make_collection(workspace)
    return [make_monitor(workspace, f"Monitor {n}", collection=collection) for n in range(4)]


def listed_on(client: Client, url: str, monitors: list[Monitor]) -> list[int]:
    page = client.get(url).content.decode()
    return [number for number, monitor in enumerate(monitors) if f'value="{monitor.pk}"' in page]


def test_a_maintenance_window_offers_the_first_and_the_chosen(
    as_editor: Client, workspace: Workspace, monitors: list[Monitor]
) -> None:
    assert listed_on(as_editor, MAINTENANCE, monitors) == [0, 1]
    assert "the first are listed" in as_editor.get(MAINTENANCE).content.decode()
    assert listed_on(as_editor, f"{MAINTENANCE}?monitor={monitors[3].pk}", monitors) == [0, 1, 3]
    window: MaintenanceWindow = make_window(workspace, monitors[2])
    assert listed_on(as_editor, window.get_absolute_url(), monitors) == [0, 1, 2]
    assert listed_on(as_editor, f"{MAINTENANCE}?monitor=nonsense", monitors) == [0, 1]


def test_an_integration_does_too_and_takes_any_other(
    as_editor: Client, workspace: Workspace, monitors: list[Monitor]
) -> None:
    url = "/integrations/pagerduty/add/"
    assert listed_on(as_editor, url, monitors) == [0, 1]
    assert "the first are listed" in as_editor.get(url).content.decode()
    integration = make_integration(workspace, monitors[3])
    assert listed_on(as_editor, f"{integration.get_absolute_url()}edit/", monitors) == [0, 1, 3]
    given = {
        "name": "Second",
        "workspace": str(workspace.pk),
        "monitor": str(monitors[2].pk),
        "integration_key": KEY,
        "region": "us",
    }
    assert as_editor.post(url, given).status_code == 302
    assert Integration.objects.get(name="Second").monitor == monitors[2]
