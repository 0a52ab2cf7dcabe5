"""Heartbeats of the schedule and of each region's workers, and what is said when they stop."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from monitors import health, tasks
from monitors.models import Heartbeat, Monitor
from monitors.models.heartbeats import SCHEDULE
from tests.factories import make_monitor, make_running_run
from workspaces.models import Workspace

MINUTE = timedelta(minutes=1)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, cron="* * * * *", regions=["default"])


@pytest.fixture(autouse=True)
def no_messages_of_other_tests() -> None:
    for region in ("default", "eu"):
        messages(region)


def messages(region: str) -> list[str]:
    """The questions that wait in the queue of a region; takes them."""
    with (
        current_app.connection_for_read() as connection,
        connection.SimpleQueue(f"runs.{region}") as waiting,
    ):
        return [waiting.get_nowait().payload[0][0] for _ in range(waiting.qsize())]


def rewind(span: timedelta) -> None:
    """As if this time had gone by since every sign of life."""
    for heartbeat in Heartbeat.objects.all():
        for name in ("seen_at", "since", "asked_at", "message_sent_at"):
            if value := getattr(heartbeat, name):
                setattr(heartbeat, name, value - span)
        heartbeat.save()


def states(workspace: Workspace) -> dict[str, bool]:
    found = health.health_of(workspace, timezone.now())
    return {region.region: region.is_healthy for region in found.regions}


def test_each_region_in_use_is_asked_by_its_own_queue(monitor: Monitor, workspace: Workspace) -> None:
    make_monitor(workspace, "B", regions=["default", "eu"])
    make_monitor(workspace, "Paused", regions=["us"]).pause()
    tasks.ask_regions()
    assert (messages("default"), messages("eu"), messages("us")) == (["runs.default"], ["runs.eu"], [])


def test_a_region_that_answers_is_healthy_and_shows_when(monitor: Monitor, workspace: Workspace) -> None:
    tasks.ask_regions()
    tasks.answer_heartbeat("runs.default")
    rewind(5 * MINUTE)
    [region] = health.health_of(workspace, timezone.now()).regions
    assert region.is_healthy
    assert region.last_seen_at is not None
    assert 5 * MINUTE <= timezone.now() - region.last_seen_at < 6 * MINUTE


def test_a_region_that_does_not_answer_within_a_minute_is_down_until_it_does(
    monitor: Monitor, workspace: Workspace
) -> None:
    tasks.ask_regions()
    rewind(0.9 * MINUTE)
    assert states(workspace) == {"default": True}
    rewind(0.2 * MINUTE)
    assert states(workspace) == {"default": False}
    tasks.answer_heartbeat("runs.default")
    assert states(workspace) == {"default": True}


def test_a_worker_that_is_full_of_runs_is_no_dead_one(monitor: Monitor, workspace: Workspace) -> None:
    tasks.ask_regions()
    rewind(2 * MINUTE)
    make_running_run(monitor, leased_until=timezone.now() + timedelta(seconds=20))
    assert states(workspace) == {"default": True}


def test_a_queue_without_a_worker_gets_a_few_questions_an_hour(monitor: Monitor) -> None:
    asked = 0
    for _ in range(4 * 60):
        tasks.ask_regions()
        asked += len(messages("default"))
        rewind(timedelta(seconds=15))
    assert asked <= 17


def test_a_question_that_the_broker_lost_is_sent_again(monitor: Monitor, workspace: Workspace) -> None:
    tasks.ask_regions()
    assert messages("default")
    rewind(timedelta(seconds=31))
    tasks.ask_regions()
    assert messages("default")
    tasks.answer_heartbeat("runs.default")
    rewind(2 * MINUTE)
    assert states(workspace) == {"default": True}


def test_a_region_that_is_used_again_is_not_blamed_for_an_old_question(
    monitor: Monitor, workspace: Workspace
) -> None:
    tasks.ask_regions()
    monitor.pause()
    tasks.ask_regions()
    rewind(30 * MINUTE)
    monitor.resume()
    tasks.ask_regions()
    assert states(workspace) == {"default": True}


def test_a_workspace_sees_the_regions_of_its_own_monitors(
    monitor: Monitor, workspace: Workspace, other_workspace: Workspace
) -> None:
    make_monitor(other_workspace, regions=["eu"])
    assert list(states(workspace)) == ["default"]
    assert list(states(other_workspace)) == ["eu"]


def test_a_schedule_that_stops_is_noticed_and_the_regions_keep_what_is_known_of_them(
    monitor: Monitor, workspace: Workspace
) -> None:
    tasks.ask_regions()
    tasks.answer_heartbeat("runs.default")
    assert health.health_of(workspace, timezone.now()).is_healthy
    rewind(1.1 * MINUTE)
    found = health.health_of(workspace, timezone.now())
    assert not found.is_scheduling
    assert [region.is_healthy for region in found.regions] == [True]


def test_a_schedule_that_lives_and_queues_nothing_is_noticed(monitor: Monitor, workspace: Workspace) -> None:
    tasks.ask_regions()
    Monitor.objects.update(next_run_at=timezone.now() - 1.1 * MINUTE)
    assert not health.health_of(workspace, timezone.now()).is_scheduling
    assert any("The schedule is behind" in problem for problem in health.problems(timezone.now()))


def test_a_clock_that_was_set_back_leaves_no_sign_of_life_from_the_future(
    monitor: Monitor, workspace: Workspace
) -> None:
    tasks.ask_regions()
    rewind(-60 * MINUTE)
    assert not health.health_of(workspace, timezone.now()).is_scheduling
    messages("default")
    tasks.ask_regions()
    assert messages("default")
    rewind(1.1 * MINUTE)
    assert states(workspace) == {"default": False}


def test_how_long_the_schedule_works_is_counted_from_its_last_downtime(monitor: Monitor) -> None:
    def has_worked_for(minutes: int) -> bool:
        return health.has_scheduled_for(minutes * MINUTE, timezone.now())

    Heartbeat.record(SCHEDULE, timezone.now())
    for _ in range(3):
        rewind(MINUTE)
        Heartbeat.record(SCHEDULE, timezone.now())
    assert has_worked_for(3)
    rewind(5 * MINUTE)
    Heartbeat.record(SCHEDULE, timezone.now())
    assert not has_worked_for(1)
    assert has_worked_for(0)
