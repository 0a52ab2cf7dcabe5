"""Runs are found by time, by the request that failed and by what failed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from monitors import run_search
from monitors.models import Monitor, Result, Run, RunDetail
from tests.conftest import client_of
from tests.factories import make_monitor, make_request_result, make_run
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def api(workspace: Workspace) -> APIClient:
    return client_of(workspace, Role.VIEWER)


def text_of(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()


def ids(api: APIClient, **query: str) -> list[int]:
    return [row["id"] for row in api.get("/api/v1/runs/", query).json()["results"]]


@pytest.mark.parametrize("close", [1, 500])
def test_runs_are_found_by_time(
    api: APIClient, monitor: Monitor, close: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_search, "CLOSE", close)
    monkeypatch.setattr(run_search, "CLOCK_MARGIN", timedelta())
    runs = [make_run(monitor, minutes_ago=minutes) for minutes in range(60, 0, -1)]
    Run.objects.filter(pk__in=[run.pk for run in runs[20:30]]).delete()
    kept = [run for run in runs if run not in runs[20:30]]
    for since, until in ((0, 60), (10, 40), (25, 26), (15, 15), (59, 60), (31, 58)):
        start, end = runs[since].queued_at, runs[min(until, 59)].queued_at
        expected = [run.pk for run in reversed(kept) if start <= run.queued_at < end]
        assert ids(api, since=text_of(start), until=text_of(end)) == expected[:50]


def test_a_time_before_all_runs_and_one_after_them(api: APIClient, monitor: Monitor) -> None:
    run = make_run(monitor)
    early, late = "2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    assert ids(api, since=early) == ids(api, until=late) == [run.pk]
    assert ids(api, until=early) == ids(api, since=late) == []


def test_runs_are_found_across_a_clock_that_was_set_back(api: APIClient, monitor: Monitor) -> None:
    now = timezone.now()
    minutes = [30, 29, 28, 35, 34, 33, 27, 26]
    runs = [make_run(monitor, queued_at=now - timedelta(minutes=each)) for each in minutes]
    since = text_of(now - timedelta(minutes=30, seconds=1))
    assert ids(api, since=since) == [runs[n].pk for n in (7, 6, 2, 1, 0)]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_the_calendar_break_nothing(api: APIClient, monitor: Monitor, time: str) -> None:
    make_run(monitor)
    for name in ("since", "until"):
        assert api.get("/api/v1/runs/", {name: time}).status_code == 200


def test_finding_a_time_takes_few_queries(
    monitor: Monitor, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_search, "CLOSE", 2)
    monkeypatch.setattr(run_search, "CLOCK_MARGIN", timedelta())
    for minutes in range(200, 0, -1):
        make_run(monitor, minutes_ago=minutes)
    middle = timezone.now() - timedelta(minutes=90)
    with django_assert_max_num_queries(16):
        found = list(run_search.queued_since(Run.objects.all(), middle))
    assert 85 < len(found) < 95


def test_the_sentence_on_what_failed_is_searched(
    api: APIClient, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_run(monitor, Result.FAILURE, summary="Pay: expected 200 but got 500")
    make_run(monitor)
    new = make_run(monitor, Result.FAILURE, summary="Pay: EXPECTED 200 but got 503")
    assert ids(api, text="expected 200") == [new.pk, old.pk]
    assert ids(api, text="500") == [old.pk]
    monkeypatch.setattr(run_search, "MAX_SEARCHED", 2)
    assert ids(api, text="expected") == [new.pk]


def test_the_request_that_failed_is_found(api: APIClient, monitor: Monitor) -> None:
    failed, passed, other = (make_run(monitor, result) for result in ("failure", "successful", "error"))
    wrong = {"assertions": [{"name": "ok", "passed": False, "skipped": False, "error": "no"}]}
    for run, fields in ((failed, wrong), (passed, {}), (other, {})):
        make_request_result(run, "Create order", **fields)
    make_request_result(other, "Pay", error_message="connect ECONNREFUSED")
    assert ids(api, request="Create order") == [failed.pk]
    assert ids(api, request="Pay") == [other.pk]
    assert ids(api, request="Pay", result="failure") == []


class TestLimitsOfASearchForARequest:
    @pytest.fixture
    def failed(self, monitor: Monitor) -> list[int]:
        """Two runs in which `Pay` failed, the newest first, with details of some hundred bytes."""
        runs = [make_run(monitor, Result.FAILURE) for _ in range(2)]
        for run in runs:
            make_request_result(run, "Pay", error_message="x" * 500)
        return [run.pk for run in reversed(runs)]

    def test_bytes(self, failed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run_search, "CHUNK", 1)
        assert set(self.found()) == set(failed)
        monkeypatch.setattr(run_search, "MAX_BYTES", 100)
        assert self.found() == failed[:1]

    def test_bytes_of_a_detail(self, failed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run_search, "MAX_BYTES_OF_DETAIL", 100)
        assert self.found() == []

    def test_runs(self, failed: list[int], monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
        make_run(monitor)
        monkeypatch.setattr(run_search, "MAX_WALKED", 2)
        assert self.found() == failed[:1]

    def test_a_detail_that_nobody_can_read_is_skipped(self, failed: list[int]) -> None:
        RunDetail.objects.filter(pk=failed[0]).update(document=b"?")
        assert self.found() == failed[1:]

    def found(self) -> list[int]:
        return [run.pk for run in run_search.failed_at(Run.objects.all(), "Pay")]
