"""When an outage begins, continues and ends, and what people do about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitors.models import Monitor, Outage, Result, Run
from monitors.models import outages as outages_module
from monitors.models.outages import MAX_NOTES, EndedBecause, TooManyNotes
from monitors.models.runs import RunType
from monitors.results import store_system_error
from tests.factories import make_monitor, make_run, make_window
from workspaces import deletion
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def in_two_regions(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, regions=["eu", "us"])


def fail(monitor: Monitor, **fields: Any) -> Run:
    return make_run(monitor, Result.FAILURE, summary="Create order: Status is 201", **fields)


class TestFromTheFirstFailedRunToRecovery:
    def test_a_failed_run_opens_it_at_the_time_at_which_it_finished(self, monitor: Monitor) -> None:
        run = fail(monitor)
        outage = Outage.objects.get()
        assert (outage.monitor, outage.workspace) == (monitor, monitor.workspace)
        assert outage.started_at == run.finished_at == monitor.failing_since
        assert (outage.cause, outage.result) == ("Create order: Status is 201", Result.FAILURE)
        assert (outage.first_run, outage.last_run, outage.failed_runs) == (run, run, 1)
        assert outage.is_open

    def test_further_failed_runs_are_counted_and_do_not_change_the_cause(self, monitor: Monitor) -> None:
        first = fail(monitor, minutes_ago=5)
        last = make_run(monitor, Result.ERROR, summary="Something else")
        outage = Outage.objects.get()
        assert (outage.first_run, outage.last_run, outage.failed_runs) == (first, last, 2)
        assert outage.cause == first.summary

    def test_a_good_run_ends_it_at_the_time_at_which_it_finished(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        good = make_run(monitor)
        outage = Outage.objects.get()
        assert (outage.ended_at, outage.ended_because) == (good.finished_at, EndedBecause.RECOVERED)
        assert outage.last_run == good
        assert outage.failed_runs == 1

    def test_the_next_failure_opens_another_one(self, monitor: Monitor) -> None:
        for minutes in (9, 6, 3):
            fail(monitor, minutes_ago=minutes)
            make_run(monitor, minutes_ago=minutes - 1)
        assert Outage.objects.ended().count() == 3
        assert [outage.failed_runs for outage in Outage.objects.all()] == [1, 1, 1]

    def test_a_system_error_says_nothing(self, monitor: Monitor) -> None:
        def run_that_could_not_start() -> None:
            run = Run.queue(monitor, "default", RunType.MANUAL)
            run.claim(timezone.now())
            store_system_error(run)

        run_that_could_not_start()
        assert not Outage.objects.exists()
        fail(monitor)
        run_that_could_not_start()
        outage = Outage.objects.get()
        assert outage.is_open
        assert outage.failed_runs == 1

    def test_a_maintenance_window_changes_nothing(self, monitor: Monitor) -> None:
        make_window(monitor.workspace, monitor)
        fail(monitor)
        assert Outage.objects.get().is_open

    def test_a_good_run_of_a_healthy_monitor_needs_no_statement(self, monitor: Monitor) -> None:
        make_run(monitor)
        with CaptureQueriesContext(connection) as captured:
            make_run(monitor)
        assert not any('"monitors_outage"' in query["sql"] for query in captured)


class TestRegions:
    def test_one_bad_region_opens_it_and_all_must_be_good_to_end_it(self, in_two_regions: Monitor) -> None:
        make_run(in_two_regions, region="eu", minutes_ago=9)
        fail(in_two_regions, region="us", minutes_ago=8)
        fail(in_two_regions, region="eu", minutes_ago=7)
        make_run(in_two_regions, region="us", minutes_ago=6)
        outage = Outage.objects.get()
        assert outage.is_open
        assert (outage.regions, outage.failed_runs) == (["us", "eu"], 2)
        make_run(in_two_regions, region="eu", minutes_ago=5)
        assert not Outage.objects.open().exists()

    def test_a_run_that_began_earlier_and_ends_later_ends_it_after_its_start(
        self, in_two_regions: Monitor
    ) -> None:
        fail(in_two_regions, minutes_ago=2)
        make_run(in_two_regions, minutes_ago=3)
        outage = Outage.objects.get()
        assert outage.ended_at == outage.started_at

    def test_a_late_run_in_a_region_that_was_removed_opens_none(self, in_two_regions: Monitor) -> None:
        in_two_regions.regions = ["eu"]
        in_two_regions.save()
        fail(in_two_regions, region="us")
        assert not Outage.objects.exists()


class TestPauses:
    def test_a_pause_ends_it_since_no_run_would(self, monitor: Monitor) -> None:
        fail(monitor)
        monitor.pause()
        outage = Outage.objects.get()
        assert (outage.ended_because, outage.ended_at) == (EndedBecause.MONITOR_PAUSED, monitor.paused_at)

    def test_it_lasts_when_the_person_says_so_and_a_run_by_hand_ends_it(self, monitor: Monitor) -> None:
        fail(monitor)
        monitor.pause(outage_is_over=False)
        assert Outage.objects.open().exists()
        make_run(monitor, type=RunType.MANUAL)
        assert not Outage.objects.open().exists()

    def test_a_run_by_hand_of_a_paused_monitor_opens_none(self, monitor: Monitor) -> None:
        monitor.pause()
        fail(monitor, type=RunType.MANUAL)
        assert not Outage.objects.exists()

    def test_what_still_fails_after_the_pause_is_another_outage(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=60)
        monitor.pause()
        monitor.resume()
        again = fail(monitor)
        outage = Outage.objects.open().get()
        assert outage.started_at == again.finished_at
        assert Outage.objects.count() == 2


class TestDeletion:
    def test_it_ends_with_its_monitor_and_outlives_it(self, monitor: Monitor) -> None:
        fail(monitor)
        monitor.delete()
        assert Outage.objects.get().ended_because == EndedBecause.MONITOR_DELETED
        assert Outage.objects.get().kept_monitor is None
        deletion.purge(60)
        outage = Outage.objects.get()
        assert (outage.monitor, outage.first_run, outage.last_run) == (None, None, None)
        assert outage.name == "Checkout"

    def test_it_goes_with_its_workspace(self, monitor: Monitor) -> None:
        fail(monitor)
        Outage.objects.get().add_note("Looking", by="Ada")
        monitor.workspace.delete()
        deletion.purge(60)
        assert not Outage.objects.exists()


class TestByHand:
    def test_resolved_it_ends_now_and_says_by_whom(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        outage = Outage.objects.get()
        assert outage.resolve(by="Ada")
        assert (outage.ended_because, outage.ended_by) == (EndedBecause.BY_HAND, "Ada")
        assert outage.ended_at
        assert timezone.now() - outage.ended_at < timedelta(minutes=1)
        assert not outage.resolve(by="Grace")

    def test_the_next_failed_run_opens_another_one(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        Outage.objects.get().resolve(by="Ada")
        run = fail(monitor)
        assert Outage.objects.open().get().first_run == run

    def test_the_next_good_run_changes_nothing(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        outage = Outage.objects.get()
        outage.resolve(by="Ada")
        make_run(monitor)
        ended_at = outage.ended_at
        outage.refresh_from_db()
        assert (outage.ended_at, outage.ended_because) == (ended_at, EndedBecause.BY_HAND)

    def test_an_old_page_resolves_no_later_outage(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        seen = Outage.objects.get()
        make_run(monitor, minutes_ago=4)
        fail(monitor, minutes_ago=3)
        assert not seen.resolve(by="Ada")
        assert Outage.objects.open().exists()

    def test_the_first_who_acknowledges_it_looks_after_it(self, monitor: Monitor) -> None:
        fail(monitor)
        outage = Outage.objects.get()
        assert outage.acknowledge(by="Ada")
        assert not outage.acknowledge(by="Grace")
        assert outage.acknowledged_by == "Ada"

    def test_one_that_has_ended_cannot_be_acknowledged(self, monitor: Monitor) -> None:
        fail(monitor, minutes_ago=5)
        make_run(monitor)
        assert not Outage.objects.get().acknowledge(by="Ada")

    def test_notes_are_kept_in_order_and_their_number_is_limited(
        self, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outages_module, "MAX_NOTES", 2)
        fail(monitor)
        outage = Outage.objects.get()
        for text in ("Looking", "Found it"):
            outage.add_note(text, by="Ada")
        with pytest.raises(TooManyNotes):
            outage.add_note("Done", by="Ada")
        assert [note.text for note in outage.notes.all()] == ["Looking", "Found it"]
        assert MAX_NOTES == 100


def test_a_monitor_has_one_open_outage_at_most(monitor: Monitor) -> None:
    fail(monitor)
    outage = Outage.objects.get()
    outage.pk = None
    with pytest.raises(IntegrityError):
        outage.save(force_insert=True)
