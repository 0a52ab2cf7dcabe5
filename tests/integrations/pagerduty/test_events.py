"""What PagerDuty is told of a failing run, as it arrives there."""

import json
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.models import Integration
from integrations.pagerduty import payloads
from integrations.pagerduty.standin import StandIn
from integrations.texts import truncate
from monitors.models import Monitor, Result
from tests.factories import make_collection, make_environment, make_monitor, make_run
from tests.integrations.factories import (
    KEY,
    deliver_all,
    fail,
    make_failed_request,
    make_integration,
    record,
    succeed,
)
from tests.integrations.pagerduty.schema import assert_valid
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

SCRIPT_ERROR = {"listen": "test", "name": "ReferenceError", "message": "x is not defined", "line": 3}


def sent(standin: StandIn) -> Any:
    deliver_all()
    body = standin.events[-1]["body"]
    assert_valid(body)
    assert standin.events[-1]["status"] == 202
    return body


def test_a_trigger_says_what_failed_and_where(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    run = fail(monitor)
    assert sent(standin) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": standin.incidents[0]["dedup_key"],
        "client": "Postwatch",
        "client_url": f"http://postwatch.test{run.get_absolute_url()}",
        "links": [
            {"href": f"http://postwatch.test{run.get_absolute_url()}", "text": f"Run #{run.number}"},
            {"href": f"http://postwatch.test{monitor.get_absolute_url()}", "text": "Monitor Checkout"},
            {
                "href": f"http://postwatch.test{monitor.outages.get().get_absolute_url()}",
                "text": "Outage, to acknowledge it and add notes",
            },
        ],
        "payload": {
            "summary": "[Acme] Monitor Checkout failed: 1 of 2 tests. First: Create order: Status is 201",
            "source": "api.example",
            "severity": "error",
            "timestamp": f"{run.finished_at:%Y-%m-%dT%H:%M:%SZ}",
            "component": "Orders",
            "group": "Acme",
            "class": "assertion_failure",
            "custom_details": {
                "monitor": "Checkout",
                "collection": "Orders",
                "environment": "none",
                "region": "default",
                "run": str(run.number),
                "failed_run_in_this_outage": 1,
                "result": "failure",
                "failed_tests": 1,
                "passed_tests": 1,
                "errors": 0,
                "requests": 1,
                "response_time_ms": 120,
                "duration_ms": 1000,
                "failures": [
                    {
                        "request": "Create order: POST api.example/orders",
                        "response": "500 Internal Server Error",
                        "test": "Status is 201",
                        "message": "expected 500 to equal 201",
                    }
                ],
            },
        },
    }


def test_a_resolve_contains_only_its_key(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    trigger = sent(standin)
    succeed(monitor)
    assert sent(standin) == {
        "routing_key": KEY,
        "event_action": "resolve",
        "dedup_key": trigger["dedup_key"],
    }


def test_a_test_event_is_marked_as_one(integration: Integration, standin: StandIn) -> None:
    integration.send_test()
    payload = sent(standin)["payload"]
    assert payload["summary"].startswith("[TEST]")
    assert payload["severity"] == "info"


@pytest.mark.parametrize(
    ("result", "severity", "kind"),
    [
        (Result.FAILURE, "error", "assertion_failure"),
        (Result.ERROR, "critical", "request_error"),
        (Result.ABORT, "critical", "timeout"),
    ],
)
def test_the_severity_follows_the_result(
    integration: Integration, monitor: Monitor, standin: StandIn, result: Result, severity: str, kind: str
) -> None:
    fail(monitor, result)
    payload = sent(standin)["payload"]
    assert (payload["severity"], payload["class"]) == (severity, kind)


def test_the_severity_can_be_fixed(workspace: Workspace, monitor: Monitor, standin: StandIn) -> None:
    make_integration(workspace, monitor, config={"severity": "warning"})
    fail(monitor)
    assert sent(standin)["payload"]["severity"] == "warning"


def test_the_dedup_key_is_of_stable_ids(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    fail(monitor)
    key = sent(standin)["dedup_key"]
    assert key.startswith("postwatch/")
    assert str(monitor.pk) in key
    assert monitor.name not in key


def test_a_long_summary_is_cut(integration: Integration, workspace: Workspace, standin: StandIn) -> None:
    monitor = make_monitor(workspace, "🔥" * 255)
    workspace.name = "é" * 100
    workspace.save()
    make_integration(workspace, monitor)
    fail(monitor, summary="ß" * 500)
    assert len(sent(standin)["payload"]["summary"]) <= 1024


def test_truncating_keeps_short_text() -> None:
    assert truncate("é" * 1024, 1024) == "é" * 1024
    assert truncate("é" * 1025, 1024) == "é" * 1023 + "…"


def test_an_event_over_the_limit_loses_details_and_is_sent(
    integration: Integration, monitor: Monitor, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payloads, "MAX_MESSAGE", 400_000)
    run = make_run(monitor, Result.FAILURE, failed_tests=3)
    for _ in range(3):
        test = {"name": "big", "passed": False, "skipped": False, "error": "x" * 300_000}
        make_failed_request(run, assertions=[test])
    record(run)
    details = sent(standin)["payload"]["custom_details"]
    assert len(details["failures"]) == 1
    assert "left out" in details["note"]


def test_no_event_is_too_large_even_without_failures() -> None:
    event: Any = {"payload": {"custom_details": {"huge": "x" * 600_000}}}
    assert payloads.size(payloads.fit_size_limit(event)) < 1000


def test_no_event_is_too_large_for_what_a_collection_holds(workspace: Workspace, standin: StandIn) -> None:
    long = "a" * 600_000
    info = {"name": "Orders", "description": f"https://documenter.getpostman.com/view/{long}"}
    collection = make_collection(workspace, content={"info": info, "item": []})
    monitor = make_monitor(workspace, collection=collection)
    make_integration(workspace, monitor)
    run = make_run(monitor, Result.FAILURE, collection_version=collection.latest)
    make_failed_request(run, url=f"https://{long}/", name="x")
    record(run)
    assert len(sent(standin)["links"]) == 3


def test_at_most_ten_failures_are_listed(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    run = make_run(monitor, Result.FAILURE, failed_tests=30)
    for _ in range(30):
        make_failed_request(run)
    record(run)
    assert len(sent(standin)["payload"]["custom_details"]["failures"]) == 10


def test_request_and_script_errors_are_listed(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    run = make_run(monitor, Result.ERROR, error_count=2, summary="Create order: connection refused")
    make_failed_request(run, status_code=None, error_message="connect ECONNREFUSED", assertions=[])
    make_failed_request(run, script_errors=[SCRIPT_ERROR], assertions=[])
    record(run)
    failures = sent(standin)["payload"]["custom_details"]["failures"]
    assert failures[0]["error"] == "connect ECONNREFUSED"
    assert failures[1]["script_error"] == "ReferenceError: x is not defined"


def test_secrets_in_addresses_stay_behind(workspace: Workspace, standin: StandIn, settings: Settings) -> None:
    environment = make_environment(workspace, token="s3cr3t-value")
    monitor = make_monitor(workspace, environment=environment)
    make_integration(workspace, monitor)
    run = make_run(monitor, Result.FAILURE, failed_tests=1)
    make_failed_request(run, url="https://ada:pa55word@api.example/orders?token=s3cr3t-value#s3cr3t-value")
    record(run)
    text = json.dumps(sent(standin))
    assert "s3cr3t-value" not in text
    assert "pa55word" not in text


def test_the_stored_body_does_not_hold_the_key(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    sent(standin)
    delivery = integration.deliveries.get()
    assert KEY not in json.dumps(delivery.body)
    assert KEY not in delivery.channel


def test_a_run_without_any_request_names_the_monitor(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    run = make_run(monitor, Result.ABORT, request_count=0, passed_tests=0)
    record(run)
    payload = sent(standin)["payload"]
    assert payload["source"] == "Checkout"
    assert payload["summary"] == "[Acme] Monitor Checkout failed: no request finished."


def test_the_eu_has_its_own_host(
    workspace: Workspace, monitor: Monitor, standin: StandIn, settings: Settings
) -> None:
    make_integration(workspace, monitor, config={"region": "eu"})
    settings.PAGERDUTY_EU_EVENTS_URL, settings.PAGERDUTY_US_EVENTS_URL = standin.url, "http://127.0.0.1:9"
    fail(monitor)
    assert sent(standin)["event_action"] == "trigger"


@pytest.mark.parametrize(
    ("info", "address"),
    [
        (
            {"description": "Read https://documenter.getpostman.com/view/123/orders?version=latest first."},
            "https://documenter.getpostman.com/view/123/orders",
        ),
        ({"_collection_link": "https://acme.postman.co/orders"}, "https://acme.postman.co/orders"),
        ({"_collection_link": "javascript:alert(1)", "description": {"content": "none"}}, None),
    ],
)
def test_a_collections_documentation_is_linked(
    workspace: Workspace, standin: StandIn, info: dict[str, Any], address: str | None
) -> None:
    content = {"info": {"name": "Orders"} | info, "item": []}
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content))
    make_integration(workspace, monitor)
    fail(monitor)
    links = [link["href"] for link in sent(standin)["links"][3:]]
    assert links == ([address] if address else [])


@pytest.mark.parametrize(("more", "words"), [(1, "1 more failure:"), (55, "55 more failures:")])
def test_the_number_of_failures_left_out_is_given(
    integration: Integration, monitor: Monitor, standin: StandIn, more: int, words: str
) -> None:
    run = make_run(monitor, Result.FAILURE, failed_tests=10 + more)
    for _ in range(10 + more):
        make_failed_request(run)
    record(run)
    deliver_all()
    details = standin.events[0]["body"]["payload"]["custom_details"]
    assert len(details["failures"]) == 10
    assert details["note"] == f"And {words} see the run."
