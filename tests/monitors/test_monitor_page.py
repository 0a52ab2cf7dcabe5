import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from monitors.models import Monitor, Result
from tests.factories import make_monitor, make_run, make_running_run
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, "Checkout", cron="0 0 1 1 *")


@pytest.fixture
def url(monitor: Monitor) -> str:
    return monitor.get_absolute_url()


def lead(client: Client, url: str) -> str:
    """The sentence under the heading, without its tags."""
    found = re.search(r'<p class="lead".*?>(.*?)</p>', client.get(url).content.decode(), re.S)
    assert found
    return " ".join(re.sub(r"<.*?>", "", found[1]).split())


def test_a_failing_monitor_says_why_and_for_how_long(as_viewer: Client, monitor: Monitor, url: str) -> None:
    make_run(monitor, Result.FAILURE, minutes_ago=12, summary="Create order: got 500")
    assert lead(as_viewer, url).startswith("Create order: got 500, since ")
    assert "Failing for 12 min" in as_viewer.get(url).content.decode()


def test_a_failing_monitor_of_several_regions_says_where(
    as_viewer: Client, workspace: Workspace, settings: Settings
) -> None:
    settings.REGIONS = ["eu", "us", "asia"]
    monitor = make_monitor(workspace, regions=["eu", "us", "asia"])
    for region, result in (("eu", Result.FAILURE), ("us", Result.SUCCESSFUL), ("asia", Result.ERROR)):
        make_run(monitor, result, region=region, summary="Create order: got 500")
    assert lead(as_viewer, monitor.get_absolute_url()).endswith("in eu and asia.")


def test_a_good_monitor_says_when_it_passed_and_runs_next(
    as_viewer: Client, monitor: Monitor, url: str
) -> None:
    make_run(monitor, minutes_ago=3)
    assert lead(as_viewer, url).startswith("Passed 3 min ago in 1.0 s. The next run is in")


def test_a_paused_monitor_says_so(as_viewer: Client, monitor: Monitor, url: str) -> None:
    monitor.pause()
    assert lead(as_viewer, url).startswith("Paused now: it does not run")


def test_a_new_monitor_says_when_it_runs_first(as_viewer: Client, url: str) -> None:
    assert lead(as_viewer, url).startswith("No run yet. The first is in")


def test_a_new_monitor_whose_first_run_is_under_way_says_so(
    as_viewer: Client, monitor: Monitor, url: str
) -> None:
    monitor.run_now()
    assert lead(as_viewer, url).startswith("The first result is on its way: a run waits for a worker.")
    monitor.runs.all().delete()
    make_running_run(monitor)
    assert lead(as_viewer, url).startswith("The first result is on its way: a run started")


def test_a_monitor_whose_runs_could_not_be_executed_does_not_claim_to_have_none(
    as_viewer: Client, monitor: Monitor, url: str
) -> None:
    make_run(monitor, Result.SYSTEM_ERROR)
    assert lead(as_viewer, url).startswith("No result yet. The next run is in")


@pytest.mark.parametrize("before", ["abc", "-1", "", "9" * 30])
def test_a_strange_page_of_runs_is_answered(as_viewer: Client, url: str, before: str) -> None:
    assert as_viewer.get(url, {"before": before}).status_code == 200


def test_our_own_trouble_is_counted_apart(
    as_viewer: Client, workspace: Workspace, monitor: Monitor, url: str
) -> None:
    details = f"{url}?tab=details"
    make_run(make_monitor(workspace), Result.SYSTEM_ERROR)
    assert "could not be executed" not in as_viewer.get(details).content.decode()
    make_run(monitor, Result.SYSTEM_ERROR)
    assert "1 run of the last 24 hours could not be executed" in as_viewer.get(details).content.decode()


def test_a_name_full_of_markup_is_shown_as_text(as_viewer: Client, workspace: Workspace) -> None:
    monitor = make_monitor(workspace, "<script>alert(1)</script>")
    make_run(monitor, Result.FAILURE, summary="</script><img src=x>")
    page = as_viewer.get(monitor.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page


def test_viewers_see_no_buttons_that_change_things(as_viewer: Client, as_editor: Client, url: str) -> None:
    for button in ("Run now</button>", "Pause</button>", "/edit/", "/delete/"):
        assert button in as_editor.get(url).content.decode()
        assert button not in as_viewer.get(url).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_runs(
    as_viewer: Client, monitor: Monitor, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(25):
        make_run(monitor)
    with django_assert_max_num_queries(21):
        as_viewer.get(url)


def test_outsiders_find_nothing(as_outsider: Client, url: str) -> None:
    assert as_outsider.get(url).status_code == 404
    assert as_outsider.get(url.replace("/acme/", "/elsewhere/")).status_code == 404
