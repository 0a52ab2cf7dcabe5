"""The chart of a monitor's page with a pointer, with keys, and without JavaScript."""

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Monitor, Result
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(signed_in: Page, workspace: Workspace, live_server: LiveServer) -> Page:
    """The page of a monitor with runs of the last day."""
    monitor = make_monitor(workspace, cron="0 0 1 1 *")
    for minutes in range(23 * 60, 0, -20):
        make_run(
            monitor,
            Result.FAILURE if minutes == 300 else Result.SUCCESSFUL,
            minutes_ago=minutes,
            response_time_ms=300,
        )
    signed_in.goto(live_server.url + monitor.get_absolute_url())
    return signed_in


def width_of(page: Page) -> float:
    box = page.locator("#plot").bounding_box()
    assert box
    return box["width"]


def test_the_pointer_shows_the_figures_under_it(page: Page) -> None:
    page.locator("#plot").hover(position={"x": width_of(page) / 2, "y": 150})
    expect(page.locator(".cross-card")).to_contain_text("p50")
    expect(page.locator(".cross-card")).to_contain_text("default")


def test_arrow_keys_move_the_reading_and_escape_ends_it(page: Page) -> None:
    page.locator("#plot").focus()
    page.keyboard.press("ArrowLeft")
    first = page.locator(".cross-card b").text_content()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".cross-card b").text_content() != first
    page.keyboard.press("Escape")
    expect(page.locator(".cross-card")).to_have_count(0)


def test_dragging_zooms_and_the_address_keeps_it(page: Page) -> None:
    box = page.locator("#plot").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 150, steps=5)
    page.mouse.up()
    page.get_by_role("link", name="Zoom to").click()
    page.wait_for_url("**?since=*&until=*")
    expect(page.locator(".toolbar-chips .chip.on").first).to_contain_text(" to ")


def test_a_click_is_no_zoom(page: Page) -> None:
    page.locator("#plot").click(position={"x": 100, "y": 150})
    expect(page.locator(".brush")).to_have_count(0)


def test_arrow_keys_walk_through_the_days(page: Page) -> None:
    page.locator(".day").last.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".day").nth(88)).to_be_focused()


def test_without_javascript_the_chart_and_its_table_are_there(
    browser: Browser, as_viewer: Client, workspace: Workspace, live_server: LiveServer
) -> None:
    monitor: Monitor = make_monitor(workspace)
    make_run(monitor, minutes_ago=30, response_time_ms=300)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [{"name": "sessionid", "value": as_viewer.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(live_server.url + monitor.get_absolute_url())
    expect(page.locator(".plot .line")).to_have_count(1)
    page.get_by_role("link", name="Figures as a table").click()
    expect(page.locator(".numbers tbody tr")).to_have_count(1)
    context.close()
