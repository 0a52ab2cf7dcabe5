from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitors import maintenance
from monitors.models import MaintenanceWindow, Monitor, Result, Run
from monitors.scheduling import schedule_due
from tests.factories import make_monitor, make_run, make_window
from workspaces.models import Workspace

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
"""A Tuesday."""


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, cron="0 * * * *", tags=["payments"])


def nightly(workspace: Workspace, **fields: Any) -> MaintenanceWindow:
    """Every night from two to three in Berlin."""
    window = MaintenanceWindow(
        workspace=workspace,
        **{
            "name": "Nightly",
            "scope": "workspace",
            "cron": "0 2 * * *",
            "duration_minutes": 60,
            "timezone": "Europe/Berlin",
        }
        | fields,
    )
    window.plan(NOON)
    return window


def is_muted(monitor: Monitor) -> bool:
    return maintenance.is_muted(monitor, timezone.now())


class TestCover:
    def test_a_workspaces_window_covers_its_monitors_alone(
        self, monitor: Monitor, other_workspace: Workspace
    ) -> None:
        make_window(monitor.workspace)
        assert is_muted(monitor)
        assert not is_muted(make_monitor(other_workspace))

    @pytest.mark.parametrize(("tag", "expected"), [("payments", True), ("pay", False), ("search", False)])
    def test_a_tag_covers_the_monitors_that_have_it(self, monitor: Monitor, tag: str, expected: bool) -> None:
        window = make_window(monitor.workspace, scope="tag", tag=tag)
        assert is_muted(monitor) is expected
        assert list(Monitor.objects.covered_by(window)) == [monitor] * expected
        assert bool(MaintenanceWindow.objects.active_by_monitor([monitor], timezone.now())) is expected

    def test_a_tag_may_be_of_any_script(self, monitor: Monitor) -> None:
        Monitor.objects.update(tags=["größe", "x_y"])
        assert Monitor.objects.tagged("größe").exists()
        assert not Monitor.objects.tagged("xzy").exists()

    def test_chosen_monitors_and_no_others_are_covered(self, monitor: Monitor) -> None:
        window = make_window(monitor.workspace, monitor)
        other = make_monitor(monitor.workspace, "Search")
        assert (is_muted(monitor), is_muted(other)) == (True, False)
        assert MaintenanceWindow.objects.active_by_monitor([monitor, other], timezone.now()) == {
            monitor.pk: window
        }

    def test_a_window_whose_last_chosen_monitor_is_deleted_covers_none(self, monitor: Monitor) -> None:
        make_window(monitor.workspace, monitor)
        other = make_monitor(monitor.workspace, "Search")
        monitor.delete()
        assert not is_muted(other)

    def test_before_its_start_and_after_its_end_it_covers_nothing(self, monitor: Monitor) -> None:
        window = make_window(monitor.workspace)
        assert not maintenance.is_muted(monitor, window.starts_at - timedelta(seconds=1))
        assert maintenance.is_muted(monitor, window.starts_at)
        assert not maintenance.is_muted(monitor, window.ends_at)

    def test_of_several_the_one_that_skips_runs_counts(self, monitor: Monitor) -> None:
        skip = make_window(monitor.workspace, mode="skip", minutes_ago=30)
        make_window(monitor.workspace, minutes_ago=5)
        assert MaintenanceWindow.objects.active_by_monitor([monitor], timezone.now()) == {monitor.pk: skip}


class TestScheduling:
    def due(self, monitor: Monitor, **window: Any) -> datetime:
        now = timezone.now()
        make_window(monitor.workspace, **window)
        Monitor.objects.update(next_run_at=now)
        schedule_due(now)
        monitor.refresh_from_db()
        return now

    def test_skip_moves_on_without_a_run(self, monitor: Monitor) -> None:
        now = self.due(monitor, mode="skip")
        assert not Run.objects.exists()
        assert monitor.next_run_at is not None
        assert monitor.next_run_at > now

    def test_mute_runs_as_ever(self, monitor: Monitor) -> None:
        self.due(monitor, mode="mute")
        assert Run.objects.count() == 1

    def test_hundreds_of_monitors_and_windows_cost_two_queries(self, workspace: Workspace) -> None:
        first = make_monitor(workspace)
        monitors = [
            make_monitor(workspace, f"M{n}", collection=first.collection, tags=["a"]) for n in range(30)
        ]
        for n in range(10):
            make_window(workspace, *monitors[:n])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(MaintenanceWindow.objects.skipped_monitors(monitors, timezone.now())) == 0
        assert len(queries) == 2


class TestEnd:
    def over(self, window: MaintenanceWindow) -> datetime:
        """Turns the clock to the end."""
        schedule_due(window.ends_at)
        return window.ends_at

    def test_what_still_fails_at_the_end_runs_at_once(self, monitor: Monitor) -> None:
        window = make_window(monitor.workspace)
        make_run(monitor, Result.FAILURE)
        Monitor.objects.update(next_run_at=window.ends_at + timedelta(hours=5))
        end = self.over(window)
        assert Run.objects.unfinished().get().scheduled_at == end

    @pytest.mark.parametrize("change", [{"failing_since": None}, {"paused_at": NOON}])
    def test_monitors_that_are_well_or_paused_do_not(self, monitor: Monitor, change: dict[str, Any]) -> None:
        window = make_window(monitor.workspace)
        make_run(monitor, Result.FAILURE)
        Monitor.objects.update(next_run_at=window.ends_at + timedelta(hours=5), **change)
        self.over(window)
        assert not Run.objects.unfinished().exists()

    def test_another_window_keeps_them_muted(self, monitor: Monitor) -> None:
        window = make_window(monitor.workspace)
        make_window(monitor.workspace, minutes_ago=5)
        make_run(monitor, Result.FAILURE)
        Monitor.objects.update(next_run_at=window.ends_at + timedelta(hours=5))
        self.over(window)
        assert not Run.objects.unfinished().exists()

    def test_a_one_off_window_is_over_for_good(self, monitor: Monitor) -> None:
        window = make_window(monitor.workspace)
        self.over(window)
        window.refresh_from_db()
        assert window.is_over
        assert not MaintenanceWindow.objects.ended(window.ends_at).exists()

    def test_a_recurring_window_takes_its_next_occurrence(self, workspace: Workspace) -> None:
        window = nightly(workspace)
        window.save()
        assert window.starts_at == datetime(2030, 1, 2, 1, 0, tzinfo=UTC)
        self.over(window)
        window.refresh_from_db()
        assert window.starts_at == datetime(2030, 1, 3, 1, 0, tzinfo=UTC)
        assert window.ends_at - window.starts_at == timedelta(hours=1)

    def test_a_recurring_window_that_was_slept_through_is_in_its_present_occurrence(
        self, workspace: Workspace
    ) -> None:
        window = nightly(workspace)
        window.save()
        maintenance.end_windows(datetime(2030, 3, 5, 1, 30, tzinfo=UTC))
        window.refresh_from_db()
        assert window.starts_at == datetime(2030, 3, 5, 1, 0, tzinfo=UTC)

    def test_ended_early_a_recurring_window_comes_again(self, monitor: Monitor) -> None:
        now = timezone.now().replace(second=0, microsecond=0)
        window = nightly(monitor.workspace, cron=f"{now.minute} {now.hour} * * *", timezone="UTC")
        maintenance.store(window)
        assert window.is_active
        maintenance.end_now(window)
        window.refresh_from_db()
        assert window.starts_at == now + timedelta(days=1)
        assert not is_muted(monitor)


class TestChanges:
    """Whatever takes a failing monitor out of its window has it run at once."""

    @pytest.fixture
    def window(self, monitor: Monitor) -> MaintenanceWindow:
        make_run(monitor, Result.FAILURE)
        Monitor.objects.update(next_run_at=timezone.now() + timedelta(hours=5))
        return make_window(monitor.workspace)

    def is_due(self, monitor: Monitor) -> bool:
        return Monitor.objects.due(timezone.now()).filter(pk=monitor.pk).exists()

    def test_ending_it(self, monitor: Monitor, window: MaintenanceWindow) -> None:
        maintenance.end_now(window)
        assert self.is_due(monitor)

    def test_deleting_it(self, monitor: Monitor, window: MaintenanceWindow) -> None:
        maintenance.remove(window)
        assert self.is_due(monitor)

    def test_moving_it(self, monitor: Monitor, window: MaintenanceWindow) -> None:
        window.starts_at += timedelta(days=1)
        window.ends_at += timedelta(days=1)
        maintenance.store(window)
        assert self.is_due(monitor)

    def test_covering_others(self, monitor: Monitor, window: MaintenanceWindow) -> None:
        window.scope = "monitors"
        maintenance.store(window, [make_monitor(monitor.workspace, "Search")])
        assert self.is_due(monitor)

    def test_renaming_it_changes_nothing(self, monitor: Monitor, window: MaintenanceWindow) -> None:
        window.name = "Renamed"
        maintenance.store(window)
        assert not self.is_due(monitor)


class TestRules:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"cron": "61 * * * *"}, "cron"),
            ({"cron": "every day"}, "cron"),
            ({"duration_minutes": None}, "duration_minutes"),
            ({"duration_minutes": 0}, "duration_minutes"),
            ({"duration_minutes": 100_000}, "duration_minutes"),
            ({"duration_minutes": 24 * 60}, "duration_minutes"),
            ({"scope": "tag"}, "tag"),
            ({"scope": "tag", "tag": "two words"}, "tag"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, workspace: Workspace, change: dict[str, Any], field: str
    ) -> None:
        window = nightly(workspace)
        for name, value in change.items():
            setattr(window, name, value)
        with pytest.raises(ValidationError) as refused:
            window.full_clean()
        assert list(refused.value.message_dict) == [field]
        assert refused.value.messages[0].endswith(".")

    @pytest.mark.parametrize(("start", "end"), [(1, 1), (2, 1), (-2, -1)])
    def test_it_ends_after_its_start_and_in_the_future(
        self, workspace: Workspace, start: int, end: int
    ) -> None:
        now = timezone.now()
        window = MaintenanceWindow(
            workspace=workspace,
            name="Deploy",
            starts_at=now + timedelta(hours=start),
            ends_at=now + timedelta(hours=end),
        )
        with pytest.raises(ValidationError, match="end"):
            window.full_clean()

    @pytest.mark.parametrize(
        "change",
        [
            {"ends_at": NOON - timedelta(days=9999)},
            {"duration_minutes": 5},
            {"cron": "* * * * *"},
            {"scope": "tag"},
            {"tag": "payments"},
            {"cron": "0 2 * * *", "duration_minutes": 5, "is_over": True},
        ],
    )
    def test_the_database_refuses_it_too(self, workspace: Workspace, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError):
            make_window(workspace, **change)
