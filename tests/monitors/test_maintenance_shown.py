"""Where people see that a monitor is in maintenance."""

import pytest
from django.test import Client

from monitors.models import Monitor, Result
from tests.factories import make_monitor, make_run, make_window
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    monitor = make_monitor(workspace)
    make_run(monitor, Result.FAILURE)
    return monitor


def pages(client: Client, monitor: Monitor) -> list[str]:
    home = f"/w/{monitor.workspace.slug}/"
    paths = (home, f"{home}monitors/", monitor.get_absolute_url())
    return [client.get(path).content.decode() for path in paths]


@pytest.mark.parametrize(("mode", "word"), [("mute", "Muted"), ("skip", "Not running")])
def test_a_window_shows_where_the_monitor_does(
    as_viewer: Client, monitor: Monitor, mode: str, word: str
) -> None:
    make_window(monitor.workspace, monitor, mode=mode)
    assert all(f">{word}</span>" in page for page in pages(as_viewer, monitor))


def test_the_monitors_page_and_home_say_until_when(as_editor: Client, monitor: Monitor) -> None:
    make_window(monitor.workspace, name="Database upgrade", minutes_ago=10.7)
    home, _, page = pages(as_editor, monitor)
    for text in (home, page):
        assert "Database upgrade" in text
        assert "in 49 min" in text


def test_other_monitors_and_other_times_show_nothing(as_viewer: Client, monitor: Monitor) -> None:
    make_window(monitor.workspace, minutes_ago=-5)
    make_window(monitor.workspace, minutes_ago=90)
    make_window(monitor.workspace, scope="tag", tag="search")
    assert not any(">Muted</span>" in page for page in pages(as_viewer, monitor)[1:])
