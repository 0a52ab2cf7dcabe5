"""Choosing monitors in the list, and acting on them."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Monitor
from tests.factories import make_collection, make_monitor
from workspaces.models import Workspace


@pytest.fixture
def monitors(workspace: Workspace) -> list[Monitor]:
    collection = make_collection(workspace)
    return [
        make_monitor(workspace, name, collection=collection) for name in ("Checkout", "Search", "Sign-up")
    ]


def test_what_can_be_done_shows_when_a_row_is_chosen(
    signed_in: Page, live_server: LiveServer, monitors: list[Monitor]
) -> None:
    signed_in.goto(f"{live_server.url}/w/acme/monitors/")
    actions = signed_in.get_by_role("group", name="With the chosen monitors")
    expect(actions).to_be_hidden()
    signed_in.get_by_label("Choose Search").check()
    expect(actions).to_be_visible()
    expect(signed_in).to_have_url(f"{live_server.url}/w/acme/monitors/")


def test_one_box_chooses_all_and_deleting_asks(
    signed_in: Page, live_server: LiveServer, monitors: list[Monitor]
) -> None:
    signed_in.goto(f"{live_server.url}/w/acme/monitors/")
    everything = signed_in.get_by_label("Choose all monitors of this page")
    everything.check()
    signed_in.get_by_label("Choose Search").uncheck()
    assert everything.evaluate("box => box.indeterminate")
    signed_in.get_by_role("button", name="Delete").click()
    expect(signed_in.get_by_role("heading", name="Delete 2 monitors?")).to_be_visible()
    signed_in.get_by_role("button", name="Delete").click()
    expect(signed_in.get_by_text("2 monitors are deleted.")).to_be_visible()
    assert Monitor.objects.get().name == "Search"


def test_enter_in_the_field_for_a_tag_adds_it(
    signed_in: Page, live_server: LiveServer, monitors: list[Monitor]
) -> None:
    signed_in.goto(f"{live_server.url}/w/acme/monitors/?q=check")
    signed_in.get_by_label("Choose Checkout").check()
    signed_in.get_by_label("Tag", exact=True).fill("critical")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_text("1 monitor is tagged.")).to_be_visible()
    expect(signed_in).to_have_url(f"{live_server.url}/w/acme/monitors/?q=check")
    assert Monitor.objects.get(name="Checkout").tags == ["critical"]
