import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitors.models import Monitor, Result
from tests.factories import make_collection, make_environment, make_monitor, make_run
from workspaces.models import Workspace


@pytest.fixture
def url(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/monitors/"


def names(client: Client, url: str) -> list[str]:
    """Of the monitors on the page, in their order."""
    return re.findall(r'id="monitor-[^>]*><bdi>(.*?)</bdi>', client.get(url).content.decode())


@pytest.fixture
def one_of_each(workspace: Workspace) -> None:
    make_run(make_monitor(workspace, "Good"))
    make_run(make_monitor(workspace, "Broken"), Result.FAILURE)
    make_run(make_monitor(workspace, "Halted"))
    workspace_monitor = make_monitor(workspace, "New")
    workspace_monitor.refresh_from_db()
    type(workspace_monitor).objects.get(name="Halted").pause()


@pytest.mark.parametrize(
    ("state", "shown"), [("failing", "Broken"), ("up", "Good"), ("paused", "Halted"), ("waiting", "New")]
)
def test_the_chips_filter_by_state(
    as_viewer: Client, url: str, one_of_each: None, state: str, shown: str
) -> None:
    assert names(as_viewer, f"{url}?state={state}") == [shown]


def test_each_chip_tells_how_many_there_are(as_viewer: Client, url: str, one_of_each: None) -> None:
    page = as_viewer.get(url).content.decode()
    assert re.findall(r'<span class="faint">(\d+)</span>', page) == ["4", "1", "0", "1", "1", "1"]


def test_search_finds_monitors_by_their_name_and_their_collection(
    as_viewer: Client, workspace: Workspace, url: str
) -> None:
    make_monitor(workspace, "Checkout", collection=make_collection(workspace, "Payments"))
    make_monitor(workspace, "Search")
    assert names(as_viewer, f"{url}?q=check") == names(as_viewer, f"{url}?q=PAYM") == ["Checkout"]


def test_a_tag_filters(as_viewer: Client, workspace: Workspace, url: str) -> None:
    make_monitor(workspace, "Checkout", tags=["payments", "eu"])
    make_monitor(workspace, "Search", tags=["eu"])
    assert names(as_viewer, f"{url}?tag=payments") == ["Checkout"]
    assert names(as_viewer, f"{url}?tag=eu&q=sea") == ["Search"]


def test_search_without_a_hit_says_so(as_viewer: Client, workspace: Workspace, url: str) -> None:
    make_monitor(workspace)
    assert "No monitor matches." in as_viewer.get(f"{url}?q=zzz").content.decode()


def test_it_sorts_by_name_and_by_the_last_run(as_viewer: Client, workspace: Workspace, url: str) -> None:
    make_run(make_monitor(workspace, "A"), minutes_ago=30)
    make_run(make_monitor(workspace, "B"), minutes_ago=10)
    make_monitor(workspace, "C")
    assert names(as_viewer, url) == ["A", "B", "C"]
    assert names(as_viewer, f"{url}?sort=-name") == ["C", "B", "A"]
    assert names(as_viewer, f"{url}?sort=-last") == ["B", "A", "C"]
    assert names(as_viewer, f"{url}?sort=nonsense") == ["A", "B", "C"]


def test_it_sorts_by_every_column(as_viewer: Client, workspace: Workspace, url: str) -> None:
    for name, ms, minutes in (("B", 100, 30), ("C", 200, 20), ("A", 300, 10)):
        make_run(make_monitor(workspace, name), minutes_ago=minutes, response_time_ms=ms)
    make_monitor(workspace, "D")
    orders = {
        "name": "ABCD",
        "-name": "DCBA",
        "time": "BCAD",
        "-time": "ACBD",
        "last": "BCAD",
        "-last": "ACBD",
        "state": "ABCD",
    }
    for sort, expected in orders.items():
        assert "".join(names(as_viewer, f"{url}?sort={sort}")) == expected
    Monitor.objects.get(name="B").pause()
    assert names(as_viewer, f"{url}?sort=state")[-1] == "B"
    assert names(as_viewer, f"{url}?sort=-state")[0] == "B"


def test_the_head_of_the_sorted_column_turns_the_order_around(
    as_viewer: Client, workspace: Workspace, url: str
) -> None:
    make_run(make_monitor(workspace))
    page = as_viewer.get(f"{url}?sort=-time&q=check").content.decode()
    assert 'aria-sort="descending"' in page
    assert "sort=time&amp;q=check" in page
    assert "sort=name&amp;q=check" in page


def test_filters_offer_what_is_in_use(as_viewer: Client, workspace: Workspace, url: str) -> None:
    monitor = make_monitor(workspace, tags=["checkout"], environment=make_environment(workspace, "Live"))
    make_collection(workspace, "Used by none")
    page = as_viewer.get(f"{url}?q=check&page=1").content.decode()
    for query in (
        "tag=checkout",
        f"collection={monitor.collection_id}",
        f"environment={monitor.environment_id}",
    ):
        assert f'href="?q=check&amp;{query}"' in page
    assert "Used by none" not in page
    chosen = as_viewer.get(f"{url}?environment={monitor.environment_id}&q=check").content.decode()
    assert "Remove the filter" in chosen
    assert 'href="?q=check"' in chosen


def test_long_lists_come_in_pages_that_keep_the_filters(
    as_viewer: Client, workspace: Workspace, url: str
) -> None:
    for number in range(30):
        make_monitor(workspace, f"Monitor {number:02}")
    page = as_viewer.get(f"{url}?sort=-name").content.decode()
    assert "1–25 of 30" in page
    assert "?sort=-name&amp;page=2" in page
    assert names(as_viewer, f"{url}?sort=-name&page=2")[-1] == "Monitor 00"


def test_a_row_shows_the_last_thirty_runs(as_viewer: Client, workspace: Workspace, url: str) -> None:
    monitor = make_monitor(workspace)
    for number in range(33):
        make_run(monitor, minutes_ago=40 - number)
    page = as_viewer.get(url).content.decode()
    strip = re.search(r'<svg class="strip".*?</svg>', page)
    assert strip
    assert "Last 30 runs of Checkout: all successful" in strip[0]
    assert strip[0].count("<rect") == 30


def test_an_empty_workspace_offers_the_first_monitor_to_those_who_may_add_it(
    as_editor: Client, as_viewer: Client, url: str
) -> None:
    assert "/w/acme/monitors/add/" in as_editor.get(url).content.decode()
    assert "/w/acme/monitors/add/" not in as_viewer.get(url).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_viewer: Client, workspace: Workspace, url: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_run(make_monitor(workspace, f"Monitor {number}"))
    with django_assert_max_num_queries(18):
        as_viewer.get(url)


def test_outsiders_find_nothing(as_outsider: Client, url: str, workspace: Workspace) -> None:
    assert as_outsider.get(url).status_code == 404
