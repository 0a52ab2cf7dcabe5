from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from monitors.models import Monitor
from tests.factories import make_monitor
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def url(monitor: Monitor) -> str:
    return monitor.get_absolute_url()


def test_it_pauses(as_editor: Client, monitor: Monitor, url: str) -> None:
    page = as_editor.post(f"{url}pause/", follow=True).content.decode()
    monitor.refresh_from_db()
    assert monitor.is_paused
    assert "Checkout is paused" in page


def test_it_resumes_with_the_next_time_of_the_schedule(as_editor: Client, monitor: Monitor, url: str) -> None:
    monitor.pause()
    Monitor.objects.update(next_run_at=timezone.now() - timedelta(days=3))
    as_editor.post(f"{url}resume/")
    monitor.refresh_from_db()
    assert not monitor.is_paused
    assert monitor.next_run_at
    assert monitor.next_run_at > timezone.now()


def test_only_the_button_that_makes_sense_is_there(as_editor: Client, monitor: Monitor, url: str) -> None:
    assert "/resume/" not in as_editor.get(url).content.decode()
    monitor.pause()
    assert "/pause/" not in as_editor.get(url).content.decode()


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_viewers_may_not(as_viewer: Client, url: str, action: str) -> None:
    assert as_viewer.post(f"{url}{action}/").status_code == 403


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_outsiders_find_nothing(as_outsider: Client, url: str, action: str) -> None:
    assert as_outsider.post(f"{url}{action}/").status_code == 404
    assert as_outsider.post(f"{url}{action}/".replace("/acme/", "/elsewhere/")).status_code == 404
