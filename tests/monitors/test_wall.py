"""The wall of Home: which monitors have a tile, and what is counted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from monitors import lateness
from monitors.models import Monitor, Outage, Result
from monitors.templatetags.pulse import BARS, failing_by_bar, pulse
from monitors.templatetags.shares import percent
from monitors.views.lately import changes_of
from monitors.views.wall import MAX_TILES, Wall, wall_of
from tests.factories import make_collection, make_monitor, make_run
from workspaces.models import Edit, Workspace


def wall(workspace: Workspace, tag: str = "") -> Wall:
    late = lateness.late_in_workspace(workspace, timezone.now())
    return wall_of(Monitor.objects.for_workspace(workspace), late, tag)


def shown(workspace: Workspace, tag: str = "") -> dict[str, list[str]]:
    """The names on the tiles of each group."""
    return {
        group.tag: [tile.row.monitor.name for tile in group.tiles] for group in wall(workspace, tag).groups
    }


@pytest.fixture
def many(workspace: Workspace) -> Workspace:
    """More monitors than have tiles, all but one of them well."""
    collection = make_collection(workspace)
    Monitor.objects.bulk_create(
        Monitor(
            workspace=workspace,
            name=f"Monitor {number:03}",
            collection=collection,
            tags=[f"team-{number % 4}"],
            latest_results={"default": "successful"},
            second=0,
            next_run_at=timezone.now() + timedelta(hours=1),
        )
        for number in range(MAX_TILES + 20)
    )
    make_run(make_monitor(workspace, "Broken", collection=collection, tags=["team-2"]), Result.FAILURE)
    return workspace


def test_monitors_are_in_groups_by_their_first_tag(workspace: Workspace) -> None:
    make_monitor(workspace, "Pay", tags=["payments", "checkout"])
    make_monitor(workspace, "Cart", tags=["checkout"])
    make_monitor(workspace, "Lonely")
    assert shown(workspace) == {"checkout": ["Cart"], "payments": ["Pay"], "": ["Lonely"]}
    assert shown(workspace, "checkout") == {"checkout": ["Cart", "Pay"]}
    assert wall(workspace).chips == [("checkout", 2), ("payments", 1)]


def test_a_group_with_an_outage_comes_first(workspace: Workspace) -> None:
    make_run(make_monitor(workspace, "A", tags=["a"]))
    make_run(make_monitor(workspace, "Z", tags=["z"]), Result.FAILURE)
    assert list(shown(workspace)) == ["z", "a"]
    assert [group.bad for group in wall(workspace).groups] == ["1 of 1 failing", ""]
    assert [group.rest for group in wall(workspace).groups] == ["", "1 up"]


def test_tags_with_numbers_are_sorted_by_them(workspace: Workspace) -> None:
    collection = make_collection(workspace)
    for tag in ("team-10", "team-9", "1", "alpha"):
        make_monitor(workspace, tag, tags=[tag], collection=collection)
    assert list(shown(workspace)) == ["1", "alpha", "team-9", "team-10"]


def test_of_many_monitors_only_those_in_trouble_have_a_tile(many: Workspace) -> None:
    assert shown(many) == {"team-2": ["Broken"], "team-0": [], "team-1": [], "team-3": []}
    assert wall(many).total == MAX_TILES + 21
    assert [group.total for group in wall(many).groups] == [18, 17, 17, 17]
    assert len(shown(many, "team-2")["team-2"]) == 18


def test_home_says_how_many_are_not_shown(as_viewer: Client, many: Workspace) -> None:
    page = as_viewer.get("/w/acme/").content.decode()
    assert "1 outage, for" in page
    assert "68 of 69 up" in page
    assert '<a class="link push small" href="?tag=team-1">Show 17</a>' in page


def test_its_queries_are_as_few_for_many_monitors(
    many: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monitors = Monitor.objects.for_workspace(many)
    late = lateness.late_in_workspace(many, timezone.now())
    with django_assert_num_queries(7):
        wall_of(monitors, late)


def test_a_tile_tells_the_uptime_rounded_down(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    Monitor.objects.filter(pk=monitor.pk).update(created_at=timezone.now() - timedelta(days=60))
    monitor.region_statuses.update(added_at=timezone.now() - timedelta(days=60))
    make_run(monitor, Result.FAILURE, minutes_ago=90)
    make_run(monitor, minutes_ago=30)
    [group] = wall(workspace).groups
    uptime = group.tiles[0].uptime
    assert uptime == pytest.approx(1 - 1 / 720)
    assert uptime is not None
    assert percent(uptime) == "99.86 %"
    assert percent(0.99999999) == "99.99 %"
    assert percent(1.0) == "100 %"


def test_the_pulse_counts_what_failed_at_each_moment(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    make_run(monitor, Result.FAILURE, minutes_ago=65)
    make_run(monitor, minutes_ago=41)
    make_run(make_monitor(workspace, "Still"), Result.ERROR, minutes_ago=45)
    outages = [outage for monitor in Monitor.objects.all() for outage in monitor.outages.all()]
    counts = failing_by_bar(outages, timezone.now())
    assert len(counts) == BARS
    assert counts[-7:] == [1, 1, 2, 1, 1, 1, 1]
    assert sum(counts[:-7]) == 0


def test_the_pulse_says_when_it_stops_counting(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitors.templatetags.pulse.MAX_OUTAGES", 2)
    collection = make_collection(workspace)
    for name in "ABC":
        make_run(make_monitor(workspace, name, collection=collection), Result.FAILURE)
    outages = Outage.objects.all()
    assert "More than 2 outages in the last 24 hours" in pulse(outages, timezone.now())
    assert 'aria-label="2 outages in the last 24 hours' in pulse(outages[:2], timezone.now())


def test_what_changed_lately_comes_newest_first(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, "Checkout")
    Monitor.objects.filter(pk=monitor.pk).update(created_at=timezone.now() - timedelta(days=3))
    make_run(monitor, Result.FAILURE, minutes_ago=30)
    make_run(monitor, minutes_ago=12)
    Edit.objects.create(
        workspace=workspace, subject=f"monitors.monitor {monitor.pk}", what=["name"], by="ada@acme.example"
    )
    assert [f"{change.name} {change.words}" for change in changes_of(workspace)] == [
        "Checkout was changed by ada@acme.example: name",
        "Orders has version 1",
        "Checkout recovered after 18 min",
        "Checkout began to fail",
    ]


def test_another_workspace_changes_nothing_here(workspace: Workspace, other_workspace: Workspace) -> None:
    make_run(make_monitor(other_workspace), Result.FAILURE)
    assert changes_of(workspace) == []
    assert wall(workspace).total == 0


def test_a_wall_screen_has_no_navigation(as_viewer: Client, workspace: Workspace) -> None:
    make_run(make_monitor(workspace))
    page = as_viewer.get("/w/acme/?wall").content.decode()
    assert 'class="rail"' not in page
    assert 'hx-get="/w/acme/?wall"' in page
    assert "All is well" in page
