"""What the pages of monitors do with JavaScript, and without."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Monitor, Result, Run
from tests.factories import make_collection, make_monitor, make_run, make_running_run
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def test_a_running_run_shows_its_result_without_losing_the_focus(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    run = make_running_run(monitor)
    signed_in.goto(live_server.url + run.get_absolute_url())
    expect(signed_in.locator("#state")).to_have_text("Running")
    band = signed_in.locator(".band")
    expect(band).to_have_css("background-image", "none")
    signed_in.get_by_role("link", name="Monitors").first.focus()
    Run.objects.filter(pk=run.pk).update(
        status="finished", result=Result.FAILURE, summary="Create order: got 500", finished_at=run.started_at
    )
    expect(signed_in.locator("#state")).to_have_text("Failure")
    expect(signed_in.locator("#lead")).to_contain_text("Create order: got 500")
    expect(band).to_have_css("background-image", re.compile("gradient"))
    expect(signed_in).to_have_title(re.compile("failure"))
    expect(signed_in.get_by_role("link", name="Monitors").first).to_be_focused()


def test_the_list_of_runs_grows_under_the_reader_and_keeps_the_focus(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    first = make_run(monitor, minutes_ago=5)
    signed_in.goto(live_server.url + monitor.get_absolute_url())
    signed_in.locator(f"#run-{first.pk}").focus()
    second = make_run(monitor, Result.FAILURE)
    expect(signed_in.locator(f"#run-{second.pk}")).to_be_visible()
    expect(signed_in.locator(f"#run-{first.pk}")).to_be_focused()
    expect(signed_in.locator("#state")).to_contain_text("Failing")


def test_while_nothing_changes_the_page_is_left_alone(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    make_run(monitor, minutes_ago=5)
    signed_in.goto(f"{live_server.url}{monitor.get_absolute_url()}?table=")
    signed_in.locator("#figures > summary").click()
    expect(signed_in.locator("#figures")).not_to_have_attribute("open", "")
    mark = "live => { live.mark = 1; live.querySelector('time').textContent = 'x' }"
    signed_in.locator("#live").evaluate(mark)
    expect(signed_in.locator("#live time").first).not_to_have_text("x")
    assert signed_in.locator("#live").evaluate("live => live.mark") == 1
    run = make_run(monitor, Result.FAILURE)
    expect(signed_in.locator(f"#run-{run.pk}")).to_be_visible()
    assert signed_in.locator("#live").evaluate("live => live.mark") is None
    expect(signed_in.locator("#figures")).not_to_have_attribute("open", "")


def test_deleting_asks_in_a_dialog_that_escape_closes(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    signed_in.goto(live_server.url + monitor.get_absolute_url())
    signed_in.get_by_label("More actions").click()
    signed_in.get_by_role("link", name="Delete").click()
    expect(signed_in.get_by_role("dialog")).to_contain_text("Delete Checkout?")
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("dialog")).to_be_hidden()
    assert Monitor.objects.exists()


def test_the_preview_follows_what_one_types(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_collection(workspace)
    signed_in.goto(f"{live_server.url}/w/acme/monitors/add/")
    signed_in.get_by_label("Schedule", exact=True).select_option("own")
    signed_in.get_by_label("Cron expression").fill("30 14 * *")
    expect(signed_in.locator("#preview")).to_contain_text("A schedule has five fields")
    signed_in.get_by_label("Cron expression").fill("30 14 * * *")
    expect(signed_in.locator("#preview")).to_contain_text(", 14:30")


def test_arrow_keys_walk_through_a_run_strip(
    signed_in: Page, monitor: Monitor, live_server: LiveServer
) -> None:
    make_run(monitor, Result.SUCCESSFUL, minutes_ago=9)
    make_run(monitor, Result.FAILURE, minutes_ago=5, failed_tests=2)
    make_run(monitor, Result.ERROR)
    signed_in.goto(f"{live_server.url}/w/acme/")
    signed_in.locator(".strip a").last.focus()
    expect(signed_in.get_by_role("tooltip")).to_contain_text("Error")
    expect(signed_in.get_by_role("tooltip")).to_have_css("opacity", "1")
    signed_in.keyboard.press("ArrowLeft")
    expect(signed_in.get_by_role("tooltip")).to_contain_text("Failure, 120 ms, 2 of 3 tests failed")


def test_a_long_name_stays_in_the_rail(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    User.objects.update(email="somebody.with.a.long.name@postwatch.example")
    signed_in.goto(f"{live_server.url}/w/acme/")
    edges = "element => element.getBoundingClientRect().right"
    name, rail = (signed_in.locator(each).evaluate(edges) for each in (".person bdi", ".rail"))
    assert name < rail


def test_the_theme_that_was_chosen_stays(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    signed_in.goto(f"{live_server.url}/w/acme/")
    signed_in.locator(".person summary").click()
    signed_in.get_by_role("button", name="Dark").click()
    signed_in.reload()
    expect(signed_in.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_monitor_can_be_added_and_deleted_without_javascript(
    browser: Browser, as_owner: Client, workspace: Workspace, live_server: LiveServer
) -> None:
    make_collection(workspace)
    context = browser.new_context(java_script_enabled=False)
    session = as_owner.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/w/acme/monitors/add/")
    page.get_by_label("Name").fill("Checkout")
    page.get_by_label("Collection").select_option("Orders")
    page.get_by_role("button", name="Add monitor").click()
    expect(page.get_by_role("status").first).to_contain_text("Checkout is set up.")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete monitor").click()
    expect(page.get_by_role("status").first).to_contain_text("Checkout and its runs are deleted.")
    context.close()
