"""What the form says of the time until somebody is paged, and until the incident is closed."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import make_integration
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

OF_A_RUN = "Add the time of a run, five minutes at most"


def delay(
    client: Client, workspace: Workspace, monitor: Any, open_after: int = 3, close_after: int = 2
) -> str:
    chosen = getattr(monitor, "pk", monitor)
    query = f"workspace={workspace.pk}&monitor={chosen}&open_after={open_after}&close_after={close_after}"
    return client.get(f"/integrations/pagerduty/delay/?{query}").content.decode()


def of_schedule(client: Client, workspace: Workspace, cron: str, **fields: Any) -> str:
    return delay(client, workspace, make_monitor(workspace, cron=cron, **fields))


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        (
            "*/5 * * * *",
            "runs every 5 min: it pages within 15 min of breaking and closes within 10 min of recovering.",
        ),
        (
            "*/5 9-17 * * 1-5",
            "runs every 5 min to 2 d 15 h: it pages within 15 min to 2 d 15 h of breaking "
            "and closes within 10 min to 2 d 15 h of recovering.",
        ),
        (
            "0 9 * * *",
            "runs every 1 d: it pages within 3 d of breaking and closes within 2 d of recovering.",
        ),
        (
            "0 9 * * 1",
            "runs every 7 d: it pages within 21 d of breaking and closes within 14 d of recovering.",
        ),
        (
            "0 0 29 2 *",
            "runs every 1461 d to 2921 d: it pages within 4383 d to 5843 d of breaking "
            "and closes within 2922 d to 4382 d of recovering.",
        ),
    ],
)
def test_it_follows_from_the_schedule(as_editor: Client, workspace: Workspace, cron: str, words: str) -> None:
    assert f"Checkout {words} {OF_A_RUN}." in of_schedule(as_editor, workspace, cron)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_day_has_24_hours_when_the_clocks_change_too(
    as_editor: Client, workspace: Workspace, zone: str
) -> None:
    assert "runs every 1 d:" in of_schedule(as_editor, workspace, "0 9 * * *", timezone=zone)


def test_repeated_requests_take_time_as_well(as_editor: Client, workspace: Workspace) -> None:
    text = of_schedule(as_editor, workspace, "*/5 * * * *", retries=2)
    assert f"{OF_A_RUN}, with its repeated requests." in text


def test_a_paused_monitor_is_said_to_be_paused(as_editor: Client, workspace: Workspace) -> None:
    text = of_schedule(as_editor, workspace, "*/5 * * * *", paused_at=timezone.now())
    assert text.startswith("Checkout is paused. Once resumed, it runs every 5 min: it pages within 15 min")


def test_regions_run_beside_each_other(as_editor: Client, workspace: Workspace, settings: Settings) -> None:
    settings.REGIONS = ["eu", "us"]
    assert "within 15 min of breaking" in of_schedule(
        as_editor, workspace, "*/5 * * * *", regions=["eu", "us"]
    )


class TestAllMonitors:
    def test_the_range_of_their_schedules_is_shown(self, as_editor: Client, workspace: Workspace) -> None:
        for name, cron in [("A", "*/5 * * * *"), ("B", "*/5 * * * *"), ("C", "0 * * * *")]:
            make_monitor(workspace, name, cron=cron)
        make_monitor(workspace, "Paused", cron="0 0 1 * *", paused_at=timezone.now())
        assert delay(as_editor, workspace, "all").startswith(
            "The 3 monitors run every 5 min to 1 h: each pages within 15 min to 3 h of breaking "
            "and closes within 10 min to 2 h of recovering."
        )

    def test_one_schedule_is_no_range(
        self, as_editor: Client, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        make_monitor(workspace, "A", cron="*/5 * * * *")
        make_monitor(other_workspace, "B", cron="0 0 1 * *")
        text = delay(as_editor, workspace, "all")
        assert text.startswith("The one monitor runs every 5 min: it pages within 15 min of breaking")

    def test_before_there_are_any_the_counts_are_shown(self, as_editor: Client, workspace: Workspace) -> None:
        assert delay(as_editor, workspace, "all") == (
            "Each monitor pages after 3 failed runs in a row and closes after 2 good runs in a row."
        )

    def test_it_is_on_the_page_without_javascript(self, as_editor: Client, monitor: Monitor) -> None:
        integration = make_integration(monitor.workspace, open_after=3)
        page = as_editor.get(f"{integration.get_absolute_url()}edit/").content.decode()
        assert "The one monitor runs every 5 min: it pages within 15 min" in page


def test_nothing_chosen_yet_tells_the_counts(as_editor: Client, monitor: Monitor) -> None:
    text = delay(as_editor, monitor.workspace, "", open_after=1, close_after=1)
    assert text == "Each monitor pages after one failed run and closes after one good run."
