"""The stand-in behaves as PagerDuty's documents say; else the suite would prove nothing."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.pagerduty.standin import StandIn
from tests.integrations.factories import KEY, OTHER_KEY

PAYLOAD = {"summary": "Disk is full", "source": "db1", "severity": "error"}


@pytest.fixture
def standin() -> Any:
    with StandIn() as standin:
        yield standin


def send(standin: StandIn, action: str = "trigger", path: str = "/v2/enqueue", **changes: Any) -> Any:
    body: dict[str, Any] = {"routing_key": KEY, "event_action": action, "dedup_key": "disk"}
    if action == "trigger":
        body["payload"] = PAYLOAD
    body |= changes
    body = {name: value for name, value in body.items() if value is not None}
    return requests.post(standin.url + path, json=body, timeout=5)


def statuses(standin: StandIn) -> list[str]:
    return [incident["status"] for incident in requests.get(f"{standin.url}/incidents.json").json()]


def test_a_trigger_is_accepted_with_pagerdutys_body(standin: StandIn) -> None:
    response = send(standin)
    assert response.status_code == 202
    assert response.json() == {"status": "success", "message": "Event processed", "dedup_key": "disk"}
    assert statuses(standin) == ["triggered"]


def test_a_second_trigger_adds_to_the_open_incident(standin: StandIn) -> None:
    send(standin)
    send(standin, payload=PAYLOAD | {"summary": "Disk is fuller"})
    (incident,) = standin.incidents
    assert (incident["title"], incident["events_count"]) == ("Disk is fuller", 2)


def test_a_trigger_after_the_resolve_is_a_new_incident(standin: StandIn) -> None:
    for action in ("trigger", "resolve", "trigger"):
        send(standin, action)
    assert statuses(standin) == ["resolved", "triggered"]


def test_a_trigger_without_a_dedup_key_is_always_new(standin: StandIn) -> None:
    keys = {send(standin, dedup_key=None).json()["dedup_key"] for _ in range(2)}
    assert len(keys) == len(statuses(standin)) == 2


def test_an_acknowledged_incident_stays_acknowledged(standin: StandIn) -> None:
    for action in ("trigger", "acknowledge", "trigger"):
        send(standin, action)
    assert statuses(standin) == ["acknowledged"]


@pytest.mark.parametrize("action", ["resolve", "acknowledge"])
def test_unknown_keys_are_accepted_and_dropped(standin: StandIn, action: str) -> None:
    assert send(standin, action).status_code == 202
    assert statuses(standin) == []


def test_the_dedup_key_is_scoped_to_the_routing_key(standin: StandIn) -> None:
    send(standin)
    send(standin, "resolve", routing_key=OTHER_KEY)
    assert statuses(standin) == ["triggered"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": "a" * 31}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": "-" * 32}, "'routing_key' cannot contain non-alphanumeric characters."),
        ({"routing_key": "0" * 32}, "Invalid routing key"),
        ({"event_action": "open"}, "'event_action' is invalid"),
        ({"action": "resolve", "dedup_key": None}, "'dedup_key' is missing or blank"),
        ({"dedup_key": "x" * 256}, "'dedup_key' is too long"),
        ({"dedup_key": 7}, "'dedup_key' is of the wrong type"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": PAYLOAD | {"summary": "x" * 1025}}, "'summary' is too long"),
        ({"payload": PAYLOAD | {"summary": ""}}, "'summary' is missing or blank"),
        ({"payload": PAYLOAD | {"source": 5}}, "'source' is of the wrong type"),
        ({"payload": PAYLOAD | {"severity": "Error"}}, "'severity' is invalid"),
        ({"payload": PAYLOAD | {"custom_details": "text"}}, "'custom_details' is of the wrong type"),
        ({"links": [{"text": "no address"}]}, "'href' is missing or blank"),
        ({"images": [{"src": "http://insecure.example/a.png"}]}, "'src' is missing or is not an HTTPS URL"),
        ({"payload": PAYLOAD | {"custom_details": {"big": "x" * 520_000}}}, "Event is too large"),
    ],
)
def test_it_refuses_what_pagerduty_refuses(standin: StandIn, changes: dict[str, Any], error: str) -> None:
    response = send(standin, **changes)
    assert response.status_code == 400
    assert any(error in words for words in response.json()["errors"])
    assert statuses(standin) == []


def test_it_refuses_what_is_not_json(standin: StandIn) -> None:
    response = requests.post(f"{standin.url}/v2/enqueue", data="{", timeout=5)
    assert response.status_code == 400
    assert response.json()["errors"] == ["JSON parse error"]


class TestChangeEvents:
    def test_they_are_accepted_and_open_nothing(self, standin: StandIn) -> None:
        response = send(standin, "", "/v2/change/enqueue", payload={"summary": "Deployed"}, event_action=None)
        assert response.status_code == 202
        assert statuses(standin) == []

    def test_ruleset_keys_cannot_send_them(self, standin: StandIn) -> None:
        response = send(
            standin,
            "",
            "/v2/change/enqueue",
            payload={"summary": "Deployed"},
            routing_key=OTHER_KEY,
            event_action=None,
        )
        assert response.json()["errors"] == ["Invalid routing key"]


class TestFaults:
    def test_they_apply_in_order(self, standin: StandIn) -> None:
        faults = [{"status": 429, "times": 2, "retry_after": 2}, {"status": 500}, {"delay_ms": 10}]
        assert requests.post(f"{standin.url}/faults", json=faults).status_code == 201
        answers = [send(standin) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [429, 429, 500, 202]
        assert answers[0].headers["Retry-After"] == "2"

    @pytest.mark.parametrize(("drop", "opened"), [(True, 0), ("after", 1)])
    def test_a_dropped_connection_leaves_one_in_doubt(
        self, standin: StandIn, drop: object, opened: int
    ) -> None:
        standin.faults.add([{"drop": drop}])
        with pytest.raises(requests.ConnectionError):
            send(standin)
        assert len(statuses(standin)) == opened

    @pytest.mark.parametrize("junk", [[{"explode": True}], [5], [{"times": "many"}]])
    def test_invalid_faults_are_rejected(self, standin: StandIn, junk: Any) -> None:
        assert requests.post(f"{standin.url}/faults", json=junk).status_code == 400


def test_a_key_has_a_limit_when_one_is_set() -> None:
    with StandIn(rate_limit=2) as standin:
        assert [send(standin).status_code for _ in range(3)] == [202, 202, 429]
        assert send(standin, routing_key=OTHER_KEY).status_code == 202


def test_every_event_is_kept_as_received(standin: StandIn) -> None:
    send(standin, "resolve")
    (event,) = requests.get(f"{standin.url}/events.json").json()
    assert event["body"] == {"routing_key": KEY, "event_action": "resolve", "dedup_key": "disk"}
    assert event["status"] == 202
    assert "dropped" in event["effect"]


def test_it_can_be_cleared(standin: StandIn) -> None:
    send(standin)
    assert requests.delete(f"{standin.url}/").status_code == 204
    assert statuses(standin) == []
    assert standin.events == []


def test_a_responder_may_resolve_an_incident(standin: StandIn) -> None:
    send(standin)
    assert requests.post(f"{standin.url}/incidents/1/resolved").status_code == 200
    assert statuses(standin) == ["resolved"]
    assert requests.post(f"{standin.url}/incidents/1/resolved").status_code == 404


def test_it_can_be_down_and_come_back_at_the_same_address(standin: StandIn) -> None:
    send(standin)
    standin.stop()
    with pytest.raises(requests.ConnectionError):
        send(standin)
    standin.start()
    assert statuses(standin) == ["triggered"]


def test_a_journal_survives_the_process(tmp_path: Path) -> None:
    for _ in range(2):
        with StandIn(journal=tmp_path / "journal") as standin:
            send(standin)
    reread = StandIn(journal=tmp_path / "journal")
    assert [incident["events_count"] for incident in reread.incidents] == [2]


def test_the_console_page_is_served(standin: StandIn) -> None:
    for path in ("/", "/console.js", "/console.css"):
        assert requests.get(standin.url + path).status_code == 200
    assert requests.get(f"{standin.url}/elsewhere").status_code == 404


def test_it_runs_as_a_command() -> None:
    command = [sys.executable, "manage.py", "pagerduty_standin", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            assert requests.get(f"{url}/incidents.json").json() == []
        finally:
            process.terminate()
            started = time.monotonic()
            process.wait(10)
            assert time.monotonic() - started < 5
