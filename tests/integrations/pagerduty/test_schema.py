"""The schema that the suite checks events with is at least as strict as PagerDuty's own."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from integrations.models import Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from monitors.signals import changed
from tests.integrations.factories import KEY, deliver_all, fail, succeed
from tests.integrations.pagerduty.schema import event_errors

OPENAPI = Path(__file__).parents[4] / "shared" / "pagerduty-events-v2.openapi.json"

RESOLVE = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "disk"}
TRIGGER = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "disk",
    "payload": {
        "summary": "Disk is full",
        "source": "db1",
        "severity": "error",
        "timestamp": "2026-01-02T03:04:05Z",
    },
    "client": "Postwatch",
    "client_url": "https://postwatch.example/",
}


def test_good_events_pass() -> None:
    assert event_errors(TRIGGER) == event_errors(RESOLVE) == []


@pytest.mark.parametrize(
    "event",
    [
        TRIGGER | {"routing_key": "abc"},
        TRIGGER | {"dedup_key": "x" * 256},
        TRIGGER | {"custom_detail": {}},
        TRIGGER | {"links": [{"href": "ftp://example.com"}]},
        TRIGGER | {"payload": {"summary": "Disk is full"}},
        TRIGGER | {"payload": TRIGGER["payload"] | {"summary": "x" * 1025}},  # type: ignore[operator]
        TRIGGER | {"payload": TRIGGER["payload"] | {"timestamp": "2026-01-02T03:04:05.000+0000"}},  # type: ignore[operator]
        TRIGGER | {"payload": TRIGGER["payload"] | {"client": "misplaced"}},  # type: ignore[operator]
        RESOLVE | {"payload": {}},
        {"routing_key": KEY, "event_action": "resolve"},
        {"routing_key": KEY, "payload": {"summary": "no source"}},
    ],
)
def test_bad_events_do_not(event: dict[str, Any]) -> None:
    assert event_errors(event)


@pytest.mark.skipif(not OPENAPI.exists(), reason="PagerDuty's OpenAPI file is not part of the repository.")
@pytest.mark.django_db
def test_what_is_sent_passes_pagerdutys_own_schema(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    Integration.objects.update(send_changes=True)
    fail(monitor)
    deliver_all()
    changed.send(sender=Monitor, subject=monitor, what="edited", by="ada")
    succeed(monitor)
    deliver_all()
    openapi = json.loads(OPENAPI.read_text())
    assert len(standin.events) == 3
    for event in standin.events:
        operation = openapi["paths"][event["path"].removeprefix("/v2")]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        # By itself the schema cannot resolve its references.
        Draft202012Validator(schema | {"components": openapi["components"]}).validate(event["body"])
