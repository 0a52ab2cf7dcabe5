"""When a region stops, thousands of monitors are late at once, and the pages that say so must be quick."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitors.models import Monitor, RegionStatus
from tests.factories import make_collection, make_monitor, make_run, make_window
from tests.monitors.test_monitor_list_page import names
from workspaces import id_lists
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[Monitor]:
    """Some more than are named one by one."""
    monkeypatch.setattr(id_lists, "MANY", 2)
    collection = make_collection(workspace)
    monitors = [make_monitor(workspace, f"Late {n}", collection=collection) for n in range(4)]
    RegionStatus.objects.update(late_at=timezone.now() - timedelta(minutes=1))
    return monitors


def test_each_is_found_in_its_state(as_viewer: Client, workspace: Workspace, late: list[Monitor]) -> None:
    make_monitor(workspace, "Waiting", collection=late[0].collection)
    url = "/w/acme/monitors/"
    assert names(as_viewer, f"{url}?state=late") == ["Late 0", "Late 1", "Late 2", "Late 3"]
    assert names(as_viewer, f"{url}?state=waiting") == ["Waiting"]
    assert as_viewer.get(url).context["states"][1][1] == 4


def test_the_ids_are_those_of_the_monitors_with_late_regions(
    workspace: Workspace, other_workspace: Workspace, late: list[Monitor]
) -> None:
    make_window(workspace, late[0], mode="skip")
    make_window(workspace, late[1], mode="mute")
    now = timezone.now()
    found = RegionStatus.objects.late_monitors(now)
    assert found == RegionStatus.objects.late_by_monitor(now).keys() == {each.pk for each in late[1:]}


def test_home_counts_them_and_reads_those_that_it_shows(
    as_viewer: Client, workspace: Workspace, late: list[Monitor], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        page = as_viewer.get("/w/acme/").content.decode()
    assert "4 monitors are late" in page
    assert '?state=late">4 monitors</a> have had none' in page
    RegionStatus.objects.exclude(monitor=late[0]).update(late_at=timezone.now() + timedelta(hours=1))
    assert (
        f'{late[0].get_absolute_url()}"><bdi>Late 0</bdi></a> has had none'
        in as_viewer.get("/w/acme/").content.decode()
    )


def test_the_frame_counts_as_home_does(as_viewer: Client, late: list[Monitor]) -> None:
    for monitor in late:
        make_run(monitor, "failure")
    RegionStatus.objects.filter(monitor__in=late[:3]).update(late_at=timezone.now() - timedelta(seconds=1))
    for address in ("/w/acme/", "/w/acme/outages/"):
        page = as_viewer.get(address).content.decode()
        assert "<title>(1) " in page
        assert 'data-failing="1"' in page
    assert "1 monitor is failing now, and 4 outages are open." in page


def test_ids_are_one_parameter(late: list[Monitor], django_assert_num_queries: Any) -> None:
    ids = {monitor.pk for monitor in late[1:]}
    with django_assert_num_queries(1) as captured:
        found = set(Monitor.objects.filter(id_lists.with_pk_in(ids)))
    assert found == set(late[1:])
    assert "IN (SELECT" in captured.captured_queries[0]["sql"]
