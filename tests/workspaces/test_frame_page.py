import re
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.test import Client

from monitors.models import Result
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def test_it_names_the_workspace_and_offers_only_those_of_the_person(
    as_owner: Client, workspace: Workspace, other_workspace: Workspace
) -> None:
    page = as_owner.get(f"/w/{workspace.slug}/").content.decode()
    assert re.search(r"Switch workspace, now.*Acme", page)
    assert "Elsewhere" not in page


def test_it_marks_the_page_that_is_open(as_owner: Client, workspace: Workspace) -> None:
    page = as_owner.get(f"/w/{workspace.slug}/monitors/").content.decode()
    assert 'href="/w/acme/monitors/" aria-current="page"' in page
    assert 'href="/w/acme/" aria-current="page"' not in page


def test_the_tab_turns_red_while_a_monitor_fails(as_viewer: Client, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    calm = as_viewer.get("/w/acme/collections/").content.decode()
    assert re.search(r'id="icon" href="[^"]*/mark\.[^"]*"', calm)
    assert "<title>Collections · Postwatch</title>" in calm
    make_run(monitor, Result.FAILURE)
    page = as_viewer.get("/w/acme/collections/").content.decode()
    assert re.search(r'id="icon" href="[^"]*/mark-failing\.[^"]*"', page)
    assert "<title>(1) Collections · Postwatch</title>" in page
    monitor.pause()
    assert "<title>Collections · Postwatch</title>" in as_viewer.get("/w/acme/collections/").content.decode()


def test_the_rail_refreshes_itself_and_still_marks_the_open_page(
    as_viewer: Client, workspace: Workspace
) -> None:
    make_run(make_monitor(workspace), Result.FAILURE)
    shown = {"HX-Request": "true", "HX-Current-URL": "http://testserver/w/acme/monitors/"}
    rail = as_viewer.get("/w/acme/rail/", headers=shown).content.decode()
    assert 'data-failing="1"' in rail
    assert 'href="/w/acme/monitors/" aria-current="page"' in rail
    assert "<html" not in rail


def test_signing_in_leads_to_the_workspace_that_was_open_last(as_owner: Client, owner: object) -> None:
    second = Workspace.create_with_owner("Zebra", owner)  # type: ignore[arg-type]
    as_owner.get(f"/w/{second.slug}/")
    assert as_owner.get("/").headers["Location"] == "/w/zebra/"


def test_a_person_without_a_workspace_is_told_what_to_do(client: Client, outsider: object) -> None:
    client.force_login(outsider)  # type: ignore[arg-type]
    assert b"Ask an owner to invite <strong>outsider@elsewhere.example</strong>" in client.get("/").content


def test_every_template_can_be_read() -> None:
    for file in TEMPLATES.rglob("*.html"):
        get_template(str(file.relative_to(TEMPLATES)))


def test_every_icon_that_a_template_names_exists() -> None:
    for file in TEMPLATES.rglob("*.html"):
        for name, style in re.findall(r'{% icon "([\w-]+)"(?: "(\w+)")? %}', file.read_text()):
            svg = settings.NODE_MODULES / "@tabler/icons/icons" / (style or "outline") / f"{name}.svg"
            assert svg.exists(), f"{file.name} asks for the icon {name}"
