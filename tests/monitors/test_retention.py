"""Old rows are removed in batches, each workspace's after the time that it has chosen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from monitors import retention
from monitors.models import (
    CollectionVersion,
    Exchange,
    Gap,
    Monitor,
    Outage,
    OutageNote,
    Result,
    Retention,
    RetentionTurn,
    RollUp,
    Run,
)
from monitors.models.rollups import Period
from monitors.models.runs import RunType
from monitors.tasks import delete_expired
from tests.factories import CONTENT, make_monitor, make_run
from workspaces.models import Workspace

A_DAY = 24 * 60


def old_run(monitor: Any, days: float, result: str = Result.SUCCESSFUL) -> Run:
    return make_run(monitor, result, minutes_ago=days * A_DAY)


def remaining() -> set[int]:
    return set(Run.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_good_runs_go_after_a_month_and_others_after_three(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    gone = [old_run(monitor, 91, Result.FAILURE), old_run(monitor, 31)]
    kept = [
        old_run(monitor, 89, Result.ERROR),
        old_run(monitor, 32, Result.SYSTEM_ERROR),
        old_run(monitor, 29),
    ]
    delete_expired()
    assert remaining() == {run.pk for run in kept}
    assert not {run.pk for run in gone} & remaining()


@pytest.mark.django_db
def test_a_run_that_never_finished_goes_with_the_failed_ones(workspace: Workspace) -> None:
    Run.queue(make_monitor(workspace), "default", RunType.MANUAL)
    Run.objects.update(queued_at=timezone.now() - timedelta(days=91))
    delete_expired()
    assert remaining() == set()


@pytest.mark.django_db
def test_a_workspace_may_choose_less(workspace: Workspace, other_workspace: Workspace) -> None:
    Retention.objects.create(workspace=workspace, good_runs_days=7, failed_runs_days=10)
    ours, theirs = make_monitor(workspace), make_monitor(other_workspace)
    old_run(ours, 8)
    old_run(ours, 11, Result.FAILURE)
    kept = [old_run(ours, 9, Result.FAILURE), old_run(theirs, 11)]
    delete_expired()
    assert remaining() == {run.pk for run in kept}


@pytest.mark.django_db
def test_the_operators_maximum_holds_for_what_was_chosen_before(workspace: Workspace, settings: Any) -> None:
    Retention.objects.create(workspace=workspace, good_runs_days=60)
    monitor = make_monitor(workspace)
    old_run(monitor, 50)
    newer = old_run(monitor, 20)
    settings.MAX_KEEP_DAYS = 40
    delete_expired()
    assert remaining() == {newer.pk}


@pytest.mark.django_db
def test_batches_take_turns_and_go_on_where_they_ended(
    workspace: Workspace, other_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for each in (workspace, other_workspace):
        monitor = make_monitor(each)
        for _ in range(5):
            old_run(monitor, 31)
        make_run(monitor)
    now = timezone.now()
    RetentionTurn.objects.add_missing()
    served = []
    for _ in range(4):
        turn = RetentionTurn.objects.claim_next(timezone.now())
        assert turn is not None
        retention.take_turn(turn, timezone.now())
        turn.save()
        served.append(turn.workspace_id)
    assert served[:2] == served[2:]
    assert Run.objects.count() == 4
    delete_expired()
    assert Run.objects.count() == 2
    assert RetentionTurn.objects.due(now).count() == 0


@pytest.mark.django_db
def test_a_turn_that_another_task_has_is_left_to_it(workspace: Workspace) -> None:
    RetentionTurn.objects.add_missing()
    now = timezone.now()
    assert RetentionTurn.objects.claim_next(now) is not None
    assert RetentionTurn.objects.claim_next(now) is None
    assert RetentionTurn.objects.claim_next(now + timedelta(minutes=6)) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("result", [Result.SUCCESSFUL, Result.FAILURE])
def test_the_last_run_of_a_monitor_stays_until_there_is_another(workspace: Workspace, result: str) -> None:
    monitor = make_monitor(workspace)
    last = old_run(monitor, 100, result)
    delete_expired()
    assert remaining() == {last.pk}
    newer = make_run(monitor)
    RetentionTurn.objects.update(due_at=timezone.now())
    delete_expired()
    assert remaining() == {newer.pk}


@pytest.mark.django_db
def test_a_good_run_that_others_are_compared_with_stays_until_there_is_another(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    good = old_run(monitor, 100)
    kept = Exchange.objects.create(
        run=good, monitor=monitor, region="default", position=0, is_good=True, document={}
    )
    newer = make_run(monitor, Result.FAILURE)
    delete_expired()
    assert remaining() == {good.pk, newer.pk}
    kept.delete()
    RetentionTurn.objects.update(due_at=timezone.now())
    delete_expired()
    assert remaining() == {newer.pk}


@pytest.mark.django_db
def test_what_names_a_removed_run_stays(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    old_run(monitor, 91, Result.FAILURE)
    make_run(monitor, Result.FAILURE)
    delete_expired()
    assert Outage.objects.get().first_run is None


@pytest.mark.django_db
def test_outages_go_after_25_months_with_their_notes(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    for days in (26 * 31, 24 * 30):
        old_run(monitor, days + 1, Result.FAILURE)
        Outage.objects.open().get().add_note("Looking", by="Ada")
        old_run(monitor, days)
    old_run(make_monitor(workspace, "Open for years"), 999, Result.FAILURE)
    delete_expired()
    assert [outage.is_open for outage in Outage.objects.all()] == [True, False]
    assert OutageNote.objects.count() == 1


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


@pytest.mark.django_db
def test_exchanges_go_before_their_run_but_for_those_of_the_last_good_one(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    run = old_run(monitor, 40, Result.FAILURE)
    for position, (days, is_good) in enumerate([(31, False), (29, False), (60, True)]):
        Exchange.objects.create(
            run=run,
            monitor=monitor,
            region="default",
            position=position,
            is_good=is_good,
            document={},
            created_at=days_ago(days),
        )
    delete_expired()
    assert sorted(Exchange.objects.values_list("position", flat=True)) == [1, 2]


def make_roll_up(monitor: Monitor, period: Period, days: float, is_open: bool = False) -> RollUp:
    return RollUp.objects.create(
        monitor=monitor, region="default", period=period, start=days_ago(days), is_open=is_open
    )


@pytest.mark.django_db
def test_days_of_statistics_outlive_their_hours(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    make_roll_up(monitor, Period.HOUR, 41)
    make_roll_up(monitor, Period.DAY, 770)
    kept = [
        make_roll_up(monitor, Period.HOUR, 39),
        make_roll_up(monitor, Period.HOUR, 120, is_open=True),
        make_roll_up(monitor, Period.DAY, 750),
    ]
    delete_expired()
    assert set(RollUp.objects.all()) == set(kept)


@pytest.mark.django_db
def test_a_workspace_may_choose_shorter_statistics(workspace: Workspace, other_workspace: Workspace) -> None:
    Retention.objects.create(workspace=workspace, statistics_months=1)
    for each in (workspace, other_workspace):
        monitor = make_monitor(each)
        make_roll_up(monitor, Period.DAY, 40)
        Gap.objects.create(monitor=monitor, reason="paused", started_at=days_ago(41), ended_at=days_ago(40))
    delete_expired()
    assert RollUp.objects.get().monitor.workspace == other_workspace
    assert Gap.objects.get().monitor.workspace == other_workspace


@pytest.mark.django_db
def test_gaps_of_many_monitors_go_by_and_by(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "MONITORS", 2)
    for number in range(5):
        monitor = make_monitor(workspace, f"Monitor {number}")
        for days in (900, 800, 700):
            ended_at = days_ago(days)
            Gap.objects.create(
                monitor=monitor, reason="paused", started_at=ended_at - timedelta(hours=1), ended_at=ended_at
            )
    delete_expired()
    assert Gap.objects.filter(ended_at__gt=days_ago(750)).count() == Gap.objects.count() == 5


@pytest.mark.django_db
def test_versions_go_when_no_kept_run_can_name_them(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    for _ in range(3):
        monitor.collection.add_version(CONTENT, by=None)
    days_ago = [200, 100, 95, 20]
    for number, days in enumerate(days_ago, start=1):
        created_at = timezone.now() - timedelta(days=days)
        CollectionVersion.objects.filter(number=number).update(created_at=created_at)
    delete_expired()
    # The third one was used until 20 days ago.
    assert list(CollectionVersion.objects.values_list("number", flat=True)) == [4, 3]


@pytest.mark.django_db
def test_a_version_stays_that_a_kept_run_used(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    run = old_run(monitor, 100)
    monitor.collection.add_version(CONTENT, by=None)
    CollectionVersion.objects.update(created_at=timezone.now() - timedelta(days=95))
    delete_expired()
    run.refresh_from_db()
    assert run.collection_version is not None


@pytest.mark.django_db
def test_roll_ups_of_a_workspace_are_looked_for_where_the_last_turn_ended(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    chosen = Retention.objects.create(workspace=workspace, statistics_months=12)
    monitor = make_monitor(workspace)
    for days in (600, 500, 400, 300, 200, 100):
        make_roll_up(monitor, Period.DAY, days)
    for months, left in ((12, 3), (5, 1)):
        chosen.statistics_months = months
        chosen.save()
        RetentionTurn.objects.update(due_at=timezone.now())
        delete_expired()
        assert RollUp.objects.count() == left
    turn = RetentionTurn.objects.get()
    assert turn.roll_ups_to
    assert timezone.now() - turn.roll_ups_to < timedelta(days=160)


@pytest.mark.django_db
def test_the_newest_version_stays_however_old_it_is(workspace: Workspace) -> None:
    make_monitor(workspace)
    CollectionVersion.objects.update(created_at=timezone.now() - timedelta(days=1000))
    delete_expired()
    assert CollectionVersion.objects.count() == 1


PAGE = "/w/acme/settings/retention/"


def test_an_owner_chooses(as_owner: Client, workspace: Workspace) -> None:
    assert "default, 30. At most 90." in as_owner.get(PAGE).content.decode()
    answer = as_owner.post(PAGE, {"good_runs_days": "14", "statistics_months": "12"})
    assert answer.status_code == 302
    chosen = Retention.of(workspace.pk)
    assert chosen.good_runs == timedelta(days=14)
    assert chosen.failed_runs == timedelta(days=90)
    assert chosen.months == 12


def test_to_look_stores_nothing_and_a_change_in_between_is_noticed(
    as_owner: Client, workspace: Workspace
) -> None:
    version = as_owner.get(PAGE).context["edit_version"]
    assert not Retention.objects.exists()
    assert as_owner.post(PAGE, {"good_runs_days": "14", "version": version}).status_code == 302
    assert as_owner.post(PAGE, {"good_runs_days": "7", "version": version}).status_code == 409


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"good_runs_days": "91"}, "Enter a number from 1 to 90."),
        ({"exchanges_days": "0"}, "Enter a number from 1 to 90."),
        ({"statistics_months": "26"}, "Enter a number from 1 to 25."),
        ({"failed_runs_days": "10"}, "Keep these at least as long as the successful runs."),
    ],
)
def test_what_is_not_possible_is_explained(as_owner: Client, given: dict[str, str], sentence: str) -> None:
    answer = as_owner.post(PAGE, given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_others_read_what_is_kept(as_viewer: Client, workspace: Workspace) -> None:
    Retention.objects.create(workspace=workspace, failed_runs_days=45)
    page = as_viewer.get(PAGE).content.decode()
    assert "45 days" in page
    assert "Save retention" not in page
    assert as_viewer.post(PAGE, {"good_runs_days": "1"}).status_code == 403
