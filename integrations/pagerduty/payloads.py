"""The payloads of PagerDuty's Events API v2, made from incidents, runs and changes.

Fields and limits: https://developer.pagerduty.com/docs/send-alert-event and
https://developer.pagerduty.com/docs/send-change-event. Nothing secret goes in: no headers, no bodies, no
query strings, no variable values.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NotRequired, TypedDict
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from integrations.base import Change, JsonObject
from integrations.models import Incident
from integrations.texts import truncate
from monitors.models import RegionStatus, Result, Run
from monitors.request_results import RequestResult

MAX_SUMMARY = 1024
MAX_MESSAGE = 500
MAX_HOST = 255
MAX_URL = 2000
MAX_FAILURES = 10
MAX_EVENT_BYTES = 512_000 - 100
"""PagerDuty's limit of 512 KB, less room for the routing key, which is added while sending."""

POSTMAN_DOCUMENTATION = re.compile(r"https://documenter\.getpostman\.com/view/[\w./-]+")

SEVERITY_BY_RESULT = {Result.FAILURE: "error", Result.ERROR: "critical", Result.ABORT: "critical"}
CLASS_BY_RESULT = {
    Result.FAILURE: "assertion_failure",
    Result.ERROR: "request_error",
    Result.ABORT: "timeout",
}


class Link(TypedDict):
    href: str
    text: str


AlertPayload = TypedDict(
    "AlertPayload",
    {
        "summary": str,
        "source": str,
        "severity": str,
        "timestamp": str,
        "component": NotRequired[str],
        "group": NotRequired[str],
        "class": NotRequired[str],
        "custom_details": JsonObject,
    },
)


class AlertEvent(TypedDict):
    event_action: Literal["trigger"]
    dedup_key: str
    payload: AlertPayload
    links: list[Link]
    client: str
    client_url: str


class ResolveEvent(TypedDict):
    event_action: Literal["resolve"]
    dedup_key: str


class ChangePayload(TypedDict):
    summary: str
    source: str
    timestamp: str
    custom_details: JsonObject


class ChangeEvent(TypedDict):
    payload: ChangePayload
    links: list[Link]


def failure_payload(incident: Incident, run: Run) -> AlertPayload:
    """The payload of a failed run. Its severity and class follow from the run's result."""
    failed = [result for result in run.counted_results if not result.passed]
    return {
        "summary": truncate(_summary(run), MAX_SUMMARY),
        "source": _source(run, failed),
        "severity": incident.config.get("severity") or SEVERITY_BY_RESULT.get(Result(run.result), "error"),
        "timestamp": timestamp(run.finished_at or incident.opened_at),
        "component": run.monitor.collection.name,
        "group": run.workspace.name,
        "class": CLASS_BY_RESULT.get(Result(run.result), "assertion_failure"),
        "custom_details": _details(incident, run, failed),
    }


def late_payload(incident: Incident, late: Sequence[RegionStatus]) -> AlertPayload:
    """The payload for a monitor that does not run. Our own fault is a warning, whatever the API does."""
    workspace = incident.workspace.name if incident.workspace else ""
    summary = f"[{workspace}] Monitor {incident.monitor_name} does not run. {incident.summary}"
    return {
        "summary": truncate(summary, MAX_SUMMARY),
        "source": _own_host(),
        "severity": "warning",
        "timestamp": timestamp(incident.opened_at),
        "group": workspace,
        "class": "monitor_not_running",
        "custom_details": {
            "monitor": incident.monitor_name,
            "last_run_by_region": {status.region: timestamp(status.since) for status in late},
            "note": "Postwatch did not run the monitor, so nothing is known of the API since then.",
        },
    }


def test_payload(incident: Incident) -> AlertPayload:
    """The payload of a test event, with the lowest severity."""
    summary = f"[TEST] Postwatch can reach this service: {incident.integration_name}"
    return {
        "summary": truncate(summary, MAX_SUMMARY),
        "source": _own_host(),
        "severity": "info",
        "timestamp": timestamp(incident.opened_at),
        "custom_details": {"note": "Sent by hand from Postwatch. It resolves itself within a few seconds."},
    }


def change_payload(change: Change) -> ChangePayload:
    """The payload of a change event, which has no severity."""
    return {
        "summary": truncate(f"[{change.workspace}] {change.summary}", MAX_SUMMARY),
        "source": _own_host(),
        "timestamp": timestamp(change.at),
        "custom_details": {"by": change.by, "workspace": change.workspace},
    }


def documentation_url(run: Run) -> str:
    """The https URL of the collection's documentation, which Postman's exports contain; empty: none."""
    version = run.collection_version
    info = version.content.get("info", {}) if version and version.is_readable else {}
    published = POSTMAN_DOCUMENTATION.search(str(info.get("description") or ""))
    url = published[0] if published else str(info.get("_collection_link") or "")
    return url if url.startswith("https://") and len(url) <= MAX_URL else ""


def fit_size_limit(event: AlertEvent) -> AlertEvent:
    """Removes details from the event until PagerDuty accepts its size. The event is sent in any case."""
    details = event["payload"]["custom_details"]
    while size(event) > MAX_EVENT_BYTES and details.get("failures"):
        details["failures"] = details["failures"][: len(details["failures"]) // 2]
        details["note"] = "Some failures were left out: the event was too large."
    if size(event) > MAX_EVENT_BYTES:
        event["payload"]["custom_details"] = {"note": "The details were left out: the event was too large."}
    return event


def size(event: AlertEvent) -> int:
    """The event's size in bytes, as it is sent."""
    return len(json.dumps(event).encode())


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC, without fractions of a second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _own_host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "postwatch"


def _summary(run: Run) -> str:
    tests = run.failed_tests + run.passed_tests
    counts = []
    if run.failed_tests:
        counts.append(f"{run.failed_tests} of {tests} {'test' if tests == 1 else 'tests'}")
    if run.error_count:
        counts.append(f"{run.error_count} {'error' if run.error_count == 1 else 'errors'}")
    what = ", ".join(counts) or "no request finished"
    first = f" First: {run.summary}" if run.summary else ""
    return f"[{run.workspace.name}] Monitor {run.monitor.name} failed: {what}.{first}"


def _source(run: Run, failed: list[RequestResult]) -> str:
    """The host of the first failed request, otherwise the monitor's name. PagerDuty groups by it."""
    for result in failed:
        host = _split_url(result.url).hostname
        if host:
            return truncate(host, MAX_HOST)
    return run.monitor.name


def _details(incident: Incident, run: Run, failed: list[RequestResult]) -> JsonObject:
    failures = [failure for result in failed for failure in _failures_of(result)]
    left_out = len(failures) - MAX_FAILURES
    details: JsonObject = {
        "monitor": run.monitor.name,
        "collection": run.monitor.collection.name,
        "environment": run.monitor.environment.name if run.monitor.environment else "none",
        "region": run.region,
        "run": str(run.number),
        "failed_run_in_this_outage": incident.failed_runs,
        "result": run.result,
        "failed_tests": run.failed_tests,
        "passed_tests": run.passed_tests,
        "errors": run.error_count,
        "requests": run.request_count,
        "response_time_ms": run.response_time_ms,
        "duration_ms": run.duration_ms or 0,
        "failures": failures[:MAX_FAILURES],
    }
    if left_out > 0:
        details["note"] = f"And {left_out} more {'failure' if left_out == 1 else 'failures'}: see the run."
    return details


def _failures_of(result: RequestResult) -> list[JsonObject]:
    request = {"request": truncate(_request_line(result), MAX_MESSAGE)}
    if result.status_code:
        request["response"] = f"{result.status_code} {result.status_text}".strip()
    failures: list[JsonObject] = []
    if result.error_message:
        failures.append(request | {"error": truncate(result.error_message, MAX_MESSAGE)})
    for error in result.script_error_texts:
        failures.append(request | {"script_error": truncate(error, MAX_MESSAGE)})
    for test in result.failed_assertions:
        message = truncate(test.error, MAX_MESSAGE)
        failures.append(request | {"test": truncate(test.name, MAX_MESSAGE), "message": message})
    return failures


def _request_line(result: RequestResult) -> str:
    """Without the query string and the user info, which may contain secrets."""
    parts = _split_url(result.url)
    return f"{result.name}: {result.method} {parts.hostname or ''}{parts.path}"


def _split_url(url: str) -> SplitResult:
    try:
        return urlsplit(url if "//" in url else f"//{url}")
    except ValueError:
        return urlsplit("")
