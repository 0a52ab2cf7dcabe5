"""The form of a monitor: what it asks for, and what it shows while one types."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Monitor
from tests.factories import CONTENT, make_collection
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(signed_in: Page, workspace: Workspace, live_server: LiveServer) -> Page:
    """The form of a new monitor, in a workspace with one collection."""
    request = {"name": "Ask", "request": {"method": "GET", "url": "{{baseUrl}}/orders"}}
    make_collection(workspace, content=CONTENT | {"item": [request]})
    signed_in.goto(f"{live_server.url}/w/acme/monitors/add/")
    return signed_in


def test_a_kind_of_schedule_shows_the_fields_that_it_needs(form: Page) -> None:
    shown = {"*/5 * * * *": set(), "daily": {"at"}, "weekly": {"at", "day"}, "own": {"cron"}}
    for kind, needed in shown.items():
        form.locator("#id_schedule").select_option(kind)
        for name in ("at", "day", "cron"):
            expect(form.locator(f"#id_{name}")).to_be_visible(visible=name in needed)


def test_the_right_column_follows_what_is_chosen(form: Page) -> None:
    preview = form.locator("#preview")
    form.locator("#id_collection").select_option("Orders")
    expect(preview).to_contain_text("baseUrl: no environment is chosen.")
    expect(preview).to_contain_text("Its name")
    form.locator("#id_schedule").select_option("daily")
    form.locator("#id_at").fill("07:30")
    expect(preview).to_contain_text("07:30:00 UTC")
    form.locator("#id_timezone").fill("Asia/Tokyo")
    expect(preview).to_contain_text("07:30:00 JST")
    expect(form.locator("#id_timezone")).to_be_focused()
    form.get_by_role("button", name="Add monitor").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Orders")
    assert Monitor.objects.get().cron == "30 7 * * *"
