"""All pages, in light and dark, at the width of a desk and of a phone, with axe-core."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, Response
from pytest_django.live_server_helper import LiveServer

from tests.browser.pages import pages
from workspaces.models import Workspace

AXE = Path(settings.NODE_MODULES, "axe-core", "axe.min.js")
WIDTHS = {"desk": 1280, "phone": 360}
FIND_VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.map(node => node.html).join(" ")}`)"""
IS_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def all_pages(workspace: Workspace, as_owner: Client) -> list[str]:
    found = pages(as_owner, workspace)
    assert len(found) > 10
    return found


def look_at(page: Page) -> list[str]:
    """What is wrong with the page in each of the two themes and widths."""
    page.evaluate(AXE.read_text())
    problems = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for name, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 800})
            problems += [f"{theme}, {name}: {found}" for found in page.evaluate(FIND_VIOLATIONS)]
            if page.evaluate(IS_TOO_WIDE):
                problems.append(f"{theme}, {name}: wider than the screen")
    return problems


@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_fits_and_has_no_error(
    all_pages: list[str], signed_in: Page, live_server: LiveServer
) -> None:
    problems: dict[str, list[str]] = {}

    def note(problem: str) -> None:
        problems.setdefault(signed_in.url.removeprefix(live_server.url), []).append(problem)

    def note_answer(answer: Response) -> None:
        if answer.status >= 400:
            note(f"{answer.status} for {answer.url}")

    def note_blocked(line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            note(line.text)

    signed_in.on("response", note_answer)
    signed_in.on("pageerror", lambda error: note(str(error)))
    signed_in.on("console", note_blocked)
    for address in all_pages:
        signed_in.goto(live_server.url + address)
        for problem in look_at(signed_in):
            note(problem)
    assert not problems, json.dumps(problems, indent=2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/nothing/here/"])
def test_a_page_for_strangers_is_accessible_and_fits(
    address: str, page: Page, live_server: LiveServer
) -> None:
    page.goto(live_server.url + address)
    assert look_at(page) == []
