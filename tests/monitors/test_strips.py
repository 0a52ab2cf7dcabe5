"""Run strips: the last runs as bars."""

import re

import pytest

from monitors.models import Monitor, Result, Run
from monitors.templatetags.strips import HEIGHT, STUB, TYPICAL, run_strip
from workspaces.models import Workspace


@pytest.fixture
def monitor() -> Monitor:
    return Monitor(name="Check & pay", workspace=Workspace(slug="acme"))


def bars(svg: str) -> list[tuple[str, int]]:
    """The kind and the height of each bar."""
    found = re.findall(
        r'<rect(?: class="m-(\w+)")? x="[\d.]+%" y="(\d+)" width="[\d.]+%" height="(\d+)"/>', svg
    )
    assert all(int(top) + int(height) == HEIGHT for _, top, height in found)
    return [(kind, int(height)) for kind, _, height in found]


def good(*times: int) -> list[Run]:
    return [Run(result=Result.SUCCESSFUL, response_time_ms=time) for time in times]


def test_each_monitor_has_a_scale_of_its_own(monitor: Monitor) -> None:
    fast = bars(run_strip(monitor, good(*[10] * 30)))
    slow = bars(run_strip(monitor, good(*[9000] * 30)))
    assert fast == slow == [("", TYPICAL)] * 30


def test_one_slow_run_does_not_flatten_the_others(monitor: Monitor) -> None:
    heights = [height for _, height in bars(run_strip(monitor, good(*[100] * 29, 60_000)))]
    assert heights == [TYPICAL] * 29 + [HEIGHT]


def test_a_failure_takes_the_full_height_however_fast_it_was(monitor: Monitor) -> None:
    failed = Run(result=Result.FAILURE, response_time_ms=1)
    assert bars(run_strip(monitor, [*good(500), failed]))[-2:] == [("", TYPICAL), ("fail", HEIGHT)]


def test_missing_runs_are_stubs_at_the_left(monitor: Monitor) -> None:
    assert bars(run_strip(monitor, good(500)))[:29] == [("none", STUB)] * 29


def test_its_name_says_how_many_failed(monitor: Monitor) -> None:
    failed = Run(result=Result.ERROR, response_time_ms=1)
    assert "Last 3 runs of Check &amp; pay: 1 not successful" in run_strip(monitor, [*good(5, 5), failed])
    assert "Last run of Check &amp; pay: all successful" in run_strip(monitor, good(5))
    assert "Last 0 runs of Check &amp; pay: none yet" in run_strip(monitor, [])


def test_linked_bars_are_one_stop_of_the_tab_key(monitor: Monitor) -> None:
    runs = [Run(pk=pk, result=Result.SUCCESSFUL, response_time_ms=5) for pk in (7, 8, 9)]
    links = re.findall(r'<a href="([^"]+)" tabindex="(-?\d)"', run_strip(monitor, runs, linked=True))
    assert links == [
        ("/w/acme/runs/7/", "-1"),
        ("/w/acme/runs/8/", "-1"),
        ("/w/acme/runs/9/", "0"),
    ]
