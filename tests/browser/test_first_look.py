"""A newcomer's first look: `make run`, signing in, an incident on the stand-in's console, and its end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.processes.installation import Installation, wait_for

pytestmark = pytest.mark.processes

KEY = "secondkey" + 23 * "0"


@dataclass
class Welcome:
    """What the terminal says."""

    postwatch: str
    email: str
    password: str
    api: str
    standin: str


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Welcome]:
    installation = Installation("config.demo", tmp_path, {})
    installation.start()
    try:
        yield read_welcome(installation)
    finally:
        assert installation.stop() == []


def read_welcome(installation: Installation) -> Welcome:
    wait_for("the welcome", lambda: "Ctrl-C" in installation.log.read_text(), 10)
    text = installation.log.read_text()
    postwatch, api, standin = re.findall(r"http://localhost:\d+", text)[:3]
    signing_in = re.search(r"sign in as (\S+), password (\S+)", text)
    assert signing_in, text
    email, password = signing_in.groups()
    return Welcome(postwatch, email, password, api, standin)


def sign_in(page: Page, demo: Welcome) -> None:
    page.goto(demo.postwatch)
    page.get_by_label("Email").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Sign in").click()


def add_integration(page: Page) -> None:
    page.get_by_role("navigation", name="Set up").get_by_role("link", name="Integrations").click()
    page.get_by_role("searchbox", name="Search integrations").fill("pager")
    page.get_by_role("link", name="PagerDuty").click()
    expect(page.get_by_text("Events API V2").first).to_be_visible()
    page.get_by_role("link", name="Add Integration").click()
    page.get_by_label("Name", exact=True).fill("Page the second team")
    expect(page.get_by_label("Workspace", exact=True).locator("option:checked")).to_have_text("Shop")
    page.get_by_label("Monitor", exact=True).select_option(label="A customer's order")
    page.get_by_label("Integration key").fill(KEY)
    page.get_by_role("button", name="Add Integration").click()
    expect(page.get_by_role("heading", name="Page the second team")).to_be_visible()


def press_on_api(context: BrowserContext, demo: Welcome, button: str) -> None:
    page = context.new_page()
    page.goto(demo.api)
    page.get_by_role("button", name=button).click()
    page.close()


def run_monitor(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Monitors").click()
    page.get_by_role("link", name="A customer's order").first.click()
    page.get_by_role("button", name="Run now").click()


def test_from_signing_in_to_an_incident_and_its_end(context: BrowserContext, demo: Welcome) -> None:
    page = context.new_page()
    sign_in(page, demo)
    expect(page.get_by_text("A customer's order").first).to_be_visible()
    add_integration(page)

    press_on_api(context, demo, "Break the API")
    run_monitor(page)
    console = context.new_page()
    console.goto(demo.standin)
    # The demo's own integration watches the same monitor.
    expect(console.locator("#open-count")).to_have_text("2", timeout=20_000)
    expect(console.locator("#incidents")).to_contain_text("Create order")

    press_on_api(context, demo, "Fix the API")
    run_monitor(page)
    expect(console.locator("#resolved-count")).to_have_text("2", timeout=20_000)
