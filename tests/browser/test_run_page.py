"""The page of a run in a browser."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Monitor, Result, Run
from tests.factories import make_monitor, make_request_result, make_run, make_running_run
from workspaces.models import Workspace

FAILED_TEST = {"name": "Status is 201", "passed": False, "error": "got 500"}


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.fixture
def run(monitor: Monitor) -> Run:
    run = make_run(monitor, Result.FAILURE)
    for number in range(30):
        make_request_result(run, f"Request {number}", start_ms=130 * number, elapsed_ms=120)
    make_request_result(run, "Create order", status_code=500, assertions=[FAILED_TEST], start_ms=4000)
    return run


def test_on_a_wide_screen_list_and_request_stand_side_by_side(
    signed_in: Page, run: Run, live_server: LiveServer
) -> None:
    signed_in.goto(live_server.url + run.get_absolute_url())
    expect(signed_in.get_by_role("heading", name="Create order")).to_be_visible()
    signed_in.locator("#request-3").click()
    expect(signed_in.get_by_role("heading", name="Request 3")).to_be_visible()
    signed_in.locator("#tab-timing").click()
    expect(signed_in.locator("#tab-timing")).to_have_attribute("aria-current", "true")
    expect(signed_in.locator("#request-4")).to_be_visible()


def test_on_a_phone_a_request_is_a_page_of_its_own(
    signed_in: Page, run: Run, live_server: LiveServer
) -> None:
    signed_in.set_viewport_size({"width": 390, "height": 800})
    signed_in.goto(live_server.url + run.get_absolute_url())
    expect(signed_in.get_by_role("heading", name="Create order")).to_be_hidden()
    signed_in.locator("#request-30").click()
    expect(signed_in.get_by_role("heading", name="Create order")).to_be_visible()
    expect(signed_in.locator("#request-3")).to_be_hidden()
    signed_in.get_by_role("link", name="All requests").click()
    expect(signed_in.locator("#request-3")).to_be_visible()
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert signed_in.evaluate(width) == 0


def test_requests_of_a_run_in_progress_appear_as_they_come(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    run = make_running_run(monitor)
    signed_in.goto(live_server.url + run.get_absolute_url())
    expect(signed_in.get_by_text("Requests appear here as they come.")).to_be_visible()
    make_request_result(run, "List orders")
    expect(signed_in.locator("#request-0")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Run again")).to_be_hidden()
    Run.objects.filter(pk=run.pk).update(
        status="finished", result=Result.SUCCESSFUL, finished_at=run.started_at
    )
    expect(signed_in.get_by_role("button", name="Run again")).to_be_visible()
    expect(signed_in.get_by_role("button", name="Cancel run")).to_be_hidden()
