import pytest
from django.test import Client

from monitors.models import Monitor, Run
from monitors.models.runs import RunStatus, RunType
from tests.factories import make_monitor
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def url(monitor: Monitor) -> str:
    return f"{monitor.get_absolute_url()}run/"


def test_it_queues_a_run_and_leads_to_it(as_editor: Client, monitor: Monitor, url: str) -> None:
    answer = as_editor.post(url)
    run = Run.objects.get()
    assert answer.headers["Location"] == run.get_absolute_url()
    assert (run.monitor, run.type, run.status) == (monitor, RunType.MANUAL, RunStatus.QUEUED)


def test_with_several_regions_it_leads_to_the_monitor(as_editor: Client, monitor: Monitor, url: str) -> None:
    Monitor.objects.update(regions=["default", "eu"])
    assert as_editor.post(url).headers["Location"] == monitor.get_absolute_url()
    assert Run.objects.count() == 2


def test_it_leaves_the_schedule_alone(as_editor: Client, monitor: Monitor, url: str) -> None:
    as_editor.post(url)
    assert Monitor.objects.get().next_run_at == monitor.next_run_at


def test_it_needs_a_post(as_editor: Client, url: str) -> None:
    assert as_editor.get(url).status_code == 405


def test_viewers_may_not(as_viewer: Client, url: str) -> None:
    assert as_viewer.post(url).status_code == 403
    assert not Run.objects.exists()


def test_outsiders_find_nothing(as_outsider: Client, url: str) -> None:
    assert as_outsider.post(url).status_code == 404
    assert as_outsider.post(url.replace("/acme/", "/elsewhere/")).status_code == 404
    assert not Run.objects.exists()
