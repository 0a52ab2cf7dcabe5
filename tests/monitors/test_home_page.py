import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitors.models import Result
from tests.factories import make_collection, make_monitor, make_run, make_window
from workspaces.models import Workspace


@pytest.fixture
def url(workspace: Workspace) -> str:
    return workspace.get_absolute_url()


def test_what_is_broken_comes_first_with_its_reason_and_run(
    as_viewer: Client, workspace: Workspace, url: str
) -> None:
    make_run(make_monitor(workspace, "Search"))
    checkout = make_monitor(workspace, "Checkout")
    run = make_run(checkout, Result.FAILURE, minutes_ago=12, summary="Create order: Status is 201: got 500")
    page = as_viewer.get(url).content.decode()
    assert "Broken now" in page
    assert "for 12 min" in page
    assert "Create order: Status is 201: got 500" in page
    assert f'href="{run.get_absolute_url()}"' in page
    assert page.index("<bdi>Checkout</bdi>") < page.index("<bdi>Search</bdi>")


def test_the_failed_run_is_shown_when_another_region_passed_since(
    as_viewer: Client, workspace: Workspace, url: str
) -> None:
    monitor = make_monitor(workspace, regions=["default", "eu"])
    failed = make_run(monitor, Result.ERROR, region="eu", summary="No answer from eu")
    make_run(monitor, region="default")
    page = as_viewer.get(url).content.decode()
    assert "No answer from eu" in page
    assert failed.get_absolute_url() in page


def test_the_first_active_windows_are_named(as_viewer: Client, workspace: Workspace, url: str) -> None:
    make_run(make_monitor(workspace))
    for number in range(4):
        make_window(workspace, name=f"Window {number}")
    page = as_viewer.get(url).content.decode()
    assert page.count("holds back") == 3
    assert 'href="/w/acme/maintenance/">All active maintenance windows</a>' in page


def test_a_calm_line_when_all_is_well(as_viewer: Client, workspace: Workspace, url: str) -> None:
    make_run(make_monitor(workspace, "A"))
    make_run(make_monitor(workspace, "B"))
    page = as_viewer.get(url).content.decode()
    assert "All 2 monitors are up." in page
    assert "Broken now" not in page


def test_our_own_trouble_is_counted_apart(
    as_viewer: Client, workspace: Workspace, other_workspace: Workspace, url: str
) -> None:
    monitor = make_monitor(workspace)
    make_run(monitor)
    make_run(make_monitor(other_workspace), Result.SYSTEM_ERROR)
    make_run(monitor, Result.SYSTEM_ERROR, minutes_ago=25 * 60)
    assert "system error of Postwatch" not in as_viewer.get(url).content.decode()
    for minutes_ago in (5, 23 * 60):
        make_run(monitor, Result.SYSTEM_ERROR, minutes_ago=minutes_ago)
    page = as_viewer.get(url).content.decode()
    assert "2 runs of the last 24 hours could not be executed." in page
    assert "The monitor is up." in page


def test_a_paused_monitor_is_not_broken_now(as_viewer: Client, workspace: Workspace, url: str) -> None:
    monitor = make_monitor(workspace)
    make_run(monitor, Result.FAILURE)
    monitor.pause()
    assert "Broken now" not in as_viewer.get(url).content.decode()


def test_the_first_visit_leads_through_three_steps(as_owner: Client, workspace: Workspace, url: str) -> None:
    page = as_owner.get(url).content.decode()
    assert page.count('class="n"') == 3
    assert "Done:" not in page
    make_collection(workspace)
    page = as_owner.get(url).content.decode()
    assert page.count("Done:") == 1
    assert "/w/acme/monitors/add/" in page


def test_another_workspace_stays_out_of_sight(
    as_viewer: Client, workspace: Workspace, other_workspace: Workspace, url: str
) -> None:
    make_run(make_monitor(other_workspace, "Their secret monitor"), Result.FAILURE)
    assert "Their secret monitor" not in as_viewer.get(url).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_monitors(
    as_viewer: Client, workspace: Workspace, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        monitor = make_monitor(workspace, f"Monitor {number}")
        make_run(monitor, Result.FAILURE if number % 2 else Result.SUCCESSFUL)
    as_viewer.get(url)
    with django_assert_max_num_queries(31):
        as_viewer.get(url)
