"""Search or jump by the keyboard, and forms that one leaves by mistake."""

import pytest
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from monitors.models import Result, Run
from tests.factories import make_collection, make_monitor, make_run
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_slash_opens_it_and_the_arrow_keys_choose(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_monitor(workspace, "Order history")
    monitor = make_monitor(workspace, "Place an order")
    signed_in.goto(f"{live_server.url}/w/acme/collections/")
    signed_in.keyboard.press("/")
    field = signed_in.get_by_role("combobox", name="Search or jump")
    expect(field).to_be_focused()
    field.press_sequentially("order")
    expect(signed_in.get_by_role("option", name="Order history")).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(signed_in.get_by_role("option", name="Place an order")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    signed_in.wait_for_url(f"**{monitor.get_absolute_url()}")


def test_an_action_is_done_from_it(signed_in: Page, workspace: Workspace, live_server: LiveServer) -> None:
    make_monitor(workspace, "Checkout")
    signed_in.goto(f"{live_server.url}/w/acme/")
    signed_in.keyboard.press("Control+k")
    signed_in.get_by_role("combobox").press_sequentially("run check")
    expect(signed_in.get_by_role("option", name="Run Checkout now")).to_be_visible()
    signed_in.get_by_role("combobox").press("Enter")
    signed_in.wait_for_url("**/runs/*/")
    assert Run.objects.count() == 1


def test_enter_does_nothing_of_a_list_for_what_was_typed_before(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_monitor(workspace, "Checkout")
    signed_in.goto(f"{live_server.url}/w/acme/")
    signed_in.keyboard.press("Control+k")
    field = signed_in.get_by_role("combobox")
    field.press_sequentially("run check")
    expect(signed_in.get_by_role("option", name="Run Checkout now")).to_have_attribute(
        "aria-selected", "true"
    )
    type_and_enter = """field => {
      field.value += "out";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
      return [field.getAttribute("aria-activedescendant"), field.dispatchEvent(enter)];
    }"""
    assert field.evaluate(type_and_enter) == [None, True]
    expect(signed_in.get_by_role("option", name="Run Checkout now")).to_have_attribute(
        "aria-selected", "true"
    )
    assert not Run.objects.exists()


def test_escape_closes_it_and_typing_a_slash_in_a_field_does_not_open_it(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_monitor(workspace)
    signed_in.goto(f"{live_server.url}/w/acme/monitors/")
    search = signed_in.get_by_role("searchbox").first
    search.press_sequentially("a/b")
    expect(search).to_have_value("a/b")
    signed_in.get_by_role("link", name="Search or jump").first.click()
    expect(signed_in.get_by_role("dialog", name="Search or jump")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("dialog", name="Search or jump")).to_be_hidden()


def test_leaving_a_changed_form_asks(signed_in: Page, workspace: Workspace, live_server: LiveServer) -> None:
    make_collection(workspace)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    signed_in.on("dialog", stay)
    form = f"{live_server.url}/w/acme/environments/add/"
    signed_in.goto(form)
    signed_in.get_by_role("link", name="Collections").click()
    signed_in.wait_for_url("**/collections/")
    signed_in.goto(form)
    signed_in.get_by_label("Name").fill("Staging")
    signed_in.get_by_role("link", name="Collections").click()
    expect(signed_in.get_by_label("Name")).to_have_value("Staging")
    assert asked == ["beforeunload"]
    signed_in.get_by_role("link", name="Cancel").click()
    signed_in.wait_for_url("**/environments/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("page", ["environments", "monitors", "maintenance"])
def test_a_changed_form_is_saved_without_a_question(
    signed_in: Page, workspace: Workspace, live_server: LiveServer, page: str
) -> None:
    make_collection(workspace)
    asked: list[str] = []

    def go_on(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    signed_in.on("dialog", go_on)
    signed_in.goto(f"{live_server.url}/w/acme/{page}/add/")
    signed_in.locator("#id_name").fill("Staging")
    if page == "monitors":
        signed_in.locator("#id_collection").select_option("Orders")
    if page == "maintenance":
        signed_in.locator("#id_starts_at").fill("2030-01-01T10:00")
        signed_in.locator("#id_ends_at").fill("2030-01-01T11:00")
    signed_in.locator("main .btn-primary[type=submit]").click()
    expect(signed_in.get_by_role("status").first).to_contain_text("Staging")
    assert asked == []


def test_a_form_that_htmx_sends_only_for_a_preview_is_sent_once(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_collection(workspace)
    signed_in.goto(f"{live_server.url}/w/acme/monitors/add/")
    twice = (
        "form => [1, 2].map(() => form.dispatchEvent(new Event('submit', {bubbles: true, cancelable: true})))"
    )
    assert signed_in.locator("#monitor-form").evaluate(twice) == [True, False]


def test_choosing_rows_is_no_change_to_a_form(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    make_monitor(workspace)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    signed_in.on("dialog", stay)
    signed_in.goto(f"{live_server.url}/w/acme/monitors/")
    signed_in.locator("[name=monitors]").check()
    signed_in.get_by_role("link", name="Collections").click()
    signed_in.wait_for_url("**/collections/")
    assert asked == []


def test_the_tab_turns_red_while_one_looks_elsewhere(
    signed_in: Page, workspace: Workspace, live_server: LiveServer
) -> None:
    monitor = make_monitor(workspace)
    signed_in.goto(f"{live_server.url}/w/acme/collections/")
    expect(signed_in).to_have_title("Collections · Postwatch")
    make_run(monitor, Result.FAILURE)
    signed_in.evaluate("htmx.ajax('GET', '/w/acme/rail/', {target: '#rail-lists', swap: 'outerHTML'})")
    expect(signed_in).to_have_title("(1) Collections · Postwatch")
    expect(signed_in.locator("#icon")).to_have_attribute("href", "/static/workspaces/mark-failing.svg")
