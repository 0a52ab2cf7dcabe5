from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations.models import Action, Delivery, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.conftest import client_of
from tests.factories import make_monitor
from tests.integrations.conftest import *  # noqa: F403
from tests.integrations.factories import KEY, OTHER_KEY, deliver_all, fail
from workspaces.models import Role, Workspace

URL = "/api/v1/integrations/"


def body(monitor: Monitor, **fields: Any) -> dict[str, Any]:
    config = {"integration_key": KEY, "region": "us"}
    return {"name": "On call", "monitor": str(monitor.pk), "provider": "pagerduty", "config": config} | fields


def test_one_is_made(api: APIClient, monitor: Monitor) -> None:
    answer = api.post(URL, body(monitor, workspace="acme"))
    assert answer.status_code == 201, answer.json()
    integration = Integration.objects.get()
    assert integration.monitor == monitor
    assert integration.config["integration_key"] == KEY


def test_the_key_is_never_given_back(api: APIClient, monitor: Monitor) -> None:
    made = api.post(URL, body(monitor)).json()
    assert made["config"]["integration_key"] == f"…{KEY[-4:]}"
    assert KEY not in api.get(URL).content.decode()


def test_all_monitors_of_the_workspace_may_be_watched(api: APIClient, monitor: Monitor) -> None:
    assert api.post(URL, body(monitor) | {"monitor": None}).json()["monitor"] is None


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("u+abcdefghijk_mnop-r", "This looks like a REST API key."),
        ("abc", "An integration key has 32 characters; this one has 3."),
        (None, "This field is required."),
        (5, "An integration key has 32 characters; this one has 1."),
    ],
)
def test_a_wrong_key_is_explained(api: APIClient, monitor: Monitor, key: object, sentence: str) -> None:
    answer = api.post(URL, body(monitor, config={"integration_key": key}))
    assert answer.status_code == 400
    assert answer.json()["config"]["integration_key"][0].startswith(sentence)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"provider": "smoke-signals"}, "provider"),
        ({"config": []}, "config"),
        ({"config": {"integration_key": KEY, "colour": "red"}}, "config"),
        ({"open_after": 0}, "open_after"),
        ({"failed_results": ["system_error"]}, "failed_results"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: APIClient, monitor: Monitor, fields: dict[str, Any], wrong: str
) -> None:
    answer = api.post(URL, body(monitor, **fields))
    assert answer.status_code == 400
    assert wrong in answer.json()


def test_a_monitor_of_another_workspace_does_not_exist(api: APIClient, other_workspace: Workspace) -> None:
    answer = api.post(URL, body(make_monitor(other_workspace)))
    assert answer.json() == {"monitor": ["There is no monitor with this id in this workspace."]}


def test_a_change_without_the_key_keeps_it(api: APIClient, integration: Integration) -> None:
    api.patch(f"{URL}{integration.pk}/", {"config": {"region": "eu"}})
    integration.refresh_from_db()
    assert (integration.config["integration_key"], integration.config["region"]) == (KEY, "eu")


def test_a_new_key_resolves_what_is_open_with_the_old_one(
    api: APIClient, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    api.patch(f"{URL}{integration.pk}/", {"config": {"integration_key": OTHER_KEY}})
    deliver_all()
    assert [(incident["routing_key"], incident["status"]) for incident in standin.incidents] == [
        (KEY, "resolved")
    ]


def test_pausing_resolves_what_is_open(
    api: APIClient, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    assert api.post(f"{URL}{integration.pk}/pause/").json()["is_paused"]
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]
    assert not api.post(f"{URL}{integration.pk}/resume/").json()["is_paused"]


def test_the_run_log_lists_deliveries(
    api: APIClient, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    run = fail(monitor)
    deliver_all()
    (delivery,) = api.get(f"{URL}{integration.pk}/deliveries/").json()["results"]
    assert (delivery["action"], delivery["status"], delivery["run"]) == ("trigger", "accepted", run.pk)
    assert api.get(f"{URL}{integration.pk}/deliveries/?status=pending").json()["results"] == []
    assert api.get(f"{URL}{integration.pk}/deliveries/?status=lost").status_code == 400


def test_a_test_event_is_queued(api: APIClient, integration: Integration) -> None:
    assert api.post(f"{URL}{integration.pk}/test/").status_code == 202
    assert Delivery.objects.get().action == Action.TRIGGER


def test_an_incident_is_listed_and_resolved_by_hand(
    api: APIClient, integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    (incident,) = api.get(f"/api/v1/incidents/?open=true&monitor={monitor.pk}").json()["results"]
    api.post(f"/api/v1/incidents/{incident['id']}/resolve/")
    deliver_all()
    assert [one["status"] for one in standin.incidents] == ["resolved"]
    assert api.get("/api/v1/incidents/?open=true").json()["results"] == []


def test_viewers_change_nothing(viewer_api: APIClient, integration: Integration) -> None:
    assert viewer_api.get(f"{URL}{integration.pk}/").status_code == 200
    assert viewer_api.post(f"{URL}{integration.pk}/pause/").status_code == 403


@pytest.mark.parametrize("path", ["", "deliveries/", "pause/", "test/"])
def test_another_workspaces_key_finds_nothing(
    other_workspace: Workspace, integration: Integration, path: str
) -> None:
    stranger = client_of(other_workspace, Role.OWNER)
    url = f"{URL}{integration.pk}/{path}"
    answer = stranger.post(url) if path in ("pause/", "test/") else stranger.get(url)
    assert answer.status_code == 404


CONFIGS = {
    "pagerduty": {"integration_key": KEY, "region": "eu", "severity": "critical"},
    "webhook": {"url": "https://example.com/hooks/t0ken", "secret": "a signing secret of some length"},
    "email": {"recipients": ["ada@acme.example"], "daily_summary": True},
}


@pytest.mark.parametrize("provider", CONFIGS)
def test_what_is_read_can_be_written_back(api: APIClient, monitor: Monitor, provider: str) -> None:
    made = api.post(URL, body(monitor, provider=provider, config=CONFIGS[provider])).json()
    url = f"{URL}{made['id']}/"
    before = Integration.objects.get()
    answer = api.put(url, api.get(url).json())
    assert answer.status_code == 200, answer.json()
    after = Integration.objects.get()
    assert (after.name, after.monitor, after.config) == (before.name, before.monitor, before.config)


def test_so_can_an_email_one_whose_recipients_get_summaries_again(api: APIClient, monitor: Monitor) -> None:
    made = api.post(URL, body(monitor, provider="email", config=CONFIGS["email"])).json()
    url = f"{URL}{made['id']}/"
    integration = Integration.objects.get()
    integration.config |= {"without_summaries": []}
    integration.save()
    answer = api.put(url, api.get(url).json())
    assert answer.status_code == 200, answer.json()


def test_another_keys_end_is_no_key(api: APIClient, integration: Integration) -> None:
    url = f"{URL}{integration.pk}/"
    answer = api.patch(url, {"config": {"integration_key": f"…{OTHER_KEY[-4:]}"}})
    assert answer.status_code == 400
    integration.refresh_from_db()
    assert integration.config["integration_key"] == KEY


def test_an_incident_says_whether_it_is_over(
    api: APIClient, integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    (incident,) = api.get("/api/v1/incidents/").json()["results"]
    assert (incident["is_open"], incident["closed_at"]) == (True, None)
    resolved = api.post(f"/api/v1/incidents/{incident['id']}/resolve/").json()
    assert (resolved["is_open"], resolved["closed_because"]) == (False, "by_hand")


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("integrations/?monitor=junk", "monitor"),
        ("integrations/?provider=smoke-signals", "provider"),
        ("incidents/?monitor=junk", "monitor"),
        ("incidents/?integration=junk", "integration"),
        ("incidents/?open=maybe", "open"),
    ],
)
def test_a_filter_that_makes_no_sense_is_explained(
    api: APIClient, integration: Integration, path: str, wrong: str
) -> None:
    answer = api.get(f"/api/v1/{path}")
    assert (answer.status_code, list(answer.json())) == (400, [wrong])


@pytest.mark.parametrize(("value", "found"), [("true", 1), ("false", 0), ("True", 1), ("", 1)])
def test_incidents_are_filtered_by_whether_they_are_open(
    api: APIClient, integration: Integration, monitor: Monitor, value: str, found: int
) -> None:
    fail(monitor)
    assert len(api.get(f"/api/v1/incidents/?open={value}").json()["results"]) == found


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"integration_key": {"a": 1}}, "integration_key"),
        ({"integration_key": KEY, "region": ["us"]}, "region"),
        ({"integration_key": KEY, "severity": "loud"}, "severity"),
    ],
)
def test_a_configuration_of_the_wrong_kind_is_explained(
    api: APIClient, monitor: Monitor, config: dict[str, Any], wrong: str
) -> None:
    answer = api.post(URL, body(monitor, config=config))
    assert (answer.status_code, list(answer.json()["config"])) == (400, [wrong])


@pytest.mark.parametrize("wish", [{"close_incidents": "maybe"}, {"close_incident": False}, []])
def test_a_pause_of_the_wrong_kind_is_refused(api: APIClient, integration: Integration, wish: Any) -> None:
    assert api.post(f"{URL}{integration.pk}/pause/", wish).status_code == 400
    integration.refresh_from_db()
    assert not integration.is_paused
