import pytest
from django.test import Client

from monitors.models import Monitor, Run
from monitors.views import monitor_actions
from tests.factories import make_monitor, make_run
from workspaces import deletion
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def url(monitor: Monitor) -> str:
    return f"{monitor.get_absolute_url()}delete/"


def test_it_asks_first_and_says_what_is_lost(as_editor: Client, monitor: Monitor, url: str) -> None:
    make_run(monitor)
    make_run(monitor)
    page = as_editor.get(url).content.decode()
    assert "its <strong>2 runs</strong>" in page
    assert Monitor.objects.exists()


def test_it_deletes_the_monitor_with_its_runs(as_editor: Client, monitor: Monitor, url: str) -> None:
    make_run(monitor)
    assert as_editor.post(url).headers["Location"] == "/w/acme/monitors/"
    assert not Monitor.objects.exists()
    deletion.purge(60)
    assert not Run.objects.exists()


def test_it_keeps_the_collection(as_editor: Client, monitor: Monitor, url: str) -> None:
    as_editor.post(url)
    monitor.collection.refresh_from_db()


def test_many_runs_ask_for_the_name(
    as_editor: Client, monitor: Monitor, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_actions, "MANY_RUNS", 0)
    make_run(monitor)
    answer = as_editor.post(url, {"name": "Something else"})
    assert answer.status_code == 422
    assert "That is not its name" in answer.content.decode()
    as_editor.post(url, {"name": monitor.name})
    assert not Monitor.objects.exists()


def test_the_dialog_is_the_question_without_the_frame(as_editor: Client, url: str) -> None:
    page = as_editor.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Delete monitor" in page
    assert "<html" not in page


def test_viewers_may_not(as_viewer: Client, url: str) -> None:
    assert as_viewer.get(url).status_code == as_viewer.post(url).status_code == 403
    assert Monitor.objects.exists()


def test_outsiders_find_nothing(as_outsider: Client, url: str) -> None:
    for path in (url, url.replace("/acme/", "/elsewhere/")):
        assert as_outsider.get(path).status_code == as_outsider.post(path).status_code == 404
    assert Monitor.objects.exists()
