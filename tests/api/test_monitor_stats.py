"""GET /api/v1/monitors/{id}/stats/"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from monitors.models import Gap, Monitor, Result
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    """Ten days old, with an outage of half an hour that ended two hours ago."""
    monitor = make_monitor(workspace, cron="0 * * * *", regions=["eu"])
    Monitor.objects.filter(pk=monitor.pk).update(created_at=timezone.now() - 10 * DAY)
    for hours in (200, 190, 4, 3):
        make_run(monitor, minutes_ago=hours * 60, response_time_ms=300)
    make_run(monitor, Result.FAILURE, minutes_ago=150, response_time_ms=9000)
    make_run(monitor, minutes_ago=120, response_time_ms=500)
    monitor.refresh_from_db()
    return monitor


def stats(api: APIClient, monitor: Monitor, **query: str) -> dict[str, Any]:
    answer = api.get(f"/api/v1/monitors/{monitor.pk}/stats/", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_the_last_day_is_shown_unless_another_range_is_asked_for(api: APIClient, monitor: Monitor) -> None:
    day, week = stats(api, monitor), stats(api, monitor, range="30d")
    assert (day["runs"], day["failures"], day["bucket_seconds"]) == (4, 1, 600)
    assert (week["runs"], week["failures"], week["bucket_seconds"]) == (6, 1, 6 * 3600)


def test_uptime_is_the_share_of_the_watched_time_without_an_outage(api: APIClient, monitor: Monitor) -> None:
    found = stats(api, monitor)
    assert found["down_seconds"] == pytest.approx(1800, abs=5)
    assert found["uptime"] == pytest.approx(1 - 1800 / found["watched_seconds"], abs=1e-4)
    assert len(found["outages"]) == 1


def test_a_gap_is_no_watched_time(api: APIClient, monitor: Monitor) -> None:
    before = stats(api, monitor)
    now = timezone.now()
    Gap.objects.create(
        monitor=monitor, region="eu", reason="late", started_at=now - 10 * HOUR, ended_at=now - 6 * HOUR
    )
    found = stats(api, monitor)
    assert before["watched_seconds"] - found["watched_seconds"] == pytest.approx(4 * 3600, abs=5)
    assert [(gap["region"], gap["reason"]) for gap in found["gaps"]] == [("eu", "late")]


def test_percentiles_are_of_good_runs(api: APIClient, monitor: Monitor) -> None:
    found = stats(api, monitor)
    assert found["p50_ms"] == pytest.approx(300, rel=0.05)
    assert found["p95_ms"] == pytest.approx(500, rel=0.05)


def test_the_series_of_a_region_has_the_buckets_with_runs(api: APIClient, monitor: Monitor) -> None:
    (region,) = stats(api, monitor)["regions"]
    assert region["region"] == "eu"
    assert sum(bucket["runs"] for bucket in region["series"]) == 4
    assert [bucket["failures"] for bucket in region["series"]] == [0, 0, 1, 0]


def test_any_two_times_are_a_range(api: APIClient, monitor: Monitor) -> None:
    now = timezone.now()
    found = stats(api, monitor, since=(now - 201 * HOUR).isoformat(), until=(now - 189 * HOUR).isoformat())
    assert (found["runs"], found["uptime"]) == (2, 1.0)


def test_a_paused_monitor_is_not_watched(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    now = timezone.now()
    Monitor.objects.filter(pk=monitor.pk).update(created_at=now - DAY, paused_at=now - DAY)
    found = stats(api, monitor)
    assert (found["uptime"], found["watched_seconds"]) == (None, 0)
    assert [gap["region"] for gap in found["gaps"]] == [None]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"range": "2y"}, "range"),
        ({"range": "24h", "since": "2030-01-01T00:00:00Z"}, "range"),
        ({"until": "2030-01-01T00:00:00Z"}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2031-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"}, "since"),
        ({"since": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"}, "since"),
        ({"since": "0001-01-01T00:00:00Z"}, "since"),
        ({"bucket": "60"}, "bucket"),
    ],
)
def test_a_range_that_cannot_be_is_an_error(
    api: APIClient, monitor: Monitor, query: dict[str, str], field: str
) -> None:
    answer = api.get(f"/api/v1/monitors/{monitor.pk}/stats/", query)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_viewer_may_read_them_and_a_stranger_may_not(
    viewer_api: APIClient, other_api: APIClient, monitor: Monitor
) -> None:
    stats(viewer_api, monitor)
    assert other_api.get(f"/api/v1/monitors/{monitor.pk}/stats/").status_code == 404


@pytest.mark.parametrize("name", ["1h", "24h", "7d", "30d", "90d", "13mo"])
def test_the_number_of_queries_is_the_same_for_any_history(
    api: APIClient, monitor: Monitor, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        stats(api, monitor, range=name)
