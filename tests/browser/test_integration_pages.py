"""What scripts add to the pages of integrations and incidents."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_monitor
from tests.integrations.factories import fail, make_integration
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_log_that_grows_leaves_an_open_menu_and_the_focus_alone(
    signed_in: Page, live_server: LiveServer, workspace: Workspace
) -> None:
    monitor = make_monitor(workspace)
    integration = make_integration(workspace)
    fail(monitor)
    signed_in.goto(live_server.url + integration.get_absolute_url())
    rows = signed_in.get_by_role("region", name="Run log").locator("tbody tr")
    expect(rows).to_have_count(1)
    export = signed_in.get_by_text("Export")
    export.click()
    fail(make_monitor(workspace, "Search"))
    signed_in.wait_for_timeout(2500)
    expect(signed_in.get_by_role("link", name="CSV")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(rows).to_have_count(2)
    expect(signed_in.locator("summary:focus")).to_have_text("Export")


def test_the_delay_follows_what_one_types(
    signed_in: Page, live_server: LiveServer, workspace: Workspace
) -> None:
    monitor = make_monitor(workspace, cron="*/5 * * * *")
    signed_in.goto(f"{live_server.url}/integrations/pagerduty/add/?monitor={monitor.pk}")
    signed_in.get_by_text("When to page").click()
    expect(signed_in.locator(".delay")).to_contain_text("pages within 5 min")
    signed_in.get_by_label("Page after").select_text()
    signed_in.keyboard.type("12")
    expect(signed_in.locator(".delay")).to_contain_text("pages within 1 h")


def test_an_open_incident_grows_in_place(
    signed_in: Page, live_server: LiveServer, workspace: Workspace
) -> None:
    monitor = make_monitor(workspace)
    integration = make_integration(workspace, monitor)
    fail(monitor)
    signed_in.goto(live_server.url + integration.incidents.get().get_absolute_url())
    runs = signed_in.get_by_role("region", name="Runs").locator("tbody tr")
    expect(runs).to_have_count(1)
    fail(monitor)
    expect(runs).to_have_count(2, timeout=8000)
