"""How many runs may be started by hand before the ones before have finished."""

import pytest
from django.test import Client

from monitors import manual_runs
from monitors.models import Monitor, Run
from monitors.models.runs import RunStatus
from tests.conftest import client_of
from tests.factories import make_monitor
from workspaces.models import Role, Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def test_a_monitor_takes_five_that_have_not_finished(monitor: Monitor) -> None:
    api = client_of(monitor.workspace, Role.EDITOR)
    url = f"/api/v1/monitors/{monitor.pk}/run/"
    assert [api.post(url).status_code for _ in range(6)] == [202] * 5 + [429]
    answer = api.post(url)
    assert answer.json()["detail"].startswith("5 runs of this monitor that were started by hand")
    assert answer.headers["Retry-After"] == "30"
    Run.objects.filter(pk=Run.objects.latest("id").pk).update(status=RunStatus.FINISHED, result="successful")
    assert api.post(url).status_code == 202


def test_each_region_counts_for_itself(monitor: Monitor) -> None:
    monitor.regions = ["eu", "us"]
    monitor.save()
    for _ in range(5):
        manual_runs.run_now(monitor)
    with pytest.raises(manual_runs.TooManyRuns):
        manual_runs.run_now(monitor)


def test_a_workspace_has_its_limit_and_another_its_own(
    monitor: Monitor, other_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manual_runs, "MAX_UNFINISHED_OF_WORKSPACE", 3)
    for number in range(3):
        manual_runs.run_now(make_monitor(monitor.workspace, f"Monitor {number}"))
    with pytest.raises(manual_runs.TooManyRuns, match="of this workspace"):
        manual_runs.run_now(monitor)
    assert manual_runs.run_now(make_monitor(other_workspace))


def test_the_page_says_so_and_loses_nothing(as_editor: Client, monitor: Monitor) -> None:
    url = f"{monitor.get_absolute_url()}run/"
    for _ in range(5):
        as_editor.post(url)
    page = as_editor.post(url, follow=True)
    assert "Wait for them before you start another." in page.content.decode()
    assert Run.objects.count() == 5


def test_scheduled_runs_do_not_count(monitor: Monitor) -> None:
    monitor.run_now()
    Run.objects.update(type="scheduled")
    for _ in range(5):
        manual_runs.run_now(monitor)
