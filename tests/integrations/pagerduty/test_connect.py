"""Connecting with PagerDuty instead of pasting a key."""

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.models import Integration
from monitors.models import Monitor
from tests.integrations.factories import KEY
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db

CONNECT = "/integrations/pagerduty/connect/"
CONNECTED = "/integrations/pagerduty/connected/"
SECOND_KEY = "f" * 32
RULESET_KEY = "R" + "0" * 31


@pytest.fixture(autouse=True)
def app_id(settings: Settings) -> None:
    settings.PAGERDUTY_APP_ID = "PAPP123"


def go(client: Client, monitor: Monitor, **changes: object) -> str:
    """The state with which PagerDuty is to send the person back."""
    values = {"name": "Checkout", "workspace": monitor.workspace_id, "monitor": monitor.pk, "region": "us"}
    response = client.post(CONNECT, values | changes)
    assert response.status_code == 302
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return parse_qs(urlsplit(query["redirect_url"][0]).query)["state"][0]


def come_back(client: Client, state: str, *keys: str, raw: str | None = None) -> str:
    """Where one ends up."""
    found = [
        {"integration_key": key, "name": f"Service {n}", "type": "service"} for n, key in enumerate(keys)
    ]
    config = raw if raw is not None else json.dumps({"integration_keys": found, "account": {"Name": "Acme"}})
    response = client.get(CONNECTED, {"state": state, "config": config})
    assert response.status_code == 302
    return response.headers["Location"]


def test_it_leads_to_pagerduty_and_back(as_editor: Client, monitor: Monitor) -> None:
    location = come_back(as_editor, go(as_editor, monitor, open_after=2), KEY)
    integration = Integration.objects.get()
    assert location == integration.get_absolute_url()
    assert (integration.name, integration.monitor, integration.open_after) == ("Checkout", monitor, 2)
    assert integration.config["integration_key"] == KEY


@pytest.mark.parametrize(
    ("region", "host"), [("us", "https://app.pagerduty.com"), ("eu", "https://app.eu.pagerduty.com")]
)
def test_each_region_has_its_own_page(as_editor: Client, monitor: Monitor, region: str, host: str) -> None:
    values = {"name": "C", "workspace": monitor.workspace_id, "monitor": monitor.pk, "region": region}
    location = as_editor.post(CONNECT, values).headers["Location"]
    assert location.startswith(f"{host}/install/integration?app_id=PAPP123&redirect_url=http")


def test_no_log_has_a_key(as_editor: Client, monitor: Monitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    come_back(as_editor, go(as_editor, monitor), KEY)
    come_back(as_editor, "made up", SECOND_KEY)
    assert Integration.objects.count() == 1
    assert KEY not in caplog.text
    assert SECOND_KEY not in caplog.text


def test_several_keys_add_several_integrations(as_editor: Client, monitor: Monitor) -> None:
    location = come_back(as_editor, go(as_editor, monitor), KEY, SECOND_KEY)
    assert location == "/integrations/configured/"
    assert set(Integration.objects.values_list("name", flat=True)) == {
        "Checkout: Service 0",
        "Checkout: Service 1",
    }


def test_a_repeated_key_adds_one_integration(as_editor: Client, monitor: Monitor) -> None:
    come_back(as_editor, go(as_editor, monitor), KEY, KEY)
    assert Integration.objects.get().name == "Checkout"


def test_a_key_that_cannot_be_used_is_explained(as_editor: Client, monitor: Monitor) -> None:
    location = come_back(as_editor, go(as_editor, monitor, send_changes="on"), KEY, RULESET_KEY)
    integration = Integration.objects.get()
    assert (location, integration.name) == (integration.get_absolute_url(), "Checkout: Service 0")
    page = as_editor.get(location).content.decode()
    assert "Checkout: Service 1 was not set up: PagerDuty accepts no change events for a ruleset" in page
    assert RULESET_KEY not in page


def test_a_monitor_that_was_deleted_meanwhile_is_explained(as_editor: Client, monitor: Monitor) -> None:
    state = go(as_editor, monitor)
    monitor.delete()
    page = as_editor.get(come_back(as_editor, state, KEY)).content.decode()
    assert "Checkout was not set up: Select a valid choice." in page
    assert "PagerDuty sent no integration key" not in page


def test_a_state_is_valid_once(as_editor: Client, monitor: Monitor) -> None:
    state = go(as_editor, monitor)
    come_back(as_editor, state, KEY)
    come_back(as_editor, state, SECOND_KEY)
    assert Integration.objects.count() == 1


def test_it_is_valid_only_in_its_own_session(as_editor: Client, as_owner: Client, monitor: Monitor) -> None:
    come_back(as_owner, go(as_editor, monitor), KEY)
    come_back(as_editor, "guessed", KEY)
    assert not Integration.objects.exists()


def test_an_old_state_is_not_valid(
    as_editor: Client, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = go(as_editor, monitor)
    monkeypatch.setattr("integrations.pagerduty.views.MAX_STATE_AGE_SECONDS", -1)
    come_back(as_editor, state, KEY)
    assert not Integration.objects.exists()


def test_a_role_that_was_lost_meanwhile_is_respected(as_editor: Client, monitor: Monitor) -> None:
    state = go(as_editor, monitor)
    Membership.objects.filter(user__email="editor@acme.example").update(role=Role.VIEWER)
    come_back(as_editor, state, KEY)
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    "junk",
    ["", "{", "[]", "5", '{"integration_keys": 5}', '{"integration_keys": [5, {"integration_key": "x"}]}'],
)
def test_junk_adds_nothing(as_editor: Client, monitor: Monitor, junk: str) -> None:
    assert come_back(as_editor, go(as_editor, monitor), raw=junk) == "/integrations/pagerduty/add/"
    assert not Integration.objects.exists()


def test_the_form_is_checked_before_the_redirect(as_editor: Client, monitor: Monitor) -> None:
    values = {"name": "C", "workspace": monitor.workspace_id, "monitor": "", "region": "us"}
    assert as_editor.post(CONNECT, values).status_code == 422


def test_it_is_offered_if_the_operator_set_it_up(as_editor: Client, settings: Settings) -> None:
    offer = "Connect with PagerDuty"
    assert offer in as_editor.get("/integrations/pagerduty/add/").content.decode()
    settings.PAGERDUTY_APP_ID = ""
    assert offer not in as_editor.get("/integrations/pagerduty/add/").content.decode()
    assert as_editor.post(CONNECT).status_code == 404


def test_a_session_that_ended_meanwhile_leaks_no_key(client: Client) -> None:
    location = come_back(client, "any", KEY)
    assert location == "/accounts/login/?next=/integrations/pagerduty/add/"
